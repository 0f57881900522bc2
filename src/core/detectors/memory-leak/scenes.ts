/**
 * Seven hours at one sample a minute: 50 minutes of work at one request a second (4 running), then 10 minutes of rest, seven
 * times. Three leaks that have nothing to do with each other.
 */
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const CALM = {
  step: 60,
  lines: {
    running: '4x49 0x9 4x49 0x9 4x49 0x9 4x49 0x9 4x49 0x9 4x49 0x9 4x49 0x9',
    waiting: '0',
    'kv-cache-usage': '0.04x49 0x9 0.04x49 0x9 0.04x49 0x9 0.04x49 0x9 0.04x49 0x9 0.04x49 0x9 0.04x49 0x9',
    preemptions: '0',
    'finished{stop}': '1x49 0x9 1x49 0x9 1x49 0x9 1x49 0x9 1x49 0x9 1x49 0x9 1x49 0x9',
    'output-tokens': '150x49 0x9 150x49 0x9 150x49 0x9 150x49 0x9 150x49 0x9 150x49 0x9 150x49 0x9',
    'prompt-tokens': '500x49 0x9 500x49 0x9 500x49 0x9 500x49 0x9 500x49 0x9 500x49 0x9 500x49 0x9',
    'process-memory': '8.1e9+1e6x9 8.11e9-1e6x9 8.1e9x199 8.11e9x99 8.1e9 ...',
    'gpu-memory-used': '7.2e10',
  },
  histograms: {
    ttft: '0.09*1x49 -x9 0.09*1x49 -x9 0.09*1x49 -x9 0.09*1x49 -x9 0.09*1x49 -x9 0.09*1x49 -x9 0.09*1x49 -x9',
    itl: '0.025..0.03*150x49 -x9 0.025..0.03*150x49 -x9 0.025..0.03*150x49 -x9 0.025..0.03*150x49 -x9 0.025..0.03*150x49 -x9 0.025..0.03*150x49 -x9 0.025..0.03*150x49 -x9',
    'step-tokens':
      '4..30*37x49 -x9 4..30*37x49 -x9 4..30*37x49 -x9 4..30*37x49 -x9 4..30*37x49 -x9 4..30*37x49 -x9 4..30*37x49 -x9',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '4000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 64 },
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** KV blocks: at every rest the pool holds two or three points more than at the one before, with nothing running. */
  sick: buildScene({
    ...CALM,
    lines: {
      ...CALM.lines,
      'kv-cache-usage':
        '0.04x49 0.02x9 0.06x49 0.045x9 0.085x49 0.07x9 0.11x49 0.1x9 0.14x49 0.12x9 0.16x49 0.15x9 0.19x49 0.17x9',
    },
  }),
  /** Process memory goes up and down by a thousandth, GPU memory stands still, KV usage returns to 0 at every rest. */
  healthy: buildScene(CALM),
  /** KV usage climbs in the last hour and stays up, as a leak would; but requests hold it, and newcomers wait for blocks. */
  lookAlike: buildScene({
    ...CALM,
    lines: {
      ...CALM.lines,
      running: '1x49 0x9 1x49 0x9 1x49 0x9 1x49 0x9 1x49 0x9 1x49 0x9 4x59',
      waiting: '0x359 1+1x59',
      'kv-cache-usage': '0.22x49 0x9 0.22x49 0x9 0.22x49 0x9 0.22x49 0x9 0.22x49 0x9 0.22x49 0x9 0.77x59',
      'finished{stop}': '0.5x49 0x9 0.5x49 0x9 0.5x49 0x9 0.5x49 0x9 0.5x49 0x9 0.5x49 0x9 1.25x59',
      'output-tokens': '30x49 0x9 30x49 0x9 30x49 0x9 30x49 0x9 30x49 0x9 30x49 0x9 75x59',
      'prompt-tokens': '1500x49 0x9 1500x49 0x9 1500x49 0x9 1500x49 0x9 1500x49 0x9 1500x49 0x9 3750x59',
    },
    histograms: {
      ttft: '0.42*0.5x49 -x9 0.42*0.5x49 -x9 0.42*0.5x49 -x9 0.42*0.5x49 -x9 0.42*0.5x49 -x9 0.42*0.5x49 -x9 10*1.25x29 35*1.25x29',
      itl: '0.031*30x49 -x9 0.031*30x49 -x9 0.031*30x49 -x9 0.031*30x49 -x9 0.031*30x49 -x9 0.031*30x49 -x9 0.048*75x59',
      'step-tokens':
        '1..2048*32x49 -x9 1..2048*32x49 -x9 1..2048*32x49 -x9 1..2048*32x49 -x9 1..2048*32x49 -x9 1..2048*32x49 -x9 4..2048*21x59',
    },
    labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '1000', enable_prefix_caching: 'True' } },
  }),
  /** The leaking replica without KV usage. */
  blind: buildScene({ ...CALM, lines: { ...CALM.lines, 'kv-cache-usage': null } }),
};

/**
 * Half an hour at one sample every 15 s, never at rest: prompts of 500 and answers of 200 tokens at 45 ms, two requests a
 * second, so 18 run (9 s each) and hold 18 × (500 + 100 + 8) = 10,944 of 64,000 tokens.
 */
const BUSY = {
  step: 15,
  lines: {
    running: '18',
    waiting: '0',
    'kv-cache-usage': '0.171x120',
    preemptions: '0',
    'finished{stop}': '2',
    'output-tokens': '400',
    'prompt-tokens': '1000',
    'container-memory': '1.2e10',
    'container-memory-limit': '2.4e10',
    'gpu-memory-used': '7.2e10',
    'process-start': '1799900000',
  },
  histograms: {
    ttft: '0.09*2',
    itl: '0.04..0.05*400',
    'time-per-output-token': '0.045*2',
    e2e: '9.1*2',
    'prompt-length': '500*2',
    'output-length': '200*2',
    'step-tokens': '18..40*22',
  },
  labels: {
    'cache-config': {
      block_size: '16',
      num_gpu_blocks: '4000',
      enable_prefix_caching: 'True',
      gpu_memory_utilization: '0.9',
    },
  },
  knobs: { 'max-num-seqs': 64 },
} satisfies SceneText;

/** What leaks in the busy half hour: 0.375 % of the pool a sample, that is 16 tokens a second. */
const LEAK = '0.171x40 0.17475+0.00375x79';

type Variant =
  | 'host'
  | 'gpu'
  | 'young'
  | 'rests'
  | 'parked'
  | 'released'
  | 'busy'
  | 'full'
  | 'two'
  | 'longerAnswers'
  | 'giant'
  | 'fastHost'
  | 'fastGpu'
  | 'filling'
  | 'morning'
  | 'sawtooth';

export const VARIANTS: Record<Variant, Evidence> = {
  /** Host memory: 1.2 MB a minute on 8.1 GB, a fifth of it a day. */
  host: buildScene({ ...CALM, lines: { ...CALM.lines, 'process-memory': '8.1e9+1.2e6x419' } }),
  /** GPU memory beside the pool: 1.5 MB a minute on 72 GB, 3 % a day. */
  gpu: buildScene({ ...CALM, lines: { ...CALM.lines, 'gpu-memory-used': '7.2e10+1.5e6x419' } }),
  /** The growing process half an hour after its start: 5.5 h remain after warm-up, too few for a trend. */
  young: buildScene({
    ...CALM,
    lines: { ...CALM.lines, 'process-memory': '8.1e9+1.2e6x419', 'process-start': '1799973060' },
  }),
  /** Half an hour with four rests: empty at the first, then 1, 2 and 3 % of the pool stay held. */
  rests: buildScene({ ...BUSY, ...resting('0 0.01 0.02 0.03') }),
  /** The same with a connector that parks the last requests of every burst: now more, now less. */
  parked: buildScene({
    ...BUSY,
    ...resting('0.012 0.02 0.019 0.02'),
    histograms: { ...resting('0 0 0 0').histograms, 'kv-transfer-time': '0.02*2' },
  }),
  /** 2 % held at two rests, and nothing at the last: blocks that come back did not leak. */
  released: buildScene({ ...BUSY, ...resting('0 0.02 0.02 0') }),
  /** Never at rest: from the tenth minute on 16 tokens a second stay held, at the same requests and lengths. */
  busy: buildScene({ ...BUSY, lines: { ...BUSY.lines, 'kv-cache-usage': LEAK } }),
  /** The end of it: the pool is full, fewer and fewer run, and newcomers wait for blocks. */
  full: buildScene({
    ...BUSY,
    lines: {
      ...BUSY.lines,
      running: '18x80 18-0.3x39',
      waiting: '0x80 2+8x39',
      'kv-cache-usage': '0.69+0.00375x80 1x39',
      'finished{stop}': '2x80 2-0.033x39',
      'output-tokens': '400x80 400-6.7x39',
      'prompt-tokens': '1000x80 1000-16.7x39',
    },
    histograms: {
      ttft: '0.09*2x80 12*1.69x19 60*1.03x19',
      itl: '0.04..0.05*400x80 0.04..0.05*333x19 0.04..0.05*200x19',
      'time-per-output-token': '0.045*2x80 0.045*1.69x19 0.045*1.03x19',
      e2e: '9.1*2x80 21*1.69x19 69*1.03x19',
      'prompt-length': '500*2x80 500*1.69x19 500*1.03x19',
      'output-length': '200*2x80 200*1.69x19 200*1.03x19',
      'step-tokens': '18..40*22x80 12..40*22x19 6..40*22x19',
    },
  }),
  /** Three replicas, two of them leak: the second twice as fast. */
  two: buildScene({
    ...BUSY,
    replicas: ['vllm-0', 'vllm-1', 'vllm-2'],
    lines: {
      ...BUSY.lines,
      'kv-cache-usage@vllm-1': '0.171x40 0.1785+0.0075x79',
      'kv-cache-usage@vllm-2': LEAK,
    },
  }),
  /**
   * Not a leak: from the tenth minute on answers have 8,000 tokens (6 min). Nine seats, so nine run as before and each holds
   * more with every step; none of the long ones has finished yet.
   */
  longerAnswers: buildScene({
    ...BUSY,
    lines: {
      ...BUSY.lines,
      running: '9',
      waiting: '0x40 3+3.7x22',
      'kv-cache-usage': '0.085x40 0.15+0.045x15 0.87x6',
      'finished{stop}': '1x40 0.3 0x21',
      'output-tokens': '200',
      'prompt-tokens': '500x40 100 0x21',
    },
    histograms: {
      ...BUSY.histograms,
      ttft: '0.09*1x40 0.2*0.3 -x21',
      itl: '0.04..0.05*200',
      'time-per-output-token': '0.045*1x40 0.045*0.3 -x21',
      e2e: '9.1*1x40 9.1*0.3 -x21',
      'prompt-length': '500*1x40 500*0.3 -x21',
      'output-length': '200*1x40 200*0.3 -x21',
      'step-tokens': '9..40*22',
    },
  }),
  /** Not a leak: one prompt of 20,000 tokens in the middle, which then writes 25 tokens a second. */
  giant: buildScene({
    ...BUSY,
    lines: {
      ...BUSY.lines,
      running: '18x60 19 ...',
      'kv-cache-usage': '0.171x60 0.33 0.484+0.0059x58',
      'output-tokens': '400x61 425 ...',
      'prompt-tokens': '1000x60 1670x1 1000 ...',
    },
  }),
  /** The container gains 60 MB a minute, 12 GB below its limit: 3 h left. */
  fastHost: buildScene({ ...BUSY, lines: { ...BUSY.lines, 'container-memory': '1.2e10+1.5e7x120' } }),
  /** GPU memory beside the pool gains 30 MB a minute on 72 of 80 GB. */
  fastGpu: buildScene({ ...BUSY, lines: { ...BUSY.lines, 'gpu-memory-used': '7.2e10+7.5e6x120' } }),
  /** Not a leak: the same rise that bends, as a cache does that fills. */
  filling: buildScene({
    ...BUSY,
    lines: {
      ...BUSY.lines,
      'process-start': null,
      'container-memory': '1.2e10+3e7x29 1.29e10+1.4e7x29 1.333e10+6e6x29 1.351e10+2e6x30',
    },
  }),
  /** Not a leak: memory follows the traffic of a morning. */
  morning: buildScene({
    ...BUSY,
    lines: {
      ...BUSY.lines,
      running: '18+0.4x120',
      'kv-cache-usage': '0.171+0.0038x120',
      'finished{stop}': '2+0.044x120',
      'output-tokens': '400+8.8x120',
      'prompt-tokens': '1000+22x120',
      'container-memory': '1.2e10+1.5e7x120',
    },
  }),
  /** An hour in which the container climbs to its 16 GB twice, is killed for it, and climbs again. */
  sawtooth: buildScene({
    ...BUSY,
    step: 30,
    lines: {
      ...BUSY.lines,
      'kv-cache-usage': '0.171',
      'container-memory': '1e10+1.25e8x46 _x2 1e10+1.25e8x46 _x2 1e10+1.25e8x20',
      'container-memory-limit': '1.6e10',
      'process-start': '1799990000x46 _x2 1799997900x46 _x2 1799999370x20',
      'container-last-end{OOMKilled}': '0x46 _x2 1 ...',
    },
  }),
};

/** The busy half hour in four parts of five minutes of work and two and a half of rest, with what stays held at each rest. */
function resting(held: string): Required<Pick<SceneText, 'lines' | 'histograms'>> {
  const levels = held.split(' ').map(Number);
  const parts = (work: string, rest: (level: number) => string) =>
    levels.map((level) => `${work}x19 ${rest(level)}x9`).join(' ');
  const rate = (text: string) => parts(text, () => '0');
  const observed = (text: string) => parts(text, () => '-');
  return {
    lines: {
      ...BUSY.lines,
      running: rate('18'),
      'kv-cache-usage': levels.map((level, k) => `${0.171 + (levels[k - 1] ?? 0)}x19 ${level}x9`).join(' '),
      'finished{stop}': rate('2'),
      'output-tokens': rate('400'),
      'prompt-tokens': rate('1000'),
    },
    histograms: {
      ttft: observed('0.09*2'),
      itl: observed('0.04..0.05*400'),
      'time-per-output-token': observed('0.045*2'),
      e2e: observed('9.1*2'),
      'prompt-length': observed('500*2'),
      'output-length': observed('200*2'),
      'step-tokens': observed('18..40*22'),
    },
  };
}

/** Unix seconds at which blocks began to stay held in `busy`. */
export const ONSET = 1_800_000_000 - 80 * 15;
