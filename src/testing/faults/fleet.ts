import { fileURLToPath } from 'node:url';
import { type RunningPrometheus, startPrometheus } from '../prometheus.ts';

/** Recordings of the library a fault is tried on: a calm fleet, and some that are not. */
export const SICK = {
  'kv-thrash-a': { starts: 1795571398.677, primary: 'kv-cache-thrashing' },
  seats: { starts: 1795571936.66, primary: 'seat-ceiling' },
  stall: { starts: 1795572698.703, primary: 'engine-stall' },
} as const;
export type SickName = keyof typeof SICK;
const CALM = { name: 'healthy-steady', starts: 1795572475.491 };

/** Seconds into each recording that are the present: each shows what it is known for, and each goes on for a while. */
const IN = 330;

export interface Fleet {
  /** Base URLs. */
  readonly healthy: string;
  readonly sick: Readonly<Record<SickName, string>>;
  /** A server that holds nothing. */
  readonly empty: string;
  stop(): Promise<void>;
}

/**
 * Real servers, each with a fleet that is in the middle of something.
 * @param now unix seconds that are the present in all of them
 */
export async function startFleet(now: number, names: readonly SickName[] = ['kv-thrash-a']): Promise<Fleet> {
  const started: RunningPrometheus[] = [];
  const start = async (name: string, starts: number): Promise<string> => {
    const recording = fileURLToPath(new URL(`../../../public/library/${name}.om.gz`, import.meta.url));
    const server = await startPrometheus({ recordings: [recording], moved: Math.round(now - IN - starts) });
    started.push(server);
    return server.url;
  };
  const [healthy, empty, ...sick] = await Promise.all([
    start(CALM.name, CALM.starts),
    startPrometheus({ recordings: [] }).then((server) => {
      started.push(server);
      return server.url;
    }),
    ...names.map((name) => start(name, SICK[name].starts)),
  ]);
  return {
    healthy,
    empty,
    sick: Object.fromEntries(names.map((name, i) => [name, sick[i]])) as Record<SickName, string>,
    stop: async () => {
      await Promise.all(started.map((server) => server.stop()));
    },
  };
}
