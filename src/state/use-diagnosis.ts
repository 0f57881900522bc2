import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { endOf } from '../core/base/grid.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import { restrictToModel, sliceEvidence } from '../core/evidence/slice.ts';
import { type Targets, targetsOf } from '../core/verdict/profiles.ts';
import type { Status, Verdict } from '../core/verdict/verdict.ts';
import { SourceError } from '../sources/errors.ts';
import type { Frozen } from '../sources/source.ts';
import { endsNow, evidenceQuery, type Headers, keepPassphrase, type Look, type ReadResult } from './queries.ts';
import type { Need } from './reader/messages.ts';
import type { Live, Session } from './url/session.ts';
import { isLive, keyOf, type SourceRef } from './url/source-ref.ts';
import { useJudgement } from './use-judgement.ts';

/** What the page knows about the source it looks at. */
export interface Diagnosis {
  readonly state: 'loading' | 'ready' | 'failed';
  /** Everything read of the model judged, to the end of the range. */
  readonly whole: Evidence | null;
  /** The part up to the time judged at. */
  readonly evidence: Evidence | null;
  readonly verdict: Verdict | null;
  readonly targets: Targets;
  /** What each rule cannot decide without, for those that were judged by. */
  readonly needs: readonly Need[];
  /** Every model found, worst first, with how it stands. */
  readonly models: readonly { readonly model: string; readonly status: Status }[];
  readonly failure: Failure | null;
  /**
   * Where a source fails, or can be read and tells nothing of the present: the last verdict that was one, and when that was
   * read (unix seconds). `null` where there was none.
   */
  readonly lastGood: LastGood | null;
  /** True while the verdict shown is of another range or an earlier read than asked for. */
  readonly behind: boolean;
  /** Whether a read is under way after one that failed. */
  readonly fetching: boolean;
  /** Unix seconds at which what is shown was last seen to be the newest there is. */
  readonly readAt: number | null;
  /** Milliseconds its read took. */
  readonly tookMs: number | null;
  /** When a look last found what is shown, or one failed. Unix milliseconds; `null` before the first. */
  readonly lookedAt: number | null;
  /** Whether it is read again by itself, and how often in seconds. */
  readonly every: number | null;
  /** First and last time there is anything of, for a recording; `null` for a live source. Unix seconds. */
  readonly extent: { readonly from: number; readonly to: number } | null;
  /** Of a snapshot: what was said that day. */
  readonly frozen: Frozen | null;
  /** Of a snapshot: all of what was read, judged at its end by the rules of today; `null` where that cannot be judged again. */
  readonly again: Verdict | null;
  /** Whether the verdict shown is the stored one, since the snapshot holds too little to judge again. */
  readonly stored: boolean;
  /** Tries a locked snapshot once more, with this passphrase. */
  readonly unlock: (passphrase: string) => void;
  readonly readAgain: () => void;
}

export interface LastGood {
  readonly verdict: Verdict;
  readonly readAt: number;
}

export interface Failure {
  readonly error: SourceError;
  /** Unix seconds. */
  readonly since: number;
  readonly nextTry: number | null;
}

const SECONDS: Readonly<Record<Live, number | null>> = { '5s': 5, '15s': 15, off: null };
const NONE: readonly never[] = [];

/**
 * Source → evidence → verdict for the session in the address bar, both in a worker. Read again while live, kept and dated when a
 * read fails.
 */
export function useDiagnosis(session: Session & { readonly source: SourceRef }, headers: Headers): Diagnosis {
  const { source, selector, model, from, to, knobs } = session;
  const every = endsNow({ source, to }) ? SECONDS[session.live] : null;
  const query = useQuery({
    ...evidenceQuery({ source, headers, selector, model, from, to, knobs }),
    refetchInterval: every === null ? false : every * 1000,
    // A tab nobody looks at asks nothing; it reads at once when it is looked at again.
    refetchIntervalInBackground: false,
    refetchOnWindowFocus: every !== null,
  });

  const isRecording = !isLive(source);
  const allOfIt = useQuery({
    ...evidenceQuery({ source, headers, selector, model, from: null, to: null, knobs }),
    enabled: isRecording,
    select: ({
      read: {
        evidence: { grid },
      },
    }) => ({ from: grid.from, to: endOf(grid) }),
  });

  const look = useLastGood(keyOf(source), query.data);
  const read = look?.read ?? null;
  const failingSince = useFailingSince(query.isError ? query.errorUpdatedAt : null);

  // A snapshot is judged against what it was judged against that day.
  const frozenTargets = read?.frozen?.targets;
  const wanted = useMemo(
    () => frozenTargets ?? targetsOf(session.profile, session.custom),
    [frozenTargets, session.profile, session.custom],
  );
  const answer = useJudgement(
    read && !isStored(read) ? { read, targets: wanted, at: session.at } : null,
    // A read that has just ended is on its way, and is not called off.
    () => void query.refetch({ cancelRefetch: false }),
  );
  const shown = useMemo((): Shown | null => {
    if (!read) return null;
    const { frozen, evidence } = read;
    if (frozen && isStored(read))
      return {
        read,
        targets: wanted,
        whole: evidence,
        evidence,
        verdict: frozen.verdict,
        models: NONE,
        again: null,
        needs: NONE,
      };
    if (answer?.read.source !== read.source) return null;
    const judged = answer.models.find((one) => one.model === model) ?? answer.models[0];
    if (!judged) return null;
    const whole = answer.models.length > 1 ? restrictToModel(answer.read.evidence, judged.model) : answer.read.evidence;
    return {
      read: answer.read,
      targets: answer.targets,
      whole,
      evidence: sliceEvidence(whole, judged.verdict.at),
      verdict: judged.verdict,
      models: answer.models.map((one) => ({ model: one.model, status: one.verdict.status })),
      again: answer.again,
      needs: answer.needs,
    };
  }, [read, answer, wanted, model]);

  const readAt = useLastSeen(shown?.read ?? null, look);
  const known = useLastKnown(shown, readAt, keyOf(source));
  const blindNow = endsNow({ source, to }) && session.at === null && shown?.verdict.status === 'unknown';

  return {
    state: shown ? 'ready' : query.isError ? 'failed' : 'loading',
    whole: shown?.whole ?? null,
    evidence: shown?.evidence ?? null,
    verdict: shown?.verdict ?? null,
    targets: shown?.targets ?? wanted,
    needs: shown?.needs ?? NONE,
    models: shown?.models ?? NONE,
    failure:
      query.isError && failingSince !== null
        ? {
            error: asSourceError(query.error),
            since: failingSince / 1000,
            nextTry: every === null ? null : query.errorUpdatedAt / 1000 + every,
          }
        : null,
    lastGood: query.isError || blindNow ? known : null,
    behind: shown !== null && query.data?.read.of !== shown.read.of,
    // Read only where it is shown: whatever is read of a query draws the page anew when it changes.
    fetching: query.isError && query.isFetching,
    readAt,
    tookMs: shown?.read.tookMs ?? null,
    lookedAt: Math.max((readAt ?? 0) * 1000, query.errorUpdatedAt) || null,
    every,
    extent: isRecording ? (allOfIt.data ?? null) : null,
    frozen: shown?.read.frozen ?? null,
    again: shown?.again ?? null,
    stored: shown !== null && isStored(shown.read),
    unlock: (passphrase) => {
      keepPassphrase(source, passphrase);
      void query.refetch();
    },
    readAgain: () => void query.refetch(),
  };
}

/** What is shown, of one read and one judgement. */
interface Shown extends Pick<Diagnosis, 'targets' | 'needs' | 'models' | 'again'> {
  readonly read: ReadResult;
  readonly whole: Evidence;
  readonly evidence: Evidence;
  readonly verdict: Verdict;
}

/** A snapshot that holds too little to be judged again stands by its own verdict. */
function isStored({ frozen }: ReadResult): boolean {
  return frozen !== null && (frozen.reduced !== null || frozen.damage.length > 0);
}

/** The newest read of this source, whatever the range asked for since: nothing on screen is lost because a later read fails. */
function useLastGood(source: string, data: Look | undefined): Look | null {
  const [good, setGood] = useState<{ source: string; data: Look } | null>(null);
  if (data && good?.data !== data) setGood({ source, data });
  if (data) return data;
  return good?.source === source ? good.data : null;
}

/** The newest verdict of this source that was one, and when it was last seen to be the newest, unix seconds. */
function useLastKnown(shown: Shown | null, readAt: number | null, source: string): LastGood | null {
  const [known, setKnown] = useState<(LastGood & { readonly source: string }) | null>(null);
  if (shown && shown.verdict.status !== 'unknown' && (shown.verdict !== known?.verdict || readAt !== known.readAt))
    setKnown({ source: shown.read.source, verdict: shown.verdict, readAt: readAt ?? shown.read.readAt });
  return known?.source === source ? known : null;
}

/** When what is shown was last seen to be the newest there is, unix seconds: a newer read may be there that is not judged yet. */
function useLastSeen(shown: ReadResult | null, look: Look | null): number | null {
  const [seen, setSeen] = useState<Look | null>(null);
  if (look !== null && look.read === shown && look !== seen) setSeen(look);
  if (shown === null) return null;
  return [look, seen].find((one) => one?.read === shown)?.at ?? shown.readAt;
}

/** When the present row of failures began, unix milliseconds. */
function useFailingSince(failedAt: number | null): number | null {
  const [since, setSince] = useState<number | null>(null);
  if (failedAt === null && since !== null) setSince(null);
  if (failedAt !== null && since === null) setSince(failedAt);
  return failedAt === null ? null : (since ?? failedAt);
}

function asSourceError(error: Error): SourceError {
  return error instanceof SourceError ? error : new SourceError('unreadable', error.message);
}
