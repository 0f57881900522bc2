import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import { endOf } from '../core/base/grid.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import { modelsOf, restrictToModel, sliceEvidence } from '../core/evidence/slice.ts';
import { diagnose } from '../core/verdict/diagnose.ts';
import { type Targets, targetsOf } from '../core/verdict/profiles.ts';
import type { Status, Verdict } from '../core/verdict/verdict.ts';
import { SourceError } from '../sources/errors.ts';
import type { Frozen } from '../sources/source.ts';
import { endsNow, evidenceQuery, type Headers, keepPassphrase, type ReadResult } from './queries.ts';
import type { Live, Session } from './url/session.ts';
import { isLive, keyOf, type SourceRef } from './url/source-ref.ts';

/** What the page knows about the source it looks at. */
export interface Diagnosis {
  readonly state: 'loading' | 'ready' | 'failed';
  /** Everything read of the model judged, to the end of the range. */
  readonly whole: Evidence | null;
  /** The part up to the time judged at. */
  readonly evidence: Evidence | null;
  readonly verdict: Verdict | null;
  readonly targets: Targets;
  /** Every model found, worst first, with how it stands. */
  readonly models: readonly { readonly model: string; readonly status: Status }[];
  readonly failure: Failure | null;
  /** True while the verdict shown is of another range or an earlier read than asked for. */
  readonly behind: boolean;
  readonly fetching: boolean;
  /** Unix seconds of the read shown. */
  readonly readAt: number | null;
  readonly tookMs: number | null;
  /** When the newest read ended, well or badly. Unix milliseconds; `null` before the first. */
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

export interface Failure {
  readonly error: SourceError;
  /** Unix seconds. */
  readonly since: number;
  readonly nextTry: number | null;
}

const SECONDS: Readonly<Record<Live, number | null>> = { '5s': 5, '15s': 15, off: null };
const WORST: readonly Status[] = ['critical', 'degraded', 'unknown', 'healthy'];

/** Source → evidence → verdict for the session in the address bar. Read again while live, kept and dated when a read fails. */
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
    select: ({ evidence: { grid } }) => ({ from: grid.from, to: endOf(grid) }),
  });

  const read = useLastGood(keyOf(source), query.data);
  const failingSince = useFailingSince(query.isError ? query.errorUpdatedAt : null);

  const frozen = read?.frozen ?? null;
  const stored = frozen !== null && (frozen.reduced !== null || frozen.damage.length > 0);
  // A snapshot is judged against what it was judged against that day.
  const targets = useMemo(
    () => frozen?.targets ?? targetsOf(session.profile, session.custom),
    [frozen, session.profile, session.custom],
  );
  const at = useDeferredValue(session.at);
  const wholes = useMemo(() => (read ? byModel(read.evidence) : []), [read]);
  const judged = useMemo(
    () =>
      stored && frozen && read
        ? [{ model: '', whole: read.evidence, evidence: read.evidence, verdict: frozen.verdict }]
        : judgeModels(wholes, at, targets),
    [stored, frozen, read, wholes, at, targets],
  );
  const again = useMemo(() => {
    if (frozen === null || stored || !read) return null;
    const [only, ...others] = judged;
    return only && others.length === 0 && only.evidence === read.evidence
      ? only.verdict
      : diagnose(read.evidence, targets);
  }, [frozen, stored, read, judged, targets]);
  const shown = judged.find((one) => one.model === model) ?? judged[0] ?? null;
  const models = useMemo(() => judged.map(({ model, verdict }) => ({ model, status: verdict.status })), [judged]);

  return {
    state: read ? 'ready' : query.isError ? 'failed' : 'loading',
    whole: shown?.whole ?? null,
    evidence: shown?.evidence ?? null,
    verdict: shown?.verdict ?? null,
    targets,
    models,
    failure:
      query.isError && failingSince !== null
        ? {
            error: asSourceError(query.error),
            since: failingSince / 1000,
            nextTry: every === null ? null : query.errorUpdatedAt / 1000 + every,
          }
        : null,
    behind: read !== null && query.data !== read,
    fetching: query.isFetching,
    readAt: read?.readAt ?? null,
    tookMs: read?.tookMs ?? null,
    lookedAt: Math.max(query.dataUpdatedAt, query.errorUpdatedAt) || null,
    every,
    extent: isRecording ? (allOfIt.data ?? null) : null,
    frozen,
    again,
    stored,
    unlock: (passphrase) => {
      keepPassphrase(source, passphrase);
      void query.refetch();
    },
    readAgain: () => void query.refetch(),
  };
}

interface Judgement {
  readonly model: string;
  readonly whole: Evidence;
  readonly evidence: Evidence;
  readonly verdict: Verdict;
}

interface OfModel {
  readonly model: string;
  readonly whole: Evidence;
}

function byModel(evidence: Evidence): OfModel[] {
  const models = modelsOf(evidence);
  return (models.length === 0 ? [''] : models).map((model) => ({
    model,
    whole: models.length > 1 ? restrictToModel(evidence, model) : evidence,
  }));
}

/** Models are judged one by one, worst first: an average over two models is true of neither. */
function judgeModels(models: readonly OfModel[], at: number | null, targets: Targets): Judgement[] {
  return models
    .map(({ model, whole }) => {
      const part = at === null || at >= endOf(whole.grid) ? whole : sliceEvidence(whole, Math.max(at, whole.grid.from));
      return { model, whole, evidence: part, verdict: diagnose(part, targets) };
    })
    .sort(
      (a, b) => WORST.indexOf(a.verdict.status) - WORST.indexOf(b.verdict.status) || a.model.localeCompare(b.model),
    );
}

/** The newest read of this source, whatever the range asked for since: nothing on screen is lost because a later read fails. */
function useLastGood(source: string, data: ReadResult | undefined): ReadResult | null {
  const [good, setGood] = useState<{ source: string; data: ReadResult } | null>(null);
  if (data && good?.data !== data) setGood({ source, data });
  if (data) return data;
  return good?.source === source ? good.data : null;
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
