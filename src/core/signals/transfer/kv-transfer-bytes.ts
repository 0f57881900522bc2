import { signal } from '../signal.ts';

export const kvTransferBytes = signal({
  id: 'kv-transfer-bytes',
  title: 'KV transfer size',
  family: 'transfer',
  unit: 'bytes',
  kind: 'histogram',
  level: 'engine',
  names: [
    { metric: 'vllm:nixl_bytes_transferred', dialect: 'NIXL connector, 0.11.1 and newer' },
    { metric: 'vllm:mooncake_bytes_transferred', dialect: 'Mooncake connector, 0.33 and newer' },
  ],
  across: 'sum',
  worth: 3,
  doc: 'Bytes of one KV transfer. Size ÷ time is the speed of the fabric.',
});
