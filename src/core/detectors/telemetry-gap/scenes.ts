/**
 * Two replicas under calm chat traffic (prompts of 500 tokens, answers of 150, one request a second each, 4 running), scraped
 * every 5 s. What breaks is the monitoring.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';
import { restrictToModel } from '../../evidence/slice.ts';

const CALM = {
  replicas: ['vllm-0', 'vllm-1'],
  lines: {
    running: '4x19 5x9 4x9 3x4 4 ...',
    waiting: '0x75',
    'kv-cache-usage': '0.04',
    preemptions: '0',
    'finished{stop}': '1',
    'output-tokens': '150',
    'prompt-tokens': '500',
    'prefix-cache-queries': '500',
    'prefix-cache-hits': '0',
  },
  histograms: {
    ttft: '0.1*1',
    itl: '0.025..0.03*146,0.088*4',
    'time-per-output-token': '0.027*1',
    e2e: '4.2*1',
    'queue-time': '0.01*1',
    'prefill-time': '0.09*1',
    'prompt-length': '400..600*1',
    'output-length': '120..180*1',
    'step-tokens': '4..510*37',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '4000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 64 },
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** The scrapes of vllm-1 run into their time-out from step 40 on. Prometheus goes on showing its last values; they must not read as calm. */
  sick: buildScene({
    ...CALM,
    lines: { ...CALM.lines, 'up@vllm-1': '1x39 0 ...', 'scrape-duration@vllm-1': '0.01x39 4.9 ...' },
  }),
  /** One scrape of vllm-1 is lost, 20 s before the end. */
  healthy: buildScene({ ...CALM, lines: { ...CALM.lines, 'up@vllm-1': '1x70 0 1 ...' } }),
  /** Every value stands still and no token comes, but samples are fresh and scrapes succeed: the engine stalled, not the scrape. */
  lookAlike: buildScene({
    ...CALM,
    lines: {
      ...CALM.lines,
      running: '4',
      'finished{stop}': '1x39 0.7 0.5 0.2 0 ...',
      'output-tokens': '150x39 112 75 37 0 ...',
      'prompt-tokens': '500x39 375 250 125 0 ...',
      'prefix-cache-queries': '500x39 375 250 125 0 ...',
    },
    histograms: {
      ttft: '0.1*1x39 0.1*0.7 0.1*0.5 0.1*0.2 -x32',
      itl: '0.025..0.03*150x39 0.025..0.03*112 0.025..0.03*75 0.025..0.03*37 -x32',
      'step-tokens': '4..510*37x39 4..510*28 4..510*18 4..510*9 -x32',
    },
  }),
  /** Somebody relabelled the job: KV usage, first tokens and output tokens are gone, running and waiting look calm. */
  blind: buildScene({
    ...CALM,
    lines: { ...CALM.lines, 'kv-cache-usage': null, 'output-tokens': null },
    histograms: { ...CALM.histograms, ttft: null },
  }),
};

export const VARIANTS: Record<'stale' | 'allDown' | 'noSeries', Evidence> = {
  /** vllm-1 left the scrape configuration at step 40: no failed scrape, only samples that get older. */
  stale: buildScene({ ...CALM, lines: { ...CALM.lines, 'sample-age@vllm-1': '1x39 6+5x35' } }),
  /** Both targets refuse their scrapes from one to the next: a token or a route rather than two crashes. */
  allDown: buildScene({ ...CALM, lines: { ...CALM.lines, up: '1x39 0 ...' } }),
  /** A selector that matches nothing. */
  noSeries: restrictToModel(buildScene(CALM), 'a model nobody serves'),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);
