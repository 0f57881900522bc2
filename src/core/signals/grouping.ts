import type { MetricName, Signal } from './signal.ts';

/** Labels of another exporter by which its series are joined to replicas, see reference/metrics.md §2.1. */
export const JOIN_LABELS = ['exported_pod', 'pod', 'Hostname', 'hostname', 'instance'] as const;

/** How series of one replica become one number. */
export type Operator = 'sum' | 'max' | 'min' | 'avg';

/**
 * The labels that stay apart when a signal is aggregated; the same for PromQL and for the evaluation of pages.
 * A histogram's buckets keep `le` as well, which is not in this list.
 * @param name the spelling, which may tell engines and parts apart by labels of its own
 */
export function groupLabels(signal: Signal, name?: MetricName): readonly string[] {
  const by = signal.by === undefined ? [] : [name?.by ?? signal.by];
  switch (signal.level) {
    case 'engine':
      return ['instance', 'engine', ...(name?.engines ?? []), 'model_name', ...by];
    case 'target':
      return ['instance', ...by];
    case 'neighbour':
      return [...JOIN_LABELS, ...by];
    case 'gateway':
      return by;
    default:
      return signal.level satisfies never;
  }
}

/** Characters of a Ray worker's id that are kept: it is random, so these tell workers apart, and people can read them out. */
const WORKER_DIGITS = 8;

/**
 * The engine behind a target that a series speaks of: vLLM's data-parallel rank, Ray's worker (with the rank where it is not
 * the first), SGLang's data-parallel rank; empty where there is but one.
 */
export function engineOf(labels: Readonly<Record<string, string>>): string {
  const worker = (labels.WorkerId || labels.ReplicaId || '').slice(0, WORKER_DIGITS);
  const rank = labels.engine || labels.dp_rank || '';
  if (worker === '') return rank;
  return rank === '' || rank === '0' ? worker : `${worker}-${rank}`;
}

/** The part of a signal that a series is: the value of its `by` label, under the name any of the spellings gives it. */
export function partOf(signal: Signal, names: readonly MetricName[], labels: Readonly<Record<string, string>>): string {
  if (signal.by === undefined) return '';
  const own = labels[signal.by];
  if (own) return own;
  return names.map((name) => (name.by === undefined ? '' : (labels[name.by] ?? ''))).find((part) => part !== '') ?? '';
}

/**
 * How several series with equal group labels combine. Rates add. Gauges take the largest, so that a target scraped by two
 * jobs is not counted twice; parts kept by a label, and memory of several GPUs, add; GPU shares average; of ages the newest
 * sample counts. What every rank of an engine repeats does not add.
 */
export function groupOperator(signal: Signal, name?: MetricName): Operator {
  switch (signal.kind) {
    case 'counter':
    case 'histogram':
      return name?.repeated ? 'max' : 'sum';
    case 'age':
      return 'min';
    case 'gauge':
      if (signal.level === 'neighbour') return signal.across === 'sum' ? 'sum' : 'avg';
      return signal.by === undefined ? 'max' : 'sum';
    case 'info':
      return 'max';
    default:
      return signal.kind satisfies never;
  }
}

/** Whether the fleet's line is the sum of all engines', so that of a large fleet none may be left out. */
export function addsUp({ across, kind }: Signal): boolean {
  return across === 'sum' && kind !== 'histogram';
}

/** Histograms of which the number of observations is a rate of its own, set against what finishes or is written. */
export const COUNTED: ReadonlySet<string> = new Set(['ttft', 'itl', 'step-tokens']);
