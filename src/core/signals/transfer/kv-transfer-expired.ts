import { signal } from '../signal.ts';

export const kvTransferExpired = signal({
  id: 'kv-transfer-expired',
  title: 'Expired KV leases',
  family: 'transfer',
  unit: 'requests-per-second',
  kind: 'counter',
  level: 'engine',
  names: [
    { metric: 'vllm:nixl_num_kv_expired_reqs_total', dialect: 'NIXL connector, 0.15 and newer' },
    { metric: 'vllm:mooncake_num_kv_expired_reqs_total', dialect: 'Mooncake connector, 0.33 and newer' },
  ],
  across: 'sum',
  worth: 3,
  doc: 'Requests per second whose KV the prefill side gave up keeping because nobody fetched it.',
});
