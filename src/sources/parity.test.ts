import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Values } from '../core/base/grid.ts';
import type { Evidence, Reading } from '../core/evidence/evidence.ts';
import { SIGNALS } from '../core/signals/index.ts';
import { type RunningPrometheus, startPrometheus } from '../testing/prometheus.ts';
import { openPrometheus } from './prometheus/source.ts';
import { unpack } from './recording/decompress.ts';
import { openRecording } from './recording/source.ts';
import type { SourcePlatform } from './source.ts';

/** The same recording as a file and out of a real Prometheus: the same numbers, for every signal. */
const library = join(dirname(fileURLToPath(import.meta.url)), '../../public/library');
const recordings = readdirSync(library).filter((file) => file.endsWith('.om.gz'));
const platform: SourcePlatform = { fetch, now: () => Date.now() / 1000 };
const abort = new AbortController().signal;

/** Recordings share instance names and overlap in time, so each gets a server of its own. */
describe.each(recordings)('%s', (file) => {
  let prometheus: RunningPrometheus;
  let fromFile: Evidence;
  let fromServer: Evidence;

  beforeAll(async () => {
    const path = join(library, file);
    prometheus = await startPrometheus({ recordings: [path] });
    const { text } = await unpack(readFileSync(path));
    const recording = openRecording({ name: file, texts: [text] }, platform);
    const { to } = recording.extent();
    // A start before the first scrape: both must agree on where there is nothing yet.
    const request = { from: Math.floor(to) - 600, to: Math.ceil(to) + 20, selector: '{job="vllm"}', knobs: {} };
    fromFile = await recording.read(request, abort);
    fromServer = await openPrometheus({ url: prometheus.url }, platform).read({ ...request, step: 5 }, abort);
  }, 60_000);
  afterAll(() => prometheus?.stop());

  test('the same grid, window, scrape interval and replicas', () => {
    expect(fromServer.grid).toEqual(fromFile.grid);
    expect(fromServer.window).toBe(fromFile.window);
    expect(fromServer.scrapeInterval).toBe(5);
    expect(fromFile.scrapeInterval).toBe(5);
    expect(fromServer.replicas).toEqual(fromFile.replicas);
    expect(fromServer.warnings).toEqual([]);
  });

  test.each(SIGNALS.map((signal) => signal.id))('%s', (id) => {
    const signal = SIGNALS.find((one) => one.id === id);
    const tolerance = signal?.kind === 'counter' || signal?.kind === 'histogram' ? 1e-6 : 1e-9;
    const server = fromServer.readings[id] as Reading;
    const local = fromFile.readings[id] as Reading;
    expect(server.state).toBe(local.state);
    expect(server.metrics).toEqual(local.metrics);
    expect(server.query).toBe(local.query);
    expect(server.labels).toEqual(local.labels);
    const key = (reading: Reading) => reading.lines.map((line) => `${line.replica} ${line.part}`);
    expect(key(server)).toEqual(key(local));
    server.lines.forEach((line, i) => {
      alike(line.values, local.lines[i]?.values, tolerance, `${line.replica} ${line.part}`);
    });
    expect(server.histograms.length).toBe(local.histograms.length);
    server.histograms.forEach((histogram, i) => {
      const other = local.histograms[i];
      expect(histogram.bounds).toEqual(other?.bounds);
      histogram.cumulative.forEach((values, j) => {
        alike(values, other?.cumulative[j], tolerance, `≤ ${histogram.bounds[j]}`);
      });
      alike(histogram.count, other?.count, tolerance, 'count');
      alike(histogram.sum, other?.sum, tolerance, 'sum');
    });
  });

  test('every signal the recording holds was compared on numbers', () => {
    const found = SIGNALS.filter(({ id }) => fromServer.readings[id]?.state !== 'absent').map(({ id }) => id);
    expect(found.length).toBe(SIGNALS.length - 3); // no GPU exporter in the recordings
    const empty = found.filter((id) => {
      const reading = fromServer.readings[id] as Reading;
      const lines = [...reading.lines.map((line) => line.values), ...reading.histograms.map((h) => h.count)];
      return reading.labels.length === 0 && !lines.flat().some((value) => value !== null);
    });
    expect(empty).toEqual([]);
  });
});

function alike(a: Values, b: Values | undefined, tolerance: number, what: string): void {
  expect(b?.length, what).toBe(a.length);
  a.forEach((x, i) => {
    const y = b?.[i] ?? null;
    const same = x === null || y === null ? x === y : Math.abs(x - y) <= tolerance * Math.max(Math.abs(x), Math.abs(y));
    if (!same) expect.fail(`${what}: step ${i} is ${x} from Prometheus and ${y} from the file`);
  });
}
