/**
 * Two replicas under calm chat traffic behind one balancer (prompts of 500 tokens, answers of 150, one request a second each,
 * 4 or 5 running), scraped every 5 s. A killed process refuses its scrapes within a millisecond until it is back.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const BEGAN = 1_799_990_000;

const CALM = {
  replicas: ['vllm-0', 'vllm-1'],
  lines: {
    running: '4x19 5x9 4x9 3x4 4 ...',
    waiting: '0x75',
    'kv-cache-usage': '0.04',
    preemptions: '0',
    'finished{stop}': '1',
    'output-tokens': '150',
    'prompt-tokens': '500',
    'prefix-cache-queries': '500',
    'prefix-cache-hits': '0',
    'process-start': String(BEGAN),
  },
  histograms: {
    ttft: '0.1*1',
    itl: '0.025..0.03*146,0.088*4',
    'time-per-output-token': '0.027*1',
    e2e: '4.2*1',
    'queue-time': '0.01*1',
    'prefill-time': '0.09*1',
    'prompt-length': '400..600*1',
    'output-length': '120..180*1',
    'step-tokens': '4..510*37',
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

const with_ = (lines: Readonly<Record<string, string | null>>, more: Partial<SceneText> = {}): Evidence =>
  buildScene({ ...CALM, ...more, lines: { ...CALM.lines, ...lines } });

/** vllm-1 is killed at step 40 with 4 requests on it and back at step 51 with a new start time. */
const KILLED = {
  'up@vllm-1': '1x39 0x10 1 ...',
  'scrape-duration@vllm-1': '0.01x39 0.0009x10 0.02 ...',
  'process-start@vllm-1': `${BEGAN}x50 1799999870 ...`,
  'running@vllm-1': '4x19 5x9 4x9 4 _x11 2 4 5 4 ...',
};

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  sick: with_(KILLED),
  /** A restart as it should be: taken out of rotation at step 33, empty from step 38 on, restarted, taken back. The twin carries both. */
  healthy: with_({
    ...KILLED,
    'running@vllm-0': '4x19 5x9 4x2 5 6 7 8x21 7 5 4 ...',
    'running@vllm-1': '4x19 5x9 4x2 3 2 1 1 0 0 0 _x11 0 2 4 4 ...',
  }),
  /** The scrapes of vllm-1 run into their time-out instead: hung, or cut off; not gone. */
  lookAlike: with_({ 'up@vllm-1': '1x39 0 ...', 'scrape-duration@vllm-1': '0.01x39 4.9 ...' }),
  /** Neither `up` nor a start time: samples of vllm-1 stop, and that is all. */
  blind: with_({ up: null, 'scrape-duration': null, 'process-start': null, 'sample-age@vllm-1': '1x39 6+5x35' }),
};

export const VARIANTS: Record<
  'down' | 'alone' | 'loop' | 'oom' | 'rollout' | 'severalServers' | 'leftEmpty' | 'minuteScrapes' | 'everyTarget',
  Evidence
> = {
  /** Killed 20 s ago and not back. */
  down: with_({
    'up@vllm-1': '1x70 0 ...',
    'scrape-duration@vllm-1': '0.01x70 0.0009 ...',
  }),
  /** The only replica, killed 20 s ago: nobody is seen, and still it is known why. */
  alone: with_({ up: '1x70 0 ...', 'scrape-duration': '0.01x70 0.0009 ...' }, { replicas: ['vllm-0'] }),
  /** Three times, 17 steps apart, each with work on it. */
  loop: with_({
    'up@vllm-1': '1x19 0x8 1x6 0x8 1x6 0x8 1 ...',
    'scrape-duration@vllm-1': '0.01x19 0.0009x8 0.02x6 0.0009x8 0.02x6 0.0009x8 0.02 ...',
    'process-start@vllm-1': `${BEGAN}x28 1799999760x15 1799999840x15 1799999920 ...`,
    'running@vllm-1': '4x19 _x9 3 4x5 _x9 3 4x5 _x9 3 4 ...',
  }),
  /** kube-state-metrics and cAdvisor say why. */
  oom: with_({
    ...KILLED,
    'container-last-end{OOMKilled}@vllm-1': '0x50 1 ...',
    'container-memory@vllm-1': '60129542144x19 60129542144+429496729x20 30064771072 ...',
    'container-memory-limit@vllm-1': '68719476736',
  }),
  /** Both restarted once, one after the other, with work on them. */
  rollout: with_({
    ...KILLED,
    'up@vllm-0': '1x19 0x10 1 ...',
    'scrape-duration@vllm-0': '0.01x19 0.0009x10 0.02 ...',
    'process-start@vllm-0': `${BEGAN}x30 1799999770 ...`,
    'running@vllm-0': '4x19 _x11 3 4 ...',
  }),
  /** Several API servers behind the port: no start time. */
  severalServers: with_({ ...KILLED, 'process-start@vllm-1': null, 'process-start': null }),
  /** Away and refused, but drained before. */
  leftEmpty: with_({
    'up@vllm-1': '1x60 0 ...',
    'scrape-duration@vllm-1': '0.01x60 0.0009 ...',
    'running@vllm-1': '4x49 3 2 1 0 ...',
    'running@vllm-0': '4x49 5 6 7 8 ...',
  }),
  /** The sick one scraped once a minute: one scrape fails, and the start time tells the rest. */
  minuteScrapes: with_(
    {
      running: '4x19 5x4 4x9',
      waiting: '0',
      'up@vllm-1': '1x29 0 1 ...',
      'scrape-duration@vllm-1': '0.01x29 0.0009 0.02 ...',
      'process-start@vllm-1': `${BEGAN}x30 1799999750 ...`,
      'running@vllm-1': '4x29 _ 4 ...',
    },
    { step: 60, window: 240 },
  ),
  /** Both refuse from one scrape to the next: a token, a policy, a route; or both. */
  everyTarget: with_({ up: '1x60 0 ...', 'scrape-duration': '0.01x60 0.0009 ...' }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);
