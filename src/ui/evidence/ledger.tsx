import { Check, Copy } from 'lucide-react';
import { useMemo, useState } from 'react';
import { timeAt } from '../../core/base/grid.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { fleetLine } from '../../core/evidence/lines.ts';
import { formatDuration, formatNumber, formatTime, formatTimeLong } from '../charts/format.ts';
import { type Tone, ToneIcon, TONE_TEXT } from '../controls/status.tsx';
import { copyText } from '../panels/clipboard.ts';
import { type LedgerRow, ledgerRows, type Need, poolBlocks, sharedLabel } from './ledger-rows.ts';

export interface EvidenceLedgerProps {
  readonly evidence: Evidence;
  /** Which rule cannot decide without which signal. */
  readonly needs: readonly Need[];
}

/** Rows shown before the rest is asked for. */
const FIRST_ROWS = 10;

const STATE: Readonly<Record<LedgerRow['state'], { readonly tone: Tone; readonly word: string }>> = {
  have: { tone: 'ok', word: 'have' },
  renamed: { tone: 'info', word: 'renamed' },
  partial: { tone: 'warning', word: 'partial' },
  missing: { tone: 'unknown', word: 'missing' },
  failed: { tone: 'critical', word: 'failed' },
  stale: { tone: 'warning', word: 'stale' },
  frozen: { tone: 'warning', word: 'frozen' },
};

/** What the verdict rests on, under which names it was found, and what its absence disables. */
export function EvidenceLedger({ evidence, needs }: EvidenceLedgerProps) {
  const [all, setAll] = useState(false);
  const rows = useMemo(() => ledgerRows(evidence, needs), [evidence, needs]);
  // Trouble first, then what the rules rest on most: the short list is worth reading.
  const first = useMemo(() => {
    const troubled = rows.filter((row) => row.state !== 'have');
    const resting = rows.filter((row) => row.state === 'have').sort((a, b) => b.decides.length - a.decides.length);
    return [...troubled, ...resting].slice(0, Math.max(FIRST_ROWS, Math.min(troubled.length, FIRST_ROWS) + 4));
  }, [rows]);
  const count = (state: LedgerRow['state']): number => rows.filter((row) => row.state === state).length;
  const totals = (['have', 'renamed', 'partial', 'stale', 'frozen', 'missing', 'failed'] as const)
    .map((state) => ({ state, n: count(state) }))
    .filter(({ state, n }) => n > 0 || state === 'have' || state === 'missing');
  return (
    <section aria-labelledby="evidence-title">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h2 id="evidence-title" className="text-[15px] font-semibold text-ink">
          Evidence
        </h2>
        <p className="flex-1 text-[13.5px] text-ink-2 max-[699px]:basis-full">
          What the verdict rests on and what it had to do without.
        </p>
        <p className="text-[12.5px] text-ink-3">
          {totals.map(({ state, n }) => `${n} ${STATE[state].word}`).join(' · ')}
          {' · '}
          <button
            type="button"
            aria-expanded={all}
            className="text-accent hover:underline"
            onClick={() => setAll(!all)}
          >
            {all ? 'show fewer' : `show all ${rows.length}`}
          </button>
        </p>
      </div>
      {evidence.warnings.length > 0 && (
        <ul className="mt-2 flex flex-col gap-1 text-[12.5px] text-ink">
          {evidence.warnings.map((warning) => (
            <li key={warning} className="flex items-start gap-2">
              <ToneIcon tone="warning" size={13} className="mt-[3px]" />
              {warning}
            </li>
          ))}
        </ul>
      )}
      <table className="mt-2 w-full table-fixed text-[12.5px] text-ink-2">
        <thead>
          <tr className="border-b border-strong text-[12px] text-ink-3 [&>th]:py-2 [&>th]:text-left [&>th]:font-normal">
            <th scope="col" className="w-[38%] min-[700px]:w-[17%]">
              Signal
            </th>
            <th scope="col" className="max-[699px]:hidden min-[700px]:w-[42%]">
              Source
            </th>
            <th scope="col" className="w-[26%] min-[700px]:w-[12%]">
              State
            </th>
            <th scope="col">Decides</th>
          </tr>
        </thead>
        <tbody>
          {(all ? rows : first).map((row) => (
            <Row key={row.signal.id} row={row} />
          ))}
        </tbody>
      </table>
      <Footing evidence={evidence} />
    </section>
  );
}

function Row({ row }: { row: LedgerRow }) {
  const { tone, word } = STATE[row.state];
  const absent = row.state === 'missing';
  return (
    <tr className="border-b border-hairline align-top" data-signal={row.signal.id} data-state={row.state}>
      <th scope="row" className="py-2 pr-3 text-left font-normal text-ink" title={row.signal.doc}>
        {row.signal.title}
      </th>
      <td className="py-2 pr-3 max-[699px]:hidden">
        <span className="flex items-start gap-2">
          <code className={`min-w-0 font-mono text-[11.5px] break-words ${absent ? 'text-ink-3' : 'text-ink-2'}`}>
            {row.metrics.join(', ')}
          </code>
          {row.query && <CopyQuery query={row.query} title={row.signal.title} />}
        </span>
        {row.problem && <span className="mt-0.5 block text-ink-3">{row.problem}</span>}
        {row.note && <span className="mt-0.5 block text-ink-3">{row.note}</span>}
      </td>
      <td className="py-2 pr-3">
        <span className={`flex items-center gap-1.5 font-medium ${TONE_TEXT[tone]}`}>
          <ToneIcon tone={tone} size={13} />
          {word}
        </span>
        {row.state === 'partial' && (
          <span className="block text-ink-3">{`${row.replicas.have} of ${row.replicas.all} replicas`}</span>
        )}
      </td>
      <td className="py-2 text-ink-2">
        {row.decides.length === 0 ? (
          <span className="text-ink-3">{row.tells || (absent ? 'no rule needs it' : '')}</span>
        ) : (
          <>
            {absent || row.state === 'failed' ? <span className="text-ink-3">cannot judge </span> : null}
            {row.state === 'stale' || row.state === 'frozen' ? (
              <span className="text-ink-3">no longer tells </span>
            ) : null}
            {shortList(row.decides)}
          </>
        )}
      </td>
    </tr>
  );
}

/** The first three names, and how many more. */
function shortList(names: readonly string[]): React.ReactNode {
  if (names.length <= 3) return names.join(', ');
  return <span title={names.join(', ')}>{`${names.slice(0, 3).join(', ')} and ${names.length - 3} more`}</span>;
}

function CopyQuery({ query, title }: { query: string; title: string }) {
  const [copied, setCopied] = useState(false);
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      aria-label={copied ? 'Copied' : `Copy the query of ${title}`}
      title={query}
      className="shrink-0 rounded p-0.5 text-ink-3 outline-offset-1 hover:bg-fill hover:text-ink focus-visible:outline-2 focus-visible:outline-accent"
      onClick={async () => {
        if (!(await copyText(query))) return;
        setCopied(true);
        setTimeout(() => setCopied(false), 1500);
      }}
    >
      <Icon aria-hidden="true" className="size-3" />
    </button>
  );
}

/** The facts that stand behind every number: pool, scrape interval, window, last sample. */
function Footing({ evidence }: { evidence: Evidence }) {
  const { grid } = evidence;
  const facts: { readonly key: string; readonly node: React.ReactNode }[] = [];
  const say = (key: string, node: React.ReactNode): void => void facts.push({ key, node });
  say('source', `${evidence.source.label}${evidence.source.flavour ? `, ${evidence.source.flavour}` : ''}`);
  say('replicas', `${evidence.replicas.length} replica${evidence.replicas.length === 1 ? '' : 's'}`);
  const tokens = sharedLabel(evidence, 'kv_cache_size_tokens');
  const blocks = poolBlocks(evidence);
  const size = sharedLabel(evidence, 'block_size');
  if (blocks !== null && size !== null)
    say(
      'pool',
      `${numberWord(blocks)} blocks of ${size} tokens${tokens === null ? '' : `, ${numberWord(tokens)} tokens in all`}`,
    );
  else if (tokens !== null) say('pool', `${numberWord(tokens)} tokens of KV cache`);
  const override = sharedLabel(evidence, 'num_gpu_blocks_override');
  if (override !== null) say('override', `pool set by hand (num_gpu_blocks_override ${override})`);
  const caching = sharedLabel(evidence, 'enable_prefix_caching');
  if (caching !== null)
    say('caching', `prefix caching ${caching === 'True' ? 'on' : caching === 'False' ? 'off' : caching}`);
  for (const [knob, value] of Object.entries(evidence.knobs)) say(knob, `${knob} ${formatNumber(value)}`);
  const start = fleetLine(evidence, 'process-start')?.findLast((v) => v !== null) ?? null;
  if (start !== null)
    say('start', <span title={formatTimeLong(start)}>{`newest process started ${formatTime(start)}`}</span>);
  say(
    'scrape',
    evidence.scrapeInterval === null
      ? 'scrape interval not known'
      : `a scrape every ${formatDuration(evidence.scrapeInterval)}`,
  );
  say('window', `rates over ${formatDuration(evidence.window)}, grid of ${formatDuration(grid.step)}`);
  const last = lastSample(evidence);
  say(
    'last',
    last === null ? 'no sample' : <span title={formatTimeLong(last)}>{`last sample ${formatTime(last)}`}</span>,
  );
  return (
    <p className="mt-3 text-[12.5px] leading-[19px] text-ink-2">
      {facts.map(({ key, node }, i) => (
        <span key={key}>
          {i > 0 && ' · '}
          {node}
        </span>
      ))}
    </p>
  );
}

function numberWord(text: string): string {
  const n = Number(text);
  return Number.isFinite(n) ? n.toLocaleString('en-US') : text;
}

/** Unix seconds of the newest sample, by its age at the end of the grid. */
function lastSample(evidence: Evidence): number | null {
  const { grid } = evidence;
  const ages = (evidence.readings['sample-age']?.lines ?? []).map((line) => line.values);
  for (let i = grid.count - 1; i >= 0; i--) {
    const known = ages.flatMap((values) => values[i] ?? []);
    if (known.length > 0) return timeAt(grid, i) - Math.min(...known);
  }
  return null;
}
