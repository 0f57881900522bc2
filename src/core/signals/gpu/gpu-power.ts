import { signal } from '../signal.ts';

export const gpuPower = signal({
  id: 'gpu-power',
  title: 'GPU power',
  family: 'gpu',
  unit: 'watts',
  kind: 'gauge',
  level: 'neighbour',
  names: [
    { metric: 'DCGM_FI_DEV_POWER_USAGE', dialect: 'DCGM exporter' },
    { metric: 'nvidia_smi_power_draw_watts', dialect: 'nvidia_gpu_exporter' },
    { metric: 'gpu_power_usage', dialect: 'AMD device-metrics-exporter' },
    { metric: 'amd_gpu_power_usage', dialect: 'AMD device-metrics-exporter, prefix amd_' },
  ],
  across: 'mean',
  worth: 3,
  doc: 'Electric power drawn. Within a tensor-parallel group the GPU that draws most is the one the others wait for.',
});
