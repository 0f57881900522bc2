import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import type { Finding, Remedy } from '../../core/detectors/detector.ts';
import type { RankedFinding, Verdict } from '../../core/verdict/verdict.ts';
import { onsetOf } from '../charts/onset.ts';
import { TextButton } from '../controls/button.tsx';
import { Key } from '../controls/key.tsx';
import { Moment } from '../controls/moment.tsx';
import { TONE_EDGE, ToneIcon, toneOf, toneOfSeverity } from '../controls/status.tsx';
import { Asides } from './asides.tsx';
import { Assurances } from './assurances.tsx';
import { Because } from './because.tsx';
import { DoNow } from './do-now.tsx';
import { Headline } from './headline.tsx';
import { Plan } from './plan.tsx';
import { Story } from './story.tsx';
import { Undecided } from './undecided.tsx';
import { confidenceWord } from './words.tsx';

export interface BannerProps {
  readonly verdict: Verdict;
  /** The finding opened; `null` for what the verdict leads with. */
  readonly opened: string | null;
  readonly onOpen: (pathology: string) => void;
  readonly copied: boolean;
  readonly onCopy: (flag: string) => void;
  /** @returns what tries a remedy on these minutes; `null` where it cannot be tried. */
  readonly tryOf: (remedy: Remedy) => (() => void) | null;
  readonly onInstead: () => void;
  readonly onRuledOut: () => void;
  readonly onCannotTell: () => void;
  /** The verdict is that of a reduced snapshot, its lists cut. */
  readonly cut?: boolean;
  /** Opens the runbook of the finding shown, and what can be taken away; left out where there is no room for sheets. */
  readonly onRunbook?: () => void;
  readonly onExport?: () => void;
}

/** @returns the finding the banner speaks of: the one opened, else the primary one of a verdict that is not healthy. */
export function shownFinding(verdict: Verdict, opened: string | null): RankedFinding | null {
  const chosen = verdict.findings.find((finding) => finding.pathology === opened);
  if (chosen) return chosen;
  return verdict.status === 'healthy' ? null : (verdict.findings[0] ?? null);
}

/** @returns what the copy key puts on the clipboard; `null` where nothing is to be changed. */
export function shownFlag(verdict: Verdict, opened: string | null): string | null {
  return shownFinding(verdict, opened)?.remedies[0]?.flag ?? null;
}

/** What is wrong, since when, how sure, why, what to change, what could not be checked: the whole minute in one place. */
export function Banner(props: BannerProps) {
  const { verdict, opened, onOpen, copied, onCopy, tryOf, onInstead, onRuledOut, onCannotTell, onRunbook, onExport } =
    props;
  const finding = shownFinding(verdict, opened);
  const remedy = finding?.remedies[0] ?? null;
  const others = verdict.findings.filter((other) => other !== finding);
  return (
    <Frame verdict={verdict}>
      <div className="px-4 pt-4 pb-5 sm:pr-8 sm:pl-7">
        <Headline verdict={verdict} finding={finding} />
        {finding ? (
          <div className="mt-6 grid gap-x-[44px] gap-y-6 wide:grid-cols-[minmax(0,1fr)_minmax(0,520px)]">
            {/* On a phone the fix stands before the proof. */}
            {remedy && (
              <div className="wide:order-2">
                <DoNow
                  remedy={remedy}
                  confidence={finding.confidence}
                  copied={copied}
                  onCopy={() => remedy.flag !== null && onCopy(remedy.flag)}
                  onTry={tryOf(remedy)}
                />
              </div>
            )}
            <div className={clsx('min-w-0', !remedy && 'wide:col-span-2')}>
              <Because facts={finding.facts} grid={verdict.grid} onset={onsetOf(verdict, finding.since)} />
              {finding.story && <Story story={finding.story} />}
            </div>
          </div>
        ) : verdict.status === 'unknown' ? (
          <Undecided verdict={verdict} />
        ) : (
          <Assurances facts={verdict.assurances} grid={verdict.grid} />
        )}
        {finding && (
          <Plan
            plan={verdict.plan}
            boxed={remedy}
            titleOf={(id) => verdict.findings.find((f) => f.pathology === id)?.title ?? id}
            onOpen={onOpen}
          />
        )}
        {(onRunbook || onExport) && (
          <p className="mt-4 flex flex-wrap gap-x-5 gap-y-1 text-[12.5px]">
            {finding && onRunbook && <TextButton onClick={onRunbook}>Runbook</TextButton>}
            {onExport && <TextButton onClick={onExport}>Export alerts, rules, dashboard</TextButton>}
          </p>
        )}
        <Also findings={others} explained={finding?.explains ?? []} onOpen={onOpen} />
        <Earlier earlier={verdict.earlier} />
      </div>
      <Asides
        instead={finding?.remedies.slice(1) ?? []}
        willNotHelp={finding?.willNotHelp ?? []}
        ruledOut={verdict.ruledOut}
        cannotTell={verdict.cannotTell}
        onInstead={onInstead}
        onRuledOut={onRuledOut}
        onCannotTell={onCannotTell}
        cut={props.cut ?? false}
      />
    </Frame>
  );
}

/** The element other programs read: contract §5. */
export function Frame({ verdict, children }: { readonly verdict: Verdict; readonly children: ReactNode }) {
  const primary = verdict.findings.find((finding) => finding.role === 'primary');
  return (
    <section
      aria-label="Verdict"
      data-verdict-status={verdict.status}
      data-verdict-primary={primary?.pathology ?? ''}
      data-verdict-at={verdict.at}
      className={clsx('border-b border-l-4 border-b-hairline bg-surface', TONE_EDGE[toneOf(verdict.status)])}
    >
      {children}
    </section>
  );
}

/** The other findings: effects of this one, causes beside it, and advice. */
function Also({
  findings,
  explained,
  onOpen,
}: {
  readonly findings: readonly RankedFinding[];
  readonly explained: readonly Finding['pathology'][];
  readonly onOpen: (pathology: string) => void;
}) {
  if (findings.length === 0) return null;
  return (
    <div className="mt-4 flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-hairline pt-3 text-[12.5px] text-ink-3">
      <span className="flex items-center gap-2 font-[560]">
        Also <Key>j</Key>
      </span>
      {findings.map((finding) => (
        <span key={finding.pathology} className="inline-flex items-center gap-1.5">
          <ToneIcon tone={toneOfSeverity(finding.severity)} size={12} />
          <TextButton onClick={() => onOpen(finding.pathology)}>{finding.title}</TextButton>
          <span>
            {finding.role === 'primary'
              ? 'the headline'
              : explained.includes(finding.pathology)
                ? 'an effect'
                : roleOf(finding)}
            , {confidenceWord(finding.confidence)} {finding.confidence.toFixed(2)}
          </span>
        </span>
      ))}
    </div>
  );
}

/** What stood in this range and is over: it may come back, and it explains what the charts show. */
function Earlier({ earlier }: { readonly earlier: Verdict['earlier'] }) {
  if (earlier.length === 0) return null;
  return (
    <p className="mt-3 flex flex-wrap gap-x-4 gap-y-1 border-t border-hairline pt-3 text-[12.5px] text-ink-3">
      <span className="font-[560]">Earlier, over now</span>
      {earlier.map((one) => (
        <span key={`${one.pathology} ${one.from}`}>
          <span className="text-ink-2">{one.title}</span> <Moment at={one.from} /> to <Moment at={one.to} />
        </span>
      ))}
    </p>
  );
}

function roleOf(finding: RankedFinding): string {
  return finding.severity === 'info' ? 'advice' : 'besides';
}
