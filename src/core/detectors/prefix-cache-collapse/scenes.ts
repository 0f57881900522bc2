/**
 * One engine (25 ms a step and 0.125 ms a token, budget 2,048), prompts of 2,000 tokens of which 1,600 are shared, answers of 80,
 * 4 requests/s. With a hit rate of 0.8 a step takes 33 ms and 11 run. From step 40 on nothing matches: the same prompts cost five
 * times the work, 3.5/s can be served, and 79 run.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const SICK = {
  lines: {
    running: '11x39 26 44 60 72 78 79 80 78 79 ...',
    waiting: '0x41 1 4+2.5x38',
    'kv-cache-usage': '0.09x39 0.2 0.35 0.47 0.57 0.62 0.63 ...',
    preemptions: '0',
    'finished{stop}': '4x40 3.4 3 3.2 3.4 3.5 ...',
    'output-tokens': '320x39 310 290 285 280 ...',
    'prompt-tokens': '8000x39 7800 7400 7100 7000 ...',
    'computed-prompt-tokens': '1600x39 3000 4500 6000 7000 ...',
    'prefix-cache-queries': '8000x39 7800 7400 7100 7000 ...',
    'prefix-cache-hits': '6400x39 4800 3000 1200 0 ...',
  },
  histograms: {
    ttft: '0.1*4x39 0.4*3.9 0.8*3.7 1.5*3.6 3*3.5x6 7*3.5x9 12*3.5x9 18*3.5 ...',
    itl: '0.025..0.04*313,0.08*7x39 0.06..0.1*310 0.12..0.18*290 0.2..0.28*285 0.281*280 ...',
    'time-per-output-token': '0.033*4x40 0.08*3.4 0.15*3 0.25*3.2 0.28*3.5 ...',
    e2e: '2.7*4x40 6*3.4 12*3 18*3.2 24*3.5x9 30*3.5 ...',
    'queue-time': '0.01*4x40 0.1*3.4 0.5*3 1*3.2 4*3.5x9 10*3.5 ...',
    'prefill-time': '0.08*4x40 0.2*3.4 0.28*3 0.3*3.2 0.33*3.5 ...',
    'prompt-length': '1800..2200*4x40 1800..2200*3.4 1800..2200*3 1800..2200*3.2 1800..2200*3.5 ...',
    'computed-prompt-length': '350..450*4x40 350..450*3.4 350..450*1,1800..2200*2 1800..2200*3.2 1800..2200*3.5 ...',
    'output-length': '70..90*4x40 70..90*3.4 70..90*3 70..90*3.2 70..90*3.5 ...',
    'step-tokens': '11..420*30x39 100..2048*12 500..2048*6 1500..2048*4 2048*3.6 ...',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '16000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 256, 'max-num-batched-tokens': 2048 },
} satisfies SceneText;

const CALM = {
  lines: {
    running: '11x19 10x9 11x29 12x9 11 ...',
    waiting: '0x79',
    'kv-cache-usage': '0.09',
    preemptions: '0',
    'finished{stop}': '4',
    'output-tokens': '320',
    'prompt-tokens': '8000',
    'computed-prompt-tokens': '1600x39 1900x9 1600 ...',
    'prefix-cache-queries': '8000',
    'prefix-cache-hits': '6400x39 6100x9 6400 ...',
  },
  histograms: {
    ttft: '0.1*4',
    itl: '0.025..0.04*313,0.08*7',
    'time-per-output-token': '0.033*4',
    e2e: '2.7*4',
    'queue-time': '0.01*4',
    'prefill-time': '0.08*4',
    'prompt-length': '1800..2200*4',
    'computed-prompt-length': '350..450*4',
    'output-length': '70..90*4',
    'step-tokens': '11..420*30',
  },
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** A new date at the start of the system prompt: the hit rate falls from 0.8 to 0 within one rate window. */
  sick: buildScene(SICK),
  /** A hit rate that breathes between 0.76 and 0.8. */
  healthy: buildScene({ ...CALM, labels: SICK.labels, knobs: SICK.knobs }),
  /**
   * The same step time, the same queue, hardly a hit: but there never was one in this window. Prompts that share 1,600 tokens
   * start with what varies. Prefix cache misses.
   */
  lookAlike: buildScene({
    lines: {
      running: '31x19 30x9 32x9 31 ...',
      waiting: '1x8 2x1 1x7 0 1x9 2 1x9 0x1 1x9 2x1 1x28',
      'kv-cache-usage': '0.25',
      preemptions: '0',
      'finished{stop}': '3',
      'output-tokens': '300',
      'prompt-tokens': '6000',
      'computed-prompt-tokens': '5700',
      'prefix-cache-queries': '6000',
      'prefix-cache-hits': '300',
    },
    histograms: {
      ttft: '0.3..0.9*3',
      itl: '0.03..0.17*300',
      'time-per-output-token': '0.09..0.11*3',
      e2e: '10.5*3',
      'queue-time': '0.33*3',
      'prefill-time': '0.27*3',
      'prompt-length': '1800..2200*3',
      'output-length': '80..120*3',
      'step-tokens': '30..2048*10',
    },
    labels: SICK.labels,
    knobs: { 'max-num-seqs': 256, 'shared-prefix-tokens': 1600 },
  }),
  /** The collapse without the counter of hits. */
  blind: buildScene({ ...SICK, lines: { ...SICK.lines, 'prefix-cache-hits': null } }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);

const { 'prefix-cache-queries': _queries, 'prefix-cache-hits': _hits, ...UNCOUNTED } = SICK.lines;
const { 'prefix-cache-queries': _q, 'prefix-cache-hits': _h, ...UNCOUNTED_CALM } = CALM.lines;

/** As SGLang and others state it: a gauge of the last batch, and no counters. */
function foreign(evidence: Evidence): Evidence {
  const { 'prefix-cache-hit-rate': reading } = evidence.readings;
  if (reading === undefined) throw new Error('the scene states no hit rate');
  const stated = { ...reading, state: 'renamed', metrics: ['sglang:cache_hit_rate'] } as const;
  return { ...evidence, readings: { ...evidence.readings, 'prefix-cache-hit-rate': stated } };
}

const stating = (scene: SceneText, lines: Readonly<Record<string, string>>, rate: string): Evidence =>
  foreign(buildScene({ ...scene, lines: { ...lines, 'prefix-cache-hit-rate': rate } }));

/** Ratios of batches, with the same scenes around them. */
export const STATED = {
  foreign,
  /** The calm engine without counters, for rates of one's own. */
  text: { ...CALM, lines: UNCOUNTED_CALM, labels: SICK.labels, knobs: SICK.knobs },
  /** From 0.7 to 0.9 by what is in the batch, then 0 to 0.1. */
  fall: stating(SICK, UNCOUNTED, `${'0.8 0.9 0.7 0.85 0.75 '.repeat(8)}${'0.05 0 0.1 0.05 0.06 '.repeat(8)}...`),
  /** Batches of two kinds of prompts, one shared and one not: from 0 to 0.95 at every step, the calm engine around it. */
  noise: stating(CALM, UNCOUNTED_CALM, '0.9 0.1 0.95 0.6 0 0.8 0.3 0.92 0.05 0.7 '.repeat(8).trim()),
  /** Steady, with four low batches in the last minute. */
  dip: stating(CALM, UNCOUNTED_CALM, `${'0.8 0.82 0.79 0.81 '.repeat(19)}0.1 0.05 0.1 0`),
};
