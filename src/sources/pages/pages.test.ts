import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { diagnose } from '../../core/verdict/diagnose.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import { type EnginePage, pagesOf } from '../../testing/engine-pages.ts';
import { SourceError } from '../errors.ts';
import { openFiles } from '../files.ts';
import type { ReadRequest } from '../source.ts';
import { fillBetween } from './between.ts';
import { stemOf } from './replica.ts';
import { isPageText, openPages, type SavedPage } from './source.ts';

const library = (name: string) => fileURLToPath(new URL(`../../../public/library/${name}.om.gz`, import.meta.url));
const NOW = 1_796_000_000;
const platform = { fetch, now: () => NOW };
const all: ReadRequest = { from: 'start', to: 'end', selector: '', knobs: {} };
const read = async (...pages: SavedPage[]): Promise<Evidence> =>
  openPages({ pages }, platform).read(all, new AbortController().signal);

const [sick = []] = (await pagesOf(library('kv-thrash-a'))).values();
const twins = await pagesOf(library('imbalance'));
/** Two pages of a list, a minute apart, late in the trouble. */
const minute = (pages: readonly EnginePage[]): [EnginePage, EnginePage] => {
  const at = Math.floor(pages.length * 0.7);
  return [pages[at] as EnginePage, pages[at + 12] as EnginePage];
};
const named = (name: string, { text, timeMs }: EnginePage): SavedPage => ({ name, text, timeMs });
const untimed = (page: SavedPage): SavedPage => ({ ...page, timeMs: null });

const [early, late] = minute(sick);
const [first, second] = [named('page-1.prom', early), named('page-2.prom', late)];

describe('two pages of one server', () => {
  test('are a window with the rates between them', async () => {
    const evidence = await read(first, second);
    expect(evidence.replicas.map(({ id }) => id)).toEqual(['page']);
    const total = (text: string) =>
      Number(/^vllm:generation_tokens_total\{[^}]*\} (\S+)$/m.exec(text)?.[1] ?? Number.NaN);
    const truth = (total(late.text) - total(early.text)) / ((late.timeMs - early.timeMs) / 1000);
    const rates = evidence.readings['output-tokens']?.lines[0]?.values.filter((value) => value !== null) ?? [];
    expect(rates.length).toBeGreaterThan(7);
    for (const rate of rates) expect(rate).toBeCloseTo(truth, 3);
    expect(evidence.warnings).toEqual([expect.stringContaining('Between two pages only totals are known')]);
  });

  test('lead to the verdict the recording leads to', async () => {
    expect(diagnose(await read(first, second), targetsOf('chat')).findings[0]?.pathology).toBe('kv-cache-thrashing');
  });

  test('in either order', async () => {
    const { source: _, ...there } = await read(first, second);
    const { source: __, ...back } = await read(second, first);
    expect(back).toEqual(there);
  });

  test('without a clock: ordered by what they count, 15 s apart up to now, and that is said', async () => {
    const evidence = await read(untimed(second), untimed(first));
    expect(evidence.warnings.join(' ')).toContain('Nothing says when page-1.prom and page-2.prom were read');
    expect(evidence.grid.from + (evidence.grid.count - 1) * evidence.grid.step).toBe(NOW);
    expect((evidence.grid.count - 1) * evidence.grid.step).toBe(15);
    const waiting = evidence.readings.waiting?.lines[0]?.values.at(-1);
    expect(waiting).toBe(Number(/^vllm:num_requests_waiting\{[^}]*\} (\S+)$/m.exec(late.text)?.[1]));
  });

  test('that do not say which process they are of are taken as one, and that is said', async () => {
    const blind = (page: SavedPage) => ({ ...page, text: page.text.replaceAll(/^process_.*\n/gm, '') });
    const evidence = await read(blind(first), blind(second));
    expect(evidence.replicas.length).toBe(1);
    expect(evidence.warnings.join(' ')).toContain('do not say which process they are of');
  });
});

describe('pages of several servers', () => {
  const pages = [...twins].flatMap(([instance, list]) =>
    minute(list).map((page, i) => named(`${instance}-${'ab'[i]}.prom`, page)),
  );

  test('are told apart by when their process started and called by their files, in any order', async () => {
    const ordered = await read(...pages);
    expect(ordered.replicas.map(({ id }) => id)).toEqual(['vllm-0', 'vllm-1']);
    const mixed = await read(...[3, 0, 2, 1].map((i) => pages[i] as SavedPage));
    expect({ ...mixed, source: ordered.source }).toEqual(ordered);
  });

  test('a server with one page alone is named', async () => {
    const evidence = await read(...pages.slice(0, 3));
    expect(evidence.warnings.join(' ')).toContain('There is one page of vllm-1-a');
  });
});

describe('what cannot be a window', () => {
  const recording = gunzipSync(readFileSync(library('seats'))).toString();
  test.each<[string, SavedPage[], string]>([
    ['a single page', [first], 'is a single page'],
    [
      'one page of each of two servers',
      [...twins].map(([name, list]) => named(name, list[0] as EnginePage)),
      'another server process',
    ],
    ['one with a time and one without', [first, untimed(second)], 'has a time and page-2.prom has none'],
    ['two at one time', [first, { ...second, timeMs: first.timeMs }], 'one time'],
    ['a recording', [{ name: 'r.om', text: recording, timeMs: 1 }, first], 'it is a recording'],
    ['a web page', [{ name: 'x', text: '<html>\n', timeMs: 1 }, first], 'x is no metrics text'],
    ['another exporter', [{ name: 'x', text: 'node_load1 1\n', timeMs: 1 }], 'found node_load1'],
  ])('%s', async (_, pages, words) => {
    await expect(read(...pages)).rejects.toThrow(SourceError);
    await expect(read(...pages)).rejects.toThrow(words);
  });
});

describe('files nobody named', () => {
  const folder = new URL('../../core/exposition/pages/', import.meta.url);
  const pages = readdirSync(folder).filter((file) => file.endsWith('.gz'));
  test.each(pages)('%s is a page', (file) => {
    expect(isPageText(gunzipSync(readFileSync(new URL(file, folder))).toString())).toBe(true);
  });

  test.each<[string, string]>([
    ['a recording', gunzipSync(readFileSync(library('stall'))).toString()],
    ['a log', 'INFO 11-25 01:50:01 [loggers.py:127] Engine 000: Avg prompt throughput: 1.2 tokens/s\n'],
    ['nothing', ''],
  ])('%s is none', (_, text) => {
    expect(isPageText(text)).toBe(false);
  });

  test('dropped together they are read as pages', async () => {
    const source = await openFiles({ name: 'both', files: [first, second], warnings: [] }, platform);
    expect(source.kind).toBe('pages');
  });
});

test.each([
  ['vllm-0.prom.gz', 'vllm-0'],
  ['incident/10.0.0.7-8000.txt', '10.0.0.7-8000'],
  ['.prom', '.prom'],
])('%s is called %s', (name, stem) => {
  expect(stemOf(name)).toBe(stem);
});

test('what is filled in between two pages neither adds to what was counted nor takes away, whatever the spacing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ gap: fc.integer({ min: 1, max: 100_000 }), value: fc.integer({ min: 0, max: 1e6 }) }), {
        minLength: 1,
      }),
      fc.integer({ min: 500, max: 60_000 }),
      (samples, step) => {
        let time = 1e12;
        const times = samples.map(({ gap }) => (time += gap));
        const series = { labels: {}, times, values: samples.map(({ value }) => value) };
        const { metrics } = fillBetween({ metrics: new Map([['a_total', [series]]]), untimed: 0 }, step);
        const [filled] = metrics.get('a_total') ?? [];
        const at = new Map(filled?.times.map((t, i) => [t, filled.values[i]]));
        for (const [i, t] of times.entries()) expect(at.get(t)).toBe(series.values[i]);
        for (let i = 1; i < (filled?.times.length ?? 0); i += 1) {
          const gap = (filled?.times[i] as number) - (filled?.times[i - 1] as number);
          expect(gap).toBeGreaterThan(0);
          expect(gap).toBeLessThanOrEqual(step);
        }
      },
    ),
  );
});
