/**
 * One engine (25 ms a step and 0.125 ms a token), prompts of 500 tokens, answers of 150, two requests a second: 4.2 s each, 8.4
 * running, nobody waits. HTTP answers end as requests finish, or as clients hang up: both are a 2xx.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

const CALM = {
  lines: {
    running: '8x19 9x9 8x9 7x4 9x9 8x27',
    waiting: '0',
    'kv-cache-usage': '0.07',
    preemptions: '0',
    'finished{stop}': '2',
    'output-tokens': '300',
    'prompt-tokens': '1000',
    'prefix-cache-queries': '1000',
    'prefix-cache-hits': '0',
    'http-requests{2xx}': '2',
  },
  histograms: {
    ttft: '0.1*2',
    itl: '0.025..0.03*290,0.088*8',
    'time-per-output-token': '0.028*2',
    e2e: '4.3*2',
    'queue-time': '0.01*2',
    'prefill-time': '0.09*2',
    'prompt-length': '400..600*2',
    'output-length': '120..180*2',
    'step-tokens': '8..510*34',
  },
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '4000', enable_prefix_caching: 'True' } },
  knobs: { 'max-num-seqs': 64 },
} satisfies SceneText;

type Text = Readonly<Record<string, string | null>>;
const scene = (lines: Text, histograms: Text = {}, more: Partial<SceneText> = {}): Evidence =>
  buildScene({
    ...CALM,
    ...more,
    lines: { ...CALM.lines, ...lines },
    histograms: { ...CALM.histograms, ...histograms },
  });

/** Half of the clients hang up after 2.5 s from step 40 on, with 88 of their 150 tokens: 4.2 + 2.5 running. */
const LEAVE: Text = {
  running: '8x19 9x9 8x9 8 7x9 6x9 7x19',
  'finished{stop}': '2x39 1.8 1.5 1.25 1 ...',
  'output-tokens': '300x39 285 265 250 238 ...',
};
const LEFT: Text = {
  itl: '0.025..0.03*290,0.088*8x39 0.025..0.03*275,0.088*8 0.025..0.03*255,0.088*8 0.025..0.03*240,0.088*8 0.025..0.03*228,0.088*8 ...',
  'time-per-output-token': '0.028*2x39 0.028*1.5 0.028*1 ...',
  e2e: '4.3*2x39 4.3*1.5 4.3*1 ...',
  'queue-time': '0.01*2x39 0.01*1.5 0.01*1 ...',
  'prefill-time': '0.09*2x39 0.09*1.5 0.09*1 ...',
  'prompt-length': '400..600*2x39 400..600*1.5 400..600*1 ...',
  'output-length': '120..180*2x39 120..180*1.5 120..180*1 ...',
};

/** Prompts of 1,000 tokens, 7 a second, from step 40 on: the engine reads 7,300 tokens/s at most, and everybody leaves after 3 s. */
const FLOOD: Text = {
  running: '8x19 9x9 8x9 10 14 12 9x4 8x5 10x9 9x9 8x7',
  waiting: '0x39 4 9 14 16x4 15x5 14x9 16x9 15x7',
  'kv-cache-usage': '0.07x39 0.09 0.11 0.12 ...',
  'finished{stop}': '2x39 1.6 1 0.5 0.1 ...',
  'output-tokens': '300x39 240 150 80 30 ...',
  'prompt-tokens': '1000x39 2500 4000 5500 6800 ...',
  'prefix-cache-queries': '1000x39 2500 4000 5500 7100 ...',
  'http-requests{2xx}': '2x39 3 4.5 6 7.1 ...',
};
const FLOODED: Text = {
  ttft: '0.1*2x39 0.4*4 1*5.5 1.8*6.3 2.2*6.7 ...',
  itl: '0.025..0.03*290,0.088*8x39 0.1..0.2*150 0.2..0.28*100 0.28*50 0.28*24 ...',
  'time-per-output-token': '0.028*2x39 0.1*1.5 0.2*1 0.28*0.5 0.28*0.1 ...',
  e2e: '4.3*2x39 4.3*1.6 4*1 3*0.5 2.8*0.1 ...',
  'queue-time': '0.01*2x39 0.3*1.6 1*1 2*0.5 2*0.1 ...',
  'prefill-time': '0.09*2x39 0.2*1.6 0.3*1 0.3*0.5 0.3*0.1 ...',
  'prompt-length': '400..600*2x39 400..1100*1.6 800..1100*1 800..1100*0.5 800..1100*0.1 ...',
  'output-length': '120..180*2x39 60..180*1.6 20..60*1 10..30*0.5 5..15*0.1 ...',
  'step-tokens': '8..510*34x39 500..2048*8 1500..2048*4.5 2048*3.6 ...',
};

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  sick: scene(LEAVE, LEFT),
  /** Two in a hundred press stop, as ever. */
  healthy: scene({ 'finished{stop}': '1.96', 'http-requests{2xx}': '2' }),
  /** The same flood as in `hardlyAny`, but everybody stays: a queue that grows, and first tokens that become finishes later. */
  lookAlike: scene(
    {
      running: '8x19 9x9 8x9 20 38 55 68 76 79 80 78 79x31',
      waiting: '0x40 9+9x38',
      'kv-cache-usage': '0.07x39 0.1 0.15 0.22 0.27 0.3 0.31 ...',
      'finished{stop}': '2x40 2.4 3 3.8 4.4 4.67 ...',
      'output-tokens': '300x39 290 285 280 ...',
      'prompt-tokens': '1000x39 3000 5000 6000 6800 7000 ...',
      'prefix-cache-queries': '1000x39 3000 5000 6000 6800 7000 ...',
      'http-requests{2xx}': '2x40 2.4 3 3.8 4.4 4.67 ...',
    },
    {
      ttft: '0.1*2x39 0.5*3 1*4 2*4.5 4*4.67x4 14*4.67x4 24*4.67x4 34*4.67x4 44*4.67x4 54*4.67x4 64*4.67x4 74*4.67 ...',
      itl: '0.025..0.03*290,0.088*8x39 0.1..0.2*250x2 0.25..0.28*270 0.281*280 ...',
      'time-per-output-token': '0.028*2x40 0.1*3x2 0.28*4.67 ...',
      e2e: '4.3*2x40 8*3x2 20*4.67x6 40*4.67x9 60*4.67 ...',
      'queue-time': '0.01*2x40 0.5*3x2 4*4.67x6 20*4.67x9 40*4.67 ...',
      'prefill-time': '0.09*2x40 0.3*3x2 0.35*4.67 ...',
      'prompt-length': '400..600*2x40 1200..1800*3x2 1200..1800*4.67 ...',
      'output-length': '120..180*2x40 50..70*3x2 50..70*4.67 ...',
      'step-tokens': '8..510*34x39 200..2048*10x2 1800..2048*4.2 2048*3.6 ...',
    },
    {
      labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '24000', enable_prefix_caching: 'True' } },
      knobs: { 'max-num-seqs': 256, 'max-num-batched-tokens': 2048 },
    },
  ),
  /** Clients leave, and first tokens are not counted. */
  blind: scene({ ...LEAVE, 'http-requests{2xx}': null }, { ...LEFT, ttft: null }),
};

export const VARIANTS: Record<
  | 'hardlyAny'
  | 'balance'
  | 'editor'
  | 'always'
  | 'errors'
  | 'refused'
  | 'badRequests'
  | 'gateway'
  | 'scrapeGap'
  | 'lowTraffic'
  | 'lateCounter',
  Evidence
> = {
  /** A new process counts finishes from the start and HTTP answers from the first one: for one grid time there are more of these. */
  lateCounter: scene({ 'http-requests{2xx}': '2x73 12 2 ...' }),
  hardlyAny: scene(FLOOD, FLOODED, { knobs: { 'max-num-seqs': 64, 'max-num-batched-tokens': 2048 } }),
  /** The sick one without HTTP counters: first tokens, finishes and running alone. */
  balance: scene({ ...LEAVE, 'http-requests{2xx}': null }, LEFT),
  /** Half of all completions are dropped as the user types on, from the first sample on: that is how editors work. */
  editor: scene({ 'finished{stop}': '1' }, { e2e: '4.3*1', 'output-length': '120..180*1' }),
  /** The same share where people read: somebody cuts them off, since before the window. */
  always: scene({ 'finished{stop}': '0.8' }, { e2e: '4.3*0.8', 'output-length': '120..180*0.8' }),
  /** One in ten ends with an error of the server. */
  errors: scene({
    'finished{stop}': '2x39 1.95 1.9 1.85 1.8 ...',
    'finished{error}': '0x39 0.05 0.1 0.15 0.2 ...',
    'http-requests{2xx}': '2x39 1.95 1.9 1.85 1.8 ...',
    'http-requests{5xx}': '0x39 0.05 0.1 0.15 0.2 ...',
  }),
  /** The queue limit turns three in ten away. */
  refused: scene({
    'http-requests{5xx}': '0x39 0.2 0.45 0.7 0.85 ...',
    'admission-rejections{num_queued_reqs}': '0x39 0.2 0.45 0.7 0.85 ...',
  }),
  /** A new client asks for what the server does not have: four in ten are a 404. */
  badRequests: scene({ 'http-requests{4xx}': '0.02x39 0.3 0.7 1.1 1.4 ...' }),
  /** The gateway cannot have a tenth answered. */
  gateway: scene({ 'gateway-requests': '2.2', 'gateway-errors': '0x39 0.05 0.1 0.15 0.2 ...' }),
  /** Calm, with 40 s of lost scrapes while the batch shrinks. */
  scrapeGap: scene({
    up: '1x39 0x7 1 ...',
    'scrape-duration': '0.01x39 4.9x7 0.01 ...',
    running: '8x19 9x9 8x9 _x8 2x31',
  }),
  /** One request in 20 s; the last two clients left. */
  lowTraffic: scene(
    {
      running: '0x19 1 0x3 1 0x55',
      'kv-cache-usage': '0x19 0.01 0x3 0.01 0x55',
      'finished{stop}': '0.05x69 0 ...',
      'output-tokens': '7.5',
      'prompt-tokens': '25',
      'prefix-cache-queries': '25',
      'http-requests{2xx}': '0.05',
    },
    { ttft: '0.1*0.05', itl: '0.025..0.03*7.4', 'step-tokens': '1..510*7' },
  ),
};

/** Unix seconds at which the sick scene's cause begins. */
export const ONSET = timeAt(SCENES.sick.grid, 40);
