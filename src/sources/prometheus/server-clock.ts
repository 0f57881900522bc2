import { sayDuration } from '../../core/base/say.ts';
import { SourceError } from '../errors.ts';
import type { SourcePlatform } from '../source.ts';
import { vectorOf } from './answers.ts';
import type { PrometheusClient } from './client.ts';
import type { FlavourId } from './flavour.ts';

/** A scrape at the wanted interval: more than this, and "now" here means another sample there. Seconds. */
export const MOST_SKEW = 5;
/** A clock that is further off was set on purpose, to look at another day. Seconds. */
const ON_PURPOSE = 86_400;

/** How far a server's clock is from ours. */
export interface Skew {
  /** Seconds it is ahead of ours; below zero, behind. */
  readonly ahead: number;
  /** Seconds by which that may be wrong: what the way there and back took. */
  readonly within: number;
}

/**
 * Asks a server for its time.
 * @returns `null` where it does not tell it; throws SourceError 'aborted' alone
 */
export async function askClock(
  client: PrometheusClient,
  flavour: FlavourId,
  platform: SourcePlatform,
  abort: AbortSignal,
): Promise<Skew | null> {
  // What VictoriaMetrics calls time() is the end of what it shows.
  const query = flavour === 'victoria-metrics' ? 'now()' : 'time()';
  const before = platform.now();
  try {
    const theirs = timeOf((await client.ask('query', [['query', query]], abort)).data);
    const after = platform.now();
    return theirs === null ? null : { ahead: theirs - (before + after) / 2, within: (after - before) / 2 };
  } catch (error) {
    if (error instanceof SourceError && error.problem !== 'aborted') return null;
    throw error;
  }
}

/** `time()` comes as a scalar from Prometheus and as a vector from VictoriaMetrics. */
function timeOf(data: unknown): number | null {
  const { resultType, result } = (data ?? {}) as { resultType?: unknown; result?: unknown };
  if (resultType === 'scalar' && Array.isArray(result)) return Number(result[1]) || null;
  return resultType === 'vector' ? (vectorOf(data)[0]?.values[0] ?? null) : null;
}

/**
 * Seconds to be added to our clock where a server's is meant: an end that is "now" has to be the present of what it holds, or
 * an incident of the last minutes stays unseen. Zero where the two agree, and where ours was set on purpose.
 */
export function correctionOf(skew: Skew | null): number {
  return skew !== null && differs(skew) && Math.abs(skew.ahead) < ON_PURPOSE ? skew.ahead : 0;
}

/** What the reader has to know of it: sentences. */
export function saySkew(skew: Skew | null, label: string): string[] {
  if (skew === null || !differs(skew)) return [];
  const apart = `The clock here is ${sayDuration(Math.abs(skew.ahead))} ${skew.ahead > 0 ? 'behind' : 'ahead of'} that of ${label}`;
  return [
    correctionOf(skew) === 0
      ? `${apart}; what is read as the present is that of the clock here.`
      : `${apart}, so the present is taken from there.`,
  ];
}

function differs({ ahead, within }: Skew): boolean {
  return Math.abs(ahead) > MOST_SKEW + within;
}
