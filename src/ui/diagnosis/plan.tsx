import type { Plan as PlanType } from '../../core/verdict/plan.ts';
import { TextButton } from '../controls/button.tsx';

/** What comes after the box above, and what waits: shown where more than one finding has advice. */
export function Plan({
  plan,
  titleOf,
  onOpen,
}: {
  readonly plan: PlanType;
  readonly titleOf: (pathology: string) => string;
  readonly onOpen: (pathology: string) => void;
}) {
  if (plan.steps.length + plan.heldBack.length < 2) return null;
  return (
    <section
      aria-label="The plan, in order"
      className="mt-4 border-t border-hairline pt-3 text-[12.5px] leading-[18px]"
    >
      <h3 className="font-[560] text-ink-3">The plan, in order</h3>
      <ol className="mt-1 space-y-1">
        {plan.steps.map(({ remedy, for: answers }, i) => (
          <li key={remedy.title} className="grid grid-cols-[20px_minmax(0,1fr)] text-ink-2">
            <span className="tabular-nums text-ink-3">{i + 1}</span>
            <span className="[overflow-wrap:anywhere]">
              <strong className="font-[620] text-ink">{remedy.title}</strong>
              {remedy.flag !== null && (
                <>
                  {' '}
                  <code className="font-mono text-[11.5px]">{remedy.flag}</code>
                </>
              )}{' '}
              <span className="text-ink-3">for</span>{' '}
              {answers.map((id) => (
                <TextButton key={id} onClick={() => onOpen(id)}>
                  {titleOf(id)}
                </TextButton>
              ))}
            </span>
          </li>
        ))}
        {plan.heldBack.map((held) => (
          <li key={held.pathology} className="grid grid-cols-[20px_minmax(0,1fr)] text-ink-3">
            <span aria-hidden="true">–</span>
            <span>
              <span className="text-ink-2">Not now: {held.title}.</span> {held.because}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
