import { endOf, type Grid, timeAt } from '../../core/base/grid.ts';
import { type Compiled, compileHistory, compileNative, compileSignal, type Scope } from '../../core/promql/compile.ts';
import { type CatalogueSignal, type SignalId, SIGNALS } from '../../core/signals/index.ts';
import type { GridSeries, Readout } from '../../core/signals/readout.ts';
import type { Matcher } from '../../core/signals/selector.ts';
import { toldTwice } from '../../core/signals/settings.ts';
import type { MetricName } from '../../core/signals/signal.ts';
import { SourceError } from '../errors.ts';
import { infoSpan } from '../timing.ts';
import { matrixOnGrid, nativeOnGrid, vectorOf } from './answers.ts';
import type { Params, PrometheusClient } from './client.ts';
import type { Flavour } from './flavour.ts';
import { inOrder } from './in-order.ts';
import { compilePortions, compilePortionsHistory, compilePortionsNative, type Portions } from './portions.ts';
import { timeText } from './times.ts';
import { askTogether, FEW_POINTS } from './together.ts';

/** What is asked of a server, whose names and engines are known. */
export interface Plan {
  readonly grid: Grid;
  /** Of a large fleet what is read as what; `null` where every engine is read. */
  readonly portions: Portions | null;
  readonly window: number;
  readonly flavour: Flavour;
  readonly matchers: readonly Matcher[];
  readonly spellings: ReadonlyMap<SignalId, readonly MetricName[]>;
  /** Names of histograms that are there without buckets. */
  readonly natives: ReadonlyMap<SignalId, readonly MetricName[]>;
}

/** All signals on one grid. Fails where one the verdict cannot do without fails; others are marked. */
export async function askAll(
  client: PrometheusClient,
  plan: Plan,
  grid: Grid,
  abort: AbortSignal,
): Promise<{ readouts: Readout[]; warnings: string[] }> {
  const warnings = new Set<string>();
  const stop = new AbortController();
  const signal = AbortSignal.any([abort, stop.signal]);
  const asked = { client, grid, params: plan.flavour.params, abort: signal, warnings };
  /** Where a signal cannot be read: the end of the read if the verdict needs it, else a mark. */
  const failing = (wanted: CatalogueSignal, error: unknown): string => {
    // The others end because of the first, and may be heard of before it.
    if (stop.signal.aborted) throw stop.signal.reason;
    if (!(error instanceof SourceError) || error.problem === 'aborted' || wanted.worth === 1) {
      stop.abort(error);
      throw error;
    }
    warnings.add(`${wanted.title} could not be read: ${error.message}`);
    return error.message;
  };
  const questions = [...SIGNALS].sort((a, b) => a.worth - b.worth).map((wanted) => questionOf(wanted, plan));
  const inRange = questions
    .flatMap(({ how, main, sum }) => (how === 'range' ? [main, sum] : []))
    .filter((query) => query !== null);
  const early = grid.count > FEW_POINTS ? null : await askTogether(inRange, (query) => askRange(query, asked));
  const ask = async (query: string, how: 'range' | 'now') =>
    early?.get(query) ?? (await (how === 'now' ? askNow : askRange)(query, asked));
  const readouts = await inOrder(questions, async ({ wanted, how, names, scope, main, sum }): Promise<Readout> => {
    const blank = { signal: wanted.id, metrics: names.map((name) => name.metric), series: [], sums: [] };
    if (main === null) return { ...blank, query: null };
    try {
      if (how === 'native') {
        const { buckets, sums } = nativeOnGrid(await rangeData(main, asked), grid);
        return { ...blank, query: main, series: buckets, sums };
      }
      const series = await ask(main, how);
      const sums = sum === null ? [] : await ask(sum, how);
      const read = { ...blank, query: main, series, sums };
      if (wanted.kind !== 'info' || names.some(({ stamped }) => stamped) || !toldTwice(read)) return read;
      const history =
        plan.portions === null
          ? compileHistory(wanted, names, scope)
          : compilePortionsHistory(wanted, names, scope, plan.portions);
      return history === null ? read : { ...read, history: await askRange(history, asked) };
    } catch (error) {
      return { ...blank, query: main, problem: failing(wanted, error) };
    }
  });
  return { readouts, warnings: [...warnings] };
}

/** How a signal is asked for; `main` is `null` where there is none of its names. */
interface Question {
  readonly wanted: CatalogueSignal;
  readonly names: readonly MetricName[];
  readonly scope: Scope;
  readonly how: 'range' | 'now' | 'native';
  readonly main: string | null;
  readonly sum: string | null;
}

function questionOf(wanted: CatalogueSignal, { spellings, natives, grid, window, matchers, portions }: Plan): Question {
  const classic = spellings.get(wanted.id) ?? [];
  const native = classic.length === 0 ? (natives.get(wanted.id) ?? []) : [];
  const names = native.length > 0 ? native : classic;
  const scope = { matchers, window: wanted.kind === 'info' ? infoSpan(grid) : window };
  const how = native.length > 0 ? 'native' : wanted.kind === 'info' ? 'now' : 'range';
  const asked = names.length === 0 ? { main: null, sum: null } : compiled(wanted, { classic, native }, scope, portions);
  return { wanted, names, scope, how, ...asked };
}

export function compiled(
  wanted: CatalogueSignal,
  { classic, native }: { readonly classic: readonly MetricName[]; readonly native: readonly MetricName[] },
  scope: Scope,
  portions: Portions | null,
): Compiled {
  if (native.length > 0) {
    const main =
      portions === null ? compileNative(wanted, native, scope) : compilePortionsNative(wanted, native, scope, portions);
    return { main, sum: null };
  }
  return portions === null ? compileSignal(wanted, classic, scope) : compilePortions(wanted, classic, scope, portions);
}

/** What goes with every query of a read. */
interface Asked {
  readonly client: PrometheusClient;
  readonly grid: Grid;
  readonly params: Params;
  readonly abort: AbortSignal;
  /** Filled with what the server has to say about its answers. */
  readonly warnings: Set<string>;
}

export async function askNow(query: string, { client, grid, params, abort, warnings }: Asked): Promise<GridSeries[]> {
  const answer = await client.ask('query', [['query', query], ['time', timeText(endOf(grid))], ...params], abort);
  for (const warning of answer.warnings) warnings.add(warning);
  return vectorOf(answer.data);
}

/** The data of one range answer, unchecked. */
async function rangeData(query: string, { client, grid, params, abort, warnings }: Asked): Promise<unknown> {
  const answer = await client.ask(
    'query_range',
    [
      ['query', query],
      ['start', timeText(grid.from)],
      ['end', timeText(endOf(grid))],
      ['step', String(grid.step)],
      ...params,
    ],
    abort,
  );
  for (const warning of answer.warnings) warnings.add(warning);
  return answer.data;
}

export async function askRange(query: string, asked: Asked): Promise<GridSeries[]> {
  const { grid } = asked;
  const askPart = async (part: Grid) => matrixOnGrid(await rangeData(query, { ...asked, grid: part }), part);
  try {
    return await askPart(grid);
  } catch (error) {
    if (!(error instanceof SourceError) || error.problem !== 'too-many-points' || grid.count < 2) throw error;
    // Once in two halves: servers may be set to allow less than the usual 11,000 points, or fewer samples per query.
    const half = Math.floor(grid.count / 2);
    const early = await askPart({ ...grid, count: half });
    const late = await askPart({ from: timeAt(grid, half), step: grid.step, count: grid.count - half });
    return joinHalves(early, late, half, grid.count - half);
  }
}

function joinHalves(
  early: readonly GridSeries[],
  late: readonly GridSeries[],
  first: number,
  second: number,
): GridSeries[] {
  const gap = (length: number): null[] => Array.from({ length }, () => null);
  const joined = new Map(
    early.map((one) => [keyOf(one.labels), { labels: one.labels, values: [...one.values, ...gap(second)] }]),
  );
  for (const one of late) {
    const key = keyOf(one.labels);
    const before = joined.get(key)?.values.slice(0, first) ?? gap(first);
    joined.set(key, { labels: one.labels, values: [...before, ...one.values] });
  }
  return [...joined.values()];
}

export function keyOf(labels: GridSeries['labels']): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
