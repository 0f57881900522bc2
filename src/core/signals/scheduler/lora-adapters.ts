import { signal } from '../signal.ts';

export const loraAdapters = signal({
  id: 'lora-adapters',
  title: 'LoRA adapters',
  family: 'scheduler',
  unit: 'count',
  kind: 'info',
  level: 'engine',
  names: [{ metric: 'vllm:lora_requests_info', dialect: 'LoRA on', stamped: true }],
  across: 'max',
  worth: 3,
  doc: 'Names of the adapters that run and wait, and how many fit a step (`max_lora`). Each combination is a series of its own; the newest counts.',
});
