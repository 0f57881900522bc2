/**
 * A decode engine (25 ms a step and 0.125 ms a token) of a disaggregated pair: prompts of 3,000 tokens arrive as KV of 390 MB in
 * 50 ms, answers have 200 tokens. At 3 requests/s 3 × 200 × 27 ms = 16 run. From step 40 on transfers fall back to TCP: together
 * they move 470 MB/s, that is 1.2 requests/s; each takes 6 s beside its neighbours, six run, and 1.8/s more are parked.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const BYTES = {
  bounds: [2 ** 11, 2 ** 19, 2 ** 27, 2 ** 29, 2 ** 31, 2 ** 33],
  series: '390000000*3x39 390000000*2 390000000*1.2 ...',
};

const CALM = {
  lines: {
    running: '16x19 15x9 17x9 16 ...',
    waiting: '0x19 1x1 0x19 1 0x19 1 0 ...',
    'waiting-by-reason{deferred}': '0x19 1x1 0x19 1 0x19 1 0 ...',
    'waiting-by-reason{capacity}': '0',
    'kv-fetch-stage{waiting_to_start}': '0',
    'kv-fetch-stage{in_progress}': '0x19 1x1 0x19 1 0x19 1 0 ...',
    'kv-fetch-stage{completed_waiting}': '0',
    'kv-cache-usage': '0.4',
    preemptions: '0',
    'finished{stop}': '3',
    'output-tokens': '600',
    'prompt-tokens': '9000',
    'computed-prompt-tokens': '3',
    'prefix-cache-queries': '0',
    'prefix-cache-hits': '0',
    'kv-transfer-failures': '0x79',
    'kv-transfer-expired': '0',
  },
  histograms: {
    ttft: '0.08..0.12*3',
    itl: '0.026..0.0275*597',
    'time-per-output-token': '0.027*3',
    e2e: '5.5*3',
    'queue-time': '0.06*3',
    'prefill-time': '0.03*3',
    'prompt-length': '2500..3500*3',
    'output-length': '150..250*3',
    'step-tokens': '15..17*37',
    'kv-transfer-time': {
      bounds: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 5],
      series: '0.04..0.06*3',
    },
    'kv-transfer-bytes': { ...BYTES, series: '390000000*3' },
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '8000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 128 },
} satisfies SceneText;

const SICK = {
  ...CALM,
  lines: {
    ...CALM.lines,
    running: '16x19 15x9 17x9 13 10 8 7 6x9 7x9 6 ...',
    waiting: '0x19 1x1 0x17 6 16+9x38',
    'waiting-by-reason{deferred}': '0x19 1x1 0x17 6 16+9x38',
    'kv-fetch-stage{in_progress}': '0x19 1x1 0x17 6 7 ...',
    'kv-fetch-stage{waiting_to_start}': '0x40 9+9x38',
    'kv-cache-usage': '0.4x39 0.36 0.34 0.33 ...',
    'finished{stop}': '3x39 2.6 2.2 1.8 1.4 1.2 ...',
    'output-tokens': '600x39 500 400 330 280 240 ...',
    'prompt-tokens': '9000x39 6000 3600 ...',
    'computed-prompt-tokens': '3x39 2 1.2 ...',
  },
  histograms: {
    ...CALM.histograms,
    ttft: '0.08..0.12*3x39 2*2 6*1.2x4 20*1.2x9 40*1.2x9 70*1.2 ...',
    itl: '0.026..0.0275*597x39 0.026..0.0265*498 0.0255..0.026*398 0.0255..0.026*328 0.0255..0.026*278 0.0255..0.026*239 ...',
    'time-per-output-token': '0.027*3x39 0.026*2.2 0.026*1.2 ...',
    e2e: '5.5*3x39 5.5*2.2 12*1.2x9 30*1.2x9 50*1.2 ...',
    'queue-time': '0.06*3x39 0.06*2.2 6*1.2x9 22*1.2x9 45*1.2 ...',
    'prefill-time': '0.03*3x39 0.03*1.2 ...',
    'prompt-length': '2500..3500*3x39 2500..3500*1.2 ...',
    'output-length': '150..250*3x39 150..250*1.2 ...',
    'step-tokens': '15..17*37x39 5..8*38 ...',
    'kv-transfer-time': {
      ...CALM.histograms['kv-transfer-time'],
      series: '0.04..0.06*3x39 2*2 4..8*1.2 ...',
    },
    'kv-transfer-bytes': BYTES,
  },
} satisfies SceneText;

/** Without the stages, as before 0.32: what is deferred has to do. */
const UNSTAGED = {
  'kv-fetch-stage{waiting_to_start}': null,
  'kv-fetch-stage{in_progress}': null,
  'kv-fetch-stage{completed_waiting}': null,
};

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** Transfers over TCP. */
  sick: buildScene(SICK),
  /** Transfers of 50 ms: now and then a scrape catches one under way. */
  healthy: buildScene(CALM),
  /**
   * A queue that is deferred on an engine with a connector, too; but transfers take 50 ms and nobody waits for one. Eight
   * adapters are asked for and three fit: deferred admission.
   */
  lookAlike: buildScene({
    ...CALM,
    lines: {
      ...CALM.lines,
      running: '16x19 15x9 17x9 14 12 11 10 ...',
      waiting: '0x39 6 12+5x38',
      'waiting-by-reason{deferred}': '0x39 6 12+5x38',
      'kv-cache-usage': '0.4x39 0.3 0.27 ...',
      'finished{stop}': '3x39 2.6 2.2 2 ...',
      'output-tokens': '600x39 520 440 400 ...',
      'prompt-tokens': '9000x39 7800 6600 6000 ...',
      'computed-prompt-tokens': '3x39 2.6 2.2 2 ...',
    },
    histograms: {
      ...CALM.histograms,
      ttft: '0.08..0.12*3x39 0.1*2.6 0.1*1,6*1x9 0.1*1,20*1x9 0.1*1,35*1 ...',
      itl: '0.026..0.0275*597x39 0.026..0.027*517 0.026..0.027*438 0.026..0.0265*398 ...',
      'time-per-output-token': '0.027*3x39 0.0265*2 ...',
      e2e: '5.5*3x39 5.5*2.6 8*2x9 15*2x9 22*2 ...',
      'queue-time': '0.06*3x39 0.06*2.6 3*2x9 10*2x9 17*2 ...',
      'prefill-time': '0.03*3x39 0.03*2 ...',
      'prompt-length': '2500..3500*3x39 2500..3500*2 ...',
      'output-length': '150..250*3x39 150..250*2 ...',
      'kv-transfer-time': { ...CALM.histograms['kv-transfer-time'], series: '0.04..0.06*3x39 0.04..0.06*2 ...' },
      'kv-transfer-bytes': { ...BYTES, series: '390000000*3x39 390000000*2 ...' },
    },
    labels: {
      ...CALM.labels,
      'lora-adapters': { max_lora: '3', running_lora_adapters: 'a0,a4,a6', waiting_lora_adapters: 'a1,a2' },
    },
  }),
  /** Transfers over TCP, and nothing splits the queue. */
  blind: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      ...UNSTAGED,
      'waiting-by-reason{deferred}': null,
      'waiting-by-reason{capacity}': null,
    },
  }),
};

export const VARIANTS: Record<'unstaged' | 'failing' | 'stuck' | 'expired' | 'store' | 'minute', Evidence> = {
  /** NIXL before 0.32. */
  unstaged: buildScene({ ...SICK, lines: { ...SICK.lines, ...UNSTAGED } }),
  /** Every fifth transfer fails, and by default its request with it; the others are as quick as ever. */
  failing: buildScene({
    ...CALM,
    lines: {
      ...CALM.lines,
      'finished{stop}': '3x39 2.4 ...',
      'finished{error}': '0x39 0.6 ...',
      'kv-transfer-failures': '0x39 0.6 ...',
    },
    histograms: {
      ...CALM.histograms,
      'kv-transfer-time': { ...CALM.histograms['kv-transfer-time'], series: '0.04..0.06*3x39 0.04..0.06*2.4 ...' },
      'kv-transfer-bytes': { ...BYTES, series: '390000000*3x39 390000000*2.4 ...' },
    },
  }),
  /** The prefill engine is gone: no transfer ends, and what runs drains away. */
  stuck: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      running: '16x19 15x9 17x9 10 4 1 0 ...',
      waiting: '0x19 1x1 0x17 8 22+15x38',
      'waiting-by-reason{deferred}': '0x19 1x1 0x17 8 22+15x38',
      'kv-fetch-stage{in_progress}': '0x19 1x1 0x17 8 22+15x38',
      'kv-fetch-stage{waiting_to_start}': '0',
      'finished{stop}': '3x39 2.6 1.5 0.5 0 ...',
      'output-tokens': '600x39 400 180 50 0 ...',
      'prompt-tokens': '9000x39 4000 0 ...',
      'computed-prompt-tokens': '3x39 1 0 ...',
    },
    histograms: {
      ...SICK.histograms,
      ttft: '0.08..0.12*3x39 0.1*1 - ...',
      itl: '0.026..0.0275*597x39 0.026..0.0265*400 0.0255..0.026*180 0.0255..0.026*50 - ...',
      'step-tokens': '15..17*37x39 10*37 4*38 1*38 - ...',
      'kv-transfer-time': { ...CALM.histograms['kv-transfer-time'], series: '0.04..0.06*3x39 0.05*1 - ...' },
      'kv-transfer-bytes': { ...BYTES, series: '390000000*3x39 390000000*1 - ...' },
    },
  }),
  /** Slow transfers, and the prefill side gives up one request in ten. */
  expired: buildScene({
    ...SICK,
    replicas: ['decode-0', 'prefill-0'],
    lines: {
      ...SICK.lines,
      'running@prefill-0': '2',
      'waiting@prefill-0': '0',
      'waiting-by-reason{deferred}@prefill-0': '0',
      'kv-cache-usage@prefill-0': '0.2x39 0.4 0.6 0.7 ...',
      'output-tokens@prefill-0': '3',
      'finished{stop}@prefill-0': '3',
      'kv-fetch-stage{waiting_to_start}@prefill-0': '0',
      'kv-fetch-stage{in_progress}@prefill-0': '0',
      'kv-transfer-expired@prefill-0': '0x45 0.3 ...',
    },
    histograms: {
      ...SICK.histograms,
      'itl@prefill-0': null,
      'ttft@prefill-0': '0.2*3 ...',
      'kv-transfer-time@prefill-0': null,
      'kv-transfer-bytes@prefill-0': null,
    },
  }),
  /** A connector that exports no times: the stages alone. */
  store: buildScene({
    ...SICK,
    lines: { ...SICK.lines, 'kv-transfer-failures': null, 'kv-transfer-expired': null },
    histograms: { ...SICK.histograms, 'kv-transfer-time': null, 'kv-transfer-bytes': null },
  }),
  /** Scraped once a minute. */
  minute: buildScene({
    ...SICK,
    step: 60,
    lines: {
      ...SICK.lines,
      waiting: '0x19 1x1 0x17 70 180+108x38',
      'waiting-by-reason{deferred}': '0x19 1x1 0x17 70 180+108x38',
      'kv-fetch-stage{waiting_to_start}': '0x39 60 170+108x38',
    },
  }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);
