import type { GridSeries } from '../../core/signals/readout.ts';
import { SourceError } from '../errors.ts';
import { inOrder } from './in-order.ts';

/**
 * Points up to which queries are asked together. So few cost a browser less than the request that brings them; of more, the answer
 * is what costs, and it is better had in parts, the important ones first.
 */
export const FEW_POINTS = 24;
/** Of one request: what VictoriaMetrics takes as a query is 16 KiB (`-search.maxQueryLen`), and what is parsed at once holds up the page. */
const MOST_TEXT = 12_000;
const MOST_QUERIES = 16;

/** Tells the series of one query from those of the others in the same answer. */
const OF = 'vllm_triage_query';

/**
 * Asks range queries in few requests, in order.
 * @param queries PromQL that gives vectors of floats; none of them may set the label `vllm_triage_query`
 * @param ask one query for its series
 * @returns the series each would have given alone. A query is not in it if the request it was part of failed: asked alone, it tells
 * whether it was the reason
 * @throws SourceError 'timeout' where none was answered in time: asked one by one they would take as long again
 */
export async function askTogether(
  queries: readonly string[],
  ask: (query: string) => Promise<readonly GridSeries[]>,
): Promise<Map<string, GridSeries[]>> {
  const answers = new Map<string, GridSeries[]>();
  const failures: unknown[] = [];
  const parts = inParts([...new Set(queries)]);
  await inOrder(parts, async (part) => {
    const named = part.map((query, i) => `label_replace(${query}, "${OF}", "${i}", "", "")`);
    const series = await ask(inPairs(named)).catch((error: unknown) => {
      failures.push(error);
      return null;
    });
    // A server that does not tell the queries apart has answered none.
    if (!series?.every(({ labels }) => part[Number(labels[OF])])) return;
    const told = part.map((): GridSeries[] => []);
    for (const {
      labels: { [OF]: of, ...labels },
      values,
    } of series)
      told[Number(of)]?.push({ labels, values });
    part.forEach((query, i) => answers.set(query, told[i] as GridSeries[]));
  });
  if (parts.length > 0 && failures.length === parts.length && failures.every(isLate)) throw failures[0];
  return answers;
}

/** Nothing came; a server that says itself that it is too busy may answer a smaller question. */
function isLate(error: unknown): boolean {
  return error instanceof SourceError && error.problem === 'timeout' && error.status === null;
}

function inParts(queries: readonly string[]): string[][] {
  const parts: string[][] = [];
  let room = 0;
  for (const query of queries) {
    const part = parts.at(-1);
    if (part === undefined || part.length === MOST_QUERIES || query.length > room) {
      parts.push([query]);
      room = MOST_TEXT - query.length;
    } else {
      part.push(query);
      room -= query.length;
    }
  }
  return parts;
}

/** `or` goes through all that stands left of it: in pairs each series is gone through a few times instead of once per query. */
function inPairs(queries: readonly string[]): string {
  if (queries.length < 2) return queries[0] ?? '';
  const half = Math.ceil(queries.length / 2);
  return `(${inPairs(queries.slice(0, half))} or ${inPairs(queries.slice(half))})`;
}
