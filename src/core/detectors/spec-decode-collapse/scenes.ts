/**
 * One engine (50 ms a step and 0.2 ms a token) that guesses up to four tokens by n-grams; 1.1 requests/s with prompts of 400 and
 * answers of 160 tokens. While answers repeat themselves a step brings a request three tokens: 58.7 request-steps/s of 55 ms, so
 * 3.3 run. From step 40 on answers repeat nothing: one token a step, and 176 × 52 ms = 9.2 run for the same output.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const SICK = {
  lines: {
    running: '3x9 4x9 3x9 4x4 3x4 5 6 7 8 9x9 10x9 9 ...',
    waiting: '0',
    'kv-cache-usage': '0.03x39 0.04 0.05 0.06 0.07 0.08 ...',
    preemptions: '0',
    'finished{stop}': '1.1x39 0.8 0.7 0.8 1 1.1 ...',
    'output-tokens': '176x39 125 115 130 150 165 176 ...',
    'prompt-tokens': '440',
    'prefix-cache-queries': '440',
    'prefix-cache-hits': '0',
    'spec-drafts': '53x39 30 14 6 2 ...',
    'spec-draft-tokens': '205x39 110 50 20 7 ...',
    'spec-accepted-tokens': '117x39 50 20 8 3 ...',
    'spec-accepted-by-position{0}': '45x39 19 8 3 1.2 ...',
    'spec-accepted-by-position{1}': '33x39 14 5 2 0.8 ...',
    'spec-accepted-by-position{2}': '24x39 10 4 2 0.6 ...',
    'spec-accepted-by-position{3}': '15x39 7 3 1 0.4 ...',
  },
  histograms: {
    ttft: '0.13*1.1',
    itl: '0.05..0.06*56,0.13*3x39 0.05..0.06*75 0.05..0.055*95 0.05..0.054*122 0.05..0.054*147 0.05..0.054*162 0.05..0.054*171,0.13*2 ...',
    'time-per-output-token':
      '0.016..0.022*1.1x39 0.018..0.03*0.8 0.02..0.04*0.7 0.03..0.045*0.8 0.04..0.05*1 0.051..0.055*1.1 ...',
    e2e: '3.1*1.1x39 3.5*0.8 4.5*0.8 6*0.9 7*1 8.5*1.1 ...',
    'queue-time': '0.01*1.1',
    'prefill-time': '0.13*1.1',
    'prompt-length': '300..500*1.1',
    'output-length': '140..180*1.1x39 140..180*0.8 140..180*0.7 140..180*0.8 140..180*1 140..180*1.1 ...',
    'step-tokens': '4..430*18',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '4000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 64 },
} satisfies SceneText;

const CALM = {
  ...SICK,
  lines: {
    ...SICK.lines,
    running: '3x9 4x9 3x9 4x4 3x4 3x9 4x9 3x9 4 ...',
    'kv-cache-usage': '0.03',
    'finished{stop}': '1.1',
    'output-tokens': '176',
    'spec-drafts': '53',
    'spec-draft-tokens': '205',
    'spec-accepted-tokens': '117x14 110x9 120x14 117x9 108x6 119 ...',
    'spec-accepted-by-position{0}': '45',
    'spec-accepted-by-position{1}': '33',
    'spec-accepted-by-position{2}': '24',
    'spec-accepted-by-position{3}': '15',
  },
  histograms: {
    ...SICK.histograms,
    itl: '0.05..0.06*56,0.13*3',
    'time-per-output-token': '0.016..0.022*1.1',
    e2e: '3.1*1.1',
    'output-length': '140..180*1.1',
  },
} satisfies SceneText;

/** Guesses go on being made in every step; `rate` of them, right or wrong, after step 40. */
const guessed = (drafts: string, drafted: string, positions: readonly string[], accepted: string) => ({
  'spec-drafts': drafts,
  'spec-draft-tokens': drafted,
  'spec-accepted-tokens': accepted,
  ...Object.fromEntries(positions.map((p, i) => [`spec-accepted-by-position{${i}}`, p])),
});

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** Answers stop repeating themselves, so n-grams find nothing to guess. */
  sick: buildScene(SICK),
  /** Guesses that are right more or less often, as texts come. */
  healthy: buildScene(CALM),
  /** Speculation on and tokens slower than before: but a step brings as many as ever. Twelve times the traffic: overload. */
  lookAlike: buildScene({
    ...CALM,
    lines: {
      ...CALM.lines,
      running: '3x9 4x9 3x9 4x4 3x4 8 16 24 32 38 40 41 40 41 ...',
      waiting: '0x40 5+4x38',
      'kv-cache-usage': '0.03x39 0.1 0.2 0.3 0.35 0.36 ...',
      'finished{stop}': '1.1x39 1.6 2.5 3.2 3.6 ...',
      'output-tokens': '176x39 260 400 510 576 ...',
      'prompt-tokens': '440x39 2200 3600 4200 4400 ...',
      'prefix-cache-queries': '440x39 2200 3600 4200 4400 ...',
      'spec-drafts': '53x39 78 120 153 173 ...',
      'spec-draft-tokens': '205x39 300 465 590 670 ...',
      'spec-accepted-tokens': '117x39 173 266 340 384 ...',
    },
    histograms: {
      ...CALM.histograms,
      ttft: '0.13*1.1x39 0.4*3 1.5*4 3*4.4x6 8*4.4x9 15*4.4 ...',
      itl: '0.05..0.06*56,0.13*3x39 0.06..0.2*87 0.1..0.25*134 0.18..0.24*170 0.19..0.23*192 ...',
      'time-per-output-token': '0.016..0.022*1.1x39 0.02..0.04*1.6 0.04..0.06*2.5 0.06..0.075*3.6 ...',
      e2e: '3.1*1.1x39 5*1.6 9*2.5 13*3.6 20*3.6 ...',
      'queue-time': '0.01*1.1x39 0.3*2 1*3 4*3.6x9 9*3.6 ...',
      'prefill-time': '0.13*1.1x39 0.2*2 0.25*3.6 ...',
      'prompt-length': '300..500*1.1x39 900..1100*2 900..1100*3.6 ...',
      'output-length': '140..180*1.1x39 140..180*2 140..180*3.6 ...',
      'step-tokens': '4..430*18x39 150..600*8 300..1024*5 ...',
    },
  }),
  /** The fall without the count of what was right. */
  blind: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      'spec-accepted-tokens': null,
      'spec-accepted-by-position{0}': null,
      'spec-accepted-by-position{1}': null,
      'spec-accepted-by-position{2}': null,
      'spec-accepted-by-position{3}': null,
    },
  }),
};

export const VARIANTS: Record<'rejected' | 'weaker' | 'never' | 'minute' | 'off', Evidence> = {
  /** A drafter of another model version: as many guesses as steps, and 1 % of them right. */
  rejected: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      ...guessed(
        '58x39 75 95 122 147 162 171 ...',
        '232x39 300 380 488 588 648 684 ...',
        ['45x39 19 8 5 4 ...', '33x39 14 5 2 1 ...', '24x39 10 4 1 0.5 ...', '15x39 7 3 0.5 0.2 ...'],
        '117x39 50 20 8 5.7 ...',
      ),
    },
  }),
  /** A hotter temperature: the first place is still right in 58 % of drafts, the second in 28 %. A step brings 2 tokens. */
  weaker: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      running: '3x9 4x9 3x9 4x4 3x4 4 5x9 6x9 5 ...',
      'output-tokens': '176x39 150 155 165 176 ...',
      ...guessed(
        '58x39 65 75 82 88 ...',
        '232x39 260 300 328 352 ...',
        ['45x39 44 46 48 51 ...', '33x39 25 24 24 24.6 ...', '24x39 12 9 8.8 8.8 ...', '15x39 5 4 3.6 3.6 ...'],
        '117x39 86 83 84 88 ...',
      ),
    },
    histograms: {
      ...SICK.histograms,
      itl: '0.05..0.06*56,0.13*3x39 0.05..0.06*64 0.05..0.06*72 0.05..0.062*81 0.05..0.062*86,0.13*2 ...',
      'time-per-output-token': '0.016..0.022*1.1x39 0.02..0.026*0.9 0.026..0.034*1.1 ...',
    },
  }),
  /** It has been guessing blindly since before this window. */
  never: buildScene({
    ...CALM,
    lines: {
      ...CALM.lines,
      running: '9x19 10x19 9 ...',
      ...guessed('170', '680', ['4.5', '1', '0.4', '0.1'], '6'),
    },
    histograms: {
      ...CALM.histograms,
      itl: '0.05..0.055*168,0.13*2',
      'time-per-output-token': '0.044..0.049*1.1',
    },
  }),
  /** The fall, scraped once a minute. */
  minute: buildScene({ ...SICK, step: 60 }),
  /** The same traffic on an engine without speculation. */
  off: buildScene({
    ...CALM,
    lines: {
      ...Object.fromEntries(Object.entries(CALM.lines).filter(([key]) => !key.startsWith('spec-'))),
      running: '9x19 10x19 9 ...',
    },
    histograms: {
      ...CALM.histograms,
      itl: '0.05..0.054*173,0.13*2',
      'time-per-output-token': '0.051..0.055*1.1',
    },
    steps: 80,
  }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);
