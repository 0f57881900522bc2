/**
 * Three replicas (25 ms a step and 0.125 ms a token) with 64 seats and 48,000 tokens, prompts of 300 tokens, answers of 120, two
 * requests/s each by round robin: 840 tokens/s, so a step takes 25 ms ÷ (1 − 0.125 ms × 840/s) = 28 ms and seven run. From step
 * 40 on everything on vllm-1 takes 2.5 times as long: 62.5 ms ÷ (1 − 0.3125 ms × 840/s) = 85 ms a step, so 240 × 85 ms = 20 run
 * there, for the same work.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const LABELS = { 'cache-config': { block_size: '16', num_gpu_blocks: '3000', enable_prefix_caching: 'True' } };

const SICK = {
  replicas: ['vllm-0', 'vllm-1', 'vllm-2'],
  lines: {
    running: '7x9 8x4 6x4 7x19 8x4 7x34',
    'running@vllm-1': '7x39 9 14 18 20x36',
    waiting: '0x79',
    'kv-cache-usage': '0.05',
    'kv-cache-usage@vllm-1': '0.05x39 0.06 0.09 0.12 0.13 ...',
    preemptions: '0',
    'finished{stop}': '2',
    'finished{stop}@vllm-1': '2x39 1.8 1.4 1.3 1.6 1.9 2 ...',
    'output-tokens': '240',
    'output-tokens@vllm-1': '240x39 210 180 190 215 235 240 ...',
    'prompt-tokens': '600',
    'prefix-cache-queries': '600',
    'prefix-cache-hits': '0',
  },
  histograms: {
    ttft: '0.06..0.08*2',
    'ttft@vllm-1': '0.06..0.08*2x39 0.15*2 0.17*2 0.18*2 ...',
    itl: '0.025..0.03*232,0.06*8',
    'itl@vllm-1':
      '0.025..0.03*232,0.06*8x39 0.025..0.03*144,0.07..0.095*60,0.15*6 0.07..0.095*172,0.15*8 0.07..0.095*182,0.15*8 0.07..0.095*207,0.15*8 0.07..0.095*232,0.15*8 ...',
    'time-per-output-token': '0.028*2',
    'time-per-output-token@vllm-1': '0.028*2x39 0.03*1.8 0.045*1.4 0.065*1.3 0.08*1.6 0.084*1.9 0.084*2 ...',
    e2e: '3.4*2',
    'e2e@vllm-1': '3.4*2x39 3.6*1.8 5.4*1.4 8*1.3 9.8*1.6 10.2*1.9 10.2*2 ...',
    'queue-time': '0.01*2',
    'prefill-time': '0.06*2',
    'prefill-time@vllm-1': '0.06*2x39 0.1*1.8 0.14*1.4 0.15*1.3 0.15*1.6 0.15*1.9 0.15*2 ...',
    'prompt-length': '200..400*2',
    'output-length': '100..140*2',
    'step-tokens': '7..310*35',
    'step-tokens@vllm-1': '7..310*35x39 10..320*29 14..320*14 20..320*12 ...',
  },
  labels: LABELS,
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** vllm-1 takes 2.5 times as long for the same. */
  sick: buildScene(SICK),
  /** vllm-1 has a third more to do by chance and takes 5 % longer for it; vllm-2 hiccups for 25 s. */
  healthy: buildScene({
    replicas: SICK.replicas,
    lines: {
      running: '7',
      'running@vllm-1': '9x9 10x19 9x29 8x19',
      'running@vllm-2': '7x54 9 11 10 8 7 ...',
      waiting: '0',
      'kv-cache-usage': '0.05',
      preemptions: '0',
      'finished{stop}': '2',
      'finished{stop}@vllm-1': '2.6',
      'output-tokens': '240',
      'output-tokens@vllm-1': '312',
      'prompt-tokens': '600',
      'prompt-tokens@vllm-1': '780',
      'prefix-cache-queries': '600',
      'prefix-cache-queries@vllm-1': '780',
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: '0.07*2',
      'ttft@vllm-1': '0.07*2.6',
      itl: '0.025..0.03*232,0.06*8',
      'itl@vllm-1': '0.025..0.031*300,0.065*12',
      'itl@vllm-2':
        '0.025..0.03*232,0.06*8x54 0.025..0.03*100,0.05*100,0.1*8 0.03..0.05*200,0.1*8x3 0.025..0.03*232,0.06*8 ...',
      'time-per-output-token': '0.028*2',
      'time-per-output-token@vllm-1': '0.029*2.6',
      e2e: '3.4*2',
      'queue-time': '0.01*2',
      'prefill-time': '0.06*2',
      'prompt-length': '200..400*2',
      'output-length': '100..140*2',
      'step-tokens': '7..310*36',
    },
    labels: LABELS,
  }),
  /**
   * vllm-0's steps take longer too, 32 ms against 27.6; but sticky sessions give it 5.4 of 9 requests/s, its sixteen seats are
   * full, and a step with so many tokens takes that long on all of them. Load imbalance.
   */
  lookAlike: buildScene({
    replicas: SICK.replicas,
    lines: {
      running: '10 11x38 9 7 6x37',
      'running@vllm-0': '11x39 14 16x27 15 16x9',
      waiting: '0x79',
      'waiting@vllm-0': '0x40 3 9+6.15x37',
      'kv-cache-usage': '0.08x39 0.06 0.05 ...',
      'kv-cache-usage@vllm-0': '0.08x39 0.11 0.12 ...',
      preemptions: '0',
      'finished{stop}': '3x39 2.7 2.3 2 1.8 ...',
      'finished{stop}@vllm-0': '3x39 3.3 3.7 4 4.17 ...',
      'output-tokens': '360x39 320 280 240 216 ...',
      'output-tokens@vllm-0': '360x39 400 440 480 500 ...',
      'prompt-tokens': '900x39 810 700 600 540 ...',
      'prompt-tokens@vllm-0': '900x39 1000 1100 1200 1250 ...',
      'prefix-cache-queries': '900x39 810 700 600 540 ...',
      'prefix-cache-queries@vllm-0': '900x39 1000 1100 1200 1250 ...',
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: '0.07*3x39 0.07*2.7 0.07*2.3 0.07*2 0.07*1.8 ...',
      'ttft@vllm-0': '0.07*3x39 0.1*3.3 0.6*3.7 1.5*4 3*4.17x6 8*4.17x9 20*4.17 ...',
      itl: '0.026..0.031*345,0.057*15x39 0.026..0.031*305,0.057*15 0.026..0.03*268,0.05*12 0.026..0.029*230,0.04*10 0.026..0.0285*206,0.035*10 ...',
      'itl@vllm-0':
        '0.026..0.031*345,0.057*15x39 0.027..0.032*380,0.06*20 0.028..0.033*418,0.06*22 0.028..0.033*455,0.06*25 0.028..0.033*475,0.06*25 ...',
      'time-per-output-token': '0.03*3x39 0.03*2.7 0.029*2.3 0.028*2 0.0275*1.8 ...',
      'time-per-output-token@vllm-0': '0.03*3x39 0.03*3.3 0.031*3.7 0.032*4 0.032*4.17 ...',
      e2e: '3.6*3x39 3.6*2.7 3.5*2.3 3.4*2 3.3*1.8 ...',
      'e2e@vllm-0': '3.6*3x39 3.7*3.3 4*3.7 5*4 7*4.17x6 12*4.17x9 22*4.17 ...',
      'queue-time': '0.01*3x39 0.01*2.7 0.01*2.3 0.01*2 0.01*1.8 ...',
      'queue-time@vllm-0': '0.01*3x39 0.1*3.3 0.5*3.7 1.4*4 3*4.17x6 8*4.17x9 20*4.17 ...',
      'prefill-time': '0.06*3x39 0.06*2.7 0.06*2.3 0.06*2 0.06*1.8 ...',
      'prefill-time@vllm-0': '0.06*3x39 0.06*3.3 0.06*3.7 0.06*4 0.06*4.17 ...',
      'prompt-length': '200..400*3x39 200..400*2.7 200..400*2.3 200..400*2 200..400*1.8 ...',
      'prompt-length@vllm-0': '200..400*3x39 200..400*3.3 200..400*3.7 200..400*4 200..400*4.17 ...',
      'output-length': '100..140*3x39 100..140*2.7 100..140*2.3 100..140*2 100..140*1.8 ...',
      'output-length@vllm-0': '100..140*3x39 100..140*3.3 100..140*3.7 100..140*4 100..140*4.17 ...',
      'step-tokens': '10..310*34x39 8..310*35 6..310*36 ...',
      'step-tokens@vllm-0': '10..310*34x39 14..320*32 16..320*31 ...',
    },
    labels: LABELS,
    knobs: { 'max-num-seqs': 16 },
  }),
  /** The slow replica without inter-token latency. */
  blind: buildScene({ ...SICK, histograms: { ...SICK.histograms, itl: null, 'itl@vllm-1': null } }),
};

const only = (replica: string, text: SceneText): SceneText => {
  const keep = <T>(all: Readonly<Record<string, T>> = {}): Record<string, T> => {
    const plain = Object.entries(all).filter(([key]) => !key.includes('@'));
    const own = Object.entries(all).filter(([key]) => key.endsWith(`@${replica}`));
    return {
      ...Object.fromEntries(plain),
      ...Object.fromEntries(own.map(([key, v]) => [key.split('@')[0] as string, v])),
    };
  };
  return { ...text, replicas: [replica], lines: keep(text.lines), histograms: keep(text.histograms) };
};

export const VARIANTS: Record<'pair' | 'alone' | 'always' | 'clock' | 'throttled', Evidence> = {
  /** Two of the three: only their past tells which of them is odd. */
  pair: buildScene({
    ...SICK,
    replicas: ['vllm-0', 'vllm-1'],
  }),
  /** The slow one alone: nothing but its own past, twice as long a scene. */
  alone: buildScene(only('vllm-1', SICK)),
  /** Slow since before the scene began. */
  always: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      'running@vllm-1': '20',
      'kv-cache-usage@vllm-1': '0.13',
      'finished{stop}@vllm-1': '2',
      'output-tokens@vllm-1': '240',
    },
    histograms: {
      ...SICK.histograms,
      'ttft@vllm-1': '0.18*2',
      'itl@vllm-1': '0.07..0.095*232,0.15*8',
      'time-per-output-token@vllm-1': '0.084*2',
      'e2e@vllm-1': '10.2*2',
      'prefill-time@vllm-1': '0.15*2',
      'step-tokens@vllm-1': '20..320*12',
    },
  }),
  /** The same with DCGM: the clock fell from 1,755 to 690 MHz. */
  clock: buildScene({
    ...SICK,
    lines: { ...SICK.lines, 'gpu-sm-clock': '1755000000', 'gpu-sm-clock@vllm-1': '1755000000x39 690000000 ...' },
  }),
  /** The CPU limit stops the container in half of its periods: it is slow, and that is somebody else's finding. */
  throttled: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      'container-cpu-periods': '10',
      'container-cpu-throttled': '0',
      'container-cpu-throttled@vllm-1': '0x39 5 ...',
    },
  }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);
