import type { Evidence } from '../core/evidence/evidence.ts';
import { disagreements, sayReduced } from '../core/snapshot/snapshot.ts';
import type { Verdict } from '../core/verdict/verdict.ts';
import type { Diagnosis } from '../state/use-diagnosis.ts';
import { FrozenStripe } from '../ui/diagnosis/frozen.tsx';

/** What a snapshot says of itself: the rules of today are held against those of that day where both speak of the same. */
export default function FrozenPart({
  frozen,
  again,
  whole,
  now,
}: {
  readonly frozen: NonNullable<Diagnosis['frozen']>;
  readonly again: Verdict | null;
  readonly whole: Evidence | null;
  readonly now: number;
}) {
  const then = frozen.verdict;
  const comparable =
    again !== null &&
    again.at === then.at &&
    again.grid.from === then.grid.from &&
    again.models.join() === then.models.join();
  return (
    <FrozenStripe
      then={then}
      again={comparable ? again : null}
      differences={comparable ? disagreements(then, again) : []}
      now={now}
      version={frozen.generatedBy.version}
      notes={[
        ...frozen.damage,
        ...(frozen.reduced && whole ? [sayReduced(frozen, whole)] : []),
        ...(again && !comparable ? ['Judged here for another range or model than that day.'] : []),
      ]}
    />
  );
}
