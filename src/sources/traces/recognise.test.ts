import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openFiles } from '../files.ts';
import { isTraceFile, looksLikeTrace } from './recognise.ts';

const root = new URL('../../../', import.meta.url);
const REAL = readFileSync(new URL('src/core/traces/samples/vllm-0.32-cpu.pt.trace.json.gz', root));
const blob = (bytes: Uint8Array | string) => new Blob([bytes as string | Uint8Array<ArrayBuffer>]);

describe('a GPU profile is told by what is in it', () => {
  test.each([
    ['a real one, packed', REAL],
    ['the same cut short', REAL.subarray(0, 9000)],
    ['a bare list of events', '[ {"name": "a", "ph": "X", "ts": 1}]'],
    ['a table of nsys', gzipSync('Processing [a.sqlite] with [b.py]...\nStart (ns),Duration (ns),CorrId,Name\n')],
    ['its JSON', '[{"Time (%)": 1, "Total Time (ns)": 5, "Instances": 1, "Name": "k"}]'],
    ['a database', 'SQLite format 3\0 and more'],
  ])('%s', async (_, bytes) => expect(await isTraceFile(blob(bytes))).toBe(true));

  test('recordings, logs, load tests and plain JSON are none', async () => {
    const folders = ['public/library/', 'e2e/fixtures/logs/'].map((path) => new URL(path, root));
    for (const folder of folders)
      for (const name of readdirSync(folder).filter((one) => one.endsWith('.gz')))
        expect(looksLikeTrace(gunzipSync(readFileSync(new URL(name, folder))).toString()), name).toBe(false);
    for (const text of [
      '',
      '{}',
      '[]',
      '{"benchmarks": [{"ph": 1}]}',
      '{"date": "20260101", "request_throughput": 4.2}',
    ])
      expect(looksLikeTrace(text), text).toBe(false);
  });
});

test('given as a recording it is refused with the way to read it', async () => {
  const given = {
    name: 'rank0.json',
    files: [{ name: 'rank0.json', text: gunzipSync(REAL).toString() }],
    warnings: [],
  };
  await expect(openFiles(given, { fetch: globalThis.fetch, now: () => 0 })).rejects.toThrow(
    /GPU profile.*vllm-triage trace rank0.json/,
  );
});
