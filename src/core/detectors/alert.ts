import type { Limits } from '../evidence/harm.ts';
import { above, atLeast, type Ask, type Expr, literal, minus, product, ratio } from '../promql/condition.ts';
import type { Severity } from './detector.ts';

/** What a rule is written for. */
export interface AlertScope {
  readonly ask: Ask;
  readonly limits: Limits;
  /** What metrics do not tell, by knob id. */
  readonly knobs: Readonly<Record<string, number>>;
  /** Tokens the KV pool of each replica holds; `null` where no label told, or pools differ. */
  readonly capacity: number | null;
  /** Whether a backlog is the plan (the batch profile): waiting then hurts nobody. */
  readonly planned: boolean;
  /** Bucket edge from which a histogram's observations certainly miss a target. */
  readonly edge: (id: 'ttft' | 'time-per-output-token' | 'itl' | 'e2e', target: number) => number;
}

/** One Prometheus alert: the core of a detector's condition, in a form PromQL can say. */
export interface AlertRule {
  /** The pathology's id, with the variant behind it where there are several. */
  readonly name: string;
  readonly severity: Severity;
  /** Seconds for which the condition has to hold. */
  readonly holds: number;
  /** Prometheus template: `{{ $labels.instance }}`, `{{ $value }}`. */
  readonly summary: string;
  readonly condition: Expr;
  /** The scene of the detector on which it fires; the sick one if left out. */
  readonly fires?: string;
}

/**
 * A detector's alerts. They carry the core and not the judgement: no baseline of a whole window, no weighing against other
 * findings, no confidence. That is what the link in each alert opens.
 */
export interface Alert {
  readonly pathology: string;
  /** What the rule leaves out of the detector's condition, one sentence. */
  readonly coarser: string;
  /** The rules, or why there is none for this scope, one sentence. */
  readonly rules: (scope: AlertScope) => readonly AlertRule[] | string;
}

/** Seconds over which "what binds" is looked at, as in evidence/admission.ts. */
export const STANDING = 60;

/** Somebody waits, and has waited at each scrape of the last minute. */
export const queueStands = (ask: Ask, seconds = STANDING): Expr => atLeast(ask.over('min', 'waiting', seconds), 1);

/** Seconds a newcomer would wait: waiting ÷ first tokens per second. Infinite where nobody is served. */
export const newcomersWait = (ask: Ask): Expr =>
  ratio(ask.over('avg', 'waiting', STANDING), ask.rate('ttft', STANDING));

/** Seats of which one changes hands between two steps: running stands at the cap or one below. */
const FLICKER = 1;
/** Seconds back to the highest number that ever ran. */
const EVER = 3600;

/**
 * Running stands at its cap: the told one, or the highest ever seen within an hour. A flat top is 85 % of the samples there or
 * one below, see seat-ceiling/README.md.
 */
export function seatsTaken({ ask, knobs }: Pick<AlertScope, 'ask' | 'knobs'>): Expr {
  const told = knobs['max-num-seqs'];
  const cap = told === undefined ? ask.over('max', 'running', EVER) : literal(told);
  return atLeast(ask.level('running', 0.15, STANDING), minus(cap, literal(FLICKER)));
}

/** Share of the pool from which it counts as nearly full where its size is not told. */
export const KV_FULL = 0.9;
/** Next prompts that must fit the free tokens, see evidence/admission.ts. */
const PROMPTS_THAT_MUST_FIT = 2;

/**
 * Memory is what binds: the free tokens are fewer than two of the next prompts; without the size of the pool, which stands in a
 * label that PromQL cannot count with, usage is above 0.9. The value is KV usage.
 */
export function memoryFull({ ask, capacity }: Pick<AlertScope, 'ask' | 'capacity'>): Expr {
  const usage = ask.over('avg', 'kv-cache-usage', STANDING);
  if (capacity === null) return above(usage, KV_FULL);
  const prompt = ratio(ask.rate('prompt-tokens', STANDING), ask.rate('ttft', STANDING));
  return above(usage, minus(literal(1), ratio(product(literal(PROMPTS_THAT_MUST_FIT), prompt), literal(capacity))));
}

/**
 * Share of the requests with a first token whose client left: they neither finished nor are still decoding. The sum of the gaps
 * between tokens, per second, is the number that decodes (Little's law), see abandonment.ts. Needs them to be enough to count.
 */
export function givenUp(ask: Ask, seconds: number): Expr {
  const decoding = (offset: number) => ask.total('itl', STANDING, { offset });
  const left = minus(
    minus(ask.increase('ttft', seconds), ask.increase('finished', seconds)),
    minus(decoding(0), decoding(seconds)),
  );
  return ratio(left, ask.increase('ttft', seconds));
}
