import { endOf, type Grid, type Values } from '../base/grid.ts';
import type { Fact, Finding } from '../detectors/detector.ts';
import type { Evidence, Histogram, Line, Reading, Replica } from '../evidence/evidence.ts';
import { fleetHistogram, fleetLine, partsOf } from '../evidence/lines.ts';
import { modelsOf, restrictToModel } from '../evidence/slice.ts';
import type { SignalId } from '../signals/index.ts';
import type { RankedFinding, Verdict } from '../verdict/verdict.ts';
import type { Snapshot } from './snapshot.ts';

/** What the strip of the page shows, in its order: kept after what the findings name. */
const FLEET: readonly SignalId[] = [
  'ttft',
  'kv-cache-usage',
  'waiting',
  'running',
  'output-tokens',
  'preemptions',
  'finished',
  'itl',
  'e2e',
];

/** How much of a snapshot stays. */
interface Cut {
  /** Grid times of each chart. */
  readonly points: number;
  readonly signals: number;
  /** Facts and remedies of each finding, the first ones. */
  readonly facts: number;
  readonly remedies: number;
  /** Findings told in full; the rest keep their title, their severity and how sure they are. */
  readonly findings: number;
  /** Whether each pathology that was ruled out or open says why, is only named, or is left out. */
  readonly others: 'because' | 'named' | 'left out';
  /** Replica names. */
  readonly names: number;
}

/** From little left out to almost nothing left: a chat link takes the first that fits. */
const CUTS: readonly Cut[] = [
  { points: 49, signals: 12, facts: 9, remedies: 9, findings: 9, others: 'because', names: 64 },
  { points: 49, signals: 10, facts: 4, remedies: 2, findings: 3, others: 'because', names: 32 },
  { points: 41, signals: 8, facts: 4, remedies: 1, findings: 2, others: 'because', names: 16 },
  { points: 41, signals: 8, facts: 3, remedies: 1, findings: 1, others: 'because', names: 16 },
  { points: 33, signals: 6, facts: 3, remedies: 1, findings: 1, others: 'because', names: 8 },
  { points: 33, signals: 6, facts: 3, remedies: 1, findings: 1, others: 'named', names: 8 },
  { points: 25, signals: 5, facts: 3, remedies: 1, findings: 1, others: 'named', names: 8 },
  { points: 17, signals: 4, facts: 3, remedies: 1, findings: 1, others: 'left out', names: 4 },
  { points: 13, signals: 4, facts: 2, remedies: 1, findings: 1, others: 'left out', names: 2 },
  { points: 9, signals: 2, facts: 2, remedies: 1, findings: 1, others: 'left out', names: 2 },
  { points: 2, signals: 0, facts: 1, remedies: 0, findings: 0, others: 'left out', names: 1 },
];

/**
 * The snapshot reduced step by step for a carrier with little room: verdict, signals of the fleet, and what the findings name.
 * Lines are averages over a wider grid, rounded to two digits of their largest value; replicas are put together as each signal
 * asks (`across`). What results is shown and not judged again.
 */
export function* reductions(snapshot: Snapshot): Generator<Snapshot> {
  const named = [
    ...snapshot.verdict.findings.flatMap((finding) => finding.facts.map((fact) => fact.signal)),
    ...FLEET,
  ].filter((id): id is SignalId => id !== null);
  const there = [...new Set(named)].filter((id) => hasNumbers(snapshot.evidence.readings[id]));
  const read = Object.values(snapshot.evidence.readings).filter(hasNumbers).length;
  for (const cut of CUTS) {
    const kept = there.slice(0, cut.signals);
    yield {
      ...snapshot,
      verdict: shortened(snapshot.verdict, cut),
      reduced: { read, kept: kept.length, shortened: true },
      evidence: fleetOnly(snapshot.evidence, kept, cut.points),
    };
  }
}

function hasNumbers(reading: Reading | undefined): boolean {
  return reading !== undefined && reading.lines.length + reading.histograms.length > 0;
}

function shortened(verdict: Verdict, cut: Cut): Verdict {
  const names = (list: readonly string[]): readonly string[] => list.slice(0, cut.names);
  const told = <T extends Finding>(finding: T, rank: number): T => ({
    ...finding,
    ...(rank < cut.findings
      ? {
          facts: finding.facts.slice(0, cut.facts).map(shortFact),
          remedies: finding.remedies.slice(0, cut.remedies),
          willNotHelp: cut.findings > 1 ? finding.willNotHelp : [],
        }
      : { facts: [], remedies: [], willNotHelp: [], story: null, missing: [], lede: '' }),
    scope: { ...finding.scope, instances: names(finding.scope.instances) },
  });
  const other = (finding: Finding): Finding => ({
    ...told(finding, Number.POSITIVE_INFINITY),
    ...(cut.others === 'named' ? { because: '', ask: '', missing: [] } : {}),
  });
  const others = (list: readonly Finding[]): Finding[] => (cut.others === 'left out' ? [] : list.map(other));
  const findings: readonly RankedFinding[] = verdict.findings.map(told);
  const remedies = verdict.plan.steps.filter((_, i) => i < cut.remedies && i < cut.findings);
  return {
    ...verdict,
    instances: names(verdict.instances),
    findings,
    plan: { steps: remedies, heldBack: cut.findings > 1 ? verdict.plan.heldBack : [] },
    ruledOut: others(verdict.ruledOut),
    cannotTell: others(verdict.cannotTell),
    textbook: [],
    assurances: verdict.assurances.map(shortFact),
    attainment: verdict.attainment.map((one) => ({
      ...one,
      now: shortShare(one.now),
      before: shortShare(one.before),
      observed: Math.round(one.observed),
    })),
    signals: { present: [], renamed: [], absent: [], stale: [], frozen: [], disabled: [] },
    warnings: verdict.warnings.slice(0, 3),
  };
}

/** Without its query, and with numbers as they are read: the sentence has them in words. */
function shortFact(fact: Fact): Fact {
  return { ...fact, query: null, observed: digits(fact.observed), expected: digits(fact.expected) };
}

const digits = (value: number | null): number | null => (value === null ? null : Number(value.toPrecision(3)));

function shortShare(share: { readonly low: number; readonly high: number } | null) {
  return share && { low: Number(share.low.toFixed(3)), high: Number(share.high.toFixed(3)) };
}

/** The named signals alone, replicas of one model put together, on a wider grid. */
function fleetOnly(evidence: Evidence, ids: readonly SignalId[], points: number): Evidence {
  const { grid: old } = evidence;
  const stride = Math.max(1, Math.ceil((old.count - 1) / (points - 1)));
  const count = Math.floor((old.count - 1) / stride) + 1;
  const grid: Grid = { from: endOf(old) - (count - 1) * stride * old.step, step: stride * old.step, count };
  const wide = (values: Values): Values => averages(values, stride, count);
  const models = modelsOf(evidence).map((model) => ({
    of: restrictToModel(evidence, model),
    ...asOne(evidence, model),
  }));
  const readings: Partial<Record<SignalId, Reading>> = {};
  for (const id of ids) {
    const reading = evidence.readings[id];
    if (!reading) continue;
    readings[id] = {
      ...reading,
      query: null,
      lines: models.flatMap(({ of, replica }) =>
        (of.readings[id]?.lines.length ?? 0) === 0
          ? []
          : partsOf(of, id).flatMap((part): Line[] => {
              const values = fleetLine(of, id, undefined, part);
              return values === null
                ? []
                : [{ replica: replica.id, part, values: rounded(wide(values), largestOf(wide(values))) }];
            }),
      ),
      histograms: models.flatMap(({ of, replica }): Histogram[] => {
        const whole = fleetHistogram(of, id);
        return whole === null ? [] : [{ ...roundedHistogram(whole, wide), replica: replica.id }];
      }),
      labels: [],
    };
  }
  return {
    ...evidence,
    grid,
    replicas: models.map(({ replica }) => replica),
    readings,
    warnings: [],
  };
}

/** One replica that stands for all of a model; a single one stands for itself. */
function asOne(evidence: Evidence, model: string): { readonly replica: Replica } {
  const all = evidence.replicas.filter((replica) => replica.model === model);
  const [first] = all;
  if (all.length === 1 && first) return { replica: first };
  const id = `all ${all.length} replicas`;
  return { replica: { id, instance: id, engine: '', model } };
}

/** Means of the last `stride` values up to each time of the wider grid; `null` where all of them are gaps. */
function averages(values: Values, stride: number, count: number): Values {
  return Array.from({ length: count }, (_, i) => {
    const end = values.length - (count - 1 - i) * stride;
    const some = values.slice(Math.max(0, end - stride), end).filter((value): value is number => value !== null);
    return some.length === 0 ? null : some.reduce((sum, value) => sum + value, 0) / some.length;
  });
}

function largestOf(values: Values): number {
  return values.reduce<number>((most, value) => Math.max(most, Math.abs(value ?? 0)), 0);
}

/** To two digits of `largest`, so that a line has at most some hundred levels. */
function rounded(values: Values, largest: number): Values {
  if (largest === 0) return values;
  const places = 1 - Math.floor(Math.log10(largest));
  return values.map((value) => (value === null ? null : roundTo(value, places)));
}

/** By way of text, so that the result is the shortest decimal there is. */
function roundTo(value: number, places: number): number {
  return places >= 0 ? Number(value.toFixed(Math.min(places, 15))) : Math.round(value / 10 ** -places) * 10 ** -places;
}

/** Buckets are rounded alike, since none may hold more than the one above it. */
function roundedHistogram(histogram: Histogram, wide: (values: Values) => Values): Histogram {
  const [count, sum] = [wide(histogram.count), wide(histogram.sum)];
  return {
    ...histogram,
    cumulative: histogram.cumulative.map((bucket) => rounded(wide(bucket), largestOf(count))),
    count: rounded(count, largestOf(count)),
    sum: rounded(sum, largestOf(sum)),
  };
}
