import { signal } from '../signal.ts';

export const gpuUtilization = signal({
  id: 'gpu-utilization',
  title: 'GPU utilisation',
  family: 'gpu',
  unit: 'ratio',
  kind: 'gauge',
  level: 'neighbour',
  names: [
    { metric: 'DCGM_FI_DEV_GPU_UTIL', dialect: 'DCGM exporter', scale: 0.01 },
    { metric: 'nvidia_smi_utilization_gpu_ratio', dialect: 'nvidia_gpu_exporter' },
    { metric: 'gpu_gfx_activity', dialect: 'AMD device-metrics-exporter', scale: 0.01 },
    { metric: 'amd_gpu_gfx_activity', dialect: 'AMD device-metrics-exporter, prefix amd_', scale: 0.01 },
    { metric: 'nv_gpu_utilization', dialect: 'Triton' },
  ],
  across: 'mean',
  worth: 3,
  doc: 'Share of time a kernel was running. One running request holds it near 1, so it tells life, not load.',
});
