import { signal } from '../signal.ts';

export const containerMemory = signal({
  id: 'container-memory',
  title: 'Container memory',
  family: 'container',
  unit: 'bytes',
  kind: 'gauge',
  level: 'neighbour',
  names: [{ metric: 'container_memory_working_set_bytes', dialect: 'cAdvisor', where: { container: '~.+' } }],
  across: 'sum',
  worth: 3,
  doc: 'Memory that counts against the limit of the pod, all processes of the engine in it.',
});
