import { knob } from './knob.ts';

const V0 = 'It belongs to the V0 engine; V1 recomputes and never swaps.';
const UNFINISHED = 'V1 never took a value other than the default, and 0.27 does not start with it.';

/** What old advice still speaks of. None of it helps a V1 engine. */
export const RETIRED = [
  knob({
    id: 'swap-space',
    title: 'CPU memory for swapped requests',
    value: { kind: 'number', unit: 'GiB', min: 0, max: 65_536 },
    until: '0.18.0',
    defaults: [],
    trades: 'None on V1.',
    never: V0,
  }),
  knob({
    id: 'preemption-mode',
    title: 'Swap or recompute',
    value: { kind: 'word', of: ['recompute', 'swap'] },
    until: '0.11.0',
    defaults: [],
    trades: 'None on V1.',
    never: V0,
  }),
  knob({
    id: 'num-scheduler-steps',
    title: 'Steps planned at once',
    value: { kind: 'whole', unit: 'count', min: 1, max: 1024 },
    until: '0.10.1',
    defaults: [],
    trades: 'None on V1.',
    never: 'It belongs to the V0 engine; V1 plans asynchronously.',
  }),
  knob({
    id: 'scheduler-delay-factor',
    title: 'Wait before the next prefill',
    value: { kind: 'number', unit: 'ratio', min: 0, max: 100 },
    until: '0.11.0',
    defaults: [],
    trades: 'None on V1.',
    never: 'It belongs to the V0 engine; V1 mixes prefill and decode in one step.',
  }),
  knob({
    id: 'use-v2-block-manager',
    title: 'Block manager of V0',
    value: { kind: 'switch' },
    until: '0.11.0',
    defaults: [],
    trades: 'None on V1.',
    never: 'It belongs to the V0 engine.',
  }),
  knob({
    id: 'max-num-partial-prefills',
    title: 'Prompts read side by side',
    value: { kind: 'whole', unit: 'count', min: 1, max: 1024 },
    until: '0.27.0',
    defaults: [],
    trades: 'None on V1.',
    never: UNFINISHED,
  }),
  knob({
    id: 'max-long-partial-prefills',
    title: 'Long prompts read side by side',
    value: { kind: 'whole', unit: 'count', min: 1, max: 1024 },
    until: '0.27.0',
    defaults: [],
    trades: 'None on V1.',
    never: UNFINISHED,
  }),
] as const;
