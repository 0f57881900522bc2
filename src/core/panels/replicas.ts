import type { Values } from '../base/grid.ts';
import { quantile } from '../base/statistics.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { ownLine } from '../evidence/lines.ts';
import { tracesOf } from '../evidence/trace.ts';
import type { SignalId } from '../signals/index.ts';
import { chosen, newest } from './drawing.ts';
import type { PanelBand, PanelLine } from './panel.ts';

/** More lines than this cannot be told apart (design: at most 8 series). */
const MOST_LINES = 8;
/** Beyond, these many of the worst keep their own line beside the median and the envelope. */
const WORST_KEPT = 3;

interface ReplicaLine {
  readonly replica: string;
  readonly values: Values;
  readonly now: number;
}

function linesOf(evidence: Evidence, id: SignalId, replicas?: readonly string[]): ReplicaLine[] {
  return chosen(evidence, replicas)
    .flatMap((replica) => {
      const values = ownLine(evidence, id, replica);
      return values ? [{ replica, values, now: recentMean(values) }] : [];
    })
    .sort((a, b) => b.now - a.now || a.replica.localeCompare(b.replica));
}

/** Who is worst now, a little smoothed so that the order does not flicker. */
function recentMean(values: Values): number {
  const last = values.slice(-6).filter((v): v is number => v !== null);
  return last.length > 0 ? last.reduce((a, b) => a + b, 0) / last.length : (newest(values) ?? -1);
}

/**
 * A signal whose worst replica counts: the worst one leads, the others stay behind it as thin lines; with more than eight,
 * the three worst, the median, and all of them as an envelope.
 */
export function perReplica(
  evidence: Evidence,
  id: SignalId,
  replicas?: readonly string[],
): { readonly lines: readonly PanelLine[]; readonly bands: readonly PanelBand[] } {
  const all = linesOf(evidence, id, replicas);
  const worst = all[0];
  if (!worst) return { lines: [], bands: [] };
  const lead: PanelLine = {
    id: 'worst',
    label: all.length > 1 ? worst.replica : '',
    values: worst.values,
    style: 'main',
  };
  const thin = ({ replica, values }: ReplicaLine): PanelLine => ({
    id: `replica-${replica}`,
    label: replica,
    values,
    style: 'thin',
  });
  if (all.length <= MOST_LINES) return { lines: [...all.slice(1).map(thin), lead], bands: [] };
  const at = (q: number): Values =>
    Array.from({ length: evidence.grid.count }, (_, i) =>
      quantile(
        all.map((line) => line.values[i] ?? null),
        q,
      ),
    );
  return {
    lines: [
      { id: 'median', label: `median of ${all.length}`, values: at(0.5), style: 'second' },
      ...all.slice(1, WORST_KEPT).map(thin),
      lead,
    ],
    bands: [{ id: 'envelope', label: 'all', low: at(0), high: at(1), style: 'thin', limit: null }],
  };
}

/** The replica with most of it now, as a thin line beside the sum of several. */
export function worstReplica(evidence: Evidence, id: SignalId, replicas?: readonly string[]): PanelLine[] {
  const all = linesOf(evidence, id, replicas);
  const worst = all[0];
  if (!worst || all.length < 2) return [];
  return [{ id: 'worst', label: worst.replica, values: worst.values, style: 'thin' }];
}

/** KV capacity of the replicas together, in tokens; `null` unless every one of them tells. */
export function capacityOf(evidence: Evidence, replicas?: readonly string[]): number | null {
  let sum = 0;
  for (const trace of tracesOf(evidence)) {
    if (!chosen(evidence, replicas).includes(trace.replica.id)) continue;
    if (trace.capacity === null) return null;
    sum += trace.capacity;
  }
  return sum > 0 ? sum : null;
}
