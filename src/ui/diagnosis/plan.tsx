import type { Remedy } from '../../core/detectors/detector.ts';
import type { Plan as PlanType } from '../../core/verdict/plan.ts';
import { TextButton } from '../controls/button.tsx';

/**
 * What comes after the box above, and what waits. Where the box holds the first step already, it is not told again: what is
 * left is "then" and "not now".
 */
export function Plan({
  plan,
  boxed,
  titleOf,
  onOpen,
}: {
  readonly plan: PlanType;
  /** The remedy in the box above; `null` without one. */
  readonly boxed: Remedy | null;
  readonly titleOf: (pathology: string) => string;
  readonly onOpen: (pathology: string) => void;
}) {
  const first = plan.steps[0]?.remedy;
  const said = first?.title === boxed?.title && first?.flag === boxed?.flag ? 1 : 0;
  const steps = plan.steps.slice(said);
  if (plan.steps.length + plan.heldBack.length < 2) return null;
  return (
    <section
      aria-label="The plan, in order"
      className="mt-4 grid gap-x-5 gap-y-2 border-t border-hairline pt-3 text-[12.5px] leading-[18px] sm:grid-cols-[64px_minmax(0,1fr)]"
    >
      {steps.length > 0 && (
        <>
          <h3 className="font-[560] text-ink-3">{said === 1 ? 'Then' : 'The plan'}</h3>
          <ol start={said + 1} className="space-y-1">
            {steps.map(({ remedy, for: answers }, i) => (
              <li key={remedy.title} className="grid grid-cols-[20px_minmax(0,1fr)] text-ink-2">
                <span className="tabular-nums text-ink-3">{said + i + 1}</span>
                <span className="[overflow-wrap:anywhere]">
                  <strong className="font-[620] text-ink">{remedy.title}</strong>
                  {remedy.flag !== null && (
                    <>
                      {' '}
                      <code className="inline-block max-w-full font-mono text-[11.5px]">{remedy.flag}</code>
                    </>
                  )}{' '}
                  <span className="text-ink-3">for</span>{' '}
                  {answers.map((id, k) => (
                    <span key={id}>
                      {k > 0 && ', '}
                      <TextButton onClick={() => onOpen(id)}>{titleOf(id)}</TextButton>
                    </span>
                  ))}
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
      {plan.heldBack.length > 0 && (
        <>
          <h3 className="font-[560] text-ink-3">Not now</h3>
          <ul className="space-y-1 text-ink-3">
            {plan.heldBack.map((held) => (
              <li key={held.pathology} className="[overflow-wrap:anywhere]">
                <span className="text-ink-2">{held.title}.</span> {held.because}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
