import { signal } from '../signal.ts';

export const processStart = signal({
  id: 'process-start',
  title: 'Process start',
  family: 'engine',
  unit: 'seconds',
  kind: 'gauge',
  level: 'target',
  names: [{ metric: 'process_start_time_seconds', dialect: 'single API server' }],
  across: 'max',
  worth: 2,
  doc: 'When the API server process started, unix seconds. A change is a restart. Absent with several API servers.',
});
