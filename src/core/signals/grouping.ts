import type { Signal } from './signal.ts';

/** Labels of another exporter by which its series are joined to replicas, see reference/metrics.md §2.1. */
export const JOIN_LABELS = ['exported_pod', 'pod', 'Hostname', 'hostname', 'instance'] as const;

/** How series of one replica become one number. */
export type Operator = 'sum' | 'max' | 'min' | 'avg';

/**
 * The labels that stay apart when a signal is aggregated; the same for PromQL and for the evaluation of pages.
 * A histogram's buckets keep `le` as well, which is not in this list.
 */
export function groupLabels(signal: Signal): readonly string[] {
  const by = signal.by === undefined ? [] : [signal.by];
  switch (signal.level) {
    case 'engine':
      return ['instance', 'engine', 'model_name', ...by];
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

/**
 * How several series with equal group labels combine. Rates add. Gauges take the largest, so that a target scraped by two
 * jobs is not counted twice; parts kept by a label, and memory of several GPUs, add; GPU shares average; of ages the newest
 * sample counts.
 */
export function groupOperator(signal: Signal): Operator {
  switch (signal.kind) {
    case 'counter':
    case 'histogram':
      return 'sum';
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
