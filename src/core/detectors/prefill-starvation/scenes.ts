/**
 * One engine (25 ms a step and 0.05 ms a token) with a token budget of only 256: prompts of 1,000 tokens, answers of 3,000 from
 * a reasoning model. At 0.5 requests/s 42 run and leave 214 tokens of each step; a burst of new conversations brings 192, which
 * leave 64, so that a prompt needs 16 steps of 38 ms.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const SICK = {
  lines: {
    running: '42x39 57+15x9 192 193 191 192 ...',
    waiting: '0x48 1+1x34',
    'kv-cache-usage': '0.1x39 0.12+0.026x9 0.38 0.4 0.42 0.44 0.46 0.48 ...',
    preemptions: '0x83',
    'finished{stop}': '0.5x48 0.8 1.1 1.4 1.65 ...',
    'output-tokens': '1500x39 1700 2100 2600 3100 3600 4100 4500 4800 5000 5050 ...',
    'prompt-tokens': '500x39 1200 2000 2700 3400x3 3000 2400 2000 1700 ...',
    'prefix-cache-queries': '500x39 1200 2000 2700 3400x3 3000 2400 2000 1700 ...',
    'prefix-cache-hits': '0',
  },
  histograms: {
    ttft: '0.2*0.5x39 0.2*1.2 0.22*2 0.25*2.7 0.3*3.4x1 0.4*3.4x1 0.55*3 0.65*2.4 0.8*2 0.9*1.7x2 1.5*1.7x4 4*1.7x8 8*1.7x8 14*1.7 ...',
    itl: '0.026*1365,0.038*135x39 0.03..0.038*3200x8 0.036..0.038*5050 ...',
    'time-per-output-token': '0.027*0.5x48 0.033*0.8 0.035*1.1 0.036*1.4 0.037*1.65 ...',
    e2e: '84*0.5x48 95*0.8 100*1.1 105*1.4 115*1.65 ...',
    'queue-time': '0.01*0.5x48 0.01*0.8 0.01*1.1 0.05*1.4 0.2*1.65x9 1*1.65 ...',
    'prefill-time': '0.19*0.5x39 0.2*0.5x8 0.3*0.8 0.45*1.1 0.55*1.4 0.62*1.65 ...',
    'prompt-length': '800..1200*0.5x48 800..1200*0.8 800..1200*1.1 800..1200*1.4 800..1200*1.65 ...',
    'output-length': '1500..4500*0.5x48 1500..4500*0.8 1500..4500*1.1 1500..4500*1.4 1500..4500*1.65 ...',
    'step-tokens': '42..256*37x39 60..256*31x8 256*26.5 ...',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '62500', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 512, 'max-num-batched-tokens': 256 },
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** The batch grows from 42 to 192 within 50 s, and prompts get the crumbs of the budget. */
  sick: buildScene(SICK),
  /** The same 192 running with a budget of 2,048: a prompt is read in one or two steps. */
  healthy: buildScene({
    lines: {
      running: '191x19 192x29 193x19 192 ...',
      waiting: '0x79',
      'kv-cache-usage': '0.48',
      preemptions: '0',
      'finished{stop}': '1.68',
      'output-tokens': '5050',
      'prompt-tokens': '1680',
      'prefix-cache-queries': '1680',
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: '0.08..0.2*1.68',
      itl: '0.034..0.037*4730,0.085*320',
      'time-per-output-token': '0.038*1.68',
      e2e: '114*1.68',
      'queue-time': '0.02*1.68',
      'prefill-time': '0.09*1.68',
      'prompt-length': '800..1200*1.68',
      'output-length': '1500..4500*1.68',
      'step-tokens': '190..1300*26.5',
    },
    labels: SICK.labels,
    knobs: { 'max-num-seqs': 512, 'max-num-batched-tokens': 2048 },
  }),
  /**
   * First tokens after seconds, running answers at 41 ms, a queue above 20: the textbook's three conditions. But 79 decodes take
   * 8 % of a budget of 1,024 and a prompt of 1,200 needs two steps: engine time is short. Overload.
   */
  lookAlike: buildScene({
    lines: {
      running: '8x39 25 45 62 74 79 80 79 ...',
      waiting: '0x40 8+8x42',
      'kv-cache-usage': '0.01x39 0.03 0.05 0.08 0.09 0.1 ...',
      preemptions: '0x83',
      'finished{stop}': '5x39 7 10 14 17 19.3 ...',
      'output-tokens': '500x39 700 1000 1400 1700 1930 ...',
      'prompt-tokens': '6000x39 10000 16000 21000 23200 ...',
      'prefix-cache-queries': '6000x39 10000 16000 21000 23200 ...',
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: '0.06*5x39 0.2*9 0.6*14 1.2*18 2*19.3x5 4*19.3x6 7*19.3x8 12*19.3x9 16*19.3 ...',
      itl: '0.011..0.02*500x39 0.02..0.04*1200x3 0.04..0.041*1930 ...',
      'time-per-output-token': '0.014*5x39 0.03*12x3 0.041*19.3 ...',
      e2e: '1.5*5x39 3*12x3 8*19.3x12 14*19.3 ...',
      'queue-time': '0.01*5x39 0.2*12x3 2*19.3x9 6*19.3x12 12*19.3 ...',
      'prefill-time': '0.05*5x39 0.06*12x3 0.08*19.3 ...',
      'prompt-length': '1000..1400*5x39 1000..1400*12x3 1000..1400*19.3 ...',
      'output-length': '80..120*5x39 80..120*12x3 80..120*19.3 ...',
      'step-tokens': '10..1024*60x39 200..1024*35x3 1024*24.6 ...',
    },
    labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '62500', enable_prefix_caching: 'True' } },
    knobs: { 'max-num-seqs': 512, 'max-num-batched-tokens': 1024 },
  }),
  /** The sick engine without the histogram of prefill times. */
  blind: buildScene({ ...SICK, histograms: { ...SICK.histograms, 'prefill-time': null } }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);
