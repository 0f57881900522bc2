import { type Grid, timeAt, type Values } from '../base/grid.ts';
import { known, mean, median } from '../base/statistics.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { regress } from '../evidence/regression.ts';
import { signalById } from '../signals/index.ts';
import { type Association, associationOf } from './association.ts';
import { chanceOf, keptOf, LEAST_SCALE, levelOf, onScale, onsetIn, USUAL_SCALE, zBetween } from './robust.ts';
import { type Track, tracksOf } from './track.ts';

/** A stretch of time, unix seconds, both ends included. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** One thing that stands elsewhere than before. */
export interface Changed extends Omit<Track, 'values'> {
  /** Medians over the two stretches, in the signal's unit. */
  readonly before: number;
  readonly after: number;
  /** Unix seconds from which it is elsewhere; `null` where the move has no clear beginning. */
  readonly since: number | null;
  /** How surely it moved: standard errors between the two medians, shortened for few values. */
  readonly z: number;
  /** Share 0 to 1 of the move that the change of load accounts for by what this signal did with load before; `null` if unknown. */
  readonly byLoad: number | null;
  /** Grid times of both stretches, for the line beside it. */
  readonly values: Values;
  /** What the list is sorted by, 0 to 1. */
  readonly weight: number;
  /** How it runs together with the mean time to first token beyond what load and trend explain; `null` for none, and for that time itself. */
  readonly withTtft: Association | null;
  /** Other signals that tell the same, by title. */
  readonly also: readonly string[];
}

export interface WhatChanged {
  readonly before: Stretch;
  readonly after: Stretch;
  readonly changed: readonly Changed[];
  /** How many tracks were compared, and how many had too few values. */
  readonly compared: number;
  readonly tooFew: number;
}

/** Share of the list that may be chance. */
const FALSE_RATE = 0.05;
/** Factors and shares that count as twice as large, or half: the move from which size weighs fully. */
const FULL_MOVE = { factor: Math.LN2, difference: 0.25 } as const;
/** Smallest moves worth a line: a quarter more or a fifth less, and three percentage points. */
const LEAST_MOVE = { factor: Math.log(1.25), difference: 0.03 } as const;
/** Where a cause is looked for weighs more than where it is felt, and what load explains weighs little. */
const ROLE_WEIGHT: Readonly<Record<Track['role'], number>> = { input: 1, state: 0.5, outcome: 0.35 };

/**
 * What changed in a stretch against the one before it: every signal of the fleet, and of each replica apart from its peers, where
 * the medians differ by more than chance allows over all comparisons together. Supporting evidence: it makes no headline.
 * @param after the stretch somebody asks about; `before` is as long again before it unless given
 */
export function whatChanged(evidence: Evidence, after: Stretch, before: Stretch = stretchBefore(after)): WhatChanged {
  const { grid } = evidence;
  const overlap = Math.max(1, Math.round(evidence.window / grid.step));
  const [was, is] = [indexesOf(grid, before), indexesOf(grid, after)];
  const tracks = tracksOf(evidence);
  const load = tracks.find((track) => track.signal === 'running' && track.replica === null)?.values ?? null;
  const looks = apartFromPeers(tracks).map((track) => compare(track, was, is, { overlap, load, grid }));
  const able = looks.filter((one) => one !== null);
  const kept = keptOf(
    able.map(({ z }) => chanceOf(z)),
    FALSE_RATE,
  );
  const changed = able
    .filter((one, i) => kept[i] && Math.abs(one.move) >= LEAST_MOVE[one.changed.scale])
    .map(({ changed }) => changed)
    .sort((a, b) => b.weight - a.weight || (a.since ?? Infinity) - (b.since ?? Infinity));
  const felt = tracks.find((track) => track.signal === 'ttft' && track.quantity === 'mean' && track.replica === null);
  const both = (values: Values) => [...was, ...is].map((i) => values[i] ?? null);
  return {
    before,
    after,
    changed: onceEach(withoutEchoes(changed, evidence.replicas.length)).map((one) =>
      felt === undefined || one.signal === 'ttft' || one.exact !== null
        ? one
        : { ...one, withTtft: associationOf(one.values, both(felt.values), load && both(load), grid) },
    ),
    compared: able.length,
    tooFew: looks.length - able.length,
  };
}

/** As long again, right before. */
export function stretchBefore({ from, to }: Stretch): Stretch {
  return { from: from - (to - from), to: from };
}

interface Context {
  readonly overlap: number;
  readonly load: Values | null;
  readonly grid: Grid;
}

interface Look {
  readonly changed: Changed;
  /** On the track's scale. */
  readonly move: number;
  readonly z: number;
}

/** A replica's track as it differs from its peers, beside the fleet's own. */
interface Apart {
  readonly track: Track;
  /** At each grid time the median of the others; `null` for the fleet. */
  readonly peers: Values | null;
}

function apartFromPeers(tracks: readonly Track[]): Apart[] {
  const keyOf = (track: Track) => `${track.signal} ${track.quantity} ${track.part} ${track.title}`;
  const groups = new Map<string, Track[]>();
  for (const track of tracks.filter(({ replica }) => replica !== null))
    groups.set(keyOf(track), [...(groups.get(keyOf(track)) ?? []), track]);
  // In a large fleet one replica does not move the median of all, which is had once for all of them.
  const ofAll = new Map<string, Values>();
  for (const [key, group] of groups) if (group.length > LARGE) ofAll.set(key, medianOver(group));
  return tracks.flatMap((track): Apart[] => {
    if (track.replica === null) return [{ track, peers: null }];
    const key = keyOf(track);
    const others = (groups.get(key) ?? []).filter((one) => one !== track);
    if (others.length === 0) return [];
    return [{ track, peers: ofAll.get(key) ?? medianOver(others) }];
  });
}

/** Replicas from which a fleet is large. */
const LARGE = 12;

function medianOver(tracks: readonly Track[]): Values {
  return (tracks[0]?.values ?? []).map((_, i) => median(tracks.map(({ values }) => values[i] ?? null)));
}

function compare({ track, peers }: Apart, was: number[], is: number[], { overlap, load, grid }: Context): Look | null {
  if (track.exact !== null) return compareExact({ track, peers }, was, is, grid);
  const { values, ...rest } = track;
  const raw = (where: readonly number[]) => median(where.map((i) => values[i] ?? null));
  const [before, after] = [raw(was), raw(is)];
  if (before === null || after === null) return null;
  const floor = floorOf(track, before, after);
  const scaled = onScale(values, track.scale, floor);
  const others = peers && onScale(peers, track.scale, floor);
  const line = others ? scaled.map((value, i) => differ(value, others[i] ?? null)) : scaled;
  const over = (where: readonly number[]) => where.map((i) => line[i] ?? null);
  // A gauge is of its moment; a rate is of all its window.
  const looksBack = signalById(track.signal).kind === 'gauge' ? 1 : overlap;
  const [levelBefore, levelAfter] = [levelOf(over(was), looksBack), levelOf(over(is), looksBack)];
  if (!levelBefore || !levelAfter) return null;
  const least = LEAST_SCALE[track.scale];
  const move = levelAfter.middle - levelBefore.middle;
  const z = zBetween(levelBefore, levelAfter, USUAL_SCALE[track.scale]);
  const both = [...was, ...is];
  const began = onsetIn(over(both), levelBefore, levelAfter, least);
  const byLoad =
    peers === null && load && track.role !== 'input' && track.signal !== 'running'
      ? shareByLoad(line, load, was, is, move)
      : null;
  const size = Math.min(1, Math.abs(move) / FULL_MOVE[track.scale]);
  const sure = Math.min(1, Math.abs(z) / 8);
  return {
    changed: {
      ...rest,
      before,
      after,
      since: began === null ? null : timeAt(grid, both[began] as number),
      z,
      byLoad,
      values: both.map((i) => values[i] ?? null),
      weight: size * sure * ROLE_WEIGHT[track.role] * (1 - 0.7 * (byLoad ?? 0)),
      withTtft: null,
      also: [],
    },
    move,
    z,
  };
}

/** Share of the time out of sight that weighs fully; of starts, one does. */
const FULL_ABSENCE = 0.2;
/** Standard errors as which a difference counts that cannot be chance. */
const CERTAIN = 8;

/** A track whose every value is a fact. A replica is compared with itself; the peers have no say in whether it began anew. */
function compareExact({ track }: Apart, was: readonly number[], is: readonly number[], grid: Grid): Look | null {
  const { values, ...rest } = track;
  const over = (where: readonly number[]) => {
    const xs = known(where.map((i) => values[i] ?? null));
    return xs.length === 0 ? null : track.exact === 'total' ? xs.reduce((a, b) => a + b, 0) : (mean(xs) as number);
  };
  const [before, after] = [over(was), over(is)];
  if (before === null || after === null) return null;
  const usual = median(was.map((i) => values[i] ?? null));
  const began = is.find((i) => (values[i] ?? usual) !== usual);
  const z = Math.abs(after - before) < 1e-9 ? 0 : Math.sign(after - before) * CERTAIN;
  return {
    changed: {
      ...rest,
      before,
      after,
      since: began === undefined ? null : timeAt(grid, began),
      z,
      byLoad: null,
      values: [...was, ...is].map((i) => values[i] ?? null),
      // One scrape that was lost on the way is a fact as well, and a small one.
      weight: Math.min(1, Math.abs(after - before) / FULL_ABSENCE) * ROLE_WEIGHT[track.role],
      withTtft: null,
      also: [],
    },
    // Anything that happened at all is worth its line.
    move: z === 0 ? 0 : Infinity,
    z,
  };
}

/** What counts as nothing: a twentieth of the larger level, at least what a unit means to a person. */
export function floorOf({ unit }: Track, before: number, after: number): number {
  const least = unit === 'seconds' ? 1e-4 : unit === 'requests' || unit === 'count' ? 1 : 1e-6;
  return Math.max(least, Math.max(Math.abs(before), Math.abs(after)) / 20);
}

/** How much of a move the running requests account for, by the line through the stretch before (robust regression). */
function shareByLoad(
  line: Values,
  load: Values,
  was: readonly number[],
  is: readonly number[],
  move: number,
): number | null {
  const pairs = was.flatMap((i) => {
    const [x, y] = [load[i] ?? null, line[i] ?? null];
    return x === null || y === null ? [] : [[x, y] as const];
  });
  if (pairs.length < 8 || move === 0) return null;
  const xs = pairs.map(([x]) => x);
  const [least, most] = [Math.min(...xs), Math.max(...xs)];
  // Without any spread of load nobody knows what load does.
  if (most - least < Math.max(1, most * 0.1)) return null;
  const fit = regress(
    pairs.map(([x]) => [1, x]),
    pairs.map(([, y]) => y),
  );
  const [now, then] = [median(is.map((i) => load[i] ?? null)), median(xs)];
  if (!fit || now === null || then === null) return null;
  const [, slope = 0] = fit.coefficients;
  return Math.min(1, Math.max(0, (slope * (now - then)) / move));
}

/** A fleet's own line says it once where most of its replicas say the same. */
function withoutEchoes(changed: readonly Changed[], replicas: number): Changed[] {
  const keyOf = (one: Changed) => `${one.signal} ${one.quantity} ${one.part} ${one.title}`;
  const odd = new Map<string, number>();
  for (const one of changed) if (one.replica !== null) odd.set(keyOf(one), (odd.get(keyOf(one)) ?? 0) + 1);
  return changed.filter((one) => one.replica === null || (odd.get(keyOf(one)) ?? 0) <= replicas / 2);
}

/** One line per subject and replica: the first of the list, with the others named beside it. */
function onceEach(changed: readonly Changed[]): Changed[] {
  const groups = new Map<string, Changed[]>();
  for (const one of changed) {
    const key = `${one.subject} ${one.replica ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map(([first, ...rest]) => ({
    ...(first as Changed),
    also: rest.map(({ title }) => title),
  }));
}

function differ(value: number | null, other: number | null): number | null {
  return value === null || other === null ? null : value - other;
}

function indexesOf(grid: Grid, { from, to }: Stretch): number[] {
  return Array.from({ length: grid.count }, (_, i) => i).filter((i) => {
    const at = timeAt(grid, i);
    return at >= from - 1e-6 && at <= to + 1e-6;
  });
}
