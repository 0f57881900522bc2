/**
 * One engine (14 ms a step and 0.05 ms a token) with 96 seats; 3.5 requests/s with prompts of 500 and answers of 170 tokens, so
 * 3.5 × 170 × 15.5 ms = 9.2 run. From step 40 on the container may use a fifth of a core: the API server reads prompts and writes
 * tokens late, 1.5 s of each request, and takes 0.8 s to answer a scrape. The engine has the same work as before.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const CALM = {
  lines: {
    running: '9x9 10x9 8x4 9x4 10x9 9 ...',
    waiting: '0x79',
    'kv-cache-usage': '0.07',
    preemptions: '0',
    'finished{stop}': '3.5',
    'output-tokens': '595',
    'prompt-tokens': '1750',
    'prefix-cache-queries': '1750',
    'prefix-cache-hits': '0',
    'scrape-duration': '0.012 0.011 0.014 0.012x4 0.018 0.012x9 0.03 0.012x19 0.013x9 0.011 ...',
    'process-cpu': '0.45',
  },
  histograms: {
    ttft: '0.04..0.08*3.5',
    itl: '0.0145..0.015*555,0.045*30',
    'time-per-output-token': '0.0158*3.5',
    e2e: '2.75*3.5',
    'queue-time': '0.005*3.5',
    'prefill-time': '0.045*3.5',
    'inference-time': '2.72*3.5',
    'prompt-length': '200..800*3.5',
    'output-length': '100..240*3.5',
    'step-tokens': '9..510*63',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '5000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 96 },
} satisfies SceneText;

const SICK = {
  ...CALM,
  lines: {
    ...CALM.lines,
    'scrape-duration': '0.012x39 0.6 0.9 0.75 0.8 0.9x4 0.7x4 0.85 ...',
    'process-cpu': '0.45x39 0.3 0.22 0.2 ...',
  },
  histograms: {
    ...CALM.histograms,
    ttft: '0.04..0.08*3.5x39 0.3*3.5 0.7*3.5 1..1.6*3.5 ...',
    e2e: '2.75*3.5x39 3*3.5 3.5*3.5 4*3.5 4.25*3.5 ...',
  },
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** A fifth of a core for the API server; nobody tells of the limit. */
  sick: buildScene(SICK),
  /** Calm, with a slow scrape now and then. */
  healthy: buildScene(CALM),
  /** Late first tokens, too, and everything busy; but the time goes by in the engine's queue, and scrapes are quick. Overload. */
  lookAlike: buildScene({
    ...CALM,
    lines: {
      ...CALM.lines,
      running: '9x9 10x9 8x4 9x4 10x9 20 40 55 60 ...',
      waiting: '0x40 20+15x38',
      'kv-cache-usage': '0.07x39 0.3 0.5 0.6 ...',
      'finished{stop}': '3.5x39 5 8 10 ...',
      'output-tokens': '595x39 900 1400 1700 ...',
      'prompt-tokens': '1750x39 9000 22000 30000 ...',
      'prefix-cache-queries': '1750x39 9000 22000 30000 ...',
      'process-cpu': '0.45x39 0.6 0.65 ...',
    },
    histograms: {
      ...CALM.histograms,
      ttft: '0.04..0.08*3.5x39 0.6*6 1.5*9 3*10x4 6*10x9 12*10x9 20*10 ...',
      itl: '0.0145..0.015*555,0.045*30x39 0.02..0.06*900 0.025..0.05*1400 0.03..0.041*1700 ...',
      'time-per-output-token': '0.0158*3.5x39 0.025*5 0.035*10 ...',
      e2e: '2.75*3.5x39 5*5 8*8 11*10x9 17*10 ...',
      'queue-time': '0.005*3.5x39 0.9*5 2.6*8 5*10x9 11*10 ...',
      'prefill-time': '0.045*3.5x39 0.1*5 0.12*10 ...',
      'inference-time': '2.72*3.5x39 4*5 5.3*8 5.9*10x9 5.9*10 ...',
      'prompt-length': '200..800*3.5x39 2500..3500*5 2500..3500*10 ...',
      'output-length': '100..240*3.5x39 100..240*5 100..240*10 ...',
      'step-tokens': '9..510*63x39 300..1500*40 1900..2048*28 ...',
    },
  }),
  /** The late API server without the number of running requests. */
  blind: buildScene({ ...SICK, lines: { ...SICK.lines, running: null } }),
};

/** From step 60 on each scrape of the late API server fails after this long, and nothing is seen. */
const unseen = (taken: string): Evidence =>
  buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      up: '1x59 0 ...',
      'scrape-duration': `0.012x39 0.6 0.9 0.75 0.8 0.9x4 0.7x4 0.85x5 ${taken} ...`,
    },
  });

export const VARIANTS: Record<
  | 'fullLoop'
  | 'throttled'
  | 'engine'
  | 'heldEngine'
  | 'always'
  | 'thaw'
  | 'thawedEngine'
  | 'unparted'
  | 'unanswered'
  | 'refused',
  Evidence
> = {
  /** No limit: long prompts with templates and images keep the one event loop busy all the time. */
  fullLoop: buildScene({
    ...SICK,
    lines: { ...SICK.lines, 'process-cpu': '0.55x39 0.8 0.97 0.99 ...' },
  }),
  /** cAdvisor tells of the limit. */
  throttled: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      'container-cpu-periods': '10',
      'container-cpu-throttled': '0x39 4 8 9 ...',
    },
  }),
  /** The scheduler's thread is held up: steps take 38 ms with the GPU idle half the time, and by Little's law 23 run. */
  engine: buildScene({
    ...CALM,
    lines: {
      ...CALM.lines,
      running: '9x9 10x9 8x4 9x4 10x9 12 16 19 22 23 ...',
      'gpu-sm-active': '0.72x39 0.5 0.36 0.33 0.31 ...',
    },
    histograms: {
      ...CALM.histograms,
      itl: '0.0145..0.015*555,0.045*30x39 0.02..0.04*595 0.036..0.038*560,0.07*35 ...',
      'time-per-output-token': '0.0158*3.5x39 0.02*3.5x1 0.03*3.5 0.0385*3.5 ...',
      e2e: '2.75*3.5x39 3.3*3.5x1 5*3.5 6.6*3.5 ...',
      'inference-time': '2.72*3.5x39 3.26*3.5x1 4.95*3.5 6.55*3.5 ...',
    },
  }),
  /** The same, told by cAdvisor alone. */
  heldEngine: buildScene({
    ...CALM,
    lines: {
      ...CALM.lines,
      running: '9x9 10x9 8x4 9x4 10x9 12 16 19 22 23 ...',
      'container-cpu-periods': '10',
      'container-cpu-throttled': '0x39 4 6 ...',
    },
    histograms: {
      ...CALM.histograms,
      itl: '0.0145..0.015*555,0.045*30x39 0.02..0.04*595 0.036..0.038*560,0.07*35 ...',
      'time-per-output-token': '0.0158*3.5x39 0.02*3.5x1 0.03*3.5 0.0385*3.5 ...',
      e2e: '2.75*3.5x39 3.3*3.5x1 5*3.5 6.6*3.5 ...',
      'inference-time': '2.72*3.5x39 3.26*3.5x1 4.95*3.5 6.55*3.5 ...',
    },
  }),
  /** Late since before this window. */
  always: buildScene({
    ...SICK,
    lines: { ...SICK.lines, 'scrape-duration': '0.9', 'process-cpu': '0.2' },
    histograms: { ...SICK.histograms, ttft: '1..1.6*3.5', e2e: '4.25*3.5' },
  }),
  /** An engine that stood still for 100 s and goes on: one step lasted as long for each running request, and the GPU idled. */
  thawedEngine: buildScene({
    ...CALM,
    lines: {
      ...CALM.lines,
      running: '9',
      'output-tokens': '595x39 0x19 595 ...',
      'finished{stop}': '3.5x39 0x19 3.5 ...',
      'prompt-tokens': '1750x39 0x19 1750 ...',
      'gpu-sm-active': '0.72x39 0x19 0.72 ...',
    },
    histograms: {
      ...CALM.histograms,
      ttft: '0.04..0.08*3.5x39 -x19 0.04..0.08*3.5 ...',
      itl: '0.0145..0.015*555,0.045*30x39 -x19 0.0145..0.015*555,100*0.45x3 0.0145..0.015*555,0.045*30 ...',
      'step-tokens': '9..510*63x39 -x19 9..510*63 ...',
      e2e: '2.75*3.5x39 -x19 2.75*3.5 ...',
    },
    steps: 66,
  }),
  /** The late API server without the times requests spend in the engine. */
  unparted: buildScene({ ...SICK, histograms: { ...SICK.histograms, 'inference-time': null, 'prefill-time': null } }),
  /** The late API server does not get round to its scrapes any more: each runs into its timeout. */
  unanswered: unseen('5'),
  /** The late API server is gone: connections are refused at once. */
  refused: unseen('0.001'),
  /** After a frozen engine: what it had not taken in spent its time outside it, but scrapes were quick throughout. */
  thaw: buildScene({
    ...CALM,
    histograms: {
      ...CALM.histograms,
      ttft: '0.04..0.08*3.5x39 40*3.5x4 0.06*3.5 ...',
      e2e: '2.75*3.5x39 43*3.5x8 20*3.5x4 2.75*3.5 ...',
    },
  }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);
