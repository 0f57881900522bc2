/**
 * Prompts of 2,000 tokens, 1,600 of them the same system prompt, answers of 100 tokens, 3 requests/s. Were the prefix cached,
 * 1,200 prompt tokens/s would be computed (33 ms a step); as it is, 5,700 are, a step takes 100 ms and 31 run.
 */
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const SICK = {
  lines: {
    running: '31x19 30x9 32x9 31 ...',
    waiting: '1x8 2x1 1x7 0 1x9 2 1x9 0x1 1x9 2x1 1x8',
    'kv-cache-usage': '0.25',
    preemptions: '0',
    'finished{stop}': '3',
    'output-tokens': '300',
    'prompt-tokens': '6000',
    'prefix-cache-queries': '6000',
    'prefix-cache-hits': '300',
  },
  histograms: {
    ttft: '0.3..0.9*3',
    itl: '0.03..0.17*300',
    'time-per-output-token': '0.09..0.11*3',
    e2e: '10.5*3',
    'queue-time': '0.33*3',
    'prefill-time': '0.27*3',
    'prompt-length': '1800..2200*3',
    'output-length': '80..120*3',
    'step-tokens': '30..2048*10',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '16000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 128, 'shared-prefix-tokens': 1600 },
} satisfies SceneText;

const HEALTHY = {
  ...SICK,
  lines: {
    ...SICK.lines,
    running: '10x19 11x9 10 ...',
    waiting: '0x69',
    'kv-cache-usage': '0.08',
    'prefix-cache-hits': '4680',
  },
  histograms: {
    ...SICK.histograms,
    ttft: '0.08..0.15*3',
    itl: '0.026..0.04*290,0.08*10',
    'time-per-output-token': '0.034*3',
    e2e: '3.5*3',
    'queue-time': '0.01*3',
    'prefill-time': '0.08*3',
    'step-tokens': '10..450*29',
  },
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** A date before the system prompt: 5 % of prompt tokens come from the cache where 80 % could. */
  sick: buildScene(SICK),
  /** The same traffic with the date last: 78 % of prompt tokens come from the cache. */
  healthy: buildScene(HEALTHY),
  /**
   * Late first tokens with caching on, the textbook's symptom; but 78 % of prompt tokens do come from the cache. At 20 requests/s
   * the rest is still more than the engine can do: overload.
   */
  lookAlike: buildScene({
    ...HEALTHY,
    lines: {
      ...HEALTHY.lines,
      running: '10x39 40 80 120 140 ...',
      waiting: '0x40 15+30x38',
      'kv-cache-usage': '0.08x39 0.3 0.5 0.6 0.7 ...',
      'finished{stop}': '3x39 6 9 12 13.5 ...',
      'output-tokens': '300x39 600 900 1200 1350 ...',
      'prompt-tokens': '6000x39 12000 18000 24000 27000 ...',
      'prefix-cache-queries': '6000x39 12000 18000 24000 27000 ...',
      'prefix-cache-hits': '4680x39 9360 14040 18720 21060 ...',
    },
    histograms: {
      ...HEALTHY.histograms,
      ttft: '0.1*3x39 0.4*6 1.5*9 3*12 6*13.5x9 15*13.5x9 28*13.5 ...',
      itl: '0.026..0.04*300x39 0.08..0.1*600 0.09..0.12*900 0.1..0.11*1200 0.1..0.11*1350 ...',
      'time-per-output-token': '0.034*3x39 0.08*8x3 0.104*13.5 ...',
      e2e: '3.5*3x39 8*8x3 20*13.5x12 35*13.5 ...',
      'queue-time': '0.01*3x39 0.4*8x3 5*13.5x9 15*13.5 ...',
      'prefill-time': '0.08*3x39 0.11*8x3 0.11*13.5 ...',
      'prompt-length': '1800..2200*3x39 1800..2200*8x3 1800..2200*13.5 ...',
      'output-length': '80..120*3x39 80..120*8x3 80..120*13.5 ...',
      'step-tokens': '10..450*29x39 300..700*12x3 600..680*9.6 ...',
    },
    knobs: { 'max-num-seqs': 256, 'shared-prefix-tokens': 1600, 'max-num-batched-tokens': 640 },
  }),
  /** The slow engine without the counter of hits. */
  blind: buildScene({ ...SICK, lines: { ...SICK.lines, 'prefix-cache-hits': null } }),
};

export const VARIANTS: Record<
  'scattered' | 'off' | 'offUndeclared' | 'untold' | 'skipped' | 'coarse' | 'tiny' | 'evicted',
  Evidence
> = {
  /** Three replicas; one keeps its conversations and finds 75 % of their tokens, two get them at random and find 10 %. */
  scattered: buildScene({
    ...SICK,
    replicas: ['vllm-0', 'vllm-1', 'vllm-2'],
    lines: {
      ...SICK.lines,
      running: '30',
      'running@vllm-0': '11',
      waiting: '0x69',
      'prefix-cache-hits': '600',
      'prefix-cache-hits@vllm-0': '4500',
    },
    histograms: {
      ...SICK.histograms,
      'queue-time': '0.1*3',
      'ttft@vllm-0': '0.08..0.15*3',
      'itl@vllm-0': '0.026..0.042*290,0.09*10',
      'time-per-output-token@vllm-0': '0.036*3',
      'prefill-time@vllm-0': '0.09*3',
      'queue-time@vllm-0': '0.01*3',
      'e2e@vllm-0': '3.7*3',
      'step-tokens@vllm-0': '10..550*28',
    },
    knobs: { 'max-num-seqs': 128 },
  }),
  /** Caching switched off: nothing is looked up, so both counters stand still. */
  off: buildScene({
    ...SICK,
    lines: { ...SICK.lines, 'prefix-cache-queries': '0', 'prefix-cache-hits': '0' },
    labels: { 'cache-config': { ...SICK.labels['cache-config'], enable_prefix_caching: 'False' } },
  }),
  /** The same, and nobody told what prompts share. */
  offUndeclared: buildScene({
    ...SICK,
    lines: { ...SICK.lines, 'prefix-cache-queries': '0', 'prefix-cache-hits': '0' },
    labels: { 'cache-config': { ...SICK.labels['cache-config'], enable_prefix_caching: 'False' } },
    knobs: { 'max-num-seqs': 128 },
  }),
  /** A low hit rate, and nobody told whether prompts share anything. */
  untold: buildScene({ ...SICK, knobs: { 'max-num-seqs': 128 } }),
  /** Caching on, and nearly nothing looked up: requests ask for log-probabilities of their prompts. */
  skipped: buildScene({ ...SICK, lines: { ...SICK.lines, 'prefix-cache-queries': '20', 'prefix-cache-hits': '0' } }),
  /** A hybrid model with blocks of 2,112 tokens: the 1,600 that prompts share fill none. */
  coarse: buildScene({
    ...SICK,
    lines: { ...SICK.lines, 'prefix-cache-hits': '0' },
    labels: { 'cache-config': { block_size: '2112', num_gpu_blocks: '122', enable_prefix_caching: 'True' } },
  }),
  /** A classifier: prompts of 10 tokens, less than a block. */
  tiny: buildScene({
    ...HEALTHY,
    lines: {
      ...HEALTHY.lines,
      'prompt-tokens': '30',
      'prefix-cache-queries': '30',
      'prefix-cache-hits': '0',
    },
    histograms: { ...HEALTHY.histograms, 'prompt-length': '6..10*3' },
    knobs: { 'max-num-seqs': 128 },
  }),
  /** A pool so full that an unused prefix is gone after 15,000 × 0.1 ÷ 6,000 s of writing: less than a second. */
  evicted: buildScene({
    ...SICK,
    lines: { ...SICK.lines, 'kv-cache-usage': '0.9' },
    labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '4500', enable_prefix_caching: 'True' } },
  }),
};
