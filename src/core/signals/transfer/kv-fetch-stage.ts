import { signal } from '../signal.ts';

export const kvFetchStage = signal({
  id: 'kv-fetch-stage',
  title: 'Remote KV by stage',
  family: 'transfer',
  unit: 'requests',
  kind: 'gauge',
  level: 'engine',
  names: [{ metric: 'vllm:num_requests_kv_fetch_by_stage', dialect: '0.32 and newer, consuming KV connector' }],
  by: 'stage',
  across: 'sum',
  worth: 3,
  doc: 'Waiting requests that load KV from elsewhere: not begun, in progress, loaded but not admitted.',
});
