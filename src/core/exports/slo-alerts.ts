import type { AlertRule, AlertScope } from '../detectors/alert.ts';
import {
  above,
  all,
  atLeast,
  type Expr,
  literal,
  minus,
  ofModel,
  onModel,
  product,
  ratio,
} from '../promql/condition.ts';
import { formatDuration } from '../promql/compile.ts';
import type { ProfileId, Targets } from '../verdict/profiles.ts';

const LATENCIES = {
  ttft: { signal: 'ttft', says: 'first tokens' },
  tbt: { signal: 'time-per-output-token', says: 'time per output token' },
  e2e: { signal: 'e2e', says: 'whole requests' },
} as const;
type Latency = keyof typeof LATENCIES;

/**
 * What each profile is held to: the textbook's priorities. Chat and completion are not held to E2E, whose target contradicts
 * the one for tokens as soon as answers are long (191 tokens in chat); under batch nobody waits for a first token.
 */
const HELD_TO: Readonly<Record<ProfileId, readonly Latency[]>> = {
  chat: ['ttft', 'tbt'],
  'code-completion': ['ttft', 'tbt'],
  rag: ['ttft', 'e2e'],
  agentic: ['e2e'],
  batch: ['e2e'],
  custom: ['ttft', 'tbt', 'e2e'],
};

const HOUR = 3600;

interface Pair {
  readonly name: string;
  readonly severity: AlertRule['severity'];
  readonly long: number;
  readonly short: number;
  /** Times the rate at which the budget of 30 days is used up. */
  readonly burn: number;
}

/** Google SRE workbook, multi-window pairs: 2, 5 and 10 % of a 30-day budget. */
const PAIRS: readonly Pair[] = [
  { name: 'fast', severity: 'critical', long: HOUR, short: 300, burn: 14.4 },
  { name: 'slow', severity: 'critical', long: 6 * HOUR, short: 1800, burn: 6 },
  { name: 'ticket', severity: 'warning', long: 72 * HOUR, short: 6 * HOUR, burn: 1 },
];

/** Share of bad requests the fast pair asks for at most: with an objective of 95 % a burn of 14.4 would mean 72 % bad. */
const MOST_BAD = 0.5;
/** Requests that must have gone wrong within the short window, so that one in low traffic is no page. */
const MIN_BAD = 5;

/**
 * Burn-rate alerts of a profile, by model: the share that misses a target against what the objective allows, over a long and a
 * short window. A target inside a bucket is judged at the bucket's upper edge: what is counted certainly missed it. Requests
 * that still wait are in no histogram, so a queue shows first in the alert of its cause. A window
 * counts once its model has been seen for half of it: eight minutes say nothing of three days. Source: pathologies.md §8.
 */
export function sloAlerts({ ask, edge }: AlertScope, targets: Targets): readonly AlertRule[] {
  return HELD_TO[targets.profile].flatMap((latency) => {
    const { signal, says } = LATENCIES[latency];
    const limit = edge(signal, targets[latency]);
    const bad = (seconds: number): Expr =>
      minus(
        literal(1),
        ratio(ofModel('sum', ask.within(signal, limit, seconds)), ofModel('sum', ask.rate(signal, seconds))),
      );
    return PAIRS.map(({ name, severity, long, short, burn }) => {
      const share = Number(Math.min(burn * (1 - targets.objective), MOST_BAD).toFixed(4));
      return {
        name: `slo-${latency}-${name}`,
        severity,
        holds: 0,
        summary: `{{ $labels.model_name }}: {{ $value | humanizePercentage }} of ${says} missed ${limit} s over ${formatDuration(long)}${limit === targets[latency] ? '' : ` (the bucket edge above the target of ${targets[latency]} s)`}; the ${targets.profile} budget allows ${Number(((1 - targets.objective) * 100).toFixed(2))} %`,
        condition: onModel(
          all(
            above(bad(long), share),
            above(bad(short), share),
            above(product(bad(short), ofModel('sum', ask.increase(signal, short))), MIN_BAD - 1),
          ),
          atLeast(ofModel('count', ask.gauge('running', { offset: long / 2 })), 1),
        ),
      };
    });
  });
}
