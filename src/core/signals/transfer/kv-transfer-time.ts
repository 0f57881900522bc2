import { signal } from '../signal.ts';

export const kvTransferTime = signal({
  id: 'kv-transfer-time',
  title: 'KV transfer time',
  family: 'transfer',
  unit: 'seconds',
  kind: 'histogram',
  level: 'engine',
  names: [
    { metric: 'vllm:nixl_xfer_time_seconds', dialect: 'NIXL connector, 0.11.1 and newer' },
    { metric: 'vllm:mooncake_xfer_time_seconds', dialect: 'Mooncake connector, 0.33 and newer' },
  ],
  across: 'sum',
  worth: 3,
  doc: 'Seconds one KV transfer between prefill and decode took, per TP rank and not per request.',
});
