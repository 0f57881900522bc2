/**
 * `npm run evaluate`: every labelled recording, read as a file and from a real Prometheus, judged by the product's own path.
 * Prints a table; exit code 1 if one is wrong. `-- --files` leaves Prometheus out; further arguments name recordings.
 */
import { readFile } from 'node:fs/promises';
import { gunzipIfNeeded } from '../src/sources/recording/decompress.ts';
import { openRecording } from '../src/sources/recording/source.ts';
import { openPrometheus } from '../src/sources/prometheus/source.ts';
import { startPrometheus } from '../src/testing/prometheus.ts';
import { judge, type Row } from './evaluation/judge.ts';
import { RECORDING_SETS } from './evaluation/sets.ts';
import { readTruths } from './evaluation/truth.ts';

const args = process.argv.slice(2);
const filesOnly = args.includes('--files');
const names = args.filter((a) => !a.startsWith('--'));
const platform = { fetch: globalThis.fetch, now: () => Date.now() / 1000 };
const rows: (Row & { via: string; set: string })[] = [];

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

print(rows);
const judged = rows.filter((r) => r.known);
const wrong = judged.filter((r) => !r.right).length;
const open = rows.length - judged.length;
process.stdout.write(
  `\n${judged.length - wrong} right, ${wrong} wrong${open > 0 ? `, ${open} of kinds without a detector yet` : ''}\n`,
);
process.exitCode = judged.length === 0 || wrong > 0 ? 1 : 0;

function print(all: typeof rows): void {
  const columns = ['set', 'name', 'via', 'truth', 'before', 'after', 'since', 'confidence', 'found', 'wrong'] as const;
  const widths = columns.map((c) => Math.max(c.length, ...all.map((r) => r[c].length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |\n`;
  process.stdout.write(line(columns));
  process.stdout.write(`|${widths.map((w) => '-'.repeat(w + 2)).join('|')}|\n`);
  for (const row of all) process.stdout.write(line(columns.map((c) => row[c])));
}
