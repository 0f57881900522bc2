import { endOf, type Grid, timeAt, type Values } from '../base/grid.ts';
import { type SignalId, SIGNALS, signalById } from '../signals/index.ts';
import { sameSettings } from '../signals/settings.ts';
import { maskStale, stateOf } from './build.ts';
import type { EarlierLabels, Evidence, Histogram, Line, Reading, Replica } from './evidence.ts';
import { standsFor } from './stand-in.ts';

/** What the next read will be, as far as it decides whether an earlier one can be carried on. */
export interface NextRead {
  readonly grid: Grid;
  readonly window: number;
  readonly selector: string;
  readonly knobs: Readonly<Record<string, number>>;
  /** Names found now, per signal. */
  readonly metrics: ReadonlyMap<SignalId, readonly string[]>;
}

/**
 * The part of the next grid that has to be read when an earlier evidence is at hand.
 * @param overlap seconds before the end of the earlier one to read again, since late samples may still have changed them
 * @returns `null` if all has to be read: another scope, step, window or set of names, times off its lattice, a start before
 * its start, a gap between the two, or a reading that had failed
 */
export function tailAfter(previous: Evidence, next: NextRead, overlap: number): Grid | null {
  const { grid } = next;
  const old = previous.grid;
  if (previous.selector !== next.selector || previous.window !== next.window || old.step !== grid.step) return null;
  if (!sameKnobs(previous.knobs, next.knobs)) return null;
  const shift = (grid.from - old.from) / grid.step;
  if (shift < -1e-6 || Math.abs(shift - Math.round(shift)) > 1e-6) return null;
  if (endOf(old) < grid.from || endOf(grid) < endOf(old) - 1e-6) return null;
  for (const { id } of SIGNALS) {
    const reading = previous.readings[id];
    if (!reading || reading.state === 'failed') return null;
    const now = next.metrics.get(id) ?? [];
    if (reading.metrics.join() !== now.join()) return null;
  }
  const wanted = Math.floor((endOf(old) - overlap - grid.from) / grid.step + 1e-6);
  const skip = Math.min(grid.count - 1, Math.max(0, wanted));
  return { from: timeAt(grid, skip), step: grid.step, count: grid.count - skip };
}

function sameKnobs(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/**
 * Earlier evidence carried on by a tail read later; the tail wins where both know a time. Replicas of either stay, so one
 * that went away is a line that ends.
 * @param grid what the result spans; ends where the tail ends
 * @returns `null` if all has to be read anew: where the tail brings a further engine behind an instance already known, since its
 * neighbours' ids change then; and where one of the two shows a signal the other lacks at times both were asked about, since
 * one of them failed to tell, and what was read before would cover it
 */
export function splice(previous: Evidence, tail: Evidence, grid: Grid): Evidence | null {
  if (shownIn(previous, tail.grid.from, endOf(previous.grid)) !== shownIn(tail, tail.grid.from, endOf(previous.grid)))
    return null;
  const keyOf = ({ instance, engine, model }: Replica) => JSON.stringify([instance, engine, model]);
  const known = new Map(previous.replicas.map((replica) => [keyOf(replica), replica]));
  const instances = new Set(previous.replicas.map((replica) => replica.instance));
  const names = new Map<string, string>();
  const added: Replica[] = [];
  for (const replica of tail.replicas) {
    const old = known.get(keyOf(replica));
    if (!old && instances.has(replica.instance)) return null;
    if (!old) added.push(replica);
    names.set(replica.id, (old ?? replica).id);
  }
  const replicas = [...previous.replicas, ...added].sort(
    (a, b) => standsFor(a) - standsFor(b) || a.id.localeCompare(b.id, 'en', { numeric: true }),
  );

  const oldShift = Math.round((grid.from - previous.grid.from) / grid.step);
  const tailShift = Math.round((tail.grid.from - grid.from) / grid.step);
  const join = (old: Values | undefined, late: Values | undefined): Values =>
    Array.from({ length: grid.count }, (_, i) =>
      i >= tailShift ? (late?.[i - tailShift] ?? null) : (old?.[i + oldShift] ?? null),
    );

  const readings: Partial<Record<SignalId, Reading>> = {};
  for (const { id } of SIGNALS) {
    const old = previous.readings[id];
    const late = tail.readings[id];
    if (!old || !late) continue;
    const lines = pairs(old.lines, rename(late.lines, names), (line: Line) => `${line.part} ${line.replica}`)
      .map(([a, b]): Line => {
        const { replica, part } = (b ?? a) as Line;
        return { replica, part, values: join(a?.values, b?.values) };
      })
      .filter((line) => line.values.some((value) => value !== null));
    const histograms = pairs(old.histograms, rename(late.histograms, names), (h: Histogram) => h.replica)
      .map(([a, b]): Histogram => {
        const bounds = [...new Set([...(a?.bounds ?? []), ...(b?.bounds ?? [])])].sort((x, y) => x - y);
        const at = (h: Histogram | undefined, bound: number) => h?.cumulative[h.bounds.indexOf(bound)];
        return {
          replica: ((b ?? a) as Histogram).replica,
          bounds,
          cumulative: bounds.map((bound) => join(at(a, bound), at(b, bound))),
          count: join(a?.count, b?.count),
          sum: join(a?.sum, b?.sum),
        };
      })
      .filter((h) => h.count.some((value) => value !== null));
    const labels = pairs(old.labels, rename(late.labels, names), (info) => info.replica).map(
      ([a, b]) => (b ?? a) as (typeof old.labels)[number],
    );
    const covered = new Set([...lines, ...histograms, ...labels].map((one) => one.replica));
    const told = rename(late.earlier ?? [], names);
    const earlier = earlierOf(old, { labels, told }, { read: endOf(previous.grid), from: tail.grid.from, grid });
    readings[id] = {
      ...late,
      state: stateOf(signalById(id), late, covered, replicas),
      lines,
      histograms,
      labels,
      ...(earlier.length === 0 ? {} : { earlier }),
    };
  }
  return maskStale({ ...tail, grid, replicas, readings });
}

/** The signals of which any replica has a value between two times, both included. */
function shownIn({ grid, readings }: Evidence, from: number, to: number): string {
  const [first, last] = [from, to].map((time) => Math.round((time - grid.from) / grid.step)) as [number, number];
  const shows = (values: Values): boolean => values.slice(Math.max(0, first), last + 1).some((value) => value !== null);
  return SIGNALS.filter(({ id }) => {
    const { lines = [], histograms = [] } = readings[id] ?? {};
    return lines.some(({ values }) => shows(values)) || histograms.some(({ count }) => shows(count));
  })
    .map(({ id }) => id)
    .join();
}

/**
 * Labels that no longer hold: those known before the tail began, those the tail tells, and those that differ from the last read
 * although the tail saw one set alone, as of an engine that was away in between.
 */
function earlierOf(
  old: Reading,
  late: { readonly labels: Reading['labels']; readonly told: readonly EarlierLabels[] },
  { read, from, grid }: { readonly read: number; readonly from: number; readonly grid: Grid },
): readonly EarlierLabels[] {
  const known = (old.earlier ?? []).filter(({ until }) => until <= from && until > grid.from);
  const missed = old.labels.flatMap(({ replica, labels }): EarlierLabels[] => {
    const now = late.labels.find((info) => info.replica === replica);
    const changed = now && !sameSettings(now.labels, labels) && !late.told.some((one) => one.replica === replica);
    return changed ? [{ replica, labels, until: read + grid.step }] : [];
  });
  return [...known, ...missed, ...late.told].sort((a, b) => a.until - b.until);
}

function rename<T extends { readonly replica: string }>(list: readonly T[], names: ReadonlyMap<string, string>): T[] {
  return list.map((one) => ({ ...one, replica: names.get(one.replica) ?? one.replica }));
}

/** Both lists matched by key, in the order of the first, then what only the second has. */
function pairs<T>(a: readonly T[], b: readonly T[], key: (one: T) => string): [T | undefined, T | undefined][] {
  const later = new Map(b.map((one) => [key(one), one]));
  const earlier = new Set(a.map(key));
  return [
    ...a.map((one): [T, T | undefined] => [one, later.get(key(one))]),
    ...b.filter((one) => !earlier.has(key(one))).map((one): [undefined, T] => [undefined, one]),
  ];
}
