import { timeAt } from '../base/grid.ts';
import { known } from '../base/statistics.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { type Engine, judgedOf } from '../evidence/judged.ts';
import { replicaLine } from '../evidence/lines.ts';
import { modelsOf, restrictToModel } from '../evidence/slice.ts';
import { stretchOf } from '../evidence/stretch.ts';
import { signalById } from '../signals/index.ts';
import { diagnose } from '../verdict/diagnose.ts';
import type { Targets } from '../verdict/profiles.ts';
import type { Attainment, Status } from '../verdict/verdict.ts';
import { type Book, booksOf } from './books.ts';
import { type Headroom, headroomOf, type NoHeadroom } from './headroom.ts';

/** How a fleet stands, model by model and replica by replica, for whoever asks on a calm day. */
export interface HealthReport {
  /** Unix seconds: the end of the window. */
  readonly at: number;
  readonly from: number;
  readonly profile: string;
  readonly objective: number;
  readonly models: readonly ModelReport[];
}

export interface ModelReport {
  readonly model: string;
  readonly status: Status;
  readonly headline: string;
  readonly lede: string;
  readonly service: readonly Service[];
  readonly load: Load;
  readonly headroom: Headroom | NoHeadroom;
  readonly replicas: readonly ReplicaReport[];
  /** What could not be looked at: the signal that is missing, and what is not judged without it. */
  readonly notVisible: readonly { readonly what: string; readonly why: string }[];
}

/** One target, and how fast its error budget burns: 1 spends it exactly over its period. */
export interface Service extends Omit<Attainment, 'trend' | 'before'> {
  readonly burn: { readonly low: number; readonly high: number } | null;
}

/** Averages over the last ten minutes. Base units; `null` where not measured. */
export interface Load {
  readonly requestsPerSecond: number | null;
  readonly outputTokensPerSecond: number | null;
  readonly running: number | null;
  readonly waiting: number | null;
  readonly kvUsage: number | null;
  readonly prompt: number | null;
  readonly answer: number | null;
}

export interface ReplicaReport {
  readonly replica: string;
  /** Pathologies found that are about it. */
  readonly findings: readonly string[];
  readonly load: Load;
  readonly books: readonly Book[];
  readonly config: Config;
}

export interface Config {
  /** Tokens of KV cache, and of one block. */
  readonly kvTokens: number | null;
  readonly blockSize: number | null;
  readonly prefixCaching: boolean | null;
  readonly seats: { readonly count: number; readonly inferred: boolean } | null;
  /** Unix seconds of the start of the process. */
  readonly started: number | null;
}

/** Seconds the averages are over. */
const SECONDS = 600;

/** The health report. An empty fleet is a report without models, and never a healthy one. */
export function healthReport(evidence: Evidence, targets: Targets): HealthReport {
  const { grid } = evidence;
  return {
    at: timeAt(grid, grid.count - 1),
    from: grid.from,
    profile: targets.profile,
    objective: targets.objective,
    models: modelsOf(evidence).map((model) => modelReport(model, restrictToModel(evidence, model), targets)),
  };
}

function modelReport(model: string, evidence: Evidence, targets: Targets): ModelReport {
  const verdict = diagnose(evidence, targets);
  const judged = judgedOf(evidence, targets, targets.profile === 'batch');
  const load = loadOf(judged.engines, evidence);
  return {
    model,
    status: verdict.status,
    headline: verdict.headline,
    lede: verdict.lede,
    service: verdict.attainment.map(({ metric, target, now, observed }) => ({
      metric,
      target,
      now,
      observed,
      burn: now && { low: (1 - now.high) / (1 - targets.objective), high: (1 - now.low) / (1 - targets.objective) },
    })),
    load,
    headroom: headroomOf(evidence, targets, load.requestsPerSecond),
    replicas: judged.engines.map((engine) => ({
      replica: engine.id,
      findings: verdict.findings
        .filter(
          ({ scope, severity }) =>
            severity !== 'info' && (scope.kind === 'fleet' || scope.instances.includes(engine.id)),
        )
        .map(({ title }) => title),
      load: loadOf([engine], evidence),
      books: booksOf(engine, evidence.grid),
      config: configOf(engine, evidence),
    })),
    notVisible: [
      ...verdict.signals.disabled.map(({ signal, pathologies }) => ({
        what: signalById(signal).title,
        why: `not there, so not judged: ${pathologies.join(', ')}`,
      })),
      ...verdict.signals.stale.map(({ signal, instances }) => ({
        what: signalById(signal).title,
        why: `no sample any more on ${instances.join(', ')}`,
      })),
      ...verdict.signals.frozen.map(({ signal, instances }) => ({
        what: signalById(signal).title,
        why: `left behind by an engine that stands still: ${instances.join(', ')}`,
      })),
      { what: 'Version of vLLM', why: 'no metric carries it' },
    ],
  };
}

function loadOf(engines: readonly Engine[], { grid }: Evidence): Load {
  const end = grid.count - 1;
  const s = stretchOf(engines, grid, Math.max(0, end - Math.round(SECONDS / grid.step)), end);
  return {
    requestsPerSecond: s.firstTokens ?? s.arrivals,
    outputTokensPerSecond: s.output,
    running: s.running,
    waiting: s.waiting,
    kvUsage: s.usage,
    prompt: s.prompt,
    answer: s.answer,
  };
}

/** Settings of one engine as far as its metrics show them. */
export function configOf({ trace, admission, id }: Engine, evidence: Evidence): Config {
  return {
    kvTokens: trace.capacity,
    blockSize: trace.blockSize,
    prefixCaching: trace.prefixCaching,
    seats: admission.seats,
    started: known(replicaLine(evidence, 'process-start', id) ?? []).at(-1) ?? null,
  };
}
