import type { Evidence } from '../evidence/evidence.ts';
import { foundAs } from '../evidence/found.ts';
import * as promql from '../promql/compile.ts';
import type { SignalId } from '../signals/index.ts';
import type { PanelQuery } from './panel.ts';
import { PERCENTILE_SECONDS } from './percentiles.ts';

/** Queries for people to copy, with the selector and the names of the evidence at hand. */
const found = (evidence: Evidence, id: SignalId) => foundAs(evidence.readings[id]);

/** Trailing windows never fall below the rate window: a rate needs its scrapes. */
const trailingWindow = (evidence: Evidence): number => Math.max(PERCENTILE_SECONDS, evidence.window);

export function rateQuery(evidence: Evidence, id: SignalId, title: string): PanelQuery {
  return { title, query: promql.rateQuery(id, evidence.selector, evidence.window, found(evidence, id)) };
}

export function gaugeQuery(evidence: Evidence, id: SignalId, title: string): PanelQuery {
  return { title, query: promql.gaugeQuery(id, evidence.selector, found(evidence, id)) };
}

export function meanQuery(evidence: Evidence, id: SignalId, title: string): PanelQuery {
  return { title, query: promql.meanQuery(id, evidence.selector, trailingWindow(evidence), found(evidence, id)) };
}

/** p50, p95, p99 and the mean of a histogram over the last minute. */
export function quantileQueries(evidence: Evidence, id: SignalId): PanelQuery[] {
  const quantiles = [0.5, 0.95, 0.99].map((q) => ({
    title: `p${Math.round(q * 100)}, interpolated inside its bucket`,
    query: promql.quantileQuery(id, evidence.selector, q, trailingWindow(evidence), found(evidence, id)),
  }));
  return [...quantiles, meanQuery(evidence, id, 'Mean')];
}
