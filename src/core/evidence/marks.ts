import { stepsIn, type Values } from '../base/grid.ts';
import { CRITERIA, type Measure, RECENT } from '../signals/criteria.ts';
import type { SignalId } from '../signals/index.ts';
import type { Candidate } from './choose.ts';
import { restartsIn } from './departures.ts';
import type { Evidence } from './evidence.ts';

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
  const levelOf = (id: SignalId, parts?: string): ((replica: string) => number | null) => {
    const wanted = parts === undefined ? null : patternOf(parts);
    const own = lines(id);
    return (replica) => {
      let sum: number | null = null;
      for (const { part, values } of own.get(replica) ?? [])
        if (wanted === null || wanted.test(part)) sum = plus(sum, tailMean(values, recent));
      return sum;
    };
  };
  /** What `of` says of the first line of a replica, `none` without one. */
  const ofLine = (id: SignalId, of: (values: Values) => number | null, none: number | null) => {
    const own = lines(id);
    return (replica: string): number | null => {
      const line = own.get(replica)?.[0];
      return line ? of(line.values) : none;
    };
  };
  const measured = (measure: Measure): ((replica: string) => number | null) => {
    switch (measure.how) {
      case 'level':
        return levelOf(measure.of, measure.parts);
      case 'ratio': {
        const [over, under] = [levelOf(measure.of), levelOf(measure.to)];
        return (replica) => quotient(over(replica), under(replica));
      }
      case 'mean': {
        const own = histograms(measure.of);
        return (replica) => {
          const h = own.get(replica)?.[0];
          return h ? quotient(tailMean(h.sum, recent), tailMean(h.count, recent)) : null;
        };
      }
      case 'changes':
        return ofLine(measure.of, (values) => restartsIn(values).length, null);
      case 'growth':
        return ofLine(measure.of, (values) => growthOf(values, evidence.grid.step), null);
      case 'gaps':
        return ofLine(measure.of, shareOfGaps, 1);
      default:
        return measure satisfies never;
    }
  };
  const criteria = CRITERIA.map(({ id, measure }) => ({ id, mark: measured(measure) }));
  return evidence.replicas.map(({ id, instance, model }) => {
    const marks: Record<string, number | null> = {};
    for (const criterion of criteria) marks[criterion.id] = criterion.mark(id);
    return { id, instance, model, marks };
  });
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

function tailMean(values: Values, steps: number, end: number = values.length): number | null {
  let sum = 0;
  let n = 0;
  for (let i = Math.max(0, end - steps); i < end; i += 1) {
    const value = values[i] ?? null;
    if (value === null) continue;
    sum += value;
    n += 1;
  }
  return n === 0 ? null : sum / n;
}

function shareOfGaps(values: Values): number {
  let gaps = 0;
  for (let i = 0; i < values.length; i += 1) if (values[i] === null) gaps += 1;
  return gaps / values.length;
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
  const early = tailMean(values, quarter, Math.min(quarter, values.length));
  const late = tailMean(values, quarter);
  const hours = ((values.length - quarter) * step) / 3600;
  return early === null || late === null || early <= 0 || hours <= 0 ? null : (late - early) / early / hours;
}
