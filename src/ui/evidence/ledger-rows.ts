import type { Evidence } from '../../core/evidence/evidence.ts';
import { type Freshness, freshnessOf } from '../../core/evidence/freshness.ts';
import { PANELS } from '../../core/panels/index.ts';
import { leftOutReason } from '../../core/signals/dialects/left-out.ts';
import { type CatalogueSignal, type SignalId, SIGNALS } from '../../core/signals/index.ts';
import { spellingsOf } from '../../core/signals/spellings.ts';

/** One signal of the catalogue, and what became of it. */
export interface LedgerRow {
  readonly signal: CatalogueSignal;
  readonly state: 'have' | 'renamed' | 'partial' | 'missing' | 'failed' | 'stale' | 'frozen';
  /** Names found; of a missing one the name that was asked for. */
  readonly metrics: readonly string[];
  readonly query: string | null;
  readonly problem: string | null;
  /** What to know of it, a sentence: where it is old, or why a name that was found is not read. Empty if nothing. */
  readonly note: string;
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
const ORDER: readonly LedgerRow['state'][] = ['failed', 'missing', 'frozen', 'stale', 'partial', 'renamed', 'have'];

/** @returns every signal of the catalogue that was read or has a name to ask for: troubled ones that disable something first, then the rest in catalogue order. */
export function ledgerRows(evidence: Evidence, needs: readonly Need[]): LedgerRow[] {
  const fresh = freshnessOf(evidence);
  const found = new Set(Object.values(evidence.readings).flatMap((reading) => reading?.metrics ?? []));
  // What only a log tells is missing nowhere else.
  const asked = SIGNALS.filter(
    (signal) => spellingsOf(signal).length > 0 || stateOf(evidence.readings[signal.id]?.state) !== 'missing',
  );
  const rows = asked.map((signal) => rowOf(signal, evidence, needs, fresh, found));
  const rank = (row: LedgerRow): number => (row.state === 'have' ? 2 : row.decides.length > 0 ? 0 : 1);
  return rows.sort((a, b) => rank(a) - rank(b) || ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

function rowOf(
  signal: CatalogueSignal,
  evidence: Evidence,
  needs: readonly Need[],
  fresh: Freshness,
  found: ReadonlySet<string>,
): LedgerRow {
  const reading = evidence.readings[signal.id];
  const who = new Set(
    [...(reading?.lines ?? []), ...(reading?.histograms ?? []), ...(reading?.labels ?? [])].map((part) => part.replica),
  );
  const read = stateOf(reading?.state);
  const stale = fresh.stale.get(signal.id) ?? [];
  const frozen = fresh.frozen.get(signal.id) ?? [];
  // Old everywhere is what matters of it; old on some replicas is a note beside its state.
  const all = who.size > 0 && stale.length + frozen.length === who.size;
  return {
    signal,
    state: !all ? read : frozen.length > 0 ? 'frozen' : 'stale',
    note:
      read === 'missing'
        ? leftOutReason(signal.id, found)
        : [
            ...(stale.length > 0 ? [`no sample any more on ${stale.join(', ')}`] : []),
            ...(frozen.length > 0 ? [`left behind by an engine that stands still: ${frozen.join(', ')}`] : []),
          ].join('; '),
    metrics:
      reading && reading.metrics.length > 0
        ? reading.metrics
        : spellingsOf(signal)
            .slice(0, 1)
            .map((name) => name.metric),
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

/**
 * KV blocks of one engine, or `a … b` where engines differ; `null` if nobody tells. Internal data parallelism repeats the
 * sum over the engines behind a server on each of them (metrics.md §1.2).
 */
export function poolBlocks(evidence: Evidence): string | null {
  const counts = (evidence.readings['cache-config']?.labels ?? []).flatMap(({ replica, labels }) => {
    const total = Number(labels.num_gpu_blocks);
    const own = evidence.replicas.find(({ id }) => id === replica);
    const behind = evidence.replicas.filter((r) => r.instance === own?.instance && r.model === own.model).length;
    return Number.isFinite(total) && behind > 0 ? [String(total / behind)] : [];
  });
  const values = [...new Set(counts)];
  if (values.length === 0) return null;
  return values.length === 1 ? (values[0] as string) : `${values[0]} … ${values[values.length - 1]}`;
}
