/**
 * One engine (25 ms a step and 0.125 ms a token, budget 2,048, so at most 281 ms a step), 256 seats, 384,000 tokens of KV cache,
 * prompts of 1,500 tokens, answers of 60. Flat out it does 2,048 ÷ 281 ms ÷ 1,560 = 4.67 requests/s with 79 running.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const SICK = {
  lines: {
    running: '5x39 20 38 55 68 76 79 80 78 79 ...',
    waiting: '0x40 9+9x39',
    'kv-cache-usage': '0.02x39 0.08 0.15 0.22 0.27 0.3 0.31 ...',
    preemptions: '0',
    'finished{stop}': '2x40 2.4 3 3.8 4.4 4.67 ...',
    'output-tokens': '120x39 150 190 230 265 280 ...',
    'prompt-tokens': '3000x39 4000 5000 6000 6800 7000 ...',
    'prefix-cache-queries': '3000x39 4000 5000 6000 6800 7000 ...',
    'prefix-cache-hits': '0',
  },
  histograms: {
    ttft: '0.25*2x39 0.5*3 1*4 2*4.5 4*4.67x4 14*4.67x4 24*4.67x4 34*4.67x4 44*4.67x4 54*4.67x4 64*4.67x4 74*4.67 ...',
    itl: '0.025..0.03*100,0.24*8x39 0.1..0.2*170x2 0.25..0.28*265 0.281*280 ...',
    'time-per-output-token': '0.041*2x40 0.1*3x2 0.28*4.67 ...',
    e2e: '2.7*2x40 8*3x2 20*4.67x6 40*4.67x9 60*4.67 ...',
    'queue-time': '0.03*2x40 0.5*3x2 4*4.67x6 20*4.67x9 40*4.67 ...',
    'prefill-time': '0.21*2x40 0.3*3x2 0.35*4.67 ...',
    'prompt-length': '1200..1800*2x40 1200..1800*3x2 1200..1800*4.67 ...',
    'output-length': '50..70*2x40 50..70*3x2 50..70*4.67 ...',
    'step-tokens': '5..1600*24x39 200..2048*10x2 1800..2048*4.2 2048*3.6 ...',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '24000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 256, 'max-num-batched-tokens': 2048 },
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** 6.5 requests/s arrive from step 40 on, 4.67/s are served: the queue grows by nine at each step. */
  sick: buildScene(SICK),
  /** Two requests/s: half the prompt tokens the engine could read, nobody waits. */
  healthy: buildScene({
    ...SICK,
    lines: {
      running: '5x19 6x9 5x29 4x9 5x9',
      waiting: '0x79',
      'kv-cache-usage': '0.02',
      preemptions: '0',
      'finished{stop}': '2',
      'output-tokens': '120',
      'prompt-tokens': '3000',
      'prefix-cache-queries': '3000',
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: '0.25*2',
      itl: '0.025..0.03*100,0.24*8',
      'time-per-output-token': '0.041*2',
      e2e: '2.7*2',
      'queue-time': '0.03*2',
      'prefill-time': '0.21*2',
      'prompt-length': '1200..1800*2',
      'output-length': '50..70*2',
      'step-tokens': '5..1600*24',
    },
  }),
  /** The same queue with memory free, but all of 16 seats are taken in every scrape and a step takes 60 ms: seat ceiling. */
  lookAlike: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      running: '5x39 12 16x2 15 16x9 15 16x12 15 16x10',
      'kv-cache-usage': '0.02x39 0.05 0.06 ...',
      'finished{stop}': '2x40 2.4 3 3.2 3.3 ...',
      'output-tokens': '120x39 150 180 190 200 ...',
      'prompt-tokens': '3000x39 4000 4500 4800 5000 ...',
      'prefix-cache-queries': '3000x39 4000 4500 4800 5000 ...',
    },
    histograms: {
      ...SICK.histograms,
      ttft: '0.25*2x39 0.5*3 1*3.2 3*3.3x8 15*3.3x12 30*3.3 ...',
      itl: '0.025..0.03*100,0.24*8x39 0.04..0.08*190 0.05..0.08*190,0.281*10 ...',
      'time-per-output-token': '0.041*2x40 0.07*3x2 0.075*3.3 ...',
      e2e: '2.7*2x40 5*3x2 20*3.3x9 35*3.3 ...',
      'queue-time': '0.03*2x40 0.5*3x2 15*3.3x9 30*3.3 ...',
      'prefill-time': '0.21*2x40 0.25*3x2 0.28*3.3 ...',
      'prompt-length': '1200..1800*2x40 1200..1800*3x2 1200..1800*3.3 ...',
      'output-length': '50..70*2x40 50..70*3x2 50..70*3.3 ...',
      'step-tokens': '5..1600*24x39 16..2048*14 ...',
    },
    knobs: { 'max-num-seqs': 16, 'max-num-batched-tokens': 2048 },
  }),
  /** The overloaded engine without KV usage: whether the queue waits for memory cannot be said. */
  blind: buildScene({ ...SICK, lines: { ...SICK.lines, 'kv-cache-usage': null } }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);

/** 0.9 requests/s, 2 running; every scrape from step 40 on meets one that waits, but a first token takes 0.1 s: 0.09 wait or are read (Little). */
export const AT_THE_DOOR: Evidence = buildScene({
  ...SICK,
  lines: {
    running: '2',
    waiting: '0x39 1 ...',
    'kv-cache-usage': '0.01',
    preemptions: '0',
    'finished{stop}': '0.9',
    'output-tokens': '54',
    'prompt-tokens': '1350',
    'prefix-cache-queries': '1350',
    'prefix-cache-hits': '0',
  },
  histograms: {
    ttft: '0.1*0.9x79',
    itl: '0.025..0.03*54x79',
    'time-per-output-token': '0.028*0.9x79',
    e2e: '1.8*0.9x79',
    'queue-time': '0.01*0.9x79',
    'prefill-time': '0.09*0.9x79',
    'prompt-length': '1200..1800*0.9x79',
    'output-length': '50..70*0.9x79',
    'step-tokens': '2..1600*30x79',
  },
});
