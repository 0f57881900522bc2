import { signal } from '../signal.ts';

export const processCpu = signal({
  id: 'process-cpu',
  title: 'Process CPU',
  family: 'engine',
  unit: 'count',
  kind: 'counter',
  level: 'target',
  names: [{ metric: 'process_cpu_seconds_total', dialect: 'single API server' }],
  across: 'max',
  worth: 3,
  doc: 'CPU cores used by the API server process. Near 1 means its event loop is the limit.',
});
