import { signal } from '../signal.ts';

export const inferenceTime = signal({
  id: 'inference-time',
  title: 'Inference time',
  family: 'latency',
  unit: 'seconds',
  kind: 'histogram',
  level: 'engine',
  names: [{ metric: 'vllm:request_inference_time_seconds', dialect: 'every release' }],
  across: 'sum',
  worth: 3,
  doc: 'Prefill plus decode of a request, written when it finishes.',
});
