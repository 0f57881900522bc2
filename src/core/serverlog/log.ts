/** The text of a vLLM server's log → who speaks in it, when, what they were started with, and the series it holds. */
import type { Readout } from '../signals/readout.ts';
import { deathOf } from './deaths.ts';
import { type Life, type Server, serversOf } from './lives.ts';
import { notesOf } from './notes.ts';
import { recordsOf } from './records.ts';
import { readoutsOf, type SeriesOptions } from './series.ts';
import { intervalOf } from './stretches.ts';

export interface LogText {
  /** File name; the server's name where no prefix gives a better one. */
  readonly name: string;
  readonly text: string;
}

export interface ServerLog {
  readonly servers: readonly Server[];
  /** First measured moment and last line, unix seconds; `null` where no line has a time. */
  readonly extent: { readonly from: number; readonly to: number } | null;
  /** Seconds between statistics lines; `null` where there is none. */
  readonly interval: number | null;
  /** Start-up arguments that all servers share, by knob id. */
  readonly knobs: Readonly<Record<string, number>>;
  /** The last error it names, in its words; `null` if it names none. */
  readonly error: string | null;
  /** What the log tells and no signal carries: sentences. */
  readonly notes: readonly string[];
  series(options: Omit<SeriesOptions, 'interval'>): Readout[];
}

/**
 * Reads logs of one or several servers, as one incident.
 * @param now unix seconds: the stamps of vLLM have no year
 */
export function parseServerLog(files: readonly LogText[], now: number): ServerLog {
  const servers = serversOf(files.map(({ name, text }) => ({ name, records: recordsOf(text, now) })));
  const lives = servers.flatMap((server) => server.lives);
  const points = lives.flatMap((life) => [...life.points.values()].flat());
  const seconds = intervalOf(lives);
  // From the first measured moment on; of what died unmeasured, from just before it spoke.
  const starts = points.length > 0 ? points.map(({ at }) => at) : lives.map((life) => life.first ?? Infinity);
  const from = smallest(starts) - seconds;
  const last = -smallest(lives.map((life) => -(life.last ?? -Infinity)));
  const to = nextLineDue(lives, last, seconds);
  const { knobs, differing } = sharedKnobs(servers);
  return {
    servers,
    extent: Number.isFinite(from) && Number.isFinite(to) ? { from, to } : null,
    interval: points.length > 0 ? seconds : null,
    knobs,
    error: lives.flatMap(({ troubles }) => troubles).findLast(({ kind }) => kind !== 'workers-silent')?.words ?? null,
    notes: [
      ...differing.map(
        (id) => `The servers in this log were started with different values of --${id}, so none is assumed.`,
      ),
      ...aggregates(servers),
      ...notesOf(servers, last),
    ],
    series: (options) => readoutsOf(servers, { ...options, interval: seconds }),
  };
}

/**
 * End of the log; where an engine died within the last interval the time at which its next line was due, so that a grid of
 * intervals has a time between the last line and the death.
 */
function nextLineDue(lives: readonly Life[], last: number, interval: number): number {
  const due = lives.flatMap((life) => {
    const death = deathOf(life)?.at ?? null;
    const line = -smallest([...life.points.values()].map((points) => -(points.at(-1)?.at ?? -Infinity)));
    return death !== null && line <= death && line + interval > last ? [line + interval] : [];
  });
  return Math.max(last, ...due);
}

function smallest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

/** A knob speaks for the whole fleet, so servers that differ leave it open. */
function sharedKnobs(servers: readonly Server[]): { knobs: Record<string, number>; differing: string[] } {
  const latest = servers.map((server) => server.lives.at(-1)?.settings.knobs ?? {});
  const knobs: Record<string, number> = {};
  const differing: string[] = [];
  for (const id of new Set(latest.flatMap((one) => Object.keys(one)))) {
    const values = new Set(latest.map((one) => one[id]));
    if (values.size === 1) knobs[id] = [...values][0] as number;
    else if ([...values].filter((value) => value !== undefined).length > 1) differing.push(id);
  }
  return { knobs, differing };
}

/** Lines that speak for several engines at once: sums and a mean, and no engine of them. */
function aggregates(servers: readonly Server[]): string[] {
  return servers.flatMap((server) => {
    const engines = server.lives
      .flatMap((life) => life.points.get('') ?? [])
      .reduce((most, { stats }) => Math.max(most, stats.aggregated ?? 0), 0);
    return engines > 1
      ? [`${server.instance} logs ${engines} engines as one: requests are their sum, KV cache usage is their mean.`]
      : [];
  });
}
