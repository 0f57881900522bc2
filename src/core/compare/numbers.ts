import { chanceOf, keptOf, LEAST_SCALE, levelOf, onScale, USUAL_SCALE, zBetween } from '../anomalies/robust.ts';
import { floorOf } from '../anomalies/changed.ts';
import { shareAtOrBelow } from '../base/histogram.ts';
import { inSentence, sayDuration } from '../base/say.ts';
import type { Unit } from '../base/units.ts';
import { fleetHistogram } from '../evidence/lines.ts';
import { bucketsBetween } from '../evidence/trace.ts';
import { type SignalId, signalById } from '../signals/index.ts';
import type { Targets } from '../verdict/profiles.ts';
import type { Difference, Interval, Row } from './comparison.ts';
import { normalisedOf } from './normalise.ts';
import type { Side } from './side.ts';

/** A row before chance was asked over all of them together. */
interface Look {
  readonly section: 'workload' | 'load' | 'outcome';
  readonly row: Omit<Row, 'difference'>;
  /** More, less, or too near each other to matter. */
  readonly move: -1 | 0 | 1;
  readonly equal: boolean;
}

interface Quantity {
  readonly id: string;
  readonly section: Look['section'];
  readonly title: string;
  readonly unit: Unit;
  readonly better: Row['better'];
  /** Average over the stretch. */
  readonly of: (side: Side) => number | null;
  /** The line over time whose scatter says what chance can do, or events that are counted. */
  readonly by: { readonly signal: SignalId } | { readonly events: (side: Side) => number | null };
}

const meanOf =
  (signal: SignalId) =>
  ({ evidence, from, to }: Side): number | null => {
    const histogram = fleetHistogram(evidence, signal);
    const all = histogram && bucketsBetween(histogram, from, to);
    return all && all.count > 1e-9 ? all.sum / all.count : null;
  };
const perSecond = (pick: (side: Side) => number | null) => (side: Side) => {
  const rate = pick(side);
  return rate === null ? null : rate * side.stretch.seconds;
};
const arrivals = ({ stretch }: Side) => stretch.arrivals;
const preemptions = ({ stretch }: Side) => stretch.preemptions;

const QUANTITIES: readonly Quantity[] = [
  {
    ...{ id: 'prompt-length', section: 'workload', title: 'Prompt, mean', unit: 'tokens', better: null },
    ...{ of: ({ stretch }) => stretch.prompt, by: { signal: 'prompt-length' } },
  },
  {
    ...{ id: 'output-length', section: 'workload', title: 'Answer, mean', unit: 'tokens', better: null },
    ...{ of: ({ stretch }) => stretch.answer, by: { signal: 'output-length' } },
  },
  {
    ...{ id: 'hit-rate', section: 'workload', title: 'Prefix cache hit rate', unit: 'ratio', better: null },
    ...{ of: ({ stretch }) => stretch.hitRate, by: { signal: 'prefix-cache-hits' } },
  },
  {
    ...{ id: 'arrivals', section: 'load', title: 'Arrivals', unit: 'requests-per-second', better: null },
    ...{ of: arrivals, by: { events: perSecond(arrivals) } },
  },
  {
    ...{ id: 'running', section: 'load', title: 'Running', unit: 'requests', better: null },
    ...{ of: ({ stretch }) => stretch.running, by: { signal: 'running' } },
  },
  {
    ...{ id: 'ttft', section: 'outcome', title: 'TTFT, mean', unit: 'seconds', better: 'less' },
    ...{ of: meanOf('ttft'), by: { signal: 'ttft' } },
  },
  {
    ...{ id: 'itl', section: 'outcome', title: 'ITL, mean', unit: 'seconds', better: 'less' },
    ...{ of: meanOf('itl'), by: { signal: 'itl' } },
  },
  {
    ...{ id: 'time-per-output-token', section: 'outcome', title: 'Time per output token, mean', unit: 'seconds' },
    ...{ better: 'less', of: meanOf('time-per-output-token'), by: { signal: 'time-per-output-token' } },
  },
  {
    ...{ id: 'queue-time', section: 'outcome', title: 'Time in the queue, mean', unit: 'seconds', better: 'less' },
    ...{ of: meanOf('queue-time'), by: { signal: 'queue-time' } },
  },
  {
    ...{ id: 'waiting', section: 'outcome', title: 'Waiting', unit: 'requests', better: 'less' },
    ...{ of: ({ stretch }) => stretch.waiting, by: { signal: 'waiting' } },
  },
  {
    ...{ id: 'kv-cache-usage', section: 'outcome', title: 'KV cache usage', unit: 'ratio', better: null },
    ...{ of: ({ stretch }) => stretch.usage, by: { signal: 'kv-cache-usage' } },
  },
  {
    ...{ id: 'preemptions', section: 'outcome', title: 'Preemptions', unit: 'per-second', better: 'less' },
    ...{ of: preemptions, by: { events: perSecond(preemptions) } },
  },
  {
    ...{ id: 'output-tokens', section: 'outcome', title: 'Output', unit: 'tokens-per-second', better: 'more' },
    ...{ of: ({ stretch }) => stretch.output, by: { signal: 'output-tokens' } },
  },
];

/** Share of the rows said to differ that may be chance. */
const FALSE_RATE = 0.05;

/** Workload, load and outcome, each row with whether chance explains its difference, asked over all of them together. */
export function numberRows(before: Side, after: Side, targets: Targets): { section: Look['section']; row: Row }[] {
  const looks = [
    ...QUANTITIES.map((quantity) => lookAt(quantity, before, after)),
    ...attainmentLooks(before, after, targets),
  ];
  const able = looks.filter(({ row }) => row.z !== null);
  const kept = keptOf(
    able.map(({ row }) => chanceOf(row.z as number)),
    FALSE_RATE,
  );
  const sure = new Set(able.filter((_, i) => kept[i]));
  return looks.map((look) => ({ section: look.section, row: { ...look.row, difference: differenceOf(look, sure) } }));
}

function differenceOf(look: Look, sure: ReadonlySet<Look>): Difference {
  if (look.row.z === null) return 'unknown';
  if (look.equal) return 'none';
  if (!sure.has(look) || look.move === 0 || look.move !== Math.sign(look.row.z)) return 'chance';
  return look.move > 0 ? 'more' : 'less';
}

function lookAt({ id, section, title, unit, better, of, by }: Quantity, before: Side, after: Side): Look {
  const [was, is] = [of(before), of(after)];
  const z =
    was === null || is === null
      ? null
      : 'events' in by
        ? zOfCounts(by.events(before), before.stretch.seconds, by.events(after), after.stretch.seconds)
        : zOfLines(by.signal, before, after);
  const least = unit === 'ratio' ? LEAST_SCALE.difference : LEAST_SCALE.factor * Math.max(was ?? 0, is ?? 0);
  const change = (is ?? 0) - (was ?? 0);
  return {
    section,
    row: {
      ...{ id, title, unit, before: was, after: is, better, z },
      normalised: section === 'outcome' ? normalisedOf(id, before, after) : null,
      note: z === null ? missing(was, is) : '',
    },
    move: Math.abs(change) < least ? 0 : change > 0 ? 1 : -1,
    equal: was === is,
  };
}

function missing(was: number | null, is: number | null): string {
  if (was === null && is === null) return 'not measured';
  return was === null ? 'not measured before' : is === null ? 'not measured after' : 'too few values to tell chance';
}

/** Medians over the stretches against their scatter; `null` with too few values. */
function zOfLines(signal: SignalId, before: Side, after: Side): number | null {
  const find = ({ tracks }: Side) => tracks.find((track) => track.signal === signal && isMain(track, signal));
  const [was, is] = [find(before), find(after)];
  if (!was || !is) return null;
  const part = ({ from, to }: Side, values: typeof was.values) => values.slice(from, to + 1);
  const most = Math.max(...[...part(before, was.values), ...part(after, is.values)].map((value) => value ?? 0));
  const level = (side: Side, values: typeof was.values) =>
    levelOf(
      onScale(part(side, values), was.scale, floorOf(was, most, most)),
      // A gauge is of its moment; a rate is of all its window.
      signalById(signal).kind === 'gauge' ? 1 : side.evidence.window / side.evidence.grid.step,
    );
  const [a, b] = [level(before, was.values), level(after, is.values)];
  return a && b ? zBetween(a, b, USUAL_SCALE[was.scale]) : null;
}

/** A signal's own line: of a histogram its mean, of prefix cache hits their share of the look-ups. */
function isMain({ quantity, unit }: Side['tracks'][number], signal: SignalId): boolean {
  if (signal === 'prefix-cache-hits') return unit === 'ratio';
  return quantity === (signalById(signal).kind === 'histogram' ? 'mean' : 'value');
}

/** Requests come in clumps, and so do preemptions: their counts scatter more than Poisson's, and the variance is taken twice. */
const CLUMPED = 2;

function zOfCounts(before: number | null, seconds: number, after: number | null, secondsAfter: number): number | null {
  if (before === null || after === null || seconds <= 0 || secondsAfter <= 0) return null;
  const variance = CLUMPED * (Math.max(before, 1) / seconds ** 2 + Math.max(after, 1) / secondsAfter ** 2);
  return (after / secondsAfter - before / seconds) / Math.sqrt(variance);
}

const METRICS = [
  ['ttft', 'ttft', 'TTFT', 'ttft'],
  ['tpot', 'time-per-output-token', 'Time per output token', 'tbt'],
  ['e2e', 'e2e', 'E2E', 'e2e'],
] as const;

/** Shares within each target, as intervals where the target is no bucket edge. Where these overlap nothing can be told. */
function attainmentLooks(before: Side, after: Side, targets: Targets): Look[] {
  return METRICS.map(([metric, signal, title, target]) => {
    const shareOf = ({ evidence, from, to, stretch }: Side): (Interval & { n: number }) | null => {
      const histogram = fleetHistogram(evidence, signal);
      const all = histogram && bucketsBetween(histogram, from, to);
      const share = all && shareAtOrBelow(all.bounds, all.cumulative, all.count, targets[target]);
      return share && { ...share, n: (all as { count: number }).count * stretch.seconds };
    };
    const [was, is] = [shareOf(before), shareOf(after)];
    const coarse =
      was !== null && is !== null && was.low <= is.high && is.low <= was.high && was.high + is.high > was.low + is.low;
    const gap = was && is ? (is.low > was.high ? is.low - was.high : is.high < was.low ? is.high - was.low : 0) : null;
    return {
      section: 'outcome',
      row: {
        id: `within-${metric}`,
        title: `${title} within ${sayDuration(targets[target])}`,
        unit: 'ratio',
        before: was && { low: was.low, high: was.high },
        after: is && { low: is.low, high: is.high },
        better: 'more',
        z: was && is && gap !== null && !coarse ? zOfShares(was, is, gap) : null,
        normalised: { because: `no formula gives ${inSentence(title)} at another load` },
        note:
          was && is
            ? `${Math.round(was.n)} and ${Math.round(is.n)} observed${coarse ? '; the target is no bucket edge, and both may be the same' : ''}`
            : missing(was && was.low, is && is.low),
      },
      move: gap === null || Math.abs(gap) < LEAST_SCALE.difference ? 0 : gap > 0 ? 1 : -1,
      equal: was !== null && is !== null && was.low === is.low && was.high === is.high,
    } satisfies Look;
  });
}

/** Difference of two shares in standard errors, by the pooled share; requests of one queue resemble each other, see `CLUMPED`. */
function zOfShares(was: Interval & { n: number }, is: Interval & { n: number }, gap: number): number {
  const middle = ({ low, high }: Interval) => (low + high) / 2;
  const pooled = (middle(was) * was.n + middle(is) * is.n) / (was.n + is.n);
  const variance = Math.max(pooled * (1 - pooled), 1e-6) * (1 / Math.max(was.n, 1) + 1 / Math.max(is.n, 1));
  return gap / Math.sqrt(CLUMPED * variance);
}
