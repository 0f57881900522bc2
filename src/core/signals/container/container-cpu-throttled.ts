import { signal } from '../signal.ts';

export const containerCpuThrottled = signal({
  id: 'container-cpu-throttled',
  title: 'Throttled CPU periods',
  family: 'container',
  unit: 'per-second',
  kind: 'counter',
  level: 'neighbour',
  names: [
    {
      metric: 'container_cpu_cfs_throttled_periods_total',
      dialect: 'cAdvisor, CPU limit set',
      where: { container: '~.+' },
    },
  ],
  across: 'sum',
  worth: 3,
  doc: 'Of these, the periods in which the CPU limit stopped it.',
});
