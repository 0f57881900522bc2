/**
 * One engine (25 ms a step and 0.125 ms a token) with a pool of 16,000 tokens, prompts of 3,000 tokens, answers of 60: four or
 * five fit, so 1.25 requests/s are served. The pool is never seen full: at 0.77, 3,700 tokens are free, and the next whole prompt
 * must fit beside the one still being written.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const SICK = {
  lines: {
    running: '1x29 2x4 1x5 3x1 4x9 5 4x4 3 4x9 5 4x9 4',
    waiting: '0x41 2 5+3.2x38',
    'kv-cache-usage': '0.22x29 0.4x4 0.22x5 0.58x1 0.77x9 0.95 0.77x4 0.63 0.77x9 0.94 0.77x9 0.78',
    preemptions: '0',
    'finished{stop}': '0.5x40 0.7 0.9 1.1 1.25 ...',
    'output-tokens': '30x40 45 60 70 75 ...',
    'prompt-tokens': '1500x40 2200 3000 3500 3750 ...',
    'prefix-cache-queries': '1500x40 2200 3000 3500 3750 ...',
    'prefix-cache-hits': '0',
  },
  histograms: {
    ttft: '0.42*0.5x40 0.6*0.75 1.5*1 4*1.25x6 12*1.25x9 24*1.25x9 36*1.25 ...',
    itl: '0.025..0.03*28,0.2*1x40 0.03..0.05*60 0.03..0.05*72,0.2*3 ...',
    'time-per-output-token': '0.031*0.5x40 0.04*0.9 0.047*1.25 ...',
    e2e: '2.3*0.5x40 3*0.9 8*1.25x6 15*1.25x9 30*1.25 ...',
    'queue-time': '0.01*0.5x40 0.3*0.9 4*1.25x6 12*1.25x9 26*1.25 ...',
    'prefill-time': '0.41*0.5x40 0.41*0.9 0.42*1.25 ...',
    'prompt-length': '2700..3300*0.5x40 2700..3300*0.9 2700..3300*1.25 ...',
    'output-length': '50..70*0.5x40 50..70*0.9 50..70*1.25 ...',
    'step-tokens': '1..2048*32x40 4..2048*22 ...',
  },
  labels: { 'cache-config': { block_size: '32', num_gpu_blocks: '500', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 64 },
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** 1.9 requests/s from step 40 on: 0.65 more a second than fit. */
  sick: buildScene(SICK),
  /** Full and healthy: 45 of 1,350 tokens hold 95 % of 64,000 tokens, and nobody waits. */
  healthy: buildScene({
    lines: {
      running: '45x19 44x9 45x29 46x9 45 ...',
      waiting: '0x79',
      'kv-cache-usage': '0.95x19 0.94x9 0.95x29 0.96x9 0.95 ...',
      preemptions: '0',
      'finished{stop}': '0.7',
      'output-tokens': '1400',
      'prompt-tokens': '280',
      'prefix-cache-queries': '280',
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: '0.08*0.7',
      itl: '0.03..0.034*1360,0.08*40',
      'time-per-output-token': '0.033*0.7',
      e2e: '66*0.7',
      'queue-time': '0.01*0.7',
      'prefill-time': '0.07*0.7',
      'prompt-length': '300..500*0.7',
      'output-length': '1800..2200*0.7',
      'step-tokens': '44..450*30',
    },
    labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '4000', enable_prefix_caching: 'True' } },
    knobs: { 'max-num-seqs': 64 },
  }),
  /** The same queue before the same pool, but for each finished request one running request is thrown out: KV cache thrashing. */
  lookAlike: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      'kv-cache-usage': '0.22x40 0.9 0.99 0.97 ...',
      preemptions: '0x41 0.5 1.2 ...',
      'finished{stop}': '0.5x40 0.7 0.9 1.1 1 ...',
    },
  }),
  /** The queue without KV usage. */
  blind: buildScene({ ...SICK, lines: { ...SICK.lines, 'kv-cache-usage': null } }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 41);
