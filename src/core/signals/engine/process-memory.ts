import { signal } from '../signal.ts';

export const processMemory = signal({
  id: 'process-memory',
  title: 'Process memory',
  family: 'engine',
  unit: 'bytes',
  kind: 'gauge',
  level: 'target',
  names: [{ metric: 'process_resident_memory_bytes', dialect: 'single API server' }],
  across: 'max',
  worth: 3,
  doc: 'Resident memory of the API server process; engine and GPU workers are not in it.',
});
