/**
 * Four replicas (25 ms a step and 0.125 ms a token) of 24 seats and 48,000 tokens, prompts of 300 tokens, answers of 120,
 * 8 requests/s in all. Evenly spread 7 run on each. From step 40 on vllm-0 gets 6.5/s, serves 5.5/s with all seats taken, and the
 * others run one or two.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const SICK = {
  replicas: ['vllm-0', 'vllm-1', 'vllm-2', 'vllm-3'],
  lines: {
    running: '7x39 4 2 2x9 1 2x9 1 2x9 2x6',
    'running@vllm-0': '7x39 18 23 24x9 23 24x9 23 24x9 24x6',
    waiting: '0',
    'waiting@vllm-0': '0x40 2 7+5x38',
    'kv-cache-usage': '0.05x39 0.03 0.012 ...',
    'kv-cache-usage@vllm-0': '0.05x39 0.13 0.17 0.18 ...',
    preemptions: '0',
    'finished{stop}': '2x39 1.5 1 0.7 0.5 ...',
    'finished{stop}@vllm-0': '2x39 3 4 5 5.5 ...',
    'output-tokens': '240x39 180 120 85 60 ...',
    'output-tokens@vllm-0': '240x39 360 480 600 660 ...',
    'prompt-tokens': '600x39 450 300 210 150 ...',
    'prompt-tokens@vllm-0': '600x39 1000 1300 1550 1650 ...',
    'prefix-cache-queries': '600x39 450 300 210 150 ...',
    'prefix-cache-queries@vllm-0': '600x39 1000 1300 1550 1650 ...',
    'prefix-cache-hits': '0',
  },
  histograms: {
    ttft: '0.07*2x39 0.07*1.5 0.07*1 0.07*0.7 0.07*0.5 ...',
    'ttft@vllm-0': '0.07*2x39 0.1*3.3 0.5*4.3 1.2*5.2 3*5.5x6 9*5.5x9 18*5.5x9 28*5.5 ...',
    itl: '0.025..0.03*232,0.06*8x39 0.025..0.028*180 0.025..0.027*120 0.025..0.027*85 0.025..0.027*60 ...',
    'itl@vllm-0': '0.025..0.03*232,0.06*8x39 0.028..0.034*360 0.03..0.035*480 0.032..0.036*600 0.032..0.038*660 ...',
    'time-per-output-token': '0.028*2x39 0.026*1.5 0.026*1 0.026*0.7 0.026*0.5 ...',
    'time-per-output-token@vllm-0': '0.028*2x39 0.031*3 0.033*4 0.035*5 0.036*5.5 ...',
    e2e: '3.4*2x39 3.2*1.5 3.2*1 3.2*0.7 3.2*0.5 ...',
    'e2e@vllm-0': '3.4*2x39 4*3 5*4 6*5 8*5.5x6 14*5.5x9 24*5.5 ...',
    'queue-time': '0.01*2x39 0.01*1.5 0.01*1 0.01*0.7 0.01*0.5 ...',
    'queue-time@vllm-0': '0.01*2x39 0.1*3 0.5*4 1.2*5 3*5.5x6 9*5.5x9 20*5.5 ...',
    'prefill-time': '0.06*2x39 0.06*1.5 0.06*1 0.06*0.7 0.06*0.5 ...',
    'prefill-time@vllm-0': '0.06*2x39 0.06*3 0.07*4 0.07*5 0.07*5.5 ...',
    'prompt-length': '200..400*2x39 200..400*1.5 200..400*1 200..400*0.7 200..400*0.5 ...',
    'prompt-length@vllm-0': '200..400*2x39 200..400*3 200..400*4 200..400*5 200..400*5.5 ...',
    'output-length': '100..140*2x39 100..140*1.5 100..140*1 100..140*0.7 100..140*0.5 ...',
    'output-length@vllm-0': '100..140*2x39 100..140*3 100..140*4 100..140*5 100..140*5.5 ...',
    'step-tokens': '7..310*36x39 2..310*37 ...',
    'step-tokens@vllm-0': '7..310*36x39 18..320*30 24..320*28 ...',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '3000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 24 },
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** Sticky sessions send four fifths of the traffic to vllm-0. */
  sick: buildScene(SICK),
  /** Unequal by chance: 2 against 9 for a while, as twins under Poisson traffic are, and nobody waits. */
  healthy: buildScene({
    replicas: ['vllm-0', 'vllm-1'],
    lines: {
      running: '7x9 9x5 7x19 3x5 7x31 9x5',
      'running@vllm-1': '7x9 2x5 7x19 9x5 7x31 2x5',
      waiting: '0',
      'kv-cache-usage': '0.05',
      preemptions: '0',
      'finished{stop}': '2',
      'output-tokens': '240',
      'prompt-tokens': '600',
      'prefix-cache-queries': '600',
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: '0.07*2',
      itl: '0.025..0.03*232,0.06*8',
      'time-per-output-token': '0.028*2',
      e2e: '3.4*2',
      'queue-time': '0.01*2',
      'prefill-time': '0.06*2',
      'prompt-length': '200..400*2',
      'step-tokens': '7..310*36',
    },
    labels: SICK.labels,
    knobs: SICK.knobs,
  }),
  /** Queues of unequal length, 1.3 to 1; but all four are flat out, so there is no idle capacity to use. Overload of the fleet. */
  lookAlike: buildScene({
    replicas: SICK.replicas,
    lines: {
      running: '5x39 20 38 55 68 76 79 80 78 79 ...',
      waiting: '0x40 6+6x39',
      'waiting@vllm-0': '0x40 9+9x39',
      'kv-cache-usage': '0.02x39 0.08 0.15 0.22 0.27 0.3 0.31 ...',
      preemptions: '0',
      'finished{stop}': '2x40 2.4 3 3.8 4.4 4.67 ...',
      'output-tokens': '120x39 150 190 230 265 280 ...',
      'prompt-tokens': '3000x39 4000 5000 6000 6800 7000 ...',
      'prefix-cache-queries': '3000x39 4000 5000 6000 6800 7000 ...',
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: '0.25*2x39 0.5*3 1*4 2*4.5 4*4.67x4 12*4.67x8 24*4.67x8 36*4.67 ...',
      itl: '0.025..0.03*100,0.24*8x39 0.1..0.2*170x2 0.25..0.28*265 0.281*280 ...',
      'time-per-output-token': '0.041*2x40 0.1*3x2 0.28*4.67 ...',
      e2e: '2.7*2x40 8*3x2 20*4.67x6 40*4.67 ...',
      'queue-time': '0.03*2x40 0.5*3x2 4*4.67x6 20*4.67 ...',
      'prefill-time': '0.21*2x40 0.3*3x2 0.35*4.67 ...',
      'prompt-length': '1200..1800*2x40 1200..1800*3x2 1200..1800*4.67 ...',
      'step-tokens': '5..1600*24x39 200..2048*10x2 1800..2048*4.2 2048*3.6 ...',
    },
    labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '24000', enable_prefix_caching: 'True' } },
    knobs: { 'max-num-seqs': 256 },
  }),
  /** The unequal fleet without the gauge of waiting requests. */
  blind: buildScene({ ...SICK, lines: { ...SICK.lines, waiting: null, 'waiting@vllm-0': null } }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);
