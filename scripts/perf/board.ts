import type { Evidence } from '../../src/core/evidence/evidence.ts';
import { PANELS } from '../../src/core/panels/index.ts';

/** A panel of a board: everything it asks for. */
export interface BoardPanel {
  readonly title: string;
  readonly queries: readonly string[];
}

/**
 * The page's own panels as the dashboard it exports asks for them: a query for each quantile and mean, added up over the fleet
 * where that has a meaning. vLLM's own example dashboard adds its quantiles up like that as well.
 * @param evidence what the names, the selector and the rate window are taken from
 */
export function fleetBoard(evidence: Evidence): BoardPanel[] {
  return PANELS.map((panel) => ({
    title: panel.title,
    queries: panel.queries(evidence).map(({ query }) => query),
  }));
}

/** The same panels with every replica told apart, as a board does on which one looks for the sick one: a line per replica. */
export function replicaBoard(evidence: Evidence): BoardPanel[] {
  return fleetBoard(evidence).map(({ title, queries }) => ({ title, queries: queries.map(perInstance) }));
}

/** A text in quotes, or an operator with its labels, which stand before what it adds up in all that core/promql writes. */
const AGGREGATION = /"(?:[^"\\]|\\.)*"|\b(sum|avg|min|max)(?: by \(([^)]*)\))? \(/g;

/** A query with `instance` kept by everything that adds up. */
export function perInstance(query: string): string {
  return query.replace(AGGREGATION, (found, operator: string | undefined, by: string | undefined) => {
    if (operator === undefined) return found;
    const labels = by === undefined ? [] : by.split(', ');
    return `${operator} by (${labels.includes('instance') ? by : [...labels, 'instance'].join(', ')}) (`;
  });
}
