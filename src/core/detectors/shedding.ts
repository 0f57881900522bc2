import { sayDuration, sayShare, sig } from '../base/say.ts';
import type { Judged } from '../evidence/judged.ts';
import type { Stretch } from '../evidence/stretch.ts';
import type { Remedy } from './detector.ts';

/** What the queue limit is worked out from. */
export interface Demand {
  /** Requests arriving and served per second over all replicas; `null` where not known. */
  readonly arrivals: number | null;
  readonly served: number;
  readonly replicas: number;
  readonly verify: string;
  /** How arrivals were had, in brackets: "inferred". */
  readonly source: string;
}

/** Refuse early what cannot start within the target: seats (or what runs) plus what is served in that time (pathologies.md §13, queue caps). */
export function shed(judged: Judged, now: Stretch, demand: Demand): Remedy {
  const { arrivals, served, replicas: n } = demand;
  const load = arrivals !== null && served > 0 ? arrivals / served : null;
  const seats = judged.evidence.knobs['max-num-seqs'] ?? null;
  const queue = Math.max(1, Math.round((served / n) * judged.limits.ttft));
  const running = Math.ceil((now.running ?? 0) / n);
  const cap = (seats ?? running) + queue;
  return {
    title: 'Shed what cannot be served in time',
    knob: 'max-num-queued-reqs',
    from: null,
    to: cap,
    flag: `--max-num-queued-reqs ${cap}`,
    why: `The queue is unbounded, so everybody waits for everybody. Refuse early instead: at most ${cap} in the server.`,
    steps: [
      ...(load === null || arrivals === null
        ? []
        : [
            {
              sum: `${sig(arrivals)}/s arrive (${demand.source}) ÷ ${sig(served)}/s started`,
              result: `load ${sig(load)}`,
            },
          ]),
      {
        sum: `${seats ?? running} ${seats === null ? 'running now' : 'seats'} + ${sig(served / n)}/s × ${sayDuration(judged.limits.ttft)}`,
        result: `${cap} requests`,
      },
    ],
    expect: `Those admitted start within about ${sayDuration(judged.limits.ttft)}; ${load === null || load <= 1 ? 'the rest' : `about ${sayShare(1 - 1 / load)} of arrivals`} get HTTP 503 at once. A limit at the gateway does the same without a restart.`,
    risk: 'Clients must back off: a 503 carries no Retry-After. Needs vLLM 0.29 or newer.',
    verify: demand.verify,
    needsRestart: true,
  };
}
