import { signal } from '../signal.ts';

export const containerCpuPeriods = signal({
  id: 'container-cpu-periods',
  title: 'CPU periods',
  family: 'container',
  unit: 'per-second',
  kind: 'counter',
  level: 'neighbour',
  names: [
    { metric: 'container_cpu_cfs_periods_total', dialect: 'cAdvisor, CPU limit set', where: { container: '~.+' } },
  ],
  across: 'sum',
  worth: 3,
  doc: 'Scheduling periods per second in which the container wanted CPU; only with a CPU limit.',
});
