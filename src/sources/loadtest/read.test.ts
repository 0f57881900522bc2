import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LOAD_FORMATS } from '../../core/loadtest/formats/index.ts';
import { type LoadRun, latencyOf, type Measure, statisticOf } from '../../core/loadtest/run.ts';
import { readLoadRecords } from '../../core/loadtest/read.ts';

import { readRecords } from '../../core/loadtest/records.ts';
import { readLoadFile } from './read.ts';
import { HEAD, looksLikeLoadTest } from './recognise.ts';

const folder = fileURLToPath(new URL('../../core/loadtest/samples/', import.meta.url));
const names = readdirSync(folder).filter((name) => name !== 'README.md');
const bytesOf = (name: string) => new Uint8Array(readFileSync(`${folder}${name}`));
const textOf = (name: string) => {
  const bytes = readFileSync(`${folder}${name}`);
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
};
const runsOf = async (name: string, as = name) => (await readLoadFile(as, bytesOf(name))).tests.map(({ run }) => run);

/** A run in one line: load, counts, lengths, rates, and of each latency its definition, mean and p95 in ms. */
function summary(run: Omit<LoadRun, 'requests'>): string {
  const n = (value: number | null) => (value === null ? '–' : String(Number(value.toPrecision(4))));
  const ms = (value: number | null) => (value === null ? '–' : n(value * 1000));
  const all = { ...run, requests: null };
  const latency = (measure: Measure) => {
    const found = latencyOf(all, measure);
    return found && `${measure} ${ms(found.mean)}/${ms(statisticOf(found, 'p95'))} ${found.definition}`;
  };
  return [
    `${run.format}: ${run.tool}`,
    run.name,
    run.model,
    `${run.load.kind} ${n(run.load.value)}`,
    `${n(run.counts.ok)} ok ${n(run.counts.failed)} failed`,
    `${n(run.lengths.input)}→${n(run.lengths.output)} tokens`,
    `${n(run.throughput.requests)} req/s ${n(run.throughput.outputTokens)} tok/s in ${n(run.duration)} s`,
    ...(['ttft', 'itl', 'tpot', 'e2e', 'e2e-per-token'] as const).map(latency),
  ]
    .filter((part) => part !== null)
    .join(' | ');
}

describe('samples', () => {
  test('every format has one', async () => {
    const seen = new Set((await Promise.all(names.map((name) => runsOf(name)))).flat().map(({ format }) => format));
    expect([...seen].sort()).toEqual(LOAD_FORMATS.map(({ id }) => id).sort());
  });

  test.each(names)('%s', async (name) => {
    const { tests, warnings } = await readLoadFile(name, bytesOf(name));
    expect(warnings).toEqual([]);
    expect(tests.map(({ run }) => summary(run))).toMatchSnapshot();
  });

  test.each(names)('%s under an unhelpful name', async (name) => {
    const told = (runs: readonly Omit<LoadRun, 'requests'>[]) => runs.map(({ file: _, name: __, ...rest }) => rest);
    expect(told(await runsOf(name, 'blob'))).toEqual(told(await runsOf(name)));
  });

  test.each(names)('%s is told from other files by its beginning', (name) => {
    expect(looksLikeLoadTest(textOf(name).slice(0, HEAD))).toBe(true);
  });

  test.each(names.filter((name) => !/yaml/.test(name)))(
    '%s cut anywhere: never a number that is not in it',
    async (name) => {
      const text = textOf(name);
      const whole = (await runsOf(name)).map((run) => latencyNumbers(run));
      const allowed = new Set(whole.flat());
      fc.assert(
        fc.property(fc.integer({ min: 1, max: text.length - 2 }), (at) => {
          const records = readRecords(text.slice(0, at));
          const { runs, warnings } = readLoadRecords(records, name);
          // Lines that are gone are not missed; an object that breaks off is told.
          if (records.cut || records.unreadable.length > 0)
            expect(warnings.length + (runs.length === 0 ? 1 : 0)).toBeGreaterThan(0);
          // Requests one by one are summed over what is there.
          if (!name.includes('profile_export.jsonl'))
            for (const run of runs)
              for (const number of latencyNumbers(run)) expect(allowed.has(number), String(number)).toBe(true);
        }),
        { numRuns: 25 },
      );
    },
  );

  test.each(names.filter((name) => !/yaml/.test(name)))('%s with fields nobody knows', async (name) => {
    const text = textOf(name);
    // NaN as Python writes it, in every object.
    const more = readRecords(text)
      .records.map((record) => JSON.stringify(withMore(record)).replaceAll('"NaN"', 'NaN'))
      .join('\n');
    const plain = (runs: readonly LoadRun[]) => runs.map(({ requests: _, serverArgs: __, ...rest }) => rest);
    const read = (from: string) => readLoadRecords(readRecords(from), name);
    expect(plain(read(more).runs)).toEqual(plain(read(text).runs));
  });

  test.each(names.filter((name) => name.endsWith('.json')))('%s packed and cut short says so', async (name) => {
    const packed = gzipSync(bytesOf(name));
    const whole = await readLoadFile(name, new Uint8Array(packed));
    expect(whole.warnings).toEqual([]);
    const told = await readLoadFile(name, new Uint8Array(packed.subarray(0, packed.length * 0.8))).catch(
      (error: Error) => ({ warnings: [error.message] }),
    );
    expect(told.warnings.join(' ')).toMatch(/ends early/);
  });
});

function withMore(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMore);
  if (typeof value !== 'object' || value === null) return value;
  const inside = Object.entries(value).map(([key, one]) => [key, withMore(one)]);
  return { from_the_future: { nested: [1, 'NaN', { x: null }] }, ...Object.fromEntries(inside) };
}

function latencyNumbers(run: Pick<LoadRun, 'latencies'>): number[] {
  return run.latencies.flatMap(({ mean, min, max, percentiles }) =>
    [mean, min, max, ...percentiles.map(({ seconds }) => seconds)].filter((x) => x !== null),
  );
}

describe('what is no load test', () => {
  test.each([
    ['{"traceEvents": [{"ph": "X", "name": "aten::mm"}]}'],
    ['{"architectures": ["LlamaForCausalLM"], "hidden_size": 4096}'],
    ['# HELP vllm:num_requests_running x\nvllm:num_requests_running 3\n'],
    ['INFO 11-24 12:00:00 [loggers.py:123] Engine 000: Avg prompt throughput: 1 tokens/s, request_throughput'],
    [''],
  ])('%s', async (text) => {
    expect(looksLikeLoadTest(text)).toBe(false);
    await expect(readLoadFile('x', new TextEncoder().encode(text))).rejects.toThrow(/holds no load-test result/);
  });
});

describe('records', () => {
  const object = { a: 1, b: 'x"}\\', c: [1, 2, { d: null }] };
  const text = JSON.stringify(object);
  test.each<[string, string, unknown[]]>([
    ['one object', text, [object]],
    ['one object, written wide', JSON.stringify(object, null, 4), [object]],
    ['an array', `[${text}, ${text}]`, [object, object]],
    ['lines', `${text}\n${text}\n`, [object, object]],
    ['one after the other, written wide', JSON.stringify(object, null, 2).repeat(2), [object, object]],
    ['with a byte order mark', `\ufeff${text}`, [object]],
    [
      "Python's NaN, outside text only",
      '{"a": NaN, "b": -Infinity, "c": "NaN, Infinity"}',
      [{ a: null, b: null, c: 'NaN, Infinity' }],
    ],
  ])('%s', (_, given, records) => {
    expect(readRecords(given)).toEqual({ records, unreadable: [], cut: false });
  });

  test('damage costs its own line, and is told by number', () => {
    expect(readRecords(`${text}\n{"a": oops}\n${text}\n{"a": [1, 2\n${text}\n`)).toEqual({
      records: [object, object, object],
      unreadable: [2, 4],
      cut: false,
    });
  });

  test('the whole part of an object that is cut short is kept', () => {
    expect(readRecords('{"a": {"b": 1, "c": [1, 2, 3')).toEqual({
      records: [{ a: { b: 1, c: [1, 2] } }],
      unreadable: [],
      cut: true,
    });
  });

  test('any JSON objects one after the other come back', () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5, noNullPrototype: true });
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 6 }),
        fc.constantFrom('\n', '\n\n', ' ', ''),
        fc.constantFrom(0, 2),
        (objects, between, indent) => {
          const read = readRecords(objects.map((one) => JSON.stringify(one, null, indent)).join(between));
          expect(read).toEqual({ records: JSON.parse(JSON.stringify(objects)), unreadable: [], cut: false });
        },
      ),
    );
  });

  test('never throws, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'{}[]",:\\n1a \n'), maxLength: 60 }),
        (given) => void readRecords(given),
      ),
    );
  });
});
