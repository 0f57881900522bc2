import { readFile } from 'node:fs/promises';
import { gunzipIfNeeded } from '../../src/sources/recording/decompress.ts';
import { openRecording } from '../../src/sources/recording/source.ts';
import type { Episode } from './episode.ts';
import type { Watched } from './moment.ts';
import { RECORDING_SETS } from './sets.ts';
import { readTruths, type Truth } from './truth.ts';

/** A recording of a real engine, to be watched like a simulated episode. */
export interface Recorded {
  readonly name: string;
  readonly build: () => Promise<Episode>;
  /** What nobody wrote down for recordings cannot be judged. */
  readonly known: Pick<Watched, 'source' | 'calm' | 'scoped'>;
}

/** Seconds at the end of a recording in which its clients are being cut off. */
const TAIL = 5;

/** All labelled recordings. */
export async function recordedEpisodes(): Promise<Recorded[]> {
  const out: Recorded[] = [];
  for (const set of RECORDING_SETS) {
    for (const truth of await readTruths(set.truth)) {
      out.push({
        name: truth.name,
        build: () => readEpisode(set.file(truth.name), truth),
        known: { source: 'recorded', calm: truth.calm !== false, scoped: false },
      });
    }
  }
  return out;
}

async function readEpisode(file: string, truth: Truth): Promise<Episode> {
  const text = await gunzipIfNeeded(new Uint8Array(await readFile(file)));
  const platform = { fetch: globalThis.fetch, now: () => 0 };
  const { from, to } = openRecording({ name: truth.name, texts: [text] }, platform).extent();
  const [first, ...others] = truth.primary.filter((id) => id !== 'healthy');
  const onset = truth.onset === null ? null : truth.start + truth.onset;
  return {
    id: `recording/${truth.name}`,
    kind: first ?? 'healthy-recorded',
    strength: 'none',
    hardware: 'recorded',
    profile: /profile (batch)/.test(truth.says) ? 'batch' : 'chat',
    knobs: {},
    perturbations: [],
    scrapeInterval: 5,
    from: Math.ceil(from),
    to: Math.floor(to) - TAIL,
    truth: {
      primary: first ?? null,
      lenient: others,
      onset,
      shows: onset === null ? null : onset + truth.shows,
      end: onset === null || truth.lasts === null ? null : onset + truth.lasts,
      instances: [],
      quiet: false,
      books: {},
    },
    texts: [text],
  };
}
