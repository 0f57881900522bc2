import { signal } from '../signal.ts';

export const kvTransferFailures = signal({
  id: 'kv-transfer-failures',
  title: 'Failed KV transfers',
  family: 'transfer',
  unit: 'per-second',
  kind: 'counter',
  level: 'engine',
  names: [
    { metric: 'vllm:nixl_num_failed_transfers_total', dialect: 'NIXL connector, 0.11.1 and newer' },
    { metric: 'vllm:mooncake_num_failed_transfers_total', dialect: 'Mooncake connector, 0.33 and newer' },
  ],
  across: 'sum',
  worth: 3,
  doc: 'KV transfers that failed per second; from 0.31 on with handshakes and notifications in it.',
});
