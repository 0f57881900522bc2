import { parseExposition, type ParsedSeries } from '../../src/core/exposition/parse.ts';
import { Random } from '../evaluation/simulator/random.ts';
import { INTERVAL, SICK, SIMULATED } from './story.ts';

/** One label set with its samples. */
export interface FleetSeries {
  /** By name of the label, `__name__` among them, as remote write wants it. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** Unix milliseconds, ascending. */
  readonly times: readonly number[];
  readonly values: Float64Array;
}

/** Share by which a copy's traffic differs from the original's at most. */
const JITTER = 0.1;

/**
 * A fleet of any size out of the few replicas that were simulated: the sick one once, the others again and again, each copy with
 * names of its own, scraped at another moment of the interval, and up to a tenth busier or calmer. Counts stay whole numbers
 * that never fall and buckets stay cumulative, since all of a copy is multiplied by one number and rounded down.
 * @param text OpenMetrics, see story.ts
 */
export function* fleetOf(text: string, size: number): Generator<FleetSeries> {
  const { series } = parseExposition(text);
  const pods = podsOf(series);
  const of = (replica: number | undefined) =>
    series.filter(({ labels }) => pods.get(labels.exported_pod ?? labels.pod ?? '') === replica);
  const originals = Array.from({ length: SIMULATED }, (_, i) => of(i));
  for (let number = 0; number < size; number += 1) {
    const original = number === SICK ? SICK : 1 + ((number - 1) % (SIMULATED - 1));
    const random = new Random(number, 'copy');
    const factor = number === original ? 1 : random.between(1 - JITTER, 1 + JITTER);
    const earlier = Math.round(1000 * random.between(0, INTERVAL));
    for (const one of originals[original] ?? []) {
      yield {
        labels: sorted(one.name, renamed(one.labels, number)),
        times: one.times.map((time) => time - earlier),
        values: Float64Array.from(one.values, scalingOf(one.name, factor)),
      };
    }
  }
  // The gateway is one, and counts what all of them are asked.
  for (const one of of(undefined)) {
    yield {
      labels: sorted(one.name, one.labels),
      times: one.times,
      values: Float64Array.from(one.values, (value) => Math.floor((value * size) / SIMULATED)),
    };
  }
}

/** Which simulated replica a pod is, in the order of the text. */
function podsOf(series: readonly ParsedSeries[]): ReadonlyMap<string, number> {
  const pods = series.flatMap(({ name, labels }) => (name === 'up' && labels.pod ? [labels.pod] : []));
  return new Map(pods.map((pod, i) => [pod, i]));
}

/** Address of a replica as a target. */
export const instanceOf = (number: number): string => `10.42.${number >> 8}.${number & 255}:8000`;

const podOf = (number: number): string => `vllm-6c8d4f7b9-${(number * 7919 + 46_656).toString(36).padStart(5, 'x')}`;

function renamed(labels: ParsedSeries['labels'], number: number): Record<string, string> {
  const own = { ...labels };
  if (own.pod) own.pod = podOf(number);
  if (own.exported_pod) own.exported_pod = podOf(number);
  if (own.UUID) own.UUID = `GPU-${number}-${own.gpu ?? ''}`;
  switch (own.job) {
    case 'vllm':
      own.instance = instanceOf(number);
      break;
    case 'dcgm':
      own.instance = `node-${number}:9400`;
      break;
    case 'cadvisor':
      own.instance = `node-${number}:10250`;
      break;
    // kube-state-metrics is one for all of them.
    default:
  }
  return own;
}

function sorted(name: string, labels: Readonly<Record<string, string>>): (readonly [string, string])[] {
  return Object.entries({ ...labels, __name__: name }).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** How the values of a series become those of a copy with so many times the traffic. */
function scalingOf(name: string, factor: number): (value: number) => number {
  if (/_sum$/.test(name)) return (value) => value * factor;
  if (/^vllm:.*_(bucket|count|total)$/.test(name)) return (value) => Math.floor(value * factor);
  if (/^vllm:num_requests_/.test(name)) return (value) => Math.round(value * factor);
  if (name === 'vllm:kv_cache_usage_perc') return (value) => Math.min(1, value * factor);
  return (value) => value;
}
