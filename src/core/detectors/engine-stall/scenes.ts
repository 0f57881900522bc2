/**
 * One engine (25 ms a step and 0.125 ms a token), prompts of 500 tokens, answers of 150, 2.5 requests/s: 12 running, 375 tokens/s.
 * At step 40 the engine process freezes. Rates fall to 0 over one window of 20 s, gauges keep their last values, and the API
 * server goes on answering scrapes.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const SICK = {
  steps: 80,
  lines: {
    up: '1',
    running: '12x19 13x9 12x9 11 12 ...',
    waiting: '0',
    'kv-cache-usage': '0.11x19 0.12x9 0.11x9 0.1 0.11 ...',
    preemptions: '0',
    'finished{stop}': '2.5x39 1.9 1.2 0.6 0 ...',
    // Responses end as their requests finish: nobody hangs up when the engine freezes.
    'http-requests{2xx}': '2.5x39 1.9 1.2 0.6 0 ...',
    'output-tokens': '375x39 280 190 95 0 ...',
    'prompt-tokens': '1250x39 940 620 310 0 ...',
    'prefix-cache-queries': '1250x39 940 620 310 0 ...',
    'prefix-cache-hits': '0',
  },
  histograms: {
    ttft: '0.1*2.5x39 0.1*1.9 0.1*1.2 0.1*0.6 - ...',
    itl: '0.025..0.034*365,0.09*10x39 0.025..0.034*280 0.025..0.034*190 0.025..0.034*95 - ...',
    'time-per-output-token': '0.031*2.5x39 0.031*1.9 0.031*1.2 0.031*0.6 - ...',
    e2e: '4.8*2.5x39 4.8*1.9 4.8*1.2 4.8*0.6 - ...',
    'queue-time': '0.01*2.5x39 0.01*1.9 0.01*1.2 0.01*0.6 - ...',
    'prefill-time': '0.09*2.5x39 0.09*1.9 0.09*1.2 0.09*0.6 - ...',
    'prompt-length': '400..600*2.5x39 400..600*1.9 400..600*1.2 400..600*0.6 - ...',
    'output-length': '120..180*2.5x39 120..180*1.9 120..180*1.2 120..180*0.6 - ...',
    'step-tokens': '11..510*32x39 11..510*24 11..510*16 11..510*8 - ...',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '4000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 64 },
} satisfies SceneText;

/** A cycle of 100 s: 35 s behind one giant prompt, then the burst of those who waited, then calm. */
const twice = (cycle: string): string => `${cycle} ${cycle}`;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** Frozen for three minutes and still: twelve answers stand, newcomers do not even show as waiting. */
  sick: buildScene(SICK),
  /** Traffic stops and the engine rests: no step either, but nothing runs or waits. */
  healthy: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      running: '12x39 8 4 0 ...',
      'kv-cache-usage': '0.11x39 0.07 0.03 0 ...',
    },
  }),
  /**
   * A prompt of 250,000 tokens alone on the engine: for half a minute no step gives a token, and the queue grows behind it. But
   * KV usage rises chunk by chunk. Long-request spike.
   */
  lookAlike: buildScene({
    lines: {
      running: `3x39 ${twice('4 2 1x4 12 9 6 4 3x8')} 4 2 1x4`,
      waiting: `0x39 ${twice('3+6x6 12 0x11')} 3+6x6`,
      'kv-cache-usage': `0.01x39 ${twice('0.04+0.04x6 0.02 0.01x11')} 0.04+0.04x6`,
      preemptions: '0',
      'finished{stop}': `1.2x39 ${twice('1.2 0.9 0.6 0.3 0x2 2 3x2 2 1.2x7')} 1.2 0.9 0.6 0.3 0 ...`,
      'output-tokens': `100x39 ${twice('100 75 40 10 0x2 160 250x2 160 100x7')} 100 75 40 10 0 ...`,
      'prompt-tokens': `360x39 ${twice('360 270 180 90 0x2 13100 13400x2 900 360x7')} 360 270 180 90 0 ...`,
    },
    histograms: {
      ttft: `0.07*1.2x39 ${twice('0.07*1.2 0.07*0.9 0.07*0.6 0.07*0.3 -x2 5..35*2,34*0.05 5..35*3,34*0.05x2 5..35*2 0.08*1.2x7')} 0.07*1.2 0.07*0.9 0.07*0.6 0.07*0.3 - ...`,
      itl: `0.026*98,0.06*2x39 ${twice('0.026*98,0.06*2 0.026*60,0.28*4 0.28*14 0.28*7 -x2 0.03*160 0.03*250x2 0.03*160 0.026*98,0.06*2x7')} 0.026*98,0.06*2 0.026*60,0.28*4 0.28*14 0.28*7 - ...`,
      'prompt-length': `250..350*1.2x39 ${twice('250..350*1.2 250..350*0.9 250..350*0.6 250..350*0.3 -x2 250..350*2,250000*0.05 250..350*3,250000*0.05x2 250..350*2 250..350*1.2x7')} 250..350*1.2 250..350*0.9 250..350*0.6 250..350*0.3 - ...`,
      'step-tokens': `3..310*38x39 ${twice('3..310*38 3..310*28 3..2048*14 2..2048*4 -x2 5..310*20 5..310*35x2 5..310*35 3..310*38x7')} 3..310*38 3..310*28 3..2048*14 2..2048*4 - ...`,
    },
    labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '56000', enable_prefix_caching: 'True' } },
    knobs: { 'max-num-seqs': 64, 'max-num-batched-tokens': 2048 },
  }),
  /** The frozen engine without the gauge of running requests: rest and stall look the same. */
  blind: buildScene({ ...SICK, lines: { ...SICK.lines, running: null } }),
};

export const VARIANTS: Record<'liveLock' | 'neverFits' | 'shutOut' | 'recovering' | 'hungUp', Evidence> = {
  /** The loop turns and takes requests in and out, but no token comes out: one runs now and then, and 30 to 180 wait. */
  liveLock: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      running: '12x39 6 2 1 0x3 1 0x4 1 0x3 2 0x4 1 0x3 1 0x4 1 0x3',
      waiting: '0x39 10 25+4x38',
      'kv-cache-usage': '0.11x39 0.06 0.02 0.01 0x3 0.01 0x4 0.01 0x3 0.02 0x4 0.01 0x3 0.01 0x4 0.01 0x3',
    },
  }),
  /** One request longer than the pool: it fills the cache, is thrown out, comes back, for ever; nine wait behind it. */
  neverFits: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      running: '12x39 6 2 1 0 1x7 0 1x7 0 1x7 0 1x7 0 1x3',
      waiting: '0x39 1 3 5 8 8x7 9 8x7 9 8x7 9 9x7 10 9x3',
      'kv-cache-usage': '0.11x39 0.2 0.1 0.05 0 0.12+0.12x7 0 0.12+0.12x7 0 0.12+0.12x7 0 0.12+0.12x7 0 0.12+0.12x3',
    },
  }),
  /** The head of the queue is never let in: nothing runs, the cache is empty, and the queue grows behind it. */
  shutOut: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      running: '12x39 6 2 0 ...',
      waiting: '0x39 1 3 5+4x37',
      'kv-cache-usage': '0.11x39 0.05 0.01 0 ...',
    },
  }),
  /** Frozen from step 40 to 75; then 430 requests that came in meanwhile wait at once, and the queue is worked off. */
  recovering: buildScene({
    ...SICK,
    steps: 83,
    lines: {
      ...SICK.lines,
      running: '12x74 64x7',
      waiting: '0x74 380-8x7',
      'kv-cache-usage': '0.11x74 0.55 0.57 ...',
      'finished{stop}': '2.5x39 1.9 1.2 0.6 0x31 0.2 1.5 3 4.6 ...',
      'output-tokens': '375x39 280 190 95 0x31 100 500 800 1000 ...',
      'prompt-tokens': '1250x39 940 620 310 0x31 1500 2000 2200 2300 ...',
      'prefix-cache-queries': '1250x39 940 620 310 0x31 1500 2000 2200 2300 ...',
    },
    histograms: {
      ttft: '0.1*2.5x39 0.1*1.9 0.1*1.2 0.1*0.6 -x31 90*3 100*4 105*4.4 110*4.6 ...',
      itl: '0.025..0.034*365,0.09*10x39 0.025..0.034*280 0.025..0.034*190 0.025..0.034*95 -x31 0.04..0.06*100,175*0.6 0.05..0.07*500 0.05..0.07*800 0.055..0.07*1000 ...',
      'step-tokens': '11..510*32x39 11..510*24 11..510*16 11..510*8 -x31 64..600*4 64..600*8 64..600*12 64..600*16 ...',
    },
  }),
  /** The sick scene, but at that moment a dozen responses end at once: everybody hung up, and the gauges may be left over. */
  hungUp: buildScene({
    ...SICK,
    lines: { ...SICK.lines, 'http-requests{2xx}': '2.5x38 3.1 3 2.5 1.8 0.7 0 ...' },
  }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 39);
