/**
 * One engine at the pace of a 70B on four GPUs (25 ms a step and 0.125 ms a token), 64,000 tokens of KV cache, 256 seats,
 * 2 requests/s with prompts of 400 tokens. Answers of 200 tokens keep 12 running (2/s × 200 × 29 ms); from step 40 on other
 * clients ask: prompts of 280 tokens, answers of 2,000; 120 would run, and 45 of some 1,400 tokens fit.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';
import { sliceEvidence } from '../../evidence/slice.ts';

const SICK = {
  lines: {
    running: '12x39 20+8x5 66 62 56 50 46 45 ...',
    waiting: '0x46 4 12 22 30+7x33',
    'kv-cache-usage': '0.09x39 0.11 0.17 0.26 0.38 0.52 0.68 0.85 0.98 0.96 0.99 0.97 0.98 0.96 0.99 0.97 ...',
    preemptions: '0x47 0.3 0.6 0.9 ...',
    'finished{stop}': '2x41 0.2x4 0.65 ...',
    'output-tokens': '400x39 450 550 700 900 1100 1300 1500 1650 1650 1550 1400 1290 ...',
    'prompt-tokens': '800x40 560x6 476 364 280 182 ...',
    'prefix-cache-queries': '800x40 560x6 476 364 280 182 ...',
    'prefix-cache-hits': '0',
  },
  histograms: {
    ttft: '0.09*2x46 1*1.7 3*1.3 8*1 15*0.65x3 30*0.65x9 60*0.65x9 100*0.65 ...',
    itl: '0.025..0.03*392,0.075*8x39 0.028..0.034*900x6 0.03..0.04*1289,5*0.9 ...',
    'time-per-output-token': '0.029*2x41 0.031*0.2x4 0.037*0.65 ...',
    e2e: '6*2x41 8*0.2x4 75*0.65x15 130*0.65 ...',
    'queue-time': '0.01*2x41 0.01*0.2x4 0.02*0.65x8 20*0.65x10 60*0.65 ...',
    'prefill-time': '0.07*2x41 0.07*0.2x4 0.1*0.65 ...',
    'prompt-length': '300..500*2x41 300..500*0.2x4 200..360*0.65 ...',
    'output-length': '150..250*2x41 150..250*0.2x4 1500..2500*0.65 ...',
    'step-tokens': '12..60*34x39 20..200*31x6 50..400*28 ...',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '4000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 256 },
} satisfies SceneText;

/** Unix seconds at which the pool has been full for three scrapes. */
const AT_FIRST = timeAt(buildScene(SICK).grid, 51);

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** Answers grow tenfold: the pool fills within 35 s, then 0.9 preemptions/s for 0.65 finished requests/s. */
  sick: buildScene(SICK),
  /** Well fed: 60 requests of 1,000 tokens fill 93 % of the pool, 1 of 14 is preempted once (as in 19,801 healthy requests), nobody waits. */
  healthy: buildScene({
    lines: {
      running: '59x9 60x19 61x9 60 ...',
      waiting: '0x79',
      'kv-cache-usage': '0.91x19 0.93x29 0.92x19 0.93 ...',
      preemptions: '0.13',
      'finished{stop}': '1.8',
      'output-tokens': '1760',
      'prompt-tokens': '900',
      'prefix-cache-queries': '900',
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: '0.09*1.8',
      itl: '0.03..0.036*1700,0.09*60',
      'time-per-output-token': '0.034*1.8',
      e2e: '33*1.8',
      'queue-time': '0.01*1.8',
      'prefill-time': '0.08*1.8',
      'prompt-length': '400..600*1.8',
      'output-length': '800..1200*1.8',
      'step-tokens': '60..100*28',
    },
    labels: SICK.labels,
    knobs: SICK.knobs,
  }),
  /** The same pool, the same queue, but admission is orderly: 1 preemption for 33 finished requests. KV-bound queueing. */
  lookAlike: buildScene({ ...SICK, lines: { ...SICK.lines, preemptions: '0x59 0.02 ...' } }),
  /** The same storm in a build whose preemption counter is not scraped. */
  blind: buildScene({ ...SICK, lines: { ...SICK.lines, preemptions: null } }),
};

/** Nobody finishes for the first minute of the storm, as where all answers grow at once. */
const FIRST_MINUTE = { ...SICK.lines, preemptions: '0', 'finished{stop}': '2x41 0.1 ...' };

export const VARIANTS: Record<'uncounted' | 'orderly', Evidence> = {
  /** A build that counts a preemption when its request runs again: 20 s after the pool filled 62 running have become 45, and the counter stands. */
  uncounted: sliceEvidence(buildScene({ ...SICK, lines: FIRST_MINUTE }), AT_FIRST),
  /** The same pool and queue at that time, and everybody who was let in stays. */
  orderly: sliceEvidence(buildScene({ ...SICK, lines: { ...FIRST_MINUTE, running: '12x39 20+8x5 62 ...' } }), AT_FIRST),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);
