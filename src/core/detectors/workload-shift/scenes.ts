/**
 * One engine (25 ms a step and 0.125 ms a token, budget 2,048), two requests a second throughout, prompts of 500 tokens and
 * answers of 150. From step 60 on prompts have 1,500 tokens: the same number of requests, three times the reading. A step then
 * carries prompts most of the time (2 × 1,500 × 0.125 ms = 0.375 s of each second), so answers come slower and first tokens late.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const CALM = {
  running: '9x59 11 14 17 20 ...',
  waiting: '0x59 0 1 2 3 4 4 5 4 6 5 4 5 6 ...',
  'kv-cache-usage': '0.08x59 0.12 0.18 0.25 0.3 ...',
  preemptions: '0',
  'finished{stop}': '2',
  'output-tokens': '300',
  'prefix-cache-hits': '0',
} as const;

const SICK = {
  steps: 120,
  lines: {
    ...CALM,
    'prompt-tokens': '1000x59 1500 2000 2500 3000 ...',
    'prefix-cache-queries': '1000x59 1500 2000 2500 3000 ...',
  },
  histograms: {
    ttft: '0.1*2x59 0.2*2 0.5*2 1*2 1.6*2 ...',
    itl: '0.026..0.03*290,0.088*10x59 0.028..0.06*300 0.03..0.1*300 ...',
    'time-per-output-token': '0.03*2x59 0.04*2 0.055*2 0.065*2 ...',
    e2e: '4.6*2x59 6*2 8*2 10*2 ...',
    'queue-time': '0.01*2x59 0.1*2 0.4*2 0.8*2 1.2*2 ...',
    'prefill-time': '0.09*2x59 0.15*2 0.3*2 0.4*2 ...',
    'prompt-length':
      '400..600*2x59 400..600*1.5,1300..1700*0.5 400..600*1,1300..1700*1 400..600*0.5,1300..1700*1.5 1300..1700*2 ...',
    'output-length': '120..180*2',
    'step-tokens': '9..510*34x59 11..1100*25 14..1600*20 ...',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '8000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 64 },
} satisfies SceneText;

const WELL = {
  running: '9',
  waiting: '0',
  'kv-cache-usage': '0.08',
} as const;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  sick: buildScene(SICK),
  /** Lengths of many kinds, but the same kinds all along. */
  healthy: buildScene({
    ...SICK,
    lines: { ...SICK.lines, ...WELL, 'prompt-tokens': '1000', 'prefix-cache-queries': '1000' },
    histograms: {
      ...SICK.histograms,
      ttft: '0.1*2',
      itl: '0.026..0.03*290,0.088*10',
      'time-per-output-token': '0.03*2',
      e2e: '4.6*2',
      'queue-time': '0.01*2',
      'prefill-time': '0.09*2',
      'prompt-length': '100..300*0.6,300..700*0.9,700..1100*0.5',
      'step-tokens': '9..510*34',
    },
  }),
  /** The same trouble from four times as many requests of the usual lengths: overload. */
  lookAlike: buildScene({
    ...SICK,
    lines: {
      ...CALM,
      running: '9x59 14 22 32 40 44 48 50 ...',
      waiting: '0x59 1 3 8 14+6x56',
      'finished{stop}': '2x59 2.5 3.5 4.6 5 ...',
      'output-tokens': '300x59 375 525 690 750 ...',
      'prompt-tokens': '1000x59 1250 1750 2300 2500 ...',
      'prefix-cache-queries': '1000x59 1250 1750 2300 2500 ...',
    },
    histograms: {
      ...SICK.histograms,
      ttft: '0.1*2x59 0.2*2.5 0.6*3.5 2*4.6 6*5x9 15*5x19 40*5 ...',
      itl: '0.026..0.03*290,0.088*10x59 0.03..0.06*375 0.03..0.1*525 0.05..0.3*690 0.05..0.3*750 ...',
      'time-per-output-token': '0.03*2x59 0.04*2.5 0.055*3.5 0.09*4.6 0.12*5 ...',
      e2e: '4.6*2x59 6*2.5 8*3.5 14*4.6 25*5 ...',
      'queue-time': '0.01*2x59 0.1*2.5 0.4*3.5 1.6*4.6 5*5x9 14*5x19 38*5 ...',
      'prefill-time': '0.09*2x59 0.15*2.5 0.2*3.5 0.3*4.6 0.4*5 ...',
      'prompt-length': '400..600*2x59 400..600*2.5 400..600*3.5 400..600*4.6 400..600*5 ...',
      'output-length': '120..180*2x59 120..180*2.5 120..180*3.5 120..180*4.6 120..180*5 ...',
      'step-tokens': '9..510*34x59 14..1100*22 22..1600*14 32..2048*8 ...',
    },
  }),
  /** The longer prompts without the histogram of prompt lengths. */
  blind: buildScene({ ...SICK, histograms: { ...SICK.histograms, 'prompt-length': null } }),
};

/** Answers of 150 → 600 tokens from step 60 on, and a pool that held nine of the old ones: full, a queue, requests pushed out. */
const OUTGROWN = {
  ...SICK,
  lines: {
    ...CALM,
    running: '9x59 14 20 26 24 22 20 ...',
    waiting: '0x63 2+2x55',
    'kv-cache-usage': '0.3x59 0.5 0.7 0.9 0.98 ...',
    preemptions: '0x63 0.5 ...',
    'output-tokens': '300x59 400 500 600 700 ...',
    'prompt-tokens': '1000x59 800 ...',
    'prefix-cache-queries': '1000x59 800 ...',
    'finished{stop}': '2x59 1.6 ...',
  },
  histograms: {
    ...SICK.histograms,
    ttft: '0.1*2x62 2*1.6 6*1.6 10*1.6 20*1.6 ...',
    'prompt-length': '400..600*2x59 400..600*1.6 ...',
    'output-length': '120..180*2x59 400..800*1.6 ...',
  },
} satisfies SceneText;

export const VARIANTS: Record<'harmless' | 'shorter' | 'giants' | 'hangUps' | 'outgrown' | 'others', Evidence> = {
  outgrown: buildScene(OUTGROWN),
  /** As above, but the clients are others: two thirds of the requests, with prompts of 300 tokens. */
  others: buildScene({
    ...OUTGROWN,
    lines: { ...OUTGROWN.lines, 'finished{stop}': '2x59 0.9 ...' },
    histograms: {
      ...OUTGROWN.histograms,
      'prompt-length': '400..600*2x59 200..400*0.9 ...',
      'output-length': '120..180*2x59 400..800*0.9 ...',
    },
  }),
  /** Prompts grow three times longer and nobody feels it. */
  harmless: buildScene({
    ...SICK,
    lines: { ...SICK.lines, ...WELL },
    histograms: {
      ...SICK.histograms,
      ttft: '0.15*2',
      itl: '0.026..0.03*290,0.088*10',
      'time-per-output-token': '0.03*2',
      e2e: '4.6*2',
      'queue-time': '0.01*2',
      'prefill-time': '0.14*2',
    },
  }),
  /** Answers halve: lighter, and no harm. */
  shorter: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      ...WELL,
      'output-tokens': '300x59 150 ...',
      'prompt-tokens': '1000',
      'prefix-cache-queries': '1000',
    },
    histograms: {
      ...SICK.histograms,
      ttft: '0.1*2',
      itl: '0.026..0.03*290,0.088*10x59 0.026..0.03*145,0.088*5 ...',
      'time-per-output-token': '0.03*2',
      e2e: '4.6*2x59 2.3*2 ...',
      'queue-time': '0.01*2',
      'prefill-time': '0.09*2',
      'prompt-length': '400..600*2',
      'output-length': '120..180*2x59 60..90*2 ...',
      'step-tokens': '9..510*34',
    },
  }),
  /** One giant prompt among thirty: the mean moves, the mix does not. */
  giants: buildScene({
    ...SICK,
    lines: { ...SICK.lines, ...WELL, 'prompt-tokens': '1000x59 3000 ...' },
    histograms: { ...SICK.histograms, 'prompt-length': '400..600*2x59 400..600*1.93,30000*0.07 ...' },
  }),
  /** Two of three clients hang up: whoever stays asked for little, and nothing else is asked for than before. */
  hangUps: buildScene({
    ...SICK,
    lines: { ...SICK.lines, 'finished{stop}': '2x59 0.7 ...', 'prompt-tokens': '1000' },
    histograms: {
      ...SICK.histograms,
      'prompt-length': '400..600*2x59 400..600*0.7 ...',
      'output-length': '120..180*2x59 40..70*0.7 ...',
    },
  }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 60);
