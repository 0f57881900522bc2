import { readFile } from 'node:fs/promises';
import { openPrometheus } from '../../src/sources/prometheus/source.ts';
import { gunzipIfNeeded } from '../../src/sources/recording/decompress.ts';
import { openRecording } from '../../src/sources/recording/source.ts';
import { startPrometheus } from '../../src/testing/prometheus.ts';
import { judge, type Row } from './judge.ts';
import { RECORDING_SETS } from './sets.ts';
import { readTruths } from './truth.ts';

export interface JudgedRecording extends Row {
  readonly via: string;
  readonly set: string;
}

const platform = { fetch: globalThis.fetch, now: () => Date.now() / 1000 };

/**
 * Every labelled recording, read as a file and, unless `filesOnly`, from a real Prometheus.
 * @param names empty = all
 */
export async function judgeRecordings(filesOnly: boolean, names: readonly string[]): Promise<JudgedRecording[]> {
  const rows: JudgedRecording[] = [];
  for (const set of RECORDING_SETS) {
    const truths = (await readTruths(set.truth)).filter((t) => names.length === 0 || names.includes(t.name));
    for (const truth of truths) {
      const file = set.file(truth.name);
      const text = await gunzipIfNeeded(new Uint8Array(await readFile(file)));
      const recording = openRecording({ name: truth.name, texts: [text] }, platform);
      const evidence = await recording.read(
        { from: 'start', to: 'end', selector: '', knobs: {} },
        new AbortController().signal,
      );
      rows.push({ ...judge(truth, evidence), via: 'file', set: set.name });
      if (filesOnly) continue;
      const server = await startPrometheus({ recordings: [file] });
      try {
        const { from, step, count } = evidence.grid;
        const source = openPrometheus({ url: server.url }, platform);
        const same = await source.read(
          { from, to: from + (count - 1) * step, selector: '', knobs: {} },
          new AbortController().signal,
        );
        rows.push({ ...judge(truth, same), via: 'Prometheus', set: set.name });
      } finally {
        await server.stop();
      }
    }
  }
  return rows;
}
