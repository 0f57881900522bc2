import * as v from 'valibot';
import type { Values } from '../../core/base/grid.ts';
import type { Unit } from '../../core/base/units.ts';
import { SNAPSHOT_SCHEMA, type Snapshot } from '../../core/snapshot/snapshot.ts';
import { isSignalId, type SignalId } from '../../core/signals/index.ts';
import { parseSelector } from '../../core/signals/selector.ts';
import { PROFILE_IDS } from '../../core/verdict/profiles.ts';

/**
 * What a snapshot of the present version looks like, checked once, at the border. A field this program does not know is
 * dropped, since fields are only ever added; everything it does know must be there and of its kind.
 */

const finite = v.pipe(v.number(), v.finite());
const count = v.pipe(finite, v.integer(), v.minValue(0));
/** Unix seconds up to the end of the year 9999, which is as far as RFC 3339 can write. */
const LAST = 253_402_300_799;
const time = v.pipe(finite, v.minValue(0), v.maxValue(LAST));
const texts = v.array(v.string());
/** Millions of numbers, so that a schema per number would be the slowest part of opening. */
const values = v.custom<Values>(
  (given) => Array.isArray(given) && given.every((one) => one === null || Number.isFinite(one)),
);
const signalId = v.custom<SignalId>((given) => typeof given === 'string' && isSignalId(given));
/** A signal of a later release is none here: nothing could read it. */
const signalOrNone = v.pipe(
  v.nullable(v.string()),
  v.transform((id) => (id !== null && isSignalId(id) ? id : null)),
);
const signalIds = v.pipe(
  texts,
  v.transform((ids) => ids.filter(isSignalId)),
);
const unit = v.picklist([
  'seconds',
  'bytes',
  'ratio',
  'count',
  'requests',
  'tokens',
  'per-second',
  'requests-per-second',
  'tokens-per-second',
  'steps-per-second',
  'hertz',
  'watts',
] as const satisfies readonly Unit[]);

/** Grid times a line may have, as Prometheus allows: lists are made of that length before anything is drawn. */
const MOST_TIMES = 11_000;
const grid = v.pipe(
  v.object({
    from: time,
    step: v.pipe(finite, v.gtValue(0)),
    count: v.pipe(count, v.minValue(1), v.maxValue(MOST_TIMES)),
  }),
  v.check(({ from, step, count: times }) => from + step * times <= LAST, 'Its times end after the year 9999.'),
);
/** Queries are made of it, which is no place to find out. */
const selector = v.pipe(
  v.string(),
  v.check((text) => {
    try {
      return parseSelector(text).length >= 0;
    } catch {
      return false;
    }
  }, 'It is no list of label matchers.'),
);

const replicaAnd = { replica: v.string() };
const reading = v.object({
  signal: signalId,
  state: v.picklist(['present', 'renamed', 'partial', 'absent', 'failed']),
  metrics: texts,
  query: v.nullable(v.string()),
  problem: v.exactOptional(v.string()),
  lines: v.array(v.object({ ...replicaAnd, part: v.string(), values })),
  histograms: v.array(
    v.object({ ...replicaAnd, bounds: v.array(finite), cumulative: v.array(values), count: values, sum: values }),
  ),
  labels: v.array(v.object({ ...replicaAnd, labels: v.record(v.string(), v.string()) })),
  earlier: v.exactOptional(
    v.array(v.object({ ...replicaAnd, labels: v.record(v.string(), v.string()), until: finite })),
  ),
});

const coverage = v.object({
  engines: count,
  each: v.array(v.object({ ...replicaAnd, because: v.string() })),
  means: v.array(
    v.object({
      ...replicaAnd,
      engines: count,
      because: v.string(),
      sampled: v.exactOptional(count),
      instances: v.exactOptional(texts),
    }),
  ),
});

const evidence = v.object({
  grid,
  window: v.pipe(finite, v.gtValue(0)),
  scrapeInterval: v.nullable(finite),
  source: v.object({ kind: v.string(), label: v.string(), flavour: v.nullable(v.string()) }),
  selector,
  replicas: v.array(
    v.object({
      id: v.string(),
      instance: v.string(),
      engine: v.string(),
      model: v.string(),
      // Added within version 1, as is `coverage`.
      stands: v.exactOptional(v.pipe(count, v.minValue(1))),
    }),
  ),
  readings: v.pipe(
    v.record(v.string(), v.unknown()),
    v.transform((all) => Object.fromEntries(Object.entries(all).filter(([id]) => isSignalId(id)))),
    v.record(signalId, reading),
  ),
  knobs: v.record(v.string(), finite),
  warnings: texts,
  coverage: v.exactOptional(coverage),
});

const chapter = v.nullable(v.object({ at: v.nullable(time), title: v.string(), says: v.string() }));
const fact = v.object({
  signal: signalOrNone,
  says: v.string(),
  figure: v.string(),
  label: v.string(),
  compared: v.string(),
  detail: v.string(),
  observed: v.nullable(finite),
  expected: v.nullable(finite),
  unit,
  query: v.nullable(v.string()),
  trend: v.nullable(values),
  limit: v.nullable(finite),
});
const figure = v.nullable(v.union([finite, v.string()]));
const remedy = v.object({
  title: v.string(),
  knob: v.nullable(v.string()),
  from: figure,
  to: figure,
  flag: v.nullable(v.string()),
  why: v.string(),
  steps: v.array(v.object({ sum: v.string(), result: v.string() })),
  expect: v.string(),
  risk: v.string(),
  verify: v.string(),
  needsRestart: v.boolean(),
});
const finding = v.object({
  pathology: v.string(),
  title: v.string(),
  variant: v.nullable(v.string()),
  state: v.picklist(['detected', 'ruled-out', 'cannot-tell']),
  score: finite,
  confidence: finite,
  severity: v.picklist(['critical', 'warning', 'info']),
  scope: v.object({ kind: v.picklist(['fleet', 'instances', 'telemetry']), instances: texts }),
  since: v.nullable(time),
  until: v.nullable(time),
  strength: values,
  facts: v.array(fact),
  because: v.string(),
  missing: signalIds,
  ask: v.string(),
  story: v.nullable(v.object({ changed: chapter, broke: chapter, hurts: chapter })),
  remedies: v.array(remedy),
  willNotHelp: v.array(v.object({ title: v.string(), why: v.string() })),
  lede: v.string(),
});
const share = v.nullable(v.object({ low: finite, high: finite }));

const oldSignals = v.array(v.object({ signal: signalId, instances: texts }));

const verdict = v.object({
  at: time,
  grid,
  selector: v.string(),
  models: texts,
  instances: texts,
  profile: v.string(),
  status: v.picklist(['healthy', 'degraded', 'critical', 'unknown']),
  headline: v.string(),
  lede: v.string(),
  findings: v.array(
    v.object({
      ...finding.entries,
      role: v.picklist(['primary', 'contributing']),
      model: v.string(),
      raw: finite,
      explains: texts,
    }),
  ),
  plan: v.object({
    steps: v.array(v.object({ remedy, for: texts })),
    heldBack: v.array(v.object({ pathology: v.string(), title: v.string(), because: v.string() })),
  }),
  motion: v.nullable(
    v.object({
      replica: v.string(),
      movement: v.picklist(['moving', 'slow', 'reading', 'live-lock', 'silent', 'left-over', 'idle']),
      requests: finite,
      perRequest: v.nullable(finite),
      growth: v.nullable(finite),
      written: v.nullable(finite),
      full: v.nullable(finite),
      largest: v.nullable(finite),
      capacity: v.nullable(finite),
      says: v.string(),
    }),
  ),
  ruledOut: v.array(finding),
  cannotTell: v.array(finding),
  earlier: v.array(v.object({ pathology: v.string(), title: v.string(), from: time, to: time })),
  textbook: v.array(
    v.object({
      pathology: v.string(),
      rule: v.string(),
      fires: v.nullable(v.boolean()),
      because: v.string(),
      disagrees: v.string(),
    }),
  ),
  assurances: v.array(fact),
  attainment: v.array(
    v.object({
      metric: v.picklist(['ttft', 'tpot', 'e2e']),
      target: finite,
      now: share,
      before: share,
      observed: finite,
      trend: values,
    }),
  ),
  signals: v.object({
    present: signalIds,
    renamed: v.array(v.object({ signal: signalId, as: v.string() })),
    absent: signalIds,
    // Added within version 1.
    stale: v.optional(oldSignals, []),
    frozen: v.optional(oldSignals, []),
    disabled: v.optional(v.array(v.object({ signal: signalId, pathologies: texts })), []),
  }),
  coverage: v.exactOptional(coverage),
  warnings: texts,
});

const front = {
  schema: v.literal(SNAPSHOT_SCHEMA),
  generatedBy: v.object({ name: v.string(), version: v.string() }),
  takenAt: time,
  targets: v.object({
    profile: v.picklist(PROFILE_IDS),
    ttft: v.pipe(finite, v.gtValue(0)),
    tbt: v.pipe(finite, v.gtValue(0)),
    e2e: v.pipe(finite, v.gtValue(0)),
    objective: finite,
  }),
  verdict,
  reduced: v.nullable(v.object({ read: count, kept: count, shortened: v.boolean() })),
};

/** All of a snapshot but its evidence: what a link that was cut still holds. */
export const frontSchema = v.object(front) satisfies v.GenericSchema<unknown, Omit<Snapshot, 'evidence'>>;

export const snapshotSchema = v.pipe(
  v.object({ ...front, evidence }),
  v.check(
    (snapshot) => linesFit(snapshot),
    'Lines and grid must have the same length, and belong to the signal they stand under.',
  ),
) satisfies v.GenericSchema<unknown, Snapshot>;

function linesFit({ evidence: { grid, readings } }: Pick<Snapshot, 'evidence'>): boolean {
  const fits = (line: Values): boolean => line.length === grid.count;
  return Object.entries(readings).every(
    ([id, one]) =>
      one.signal === id &&
      one.lines.every(({ values: line }) => fits(line)) &&
      one.histograms.every(
        (h) => h.cumulative.length === h.bounds.length && h.cumulative.every(fits) && fits(h.count) && fits(h.sum),
      ),
  );
}
