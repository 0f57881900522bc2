import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { buildEvidence } from '../core/evidence/build.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import { evaluateSignal } from '../core/exposition/evaluate.ts';
import { parseExposition } from '../core/exposition/parse.ts';
import { buildStore } from '../core/exposition/store.ts';
import { type SignalId, SIGNALS } from '../core/signals/index.ts';
import { DIALECTS } from '../core/signals/dialects/index.ts';
import { isEngineName, probeName, spellingsOf } from '../core/signals/spellings.ts';

/** Pages of other engines and transports, as excerpts: each says in its first lines where it is from. */
const folder = join(dirname(fileURLToPath(import.meta.url)), '../core/exposition/pages/excerpts');
const excerpts = readdirSync(folder).map((file) => file.replace('.prom', ''));

const START = 1_800_000_000;

/** A page read twice, 15 s apart; the second time every counter has grown by a tenth. */
function evidenceOf(page: string): Evidence {
  const text = readFileSync(join(folder, `${page}.prom`)).toString();
  const parsed = parseExposition(text);
  expect(parsed.malformed).toBe(0);
  const later = {
    ...parsed,
    series: parsed.series.map((series) =>
      /_(total|bucket|sum|count|success)$/.test(series.name)
        ? { ...series, values: series.values.map((value) => value * 1.1) }
        : series,
    ),
  };
  const labels = { instance: 'engine:8000' };
  const store = buildStore([
    { parsed, timeMs: START * 1000, labels },
    { parsed: later, timeMs: (START + 15) * 1000, labels },
  ]);
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

/** Last values as text: `signal{part}@replica value`, without the replica where there is but one. */
function lastValues(evidence: Evidence): Record<string, number> {
  const several = evidence.replicas.length > 1;
  const out: Record<string, number> = {};
  for (const { id } of SIGNALS) {
    for (const { replica, part, values } of evidence.readings[id]?.lines ?? []) {
      const key = `${id}${part && `{${part}}`}${several ? `@${replica}` : ''}`;
      out[key] = Number(values.at(-1)?.toPrecision(4) ?? 'NaN');
    }
    for (const { replica, count } of evidence.readings[id]?.histograms ?? []) {
      out[`${id}${several ? `@${replica}` : ''}`] = Number(count.at(-1)?.toPrecision(4));
    }
  }
  return out;
}

/**
 * What `rate` over 60 s makes of a counter that grew by a tenth between two reads 15 s apart: the growth, stretched by half a
 * gap to the left.
 */
const grown = (value: number): number => Number(((value * 0.1 * 22.5) / 15 / 60).toPrecision(4));

/** Page, replicas, and every value it gives: nothing but these, and each from one series. */
const table: readonly [page: string, replicas: string, values: Record<string, number>][] = [
  [
    'nim',
    'engine:8000',
    {
      running: 1,
      waiting: 0,
      seats: 64,
      'kv-cache-usage': 0.0002848,
      'output-tokens': grown(174),
      'prompt-tokens': grown(109),
      'finished{length}': grown(5),
      ttft: grown(5),
      itl: grown(169),
      e2e: grown(5),
      'prompt-length': grown(5),
      'output-length': grown(5),
      'process-start': 1.73e9,
      'process-memory': 1.046e10,
      'process-cpu': grown(44.87),
      'sample-age': 0,
    },
  ],
  [
    'ray-2025',
    'engine:8000',
    {
      running: 0,
      waiting: 0,
      'kv-cache-usage': 0.00005883,
      // −1: the cache is off.
      'prefix-cache-hit-rate': Number.NaN,
      'output-tokens': grown(300),
      'prompt-tokens': grown(58),
      ttft: grown(1),
      itl: grown(299),
      'process-start': 1.718e9,
      'sample-age': 0,
    },
  ],
  [
    'ray-two-replicas',
    'engine:8000/11111111 engine:8000/22222222',
    {
      'running@engine:8000/11111111': 7,
      'running@engine:8000/22222222': 5,
      'waiting@engine:8000/11111111': 1,
      'waiting@engine:8000/22222222': 2,
      'kv-cache-usage@engine:8000/11111111': 0.9,
      'kv-cache-usage@engine:8000/22222222': 0.2,
      'sample-age@engine:8000/11111111': 0,
      'sample-age@engine:8000/22222222': 0,
    },
  ],
  [
    'sglang-2025',
    'engine:8000',
    {
      running: 162,
      waiting: 2826,
      'kv-cache-usage': 0.28,
      'prefix-cache-hit-rate': 0.007508,
      ttft: grown(11008),
      itl: grown(7.400757e6),
      e2e: grown(11228),
      'sample-age': 0,
    },
  ],
  [
    'sglang-dp',
    'engine:8000/0 engine:8000/1',
    {
      'running@engine:8000/0': 12,
      'running@engine:8000/1': 4,
      'waiting@engine:8000/0': 3,
      'waiting@engine:8000/1': 1,
      'kv-cache-usage@engine:8000/0': 0.1,
      'kv-cache-usage@engine:8000/1': 0.2,
      'prefix-cache-hit-rate@engine:8000/0': 0.9,
      'prefix-cache-hit-rate@engine:8000/1': 0.8,
      // Both tensor-parallel ranks repeat the count: once each.
      'output-tokens@engine:8000/0': grown(500),
      'output-tokens@engine:8000/1': grown(300),
      'computed-prompt-tokens@engine:8000/0': grown(100),
      'cached-prompt-tokens@engine:8000/0': grown(900),
      'preemptions@engine:8000/0': grown(10),
      'preemptions@engine:8000/1': 0,
      // Counted for all ranks together, and so booked once.
      'finished@engine:8000/0': grown(40),
      'sample-age@engine:8000/0': 0,
      'sample-age@engine:8000/1': 0,
    },
  ],
  [
    'tgi',
    'engine:8000',
    {
      running: 0,
      waiting: 0,
      finished: grown(109),
      e2e: grown(109),
      'queue-time': grown(109),
      'inference-time': grown(109),
      'time-per-output-token': grown(109),
      'prompt-length': grown(109),
      'output-length': grown(109),
      'requested-output': grown(109),
      'sample-age': 0,
    },
  ],
  [
    'tensorrt-llm',
    'engine:8000',
    {
      running: 3,
      waiting: 1,
      seats: 2048,
      'kv-cache-usage': 0.62,
      'prefix-cache-hit-rate': 0.4,
      'finished{length}': grown(2),
      ttft: grown(2),
      e2e: grown(2),
      'queue-time': grown(2),
      'time-per-output-token': grown(2),
      'sample-age': 0,
    },
  ],
  [
    'triton',
    'engine:8000',
    {
      running: 6,
      waiting: 2,
      seats: 512,
      'kv-cache-usage': 0.31,
      'gpu-utilization': 0.75,
      'gpu-memory-used': 7e10,
      'sample-age': 0,
    },
  ],
  [
    'textbook',
    'engine:8000',
    {
      waiting: 17,
      'batch-size': grown(1000),
      'kv-cache-usage': 0.97,
      'kv-cache-evictions': grown(12),
      'prefix-cache-hit-rate': 0.35,
      'output-tokens': grown(42000),
      'finished{success}': grown(85),
      'finished{error}': grown(4),
      'finished{timeout}': grown(1),
      ttft: grown(100),
      itl: grown(1000),
      e2e: grown(90),
      'gpu-utilization': 0.88,
      'gpu-memory-used': 7.2e10,
      'sample-age': 0,
    },
  ],
  [
    'production-stack',
    'vllm-0:8000',
    { running: 8, waiting: 2, 'kv-cache-usage': 0.5, 'gateway-requests': grown(1200), 'sample-age': 0 },
  ],
];

test('every excerpt has its row', () => {
  expect(table.map(([page]) => page).sort()).toEqual(excerpts.sort());
});

describe.each(table)('%s', (page, replicas, values) => {
  test('reads as what it says, and as nothing else', () => {
    const evidence = evidenceOf(page);
    expect(evidence.replicas.map(({ id }) => id).join(' ')).toBe(replicas);
    expect(lastValues(evidence)).toEqual(values);
  });
});

describe('what would be counted twice', () => {
  const all = SIGNALS.flatMap((signal) => spellingsOf(signal).map((name) => ({ signal, name })));

  test('no spelling stands for two signals of a kind, under any transport or dialect', () => {
    const seen = all.map(({ signal, name }) => `${signal.kind} ${name.metric} ${JSON.stringify(name.where ?? {})}`);
    expect(seen.filter((one, i) => seen.indexOf(one) !== i)).toEqual([]);
  });

  test('what a dialect leaves out it does not read, unless only releases before some day lack it', () => {
    const read = DIALECTS.flatMap(({ id, names, leftOut }) =>
      Object.keys(leftOut).flatMap((signal) => (names[signal as SignalId] === undefined ? [] : [`${id} ${signal}`])),
    );
    expect(read).toEqual(['sglang output-tokens']);
  });

  test('every engine name is found by its beginning or is known to have none', () => {
    const lost = all.filter(({ signal, name }) => signal.level === 'engine' && !isEngineName(probeName(signal, name)));
    expect(lost.map(({ name }) => name.metric)).toEqual([]);
  });
});
