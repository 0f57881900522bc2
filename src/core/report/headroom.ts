import type { Evidence } from '../evidence/evidence.ts';
import type { Targets } from '../verdict/profiles.ts';
import type { Figures, Span } from '../whatif/figures.ts';
import { groundOf } from '../whatif/ground.ts';
import { predict } from '../whatif/predict.ts';
import { settle } from '../whatif/settle.ts';
import { reproduces } from '../whatif/what-if.ts';

export type Limit = 'seats' | 'memory' | 'first-token' | 'pace' | 'none-seen';

/** How much more could arrive before a target is missed, found by playing the window's requests with more of them. */
export interface Headroom {
  /** Requests per second that arrive now, all replicas together. */
  readonly now: number;
  /** Requests per second up to which the targets are met: the surest and the boldest answer of the plays. `null` high: further than was tried. */
  readonly low: number;
  readonly high: number | null;
  /** What gives way first. */
  readonly limit: Limit;
  /** True where the limit lies beyond the loads that were measured. */
  readonly extrapolated: boolean;
}

export interface NoHeadroom {
  readonly because: string;
}

/** Factors of today's traffic tried; beyond four times nobody plans by half an hour of metrics. */
const MOST = 4;
const LEAST = 0.25;
/** Halvings of the interval: a limit is known to 3 %. */
const ROUNDS = 6;
/** A step beyond the limit, where what gives way is seen. */
const STEP = 1.06;
type Edge = 'low' | 'mid' | 'high';
/** Waiting requests, beside those of today, from which a queue stands. */
const QUEUE = 2;
const FULL = 0.95;

/**
 * @param now requests per second that reach the whole fleet; its busiest engine is played, and the others are taken to grow as it does
 * @returns the headroom of one model's fleet, or why it cannot be told
 */
export function headroomOf(evidence: Evidence, targets: Targets, now: number | null): Headroom | NoHeadroom {
  const found = groundOf(evidence, null, []);
  if ('because' in found) return found;
  const ground = settle(found);
  const today = predict(ground, {});
  const held = (['ttft-p95', 'itl-mean', 'running'] as const).filter((id) => {
    const [measured, played] = [ground.measured[id], today.figures[id]];
    return measured && played && !reproduces(measured, played);
  });
  if (held.length > 1) return { because: 'played as things are, the window comes out otherwise than it was measured' };
  const meets = (factor: number, edge: Edge) => {
    const { figures } = predict(ground, { arrivals: factor });
    return missOf(figures, edge, targets, ground.settings.seats) === null;
  };
  // What is measured to hold today holds today, whatever chance does to seven plays.
  const holds = missOf(ground.measured, 'mid', targets, ground.settings.seats) === null ? 1 : LEAST;
  // The high edge of a figure is the cautious answer, the low one the bold.
  const low = Math.max(holds, largest((factor) => meets(factor, 'high')) ?? 0);
  const high = largest((factor) => meets(factor, 'low'));
  const beyond = predict(ground, { arrivals: Math.min(MOST, low * STEP) });
  const all = now ?? ground.traffic.arrivals * ground.engines;
  return {
    now: all,
    low: all * low,
    high: high === null || high >= MOST ? null : all * Math.max(low, high),
    limit:
      low >= MOST ? 'none-seen' : (missOf(beyond.figures, 'high', targets, ground.settings.seats) ?? 'first-token'),
    extrapolated: beyond.beyond.length > 0,
  };
}

/** Which limit a play passes; `null` for none. A queue stands for what it waits for: seats, memory, or the step itself. */
function missOf(figures: Figures, edge: Edge, targets: Targets, seats: number): Limit | null {
  const of = (span: Span | undefined) => (span === undefined ? 0 : edge === 'low' ? span.low : (span.high ?? span.mid));
  const queue = of(figures.waiting) > QUEUE;
  const late = of(figures['ttft-p95']) > targets.ttft;
  if (queue || late) {
    if ((figures.running?.mid ?? 0) >= seats * 0.95) return 'seats';
    if ((figures.usage?.mid ?? 0) >= FULL) return 'memory';
    return late ? 'first-token' : null;
  }
  return of(figures['itl-mean']) > targets.tbt ? 'pace' : null;
}

/** Largest factor at which the test holds, by halving; `null` if it fails at the least. */
function largest(test: (factor: number) => boolean): number | null {
  if (test(MOST)) return MOST;
  if (!test(LEAST)) return null;
  let [good, bad] = [LEAST, MOST];
  for (let round = 0; round < ROUNDS; round++) {
    const middle = Math.sqrt(good * bad);
    if (test(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
