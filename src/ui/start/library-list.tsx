import { clsx } from 'clsx';
import type { Values } from '../../core/base/grid.ts';
import { sayDuration } from '../../core/base/say.ts';
import { Key } from '../controls/key.tsx';
import { SectionHead } from '../controls/section.tsx';

export interface LibraryRow {
  readonly name: string;
  readonly title: string;
  readonly says: string;
  readonly lines: readonly Values[];
  readonly label: string;
  readonly max: string;
  readonly duration: number;
  readonly replicas: number;
  readonly onset: number | null;
}

/** Recordings shipped with the page, each with the number that tells its story. */
export function LibraryList({
  rows,
  chosen,
  linkTo,
  onChoose,
  onOpen,
}: {
  readonly rows: readonly LibraryRow[];
  /** Index of the row the keys stand on. */
  readonly chosen: number;
  readonly linkTo: (name: string) => string;
  readonly onChoose: (index: number) => void;
  readonly onOpen: (name: string) => void;
}) {
  const sick = rows.filter((row) => row.onset !== null).length;
  return (
    <section aria-labelledby="library">
      <SectionHead
        id="library"
        title="Incident library"
        help={`${count(rows.length)} recordings of a real vLLM 0.32, ${sick === rows.length ? 'all' : count(sick).toLowerCase()} of them in trouble`}
      >
        <span className="flex gap-1 max-sm:hidden">
          <Key>j</Key>
          <Key>k</Key>
          <Key>↵</Key>
        </span>
      </SectionHead>
      <ul className="border-t border-strong">
        {rows.map((row, i) => (
          <li
            key={row.name}
            className={clsx(
              'border-b border-hairline',
              i === chosen && '-mx-3.5 rounded-md border-transparent bg-accent-soft px-3.5',
            )}
          >
            <a
              href={linkTo(row.name)}
              aria-current={i === chosen || undefined}
              data-library-row={row.name}
              onFocus={() => onChoose(i)}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
                event.preventDefault();
                onOpen(row.name);
              }}
              className="grid grid-cols-[minmax(0,1fr)_112px] items-center gap-x-5 rounded py-2.5 sm:grid-cols-[minmax(0,1fr)_176px_66px]"
            >
              <span className="min-w-0">
                <span className="flex flex-wrap items-baseline gap-x-2">
                  <span className="text-[14px] font-[620] text-ink">{row.title}</span>
                  <span className="font-mono text-[12px] text-ink-3">{row.name}</span>
                </span>
                <span className="block text-[12.8px] leading-[18px] text-ink-2">{row.says}</span>
              </span>
              <span>
                <Thumbnail lines={row.lines} onset={row.onset} accent={i === chosen} />
                <span aria-hidden="true" className="flex justify-between text-[11px] leading-4 text-ink-3">
                  <span>{row.label}</span>
                  <span>{row.max}</span>
                </span>
              </span>
              <span className="text-right text-[11.8px] leading-[15px] text-ink-3 max-sm:hidden">
                {sayDuration(Math.round(row.duration / 60) * 60)}
                <br />
                {row.replicas} {row.replicas === 1 ? 'replica' : 'replicas'}
              </span>
            </a>
          </li>
        ))}
      </ul>
      <p className="pt-3 text-[11.8px] text-ink-3">
        Dashed line: where the cause begins. Real scheduler, cache and clients; the step time is that of a larger model.
      </p>
    </section>
  );
}

const WORDS = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten', 'Eleven', 'Twelve'];

function count(n: number): string {
  return WORDS[n] ?? String(n);
}

const [WIDTH, HEIGHT] = [176, 34];

/** Several lines in one small picture; decoration, its story stands beside it in words. */
function Thumbnail({
  lines,
  onset,
  accent,
}: {
  readonly lines: readonly Values[];
  readonly onset: number | null;
  readonly accent: boolean;
}) {
  const length = Math.max(2, ...lines.map((line) => line.length));
  const most = Math.max(1e-9, ...lines.flatMap((line) => line.map((v) => v ?? 0)));
  const x = (i: number) => (i / (length - 1)) * WIDTH;
  const y = (v: number) => HEIGHT - 1.5 - (v / most) * (HEIGHT - 4);
  const colours = accent ? ['var(--accent)', 'var(--series-2)'] : ['var(--series-1)', 'var(--series-2)'];
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="block h-[34px] w-full"
    >
      {onset !== null && (
        <line
          x1={x(onset)}
          x2={x(onset)}
          y1={0}
          y2={HEIGHT}
          stroke="var(--ink-2)"
          strokeDasharray="2 2"
          vectorEffect="non-scaling-stroke"
        />
      )}
      {lines.map((line, n) =>
        runs(line).map((run) => {
          const points = run.map(([i, v]) => `${x(i).toFixed(1)},${y(v).toFixed(1)}`).join('L');
          const first = run[0] as [number, number];
          const last = run[run.length - 1] as [number, number];
          return (
            <g key={`${n} ${first[0]}`}>
              {n === 0 && (
                <path
                  d={`M${x(first[0]).toFixed(1)},${HEIGHT}L${points}L${x(last[0]).toFixed(1)},${HEIGHT}Z`}
                  fill={colours[0]}
                  opacity={0.12}
                />
              )}
              <path
                d={`M${points}`}
                fill="none"
                stroke={colours[n % 2]}
                strokeWidth={1.4}
                vectorEffect="non-scaling-stroke"
              />
            </g>
          );
        }),
      )}
    </svg>
  );
}

/** Stretches without a gap. */
function runs(line: Values): [number, number][][] {
  const out: [number, number][][] = [];
  let open: [number, number][] | null = null;
  line.forEach((value, i) => {
    if (value === null) open = null;
    else if (open) open.push([i, value]);
    else out.push((open = [[i, value]]));
  });
  return out;
}
