import { stepsIn, timeAt } from '../base/grid.ts';
import { mean, median } from '../base/statistics.ts';
import type { Evidence, Histogram, Replica } from '../evidence/evidence.ts';
import { stepsByBatch } from '../evidence/batch-steps.ts';
import { type Engine, judgedOf } from '../evidence/judged.ts';
import type { StepModel } from '../evidence/step-model.ts';
import type { SignalId } from '../signals/index.ts';
import { countReplicas } from '../evidence/stand-in.ts';
import { ownStretchOf } from '../evidence/stretch.ts';
import { replicaLine } from '../evidence/lines.ts';
import { bucketsBetween } from '../evidence/trace.ts';
import { type Figures, measuredFigures } from './figures.ts';
import type { Pace, Settings } from './scheduler.ts';
import type { Lengths, Traffic } from './traffic.ts';

/** Where a setting of today is known from. */
export type From = 'told' | 'read-off' | 'assumed';

/** All a play needs of the window, and what it is held against. Plain JSON, so that it can go to a worker. */
export interface Ground {
  readonly engine: string;
  /** Engines that share the traffic. */
  readonly engines: number;
  /** The stretch played again, unix seconds. */
  readonly from: number;
  readonly seconds: number;
  readonly traffic: Traffic;
  /** Tokens of a step: the fewest and the most that the fit has seen, as means of a scrape. */
  readonly loads: readonly [number, number];
  /** The fitted step and four others that the scatter allows. */
  readonly paces: readonly Pace[];
  readonly settings: Settings;
  readonly seats: From;
  readonly budget: From;
  readonly measured: Figures;
}

export interface CannotTell {
  readonly because: string;
}

/** Seconds played again at most and at least; finished requests that give a shape of lengths. */
const LONGEST = 600;
const SHORTEST = 60;
const ENOUGH_REQUESTS = 30;
/** More than any server is started with: a cap that was never reached. */
const NO_CAP = 1024;
const BLOCK = 16;
/** Token budget of a server that was told none, on GPUs below 70 GiB (knobs: max-num-batched-tokens). */
const BUDGET = 2048;

/**
 * @param since unix seconds of the onset; `null`: the whole window · @param preferred ids or instances of replicas, best first;
 * the busiest counts if none of them is there
 */
export function groundOf(evidence: Evidence, since: number | null, preferred: readonly string[]): Ground | CannotTell {
  const replica = replicaOf(evidence, preferred);
  if (replica === null) return { because: 'no engine is in the evidence' };
  const judged = judgedOf({ ...evidence, replicas: [replica] }, { ttft: 1, tbt: 1, e2e: 1 }, false);
  const { grid, end } = judged;
  const engine = judged.engines[0] as Engine;
  const { trace } = engine;
  if (replicaLine(evidence, 'spec-draft-tokens', engine.id)?.some((x) => (x ?? 0) > 0))
    return { because: 'with speculative decoding a step writes a varying number of tokens, which is not modelled' };
  const { capacity } = trace;
  if (capacity === null)
    return { because: 'the size of the KV cache is not known (vllm:cache_config_info is missing)' };

  const onset = since === null ? 0 : Math.max(0, Math.ceil((since - grid.from) / grid.step));
  const from = Math.max(end - stepsIn(grid, LONGEST), Math.min(onset, end - stepsIn(grid, SHORTEST)), 0);
  const overlap = stepsIn(grid, evidence.window);
  const stretch = ownStretchOf(engine, grid, from, end);
  const arrivals = stretch.arrivals;
  if (arrivals === null || arrivals * stretch.seconds < ENOUGH_REQUESTS)
    return { because: `fewer than ${ENOUGH_REQUESTS} requests arrived in the stretch to be played again` };
  const prompts = shapeOf(trace.promptLength, from, end, grid.step);
  const answers = shapeOf(trace.outputLength, from, end, grid.step);
  if (prompts === null || answers === null)
    return { because: `fewer than ${ENOUGH_REQUESTS} requests finished, so that the lengths have no shape` };

  // Here the batch is the cause, whoever set it.
  const { model, points } = stepsByBatch(evidence, engine, end);
  if (model === null) return { because: 'too few steps were seen to tell what one costs' };
  if (model.kind === 'level')
    return { because: 'the load hardly varied, so that nothing tells what a step costs at another load' };

  const at = (values: readonly (number | null)[] | null) => mean(values?.slice(from, from + 1) ?? []) ?? 0;
  const traffic: Traffic = {
    seconds: (end - from) * grid.step,
    arrivals,
    prompts,
    answers,
    hitRate: stretch.hitRate ?? 0,
    running: at(trace.running),
    waiting: at(trace.waiting),
    pairing: 'chance',
  };
  const held = median(points.map((p) => (p.reads ?? 0) * p.seconds)) ?? 0;
  const paces = pacesOf(model, held);
  const { knobs } = evidence;
  const seats = engine.admission.seats;
  const settings: Settings = {
    seats: seats?.count ?? NO_CAP,
    budget: knobs['max-num-batched-tokens'] ?? BUDGET,
    bite: 0,
    pool: capacity,
    block: trace.blockSize ?? BLOCK,
    longest: knobs['max-model-len'] ?? null,
    answers: null,
    prefixCaching: trace.prefixCaching ?? true,
  };
  const measured = measuredFigures(engine, from, end, grid.step, overlap);
  const told = knobs['max-num-batched-tokens'] !== undefined;
  return {
    engine: engine.id,
    engines: countReplicas(evidence.replicas.filter(({ model }) => model === replica.model)),
    from: timeAt(grid, from),
    seconds: traffic.seconds,
    traffic,
    loads: model.loads,
    paces,
    settings,
    seats: seats === null ? 'assumed' : seats.inferred ? 'read-off' : 'told',
    budget: told ? 'told' : 'assumed',
    measured,
  };
}

function replicaOf(evidence: Evidence, preferred: readonly string[]): Replica | null {
  for (const name of preferred) {
    const found = evidence.replicas.find(({ id, instance }) => id === name || instance === name);
    if (found) return found;
  }
  const level = (replica: Replica, id: SignalId) => mean(replicaLine(evidence, id, replica.id) ?? []) ?? 0;
  const load = (replica: Replica) => level(replica, 'running') + level(replica, 'waiting');
  return evidence.replicas.reduce<Replica | null>(
    (most, r) => (most === null || load(r) > load(most) ? r : most),
    null,
  );
}

/** Lengths of the stretch, or of the whole window where too few requests finished in it. */
function shapeOf(histogram: Histogram | null, from: number, to: number, step: number): Lengths | null {
  if (!histogram) return null;
  for (const first of [from, 0]) {
    const b = bucketsBetween(histogram, first, to);
    if (b.count * (to - first + 1) * step >= ENOUGH_REQUESTS) return b;
  }
  return null;
}

/**
 * What a measured step may differ from the modelled one by, beside the scatter of the fit: gaps are means over tokens, not over
 * steps, and the time between two steps is nowhere. A queue is a difference of two large numbers and answers strongly to it.
 */
const STEP_OFF = 0.05;

/** The fit, and the four straight lines through the ends of its band: all steps slower, all faster, a steeper slope, a flatter one. */
function pacesOf(model: StepModel, held: number): Pace[] {
  const [few, many] = model.loads;
  const left = model.atLoad(few, held);
  const right = model.atLoad(many, held);
  const through = (a: number, b: number): Pace => {
    const scheduled = Math.max(0, (b - a) / (many - few));
    return { empty: Math.max(0, a - scheduled * few - model.gamma * held), scheduled, resident: model.gamma };
  };
  const high = (e: { mid: number; high: number | null }) => e.high ?? e.mid;
  const low = (e: { low: number }) => e.low;
  return [
    { empty: model.alpha, scheduled: model.beta, resident: model.gamma },
    through(high(left) * (1 + STEP_OFF), high(right) * (1 + STEP_OFF)),
    through(low(left) * (1 - STEP_OFF), low(right) * (1 - STEP_OFF)),
    through(low(left), high(right)),
    through(high(left), low(right)),
  ];
}
