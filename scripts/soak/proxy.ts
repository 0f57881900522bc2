import { type Act, type Exchange, pass, startFaultProxy } from '../../src/testing/faults/proxy.ts';
import { answers, noData, reset, resetHalfway } from '../../src/testing/faults/acts.ts';
import { Random } from '../evaluation/simulator/random.ts';

/** What goes wrong with every answer of a tick, or with half of them. */
export type Fault = 'refused' | 'cut' | '503' | '429' | 'html' | 'empty' | 'half';

export const FAULTS: readonly Fault[] = ['refused', 'cut', '503', '429', 'html', 'empty', 'half'];

/** What was asked since the last time somebody looked. */
export interface Traffic {
  /** Requests that came, and those of them that were spoilt. */
  readonly requests: number;
  readonly spoilt: number;
  /** Requests that begin a read: which names exist in scope. */
  readonly reads: number;
}

export interface SoakProxy {
  readonly url: string;
  /** What goes wrong from now on; `null` for nothing. */
  break(fault: Fault | null): void;
  /** Counts since the last call, and starts counting anew. */
  take(): Traffic;
  /** Requests since the last `take`. */
  readonly asked: number;
  /** Requests under way. */
  readonly underWay: number;
  /** Unix milliseconds at which a request last began or ended. */
  readonly movedAt: number;
  close(): Promise<void>;
}

const SPOILT: Readonly<Record<Exclude<Fault, 'half'>, Act>> = {
  refused: reset,
  cut: resetHalfway,
  503: answers(503, 'busy'),
  429: answers(429, 'busy'),
  html: answers(200, '<!doctype html><title>Sign in</title>', 'text/html'),
  empty: noData,
};

/**
 * Stands between the page and its Prometheus: counts, and spoils answers when told to. Which of half the requests fail follows
 * from the seed alone.
 */
export async function startProxy(target: string, seed: number): Promise<SoakProxy> {
  const proxy = await startFaultProxy();
  const place = proxy.place('day', target);
  const random = new Random(seed, 'half');
  let fault: Fault | null = null;
  let counts = { requests: 0, spoilt: 0, reads: 0 };
  let movedAt = Date.now();
  place.act((exchange) => {
    counts.requests += 1;
    if (beginsRead(exchange)) counts.reads += 1;
    movedAt = Date.now();
    exchange.response.once('close', () => (movedAt = Date.now()));
    const now = fault === 'half' ? (random.chance(0.5) ? '503' : null) : fault;
    if (now === null) return pass(exchange);
    counts.spoilt += 1;
    return SPOILT[now](exchange);
  });
  return {
    url: place.url,
    break: (next) => {
      fault = next;
    },
    take: () => {
      const taken = counts;
      counts = { requests: 0, spoilt: 0, reads: 0 };
      return taken;
    },
    get asked() {
      return counts.requests;
    },
    get underWay() {
      return place.open;
    },
    get movedAt() {
      return movedAt;
    },
    close: () => proxy.close(),
  };
}

/** A read asks first which names there are in its range, of all levels at once. */
function beginsRead({ path, params }: Exchange): boolean {
  return path === 'label/__name__/values' && params.has('start') && params.getAll('match[]').length > 1;
}
