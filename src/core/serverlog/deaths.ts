/** How a process ended, as its log tells: that it died, and the error that stands nearest to it. */
import type { TroubleKind } from './events.ts';
import type { Life, Trouble } from './lives.ts';

export interface Death {
  /** Unix seconds of the first line that speaks of it; `null` before the first stamp. */
  readonly at: number | null;
  /** What it died of; `engine-died` or `start-failed` where the log names no error. */
  readonly kind: TroubleKind;
  /** "the engine died". */
  readonly says: string;
  /** What it died of in our words, and in those of the log; `null` where the log names no error. */
  readonly cause: { readonly says: string; readonly words: string } | null;
}

/** Seconds before a death within which an error is its cause. */
const CAUSED_WITHIN = 120;
/** Seconds around a death within which a traceback belongs to it: vLLM says first that it died, then of what. */
const SAME_MOMENT = 2;
const DEATHS: readonly TroubleKind[] = ['engine-died', 'start-failed'];
/** Errors that end a process, whatever else is written beside them. */
const CAUSES: readonly TroubleKind[] = ['out-of-memory', 'gpu-error', 'cache-too-small', 'killed', 'port-taken'];

/**
 * How this process ended; `null` where the log does not say that it did. Beside what vLLM says of its engine, an error on
 * which nothing follows counts as an end: one that no process survives, or any before the server ever served.
 */
export function deathOf(life: Life): Death | null {
  const { troubles } = life;
  const said = troubles.find(({ kind }) => DEATHS.includes(kind));
  if (said) {
    const cause = causeOf(troubles, said);
    return {
      at: cause ? earlier(cause.at, said.at) : said.at,
      kind: cause?.kind ?? said.kind,
      says: life.served ? 'the engine died' : 'the engine failed to start',
      cause: cause && { says: cause.says, words: cause.words },
    };
  }
  const last = troubles.findLast(({ kind }) => CAUSES.includes(kind) || kind === 'error');
  if (!last || last.at !== life.last) return null;
  // Of another error a server may live on; one that has never served does not.
  if (last.kind === 'error' && (life.served || !life.begun)) return null;
  return {
    at: last.at,
    kind: last.kind,
    says: life.served ? 'the process ended' : 'the server failed to start',
    cause: { says: last.says, words: last.words },
  };
}

function causeOf(troubles: readonly Trouble[], death: Trouble): Trouble | null {
  const within = (one: Trouble, before: number, after: number) =>
    one.at === null || death.at === null || (one.at >= death.at - before && one.at <= death.at + after);
  const certain = troubles.find((one) => CAUSES.includes(one.kind) && within(one, CAUSED_WITHIN, CAUSED_WITHIN));
  if (certain) return certain;
  const errors = troubles.filter(({ kind }) => kind === 'error');
  return (
    errors.find((one) => within(one, SAME_MOMENT, SAME_MOMENT)) ??
    errors.findLast((one) => within(one, CAUSED_WITHIN, 0)) ??
    null
  );
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}
