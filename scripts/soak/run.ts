import { Random } from '../evaluation/simulator/random.ts';
import { type Fault, FAULTS, type SoakProxy } from './proxy.ts';
import type { Held, Shown, Tab } from './tab.ts';

/** One tick of a run. Times are unix seconds on the page's clock. */
export interface Tick {
  readonly now: number;
  readonly fault: Fault | null;
  /** Requests that began a read, and all. */
  readonly reads: number;
  readonly requests: number;
  readonly shown: Shown;
}

/** What happens besides at a tick. */
export type Incident = 'hide' | 'show' | 'sleep' | 'clock-back' | 'clock-forward';

/** Seconds. */
export interface Troubles {
  /** Between two of them, which take turns. */
  readonly every: number;
  readonly hidden: number;
  readonly asleep: number;
  /** By which the clock is set wrong. */
  readonly wrong: number;
}

const OF_A_DAY: Troubles = { every: 5400, hidden: 600, asleep: 2400, wrong: 600 };

export interface RunOptions {
  readonly tab: Tab;
  readonly proxy: SoakProxy;
  /** Unix seconds on the page's clock at which it ends. */
  readonly to: number;
  /** Seconds between reads. */
  readonly every: number;
  /** Seed of the faults; `null` for none. */
  readonly seed: number | null;
  /** Seconds between two looks at what the tab holds. */
  readonly weigh: number;
  /** What happens besides; that of a day if left out. */
  readonly troubles?: Troubles;
  /** Share of ticks at which a row of spoilt reads begins. */
  readonly faultsBegin?: number;
  readonly tell: (now: number, ticks: number, held: Held) => void;
}

export interface Run {
  readonly ticks: readonly Tick[];
  readonly weighed: readonly (Held & { readonly now: number })[];
  readonly incidents: readonly { readonly now: number; readonly what: Incident; readonly says: string | null }[];
}

/** Share of ticks at which a row of spoilt reads begins, and how many it has at most. */
const BEGINS = 0.03;
const LONGEST = 8;
const KINDS = ['hidden', 'sleep', 'clock'] as const;

/** Lives through a day: tick after tick, with a hidden tab, a laptop that sleeps and a clock that is set by turns. */
export async function run(options: RunOptions): Promise<Run> {
  const { tab, proxy, to, every, seed, weigh, tell, troubles = OF_A_DAY } = options;
  const chance = new Random(seed ?? 0, 'faults');
  const ticks: Tick[] = [];
  const weighed: (Held & { now: number })[] = [];
  const incidents: { now: number; what: Incident; says: string | null }[] = [];
  const from = tab.now;
  let fault: Fault | null = null;
  let left = 0;
  let nextIncident = from + troubles.every;
  let nextWeight = from;
  let kind = 0;

  const tick = async (): Promise<Tick> => {
    if (left > 0) left -= 1;
    else {
      fault = seed !== null && chance.chance(options.faultsBegin ?? BEGINS) ? chance.pick(FAULTS) : null;
      left = fault === null ? 0 : chance.whole(0, LONGEST - 1);
    }
    proxy.break(fault);
    const shown = await tab.tick(every, fault !== null);
    const { reads, requests } = proxy.take();
    const one = { now: tab.now, fault, reads, requests, shown };
    ticks.push(one);
    return one;
  };
  const note = (what: Incident, says: string | null) => incidents.push({ now: tab.now, what, says });

  /** Nothing may be asked while hidden, and the read that follows is not waited for until the next tick. */
  const hide = async () => {
    proxy.break(null);
    await tab.setHidden(true);
    proxy.take();
    await tab.rest(troubles.hidden);
    const { requests } = proxy.take();
    note('hide', requests === 0 ? null : `${requests} requests while hidden`);
    await tab.setHidden(false);
    const woke = await tab.tick(0, false);
    note(
      'show',
      woke.at !== null && woke.at > tab.now - 2 * every ? null : `at ${woke.at} after it was shown at ${tab.now}`,
    );
    proxy.take();
  };
  const jump = async (what: Incident, seconds: number, asleep: boolean) => {
    proxy.break(null);
    await tab.jump(seconds, asleep);
    fault = null;
    left = 0;
    await tab.tick(every, false);
    const woke = await tab.settled();
    proxy.take();
    const right = woke.at !== null && Math.abs(tab.now - woke.at) < 2.5 * every && !woke.failing;
    note(what, right ? null : `at ${woke.at} when it was ${tab.now}`);
  };

  while (tab.now < to) {
    if (tab.now >= nextWeight) {
      const held = await tab.held();
      weighed.push({ now: tab.now, ...held });
      nextWeight += weigh;
      tell(tab.now, ticks.length, held);
    }
    if (tab.now >= nextIncident) {
      nextIncident += troubles.every;
      switch (KINDS[kind++ % KINDS.length]) {
        case 'hidden':
          await hide();
          break;
        case 'sleep':
          await jump('sleep', troubles.asleep, true);
          break;
        default:
          await jump('clock-back', -troubles.wrong, false);
          await jump('clock-forward', troubles.wrong, false);
      }
    }
    await tick();
  }
  weighed.push({ now: tab.now, ...(await tab.held()) });
  return { ticks, weighed, incidents };
}
