import type { Verdict } from '../../core/verdict/verdict.ts';
import { onsetOf } from '../charts/onset.ts';
import { Sparkline } from '../charts/sparkline.tsx';
import { CopyButton } from '../controls/copy-button.tsx';
import { Moment, zoneName } from '../controls/moment.tsx';
import { Strip } from '../strip/strip.tsx';
import type { Tile } from '../strip/tiles.ts';
import { Frame, shownFinding } from './banner.tsx';
import { wasOf } from './do-now.tsx';
import { Headline } from './headline.tsx';
import { flagLines } from './words.tsx';

/** The verdict as a card in other people's pages: sized to its content, no chrome around it. */
export function EmbedCard({
  verdict,
  tiles,
  link,
  copied,
  onCopy,
}: {
  readonly verdict: Verdict;
  /** The row of numbers below the verdict; empty for none. */
  readonly tiles: readonly Tile[];
  /** Address of the whole page; `null` where there is none to go to. */
  readonly link: string | null;
  readonly copied: boolean;
  readonly onCopy: (flag: string) => void;
}) {
  const finding = shownFinding(verdict, null);
  const remedy = finding?.remedies[0];
  const facts = (finding?.facts ?? verdict.assurances).slice(0, 3);
  return (
    <div className="overflow-hidden rounded-lg border border-strong">
      <Frame verdict={verdict}>
        <div className="px-5 pt-3.5 pb-4">
          <Headline verdict={verdict} finding={finding} compact />
          {facts.length > 0 && (
            <ul className="mt-4 grid gap-5 min-[480px]:grid-cols-3">
              {facts.map((fact) => (
                <li key={fact.says} className="min-w-0 border-t border-hairline pt-2">
                  <div className="text-[18px] leading-6 font-[620]">{fact.figure}</div>
                  <div className="text-[12px] leading-4 text-ink-2">
                    {fact.label}
                    {fact.compared !== '' && <span className="text-ink-3">, {fact.compared}</span>}
                  </div>
                  {fact.trend && (
                    <div className="mt-1.5">
                      <Sparkline
                        values={fact.trend}
                        grid={verdict.grid}
                        limit={fact.limit}
                        onset={onsetOf(verdict, finding?.since)}
                        label={`${fact.label} over the range`}
                        height={30}
                      />
                    </div>
                  )}
                </li>
              ))}
            </ul>
          )}
        </div>
        {remedy && remedy.flag !== null && (
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5 border-t border-hairline bg-bg px-5 py-2.5">
            <span className="shrink-0 text-[12.5px] font-[560] text-ink-3">Do now</span>
            <span className="min-w-0 flex-1 basis-[220px] font-mono text-[12px] leading-[18px]">
              {flagLines(remedy.flag).map((line) => (
                <span key={line.name} className="block [overflow-wrap:anywhere]">
                  {line.name} <span className="text-accent">{line.value}</span>{' '}
                  <span className="text-ink-3">{wasOf(remedy, line.name)}</span>
                </span>
              ))}
            </span>
            <CopyButton copied={copied} onCopy={() => onCopy(remedy.flag as string)} label={`Copy ${remedy.flag}`} />
          </div>
        )}
        {tiles.length > 0 && (
          <div className="border-t border-hairline [&>section]:border-b-0">
            <Strip tiles={tiles} />
          </div>
        )}
        <div className="flex flex-wrap gap-x-5 gap-y-1 border-t border-hairline px-5 py-2.5 text-[12px] text-ink-3">
          <span>
            {verdict.ruledOut.length} ruled out · {verdict.cannotTell.length} could not check
          </span>
          <span className="ml-auto">
            judged at <Moment at={verdict.at} /> {zoneName()}
          </span>
          {link !== null && (
            <a className="text-accent hover:underline" href={link} target="_blank" rel="noreferrer">
              Open in vLLM Triage <span aria-hidden="true">↗</span>
            </a>
          )}
        </div>
      </Frame>
    </div>
  );
}
