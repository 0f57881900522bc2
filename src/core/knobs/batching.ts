import { always, knob } from './knob.ts';

/** What one engine step holds, and who gets into it. */
export const BATCHING = [
  knob({
    id: 'max-num-seqs',
    title: 'Seats',
    value: { kind: 'whole', unit: 'requests', min: 1, max: 65_536 },
    defaults: [
      { where: 'CPU, times TP and PP', cpu: true, value: 128 },
      {
        where: 'GPUs from 70 GiB, except A100 (and GB10 from 0.33)',
        fromGib: 70,
        except: ['A100', 'GB10'],
        value: 1024,
      },
      { where: 'other GPUs', value: 256 },
    ],
    trades: 'More seats: shorter queue, slower tokens, more KV cache held, more memory for CUDA graphs.',
    decides: 'a seat ceiling at once; without it the cap is read off a flat top of running, which takes 40 s',
  }),
  knob({
    id: 'max-num-batched-tokens',
    title: 'Token budget of a step',
    value: { kind: 'whole', unit: 'tokens', min: 1, max: 4_194_304 },
    defaults: [
      { where: 'CPU, times TP and PP', cpu: true, value: 2048 },
      { where: 'GPUs from 160 GiB (8,192 before 0.28)', fromGib: 160, value: 16_384 },
      {
        where: 'GPUs from 70 GiB, except A100 (and GB10 from 0.33)',
        fromGib: 70,
        except: ['A100', 'GB10'],
        value: 8192,
      },
      { where: 'other GPUs', value: 2048 },
    ],
    trades: 'More tokens a step: prompts are read sooner, running answers stutter more.',
    decides: 'prefill starvation, and the size of the bite one long prompt may take',
  }),
  knob({
    id: 'max-model-len',
    title: 'Longest request',
    value: { kind: 'whole', unit: 'tokens', min: 1, max: 16_777_216 },
    defaults: always(null, "the model's own limit"),
    trades: 'A lower limit refuses the longest requests; it does not create KV cache.',
    decides: 'whether a prompt can ever fit the KV cache',
  }),
  knob({
    id: 'max-num-active-seqs',
    title: 'Cap on admission',
    value: { kind: 'whole', unit: 'requests', min: 1, max: 65_536 },
    since: '0.31.0',
    defaults: always(null, 'the number of seats'),
    trades: 'Fewer run at once while buffers and CUDA graphs keep their size. It frees no memory.',
  }),
  knob({
    id: 'long-prefill-token-threshold',
    title: 'Bite of one long prompt',
    value: { kind: 'whole', unit: 'tokens', min: 0, max: 4_194_304 },
    defaults: always(0, 'off'),
    trades:
      'Smaller bites leave room for short prompts; the long ones take longer. No effect at or above the token budget, nor from 0.31 on while a request is alone.',
  }),
  knob({
    id: 'long-prefill-token-threshold-adaptive',
    title: 'Bite grows when few wait',
    value: { kind: 'switch' },
    since: '0.31.0',
    defaults: always(false),
    trades:
      'The bite is at least the token budget divided by the requests running and waiting. Needs the bite to be set.',
  }),
  knob({
    id: 'prefill-schedule-interval',
    title: 'Steps from one prefill to the next',
    value: { kind: 'whole', unit: 'count', min: 1, max: 1024 },
    since: '0.24.0',
    defaults: always(1),
    trades:
      'Answers stutter less often; prompts wait for their step. Up to 0.32 it counts in coordinated data parallelism only.',
  }),
  knob({
    id: 'scheduling-policy',
    title: 'Order of the queue',
    value: { kind: 'word', of: ['fcfs', 'priority'] },
    defaults: always('fcfs'),
    trades:
      'Important requests go first and may push others out; those others wait longer, and longest under overload.',
  }),
  knob({
    id: 'scheduler-reserve-full-isl',
    title: 'Admit only whole prompts',
    value: { kind: 'switch' },
    since: '0.19.0',
    defaults: always(true),
    trades: 'A prompt is admitted once all of it fits the free KV cache: less thrashing, a longer queue.',
  }),
  knob({
    id: 'watermark',
    title: 'KV cache kept free at admission',
    value: { kind: 'number', unit: 'ratio', min: 0, max: 0.99 },
    since: '0.24.0',
    defaults: always(0),
    trades: 'Fewer repeated preemptions; the queue is longer and the cache is filled less.',
  }),
  knob({
    id: 'enable-chunked-prefill',
    title: 'Prompts in chunks',
    value: { kind: 'switch' },
    defaults: always(true, 'every model that generates'),
    trades: 'Chunks share a step with running answers.',
    never: 'It is on already; turning it off is unsupported in V1.',
  }),
  knob({
    id: 'async-scheduling',
    title: 'Plan the next step during this one',
    value: { kind: 'switch' },
    since: '0.10.0',
    defaults: [
      { where: 'CPU', cpu: true, value: false },
      { where: 'from 0.14, unless incompatible', value: true },
    ],
    trades: 'Hides the gaps between steps; not with every kind of speculation.',
  }),
  knob({
    id: 'performance-mode',
    title: 'Direction of the defaults',
    value: { kind: 'word', of: ['balanced', 'interactivity', 'throughput'] },
    since: '0.17.0',
    defaults: always('balanced'),
    trades: '"throughput" doubles the default seats and token budget: more tokens in all, slower ones for each.',
  }),
] as const;
