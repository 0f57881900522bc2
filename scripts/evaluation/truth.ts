import { readFile } from 'node:fs/promises';

/** What really happened in a recording, as the lab wrote it down. */
export interface Truth {
  readonly name: string;
  /** Ids that count as right for the headline, best first; `healthy` for none. */
  readonly primary: readonly string[];
  /** Unix seconds of the first scrape. */
  readonly start: number;
  /** Seconds after the start at which the cause begins; `null` for healthy ones. */
  readonly onset: number | null;
  /** Seconds from the onset until the pages can show it. */
  readonly shows: number;
  /** Seconds from the onset to the end of the trouble; `null` if it lasts to the end. */
  readonly lasts: number | null;
  readonly says: string;
  /** False where the same trouble is there in a milder form before the onset: then neither calm nor onset is judged. */
  readonly calm?: boolean;
}

/** @throws where the file is no list of truths */
export async function readTruths(file: string): Promise<Truth[]> {
  const list: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (!Array.isArray(list)) throw new Error(`${file}: expected a list of truths`);
  return list as Truth[];
}
