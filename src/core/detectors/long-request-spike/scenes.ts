/**
 * One engine (25 ms a step and 0.125 ms a token, budget 2,048): 3 requests/s with prompts of 200 tokens and answers of 100 keep
 * 9 running. From step 50 on one prompt of 24,000 tokens comes every 10 s and fills 12 steps of 281 ms: 3.4 s in which nobody
 * else is admitted and running answers get a token every 281 ms.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';
import { sliceEvidence } from '../../evidence/slice.ts';

const SICK = {
  steps: 90,
  lines: {
    running: '9x49 11 12x9 13x9 12x9 11 12 ...',
    waiting: '0x49 6 0 3 0x1 9 0 5 0x2 8 0 2 7 0x1 4 0 10 0x1 6 1 0 9 0x1 3 0 8 0 5 0x2 7 0 9 2 0 4 6 0 3 8 0',
    'kv-cache-usage': '0.01x49 0.05 0.1 0.06 0.11 ...',
    preemptions: '0',
    'finished{stop}': '3x51 3.1 ...',
    'output-tokens': '300x49 290 ...',
    'prompt-tokens': '600x49 1200 1800 2400 3000 ...',
    'computed-prompt-tokens': '600x49 1200 1800 2400 3000 ...',
    'prefix-cache-queries': '600x49 1800 3000 ...',
    'prefix-cache-hits': '0',
  },
  histograms: {
    ttft: '0.06*3x49 0.07*2,0.1..3.4*1,3.4*0.1 ...',
    itl: '0.025..0.03*293,0.05*7x49 0.025..0.03*278,0.05*8,0.28*14 ...',
    'time-per-output-token': '0.028*3x51 0.03*1.2,0.04*1.2,0.06*0.7 ...',
    e2e: '2.9*3x51 2.9*1.2,5*1.9 ...',
    'queue-time': '0.01*3x51 0.01*2,1.7*1.1 ...',
    'prefill-time': '0.05*3x51 0.06*3,3.4*0.1 ...',
    'prompt-length': '150..250*3x51 150..250*3,24000*0.1 ...',
    'output-length': '80..120*3x51 80..120*3.1 ...',
    'step-tokens': '9..210*35x49 9..2048*25 ...',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '16000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 128, 'max-num-batched-tokens': 2048 },
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** Six prompts a minute of 24,000 tokens among 180 of 200. */
  sick: buildScene(SICK),
  /** Three prompts a minute of 6,000 tokens, with a budget of 8,192: each is read in one step, and nobody behind it is late. */
  healthy: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      running: '9',
      waiting: '0',
      'kv-cache-usage': '0.01x49 0.02 ...',
      'prompt-tokens': '600x49 700 800 900 ...',
      'computed-prompt-tokens': '600x49 700 800 900 ...',
      'prefix-cache-queries': '600x49 700 800 900 ...',
    },
    histograms: {
      ...SICK.histograms,
      ttft: '0.06*3x49 0.06*2.7,0.2*0.3,0.8*0.05 ...',
      itl: '0.025..0.03*293,0.05*7x49 0.025..0.03*292,0.05*7,0.78*0.5 ...',
      'time-per-output-token': '0.028*3x51 0.029*3.05 ...',
      e2e: '2.9*3x51 3*3.05 ...',
      'queue-time': '0.01*3x51 0.02*3.05 ...',
      'prefill-time': '0.05*3x51 0.06*3,0.78*0.05 ...',
      'prompt-length': '150..250*3x51 150..250*3,6000*0.05 ...',
    },
    knobs: { 'max-num-seqs': 128, 'max-num-batched-tokens': 8192 },
  }),
  /** A queue while seats and memory are free here too, but all prompts grew to 2,000 tokens and none stands out: overload. */
  lookAlike: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      running: '9x49 30 55 80 95 97 96 97 ...',
      waiting: '0x50 7.5+7.5x38',
      'kv-cache-usage': '0.01x49 0.2 0.4 0.6 0.75 0.77 ...',
      'finished{stop}': '3x51 3.2 3.4 3.5 ...',
      'output-tokens': '300x49 310 330 345 ...',
      'prompt-tokens': '600x49 3000 5000 6500 7000 ...',
      'computed-prompt-tokens': '600x49 3000 5000 6500 7000 ...',
      'prefix-cache-queries': '600x49 3000 5000 6500 7000 ...',
    },
    histograms: {
      ...SICK.histograms,
      ttft: '0.06*3x49 0.5*3.5 2*3.5x3 6*3.5x7 15*3.5x9 30*3.5x9 40*3.5 ...',
      itl: '0.025..0.03*293,0.05*7x49 0.1..0.2*310 0.2..0.28*330 0.28*350 ...',
      'time-per-output-token': '0.028*3x51 0.1*3.2x2 0.28*3.5 ...',
      e2e: '2.9*3x51 10*3.2x2 28*3.5x9 45*3.5 ...',
      'queue-time': '0.01*3x51 0.3*3.2x2 6*3.5x9 20*3.5 ...',
      'prefill-time': '0.05*3x51 0.3*3.2x2 0.35*3.5 ...',
      'prompt-length': '150..250*3x51 1600..2400*3.2x2 1600..2400*3.5 ...',
      'output-length': '80..120*3x51 80..120*3.2x2 80..120*3.5 ...',
      'step-tokens': '9..210*35x49 500..2048*8 1500..2048*4.5 2048*3.6 ...',
    },
  }),
  /** The spike without lengths of prompts: a queue with seats and memory free is all that shows. */
  blind: buildScene({ ...SICK, histograms: { ...SICK.histograms, 'prompt-length': null } }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 50);

const RARE = buildScene({
  ...SICK,
  histograms: { ...SICK.histograms, 'prompt-length': '150..250*3x51 150..250*3,24000*0.025 ...' },
});

export const VARIANTS: Record<'first', Evidence> = {
  /** One in 40 s instead of ten, looked at 40 s after the first has finished. */
  first: sliceEvidence(RARE, timeAt(RARE.grid, 60)),
};
