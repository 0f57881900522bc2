/**
 * One engine (25 ms a step and 0.125 ms a token, budget 2,048), prompts of 800 tokens, answers of 70, 2.6 requests a second: 3.3 s
 * each, 8.6 running. At step 40 four times as many come for 45 s. Clients give up after 6 s and ask again with the same prompt, whose
 * blocks are still there. Numbers after a real 0.32 that never came back although its cause was gone.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';
import { VARIANTS as LEAVING } from '../request-failures/scenes.ts';

const SICK = {
  lines: {
    running: '9x19 8x9 9x9 40 67 69 5 57 0 60 120 150 60 170 110 20 140 90 120 60 130 100x24',
    waiting: '0x39 8 32 90 153 250 315 330 200 93 150 120 60 150 90 60 110 80 70x25',
    'kv-cache-usage': '0.05x39 0.15 0.25 0.3 0.1 0.25 0.02 0.25 0.35 0.4 0.25 ...',
    preemptions: '0',
    'finished{length}': '2.6x39 2 1.1 0.4 0 0 0 0 0 0.4 0.8 1 1.2 ...',
    'output-tokens': '182x39 160 155 200 226 170 125 60 40 120 300 500 ...',
    'prompt-tokens': '2080x39 4500 6300 13000 19400 22000 22900 12000 9000 17000 24000 28000 30000 ...',
    'prefix-cache-queries': '2080x39 4500 6350 13000 19400 26000 30800 31600 35000 37000 36000 ...',
    'prefix-cache-hits': '0x39 200 1100 5000 10800 18000 24200 25800 30000 31000 32000 ...',
    'http-requests{2xx}': '2.6x39 2.4 4.4 12 24 38 48 60 65 60 50 42 38 ...',
    'gateway-requests': '2.6x39 8 20 30 40 50 60 65 60 50 42 38 ...',
  },
  histograms: {
    ttft: '0.19*2.6x39 0.6*5.6 1.2*7.9 2.2*16 3.2*24 4.2*27 4.9*28 5.4*15 4.7*11 3.5*21 3*30 2.6*35 ...',
    itl: '0.04..0.05*179x39 0.1..0.15*150 0.15..0.2*148 0.2..0.3*184 0.28..0.32*202 0.28..0.32*143 0.28..0.32*97 0.28..0.32*45 0.28..0.32*29 0.25..0.3*100 0.2..0.25*270 0.18..0.24*465 ...',
    'time-per-output-token': '0.045*2.6x39 0.1*2 0.15*1.1 0.2*0.4 -x4 0.2*0.4 0.15*0.8 0.12*1 0.12*1.2 ...',
    e2e: '3.3*2.6x39 4*2 5*1.1 5.8*0.4 -x4 5.8*0.4 5.5*0.8 5.2*1 5.2*1.2 ...',
    'queue-time': '0.02*2.6x39 0.5*2 1*1.1 2*0.4 -x4 1*0.4 1*0.8 1*1 1*1.2 ...',
    'prefill-time': '0.17*2.6x39 0.2*2 0.3*1.1 0.3*0.4 -x4 0.3*0.4 0.3*0.8 0.3*1 0.3*1.2 ...',
    'prompt-length':
      '500..1100*2.6x39 500..1100*2 500..1100*1.1 500..1100*0.4 -x4 500..1100*0.4 500..1100*0.8 500..1100*1 500..1100*1.2 ...',
    'output-length': '40..100*2.6x39 40..100*2 30..80*1.1 10..40*0.4 -x4 10..40*0.4 10..40*0.8 20..60*1 20..60*1.2 ...',
    'step-tokens': '9..1100*20x39 100..2048*8 2048*3.6 ...',
  },
  labels: { 'cache-config': { block_size: '32', num_gpu_blocks: '9000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 192, 'max-num-batched-tokens': 2048 },
} satisfies SceneText;

const CALM = {
  ...SICK,
  lines: {
    running: '9x19 8x9 9x9 9x9 8x9 10x9 9x14',
    waiting: '0',
    'kv-cache-usage': '0.05',
    preemptions: '0',
    'finished{length}': '2.6',
    'output-tokens': '182',
    'prompt-tokens': '2080',
    'prefix-cache-queries': '2080',
    'prefix-cache-hits': '1000',
    'http-requests{2xx}': '2.6',
    'gateway-requests': '2.6',
  },
  histograms: {
    ttft: '0.19*2.6',
    itl: '0.04..0.05*179',
    'time-per-output-token': '0.045*2.6',
    e2e: '3.3*2.6',
    'queue-time': '0.02*2.6',
    'prefill-time': '0.17*2.6',
    'prompt-length': '500..1100*2.6',
    'output-length': '40..100*2.6',
    'step-tokens': '9..1100*20',
  },
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  sick: buildScene(SICK),
  /** Half of each prompt is shared, as ever; nobody leaves. */
  healthy: buildScene(CALM),
  /** Nearly all leave here, too, but their prompts do not come again: the hit rate stays 0. */
  lookAlike: LEAVING.hardlyAny,
  /** The storm without the counters of the prefix cache. */
  blind: buildScene({ ...SICK, lines: { ...SICK.lines, 'prefix-cache-queries': null, 'prefix-cache-hits': null } }),
};

const DYING = {
  ...SICK,
  lines: {
    ...SICK.lines,
    'finished{length}': '2.6x39 2 1.1 0.4 0 0 0 0 0 0.4 0.8 1 1.2 3 ...',
    'http-requests{2xx}': '2.6x39 2.4 4.4 12 24 38 48 60 65 60 50 42 38 3 ...',
    'gateway-requests': '2.6x39 8 20 30 40 50 60 65 60 50 42 38 3 ...',
    'prefix-cache-queries': '2080x39 4500 6350 13000 19400 26000 30800 31600 35000 37000 36000 36000 36000 2400 ...',
    'prefix-cache-hits': '0x39 200 1100 5000 10800 18000 24200 25800 30000 31000 32000 32000 32000 0 ...',
  },
} satisfies SceneText;

export const VARIANTS: Record<
  | 'withoutGateway'
  | 'withoutHttp'
  | 'liveLock'
  | 'gatewayRetries'
  | 'cachingOff'
  | 'deepQueue'
  | 'afterOverload'
  | 'dying'
  | 'over'
  | 'newTenant'
  | 'longerPrompts',
  Evidence
> = {
  /** After a minute nobody leaves any more, and the queue still stands. */
  dying: buildScene(DYING),
  /** The same, and the queue has emptied. */
  over: buildScene({
    ...DYING,
    lines: { ...DYING.lines, waiting: '0x39 8 32 90 153 250 315 330 200 93 150 120 60 0 ...' },
  }),
  /** As a real engine alone shows it. */
  withoutGateway: buildScene({ ...SICK, lines: { ...SICK.lines, 'gateway-requests': null } }),
  /** No HTTP counters either: first tokens against finishes. */
  withoutHttp: buildScene({ ...SICK, lines: { ...SICK.lines, 'gateway-requests': null, 'http-requests{2xx}': null } }),
  /** Requests are cancelled before their first token: hardly a token comes out, and still prompts are looked up. */
  liveLock: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      running: '9x19 8x9 9x9 40 67 69 5 57 0 0 1 0 2 0 0 1 0 0 2 0 0 1x24',
      'finished{length}': '2.6x39 2 1.1 0.4 0 ...',
      'output-tokens': '182x39 160 155 200 120 60 20 0 ...',
      'prompt-tokens': '2080x39 4500 6300 13000 10000 5000 1500 0 ...',
      'gateway-requests': null,
    },
    histograms: {
      ...SICK.histograms,
      ttft: '0.19*2.6x39 0.6*5.6 1.2*7.9 2.2*16 3.2*12 4.2*6 4.9*2 -x36',
      itl: '0.04..0.05*179x39 0.1..0.15*150 0.15..0.2*148 0.2..0.3*184 0.28..0.32*108 0.28..0.32*54 0.28..0.32*18 -x36',
      'time-per-output-token': '0.045*2.6x39 0.1*2 0.15*1.1 0.2*0.4 -x39',
      e2e: '3.3*2.6x39 4*2 5*1.1 5.8*0.4 -x39',
      'queue-time': '0.02*2.6x39 0.5*2 1*1.1 2*0.4 -x39',
      'prefill-time': '0.17*2.6x39 0.2*2 0.3*1.1 0.3*0.4 -x39',
      'prompt-length': '500..1100*2.6x39 500..1100*2 500..1100*1.1 500..1100*0.4 -x39',
      'output-length': '40..100*2.6x39 40..100*2 30..80*1.1 10..40*0.4 -x39',
      'step-tokens': '9..1100*20x39 100..2048*8 2048*3.6x3 2048*1 -x36',
    },
  }),
  /** The gateway tries each request three times; with prefix caching off only its own count shows it. */
  gatewayRetries: buildScene({
    ...SICK,
    lines: { ...SICK.lines, 'prefix-cache-hits': '0', 'gateway-requests': '2.6x39 6 10 12 ...' },
    labels: { 'cache-config': { ...SICK.labels['cache-config'], enable_prefix_caching: 'False' } },
  }),
  /** Three times the usual and all of them leave, with caching off and no gateway: nothing can show whether they come again. */
  cachingOff: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      'prompt-tokens': '2080x39 2400 3200 4000 4800 ...',
      'prefix-cache-queries': '2080x39 2400 3200 4200 5000 ...',
      'prefix-cache-hits': '0',
      'http-requests{2xx}': '2.6x39 2.8 5 7 8 ...',
      'gateway-requests': null,
    },
    histograms: { ...SICK.histograms, ttft: '0.19*2.6x39 0.6*3 1.2*4 2.2*5 3.2*6 ...' },
    labels: { 'cache-config': { ...SICK.labels['cache-config'], enable_prefix_caching: 'False' } },
  }),
  /** Twenty a second come for good, five are served; after a minute in the queue they leave, and ask once or twice again. */
  afterOverload: buildScene({
    ...SICK,
    steps: 80,
    lines: {
      ...SICK.lines,
      running: '9x39 30 60 ...',
      waiting: '0x39 75+75x11 900 ...',
      'finished{length}': '2.6x39 3 4 5 ...',
      'output-tokens': '182x39 210 280 350 ...',
      'prompt-tokens': '2080x39 2400 3200 4000 ...',
      'prefix-cache-queries': '2080x39 2400 3200 4000 ...',
      'prefix-cache-hits': '0',
      'http-requests{2xx}': '2.6x39 3 4 5x9 20 25 30 33 36 ...',
      'gateway-requests': null,
    },
    histograms: {
      ...SICK.histograms,
      ttft: '0.19*2.6x39 1*3 4*4 10*5x9 50*5 ...',
    },
  }),
  /** Fifteen times the usual in a queue so deep that hardly anybody is computed before he leaves: there is nothing to hit. */
  deepQueue: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      'prompt-tokens': '2080x39 2400 3200 3200 3200 2800 2400 2000 1600 ...',
      'prefix-cache-queries': '2080x39 2400 3200 3400 3600 ...',
      'prefix-cache-hits': '0',
      'finished{length}': '2.6x39 2.6 2.4 2 1.6 1.2 1 ...',
      'gateway-requests': null,
    },
    histograms: { ...SICK.histograms, ttft: '0.19*2.6x39 0.6*3 1.2*4 2.2*4 3.2*4 4.2*3.5 4.9*3 5.2*2.5 5.4*2 ...' },
  }),
  /** A tenant whose prompts share a prefix joins: more requests, a higher hit rate, and all of them are answered. */
  newTenant: buildScene({
    ...CALM,
    lines: {
      ...CALM.lines,
      running: '9x39 12x43',
      'finished{length}': '2.6x39 5.2 ...',
      'output-tokens': '182x39 270 ...',
      'prompt-tokens': '2080x39 4160 ...',
      'prefix-cache-queries': '2080x39 4160 ...',
      'prefix-cache-hits': '0x39 3000 ...',
      'http-requests{2xx}': '2.6x39 5.2 ...',
      'gateway-requests': '2.6x39 5.2 ...',
    },
    histograms: { ...CALM.histograms, ttft: '0.19*2.6x39 0.19*5.2 ...', itl: '0.04..0.05*179x39 0.04..0.05*265 ...' },
  }),
  /** Everybody leaves and the hit rate rises, but prompts are five times as long: other work, not the same again. */
  longerPrompts: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      'prompt-tokens': '2080x39 20000 40000 64000 97000 110000 115000 60000 45000 85000 120000 140000 150000 ...',
      'gateway-requests': null,
    },
  }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);
