import { sayCount } from '../base/say.ts';
import { LOAD_FORMATS } from './formats/index.ts';
import type { LoadFormat } from './formats/format.ts';
import type { JsonObject } from './json.ts';
import type { Records } from './records.ts';
import type { LoadRun } from './run.ts';

/** The runs of a file, and what could not be read of it. */
export interface LoadFile {
  readonly runs: readonly LoadRun[];
  /** Sentences; nothing is dropped without one. */
  readonly warnings: readonly string[];
}

/** Whether a record is a load-test result of a tool we know. */
export function formatOf(record: JsonObject): LoadFormat | null {
  return LOAD_FORMATS.find((format) => format.recognises(record)) ?? null;
}

/** Reads the records of a file, told apart by what is in them and not by the file's name. */
export function readLoadRecords({ records, unreadable, cut }: Records, file: string): LoadFile {
  const warnings: string[] = [];
  const runs: LoadRun[] = [];
  let unknown = 0;
  const groups: { format: LoadFormat; records: JsonObject[]; last: boolean }[] = [];
  for (const [i, record] of records.entries()) {
    const format = formatOf(record);
    if (format === null) {
      unknown += 1;
      continue;
    }
    const last = i === records.length - 1;
    const open = groups.at(-1);
    if (open?.format === format) {
      open.records.push(record);
      open.last = last;
    } else groups.push({ format, records: [record], last });
  }
  for (const { format, records: of, last } of groups) runs.push(...format.read(of, { file, cut: cut && last }));
  if (unreadable.length > 0)
    warnings.push(
      `${file}: what begins in ${unreadable.length === 1 ? 'line' : 'lines'} ${unreadable.slice(0, 8).join(', ')}${unreadable.length > 8 ? ' …' : ''} cannot be read and was skipped.`,
    );
  if (cut) warnings.push(`${file} ends early. What is whole was read; its last run may be incomplete.`);
  if (unknown > 0 && runs.length > 0)
    warnings.push(
      `${file}: ${sayCount(unknown, 'object')} of no load-test format we know ${unknown === 1 ? 'was' : 'were'} left out.`,
    );
  return { runs, warnings };
}
