import { useId } from 'react';
import type { Remedy } from '../../core/detectors/detector.ts';
import { Button } from '../controls/button.tsx';
import { CopyButton } from '../controls/copy-button.tsx';
import { Key } from '../controls/key.tsx';
import { flagLines, SURE_ENOUGH } from './words.tsx';

/** The one bordered box of a verdict: what to change, its arithmetic, what it costs, how to see that it worked. */
export function DoNow({
  remedy,
  confidence,
  copied,
  lead,
  onCopy,
  onTry,
}: {
  readonly remedy: Remedy;
  readonly confidence: number;
  readonly copied: boolean;
  /** The word before the title; left out, what the confidence allows. The copy key works for that one alone. */
  readonly lead?: string;
  readonly onCopy: () => void;
  /** Plays the minutes judged with this change; `null` where that cannot be told. */
  readonly onTry: (() => void) | null;
}) {
  const id = useId();
  const lines = remedy.flag === null ? [] : flagLines(remedy.flag);
  return (
    <section
      aria-labelledby={id}
      className="overflow-hidden rounded-lg border border-strong text-[12.5px] leading-[18px]"
    >
      <div className="flex min-h-[48px] items-start gap-x-3 px-4 py-2.5">
        <h3 id={id} className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-2.5 self-center">
          <span className="font-[560] text-ink-3">
            {lead ?? (confidence >= SURE_ENOUGH ? 'Do now' : 'Check first, then')}
          </span>
          <span className="text-[15px] font-[620] text-ink">{remedy.title}</span>
          {remedy.needsRestart && <span className="font-[400] text-ink-3">needs a restart</span>}
        </h3>
        {onTry && (
          <Button className="shrink-0" onClick={onTry} aria-label={`Try it: ${remedy.title}`}>
            Try it
          </Button>
        )}
        {remedy.flag !== null && (
          <span className="shrink-0">
            <CopyButton copied={copied} onCopy={onCopy} label={`Copy ${remedy.flag}`}>
              {lead === undefined && <Key>c</Key>}
            </CopyButton>
          </span>
        )}
      </div>
      {lines.length > 0 && (
        <dl
          className="border-t border-hairline bg-bg px-4 py-2.5 font-mono text-[12px] leading-[22px]"
          data-testid="flag"
        >
          {lines.map((line) => (
            <div key={line.name} className="flex items-baseline justify-between gap-4">
              <dt className="min-w-0 [overflow-wrap:anywhere] text-ink">
                {line.name}
                {line.name.endsWith('=') ? '' : ' '}
                <span className="text-accent">{line.value}</span>
              </dt>
              <dd className="shrink-0 text-ink-3">{wasOf(remedy, line.name)}</dd>
            </div>
          ))}
        </dl>
      )}
      {remedy.steps.length > 0 && (
        <dl className="border-t border-hairline px-4 py-2.5">
          {remedy.steps.map((step) => (
            <div
              key={step.sum}
              className="flex items-baseline justify-between gap-4 border-b border-hairline py-[3px] last:border-b-0"
            >
              <dt className="min-w-0 font-mono text-[11.8px] text-ink-2">{step.sum}</dt>
              <dd className="text-right font-[620] text-ink">{step.result}</dd>
            </div>
          ))}
        </dl>
      )}
      <dl className="grid grid-cols-[64px_minmax(0,1fr)] gap-x-3 gap-y-1.5 border-t border-hairline px-4 py-3">
        {(remedy.flag === null || lead !== undefined) && (
          <Line name={remedy.flag === null ? 'How' : 'Why'} says={remedy.why} />
        )}
        <Line name="Expect" says={remedy.expect} />
        <Line name="Costs" says={remedy.risk} />
        <Line name="Verify" says={remedy.verify} />
      </dl>
    </section>
  );
}

function Line({ name, says }: { readonly name: string; readonly says: string }) {
  if (says === '') return null;
  return (
    <>
      <dt className="font-[560] text-ink-3">{name}</dt>
      <dd className="text-ink-2">{says}</dd>
    </>
  );
}

/** What a flag was is known for the knob the remedy turns; where the metrics do not tell, nothing is claimed. */
export function wasOf(remedy: Remedy, name: string): string {
  const isKnob = remedy.knob !== null && name.replace(/=$/, '') === `--${remedy.knob}`;
  return isKnob && remedy.from !== null ? `was ${remedy.from}` : '';
}
