import { Button } from '../controls/button.tsx';
import { CopyButton } from '../controls/copy-button.tsx';
import { type Tone, ToneIcon } from '../controls/status.tsx';

/** One step from the address to the data; the app takes it from sources/doctor. */
export interface DoctorStep {
  readonly id: string;
  readonly title: string;
  readonly state: 'ok' | 'failed' | 'unknown';
  /** False where it stands on a step that failed. */
  readonly reached: boolean;
  readonly fact: string;
  readonly todo: string | null;
  /** To be copied; may hold line breaks. */
  readonly line: string | null;
}

export interface DoctorStepsProps {
  readonly steps: readonly DoctorStep[];
  readonly running: boolean;
  /** Whether each ✗ has its cure below it; `false` where that stands elsewhere on the page. */
  readonly cures: boolean;
  readonly copied: string | null;
  readonly onCopy: (text: string) => void;
  readonly onAgain: () => void;
}

const TONE: Readonly<Record<DoctorStep['state'], Tone>> = { ok: 'ok', failed: 'warning', unknown: 'unknown' };
const WORD: Readonly<Record<DoctorStep['state'], string>> = {
  ok: 'in order',
  failed: 'not in order',
  unknown: 'not checkable',
};

/** The steps in order, each with what was seen; those behind a broken one in a single line. */
export function DoctorSteps({ steps, running, cures, copied, onCopy, onAgain }: DoctorStepsProps) {
  const left = steps.filter(({ reached }) => !reached);
  return (
    <section aria-label="Connection doctor" data-testid="doctor" className="text-[12.5px] leading-[18px]">
      <div className="flex items-center justify-between gap-4 pb-1.5">
        <h2 className="font-[560] text-ink-3">Connection doctor</h2>
        <span role="status" className="sr-only">
          {running ? 'Checking the connection' : summary(steps)}
        </span>
        <Button look="bare" onClick={onAgain} disabled={running}>
          {running ? 'Checking' : 'Check again'}
        </Button>
      </div>
      <ol className="border-t border-hairline">
        {steps
          .filter(({ reached }) => reached)
          .map((step) => (
            <li key={step.id} data-step={step.id} data-state={step.state} className="border-b border-hairline py-2">
              <div className="flex flex-wrap items-start gap-x-3 gap-y-0.5">
                <span className="flex w-[272px] shrink-0 items-start gap-2 font-[620] text-ink">
                  <ToneIcon tone={TONE[step.state]} size={13} className="mt-[2.5px] shrink-0" />
                  <span className="sr-only">{WORD[step.state]}:</span>
                  {step.title}
                </span>
                <span className="min-w-0 flex-1 basis-[240px] text-ink-2 [overflow-wrap:anywhere]">{step.fact}</span>
              </div>
              {cures && step.todo !== null && <p className="mt-1.5 max-w-[640px] pl-[21px] text-ink-2">{step.todo}</p>}
              {cures && step.line !== null && (
                <div className="mt-1.5 ml-[21px] flex items-start justify-between gap-4 rounded-md border border-hairline bg-bg px-3 py-2">
                  <pre className="min-w-0 overflow-x-auto pt-1 font-mono text-[12px]">{step.line.trimEnd()}</pre>
                  <CopyButton
                    copied={copied === step.line}
                    onCopy={() => onCopy(step.line as string)}
                    label={`Copy the line for: ${step.title}`}
                  />
                </div>
              )}
            </li>
          ))}
        {left.length > 0 && (
          <li className="flex items-start gap-2 py-2 text-ink-3">
            <ToneIcon tone="unknown" size={13} className="mt-[2.5px] shrink-0" />
            <span>Not reached: {left.map(({ title }) => title[0]?.toLowerCase() + title.slice(1)).join('; ')}</span>
          </li>
        )}
      </ol>
    </section>
  );
}

function summary(steps: readonly DoctorStep[]): string {
  const first = steps.find(({ state }) => state === 'failed');
  return first
    ? `Connection doctor: ${first.title}, not in order: ${first.fact}`
    : 'Connection doctor: nothing is wrong';
}
