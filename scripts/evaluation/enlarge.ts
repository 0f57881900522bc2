import type { Values } from '../../src/core/base/grid.ts';
import type { Evidence, Reading } from '../../src/core/evidence/evidence.ts';
import { type SignalId, signalById } from '../../src/core/signals/index.ts';
import { Random } from './simulator/random.ts';

/** Share by which copies of an engine differ in what they count and hold. */
const JITTER = 0.03;

/**
 * A small fleet as a large one: each replica so many times, every copy a little busier or calmer than the engine it was made
 * of. What stands before the fleet counts as many times as there are more engines.
 * @param copies how many there will be of a replica, by its instance
 */
export function enlarge(evidence: Evidence, copies: (instance: string) => number, seed = 1): Evidence {
  const random = new Random(seed, 'enlarge');
  const made = evidence.replicas.flatMap((replica) =>
    Array.from({ length: copies(replica.instance) }, (_, k) => ({
      from: replica.id,
      factor: k === 0 ? 1 : random.between(1 - JITTER, 1 + JITTER),
      first: k === 0,
      replica: {
        ...replica,
        id: k === 0 ? replica.id : `${replica.id}-${k}`,
        instance: k === 0 ? replica.instance : `${replica.instance}-${k}`,
      },
    })),
  );
  const growth = made.length / Math.max(1, evidence.replicas.length);
  const readings: Partial<Record<SignalId, Reading>> = {};
  for (const [id, reading] of Object.entries(evidence.readings) as [SignalId, Reading][]) {
    const { kind, level, unit } = signalById(id);
    if (level === 'gateway') {
      const change = (values: Values) => (kind === 'counter' ? times(values, growth) : values);
      readings[id] = { ...reading, lines: reading.lines.map((line) => ({ ...line, values: change(line.values) })) };
      continue;
    }
    const scales = kind === 'counter' || kind === 'histogram' || unit === 'requests';
    const copied = <T extends { readonly replica: string }>(
      list: readonly T[],
      as: (one: T, factor: number) => T,
    ): T[] =>
      made.flatMap(({ from, factor, replica }) =>
        list
          .filter((one) => one.replica === from)
          .map((one) => ({ ...as(one, scales ? factor : 1), replica: replica.id })),
      );
    readings[id] = {
      ...reading,
      lines: copied(reading.lines, (line, factor) => ({ ...line, values: times(line.values, factor) })),
      histograms: copied(reading.histograms, (h, factor) => ({
        ...h,
        cumulative: h.cumulative.map((values) => times(values, factor)),
        count: times(h.count, factor),
        sum: times(h.sum, factor),
      })),
      labels: copied(reading.labels, (info) => info),
    };
  }
  return { ...evidence, replicas: made.map(({ replica }) => replica), readings };
}

function times(values: Values, factor: number): Values {
  return factor === 1 ? values : values.map((value) => (value === null ? null : value * factor));
}
