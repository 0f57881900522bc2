import type { Evidence } from '../../core/evidence/evidence.ts';
import type { Targets } from '../../core/verdict/profiles.ts';
import { useLoads } from '../../state/loads.ts';
import { zoneOffset } from '../../ui/charts/ticks.ts';
import { TextButton } from '../../ui/controls/button.tsx';
import { LoadTests } from '../../ui/loadtest/load-tests.tsx';
import { ReadingLoads } from '../../ui/loadtest/reading.tsx';

/** Load tests of the viewer's own, beside the source that is open. */
export default function LoadsBeside({
  names,
  evidence,
  targets,
  onForget,
}: {
  readonly names: readonly string[];
  readonly evidence: Evidence;
  readonly targets: Targets;
  readonly onForget: () => void;
}) {
  const { tests, warnings, reading } = useLoads(names);
  return (
    <div className="flex flex-col gap-2 border-b border-hairline px-4 py-6 sm:px-8">
      {reading && <ReadingLoads {...reading} />}
      {tests.length > 0 ? (
        <LoadTests tests={tests} warnings={warnings} targets={targets} evidence={evidence} zoneOffset={toUtc} />
      ) : (
        warnings.map((says) => (
          <p key={says} role="alert" className="text-[13px]">
            {says}
          </p>
        ))
      )}
      <p className="text-[12.5px]">
        <TextButton onClick={onForget}>Close the load tests</TextButton>
      </p>
    </div>
  );
}

/** A clock without a zone is taken for the viewer's. */
function toUtc(at: number): number {
  return -zoneOffset(at);
}
