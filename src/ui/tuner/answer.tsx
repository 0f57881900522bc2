import { sayRange, sayValue } from '../../core/tuner/format.ts';
import type { Tuning } from '../../core/tuner/tune.ts';
import type { Warning } from '../../core/tuner/warnings.ts';
import { toFlags } from '../../core/knobs/render.ts';
import { SectionHead } from '../controls/section.tsx';
import { ToneIcon, type Tone } from '../controls/status.tsx';
import { SettingsBlock } from './settings-block.tsx';

const TONES: Readonly<Record<Warning['kind'], Tone>> = { physics: 'critical', contradiction: 'warning', care: 'info' };
const WORDS: Readonly<Record<Warning['kind'], string>> = {
  physics: 'Not possible',
  contradiction: 'Does not go together',
  care: 'Mind',
};

/** Settings, what does not go together, how each number comes about, and the textbook's own answer. */
export function TunerAnswer({
  tuning,
  copied,
  onCopy,
}: {
  readonly tuning: Tuning;
  readonly copied: string | null;
  readonly onCopy: (text: string) => void;
}) {
  const { settings, warnings, results, textbook } = tuning;
  return (
    <div className="flex min-w-0 flex-col gap-8">
      <section aria-labelledby="tuner-settings">
        <SectionHead id="tuner-settings" title="Start the server with" />
        {settings.length === 0 ? (
          <p className="text-[13.5px] text-ink">Nothing: not one request fits. The reasons stand below.</p>
        ) : (
          <SettingsBlock settings={settings} copied={copied} onCopy={onCopy} />
        )}
      </section>
      {warnings.length > 0 && (
        <section aria-labelledby="tuner-warnings">
          <SectionHead id="tuner-warnings" title="Before you use it" />
          <ul className="flex flex-col gap-2 text-[13px] leading-[19px]">
            {warnings.map(({ kind, says }) => (
              <li key={says} className="grid grid-cols-[16px_minmax(0,1fr)] gap-x-2.5">
                <ToneIcon tone={TONES[kind]} size={14} className="mt-[3px]" />
                <span className="text-ink-2">
                  <b className="font-[620] text-ink">{WORDS[kind]}.</b> {says}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-labelledby="tuner-results">
        <SectionHead
          id="tuner-results"
          title="How it comes about"
          help="Each range holds with all inputs at their bad or at their good end."
        />
        <ul className="border-t border-strong">
          {results.map((result) => {
            const range = result.range && sayRange(result.range, result.unit);
            return (
              <li
                key={result.id}
                data-result={result.id}
                className="grid gap-x-6 gap-y-0.5 border-b border-hairline py-2.5 sm:grid-cols-[190px_minmax(0,1fr)]"
              >
                <div>
                  <div className="text-[15px] leading-5 font-[620] text-ink">{sayValue(result)}</div>
                  {range && <div className="text-[11.8px] text-ink-3">{range}</div>}
                </div>
                <div className="min-w-0 text-[12.5px] leading-[18px] [overflow-wrap:anywhere]">
                  <div className="font-[620] text-ink">{result.title}</div>
                  <div className="font-mono text-[11.8px] text-ink-2">{result.formula}</div>
                  <div className="font-mono text-[11.8px] text-ink">{result.sum}</div>
                  {result.says !== '' && <div className="text-ink-2">{result.says}</div>}
                  {result.inputs.length > 0 && (
                    <div className="text-[11.8px] text-ink-3">
                      Rests on {result.inputs.map((i) => i.name).join(', ')}.
                    </div>
                  )}
                </div>
              </li>
            );
          })}
        </ul>
      </section>
      <section aria-labelledby="tuner-textbook">
        <SectionHead
          id="tuner-textbook"
          title="The textbook's own answer"
          help="Its procedure, word for word, for the same GPU and model."
        />
        <pre
          tabIndex={0}
          className="overflow-x-auto rounded-md border border-hairline bg-surface px-3 py-2.5 font-mono text-[12.5px] whitespace-pre-wrap text-ink-2"
        >
          {textbook.settings.length === 0 ? 'no room' : toFlags(textbook.settings)}
        </pre>
        <div className="mt-3 grid gap-x-8 gap-y-3 text-[12.5px] leading-[18px] sm:grid-cols-2">
          <ol className="text-ink-2">
            {textbook.steps.map(({ sum, result }) => (
              <li key={sum} className="flex gap-3 border-b border-hairline py-1">
                <span className="min-w-0 flex-1">{sum}</span>
                <span className="text-ink">{result}</span>
              </li>
            ))}
          </ol>
          <ul className="flex list-disc flex-col gap-1 pl-4 text-ink-2">
            {textbook.differences.map((difference) => (
              <li key={difference}>{difference}</li>
            ))}
          </ul>
        </div>
      </section>
    </div>
  );
}
