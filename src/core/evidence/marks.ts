import { stepsIn, type Values } from '../base/grid.ts';
import { CRITERIA, type Measure, RECENT } from '../signals/criteria.ts';
import type { SignalId } from '../signals/index.ts';
import type { Candidate } from './choose.ts';
import { restartsIn } from './departures.ts';
import type { Evidence, Histogram, Line } from './evidence.ts';

/** What each engine of an evidence shows by each criterion, at the end of the window; `null` where it is not measured. */
export function marksOf(evidence: Evidence): Candidate[] {
  const recent = stepsIn(evidence.grid, RECENT);
  const lines = byReplica((id) => evidence.readings[id]?.lines ?? []);
  const histograms = byReplica((id) => evidence.readings[id]?.histograms ?? []);
  const patterns = new Map<string, RegExp>();
  const patternOf = (parts: string): RegExp => {
    const pattern = patterns.get(parts) ?? new RegExp(`^(${parts})$`);
    patterns.set(parts, pattern);
    return pattern;
  };
  /** Mean over the last minutes, all parts (or those asked for) added. */
  const level = (id: SignalId, replica: string, parts?: string): number | null => {
    const wanted = parts === undefined ? null : patternOf(parts);
    return (lines(id).get(replica) ?? [])
      .filter(({ part }: Line) => wanted === null || wanted.test(part))
      .reduce<number | null>((sum, { values }) => plus(sum, tailMean(values, recent)), null);
  };
  const measured = (measure: Measure, replica: string): number | null => {
    switch (measure.how) {
      case 'level':
        return level(measure.of, replica, measure.parts);
      case 'ratio':
        return quotient(level(measure.of, replica), level(measure.to, replica));
      case 'mean': {
        const [h] = (histograms(measure.of).get(replica) ?? []) as Histogram[];
        return h ? quotient(tailMean(h.sum, recent), tailMean(h.count, recent)) : null;
      }
      case 'changes': {
        const line = lines(measure.of).get(replica)?.[0];
        return line ? restartsIn(line.values).length : null;
      }
      case 'growth': {
        const line = lines(measure.of).get(replica)?.[0];
        return line ? growthOf(line.values, evidence.grid.step) : null;
      }
      case 'gaps': {
        const line = lines(measure.of).get(replica)?.[0];
        return line ? line.values.filter((v) => v === null).length / line.values.length : 1;
      }
      default:
        return measure satisfies never;
    }
  };
  return evidence.replicas.map(({ id, instance, model }) => ({
    id,
    instance,
    model,
    marks: Object.fromEntries(CRITERIA.map((criterion) => [criterion.id, measured(criterion.measure, id)])),
  }));
}

/** Lists of a reading by replica, each sorted out once. */
function byReplica<T extends { readonly replica: string }>(
  listOf: (id: SignalId) => readonly T[],
): (id: SignalId) => ReadonlyMap<string, readonly T[]> {
  const known = new Map<SignalId, Map<string, T[]>>();
  return (id) => {
    const sorted = known.get(id);
    if (sorted) return sorted;
    const map = new Map<string, T[]>();
    for (const one of listOf(id)) {
      const list = map.get(one.replica);
      if (list) list.push(one);
      else map.set(one.replica, [one]);
    }
    known.set(id, map);
    return map;
  };
}

function tailMean(values: Values, steps: number): number | null {
  let sum = 0;
  let n = 0;
  for (let i = Math.max(0, values.length - steps); i < values.length; i += 1) {
    const value = values[i] ?? null;
    if (value === null) continue;
    sum += value;
    n += 1;
  }
  return n === 0 ? null : sum / n;
}

function plus(a: number | null, b: number | null): number | null {
  return b === null ? a : (a ?? 0) + b;
}

function quotient(a: number | null, b: number | null): number | null {
  return a === null || b === null || b <= 1e-9 ? null : a / b;
}

/** Between the means of the first and the last quarter, as a share per hour of the first. */
function growthOf(values: Values, step: number): number | null {
  const quarter = Math.max(1, Math.floor(values.length / 4));
  const early = tailMean(values.slice(0, quarter), quarter);
  const late = tailMean(values, quarter);
  const hours = ((values.length - quarter) * step) / 3600;
  return early === null || late === null || early <= 0 || hours <= 0 ? null : (late - early) / early / hours;
}
