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
  /** Opens what stands between one page and the Prometheus; closed with the stage. `seed` decides which of half the requests it spoils. */
  proxy(seed: number): Promise<SoakProxy>;
  close(): Promise<void>;
}

/** @param start unix seconds of the first scrape · @param every seconds between two */
export async function openStage(start: number, hours: number, every: number): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'vllm-triage-soak-'));
  try {
    const day = await writeDay({ library: LIBRARY, recordings: RECORDINGS, start, hours, every, folder });
    const prometheus = await startPrometheus({ recordings: day.files });
    const proxies: SoakProxy[] = [];
    return {
      day,
      proxy: async (seed) => {
        const proxy = await startProxy(prometheus.url, seed);
        proxies.push(proxy);
        return proxy;
      },
      close: async () => {
        for (const proxy of proxies) await proxy.close();
        await prometheus.stop();
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
