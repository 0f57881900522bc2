import { stepsIn, timeAt } from '../../base/grid.ts';
import { coveredBy, type Departure, departuresOf, leftEmpty } from '../../evidence/departures.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { fleetLine } from '../../evidence/lines.ts';
import { type LoggedEnd, loggedEndsOf } from '../../evidence/logged.ts';

/** One process: all engines behind one target come and go together. */
export interface Host {
  readonly instance: string;
  readonly engines: readonly Engine[];
  readonly departures: readonly Departure[];
  /** Restarts kube-state-metrics counted within the window; `null` without it. */
  readonly counted: number | null;
  /** Ends of its processes that its log tells of, in order. */
  readonly logged: readonly LoggedEnd[];
  /** Share of GPU memory it reserves, from its configuration label; `null` if not told. */
  readonly utilisation: number | null;
}

/** A process that ended: proven by its log or a new start time, or evident from refused scrapes with work on it. */
export interface End {
  readonly host: Host;
  readonly departure: Departure;
  readonly proven: boolean;
  /** What its log says of it; `null` where no log does. */
  readonly logged: LoggedEnd | null;
  /** Requests cut off on all engines of the host. */
  readonly lost: number;
  /** Nothing was on it and somebody else served meanwhile, so nobody was hurt: planned, or as good as planned. */
  readonly quiet: boolean;
}

/** Failed scrapes and seconds before a refused target counts as gone: one refused scrape may be a hiccup of the network. */
const REFUSALS = 2;
const REFUSED_FOR = 8;
/** vLLM is never back sooner: imports, weights and warm-up alone take this long (measured: 55 s with a tiny model). */
const SOONEST_START = 20;
/** Requests that would have come meanwhile and make an outage of an empty fleet felt. */
const MISSED = 3;

export function hostsOf(judged: Judged): Host[] {
  const instances = [...new Set(judged.engines.map((e) => e.trace.replica.instance))];
  return instances.map((instance) => {
    const engines = judged.engines.filter((e) => e.trace.replica.instance === instance);
    const one = engines[0] as Engine;
    const restarts = fleetLine(
      judged.evidence,
      'container-restarts',
      engines.map((e) => e.id),
    );
    return {
      instance,
      engines,
      departures: departuresOf(judged, one.trace),
      logged: loggedEndsOf(judged, one),
      utilisation: utilisationOf(judged, one),
      counted: restarts ? Math.round(restarts.reduce<number>((sum, r) => sum + (r ?? 0), 0) * judged.grid.step) : null,
    };
  });
}

function utilisationOf(judged: Judged, engine: Engine): number | null {
  const labels = judged.evidence.readings['cache-config']?.labels.find((l) => l.replica === engine.id)?.labels;
  const share = Number(labels?.gpu_memory_utilization ?? 'NaN');
  return share > 0 && share <= 1 ? share : null;
}

/** @returns all ends of processes within the window, in order of time. */
export function endsOf(judged: Judged, hosts: readonly Host[]): End[] {
  const out: End[] = [];
  for (const host of hosts) {
    const others = hosts.filter((h) => h !== host).flatMap((h) => h.engines.map((e) => e.trace));
    const told = absencesOf(judged, host);
    for (const { departure, logged } of told) {
      const covered = coveredBy(others, judged.grid, departure);
      const missed = covered ? 0 : departure.flow * host.engines.length * departure.seconds;
      const proven = departure.restarted === true || logged !== null;
      if (!proven && !isGone(judged, hosts, host, departure, missed)) continue;
      const lost = host.engines.reduce(
        (sum, e) => sum + (e.trace.running?.[departure.last] ?? 0) + (e.trace.waiting?.[departure.last] ?? 0),
        0,
      );
      const quiet = logged === null && lost < 0.5 && leftEmpty(departure) && missed < MISSED;
      out.push({ host, departure, proven, logged, lost, quiet });
    }
  }
  return out.sort((a, b) => a.departure.at - b.departure.at);
}

/**
 * The departures of a host, each with the end its log tells of; and the ends nobody saw it leave for, since it died again, or
 * for good, before it served.
 */
function absencesOf(
  judged: Judged,
  { departures, logged }: Host,
): { readonly departure: Departure; readonly logged: LoggedEnd | null }[] {
  const until = (departure: Departure) => departure.back ?? judged.grid.count;
  const first = (departure: Departure) =>
    logged.find(({ from }) => from >= departure.from && from < until(departure)) ?? null;
  const seen = departures.map((departure) => ({ departure, logged: first(departure) }));
  const unseen = logged.filter((one) => !seen.some((other) => other.logged === one));
  return [...seen, ...unseen.map((one) => ({ departure: unseenDeparture(judged, departures, one), logged: one }))];
}

function unseenDeparture(judged: Judged, departures: readonly Departure[], { from }: LoggedEnd): Departure {
  const around = departures.find((d) => from >= d.from && from < (d.back ?? judged.grid.count));
  const back = around?.back ?? null;
  const at = timeAt(judged.grid, from) - judged.grid.step / 2;
  return {
    last: from - 1,
    from,
    back,
    at,
    seconds: timeAt(judged.grid, back ?? judged.end) - timeAt(judged.grid, from),
    absence: 'failed',
    load: null,
    flow: 0,
    restarted: null,
  };
}

/** Gone without a new start time to prove it: refused at once, for long enough, with work on it or in front of it. */
function isGone(judged: Judged, hosts: readonly Host[], host: Host, departure: Departure, missed: number): boolean {
  if (departure.restarted === false || departure.absence !== 'refused') return false;
  const until = departure.back ?? judged.grid.count;
  if (until - departure.from < REFUSALS || (until - departure.from) * judged.grid.step < REFUSED_FOR) return false;
  if (departure.back !== null && departure.seconds < SOONEST_START) return false;
  if ((departure.load ?? 0) < 1 && missed < MISSED) return false;
  return (host.counted ?? 0) > 0 || !allAtOnce(judged, hosts, departure);
}

/** Every target of several fails from one scrape to the next: rather a token, a network policy or a route than so many crashes. */
function allAtOnce(judged: Judged, hosts: readonly Host[], departure: Departure): boolean {
  if (hosts.length < 2) return false;
  const near = Math.ceil(Math.max(judged.evidence.scrapeInterval ?? 0, judged.grid.step) / judged.grid.step);
  return hosts.every((h) =>
    h.departures.some((d) => Math.abs(d.from - departure.from) <= near && d.restarted !== true),
  );
}

/**
 * Restarts that only kube-state-metrics saw, as of a container that dies before it ever answers. A count that moves while the
 * process goes on is a sidecar's.
 */
export function countedOnly(host: Host, seen: number): number {
  return host.counted !== null && host.departures.length > 0 ? Math.max(0, host.counted - seen) : 0;
}

/** Seconds between the return of one replica and the departure of the next in a rollout; crashes keep no such time. */
const ROLLOUT_PAUSE = 180;

/** Each host ended once at most, the next soon after the one before was back: how a rollout goes. */
export function oneAfterAnother(judged: Judged, ends: readonly End[]): boolean {
  if (new Set(ends.map((e) => e.host)).size !== ends.length || ends.length < 2) return false;
  return ends.every((end, i) => {
    const before = ends[i - 1]?.departure;
    if (before === undefined) return true;
    if (before.back === null || before.back > end.departure.from) return false;
    return (end.departure.from - before.back) * judged.grid.step <= ROLLOUT_PAUSE;
  });
}

/** Whether the host is away because of this end at a grid index. */
export function awayAt(end: End, i: number): boolean {
  return i >= end.departure.from && (end.departure.back === null || i < end.departure.back);
}

/** Seconds since the host of this end answered again; 0 while it is away. */
export function secondsBack(judged: Judged, end: End, i: number): number {
  return end.departure.back === null
    ? 0
    : Math.max(0, timeAt(judged.grid, i) - timeAt(judged.grid, end.departure.back));
}

/** Grid indices of the two minutes before an end. */
export function justBefore(judged: Judged, end: End): readonly [number, number] {
  return [Math.max(0, end.departure.last - stepsIn(judged.grid, 120) + 1), end.departure.last];
}
