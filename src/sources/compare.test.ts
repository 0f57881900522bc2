import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compare } from '../core/compare/compare.ts';
import type { ModelComparison, Row } from '../core/compare/comparison.ts';
import { toCompareJson, toCompareText } from '../core/compare/format.ts';
import type { Values } from '../core/base/grid.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import { sliceEvidence } from '../core/evidence/slice.ts';
import { diagnose } from '../core/verdict/diagnose.ts';
import { targetsOf } from '../core/verdict/profiles.ts';
import { gunzipIfNeeded } from './recording/decompress.ts';
import { openRecording } from './recording/source.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const chat = targetsOf('chat');

async function read(file: string): Promise<Evidence> {
  const text = await gunzipIfNeeded(new Uint8Array(readFileSync(root + file)));
  const recording = openRecording({ name: file, texts: [text] }, { fetch, now: () => 0 });
  return recording.read({ from: 'start', to: 'end', selector: '', knobs: {} }, new AbortController().signal);
}
const library = (name: string) => read(`public/library/${name}.om.gz`);
const cure = (name: string) => read(`e2e/fixtures/cures/${name}.om.gz`);

function onset(evidence: Evidence): number {
  return diagnose(evidence, chat).findings[0]?.since as number;
}

function only(before: Evidence, after: Evidence): ModelComparison {
  const { models } = compare(before, after, chat);
  expect(models).toHaveLength(1);
  return models[0] as ModelComparison;
}

function row({ sections }: ModelComparison, id: string): Row {
  return sections.flatMap(({ rows }) => rows).find((one) => one.id === id) as Row;
}

test('seats: three times as many helped, and more that run than there were seats show it was done', async () => {
  const found = only(await library('seats'), await cure('seats'));
  expect(found.sections.map(({ id }) => id)).toEqual(['configuration', 'workload', 'load', 'outcome']);
  expect(found).toMatchObject({ answer: 'helped', price: [] });
  expect(found.remedies).toMatchObject([
    { flag: '--max-num-seqs 24', answer: 'helped', applied: { state: 'visible', says: expect.stringContaining('24') } },
  ]);
  expect(row(found, 'process-start').difference).toBe('changed');
  expect(row(found, 'arrivals').difference).toBe('chance');
  expect(row(found, 'output-length').difference).toBe('chance');
  expect(row(found, 'within-ttft').difference).toBe('more');
  // 14.5 run where never more than 8 did: no fit reaches there.
  expect(row(found, 'itl').normalised).toEqual({ because: expect.stringContaining('beyond the loads seen before') });
});

test('kv-thrash-a: shorter answers are what the flag asks for, and no load that fell by itself', async () => {
  const found = only(await library('kv-thrash-a'), await cure('kv-thrash-a'));
  expect(row(found, 'output-length').difference).toBe('less');
  expect(found.answer).toBe('helped');
  expect(found.signatures[0]).toMatchObject({ pathology: 'kv-cache-thrashing', after: 'ruled-out' });
  expect(found.remedies[0]?.applied.state).toBe('not-visible');
  expect(row(found, 'preemptions').normalised).toMatchObject({ per: 'per finished request', after: 0 });
});

test('kv-thrash-a with 8 seats: the first advice was not followed, the second moved the queue and halved the output', async () => {
  const found = only(await library('kv-thrash-a'), await cure('kv-thrash-a-8-seats'));
  expect(found.answer).toBe('hurt');
  expect(found.because[0]).toContain('max_num_seqs ceiling (critical) was not there before');
  expect(found.price).toEqual([expect.stringMatching(/^Output: 4\d\d tokens\/s before, 2\d\d tokens\/s after$/)]);
  expect(found.remedies.map(({ applied, answer }) => [applied.state, applied.says, answer])).toEqual([
    ['contradicted', '8 seats read off, not 24', 'cannot-tell'],
    ['visible', '8 seats read off', 'hurt'],
  ]);
});

test('long-spike-a: relieved, with what is paid and what still stands', async () => {
  const found = only(await library('long-spike-a'), await cure('long-spike-a'));
  expect(found.answer).toBe('relieved');
  expect(found.signatures[0]?.after).toBe('ruled-out');
  expect(found.price).toEqual([expect.stringMatching(/^Time per output token within 50 ms: 62 % before, 40 % after$/)]);
  expect(found.because.at(-1)).toContain('prefill interrupts decode (warning) stands after');
  expect(found.remedies[0]?.applied.says).toBe('the flag is not visible in the metrics');
});

test('before the onset against after it, in one recording', async () => {
  const whole = await library('kv-thrash-a');
  const found = only(sliceEvidence(whole, onset(whole)), whole);
  expect(found.answer).toBe('hurt');
  expect(found.remedies).toEqual([]);
  expect(row(found, 'process-start').difference).toBe('none');
  expect(row(found, 'output-length').difference).toBe('more');
  // A step takes longer than the batch explains: prompts are computed again and again.
  const { before, after } = row(found, 'itl').normalised as { before: number; after: number };
  expect(before).toBeCloseTo(1, 1);
  expect(after).toBeGreaterThan(1.1);
});

test('a load that fell by itself: cannot tell, and nothing was restarted', async () => {
  const whole = await library('seats');
  const found = only(whole, sliceEvidence(whole, onset(whole)));
  expect(found.after.status).toBe('healthy');
  expect(row(found, 'arrivals').difference).toBe('less');
  expect(found.answer).toBe('cannot-tell');
  expect(found.because[0]).toContain('the load fell, so it might have gone by itself: Arrivals');
  expect(found.remedies[0]).toMatchObject({ answer: 'cannot-tell', applied: { state: 'contradicted' } });
});

test('a load that rose: it is worse, and no remedy that was followed is to blame', async () => {
  const [calm, seats] = [await library('healthy-steady'), await library('seats')];
  // Told to have 24 seats now, which the metrics of this engine would contradict.
  const told = { 'max-num-seqs': 24 };
  const found = only(seats, { ...(await library('overload')), knobs: told });
  expect(found.remedies[0]).toMatchObject({ applied: { state: 'visible' }, answer: 'cannot-tell' });
  expect(found.remedies[0]?.because[0]).toMatch(/^the load rose: .*so it might have got worse by itself$/);
  expect(only(calm, await library('overload'))).toMatchObject({
    answer: 'hurt',
    because: expect.arrayContaining([expect.stringMatching(/^the load rose: .*Arrivals/)]),
  });
});

test('a replica lost from sight: its status is of the half that is seen, so nothing is said to be worse', async () => {
  const whole = await read('e2e/fixtures/recordings/own-healthy-two.om.gz');
  const gone = whole.replicas[0]?.id;
  const last = whole.grid.count - 40;
  const cut = (values: Values, is: number | null) => values.map((value, i) => (i > last ? is : value));
  const readings = Object.fromEntries(
    Object.entries(whole.readings).map(([id, reading]) => [
      id,
      {
        ...reading,
        lines: reading.lines.map((line) =>
          line.replica === gone ? { ...line, values: cut(line.values, id === 'up' ? 0 : null) } : line,
        ),
        histograms: reading.histograms.map((h) =>
          h.replica === gone
            ? {
                ...h,
                cumulative: h.cumulative.map((line) => cut(line, null)),
                count: cut(h.count, null),
                sum: cut(h.sum, null),
              }
            : h,
        ),
      },
    ]),
  );
  const found = only(whole, { ...whole, readings });
  expect(found.after.primary).toBe('telemetry-gap');
  expect(found.answer).toBe('cannot-tell');
});

test('batch counts the output: half of it is a loss though nobody reads along', async () => {
  const [before, after] = [await library('kv-thrash-a'), await cure('kv-thrash-a-8-seats')];
  const [found] = compare(before, after, targetsOf('batch')).models;
  expect(found?.answer).toBe('relieved');
  expect(found?.because).toContainEqual(expect.stringMatching(/^Output: 4\d\d tokens\/s before, 2\d\d/));
});

test('a target inside a bucket: where both intervals overlap nothing is told', async () => {
  const [before, after] = [await library('long-spike-a'), await cure('long-spike-a')];
  const [found] = compare(before, after, targetsOf('custom', { e2e: 22 })).models;
  expect(row(found as ModelComparison, 'within-e2e')).toMatchObject({
    difference: 'unknown',
    z: null,
    note: expect.stringContaining('no bucket edge'),
  });
});

test('the same twice: no difference in any row; of nothing, and of too little, no answer', async () => {
  const steady = await library('healthy-steady');
  const found = only(steady, steady);
  expect(found).toMatchObject({ answer: 'no-difference', price: [], because: [] });
  const differences = found.sections.flatMap(({ rows }) => rows.map(({ difference }) => difference));
  expect(new Set(differences)).toEqual(new Set(['none', 'unknown']));
  const kv = await library('kv-thrash-a');
  expect(compare(kv, { ...kv, replicas: [], readings: {} }, chat).answer).toBe('cannot-tell');
  expect(only(kv, sliceEvidence(await cure('kv-thrash-a'), 0)).answer).toBe('cannot-tell');
});

test.each(['imbalance', 'kv-bound', 'long-spike-a', 'overload', 'prefix-collapse', 'seats', 'stall'])(
  '%s against itself neither helped nor hurt',
  async (name) => {
    const one = await library(name);
    expect(['no-difference', 'cannot-tell']).toContain(only(one, one).answer);
  },
);

test('two halves of a steady hour differ by chance alone', async () => {
  const steady = await library('healthy-steady');
  const found = only(sliceEvidence(steady, steady.grid.from + 210), steady);
  expect(found.answer).toBe('no-difference');
  expect(found.sections.flatMap(({ rows }) => rows).filter(({ difference }) => /more|less/.test(difference))).toEqual(
    [],
  );
});

test('text and JSON say the same', async () => {
  const comparison = compare(await library('seats'), await cure('seats'), chat);
  const text = toCompareText(comparison);
  expect(text).toMatch(/^HELPED {2}tiny$/m);
  expect(text).toContain('not normalised: the load after lies beyond the loads seen before');
  expect(text).toMatch(/Arrivals +2\.36\/s +2\.43\/s +within chance/);
  expect(JSON.parse(JSON.stringify(toCompareJson(comparison, '1')))).toMatchObject({
    schema: 'vllm-triage/compare/1',
    answer: 'helped',
    models: [{ before: { status: 'critical', primary: 'seat-ceiling' }, after: { status: 'healthy', primary: null } }],
  });
});
