import type { Evidence } from '../../core/evidence/evidence.ts';
import { PANELS } from '../../core/panels/index.ts';
import { type CatalogueSignal, type SignalId, SIGNALS } from '../../core/signals/index.ts';

/** One signal of the catalogue, and what became of it. */
export interface LedgerRow {
  readonly signal: CatalogueSignal;
  readonly state: 'have' | 'renamed' | 'partial' | 'missing' | 'failed';
  /** Names found; of a missing one the name that was asked for. */
  readonly metrics: readonly string[];
  readonly query: string | null;
  readonly problem: string | null;
  /** Replicas that have it, of all. */
  readonly replicas: { readonly have: number; readonly all: number };
  /** Pathologies that cannot be judged without it. */
  readonly decides: readonly string[];
  /** What a panel would show with it, where no rule needs it; empty if neither does. */
  readonly tells: string;
}

/** A rule that cannot decide without a signal. */
export interface Need {
  readonly signal: SignalId;
  readonly pathology: string;
  /** Its name for people; the id with spaces where left out. */
  readonly title?: string;
}

/** Order of states: what is wrong comes first. */
const ORDER: readonly LedgerRow['state'][] = ['failed', 'missing', 'partial', 'renamed', 'have'];

/** @returns every signal of the catalogue: troubled ones that disable something first, then the rest in catalogue order. */
export function ledgerRows(evidence: Evidence, needs: readonly Need[]): LedgerRow[] {
  const rows = SIGNALS.map((signal) => rowOf(signal, evidence, needs));
  const rank = (row: LedgerRow): number => (row.state === 'have' ? 2 : row.decides.length > 0 ? 0 : 1);
  return rows.sort((a, b) => rank(a) - rank(b) || ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

function rowOf(signal: CatalogueSignal, evidence: Evidence, needs: readonly Need[]): LedgerRow {
  const reading = evidence.readings[signal.id];
  const who = new Set(
    [...(reading?.lines ?? []), ...(reading?.histograms ?? []), ...(reading?.labels ?? [])].map((part) => part.replica),
  );
  return {
    signal,
    state: stateOf(reading?.state),
    metrics:
      reading && reading.metrics.length > 0 ? reading.metrics : signal.names.slice(0, 1).map((name) => name.metric),
    query: reading?.query ?? null,
    problem: reading?.problem ?? null,
    replicas: { have: who.size, all: evidence.replicas.length },
    decides: needs
      .filter((need) => need.signal === signal.id)
      .map((need) => need.title ?? need.pathology.replaceAll('-', ' ')),
    tells: PANELS.flatMap((panel) => panel.decides[signal.id] ?? [])[0] ?? '',
  };
}

function stateOf(state: NonNullable<Evidence['readings'][SignalId]>['state'] | undefined): LedgerRow['state'] {
  switch (state) {
    case 'present':
      return 'have';
    case 'renamed':
    case 'partial':
    case 'failed':
      return state;
    case 'absent':
    case undefined:
      return 'missing';
    default:
      return state satisfies never;
  }
}

/** Label value of the cache config that all replicas share, or `a … b` where they differ; `null` if nobody tells. */
export function sharedLabel(evidence: Evidence, label: string): string | null {
  const values = [
    ...new Set(
      (evidence.readings['cache-config']?.labels ?? []).flatMap((l) => {
        const value = l.labels[label];
        return value === undefined || value === '' || value === 'None' ? [] : [value];
      }),
    ),
  ];
  if (values.length === 0) return null;
  return values.length === 1 ? (values[0] as string) : `${values[0]} … ${values[values.length - 1]}`;
}
