import { stepsIn } from '../base/grid.ts';
import { sayCount, sayDuration, sig } from '../base/say.ts';
import { known, mean, minOf, quantile } from '../base/statistics.ts';
import type { Evidence, Histogram } from '../evidence/evidence.ts';
import { type Engine, judgedOf } from '../evidence/judged.ts';
import { fitSteps, stepLinesOf, stepPoints } from '../evidence/step-model.ts';
import { momentsOf, stretchOf } from '../evidence/stretch.ts';
import type { InputId, Quantity, Targets } from './inputs.ts';

/** What a source says in place of assumptions; inputs that are not there were not measurable. */
export interface Measurements {
  readonly quantities: Readonly<Partial<Record<InputId, Quantity & { readonly note: string }>>>;
  /** Served model the numbers are of. */
  readonly model: string;
  readonly engines: number;
  /** What could not be measured, and why. */
  readonly missing: readonly string[];
}

/** Finished requests that make lengths worth quoting. */
const ENOUGH_REQUESTS = 30;
/** Samples with something running that make a mean of what is held. */
const ENOUGH_SAMPLES = 8;
/** Outputs in one rate window that make a point of the fit. */
const FIT_OUTPUTS = 20;

/**
 * Reads lengths, hit rate, load, capacity and the cost of a step off the window. Of several models the one with most engines
 * counts, unless the evidence was read for one.
 * @returns `null` where no engine is in the evidence
 */
export function measurementsOf(evidence: Evidence, targets: Targets): Measurements | null {
  const model = largestModel(evidence);
  if (model === null) return null;
  const judged = judgedOf(evidence, { ttft: targets.ttft, tbt: targets.itl, e2e: targets.e2e ?? 0 }, false);
  const engines = judged.engines.filter((engine) => engine.trace.replica.model === model);
  const { grid, end } = judged;
  const quantities: Partial<Record<InputId, Quantity & { readonly note: string }>> = {};
  const missing: string[] = [];
  const span = sayDuration(grid.count * grid.step);
  const put = (id: InputId, value: number, low: number, high: number, note: string) => {
    quantities[id] = { value, low, high, note };
  };

  const lengths = (pick: (engine: Engine) => Histogram | null) =>
    pooled(
      engines.map((engine) => momentsOf(pick(engine), 0, end)),
      grid.count * grid.step,
    );
  const kinds = [
    ['prompt', lengths((e) => e.trace.promptLength)],
    ['answer', lengths((e) => e.trace.outputLength)],
  ] as const;
  for (const [kind, found] of kinds) {
    if (found === null || found.count < ENOUGH_REQUESTS || !(found.mean > 0)) {
      missing.push(
        `${kind} lengths: ${found === null ? 'no histogram' : `only ${sayCount(found.count, 'request')} finished`}`,
      );
      continue;
    }
    const spread = Math.sqrt(found.variance) / found.mean;
    // Standard errors, doubled; a length from buckets is no better than a tenth.
    const error = Math.min(0.5, 2 * (spread / Math.sqrt(found.count)));
    const note = `${sayCount(found.count, 'request')} that finished in ${span}`;
    put(`${kind}-tokens`, found.mean, found.mean * (1 - error), found.mean * (1 + error), note);
    put(`${kind}-spread`, spread, spread * 0.9, spread * 1.1, `${note}, from buckets`);
  }

  const stretch = stretchOf(engines, grid, 0, end);
  if (stretch.hitRate === null) missing.push('prefix cache hit rate: nothing was queried');
  else put('hit-rate', stretch.hitRate, stretch.hitRate, stretch.hitRate, `mean of ${span}`);
  if (stretch.arrivals !== null)
    put(
      'request-rate',
      stretch.arrivals,
      stretch.arrivals,
      Math.max(stretch.arrivals, busiest(engines, stretch.arrivals)),
      `${sayCount(engines.length, 'engine')} together in ${span}; the upper end is the busiest minutes`,
    );

  const capacity = minOf(engines.map((e) => e.trace.capacity));
  if (capacity === null) missing.push('size of the KV cache: no cache_config_info');
  else put('kv-tokens', capacity, capacity, capacity, 'as the server says');
  const block = minOf(engines.map((e) => e.trace.blockSize));
  if (block !== null) put('block-size', block, block, block, 'as the server says');
  const held = engines.flatMap((e) => known(e.admission.tokensPerRunning));
  const usual = quantile(held, 0.5);
  if (usual !== null && held.length >= ENOUGH_SAMPLES && usual > 0) {
    const error = (2 * (1.25 * spreadOf(held))) / Math.sqrt(held.length / Math.max(1, stepsIn(grid, evidence.window)));
    const off = Math.min(0.5 * usual, error);
    put(
      'held-tokens',
      usual,
      usual - off,
      usual + off,
      `median over ${sayCount(held.length, 'sample')} with something running`,
    );
  } else missing.push('tokens held by a running request: KV usage, capacity or load are not there');

  const overlap = stepsIn(grid, evidence.window);
  const points = engines.flatMap((e) => stepPoints(stepLinesOf(evidence, e, grid.step, FIT_OUTPUTS), 0, end));
  const fit = fitSteps(points, overlap);
  if (fit?.kind === 'fitted') {
    const factor = Math.exp(2 * fit.spread);
    const note = `fitted on ${fit.points} points, scatter ${sig(fit.spread * 100)} %`;
    put('step-empty', fit.alpha, fit.alpha / factor, fit.alpha * factor, note);
    if (fit.beta > 0) put('step-per-token', fit.beta, fit.beta / factor, fit.beta * factor, note);
    if (fit.gamma > 0) put('step-per-resident', fit.gamma, fit.gamma / factor, fit.gamma * factor, note);
    for (const [slope, what] of [
      [fit.beta, 'scheduled'],
      [fit.gamma, 'resident'],
    ] as const)
      if (slope === 0) missing.push(`cost of a token ${what}: its number did not vary on its own`);
  } else
    missing.push(
      fit === null ? 'cost of a step: too few outputs' : 'cost of a step: the load hardly varied, so there is no slope',
    );
  return { quantities, model, engines: engines.length, missing };
}

function largestModel(evidence: Evidence): string | null {
  const counts = new Map<string, number>();
  for (const { model } of evidence.replicas) counts.set(model, (counts.get(model) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

/** Moments of several engines as one; `count`, a rate before, becomes the events of the span. */
function pooled(
  parts: readonly ReturnType<typeof momentsOf>[],
  seconds: number,
): { mean: number; variance: number; count: number } | null {
  const there = parts.filter((part) => part !== null);
  const count = there.reduce((sum, part) => sum + part.count, 0);
  if (count <= 0) return null;
  const average = there.reduce((sum, part) => sum + part.mean * part.count, 0) / count;
  const second = there.reduce((sum, part) => sum + (part.variance + part.mean ** 2) * part.count, 0) / count;
  return { mean: average, variance: Math.max(0, second - average ** 2), count: count * seconds };
}

function busiest(engines: readonly Engine[], otherwise: number): number {
  const each = engines.map((e) => quantile(e.trace.firstTokens ?? [], 0.95)).filter((x) => x !== null);
  return each.length === 0 ? otherwise : each.reduce((a, b) => a + b, 0);
}

function spreadOf(values: readonly number[]): number {
  const middle = mean(values) ?? 0;
  return Math.sqrt(mean(values.map((v) => (v - middle) ** 2)) ?? 0);
}
