import { signal } from '../signal.ts';

export const containerMemoryLimit = signal({
  id: 'container-memory-limit',
  title: 'Container memory limit',
  family: 'container',
  unit: 'bytes',
  kind: 'gauge',
  level: 'neighbour',
  names: [{ metric: 'container_spec_memory_limit_bytes', dialect: 'cAdvisor', where: { container: '~.+' } }],
  across: 'sum',
  worth: 3,
  doc: 'Memory at which the kernel kills the container; 0 is none.',
});
