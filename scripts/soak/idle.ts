import { readdir, readFile } from 'node:fs/promises';
import { openUndriven } from '../tools/undriven.ts';
import type { SoakProxy } from './proxy.ts';

/** Processor time of a tab nobody touches, in seconds per second of one core. */
export interface Idle {
  readonly seconds: number;
  /** The processes that run pages with their workers, the one that paints, and everything else of the browser. */
  readonly renderer: number;
  readonly gpu: number;
  readonly rest: number;
  readonly reads: number;
  /** In all: a read that finds nothing new asks two, one that does less than ten. */
  readonly requests: number;
}

export interface IdleOptions {
  readonly app: string;
  readonly proxy: SoakProxy;
  readonly seconds: number;
  /** Pixels of the window: as tall as what is to be in sight. */
  readonly width: number;
  readonly height: number;
}

/** Seconds left to the page until it is idle: caches warm, code compiled, of which the browser does most when it runs often. */
const SETTLE = 90;
/** Of what /proc counts processor time in: sysconf(_SC_CLK_TCK), a hundred on every Linux there is. */
const TICKS = 100;

/**
 * Real time, a live tab in sight, and nobody who drives the browser. What its processes used is what the system says (Linux).
 * @throws an Error if there is no Chromium, or the page asks nothing
 */
export async function measureIdle({ app, proxy, seconds, width, height }: IdleOptions): Promise<Idle> {
  const address = `${app}/?prometheus=${encodeURIComponent(proxy.url)}&live=5s`;
  const { folder, close } = await openUndriven(address, { width, height });
  try {
    await sleep(SETTLE);
    const asked = proxy.take();
    if (asked.reads === 0) throw new Error(`The page did not read within ${SETTLE} s.`);
    const [before, began] = [await usedBy(folder), performance.now()];
    await sleep(seconds);
    const [after, took] = [await usedBy(folder), (performance.now() - began) / 1000];
    const { reads, requests } = proxy.take();
    const share = (kind: keyof Used) => (after[kind] - before[kind]) / took;
    return { seconds: took, renderer: share('renderer'), gpu: share('gpu'), rest: share('rest'), reads, requests };
  } finally {
    await close();
  }
}

/** Seconds of processor time. */
type Used = Record<'renderer' | 'gpu' | 'rest', number>;

/** What all processes used whose command line names the folder, each of a browser's does. */
async function usedBy(folder: string): Promise<Used> {
  const used: Used = { renderer: 0, gpu: 0, rest: 0 };
  for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const [command, stat] = await Promise.all(
      ['cmdline', 'stat'].map((file) => readFile(`/proc/${id}/${file}`, 'utf8').catch(() => '')),
    );
    if (!command?.includes(folder) || !stat) continue;
    // After the name in brackets, which may hold anything: state is the first, user and system time the twelfth and thirteenth.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const kind = command.includes('--type=renderer') ? 'renderer' : command.includes('--type=gpu') ? 'gpu' : 'rest';
    used[kind] += (Number(fields[11]) + Number(fields[12])) / TICKS;
  }
  return used;
}

const sleep = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1000));
