import { blindStand, standOf } from '../../core/watch/stand.ts';
import { type Change, look, type Memory } from '../../core/watch/watch.ts';
import { diagnose } from '../../core/verdict/diagnose.ts';
import type { Targets } from '../../core/verdict/profiles.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { deadline } from '../../sources/deadline.ts';
import type { ReadRequest, Source } from '../../sources/source.ts';
import { pause } from '../pause.ts';
import { backOff } from './back-off.ts';

/** Seconds between two looks at a source that fails, at most. */
const MOST_WAIT = 120;

export interface Look {
  /** Unix seconds. */
  readonly at: number;
  /** Seconds reading and judging took. */
  readonly took: number;
  /** `null` where the source could not be read. */
  readonly verdict: Verdict | null;
  /** Why not, one sentence. */
  readonly trouble: string | null;
  readonly memory: Memory;
  readonly change: Change | null;
  /** Seconds until the next look. */
  readonly next: number;
}

export interface Watching {
  readonly source: Source;
  readonly request: Omit<ReadRequest, 'previous'>;
  readonly targets: Targets;
  /** Seconds between two looks, and seconds one may take. */
  readonly every: number;
  readonly timeout: number;
  readonly memory: Memory | null;
  /** Unix seconds. */
  readonly now: () => number;
  /** 0 to 1, for waits that differ. */
  readonly chance: () => number;
  readonly stop: AbortSignal;
}

/**
 * Looks again and again until stopped: reads, judges, and tells what is remembered and what changed. A look that takes longer than
 * the time between two skips those it missed; after a failure it waits longer with every further one. Never throws: trouble is
 * what it tells.
 */
export async function* looksAt(watching: Watching): AsyncGenerator<Look> {
  const { every, now, chance, stop } = watching;
  let { memory } = watching;
  let previous: Evidence | undefined;
  let failures = 0;
  while (!stop.aborted) {
    const began = now();
    const { verdict, evidence, trouble } = await readAndJudge(watching, previous);
    if (stop.aborted) return;
    previous = evidence;
    failures = trouble === null ? 0 : failures + 1;
    const at = now();
    const seen = look(memory, verdict ? standOf(verdict) : blindStand(trouble ?? 'Nothing was read.'), at);
    memory = seen.memory;
    const took = at - began;
    // On the same beat as before, so that looks do not drift.
    const next =
      failures > 1 ? backOff(failures - 1, 2 * every, Math.max(MOST_WAIT, every), chance()) : every - (took % every);
    yield { at, took, verdict, trouble, memory, change: seen.change, next };
    await pause(next - (now() - at), stop);
  }
}

async function readAndJudge(
  { source, request, targets, timeout, stop }: Watching,
  previous: Evidence | undefined,
): Promise<{ verdict: Verdict | null; evidence?: Evidence; trouble: string | null }> {
  const limit = deadline(timeout, stop);
  try {
    const evidence = await source.read({ ...request, ...(previous === undefined ? {} : { previous }) }, limit.signal);
    return { verdict: diagnose(evidence, targets), evidence, trouble: null };
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    return { verdict: null, trouble: limit.signal.aborted ? `Nothing was answered within ${timeout} s.` : says };
  } finally {
    limit.done();
  }
}
