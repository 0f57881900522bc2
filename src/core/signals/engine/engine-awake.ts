import { signal } from '../signal.ts';

export const engineAwake = signal({
  id: 'engine-awake',
  title: 'Engine awake',
  family: 'engine',
  unit: 'count',
  kind: 'gauge',
  level: 'engine',
  names: [{ metric: 'vllm:engine_sleep_state', dialect: '0.11.1 and newer', where: { sleep_state: 'awake' } }],
  across: 'min',
  worth: 3,
  doc: '1 while the engine is awake, 0 while it sleeps: then no traffic is no trouble.',
});
