import type { Values } from '../../base/grid.ts';
import { fitLine, maxOf, mean, minOf } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { fleetLine, partsOf, replicaLine } from '../../evidence/lines.ts';
import { over } from '../../evidence/trace.ts';

/** What speculative decoding does on one engine: rates per second. */
export interface Speculation {
  readonly drafts: Values | null;
  readonly drafted: Values | null;
  readonly accepted: Values;
  readonly output: Values;
}

/** @returns `null` where the engine counts no accepted tokens or no output */
export function speculationOf(judged: Judged, engine: Engine): Speculation | null {
  const counted = replicaLine(judged.evidence, 'spec-accepted-tokens', engine.id);
  const put = engine.trace.output;
  if (!counted || !put) return null;
  const drafts = replicaLine(judged.evidence, 'spec-drafts', engine.id);
  const [accepted, output] = drafts ? [counted, put] : [whenFull(judged, counted), whenFull(judged, put)];
  return {
    drafts,
    drafted: replicaLine(judged.evidence, 'spec-draft-tokens', engine.id),
    accepted,
    output,
  };
}

/**
 * A rate without its first window: two counters that begin at different heights are extrapolated to their zeros differently,
 * and a ratio of the two would be anything. With drafts counted it is bounded (`stepsBehind`) and nothing need be left out.
 */
function whenFull(judged: Judged, line: Values): Values {
  const first = line.findIndex((v) => v !== null);
  const full = first < 0 ? line.length : first + Math.round(judged.evidence.window / judged.grid.step);
  return line.map((v, i) => (i < full ? null : v));
}

/** Averages over several engines and a stretch of the window. */
export interface Yield {
  /** Tokens one request gets out of one step: output ÷ (output − accepted), since all but the accepted came one a step. */
  readonly perStep: number;
  /** Share of the guessed tokens that were right; `null` where nothing was guessed. */
  readonly acceptance: number | null;
  /** Drafts per request and step: 1 where every step had a guess to check. */
  readonly draftShare: number | null;
  /** Guessed tokens per request and step. */
  readonly drafted: number | null;
  /** Guessed tokens per second. */
  readonly guesses: number | null;
  /** Seconds a running request waits for a token: running ÷ output. */
  readonly pace: number | null;
}

/** @param from grid index, inclusive · @param to grid index, inclusive. `null` where no token was put out. */
export function yieldOf(judged: Judged, engines: readonly Engine[], from: number, to: number): Yield | null {
  const part = (values: Values | null) => (values ? mean(values.slice(Math.max(0, from), to + 1)) : null);
  const add = (pick: (s: Speculation, e: Engine) => Values | null) => {
    const xs = engines
      .map((engine) => {
        const s = speculationOf(judged, engine);
        return s ? part(pick(s, engine)) : null;
      })
      .filter((x): x is number => x !== null);
    return xs.length === 0 ? null : xs.reduce((a, b) => a + b, 0);
  };
  const output = add((s) => s.output);
  const accepted = add((s) => s.accepted);
  if (output === null || accepted === null) return null;
  const drafts = add((s) => s.drafts);
  const steps = stepsBehind(output, accepted, drafts);
  if (steps === null) return null;
  const guesses = add((s) => s.drafted);
  const running = add((_, e) => e.trace.running);
  return {
    perStep: output / steps,
    acceptance: guesses !== null && guesses > 1e-6 ? Math.min(1, accepted / guesses) : null,
    draftShare: drafts === null ? null : Math.min(1, drafts / steps),
    drafted: guesses === null ? null : guesses / steps,
    guesses,
    pace: running === null ? null : running / output,
  };
}

/**
 * Request-steps behind some output: what was not accepted came one a step; each draft was checked in a step of its own; and a
 * full draft of 32 bounds it from below.
 */
export function stepsBehind(output: number, accepted: number, drafts: number | null): number | null {
  return output <= 1e-6 ? null : Math.max(output - accepted, Math.min(drafts ?? 0, output), output / 33);
}

/**
 * Tokens a step over the trailing `seconds` at each grid time; `null` where nothing was put out or fewer than `requests`
 * requests began, since one request's text says nothing about the drafter.
 * @param seconds rates averaged; each holds a rate window of the past besides
 */
export function yieldLine(judged: Judged, engine: Engine, s: Speculation, seconds: number, requests: number): Values {
  const { grid } = judged;
  const { firstTokens } = engine.trace;
  return Array.from({ length: grid.count }, (_, i) => {
    const output = over(s.output, grid, i, seconds);
    const accepted = over(s.accepted, grid, i, seconds);
    if (output === null || accepted === null) return null;
    const begun = over(firstTokens, grid, i, seconds);
    const span = Math.min(seconds + judged.evidence.window, (i + 1) * grid.step);
    if (begun !== null && begun * span < requests) return null;
    const steps = stepsBehind(output, accepted, over(s.drafts, grid, i, seconds));
    return steps === null ? null : output / steps;
  });
}

/** Seconds of rates to average so that, with the rate window each of them holds, the short window is covered and no more. */
export function widthOf(judged: Judged): number {
  return Math.max(judged.grid.step, judged.fast - judged.evidence.window);
}

/** Share of drafts whose guess at each place was right, first place first; empty where it is not measured or nothing was drafted. */
export function byPosition(judged: Judged, engines: readonly Engine[], from: number, to: number): number[] {
  const ids = engines.map((e) => e.id);
  const at = (values: Values | null) => (values ? mean(values.slice(Math.max(0, from), to + 1)) : null);
  const drafts = at(fleetLine(judged.evidence, 'spec-drafts', ids));
  if (drafts === null || drafts <= 1e-6) return [];
  const positions = partsOf(judged.evidence, 'spec-accepted-by-position')
    .map(Number)
    .filter(Number.isInteger)
    .sort((a, b) => a - b);
  return positions.map((p) =>
    Math.min(1, (at(fleetLine(judged.evidence, 'spec-accepted-by-position', ids, String(p))) ?? 0) / drafts),
  );
}

/** How much of the range of running requests a fitted line of step times needs: pathologies.md §3. */
const FIT = { points: 20, range: 3 } as const;

/**
 * Seconds a token would take without speculation, by the line of step times against running requests in this window: a step
 * carries running × (1 + drafted) tokens today, and running alone without it.
 * @returns `null` where the window has too little spread to tell
 */
export function paceWithout(judged: Judged, engine: Engine, drafted: number): number | null {
  const { itl, running } = engine.trace;
  if (!itl || !running) return null;
  const gap = itl.sum.map((s, i) => {
    const c = itl.count[i] ?? null;
    return s === null || c === null || c <= 0 ? null : s / c;
  });
  const busy = running.filter((r) => r !== null && r >= 1);
  if (busy.length < FIT.points || (maxOf(busy) ?? 0) < FIT.range * (minOf(busy) ?? 1)) return null;
  const line = fitLine(running, gap);
  const now = over(running, judged.grid, judged.end, judged.main);
  if (!line || now === null || line.slope <= 0 || line.intercept <= 0) return null;
  return line.intercept + (line.slope / (1 + drafted)) * now;
}
