import { signal } from '../signal.ts';

export const gpuSmActive = signal({
  id: 'gpu-sm-active',
  title: 'GPU SM activity',
  family: 'gpu',
  unit: 'ratio',
  kind: 'gauge',
  level: 'neighbour',
  names: [{ metric: 'DCGM_FI_PROF_SM_ACTIVE', dialect: 'DCGM exporter, profiling counters on' }],
  across: 'mean',
  worth: 3,
  doc: 'Share of the multiprocessors that had work. A truer measure of load than utilisation; off in the default DCGM list.',
});
