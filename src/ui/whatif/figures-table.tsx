import { clsx } from 'clsx';
import { FIGURES, type Span } from '../../core/whatif/figures.ts';
import type { Compared } from '../../core/whatif/what-if.ts';
import { type Direction, directionOf, sayFigure } from './words.ts';

const ARROWS: Readonly<Record<Direction, string>> = { less: '↓', more: '↑', same: '≈' };

/** Measured, played as things were, played with the moves: the middle column says how far the right one can be believed. */
export function FiguresTable({ figures, moved }: { readonly figures: readonly Compared[]; readonly moved: boolean }) {
  return (
    <table className="w-full table-fixed text-left text-[12.5px] leading-[18px] [overflow-wrap:anywhere]">
      <thead className="text-[11.8px] text-ink-3">
        <tr className="border-b border-strong [&>th]:pb-1.5 [&>th]:font-[560]">
          <th scope="col" className="w-[24%]">
            Figure
          </th>
          <th scope="col">Measured</th>
          <th scope="col">Played as it was</th>
          <th scope="col">{moved ? 'With the change' : 'Nothing changed'}</th>
        </tr>
      </thead>
      <tbody>
        {figures.map((one) => {
          const figure = FIGURES.find(({ id }) => id === one.id) as (typeof FIGURES)[number];
          const way = one.now && one.then && moved ? directionOf(one.now, one.then) : null;
          return (
            <tr
              key={one.id}
              data-figure={one.id}
              className="border-b border-hairline align-top [&>*]:py-1.5 [&>*]:pr-2"
            >
              <th scope="row" className="font-[400] text-ink-2">
                {figure.title}
              </th>
              <Cell span={one.measured} one={one} />
              <Cell span={one.now} one={one} />
              <td>
                {one.then === null ? (
                  <span className="text-ink-3">cannot tell</span>
                ) : (
                  <Value span={one.then} one={one} strong={moved}>
                    {way !== null && (
                      <span className={clsx('ml-1.5 max-sm:ml-0 max-sm:block', toneOf(figure.better, way))}>
                        {ARROWS[way]} {wordOf(figure.better, way)}
                      </span>
                    )}
                  </Value>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Cell({ span, one }: { readonly span: Span | null; readonly one: Compared }) {
  return <td>{span === null ? <span className="text-ink-3">no data</span> : <Value span={span} one={one} />}</td>;
}

function Value({
  span,
  one,
  strong = false,
  children,
}: {
  readonly span: Span;
  readonly one: Compared;
  readonly strong?: boolean;
  readonly children?: React.ReactNode;
}) {
  const { value, range } = sayFigure(one.id, span);
  return (
    <>
      <span className={strong ? 'font-[620] text-ink' : 'text-ink'}>{value}</span>
      {children}
      {range !== null && <span className="block text-[11.8px] text-ink-3">{range}</span>}
    </>
  );
}

function wordOf(better: 'less' | 'more' | null, way: Direction): string {
  if (way === 'same') return 'about the same';
  if (better === null) return way;
  return better === way ? 'better' : 'worse';
}

function toneOf(better: 'less' | 'more' | null, way: Direction): string {
  if (way === 'same' || better === null) return 'text-ink-3';
  return better === way ? 'text-ok' : 'text-critical';
}
