import { signal } from '../signal.ts';

export const gpuSmClock = signal({
  id: 'gpu-sm-clock',
  title: 'GPU clock',
  family: 'gpu',
  unit: 'hertz',
  kind: 'gauge',
  level: 'neighbour',
  names: [
    { metric: 'DCGM_FI_DEV_SM_CLOCK', dialect: 'DCGM exporter', scale: 1e6 },
    { metric: 'nvidia_smi_clocks_current_sm_clock_hz', dialect: 'nvidia_gpu_exporter' },
  ],
  across: 'mean',
  worth: 3,
  doc: 'Clock of the multiprocessors. Below its peers on one replica: throttled.',
});
