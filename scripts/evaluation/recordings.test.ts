import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { gunzipIfNeeded } from '../../src/sources/recording/decompress.ts';
import { openRecording } from '../../src/sources/recording/source.ts';
import { hasDetector, judge } from './judge.ts';
import { RECORDING_SETS } from './sets.ts';
import { readTruths, type Truth } from './truth.ts';

/** The product's own path on every recording of a real engine: right headline, healthy before, onset in place. */
describe.each(RECORDING_SETS)('recordings: $name', async (set) => {
  const truths = (await readTruths(set.truth)).filter(hasDetector);

  test('there are some', () => expect(truths.length).toBeGreaterThan(5));

  test.each(truths.map((truth) => [truth.name, truth] as const))('%s', async (_, truth: Truth) => {
    const text = await gunzipIfNeeded(new Uint8Array(await readFile(set.file(truth.name))));
    const recording = openRecording({ name: truth.name, texts: [text] }, { fetch: globalThis.fetch, now: () => 0 });
    const evidence = await recording.read(
      { from: 'start', to: 'end', selector: '', knobs: {} },
      new AbortController().signal,
    );
    const row = judge(truth, evidence);
    expect(row).toMatchObject({ right: true, wrong: '' });
  });
});
