import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isSignalId, SIGNALS, signalById } from './index.ts';
import { foundSpellings, spellingsOf } from './spellings.ts';

const room = dirname(fileURLToPath(import.meta.url));

/** Ids other programs rely on; a change adds, never renames. */
const STABLE =
  'ttft itl e2e queue-time prefill-time decode-time inference-time time-per-output-token output-tokens prompt-tokens ' +
  'computed-prompt-tokens cached-prompt-tokens finished running waiting waiting-by-reason preemptions step-tokens ' +
  'request-preemptions batch-size seats kv-cache-usage kv-cache-evictions cache-config prefix-cache-queries prefix-cache-hits ' +
  'prefix-cache-hit-rate prompt-length output-length ' +
  'requested-output computed-prompt-length process-start process-memory process-cpu engine-awake http-requests ' +
  'admission-rejections ' +
  'spec-drafts spec-draft-tokens spec-accepted-tokens spec-accepted-by-position lora-adapters kv-transfer-time kv-transfer-bytes kv-transfer-failures kv-transfer-expired kv-fetch-stage container-memory container-memory-limit container-cpu-periods container-cpu-throttled container-restarts container-last-end ' +
  'gpu-utilization gpu-sm-active gpu-memory-used gpu-sm-clock gpu-power gpu-xid gateway-requests gateway-errors deploys images alerts-firing up scrape-duration sample-age logged-ends';

test('list and directory agree: one file per signal, in the folder of its family', () => {
  const files = readdirSync(room, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'dialects')
    .flatMap((folder) => readdirSync(join(room, folder.name)).map((file) => `${folder.name}/${file}`));
  expect(files.sort()).toEqual(SIGNALS.map((signal) => `${signal.family}/${signal.id}.ts`).sort());
});

test('the ids are the stable ones', () => {
  expect(SIGNALS.map((signal) => signal.id)).toEqual(STABLE.split(' '));
});

test('an id finds its signal, a foreign text none', () => {
  for (const signal of SIGNALS) expect(signalById(signal.id)).toBe(signal);
  expect(isSignalId('kv-cache-usage')).toBe(true);
  expect(isSignalId('toString')).toBe(false);
});

test('no metric name stands for two signals with the same matchers and kind', () => {
  const seen = SIGNALS.flatMap((s) => s.names.map((n) => `${s.kind} ${n.metric} ${JSON.stringify(n.where ?? {})}`));
  expect(new Set(seen).size).toBe(seen.length);
});

test("vLLM's counters end in _total and no other kind does, but for the one trap", () => {
  for (const signal of SIGNALS) {
    for (const { metric } of signal.names) {
      if (!metric.startsWith('vllm:') || metric === 'vllm:iteration_tokens_total') continue;
      expect(metric.endsWith('_total'), metric).toBe(signal.kind === 'counter');
    }
  }
});

test('names are tried newest release first, native prefix first, other engines last', () => {
  expect(spellingsOf(signalById('kv-cache-usage')).map((name) => name.metric)).toEqual([
    'vllm:kv_cache_usage_perc',
    'vllm_kv_cache_usage_perc',
    'ray_vllm_kv_cache_usage_perc',
    'ray_vllm:kv_cache_usage_perc',
    'kserve_vllm:kv_cache_usage_perc',
    'vllm:gpu_cache_usage_perc',
    'vllm_gpu_cache_usage_perc',
    'ray_vllm_gpu_cache_usage_perc',
    'ray_vllm:gpu_cache_usage_perc',
    'kserve_vllm:gpu_cache_usage_perc',
    'gpu_cache_usage_perc',
    'sglang:token_usage',
    'sglang_token_usage',
    'trtllm_kv_cache_utilization',
    'trtllm:kv_cache_utilization',
    'nv_trt_llm_kv_cache_block_metrics',
    'vllm_kv_cache_utilization',
  ]);
});

test('a histogram is recognised by its buckets', () => {
  const exists = (metric: string) => metric === 'ray_vllm_inter_token_latency_seconds_bucket';
  expect(foundSpellings(signalById('itl'), exists).map((name) => name.metric)).toEqual([
    'ray_vllm_inter_token_latency_seconds',
  ]);
});
