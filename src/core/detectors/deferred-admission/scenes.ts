/**
 * One engine (25 ms a step and 0.125 ms a token) with 48 seats, 64,000 tokens of KV cache and room for three adapters in a step;
 * prompts of 400 tokens, answers of 150. One request is in service for 150 × 26 ms + 70 ms = 4 s. At 1.7 requests/s seven run.
 * From step 40 on the traffic asks for eight adapters: three of them carry five running requests, that is 1.25/s, and the other
 * 0.45/s pile up, skipped.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const ADAPTERS = { max_lora: '3', running_lora_adapters: 'a0,a4,a6', waiting_lora_adapters: 'a1,a2,a6' };

const SICK = {
  lines: {
    running: '7x19 6x4 8x4 7x9 6 5 5x9 4x4 6x4 5 ...',
    waiting: '0x39 1 3+2.25x38',
    'waiting-by-reason{deferred}': '0x39 1 3+2.25x38',
    'waiting-by-reason{capacity}': '0',
    'kv-cache-usage': '0.05x39 0.04 0.035 ...',
    preemptions: '0',
    'finished{stop}': '1.7x39 1.6 1.5 1.3 1.25 ...',
    'output-tokens': '255x39 240 215 195 188 ...',
    'prompt-tokens': '680x39 640 560 510 500 ...',
    'prefix-cache-queries': '680x39 640 560 510 500 ...',
    'prefix-cache-hits': '0',
  },
  histograms: {
    ttft: '0.09*1.7x39 0.09*1.5 0.09*1 0.09*0.6,5*0.65x9 0.09*0.6,15*0.65x9 0.09*0.6,28*0.65 ...',
    itl: '0.025..0.027*245,0.07*8x39 0.025..0.027*180,0.07*6 ...',
    'time-per-output-token': '0.0265*1.7x39 0.026*1.5 0.026*1.25 ...',
    e2e: '4.1*1.7x39 4.1*1.5 6*1.25x9 12*1.25x9 18*1.25 ...',
    'queue-time': '0.01*1.7x39 0.01*1.5 2*1.25x9 7*1.25x9 14*1.25 ...',
    'prefill-time': '0.07*1.7x39 0.07*1.25 ...',
    'prompt-length': '300..500*1.7x39 300..500*1.25 ...',
    'output-length': '120..180*1.7x39 120..180*1.25 ...',
    'step-tokens': '6..410*37x39 5..410*37 ...',
  },
  labels: {
    'cache-config': { block_size: '16', num_gpu_blocks: '4000', enable_prefix_caching: 'True' },
    'lora-adapters': ADAPTERS,
  },
} satisfies SceneText;

const { 'lora-adapters': _, ...BASE_ONLY } = SICK.labels;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** Eight adapters asked for, three fit. */
  sick: buildScene(SICK),
  /** Three adapters of three; now and then a request is skipped while its adapter is loaded. */
  healthy: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      running: '7x19 6x4 8x4 7x19 6x9 8x4 7 ...',
      waiting: '0x19 1x1 0x29 2x1 0x23 1 0',
      'waiting-by-reason{deferred}': '0x19 1x1 0x29 2x1 0x23 1 0',
      'kv-cache-usage': '0.05',
      'finished{stop}': '1.7',
      'output-tokens': '255',
      'prompt-tokens': '680',
      'prefix-cache-queries': '680',
    },
    histograms: {
      ttft: '0.09*1.7',
      itl: '0.025..0.027*245,0.07*8',
      'time-per-output-token': '0.0265*1.7',
      e2e: '4.1*1.7',
      'queue-time': '0.01*1.7',
      'prefill-time': '0.07*1.7',
      'prompt-length': '300..500*1.7',
      'output-length': '120..180*1.7',
      'step-tokens': '6..410*37',
    },
    labels: { ...SICK.labels, 'lora-adapters': { ...ADAPTERS, waiting_lora_adapters: '' } },
  }),
  /**
   * A queue that is called deferred, too: all of it was skipped once for its grammar, and stays so called until admitted. But
   * 16,000 tokens hold five prompts of 3,000, and the next does not fit. KV-bound queueing.
   */
  lookAlike: buildScene({
    lines: {
      running: '1x39 3 4 4x9 5 4x9 4x4 5 4x9 4 4',
      waiting: '0x39 1 3+3.2x39',
      'waiting-by-reason{deferred}': '0x39 1 3+3.2x39',
      'waiting-by-reason{capacity}': '0',
      'kv-cache-usage': '0.22x39 0.6 0.92 0.93x9 0.97 0.93x9 0.92x4 0.95 0.93x9 0.93 0.93',
      preemptions: '0',
      'finished{stop}': '0.5x39 0.7 0.9 1.1 1.25 ...',
      'output-tokens': '30x39 45 60 70 75 ...',
      'prompt-tokens': '1500x39 2200 3000 3500 3750 ...',
      'prefix-cache-queries': '1500x39 2200 3000 3500 3750 ...',
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: '0.42*0.5x39 0.6*0.8 1.5*1 4*1.25x6 12*1.25x9 24*1.25x9 36*1.25 ...',
      itl: '0.025..0.03*28,0.25*0.3x39 0.03..0.05*60 0.03..0.05*74,0.28*2 ...',
      'time-per-output-token': '0.03*0.5x39 0.05*0.9 0.055*1.25 ...',
      'queue-time': '0.01*0.5x39 0.3*0.7 1*0.9 4*1.25x6 12*1.25x9 24*1.25 ...',
      'prefill-time': '0.4*0.5x39 0.4*0.8 0.42*1.25 ...',
      'prompt-length': '2800..3200*0.5x39 2800..3200*0.8 2800..3200*1.25 ...',
      'output-length': '40..80*0.5x39 40..80*0.8 40..80*1.25 ...',
      'step-tokens': '2..2048*16 ...',
    },
    labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '1000', enable_prefix_caching: 'True' } },
    knobs: { 'max-num-seqs': 64 },
  }),
  /** The skipped queue on a build that does not split it, and without the names of adapters. */
  blind: buildScene({
    ...SICK,
    lines: { ...SICK.lines, 'waiting-by-reason{deferred}': null, 'waiting-by-reason{capacity}': null },
    labels: BASE_ONLY,
  }),
};

export const VARIANTS: Record<'grammar' | 'unsplit' | 'minute' | 'stored' | 'recurring', Evidence> = {
  /** No adapters: each request brings a JSON schema of its own, and the compiler is the bottleneck. */
  grammar: buildScene({ ...SICK, labels: BASE_ONLY, knobs: { 'max-num-seqs': 48 } }),
  /** A build before 0.20: the queue is not split, but the names of adapters say it. */
  unsplit: buildScene({
    ...SICK,
    lines: { ...SICK.lines, 'waiting-by-reason{deferred}': null, 'waiting-by-reason{capacity}': null },
  }),
  /** Scraped once a minute. */
  minute: buildScene({
    ...SICK,
    step: 60,
    lines: {
      ...SICK.lines,
      waiting: '0x39 12 38+27x38',
      'waiting-by-reason{deferred}': '0x39 12 38+27x38',
    },
  }),
  /** The same with KV that is kept outside the GPU: its loads are told apart, and none of the skipped waits for one. */
  stored: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      'kv-fetch-stage{waiting_to_start}': '0',
      'kv-fetch-stage{in_progress}': '0x29 1x1 0 ...',
      'kv-fetch-stage{completed_waiting}': '0',
    },
  }),
  /** Mild: now and then one or two wait for an adapter to leave, 0.5 on average, that is 0.3 s of each request. */
  recurring: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      running: '7x19 6x4 8x4 7x9 6 7 6x9 7x9 6x9 7x7',
      waiting: '0x39 1 2 0 0 1 0 1 2 0 0 1 1 0 0 2 1 0 0 1 0 0 2 1 0 0 1 0 2 0 0 1 1 0 0 2 0 1 0 0 1',
      'waiting-by-reason{deferred}':
        '0x39 1 2 0 0 1 0 1 2 0 0 1 1 0 0 2 1 0 0 1 0 0 2 1 0 0 1 0 2 0 0 1 1 0 0 2 0 1 0 0 1',
      'kv-cache-usage': '0.05',
      'finished{stop}': '1.7',
      'output-tokens': '255',
      'prompt-tokens': '680',
      'prefix-cache-queries': '680',
    },
    histograms: {
      ttft: '0.09*1.7x39 0.09*1.3,1.2*0.4 ...',
      itl: '0.025..0.027*245,0.07*8',
      'time-per-output-token': '0.0265*1.7',
      e2e: '4.1*1.7x39 4.4*1.7 ...',
      'queue-time': '0.01*1.7x39 0.3*1.7 ...',
      'prefill-time': '0.07*1.7',
      'prompt-length': '300..500*1.7',
      'output-length': '120..180*1.7',
      'step-tokens': '6..410*37',
    },
  }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);
