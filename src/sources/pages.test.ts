import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { buildEvidence } from '../core/evidence/build.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import { type SignalId, SIGNALS } from '../core/signals/index.ts';
import { spellingsOf } from '../core/signals/spellings.ts';
import { evaluateSignal } from '../core/exposition/evaluate.ts';
import { parseExposition } from '../core/exposition/parse.ts';
import { buildStore } from '../core/exposition/store.ts';

/** Real /metrics pages of every vLLM that spells things in its own way; see pages/README.md. */
const folder = join(dirname(fileURLToPath(import.meta.url)), '../core/exposition/pages');

const START = 1_800_000_000;

/** A page read twice, 15 s apart, the second time with every counter as it was. */
function evidenceOf(page: string): Evidence {
  const parsed = parseExposition(gunzipSync(readFileSync(join(folder, page))).toString());
  expect(parsed.malformed).toBe(0);
  const labels = { instance: 'vllm-0:8000' };
  const store = buildStore([START, START + 15].map((at) => ({ parsed, timeMs: at * 1000, labels })));
  const grid = { from: START, step: 15, count: 2 };
  const readouts = SIGNALS.map((signal) => ({
    ...evaluateSignal(store, signal, { grid, window: 60, matchers: [] }),
    query: null,
  }));
  const source = { kind: 'page', label: page, flavour: null };
  return buildEvidence({
    grid,
    window: 60,
    scrapeInterval: 15,
    source,
    selector: '{}',
    knobs: {},
    warnings: [],
    readouts,
  });
}

const OTHER_EXPORTERS = SIGNALS.filter(({ level }) => level === 'neighbour' || level === 'gateway').map(({ id }) => id);
const LORA = 'lora-adapters';
const SPECULATION = 'spec-drafts spec-draft-tokens spec-accepted-tokens spec-accepted-by-position';
const TRANSFER = 'kv-transfer-time kv-transfer-bytes kv-transfer-failures kv-transfer-expired kv-fetch-stage';
/** What vLLM, from its V1 engine on, has no name for. */
const OTHER_ENGINES = 'batch-size seats kv-cache-evictions prefix-cache-hit-rate';
const EVERYWHERE = `${OTHER_EXPORTERS.join(' ')} up scrape-duration ${TRANSFER} ${OTHER_ENGINES}`;
const NEVER = `${EVERYWHERE} ${LORA} ${SPECULATION}`;
const PROCESS = 'process-start process-memory process-cpu';
const V1_IDLE = `${NEVER} http-requests`;

/** Page, replicas, signals absent, signals under an older name. */
const table: readonly [page: string, replicas: string, absent: string, renamed: Record<string, string>][] = [
  [
    'vllm-0.8.5-v0-loaded',
    'vllm-0:8000',
    `${EVERYWHERE} ${SPECULATION} ${PROCESS} http-requests waiting-by-reason request-preemptions time-per-output-token prefix-cache-queries prefix-cache-hits computed-prompt-tokens cached-prompt-tokens computed-prompt-length engine-awake admission-rejections`,
    { itl: 'vllm:time_per_output_token_seconds', 'kv-cache-usage': 'vllm:gpu_cache_usage_perc' },
  ],
  [
    'vllm-0.8.5-v0-idle',
    'vllm-0:8000',
    `${EVERYWHERE} ${SPECULATION} ${PROCESS} http-requests waiting-by-reason request-preemptions time-per-output-token prefix-cache-queries prefix-cache-hits computed-prompt-tokens cached-prompt-tokens computed-prompt-length engine-awake admission-rejections ttft itl e2e queue-time prefill-time decode-time inference-time finished prompt-length output-length requested-output`,
    { 'kv-cache-usage': 'vllm:gpu_cache_usage_perc' },
  ],
  [
    'vllm-0.10.2-idle',
    'vllm-0:8000',
    `${V1_IDLE} waiting-by-reason request-preemptions time-per-output-token computed-prompt-tokens cached-prompt-tokens computed-prompt-length engine-awake admission-rejections`,
    {},
  ],
  ['vllm-0.20.2-idle', 'vllm-0:8000', `${V1_IDLE} request-preemptions admission-rejections`, {}],
  ['vllm-0.20.2-loaded', 'vllm-0:8000', `${NEVER} request-preemptions admission-rejections`, {}],
  ['vllm-0.32.0-idle', 'vllm-0:8000', V1_IDLE, {}],
  ['vllm-0.32.0-thrashing', 'vllm-0:8000', NEVER, {}],
  ['vllm-0.32.0-lora', 'vllm-0:8000', `${EVERYWHERE} ${SPECULATION}`, {}],
  ['vllm-0.32.0-spec-decode', 'vllm-0:8000', `${EVERYWHERE} ${LORA}`, {}],
  ['vllm-0.32.0-dp2-loaded', 'vllm-0:8000/0 vllm-0:8000/1', `${NEVER} ${PROCESS}`, {}],
  [
    // Idle multi-process servers expose no gauge before the first request.
    'vllm-0.32.0-dp2-idle',
    'vllm-0:8000/0 vllm-0:8000/1',
    `${V1_IDLE} ${PROCESS} running waiting waiting-by-reason kv-cache-usage sample-age`,
    {},
  ],
  ['vllm-0.32.0-two-api-servers-loaded', 'vllm-0:8000', `${NEVER} ${PROCESS}`, {}],
  [
    'vllm-0.32.0-two-api-servers-idle',
    'vllm-0:8000',
    `${V1_IDLE} ${PROCESS} running waiting waiting-by-reason kv-cache-usage sample-age`,
    {},
  ],
];

test('every page has its row', () => {
  const pages = readdirSync(folder).filter((file) => file.endsWith('.gz'));
  expect(pages.map((file) => file.replace('.prom.gz', '')).sort()).toEqual(table.map(([page]) => page).sort());
});

describe.each(table)('%s', (page, replicas, absent, renamed) => {
  const evidence = evidenceOf(`${page}.prom.gz`);
  // What only a log tells is on no page.
  const onPages = SIGNALS.filter((signal) => spellingsOf(signal).length > 0).map(({ id }) => id);
  const inState = (state: string) => onPages.filter((id) => evidence.readings[id]?.state === state);

  test('shows its engines', () => {
    expect(evidence.replicas.map((replica) => replica.id).join(' ')).toBe(replicas);
    expect(new Set(evidence.replicas.map((replica) => replica.model))).toEqual(new Set(['tiny']));
  });

  test('resolves every name', () => {
    expect(inState('absent').sort()).toEqual(absent.split(' ').sort());
    expect(Object.fromEntries(inState('renamed').map((id) => [id, evidence.readings[id]?.metrics[0]]))).toEqual(
      renamed,
    );
    expect(inState('partial')).toEqual([]);
    expect(inState('failed')).toEqual([]);
  });
});

test('of the adapter combinations, which stay for ever, the one that was true last counts', () => {
  const evidence = evidenceOf('vllm-0.32.0-lora.prom.gz');
  expect(evidence.readings['lora-adapters']?.labels).toMatchObject([
    { labels: { max_lora: '2', running_lora_adapters: 'a5,a3', waiting_lora_adapters: 'a5,a3' } },
  ]);
});

const lines = (evidence: Evidence, id: SignalId) =>
  evidence.readings[id]?.lines.map((line) => [line.replica, line.part, line.values.at(-1)]);

test('0.10.2 exposes both names of one quantity: found twice, read once', () => {
  const evidence = evidenceOf('vllm-0.10.2-idle.prom.gz');
  expect(evidence.readings['kv-cache-usage']?.metrics).toEqual([
    'vllm:kv_cache_usage_perc',
    'vllm:gpu_cache_usage_perc',
  ]);
  expect(evidence.readings['kv-cache-usage']?.lines.length).toBe(1);
  expect(evidence.readings.itl?.metrics.length).toBe(2);
  expect(evidence.readings.itl?.histograms.length).toBe(1);
});

test('dp2: gauges per engine, what the target counts on its first engine alone', () => {
  const evidence = evidenceOf('vllm-0.32.0-dp2-loaded.prom.gz');
  expect(lines(evidence, 'running')).toEqual([
    ['vllm-0:8000/0', '', 0],
    ['vllm-0:8000/1', '', 0],
  ]);
  expect(lines(evidence, 'http-requests')).toEqual([['vllm-0:8000/0', '2xx', 0]]);
  expect(evidence.readings['cache-config']?.labels.map(({ replica, labels }) => [replica, labels.engine])).toEqual([
    ['vllm-0:8000/0', '0'],
    ['vllm-0:8000/1', '1'],
  ]);
});

test('V0 has no engine label and its configuration no model: both find their replica', () => {
  const evidence = evidenceOf('vllm-0.8.5-v0-loaded.prom.gz');
  expect(evidence.replicas).toEqual([{ id: 'vllm-0:8000', instance: 'vllm-0:8000', engine: '', model: 'tiny' }]);
  expect(evidence.readings['cache-config']?.labels[0]?.labels.num_gpu_blocks).toBe('65536');
});

test('a preemption storm reads as one', () => {
  const evidence = evidenceOf('vllm-0.32.0-thrashing.prom.gz');
  const usage = lines(evidence, 'kv-cache-usage')?.[0]?.[2] as number;
  expect(usage).toBeGreaterThan(0.9);
  expect(lines(evidence, 'waiting-by-reason')?.map(([, part]) => part)).toEqual(['capacity', 'deferred']);
});
