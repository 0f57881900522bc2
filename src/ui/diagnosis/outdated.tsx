import type { ReactNode } from 'react';
import { Moment } from '../controls/moment.tsx';

/** What is shown while something newer is on its way, or while nothing newer can be had: kept, and marked as what it is. */
export function Outdated({
  since,
  reading,
  children,
}: {
  /** Unix seconds of the read everything below rests on, if newer ones fail; `null` while it is fresh. */
  readonly since: number | null;
  readonly reading: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div aria-busy={reading || undefined}>
      {since !== null && (
        <p className="hatched border-b border-hairline px-4 py-2 text-[12.5px] sm:px-8">
          <span className="bg-bg px-1">
            Everything below is as of <Moment at={since} className="font-[620]" />, the last good read.
          </span>
        </p>
      )}
      {reading && (
        <p className="border-b border-hairline px-4 py-1 text-[12px] text-ink-3 sm:px-8">
          Reading; what stands here is the read before.
        </p>
      )}
      {children}
    </div>
  );
}
