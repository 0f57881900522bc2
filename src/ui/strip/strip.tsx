import { clsx } from 'clsx';
import { ToneIcon } from '../controls/status.tsx';
import type { Tile } from './tiles.ts';

/** Nine numbers in a row; the first three are the ones that surface most trouble and stand larger. */
export function Strip({ tiles }: { readonly tiles: readonly Tile[] }) {
  return (
    <section aria-label="Numbers now" className="border-b border-hairline">
      <dl className="grid grid-cols-3 wide:grid-cols-[1.75fr_1.25fr_1.35fr_0.95fr_1.1fr_1.1fr_1fr_1fr_1.05fr]">
        {tiles.map((tile, i) => (
          <div
            key={tile.id}
            title={tile.help}
            className={clsx(
              'min-w-0 border-hairline px-3 py-2.5 wide:px-3.5 wide:first:pl-8 wide:last:pr-2',
              i % 3 !== 0 && 'border-l',
              i >= 3 && 'border-t wide:border-t-0',
              i > 0 && 'wide:border-l',
            )}
          >
            <dt className="truncate text-[12px] text-ink-2">{tile.title}</dt>
            <dd>
              <span
                className={clsx(
                  'block font-[620] text-ink sm:whitespace-nowrap',
                  i < 3
                    ? 'text-[19px] leading-[30px] sm:text-[25px]'
                    : 'text-[17px] leading-[26px] sm:text-[18px] sm:leading-[30px]',
                )}
              >
                {tile.now.figure}
                <span
                  className={clsx('ml-1 font-[440] text-ink-2', i < 3 ? 'text-[13px] sm:text-[15px]' : 'text-[11.5px]')}
                >
                  {tile.now.unit}
                </span>
              </span>
              <span
                className={clsx(
                  'flex items-center gap-1 text-[11.8px] leading-4',
                  tile.harm === null
                    ? 'text-ink-3'
                    : tile.harm === 'critical'
                      ? 'font-[620] text-critical'
                      : 'font-[620] text-warning',
                )}
              >
                {tile.harm && <ToneIcon tone={tile.harm} size={11} />}
                {tile.compared}
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
