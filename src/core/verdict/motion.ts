import { timeAt, type Values } from '../base/grid.ts';
import { sayAbout, sayCount, sayDuration, sayShare, sig } from '../base/say.ts';
import { mean } from '../base/statistics.ts';
import { isSilent } from '../evidence/admission.ts';
import type { Engine, Judged } from '../evidence/judged.ts';
import { leftOver } from '../evidence/left-over.ts';
import { over, recent } from '../evidence/trace.ts';

/**
 * Does anything move? Asked first by everybody whose answers stand still.
 * - moving: running answers get tokens;
 * - slow: they do, but each waits longer than a reader would;
 * - reading: no token yet, while the cache fills chunk by chunk: a long prompt is read;
 * - live-lock: the cache swings or the queue grows, and not one token comes out;
 * - silent: requests are on the books and nothing at all moves;
 * - left-over: nothing moves, and everybody hung up at the moment it stopped: the gauges keep their last value;
 * - idle: nobody asks for anything.
 */
export type Movement = 'moving' | 'slow' | 'reading' | 'live-lock' | 'silent' | 'left-over' | 'idle';

export interface Motion {
  readonly replica: string;
  readonly movement: Movement;
  /** Requests on its books, running and waiting. */
  readonly requests: number;
  /** Tokens per second that one running request gets; `null` with nobody running. */
  readonly perRequest: number | null;
  /** Tokens per second by which the cache fills (negative: empties), and that are written (output and computed prompt). */
  readonly growth: number | null;
  readonly written: number | null;
  /** Seconds until the cache is full at this growth; `null` while it does not grow. */
  readonly full: number | null;
  /** Largest request seen (prompt + answer, lower edge of its bucket) or allowed, in tokens, and the pool it must fit. */
  readonly largest: number | null;
  readonly capacity: number | null;
  /** The answer in words. */
  readonly says: string;
}

/** Seconds looked at. */
const SPAN = 60;
/** Tokens per second and request below which people call it hung although it is not: about a word in two seconds. */
const READER = 1;
/** Swing of KV usage within the span that is no normal breathing. */
const SWING = 0.4;

/** @returns the motion of each engine at the end of the window; engines without `running` there are left out, since nobody sees them. */
export function motionOf(judged: Judged): Motion[] {
  return judged.engines.flatMap((engine) => {
    const one = motionOfEngine(judged, engine);
    return one === null ? [] : [one];
  });
}

function motionOfEngine(judged: Judged, engine: Engine): Motion | null {
  const { grid, end } = judged;
  const { trace } = engine;
  const running = trace.running?.[end] ?? null;
  if (running === null) return null;
  const waiting = trace.waiting?.[end] ?? 0;
  const recently = over(trace.running, grid, end, SPAN) ?? running;
  const output = over(trace.output, grid, end, judged.evidence.window) ?? null;
  const computed = over(trace.computed, grid, end, SPAN);
  const usage = recent(trace.usage, grid, end, SPAN).filter((u): u is number => u !== null);
  const first = usage[0] ?? null;
  const last = usage[usage.length - 1] ?? null;
  const span = Math.max(1, usage.length - 1) * grid.step;
  const growth =
    first === null || last === null || trace.capacity === null ? null : ((last - first) * trace.capacity) / span;
  const writtenOut = over(trace.output, grid, end, SPAN);
  const written = writtenOut === null && computed === null ? null : (writtenOut ?? 0) + (computed ?? 0);
  const free = last === null || trace.capacity === null ? null : (1 - last) * trace.capacity;
  const full = growth !== null && free !== null && growth * SPAN > 0.01 * (trace.capacity ?? 0) ? free / growth : null;
  const perRequest = output === null || recently < 0.5 ? null : output / Math.max(1, recently);
  const swing = usage.length === 0 ? 0 : Math.max(...usage) - Math.min(...usage);
  const largest = largestOf(judged, engine);
  const numbers = {
    replica: engine.id,
    requests: running + waiting,
    perRequest,
    growth,
    written,
    full,
    largest,
    capacity: trace.capacity,
  };
  const told = (movement: Movement, says: string): Motion => ({ ...numbers, movement, says });
  const quiet = isSilent(trace, end);
  const busy = running + waiting >= 1;
  if (!busy) return told('idle', 'Nothing runs and nothing waits.');
  if (!quiet) {
    const pace =
      perRequest === null
        ? `${sayCount(waiting, 'request')} wait and tokens come out`
        : `${running < 1.5 ? 'the one running request' : `each of ${sayCount(running, 'running request')}`} gets ${sayPaceOf(perRequest)}`;
    const fill = sayFill(numbers);
    return perRequest !== null && perRequest < READER
      ? told('slow', `It is not hung, only slow: ${pace}.${fill}`)
      : told('moving', `It is not hung: ${pace}.${fill}`);
  }
  const seconds = silentFor(judged, engine);
  const still = `no token for ${sayDuration(seconds)}`;
  if (swing >= SWING)
    return told(
      'live-lock',
      `It turns without getting anywhere: KV usage swings between ${sig(Math.min(...usage))} and ${sig(Math.max(...usage))}, ${still}.${sayFit(numbers)}`,
    );
  if (running < 1 && waiting >= 1 && grows(trace.waiting, judged))
    return told(
      'live-lock',
      `Nobody is let in: ${sayCount(waiting, 'request')} wait, none runs, ${still}.${sayFit(numbers)}`,
    );
  if (growth !== null && swing >= 0.01 && growth > 0)
    return told(
      'reading',
      `It is not hung: ${still}, but the cache grows by ${sig(growth)} tokens/s, as while a long prompt is read.${full === null ? '' : ` It is full in ${sayAbout(full)}.`}`,
    );
  if (leftOver(judged, engine, silentFrom(judged, engine)))
    return told(
      'left-over',
      `Left-over gauges, perhaps: everybody hung up at the moment they stopped, and they show their last value until the next request.`,
    );
  return told(
    'silent',
    `True silence: ${sayCount(running, 'request')} on the books, and neither a step nor a token nor a cache block has moved for ${sayDuration(seconds)}.`,
  );
}

function sayPaceOf(perRequest: number): string {
  if (perRequest <= 0) return 'no token at the moment';
  return perRequest >= READER ? `${sig(perRequest)} tokens/s` : `a token every ${sayDuration(1 / perRequest)}`;
}

/** Cache growth beside what is written, and when it is full: only where it is worth a sentence. */
function sayFill(m: Pick<Motion, 'growth' | 'written' | 'full'>): string {
  if (m.full === null || m.full > 1800 || m.growth === null || m.written === null) return '';
  return ` The cache grows by ${sig(m.growth)} tokens/s of the ${sig(m.written)} written and is full in ${sayAbout(m.full)}.`;
}

/** Prompt and answer against the pool. */
function sayFit(m: Pick<Motion, 'largest' | 'capacity'>): string {
  if (m.capacity === null) return '';
  if (m.largest === null) return ` A request of more than ${sig(m.capacity)} tokens can never fit.`;
  return m.largest > m.capacity
    ? ` A request of ${sig(m.largest)} tokens can never fit a pool of ${sig(m.capacity)}.`
    : ` The pool holds ${sig(m.capacity)} tokens (${sayShare(m.largest / m.capacity)} for the largest request seen); whoever needs more can never fit.`;
}

/** Longest prompt seen plus mean answer, or the longest request allowed where that was told. */
function largestOf(judged: Judged, engine: Engine): number | null {
  const told = judged.evidence.knobs['max-model-len'];
  if (told !== undefined) return told;
  const lengths = engine.trace.promptLength;
  if (!lengths) return null;
  let largest: number | null = null;
  let under: Values = [];
  lengths.bounds.forEach((_, k) => {
    const inside = lengths.cumulative[k]?.some((c, i) => (c ?? 0) - (under[i] ?? 0) > 1e-9) ?? false;
    if (inside) largest = lengths.bounds[k - 1] ?? lengths.bounds[0] ?? null;
    under = lengths.cumulative[k] ?? [];
  });
  if (largest === null) return null;
  const answers = engine.trace.outputLength;
  const sum = answers ? mean(answers.sum) : null;
  const count = answers ? mean(answers.count) : null;
  return largest + (sum !== null && count !== null && count > 0 ? sum / count : 0);
}

/** First grid index of the silence the window ends in. */
function silentFrom({ end }: Judged, { trace }: Engine): number {
  let from = end;
  while (from > 0 && ((trace.running?.[from - 1] ?? null) === null || isSilent(trace, from - 1))) from--;
  return from;
}

/** Seconds since the last movement that the window shows. */
function silentFor(judged: Judged, engine: Engine): number {
  return timeAt(judged.grid, judged.end) - timeAt(judged.grid, silentFrom(judged, engine)) + judged.evidence.window;
}

function grows(values: Values | null, judged: Judged): boolean {
  const xs = recent(values, judged.grid, judged.end, SPAN).filter((v): v is number => v !== null);
  return xs.length >= 2 && (xs[xs.length - 1] as number) > (xs[0] as number);
}

const WORST: readonly Movement[] = ['live-lock', 'silent', 'left-over', 'reading', 'slow', 'moving', 'idle'];

/**
 * @returns the engine people would ask about: the one in the worst state; among those that are quick enough the one with most
 * requests, else the slowest; `null` where none is seen.
 */
export function worstMotion(motions: readonly Motion[]): Motion | null {
  return (
    [...motions].sort(
      (a, b) =>
        WORST.indexOf(a.movement) - WORST.indexOf(b.movement) ||
        (a.movement === 'moving' ? b.requests - a.requests : 0) ||
        (a.perRequest ?? Infinity) - (b.perRequest ?? Infinity),
    )[0] ?? null
  );
}
