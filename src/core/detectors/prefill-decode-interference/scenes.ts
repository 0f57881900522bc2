/**
 * One engine (20 ms a step and 0.1 ms a token) with a budget of 8,192 tokens, prompts of 4,000 tokens and answers of 150. A step
 * that carries a prompt takes 20 ms + 400 ms. At 0.5 requests/s that is half a step a second: a token every 25 ms on average.
 * From step 40 on 1.7/s arrive: 0.71 s of each second go to prompts, 13 ordinary steps of 21.7 ms share the rest, so 11.5 % of
 * gaps take 0.42 s and a token comes every 68 ms on average, though half of the gaps are 22 ms short. 17 run, nobody waits.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const LABELS = { 'cache-config': { block_size: '16', num_gpu_blocks: '25000', enable_prefix_caching: 'True' } };

const SICK = {
  lines: {
    running: '2x39 5 9 13 16 17x35',
    waiting: '0x79',
    'kv-cache-usage': '0.02x39 0.05 0.09 0.13 0.16 0.17 ...',
    preemptions: '0',
    'finished{stop}': '0.5x39 0.6 0.9 1.2 1.5 1.7 ...',
    'output-tokens': '75x39 130 180 220 245 255 ...',
    'prompt-tokens': '2000x39 5500 6800 ...',
    'prefix-cache-queries': '2000x39 5500 6800 ...',
    'prefix-cache-hits': '0',
  },
  histograms: {
    ttft: '0.43..0.47*0.5x39 0.43..0.48*1.4 0.43..0.49*1.7 ...',
    itl: '0.0202..0.0212*74,0.41..0.43*1x39 0.0203..0.0217*120,0.41..0.43*8 0.0205..0.022*162,0.41..0.43*16 0.0205..0.0225*196,0.41..0.43*22 0.0205..0.0229*218,0.41..0.43*27 0.0205..0.0229*226,0.41..0.43*29 ...',
    'time-per-output-token':
      '0.022..0.028*0.5x39 0.025..0.04*0.6 0.04..0.055*0.9 0.05..0.07*1.2 0.055..0.08*1.5 0.056..0.08*1.7 ...',
    e2e: '4.3*0.5x39 4.5*0.6 6*0.9 8*1.2 10*1.5 10.6*1.7 ...',
    'queue-time': '0.01*0.5x39 0.02*0.6 0.02*0.9 0.02*1.2 0.02*1.5 0.02*1.7 ...',
    'prefill-time': '0.42*0.5x39 0.42*0.6 0.42*0.9 0.42*1.2 0.42*1.5 0.42*1.7 ...',
    'prompt-length': '3500..4500*0.5x39 3500..4500*0.6 3500..4500*0.9 3500..4500*1.2 3500..4500*1.5 3500..4500*1.7 ...',
    'output-length': '120..180*0.5x39 120..180*0.6 120..180*0.9 120..180*1.2 120..180*1.5 120..180*1.7 ...',
    'step-tokens': '2..4*38,4000..4020*0.5x39 5..8*22,4000..4020*1.4 13..18*13,4000..4020*1.7 ...',
  },
  labels: LABELS,
  knobs: { 'max-num-batched-tokens': 8192 },
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** 3.4 times the traffic of long prompts: a token every 68 ms, in bursts. */
  sick: buildScene(SICK),
  /** Calm chat: prompts of 500 tokens, 5.5 % of gaps take 90 ms for them, beyond the target of 50; no answer is slower than 40 ms a token. */
  healthy: buildScene({
    lines: {
      running: '8x9 9x19 7x9 8x39',
      waiting: '0',
      'kv-cache-usage': '0.02',
      preemptions: '0',
      'finished{stop}': '1.7',
      'output-tokens': '255',
      'prompt-tokens': '850',
      'prefix-cache-queries': '850',
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: '0.08..0.12*1.7',
      itl: '0.026..0.03*239,0.085..0.095*14',
      'time-per-output-token': '0.028..0.038*1.7',
      e2e: '4.8*1.7',
      'queue-time': '0.01*1.7',
      'prefill-time': '0.09*1.7',
      'prompt-length': '400..600*1.7',
      'output-length': '120..180*1.7',
      'step-tokens': '8*29,500..520*1.7',
    },
    labels: LABELS,
  }),
  /** Answers miss the target here too, but each gap is as long as the other: 3.6 times the traffic of short prompts. Decode slow-down. */
  lookAlike: buildScene({
    lines: {
      running: '17x39 40 75 110 140 160 171x34',
      waiting: '0',
      'kv-cache-usage': '0.02x39 0.05 0.09 0.13 0.17 0.2 0.21 ...',
      preemptions: '0',
      'finished{stop}': '3.33x39 4.3 7 9.2 10.7 11.6 12 ...',
      'output-tokens': '667x39 866 1418 1845 2141 2311 2400 ...',
      'prompt-tokens': '1333x39 4000 4800 ...',
      'prefix-cache-queries': '1333x39 4000 4800 ...',
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: '0.05..0.08*3.33x39 0.1..0.2*10 0.1..0.24*12 ...',
      itl: '0.022..0.026*633,0.044*33x39 0.035..0.05*820,0.08*46 0.042..0.06*1350,0.09*68 0.048..0.068*1755,0.1*90 0.052..0.074*2041,0.11*100 0.056..0.078*2201,0.12*110 0.058..0.08*2280,0.12*116 ...',
      'time-per-output-token': '0.025*3.33x39 0.03*4.3 0.04*7 0.05*9.2 0.06*10.7 0.066*11.6 0.0714*12 ...',
      e2e: '5.1*3.33x39 6*4.3 8*7 10*9.2 12*10.7 13.3*11.6 14.4*12 ...',
      'queue-time': '0.01*3.33x39 0.01*4.3 0.01*7 0.01*9.2 0.01*10.7 0.01*11.6 0.01*12 ...',
      'prefill-time': '0.05*3.33x39 0.1*4.3 0.12*7 0.13*9.2 0.14*10.7 0.15*11.6 0.15*12 ...',
      'prompt-length':
        '300..500*3.33x39 300..500*4.3 300..500*7 300..500*9.2 300..500*10.7 300..500*11.6 300..500*12 ...',
      'output-length':
        '160..240*3.33x39 160..240*4.3 160..240*7 160..240*9.2 160..240*10.7 160..240*11.6 160..240*12 ...',
      'step-tokens': '17..420*40x39 60..900*22 200..900*19 250..900*17 300..900*15 350..900*14.4 350..900*14 ...',
    },
    labels: LABELS,
  }),
  /** The interrupted engine without inter-token latency. */
  blind: buildScene({ ...SICK, histograms: { ...SICK.histograms, itl: null } }),
};

export const VARIANTS: Record<'stutter' | 'preempted' | 'hiccups', Evidence> = {
  /** 1.2/s: half of each second goes to prompts, 4 % of gaps take 0.42 s, and yet no answer is slower than 46 ms a token. */
  stutter: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      running: '2x39 3 4 5 6 7x35',
      'kv-cache-usage': '0.02x39 0.03 0.04 0.05 0.06 0.07 ...',
      'finished{stop}': '0.5x39 0.6 0.8 1 1.2 ...',
      'output-tokens': '75x39 100 130 160 180 ...',
      'prompt-tokens': '2000x39 4000 4800 ...',
      'prefix-cache-queries': '2000x39 4000 4800 ...',
    },
    histograms: {
      ...SICK.histograms,
      ttft: '0.43..0.47*0.5x39 0.43..0.48*1 0.43..0.48*1.2 ...',
      itl: '0.0202..0.0212*74,0.41..0.43*1x39 0.0203..0.0215*98,0.41..0.43*2 0.0203..0.0215*126,0.41..0.43*4 0.0203..0.0215*154,0.41..0.43*6 0.0203..0.0215*173,0.41..0.43*7.6 ...',
      'time-per-output-token':
        '0.022..0.028*0.5x39 0.025..0.035*0.6 0.03..0.04*0.8 0.034..0.046*1 0.034..0.046*1.2 ...',
      e2e: '4.3*0.5x39 4.5*0.6 5*0.8 6*1 6.5*1.2 ...',
      'queue-time': '0.01*0.5x39 0.02*0.6 0.02*0.8 0.02*1 0.02*1.2 ...',
      'prefill-time': '0.42*0.5x39 0.42*0.6 0.42*0.8 0.42*1 0.42*1.2 ...',
      'prompt-length': '3500..4500*0.5x39 3500..4500*0.6 3500..4500*0.8 3500..4500*1 3500..4500*1.2 ...',
      'output-length': '120..180*0.5x39 120..180*0.6 120..180*0.8 120..180*1 120..180*1.2 ...',
      'step-tokens': '2..4*38,4000..4020*0.5x39 3..5*30,4000..4020*1 6..8*23,4000..4020*1.2 ...',
    },
  }),
  /** The same gaps with half a preemption per finished request: they may be recomputation. */
  preempted: buildScene({ ...SICK, lines: { ...SICK.lines, preemptions: '0x39 0.9 ...' } }),
  /** As long and as many gaps, but hardly a prompt: one first token in three seconds. Something else stops the engine. */
  hiccups: buildScene({
    ...SICK,
    lines: {
      ...SICK.lines,
      'finished{stop}': '0.5x39 0.33 ...',
      'prompt-tokens': '2000x39 1333 ...',
      'prefix-cache-queries': '2000x39 1333 ...',
    },
    histograms: {
      ...SICK.histograms,
      ttft: '0.43..0.47*0.5x39 0.43..0.49*0.33 ...',
      'time-per-output-token': '0.022..0.028*0.5x39 0.056..0.08*0.33 ...',
      e2e: '4.3*0.5x39 40*0.33 ...',
      'queue-time': '0.01*0.5x39 0.02*0.33 ...',
      'prefill-time': '0.42*0.5x39 0.42*0.33 ...',
      'prompt-length': '3500..4500*0.5x39 3500..4500*0.33 ...',
      'output-length': '120..180*0.5x39 600..1000*0.33 ...',
      'step-tokens': '2..4*38,4000..4020*0.5x39 13..18*14.4,4000..4020*0.33 ...',
    },
  }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);
