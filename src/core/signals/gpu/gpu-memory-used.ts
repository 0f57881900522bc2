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
  ],
  across: 'sum',
  worth: 3,
  doc: 'Memory in use on the GPUs of a replica. Flat by design, since vLLM reserves its share at start: growth comes from outside the KV pool.',
});
