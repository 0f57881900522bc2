import { signalById } from '../signals/index.ts';
import type { Reading } from './evidence.ts';

/** How a reading was found, for a query that is to give its numbers again. */
export interface FoundAs {
  /** Names, in order of preference; empty where nothing was found. */
  readonly metrics: readonly string[];
  /** A histogram that its server keeps as native ones alone, so that none of the names has a `_bucket`. */
  readonly native: boolean;
}

/** Read off the query that gave the numbers: of native histograms it names no bucket. What was not asked for is classic. */
export function foundAs(reading: Reading | undefined): FoundAs {
  if (!reading) return { metrics: [], native: false };
  const { signal, metrics, query } = reading;
  const native = signalById(signal).kind === 'histogram' && query !== null && !query.includes('_bucket');
  return { metrics, native };
}
