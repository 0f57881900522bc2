/**
 * A working day of seven hours at one sample a minute. Prompts of 500 tokens, answers of 150, 27 ms a token: one request a
 * second keeps 4.2 running.
 */
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const SICK = {
  step: 60,
  replicas: ['vllm-0', 'vllm-1', 'vllm-2', 'vllm-3'],
  lines: {
    running: '0x59 1x119 2x119 1 ...',
    waiting: '0x419',
    'kv-cache-usage': '0x59 0.009x119 0.018x119 0.009 ...',
    preemptions: '0',
    'finished{stop}': '0x59 0.25x119 0.5x119 0.25 ...',
    'output-tokens': '0x59 38x119 75x119 38 ...',
    'prompt-tokens': '0x59 125x119 250x119 125 ...',
    'prefix-cache-queries': '0x59 125x119 250x119 125 ...',
    'prefix-cache-hits': '0',
  },
  histograms: {
    ttft: '-x59 0.09*0.25x119 0.09*0.5x119 0.09*0.25 ...',
    itl: '-x59 0.025..0.028*38x119 0.025..0.028*75x119 0.025..0.028*38 ...',
    'time-per-output-token': '-x59 0.0265*0.25x119 0.0265*0.5x119 0.0265*0.25 ...',
    e2e: '-x59 4*0.25x119 4*0.5x119 4*0.25 ...',
    'prefill-time': '-x59 0.08*0.25x119 0.08*0.5x119 0.08*0.25 ...',
    'step-tokens': '-x59 1*37x119 2*37x119 1*37 ...',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '4000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 64 },
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** Four replicas that never run more than two requests of 64 seats each. */
  sick: buildScene(SICK),
  /** One replica that reaches half its seats in the afternoon: 5 requests/s, 32 running at 42 ms a token. */
  healthy: buildScene({
    step: 60,
    lines: {
      running: '4x119 15x119 32x119 15 ...',
      waiting: '0x419',
      'kv-cache-usage': '0.04x119 0.14x119 0.29x119 0.14 ...',
      preemptions: '0',
      'finished{stop}': '1x119 3x119 5x119 3 ...',
      'output-tokens': '150x119 450x119 750x119 450 ...',
      'prompt-tokens': '500x119 1500x119 2500x119 1500 ...',
    },
    histograms: {
      ttft: '0.09*1x119 0.11*3x119 0.14*5x119 0.11*3 ...',
      itl: '0.025..0.03*150x119 0.03..0.036*450x119 0.036..0.048*750x119 0.03..0.036*450 ...',
      'time-per-output-token': '0.027*1x119 0.033*3x119 0.042*5x119 0.033*3 ...',
      e2e: '4.2*1x119 5*3x119 6.4*5x119 5*3 ...',
      'step-tokens': '4..30*37x119 15..60*30x119 30..120*24x119 15..60*30 ...',
    },
    labels: SICK.labels,
    knobs: SICK.knobs,
  }),
  /** An idle GPU with a queue before it: four seats are allowed and all of them are taken for three hours. Seat ceiling. */
  lookAlike: buildScene({
    step: 60,
    lines: {
      running: '2x239 4 ...',
      waiting: '0x239 2+0.2x39 10 ...',
      'kv-cache-usage': '0.018x239 0.036 ...',
      preemptions: '0x419',
      'finished{stop}': '0.5x239 0.95 ...',
      'output-tokens': '75x239 143 ...',
      'prompt-tokens': '250x239 475 ...',
    },
    histograms: {
      ttft: '0.09*0.5x239 4*0.95x39 10*0.95 ...',
      itl: '0.025..0.028*75x239 0.026..0.029*143 ...',
      'time-per-output-token': '0.0265*0.5x239 0.027*0.95 ...',
      e2e: '4.2*0.5x239 8*0.95x39 14*0.95 ...',
      'queue-time': '0.01*0.5x239 4*0.95x39 10*0.95 ...',
      'prefill-time': '0.08*0.5x239 0.09*0.95 ...',
      'output-length': '150*0.5x239 150*0.95 ...',
      'step-tokens': '2..40*37x239 4..60*36 ...',
    },
    labels: SICK.labels,
    knobs: { 'max-num-seqs': 4 },
  }),
  /** The wasteful day without KV usage: how full the replicas were cannot be said. */
  blind: buildScene({ ...SICK, lines: { ...SICK.lines, 'kv-cache-usage': null } }),
};

/** Half an hour at one sample every 15 s on four replicas: half a request a second each, two of 64 seats. */
const HALF_HOUR = {
  ...SICK,
  step: 15,
  lines: {
    running: '2x39 1x39 2x39',
    waiting: '0',
    'kv-cache-usage': '0.018x39 0.009x39 0.018x39',
    preemptions: '0',
    'finished{stop}': '0.5x39 0.25x39 0.5x39',
    'output-tokens': '75x39 38x39 75x39',
    'prompt-tokens': '250x39 125x39 250x39',
  },
  histograms: {
    ttft: '0.09*0.5x39 0.09*0.25x39 0.09*0.5x39',
    itl: '0.025..0.028*75x39 0.025..0.028*38x39 0.025..0.028*75x39',
    'time-per-output-token': '0.0265*0.5x39 0.0265*0.25x39 0.0265*0.5x39',
    e2e: '4*0.5x39 4*0.25x39 4*0.5x39',
    'prefill-time': '0.08*0.5x39 0.08*0.25x39 0.08*0.5x39',
    'step-tokens': '2*37x39 1*37x39 2*37x39',
  },
} satisfies SceneText;

export const VARIANTS: Record<
  'halfHour' | 'climbing' | 'trickle' | 'idle' | 'reading' | 'burst' | 'passersBy',
  Evidence
> = {
  /** Clearly low all through the window a page opens with. */
  halfHour: buildScene(HALF_HOUR),
  /** The same load at the end of a climb: the peak is still to come. */
  climbing: buildScene({
    ...HALF_HOUR,
    lines: {
      ...HALF_HOUR.lines,
      running: '1x39 2x39 4x39',
      'kv-cache-usage': '0.009x39 0.018x39 0.036x39',
      'finished{stop}': '0.25x39 0.5x39 1x39',
      'output-tokens': '38x39 75x39 150x39',
      'prompt-tokens': '125x39 250x39 500x39',
    },
    histograms: { ...HALF_HOUR.histograms, itl: '0.025..0.028*38x39 0.025..0.028*75x39 0.025..0.028*150x39' },
  }),
  /** Nothing runs: idle, which is another sentence. */
  idle: buildScene({
    ...HALF_HOUR,
    lines: {
      ...HALF_HOUR.lines,
      running: '0',
      'kv-cache-usage': '0x119',
      'finished{stop}': '0',
      'output-tokens': '0',
      'prompt-tokens': '0',
    },
    histograms: { ttft: '-', itl: '-', 'step-tokens': '-' },
  }),
  /** Few run and little is held, but prompts of 16,000 tokens are being read 80 % of the time. */
  reading: buildScene({
    ...HALF_HOUR,
    lines: {
      ...HALF_HOUR.lines,
      running: '1x119',
      'finished{stop}': '0.25',
      'output-tokens': '2',
      'prompt-tokens': '4000',
      'kv-cache-usage': '0.12',
    },
    histograms: {
      ttft: '3.3*0.25',
      itl: '0.025..0.028*2',
      e2e: '3.6*0.25',
      'prefill-time': '3.2*0.25',
      'step-tokens': '2048*2',
    },
  }),
  /** Low, with a queue of 12 for a minute and a half: not short of work all the time. */
  burst: buildScene({
    ...HALF_HOUR,
    lines: { ...HALF_HOUR.lines, waiting: '0x59 12x5 0x53' },
  }),
  /** One request in passing, seen in seven of 120 scrapes. */
  passersBy: buildScene({
    ...HALF_HOUR,
    lines: { ...HALF_HOUR.lines, waiting: '0x14 1 0x15 1 0x15 1 0x15 1 0x15 1 0x15 1 0x15 1 0x1' },
  }),
  /** Half as much again at the end, and still next to nothing. */
  trickle: buildScene({
    ...HALF_HOUR,
    lines: {
      ...HALF_HOUR.lines,
      running: '1x79 2x39',
      'kv-cache-usage': '0.009x79 0.018x39',
      'finished{stop}': '0.25x79 0.4x39',
      'output-tokens': '38x79 60x39',
      'prompt-tokens': '125x79 200x39',
    },
    histograms: {
      ttft: '0.09*0.25x79 0.09*0.4x39',
      itl: '0.025..0.028*38x79 0.025..0.028*60x39',
      'prefill-time': '0.08*0.25x79 0.08*0.4x39',
      'step-tokens': '1*37x79 2*37x39',
    },
  }),
};
