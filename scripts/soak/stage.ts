import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPrometheus } from '../../src/testing/prometheus.ts';
import { type Day, writeDay } from './day.ts';
import { type SoakProxy, startProxy } from './proxy.ts';

const LIBRARY = fileURLToPath(new URL('../../public/library', import.meta.url));
/** Sick and healthy by turns, one engine each: the day of one fleet. */
const RECORDINGS = [
  'healthy-steady',
  'kv-thrash-a',
  'healthy-steady',
  'seats',
  'overload',
  'healthy-steady',
  'long-spike-a',
  'kv-bound',
  'healthy-steady',
  'prefix-collapse',
  'stall',
];

/** A real Prometheus that holds a day, and what stands before it. */
export interface Stage {
  readonly day: Day;
  readonly proxy: SoakProxy;
  close(): Promise<void>;
}

/** @param start unix seconds of the first scrape · @param seed decides which of half the requests a proxy spoils */
export async function openStage(start: number, hours: number, every: number, seed: number): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'vllm-triage-soak-'));
  try {
    const day = await writeDay({ library: LIBRARY, recordings: RECORDINGS, start, hours, every, folder });
    const prometheus = await startPrometheus({ recordings: day.files });
    const proxy = await startProxy(prometheus.url, seed);
    return {
      day,
      proxy,
      close: async () => {
        await proxy.close();
        await prometheus.stop();
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
