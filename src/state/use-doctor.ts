import { useEffect, useState } from 'react';
import type { Step } from '../sources/doctor/examine.ts';
import type { SourcePlatform } from '../sources/source.ts';
import { type Headers, USUAL_RANGE } from './queries.ts';
import type { Session } from './url/session.ts';
import type { SourceRef } from './url/source-ref.ts';
import { resolveWhen } from './url/times.ts';

/** Whether there is a way to examine: the steps are those to a Prometheus. */
export function hasDoctor(source: SourceRef): source is Extract<SourceRef, { kind: 'prometheus' }> {
  return source.kind === 'prometheus';
}

/** An examination under way or done. */
export interface Doctor {
  /** Steps taken so far, in order. */
  readonly steps: readonly Step[];
  readonly running: boolean;
  readonly again: () => void;
}

const platform: SourcePlatform = { fetch: (input, init) => window.fetch(input, init), now: () => Date.now() / 1000 };

interface Run {
  readonly key: string;
  readonly steps: readonly Step[];
  readonly done: boolean;
}

/**
 * Examines the way to the source of the session while there is a reason to, once per reason.
 * @param reason what made it necessary; `null` for none
 * @returns `null` without a reason, and for a source there are no steps to
 */
export function useDoctor(
  { source, selector, from, to }: Session & { readonly source: SourceRef },
  headers: Headers,
  reason: string | null,
): Doctor | null {
  const [round, setRound] = useState(0);
  const [run, setRun] = useState<Run | null>(null);
  const url = hasDoctor(source) ? source.url : null;
  const key = url === null || reason === null ? null : JSON.stringify([url, selector, from, to, reason, round]);
  useEffect(() => {
    if (key === null || url === null) return;
    const abort = new AbortController();
    const now = platform.now();
    const end = to === null ? now : resolveWhen(to, now);
    const examination = {
      settings: { url, headers },
      page: { origin: window.location.origin, enforced: true },
      selector,
      from: from === null ? end - USUAL_RANGE : resolveWhen(from, now),
      to: end,
    };
    const steps: Step[] = [];
    const tell = (done: boolean) => {
      if (!abort.signal.aborted) setRun({ key, steps: [...steps], done });
    };
    const take = (step: Step) => {
      steps.push(step);
      tell(false);
    };
    // Most who open a page never need a doctor.
    void import('../sources/doctor/examine.ts')
      .then(({ examine }) => examine(examination, platform, abort.signal, take))
      .then(
        () => tell(true),
        () => tell(true),
      );
    return () => abort.abort();
  }, [key, url, headers, selector, from, to]);
  if (key === null) return null;
  const current = run?.key === key ? run : null;
  return { steps: current?.steps ?? [], running: !current?.done, again: () => setRound(round + 1) };
}
