import { signal } from '../signal.ts';

export const gpuMemoryUsed = signal({
  id: 'gpu-memory-used',
  title: 'GPU memory used',
  family: 'gpu',
  unit: 'bytes',
  kind: 'gauge',
  level: 'neighbour',
  names: [
    { metric: 'DCGM_FI_DEV_FB_USED', dialect: 'DCGM exporter', scale: 1048576 },
    { metric: 'nvidia_smi_memory_used_bytes', dialect: 'nvidia_gpu_exporter' },
    { metric: 'gpu_used_vram', dialect: 'AMD device-metrics-exporter', scale: 1048576 },
    { metric: 'amd_gpu_used_vram', dialect: 'AMD device-metrics-exporter, prefix amd_', scale: 1048576 },
    { metric: 'nv_gpu_memory_used_bytes', dialect: 'Triton' },
  ],
  across: 'sum',
  worth: 3,
  doc: 'Memory in use on the GPUs of a replica. Flat by design, since vLLM reserves its share at start: growth comes from outside the KV pool.',
});
