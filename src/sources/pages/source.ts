import type { Parsed } from '../../core/exposition/parse.ts';
import { buildStore } from '../../core/exposition/store.ts';
import { SourceError } from '../errors.ts';
import { extentOf, readStored, type Stored } from '../recording/stored.ts';
import { parseText } from '../recording/text.ts';
import type { Source, SourcePlatform } from '../source.ts';
import { rateWindow } from '../timing.ts';
import { fillBetween } from './between.ts';
import { type Identity, identityOf, stemOf } from './replica.ts';

/** A saved /metrics page. */
export interface SavedPage {
  /** A file name, or what a person calls it. */
  readonly name: string;
  readonly text: string;
  /** When it was read, unix milliseconds; `null` if nobody knows. */
  readonly timeMs: number | null;
}

export interface SavedPages {
  /** In any order, of one or several replicas. */
  readonly pages: readonly SavedPage[];
  /** What unpacking had to say. */
  readonly warnings?: readonly string[];
}

/** Seconds between two pages of which nobody knows when they were read: contract.md §2. */
export const ASSUMED_GAP = 15;

/** Seconds between the times judged at, and how many there are at most. */
const STEP = 5;
const POINTS = 360;
const BETWEEN =
  'Between two pages only totals are known: rates are their mean, gauges those of the nearer page, and no peak between them shows.';

interface ReadPage extends SavedPage {
  readonly parsed: Parsed;
  readonly identity: Identity;
}

/** Pages of one server process. */
interface Replica {
  readonly name: string;
  readonly pages: readonly (ReadPage & { readonly timeMs: number })[];
}

/** Whether a text is a /metrics page as a server answers it: samples, and none with a time. Looks at its beginning only. */
export function isPageText(text: string): boolean {
  const lines = text.slice(0, 20_000).split('\n').slice(0, -1);
  const samples = lines.filter((line) => SAMPLE.test(line));
  return samples.length > 0 && !samples.some((line) => TIMED.test(line));
}

const NUMBER = '[+-]?(?:[0-9.]+(?:e[+-]?[0-9]+)?|inf|nan)';
const SAMPLE = new RegExp(`^[a-zA-Z_:][\\w:]*(?:\\{.*\\})?\\s+${NUMBER}(?:\\s|$)`, 'i');
const TIMED = new RegExp(`^[a-zA-Z_:][\\w:]*(?:\\{.*\\})?\\s+${NUMBER}\\s+[0-9.]+\\s*$`, 'i');

/**
 * Opens saved pages: two or more of one replica make a window, with the rates between them. Pages of one replica are
 * recognised by what they serve and when their process started; a replica without an `instance` label is called by its file.
 * Pages without a time are put in the order their counters give, 15 s apart, and the evidence says so.
 * @throws SourceError 'unreadable' if a text is no page, if no replica has two, or if one has a time and another has none
 */
export function openPages(given: SavedPages, platform: SourcePlatform): Source {
  const warnings = [...(given.warnings ?? [])];
  const pages = given.pages.map((page): ReadPage => {
    const parsed = parseText(page.text, page.name, warnings);
    return { ...page, parsed, identity: identityOf(parsed) };
  });
  refuseOthers(pages);
  const replicas = replicasOf(pages, platform.now() * 1000, warnings);
  const gaps = replicas.flatMap(({ pages }) => gapsOf(pages.map(({ timeMs }) => timeMs / 1000)));
  const seen = buildStore(
    replicas.flatMap(({ name, pages }) =>
      pages.map(({ parsed, timeMs }) => ({ parsed, timeMs, labels: { instance: name, job: 'vllm' } })),
    ),
  );
  const label = given.pages.map(({ name }) => name).join(' + ');
  const extent = extentOf(seen);
  const step = Math.max(STEP, Math.ceil((extent.to - extent.from) / POINTS));
  warnings.push(BETWEEN);
  const stored: Stored = {
    store: fillBetween(seen, step * 1000),
    kind: 'pages',
    label,
    extent,
    interval: step,
    warnings,
    // No longer than the shortest time between two pages, or a rate would reach before the first and read low.
    window: Math.max(step, Math.min(rateWindow(step, step), Math.floor(Math.min(...gaps)))),
    since: new Map(replicas.map(({ name, pages }) => [name, (pages[0]?.timeMs ?? 0) / 1000])),
  };
  return {
    kind: 'pages',
    label,
    read: async (request, abort) => {
      if (abort.aborted) throw new SourceError('aborted', 'The read was called off.');
      return readStored(stored, { ...request, to: typeof request.to === 'number' ? request.to : extent.to });
    },
    pages: async () =>
      replicas.flatMap(({ name, pages }) => {
        const last = pages.at(-1);
        if (last === undefined) return [];
        const known = given.pages.some(({ timeMs }) => timeMs !== null);
        return [{ name, text: last.text, at: known ? last.timeMs / 1000 : null }];
      }),
  };
}

function refuseOthers(pages: readonly ReadPage[]): void {
  if (!pages.some(({ identity }) => identity.engine)) {
    const seen = pages[0]?.parsed.series.slice(0, 3).map(({ name }) => name);
    throw new SourceError(
      'empty',
      `${pages.map(({ name }) => name).join(', ')} holds no vLLM metric; expected names like vllm:num_requests_running, found ${seen?.join(', ') || 'nothing'}.`,
    );
  }
  const timed = pages.find(({ parsed }) => parsed.series.some(({ times }) => times.length > 1));
  if (timed)
    throw new SourceError('unreadable', `${timed.name} holds several pages with times: it is a recording, not a page.`);
}

/** Pages by replica, each with its time. */
function replicasOf(pages: readonly ReadPage[], nowMs: number, warnings: string[]): readonly Replica[] {
  const groups = new Map<string, ReadPage[]>();
  for (const page of pages) {
    const group = groups.get(page.identity.key);
    if (group) group.push(page);
    else groups.set(page.identity.key, [page]);
  }
  const lists = [...groups.values()];
  if (lists.every((list) => list.length < 2)) {
    const what = pages.length === 1 ? `${pages[0]?.name} is a single page` : 'Every page is of another server process';
    throw new SourceError(
      'unreadable',
      `${what}, and rates need two of one. Read the page of the same server again some seconds later and give both.`,
    );
  }
  const newest = Math.max(...pages.map(({ timeMs }) => timeMs ?? -Infinity));
  const anchor = Number.isFinite(newest) ? newest : nowMs;
  const names = namesOf(lists);
  return lists.map((list, i) => {
    const name = names[i] as string;
    if (list.length < 2) warnings.push(`There is one page of ${name}, so nothing that is counted can be told of it.`);
    else warnIfMixed(list, warnings);
    return { name, pages: inTime(list, anchor, warnings) };
  });
}

/** Names of the groups: what the file names of one have in common, as long as that tells the groups apart. */
function namesOf(lists: readonly (readonly ReadPage[])[]): readonly string[] {
  const common = lists.map((list) =>
    commonStart(list.map(({ name }) => stemOf(name))).replace(/(?<![-_.@\s])[-_.@\s]+$/, ''),
  );
  if (common.every((name) => name !== '') && new Set(common).size === common.length) return common;
  const first = lists.map((list) => stemOf(list[0]?.name ?? ''));
  return first.map((name, i) => (first.indexOf(name) === i ? name : `${name} ${i + 1}`));
}

function commonStart(names: readonly string[]): string {
  const [first = '', ...others] = names;
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}

/** Says so where nothing but the model tells that pages are of one server. */
function warnIfMixed(list: readonly ReadPage[], warnings: string[]): void {
  if (list.every(({ identity }) => identity.dated || identity.named)) return;
  const names = list.map(({ name }) => name).join(' and ');
  warnings.push(
    `${names} do not say which process they are of (process_start_time_seconds is missing) and are taken as one server. Give pages of several servers with an instance label.`,
  );
}

function inTime(list: readonly ReadPage[], anchor: number, warnings: string[]): Replica['pages'] {
  const [known, unknown] = [list.filter(({ timeMs }) => timeMs !== null), list.filter(({ timeMs }) => timeMs === null)];
  if (known.length > 0 && unknown.length > 0)
    throw new SourceError(
      'unreadable',
      `${known[0]?.name} has a time and ${unknown[0]?.name} has none. Say of every page when it was read, or of none.`,
    );
  if (unknown.length === 0) {
    const sorted = list.map((page) => ({ ...page, timeMs: page.timeMs as number })).sort((a, b) => a.timeMs - b.timeMs);
    const twice = sorted.find((page, i) => page.timeMs === sorted[i - 1]?.timeMs);
    if (twice) throw new SourceError('unreadable', `Two pages have one time; ${twice.name} is one of them.`);
    return sorted;
  }
  const sorted = [...list].sort((a, b) => countedBy(a.parsed) - countedBy(b.parsed));
  if (list.length > 1)
    warnings.push(
      `Nothing says when ${sorted.map(({ name }) => name).join(' and ')} were read. They are taken as ${ASSUMED_GAP} s apart; if they are not, every rate is off by as much.`,
    );
  return sorted.map((page, i) => ({ ...page, timeMs: anchor - (sorted.length - 1 - i) * ASSUMED_GAP * 1000 }));
}

/** Everything a page has counted: it only grows while a process lives, so it orders pages without a clock. */
function countedBy({ series }: Parsed): number {
  return series
    .filter(({ name }) => /_(total|count|bucket)$/.test(name))
    .reduce((sum, { values }) => sum + (values[0] ?? 0), 0);
}

function gapsOf(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => time - (times[i] as number));
}
