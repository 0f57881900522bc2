/**
 * One engine with eight seats (25 ms a step and 0.125 ms a token), 64,000 tokens of KV cache, prompts of 500 tokens, answers of
 * 150. Eight seats serve 8 ÷ (150 × 27.8 ms + 90 ms) = 1.88 requests/s. The cap is in no metric; it shows as a flat top, which
 * on a real engine flickers to one below.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const SICK = {
  lines: {
    running: '4x19 5x4 4x9 3x4 8x3 7 8x2 7 8x4 7 8x2 7x1 8x6 7 8x3 7 8x7',
    waiting: '0x39 4 9+5.6x39',
    'kv-cache-usage': '0.04x39 0.06 0.07 ...',
    preemptions: '0',
    'finished{stop}': '1x39 1.2 1.4 1.7 1.88 ...',
    'output-tokens': '150x39 200 240 270 282 ...',
    'prompt-tokens': '500x39 650 800 900 940 ...',
    'prefix-cache-queries': '500x39 650 800 900 940 ...',
    'prefix-cache-hits': '0',
  },
  histograms: {
    ttft: '0.1*1x39 0.4*1.3 1*1.6 3*1.8 6*1.88x6 16*1.88x6 28*1.88x6 40*1.88x6 52*1.88x6 64*1.88 ...',
    itl: '0.025..0.03*146,0.088*4x39 0.026..0.028*270,0.09*12 ...',
    'time-per-output-token': '0.027*1x39 0.028*1.2 0.028*1.4 0.028*1.7 0.0295*1.88 ...',
    e2e: '4.2*1x39 5*1.2 6*1.4 8*1.7 15*1.88x9 35*1.88 ...',
    'queue-time': '0.01*1x39 0.3*1.2 1*1.4 3*1.7 10*1.88x9 30*1.88 ...',
    'prefill-time': '0.09*1x39 0.09*1.2 0.09*1.4 0.09*1.7 0.09*1.88 ...',
    'prompt-length': '400..600*1x39 400..600*1.2 400..600*1.4 400..600*1.7 400..600*1.88 ...',
    'output-length': '120..180*1x39 120..180*1.2 120..180*1.4 120..180*1.7 120..180*1.88 ...',
    'step-tokens': '4..510*37x39 7..510*35 ...',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '4000', enable_prefix_caching: 'True' } },
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** Three requests/s from step 39 on; the cap is not told. */
  sick: buildScene(SICK),
  /** Busy below the cap: 4 or 5 of 8 run, nobody waits. */
  healthy: buildScene({
    lines: {
      running: '4x19 5x9 4x9 6x4 5x9 3x4 4x19',
      waiting: '0x79',
      'kv-cache-usage': '0.04',
      preemptions: '0',
      'finished{stop}': '1.1',
      'output-tokens': '165',
      'prompt-tokens': '550',
      'prefix-cache-queries': '550',
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: '0.1*1.1',
      itl: '0.025..0.03*161,0.088*4',
      'time-per-output-token': '0.027*1.1',
      e2e: '4.2*1.1',
      'queue-time': '0.01*1.1',
      'prefill-time': '0.09*1.1',
      'prompt-length': '400..600*1.1',
      'output-length': '120..180*1.1',
      'step-tokens': '4..510*37',
    },
    labels: SICK.labels,
    knobs: { 'max-num-seqs': 8 },
  }),
  /**
   * Running stays flat at 4 or 5 here too, and a queue grows; but 16,000 tokens hold no more than five prompts of 3,000, and
   * only 3,700 are free. KV-bound queueing.
   */
  lookAlike: buildScene({
    lines: {
      running: '1x39 3 4 4x9 5 4x9 4x4 5 4x9 4 4',
      waiting: '0x39 1 3+3.2x39',
      'kv-cache-usage': '0.22x39 0.6 0.78 0.77x9 0.95 0.77x9 0.77x4 0.94 0.77x9 0.77 0.77',
      preemptions: '0',
      'finished{stop}': '0.5x39 0.7 0.9 1.1 1.25 ...',
      'output-tokens': '30x39 45 60 70 75 ...',
      'prompt-tokens': '1500x39 2200 3000 3500 3750 ...',
      'prefix-cache-queries': '1500x39 2200 3000 3500 3750 ...',
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: '0.42*0.5x39 0.6*0.8 1.5*1 4*1.25x6 12*1.25x9 24*1.25x9 36*1.25 ...',
      itl: '0.025..0.03*28,0.25*0.3x39 0.03..0.05*60 0.03..0.05*74,0.28*2 ...',
      'time-per-output-token': '0.031*0.5x39 0.04*0.9 0.046*1.25 ...',
      e2e: '2.3*0.5x39 3*0.9 8*1.25x6 15*1.25x9 30*1.25 ...',
      'queue-time': '0.01*0.5x39 0.3*0.9 4*1.25x6 12*1.25x9 26*1.25 ...',
      'prefill-time': '0.41*0.5x39 0.41*0.9 0.42*1.25 ...',
      'prompt-length': '2700..3300*0.5x39 2700..3300*0.9 2700..3300*1.25 ...',
      'output-length': '50..70*0.5x39 50..70*0.9 50..70*1.25 ...',
      'step-tokens': '1..2048*32x39 4..2048*22 ...',
    },
    labels: { 'cache-config': { block_size: '32', num_gpu_blocks: '500', enable_prefix_caching: 'True' } },
  }),
  /** The pinned engine without the gauge of waiting requests. */
  blind: buildScene({ ...SICK, lines: { ...SICK.lines, waiting: null } }),
};

export const VARIANTS: Record<'told', Evidence> = {
  /** The same with the cap told. */
  told: buildScene({ ...SICK, knobs: { 'max-num-seqs': 8 } }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);
