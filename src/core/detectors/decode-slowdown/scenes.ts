/**
 * One engine (20 ms a step and 0.1 ms a token) with 256 seats and 200,000 tokens; prompts of 400 tokens, answers of 200. At
 * 3.33 requests/s 2,000 tokens/s are scheduled: a step takes 20 ms ÷ (1 − 0.2) = 25 ms and 17 run. From step 40 on 12/s arrive:
 * 7,200 tokens/s, 20 ms ÷ (1 − 0.72) = 71 ms a step, 171 run. Seats and memory are free and nobody waits.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const LABELS = { 'cache-config': { block_size: '16', num_gpu_blocks: '12500', enable_prefix_caching: 'True' } };

const SICK = {
  lines: {
    running: '17x9 16 18 17x27 40 75 110 140 160 171x34',
    waiting: '0x79',
    'kv-cache-usage': '0.04x39 0.1 0.19 0.27 0.35 0.4 0.43 ...',
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
} satisfies SceneText;

/** Three replicas at 2,000 tokens/s each; on vllm-1 everything takes 2.5 times as long: 50 ms ÷ (1 − 0.5) = 100 ms a step. */
const SLOW_MACHINE = {
  replicas: ['vllm-0', 'vllm-1', 'vllm-2'],
  lines: {
    running: '17x79',
    'running@vllm-1': '17x39 25 36 48 58 67 ...',
    waiting: '0',
    'kv-cache-usage': '0.04',
    'kv-cache-usage@vllm-1': '0.04x39 0.06 0.09 0.12 0.15 0.17 ...',
    preemptions: '0',
    'finished{stop}': '3.33',
    'finished{stop}@vllm-1': '3.33x39 2.5 2 2.4 2.9 3.33 ...',
    'output-tokens': '667',
    'output-tokens@vllm-1': '667x39 450 480 560 620 667 ...',
    'prompt-tokens': '1333',
    'prefix-cache-queries': '1333',
    'prefix-cache-hits': '0',
  },
  histograms: {
    ttft: '0.05..0.08*3.33',
    itl: '0.022..0.026*633,0.044*33',
    'itl@vllm-1':
      '0.022..0.026*633,0.044*33x39 0.022..0.026*200,0.06..0.1*250 0.06..0.1*480 0.07..0.1*560 0.08..0.105*620 0.09..0.106*634,0.14*33 ...',
    'time-per-output-token': '0.025*3.33',
    'time-per-output-token@vllm-1': '0.025*3.33x39 0.03*2.5 0.05*2 0.075*2.4 0.09*2.9 0.1*3.33 ...',
    e2e: '5.1*3.33',
    'queue-time': '0.01*3.33',
    'prefill-time': '0.05*3.33',
    'prompt-length': '300..500*3.33',
    'output-length': '160..240*3.33',
    'step-tokens': '17..420*40',
  },
  labels: LABELS,
} satisfies SceneText;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** 3.6 times the traffic: an even 71 ms a token. */
  sick: buildScene(SICK),
  /** Traffic rises by two thirds: 20 ms ÷ (1 − 0.333) = 30 ms a step, within the target of 50. */
  healthy: buildScene({
    lines: {
      running: '17x39 22 28 32 33x37',
      waiting: '0',
      'kv-cache-usage': '0.04x39 0.06 0.07 0.08 ...',
      preemptions: '0',
      'finished{stop}': '3.33x39 4 5 5.5 ...',
      'output-tokens': '667x39 800 1000 1100 ...',
      'prompt-tokens': '1333x39 2100 2200 ...',
      'prefix-cache-queries': '1333x39 2100 2200 ...',
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: '0.05..0.08*3.33x39 0.05..0.08*5.3 0.05..0.08*5.5 ...',
      itl: '0.022..0.026*633,0.044*33x39 0.023..0.028*760,0.045*40 0.025..0.03*950,0.05*50 0.026..0.031*1045,0.055*55 ...',
      'time-per-output-token': '0.025*3.33x39 0.026*4 0.028*5 0.03*5.5 ...',
      e2e: '5.1*3.33x39 5.4*4 5.8*5 6.1*5.5 ...',
      'queue-time': '0.01*3.33x39 0.01*4 0.01*5 0.01*5.5 ...',
      'prefill-time': '0.05*3.33x39 0.05*4 0.06*5 0.06*5.5 ...',
      'prompt-length': '300..500*3.33x39 300..500*4 300..500*5 300..500*5.5 ...',
      'output-length': '160..240*3.33x39 160..240*4 160..240*5 160..240*5.5 ...',
      'step-tokens': '17..420*40x39 20..420*36 28..430*34 33..440*33 ...',
    },
    labels: LABELS,
  }),
  /** Evenly slow as well, 100 ms; but the traffic is what it was, and two replicas do the same at 25 ms. One slow replica. */
  lookAlike: buildScene(SLOW_MACHINE),
  /** The slow engine without inter-token latency. */
  blind: buildScene({ ...SICK, histograms: { ...SICK.histograms, itl: null } }),
};

export const VARIANTS: Record<'contexts' | 'old' | 'minute', Evidence> = {
  /**
   * As many requests as before, 3.33/s, but conversations grow from 600 to 4,000 tokens, mostly from the prefix cache; with 0.2 µs
   * for a token read, 20 ms ÷ (1 − 0.2 − 0.08) = 28 ms become 20 ms ÷ (1 − 0.2 − 0.533) = 75 ms and 50 run.
   */
  contexts: buildScene({
    lines: {
      running: '18.5x39 20 23 27 31 36 41 46 50x31',
      waiting: '0',
      'kv-cache-usage': '0.028x39 0.05 0.09 0.14 0.2 0.28 0.37 0.45 0.5 ...',
      preemptions: '0',
      'finished{stop}': '3.33',
      'output-tokens': '667',
      'prompt-tokens': '1400x39 4000 8000 12000 13300 ...',
      'prefix-cache-queries': '1400x39 4000 8000 12000 13300 ...',
      'prefix-cache-hits': '67x39 2667 6667 10667 11967 ...',
    },
    histograms: {
      ttft: '0.06*3.33x39 0.1*3.33 0.15*3.33 ...',
      itl: '0.025..0.029*633,0.044*33x39 0.027..0.032*633,0.045*33 0.03..0.038*633,0.05*33 0.036..0.044*633,0.06*33 0.042..0.051*633,0.065*33 0.049..0.058*633,0.07*33 0.056..0.066*633,0.08*33 0.063..0.073*633,0.09*33 0.069..0.079*633,0.095*33 ...',
      'time-per-output-token':
        '0.028*3.33x39 0.029*3.33 0.031*3.33 0.035*3.33 0.04*3.33 0.046*3.33 0.054*3.33 0.062*3.33 0.07*3.33 0.075*3.33 ...',
      e2e: '5.6*3.33x42 9*3.33x4 15*3.33 ...',
      'queue-time': '0.01*3.33',
      'prefill-time': '0.06*3.33',
      'prompt-length': '300..500*3.33x39 1000..3000*3.33x3 3000..5000*3.33 ...',
      'output-length': '160..240*3.33',
      'step-tokens': '17..420*36x41 30..420*20 50..450*13 ...',
    },
    labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '25000', enable_prefix_caching: 'True' } },
  }),
  /** A release before 0.11: no request tells its own time per token. */
  old: buildScene({ ...SICK, histograms: { ...SICK.histograms, 'time-per-output-token': null } }),
  /** Scraped once a minute, over an hour: 12/s from minute 30 on. */
  minute: buildScene({
    step: 60,
    lines: {
      running: '17x9 16x4 18x4 17x9 120 171x28',
      waiting: '0',
      'kv-cache-usage': '0.04x29 0.4 0.43 ...',
      preemptions: '0',
      'finished{stop}': '3.33x29 9 12 ...',
      'output-tokens': '667x29 1900 2400 ...',
      'prompt-tokens': '1333x29 4000 4800 ...',
      'prefix-cache-queries': '1333x29 4000 4800 ...',
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: '0.05..0.08*3.33x29 0.1..0.2*10 0.1..0.24*12 ...',
      itl: '0.022..0.026*633,0.044*33x29 0.05..0.07*1805,0.1*95 0.058..0.08*2280,0.12*116 ...',
      'time-per-output-token': '0.025*3.33x29 0.05*9 0.0714*12 ...',
      e2e: '5.1*3.33x29 10*9 14.4*12 ...',
      'queue-time': '0.01*3.33x29 0.01*9 0.01*12 ...',
      'prefill-time': '0.05*3.33x29 0.1*9 0.15*12 ...',
      'prompt-length': '300..500*3.33x29 300..500*9 300..500*12 ...',
      'output-length': '160..240*3.33x29 160..240*9 160..240*12 ...',
      'step-tokens': '17..420*40x29 200..900*17 350..900*14 ...',
    },
    labels: LABELS,
  }),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);
