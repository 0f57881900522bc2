import { useCallback, useMemo, useState } from 'react';
import type { Evidence } from '../../core/evidence/evidence.ts';
import {
  HEAT_SIGNALS,
  type HeatSignal,
  heatLines,
  type ReplicaRow,
  replicaRows,
} from '../../core/panels/replica-rows.ts';
import { signalById } from '../../core/signals/index.ts';
import type { Targets } from '../../core/verdict/profiles.ts';
import { formatNumber, formatText } from '../charts/format.ts';
import { indexAt, type Onset } from '../charts/onset.ts';
import { type Tone, ToneIcon, TONE_TEXT } from '../controls/status.tsx';
import type { HeatLine } from './heat-cells.ts';
import { HeatScale, HeatStrip } from './heat-strip.tsx';
import { HeatTable } from './heat-table.tsx';
import { namesOf } from './names.ts';

export interface ReplicasProps {
  readonly evidence: Evidence;
  readonly targets: Targets;
  readonly onset?: Onset | null;
  /** Unix seconds judged at; `null` for the end. */
  readonly at?: number | null;
  /** Replicas the page is scoped to; `undefined` for all. */
  readonly scoped?: readonly string[] | undefined;
  /** A replica was chosen; `null` to go back to all. */
  readonly onScope?: ((replica: string | null) => void) | undefined;
  /** Signal of the heat strip to begin with. */
  readonly signal?: HeatSignal;
}

/** Rows of the tables before more is asked for, and how many more then: a thousand at once would hold up the page. */
const FIRST_ROWS = 12;
const MORE_ROWS = 100;

/** Every replica over time and as a row, worst first. */
export function Replicas({
  evidence,
  targets,
  onset = null,
  at = null,
  scoped,
  onScope,
  signal: first = 'kv-cache-usage',
}: ReplicasProps) {
  const [signal, setSignal] = useState<HeatSignal>(first);
  const [most, setMost] = useState(FIRST_ROWS);
  const end = at === null ? evidence.grid.count - 1 : indexAt(evidence.grid, at);
  const names = useMemo(() => namesOf(evidence.replicas), [evidence.replicas]);
  const rows = useMemo(() => {
    const all = replicaRows(evidence, targets, end);
    // What stands for others is nobody's row in the order.
    return [...all.filter((row) => !names.has(row.replica)), ...all.filter((row) => names.has(row.replica))];
  }, [evidence, targets, end, names]);
  const nameOf = useCallback((replica: string) => names.get(replica) ?? replica, [names]);
  const shown = rows.slice(0, most);
  const offered = useMemo(
    () => HEAT_SIGNALS.filter((id) => heatLines(evidence, id).some((line) => line.values.some((v) => v !== null))),
    [evidence],
  );
  const lines = useMemo(() => {
    const byReplica = new Map(heatLines(evidence, signal).map((line) => [line.replica, line]));
    return rows.flatMap((row) => byReplica.get(row.replica) ?? []);
  }, [evidence, signal, rows]);
  const { unit, title } = signalById(signal);
  const label = `${title} per replica over time`;
  const highest = useMemo(() => (unit === 'ratio' ? 1 : highestOf(lines)), [unit, lines]);
  const scope = useMemo(
    () =>
      onScope &&
      ((replica: string): void => {
        if (!names.has(replica)) onScope(scoped?.length === 1 && scoped[0] === replica ? null : replica);
      }),
    [onScope, names, scoped],
  );
  return (
    <section aria-labelledby="replicas-title">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h2 id="replicas-title" className="text-[15px] font-semibold text-ink">
          Replicas
        </h2>
        <p className="flex-1 text-[13.5px] text-ink-2">
          {rows.length > 1 ? 'Worst first. ' : ''}One cell is one scrape, hatched where nothing was measured
          {scope ? '; select a row to scope the page to it' : ''}.
        </p>
        {scoped && scoped.length < rows.length && onScope && (
          <button type="button" className="text-[12.5px] text-accent hover:underline" onClick={() => onScope(null)}>
            Back to all {rows.length}
          </button>
        )}
      </div>
      {rows.length === 0 ? (
        <p className="mt-3 rounded-md border border-dashed border-strong p-4 text-[12.5px] text-ink-2">
          No engine was found in this range. A replica appears as soon as one series with{' '}
          <code className="font-mono">vllm:</code> in its name has a sample.
        </p>
      ) : (
        <div className="mt-3 grid grid-cols-1 gap-x-10 gap-y-6 min-[1100px]:grid-cols-2">
          <div className="min-w-0">
            <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
              <label className="flex items-center gap-2 text-[12.5px] text-ink-2">
                Over time
                <select
                  value={signal}
                  onChange={(event) => setSignal(HEAT_SIGNALS.find((id) => id === event.target.value) ?? first)}
                  className="rounded border border-strong bg-surface px-1.5 py-0.5 text-[12.5px] text-ink outline-offset-1 focus-visible:outline-2 focus-visible:outline-accent"
                >
                  {(offered.length > 0 ? offered : [signal]).map((id) => (
                    <option key={id} value={id}>
                      {signalById(id).title}
                    </option>
                  ))}
                </select>
              </label>
              <HeatScale most={highest} unit={unit} />
            </div>
            <HeatStrip
              lines={lines}
              grid={evidence.grid}
              unit={unit}
              most={highest}
              label={label}
              nameOf={nameOf}
              onset={onset}
              onScope={scope}
            />
            <HeatTable lines={lines.slice(0, most)} grid={evidence.grid} unit={unit} label={label} nameOf={nameOf} />
          </div>
          <div className="min-w-0">
            <ReplicaTable
              rows={shown}
              names={names}
              seats={evidence.knobs['max-num-seqs'] ?? null}
              scoped={scoped}
              onScope={scope}
            />
            {rows.length > FIRST_ROWS && (
              <p className="mt-2 flex flex-wrap gap-x-4 text-[12.5px] text-ink-3">
                <span>
                  {shown.length} of {rows.length} rows, here and in the numbers behind the strip
                </span>
                {shown.length < rows.length && (
                  <button
                    type="button"
                    className="text-accent hover:underline"
                    onClick={() => setMost(shown.length + MORE_ROWS)}
                  >
                    {rows.length - shown.length > MORE_ROWS ? `${MORE_ROWS} more` : `All ${rows.length}`}
                  </button>
                )}
                {most > FIRST_ROWS && (
                  <button type="button" className="text-accent hover:underline" onClick={() => setMost(FIRST_ROWS)}>
                    The worst {FIRST_ROWS}
                  </button>
                )}
              </p>
            )}
          </div>
        </div>
      )}
    </section>
  );
}

/** The largest value of any line; 1 where there is none, or nothing above 0. */
function highestOf(lines: readonly HeatLine[]): number {
  let most = 0;
  for (const { values } of lines) for (const value of values) if (value !== null && value > most) most = value;
  return most || 1;
}

const STATE: Readonly<Record<ReplicaRow['state'], { readonly tone: Tone; readonly word: string }>> = {
  'over-target': { tone: 'critical', word: 'over target' },
  silent: { tone: 'critical', word: 'no first tokens' },
  unseen: { tone: 'unknown', word: 'no fresh sample' },
  unknown: { tone: 'unknown', word: 'TTFT not measured' },
  idle: { tone: 'ok', word: 'idle' },
  'in-target': { tone: 'ok', word: 'in target' },
};

interface TableProps {
  readonly rows: readonly ReplicaRow[];
  /** Names of rows that are no replica. */
  readonly names: ReadonlyMap<string, string>;
  readonly seats: number | null;
  readonly scoped: readonly string[] | undefined;
  readonly onScope: ((replica: string) => void) | undefined;
}

const NUMBER = 'py-2.5 pl-3 text-right whitespace-nowrap max-[499px]:pl-2';

function ReplicaTable({ rows, names, seats, scoped, onScope }: TableProps) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-[12.5px] text-ink-2 tabular-nums">
        <caption className="sr-only">Replicas, worst first, means over the last two minutes</caption>
        <thead>
          <tr className="border-b border-strong text-[12px] text-ink-3 [&>th]:font-normal">
            <th scope="col" className="py-2 text-left">
              Replica
            </th>
            <th scope="col" className="py-2 pl-3 text-left">
              <span className="max-[499px]:sr-only">State</span>
            </th>
            <th scope="col" className="py-2 pl-3 text-right">
              Running
            </th>
            <th scope="col" className="py-2 pl-3 text-right">
              Waiting
            </th>
            <th scope="col" className="py-2 pl-3 text-right">
              KV mean
            </th>
            <th scope="col" className="py-2 pl-3 text-right">
              TTFT mean
            </th>
            <th scope="col" className="py-2 pl-3 text-right max-[499px]:hidden">
              Finished
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const { tone, word } = STATE[row.state];
            const chosen = scoped?.includes(row.replica) ?? false;
            return (
              <tr
                key={`${row.model}/${row.replica}`}
                data-replica={row.replica}
                className={`border-b border-hairline ${onScope ? 'hover:bg-accent-soft' : ''} ${chosen ? 'bg-accent-soft' : ''}`}
              >
                <th
                  scope="row"
                  className="max-w-44 truncate py-2.5 text-left font-semibold text-ink"
                  title={names.get(row.replica) ?? row.replica}
                >
                  {onScope && !names.has(row.replica) ? (
                    <button
                      type="button"
                      aria-pressed={chosen}
                      className="rounded-sm outline-offset-2 hover:underline focus-visible:outline-2 focus-visible:outline-accent"
                      onClick={() => onScope(row.replica)}
                    >
                      {row.replica}
                    </button>
                  ) : (
                    (names.get(row.replica) ?? row.replica)
                  )}
                </th>
                <td className="py-2.5 pl-3">
                  <span className={`flex items-center gap-1.5 font-medium whitespace-nowrap ${TONE_TEXT[tone]}`}>
                    <ToneIcon tone={tone} size={13} />
                    <span className="max-[499px]:sr-only">{word}</span>
                  </span>
                </td>
                <td className={NUMBER}>
                  {row.running === null ? '–' : formatNumber(row.running)}
                  {row.running !== null && seats !== null && (
                    <span className="text-ink-3 max-[499px]:hidden">{` of ${formatNumber(seats)}`}</span>
                  )}
                </td>
                <td className={NUMBER}>{row.waiting === null ? '–' : formatNumber(Math.round(row.waiting))}</td>
                <td className={NUMBER}>{formatText(row.usage, 'ratio')}</td>
                <td className={NUMBER}>{formatText(row.ttft, 'seconds')}</td>
                <td className={`${NUMBER} max-[499px]:hidden`}>
                  {row.finished === null ? '–' : `${formatNumber(row.finished)}/s`}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
