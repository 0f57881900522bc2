import type { Json, JsonObject } from '../json.ts';
import type { LoadRun } from '../run.ts';

/** A file format of load-test results. */
export interface LoadFormat {
  readonly id: string;
  readonly title: string;
  /** Whether a record is of this format; the first of the list that says yes reads it. */
  recognises(record: JsonObject): boolean;
  /** @param records those of one file that this format recognised, in order · @returns one run or several; none where nothing is in them */
  read(records: readonly JsonObject[], from: ReadFrom): readonly LoadRun[];
}

export interface ReadFrom {
  readonly file: string;
  /** The file was cut short: lists at its end may be too, so nothing is computed from them. */
  readonly cut: boolean;
}

/** What a run is made of before a reader fills it in: everything unknown. */
export const UNKNOWN: Omit<LoadRun, 'format' | 'tool' | 'file' | 'name'> = {
  model: null,
  started: null,
  duration: null,
  load: { kind: 'unknown', value: null, max: null },
  counts: { ok: null, failed: null, incomplete: null },
  lengths: { input: null, output: null },
  throughput: { requests: null, outputTokens: null, totalTokens: null },
  goodput: null,
  latencies: [],
  requests: null,
  serverArgs: null,
  warnings: [],
};

/** Unix seconds of an ISO time or of a number of seconds; `null` for what is neither. */
export function momentOf(value: Json | undefined): LoadRun['started'] {
  if (typeof value === 'number' && value > 1e9 && value < 1e11) return { at: value, clock: 'zoned' };
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}[T ]/.test(value)) return null;
  const zoned = /([zZ]|[+-]\d{2}:?\d{2})$/.test(value);
  const ms = Date.parse(zoned ? value : `${value.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) ? null : { at: ms / 1000, clock: zoned ? 'zoned' : 'local' };
}
