import { stepsIn, type Values } from '../../base/grid.ts';
import { all, ramp } from '../../base/score.ts';
import { shareInterval } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { fleetLine } from '../../evidence/lines.ts';
import type { SignalId } from '../../signals/index.ts';
import { type Abandonment, abandonmentOf, answersOf, shareAt, usualShare } from '../abandonment.ts';

/**
 * - given-up: clients hang up before their answer is complete;
 * - errors: the server answers 5xx or ends requests with an error;
 * - refused: the queue limits turn requests away (503 by configuration);
 * - bad-requests: 4xx: what is asked cannot be served;
 * - gateway: the gateway could not have it answered.
 */
export type Kind = 'given-up' | 'errors' | 'refused' | 'bad-requests' | 'gateway';

/** One way to fail, on the engines behind one port. */
export interface Failure {
  readonly kind: Kind;
  readonly signal: SignalId;
  readonly engines: readonly Engine[];
  readonly strength: Values;
  /** Share of requests that fail so at a grid time, over the rate window: the early sign, and the trend. */
  readonly trend: Values;
  /** Share that is usual here; `null` if unknown, 0 where none is. */
  readonly usual: number | null;
  readonly share: number;
  /** At least this share, however the dice fell. */
  readonly least: number;
  readonly failed: number;
  readonly of: number;
  readonly abandonment: Abandonment | null;
}

/** Fewest failures that are no coincidence. */
const FEWEST = 5;
/** Rise of the given-up share over what is usual, for certain (P15: 3 to 20 % as a level; a level of its own is no trouble, see README). */
const RISE = [0.03, 0.1] as const;
/**
 * And over it as a factor: hang-ups come in clumps where the engine is busy now and then, so a share that is high anyway must
 * rise by more than chance alone would allow (measured: 23 to 34 % within minutes of one calm phase).
 */
const TIMES = [1.3, 1.8] as const;
/** Below this a usual share counts as this much: a factor over nothing says nothing. */
const LITTLE = 0.02;
/** A share that was there before the window: given up by nearly half of all clients it is no reader's stop button. */
const ALWAYS = [0.3, 0.5] as const;
/** Targets this tight are those of editors, whose completions are dropped as their user types on. */
const EDITOR_TTFT = 0.25;
/** Share of errors for certain (P15: 1 to 10 % measured). */
const ERRORS = [0.003, 0.02] as const;
/** Rise of the share of 4xx answers: clients make mistakes all the time. */
const BAD = [0.03, 0.15] as const;

/** @returns every failure that can be counted behind this port, whether it stands or not */
export function failuresOf(judged: Judged, engines: readonly Engine[]): Failure[] {
  const ids = engines.map((e) => e.id);
  const line = (id: SignalId, part?: string) => fleetLine(judged.evidence, id, ids, part);
  const finished = line('finished');
  const answers = ['2', '4', '5'].map((digit) => answersOf(judged, engines, digit));
  const ended = add(answers) ?? finished;
  const rejected = line('admission-rejections');
  const server = atMost(answers[2] ?? null, rejected);
  const errored = line('finished', 'error');
  const out: (Failure | null)[] = [
    givenUp(judged, engines),
    counted(
      'errors',
      largest(server, errored) === errored ? 'finished' : 'http-requests',
      largest(server, errored),
      ended,
      ERRORS,
      false,
    ),
    counted(
      'refused',
      'admission-rejections',
      rejected,
      add([ended, answers[2] === null ? rejected : null]),
      ERRORS,
      false,
    ),
    counted('bad-requests', 'http-requests', answers[1] ?? null, ended, BAD, true),
  ];
  return out.filter((f): f is Failure => f !== null);

  function counted(
    kind: Kind,
    signal: SignalId,
    failed: Values | null,
    of: Values | null,
    level: readonly [number, number],
    rise: boolean,
  ): Failure | null {
    return failed && of ? levelOf(judged, { kind, signal, engines, failed, of, level, rise }) : null;
  }
}

/** Errors the gateway counts, of all it was asked: one line for the fleet. */
export function gatewayFailure(judged: Judged): Failure | null {
  const failed = fleetLine(judged.evidence, 'gateway-errors');
  const of = fleetLine(judged.evidence, 'gateway-requests');
  return failed && of
    ? levelOf(judged, {
        kind: 'gateway',
        signal: 'gateway-errors',
        engines: judged.engines,
        failed,
        of,
        level: ERRORS,
        rise: false,
      })
    : null;
}

function givenUp(judged: Judged, engines: readonly Engine[]): Failure | null {
  const abandonment = abandonmentOf(judged, engines);
  if (!abandonment) return null;
  const usual = usualShare(judged, abandonment);
  const editor = judged.limits.ttft < EDITOR_TTFT;
  const strength = Array.from({ length: judged.grid.count }, (_, i) => {
    const now = shareAt(judged, abandonment, i);
    if (!now) return null;
    if (now.given < FEWEST) return 0;
    const base = usual[i] ?? null;
    const risen =
      base === null ? 0 : all(ramp(now.least - base, ...RISE), ramp(now.least / Math.max(base, LITTLE), ...TIMES));
    return Math.max(risen, editor || (base !== null && risen > 0) ? 0 : ramp(now.least, ...ALWAYS));
  });
  // Through a gap in the scrapes the last word stands.
  const last = Math.max(
    0,
    strength.findLastIndex((s) => s !== null),
  );
  const now = shareAt(judged, abandonment, last);
  return {
    kind: 'given-up',
    signal: abandonment.by === 'http' ? 'http-requests' : 'ttft',
    engines,
    strength,
    trend: abandonment.ended.map((e, i) =>
      e === null || e <= 1e-9 ? null : Math.min(1, (abandonment.given[i] ?? 0) / e),
    ),
    usual: usual[last] ?? null,
    share: now?.share ?? 0,
    least: now?.least ?? 0,
    failed: now?.given ?? 0,
    of: now?.ended ?? 0,
    abandonment,
  };
}

interface Counted {
  readonly kind: Kind;
  readonly signal: SignalId;
  readonly engines: readonly Engine[];
  readonly failed: Values;
  readonly of: Values;
  readonly level: readonly [number, number];
  /** Only what rises over the window's beginning counts. */
  readonly rise: boolean;
}

function levelOf(judged: Judged, { kind, signal, engines, failed, of, level, rise }: Counted): Failure {
  const { grid } = judged;
  const count = (i: number, seconds: number) => {
    let bad = 0;
    let total = 0;
    for (let j = Math.max(0, i - stepsIn(grid, seconds) + 1); j <= i; j++) {
      bad += (failed[j] ?? 0) * grid.step;
      total += (of[j] ?? 0) * grid.step;
    }
    return { bad, of: Math.max(bad, total) };
  };
  const at = (i: number) => {
    let best = { share: 0, least: 0, bad: 0, of: 0 };
    for (const seconds of [judged.fast, judged.main]) {
      const { bad, of: total } = count(i, seconds);
      if (total < 1) continue;
      const { low } = shareInterval(bad, total);
      if (bad >= FEWEST && low >= best.least) best = { share: bad / total, least: low, bad, of: total };
    }
    return best;
  };
  const first = count(stepsIn(grid, judged.main), judged.main);
  const usual = rise ? (first.of >= 20 ? shareInterval(first.bad, first.of).high : null) : 0;
  const now = at(judged.end);
  return {
    kind,
    signal,
    engines,
    // Counters of errors appear with the first one: absent beside present answers is none.
    strength: Array.from({ length: grid.count }, (_, i) =>
      (of[i] ?? null) === null ? null : ramp(at(i).least - (usual ?? 1), ...level),
    ),
    trend: of.map((o, i) => (o === null || o <= 1e-9 ? null : Math.min(1, (failed[i] ?? 0) / o))),
    usual,
    share: now.share,
    least: now.least,
    failed: now.bad,
    of: now.of,
    abandonment: null,
  };
}

function add(lines: readonly (Values | null)[]): Values | null {
  const there = lines.filter((l): l is Values => l !== null);
  const first = there[0];
  return first
    ? first.map((_, i) =>
        there.every((l) => (l[i] ?? null) === null) ? null : there.reduce((s, l) => s + (l[i] ?? 0), 0),
      )
    : null;
}

/** A line less another where that is there, never below zero. */
function atMost(line: Values | null, less: Values | null): Values | null {
  return line && less ? line.map((v, i) => (v === null ? null : Math.max(0, v - (less[i] ?? 0)))) : line;
}

function largest(a: Values | null, b: Values | null): Values | null {
  const size = (l: Values | null) => (l ?? []).reduce<number>((s, v) => s + (v ?? 0), 0);
  return size(b) > size(a) || !a ? b : a;
}
