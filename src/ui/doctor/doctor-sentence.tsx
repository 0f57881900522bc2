import { type Tone, ToneIcon } from '../controls/status.tsx';
import type { DoctorStep } from './doctor-steps.tsx';

export interface DoctorSentenceProps {
  /** Steps taken so far; none for a source there are no steps to. */
  readonly steps: readonly DoctorStep[];
  readonly running: boolean;
  /** Where all steps are shown; `null` where there is no such page. */
  readonly link: string | null;
}

/** Where there is room for one sentence: the first step that is broken, and the way to all of them. */
export function DoctorSentence({ steps, running, link }: DoctorSentenceProps) {
  const broken = steps.find(({ state }) => state === 'failed');
  const tone: Tone = broken ? 'warning' : 'unknown';
  return (
    <section aria-label="Connection doctor" data-testid="doctor-sentence" className="text-[12.5px] leading-[18px]">
      <p role="status" className="flex items-start gap-2 text-ink-2">
        {steps.length > 0 && <ToneIcon tone={tone} size={13} className="mt-[2.5px] shrink-0" />}
        <span className="min-w-0 [overflow-wrap:anywhere]">{sentenceOf(broken, steps.length, running)}</span>
      </p>
      {link !== null && (
        <a className="mt-1 inline-block text-accent hover:underline" href={link} target="_blank" rel="noreferrer">
          Open in vLLM Triage
        </a>
      )}
    </section>
  );
}

function sentenceOf(broken: DoctorStep | undefined, taken: number, running: boolean): string {
  if (broken) return `Connection doctor: ${broken.fact}`;
  if (running) return 'Checking the connection';
  return taken === 0 ? '' : `${taken} steps to the source were checked, and none is out of order`;
}
