import type { Values } from '../base/grid.ts';
import { stepsIn } from '../base/grid.ts';
import { sayAbout } from '../base/say.ts';
import { clamp } from '../base/score.ts';
import { median, quantile } from '../base/statistics.ts';
import type { Engine, Judged } from '../evidence/judged.ts';
import { standsFor } from '../evidence/stand-in.ts';
import type { SignalId } from '../signals/index.ts';
import type { Detector, Fact, Finding, Severity } from './detector.ts';
import { type Episode, lastEpisode, onsetIndex, persistence, strongest, timeOf } from './signature.ts';

type About = Pick<Detector, 'id' | 'title'>;

function blank(about: About): Finding {
  return {
    pathology: about.id,
    title: about.title,
    variant: null,
    state: 'ruled-out',
    score: 0,
    confidence: 0,
    severity: 'info',
    scope: { kind: 'fleet', instances: [] },
    since: null,
    until: null,
    strength: [],
    facts: [],
    because: '',
    missing: [],
    ask: '',
    story: null,
    remedies: [],
    willNotHelp: [],
    lede: '',
  };
}

/** A necessary condition is measured and false; `because` carries the number. */
export function ruledOut(about: About, because: string, more: Partial<Finding> = {}): Finding {
  return { ...blank(about), because, ...more };
}

/** A necessary input is missing: says which, and what to provide. Absence is never read as health. */
export function cannotTell(
  about: About,
  missing: readonly SignalId[],
  ask: string,
  more: Partial<Finding> = {},
): Finding {
  return { ...blank(about), state: 'cannot-tell', missing, ask, ...more };
}

/** The signature stands. */
export function detected(
  about: About,
  more: Partial<Finding> &
    Pick<Finding, 'score' | 'confidence' | 'severity' | 'scope' | 'since' | 'strength' | 'facts' | 'lede'>,
): Finding {
  return { ...blank(about), state: 'detected', ...more };
}

/** Signals of `needs` that no replica has. */
export function missingOf(judged: Judged, needs: readonly SignalId[]): SignalId[] {
  return needs.filter((id) => {
    const state = judged.evidence.readings[id]?.state ?? 'absent';
    return state === 'absent' || state === 'failed';
  });
}

export interface Sighting {
  /** Engines on which the signature stands now, strongest first. */
  readonly engines: readonly Engine[];
  readonly episode: Episode;
  /** Onset as a grid index; `null` if it began before the window. */
  readonly onset: number | null;
  /** Lane of the whole fleet: the strongest engine at each time. */
  readonly strength: readonly (number | null)[];
  readonly score: number;
  readonly persistence: number;
}

/** Strength of a finding that stands by hysteresis alone: it is still there, and hardly. */
const FADING = 0.05;

/**
 * Runs one signature over all engines and dates it.
 * @param strength the full signature per engine and grid time, 0 to 1 or `null`
 * @param early the earliest honest sign per engine, for the onset
 * @returns `null` where it stands on no engine at the end of the window
 */
export function sight(
  judged: Judged,
  strength: (engine: Engine) => Values,
  early: (engine: Engine) => Values,
  level?: number,
): { readonly sighting: Sighting | null; readonly strength: readonly (number | null)[] } {
  const lanes = judged.engines.map((engine) => {
    const line = strength(engine);
    return { engine, line, episode: lastEpisode(line, judged.grid) };
  });
  const whole = strongest(
    lanes.map((lane) => lane.line),
    judged.grid.count,
  );
  const standing = lanes
    .filter((lane) => lane.episode?.on)
    .sort((a, b) => lastOf(b.line) - lastOf(a.line) || a.engine.id.localeCompare(b.engine.id));
  const first = standing[0];
  if (!first) return { sighting: null, strength: whole };
  const onsets = standing.map((lane) => onsetIndex(early(lane.engine), judged.grid, lane.episode as Episode, level));
  const onset = onsets.includes(null) ? null : Math.min(...(onsets as number[]));
  const recent = whole.slice(-Math.max(1, Math.round(60 / judged.grid.step)));
  return {
    strength: whole,
    sighting: {
      engines: standing.map((lane) => lane.engine),
      episode: first.episode as Episode,
      onset,
      strength: whole,
      // A finding that stands by hysteresis keeps the strength of its last minute.
      score: clamp(Math.max(lastOf(whole), quantile(recent, 0.75) ?? 0, FADING)),
      persistence: Math.max(persistence(whole, judged.grid), 0.5),
    },
  };
}

function lastOf(line: Values): number {
  for (let i = line.length - 1; i >= 0; i--) {
    const v = line[i] ?? null;
    if (v !== null) return v;
  }
  return 0;
}

/** Scope of a finding: all engines of the model = fleet. */
export function scopeOf(judged: Judged, engines: readonly Engine[]): Finding['scope'] {
  return {
    kind: engines.length === judged.engines.length ? 'fleet' : 'instances',
    instances: engines.map((e) => e.id),
  };
}

export function sinceOf(judged: Judged, sighting: Sighting): number | null {
  return timeOf(judged.grid, sighting.onset);
}

/** Grid index that splits before from since: the onset, or the first grid time if it began before the window. */
export function splitOf(sighting: Sighting): number {
  return sighting.onset ?? 0;
}

/**
 * Confidence of a finding before findings are weighed against each other (pathologies.md §6): strength, persistence,
 * coverage of inputs (0–1) and quality of inputs (0–1). Capped at 0.95, and at `cap` where a discriminating input is missing.
 */
export function confidenceOf(score: number, persisted: number, coverage: number, quality: number, cap = 0.95): number {
  const raw = (0.55 + 0.45 * score) * (0.7 + 0.3 * persisted) * (0.4 + 0.6 * coverage) * quality;
  return clamp(Math.min(raw, cap), 0.05, 0.95);
}

/** Highest confidence while an input is missing that would tell this finding from a look-alike (pathologies.md §6). */
const UNTOLD_APART = 0.6;

/**
 * What would tell a finding from its look-alikes and is not there, and the cap on its confidence that follows.
 * @param discriminators signals without which another cause would look the same
 */
export function untold(
  judged: Judged,
  discriminators: readonly SignalId[],
): { readonly cap: number; readonly missing: readonly SignalId[] } {
  const missing = missingOf(judged, discriminators);
  return { cap: missing.length > 0 ? UNTOLD_APART : 0.95, missing };
}

/** Median of a line before grid index `split` (exclusive); `null` without at least three values. */
export function before(values: Values | null, split: number): number | null {
  if (!values) return null;
  const part = values.slice(0, Math.max(0, split));
  return part.filter((v) => v !== null).length < 3 ? null : median(part);
}

/**
 * How bad it is for people, apart from how sure we are: late first tokens, slow tokens, the wait a new arrival faces.
 * Under the batch profile waiting is the plan, and nobody reads along: an engine that is full on purpose gives each answer its
 * tokens slowly, and all of them sooner. There neither counts.
 * @param slowsTokens false for a cause that only makes people wait: then slow tokens are somebody else's doing; true counts
 * them under the batch profile, too, for a cause that costs throughput
 */
export function severityOf(
  judged: Judged,
  engines: readonly Engine[],
  slowsTokens: boolean = !judged.backlogIsPlanned,
): Severity {
  let worst: Severity = 'info';
  for (const engine of engines) {
    const { lateTtft, slowTokens, wait } = engine.harm;
    const late = judged.backlogIsPlanned ? 0 : (recentMax(lateTtft, judged) ?? 0);
    const slow = slowsTokens ? (recentMax(slowTokens, judged) ?? 0) : 0;
    const queue = judged.backlogIsPlanned ? 0 : waitNow(judged, engine, wait) / judged.limits.ttft;
    if (late >= 0.5 || slow >= 0.5 || queue >= 4) return 'critical';
    if (late >= 0.05 || slow >= 0.1 || queue >= 1) worst = 'warning';
  }
  return worst;
}

/** The worse of the two, for harm that no target measures. */
export function atLeast(severity: Severity, least: Severity): Severity {
  const order: readonly Severity[] = ['info', 'warning', 'critical'];
  return order.indexOf(severity) >= order.indexOf(least) ? severity : least;
}

function waitNow(judged: Judged, engine: Engine, wait: Values): number {
  const waiting = engine.trace.waiting?.[judged.end] ?? 0;
  const w = wait[judged.end] ?? null;
  // Nobody is served while somebody waits: longer than any target.
  return w === null && waiting !== null && waiting >= 1 ? 1e6 : (w ?? 0);
}

/** Largest value of the last `main` seconds: harm that comes in bursts must not look gone between two of them. */
function recentMax(values: Values, judged: Judged): number | null {
  const part = values.slice(-Math.max(1, Math.round(judged.main / judged.grid.step)));
  return part.reduce<number | null>((best, v) => (v === null ? best : best === null ? v : Math.max(best, v)), null);
}

/** Seconds looked back for the trend of a queue, and how much of it must be gone before it counts as draining. */
const TREND = 45;

/** Seconds until the queue of these engines is empty at the pace of the last 45 s; `null` while it grows or stands. */
export function drainOf(judged: Judged, engines: readonly Engine[]): number | null {
  const steps = Math.max(3, stepsIn(judged.grid, TREND));
  const at = (i: number) =>
    engines.reduce((sum, e) => sum + standsFor(e.trace.replica) * (e.trace.waiting?.[Math.max(0, i)] ?? 0), 0);
  const now = at(judged.end);
  const pace = (at(judged.end - steps) - now) / (steps * judged.grid.step);
  const falling =
    at(judged.end - steps) > at(judged.end - Math.ceil(steps / 2)) && at(judged.end - Math.ceil(steps / 2)) > now;
  return falling && pace > 0 && now >= 1 ? now / pace : null;
}

/** A sentence for a queue that is draining, with a space in front; empty otherwise. */
export function sayDrain(judged: Judged, engines: readonly Engine[]): string {
  const seconds = drainOf(judged, engines);
  return seconds === null ? '' : ` The queue is draining and empty in about ${sayAbout(seconds)} at this pace.`;
}

/** A fact with its defaults filled in. */
export function fact(given: Partial<Fact> & Pick<Fact, 'says' | 'figure' | 'label' | 'unit'>): Fact {
  return {
    signal: null,
    compared: '',
    detail: '',
    observed: null,
    expected: null,
    query: null,
    trend: null,
    limit: null,
    ...given,
  };
}
