import type { Evidence } from '../evidence/evidence.ts';
import { defaultBounds, edgeAbove } from '../signals/bounds.ts';
import type { SignalId } from '../signals/index.ts';
import { signalById } from '../signals/index.ts';
import { type Matcher, parseSelector, withModel } from '../signals/selector.ts';
import type { MetricName } from '../signals/signal.ts';
import { spellingsOf } from '../signals/spellings.ts';

/** What an export is made for. */
export interface ExportScope {
  readonly selector: string;
  readonly model?: string | undefined;
  /** Evidence of the source, whose names, buckets and scrape interval are taken; without it those of a current vLLM. */
  readonly evidence: Evidence | null;
}

/** Seconds between scrapes where nothing was measured: Prometheus' own examples scrape each 15 s. */
const DEFAULT_INTERVAL = 15;

export const matchersOf = (scope: ExportScope): readonly Matcher[] =>
  withModel(parseSelector(scope.selector), scope.model);

export const intervalOf = (scope: ExportScope): number => scope.evidence?.scrapeInterval ?? DEFAULT_INTERVAL;

/** Names found by the source, else vLLM's own of every release, else those of whoever has the signal. */
export function namesOf(scope: ExportScope): (id: SignalId) => readonly MetricName[] {
  return (id) => {
    const signal = signalById(id);
    const found = scope.evidence?.readings[id]?.metrics ?? [];
    const known = spellingsOf(signal).filter((name) => found.includes(name.metric));
    if (known.length > 0) return known;
    return signal.names.length > 0 ? signal.names : spellingsOf(signal);
  };
}

/** The bucket edge from which a target is certainly missed, by the buckets of the source. */
export function edgeOf(scope: ExportScope): (id: SignalId, target: number) => number {
  return (id, target) =>
    edgeAbove(id, target, scope.evidence?.readings[id]?.histograms[0]?.bounds ?? defaultBounds(id));
}
