/**
 * Events → lives: one per process, from its start (or the start of the log) to its last line. Lives of one pod, host or file
 * that follow each other are restarts of one server; lives that overlap are servers beside each other.
 */
import { mergeSettings, NO_SETTINGS, type Settings } from './arguments.ts';
import type { LogEvent, Speculation, Statistics, Transfer, TroubleKind } from './events.ts';
import { eventsIn } from './lines.ts';
import type { LogRecord } from './records.ts';

/** A statistics line and what was printed with it. */
export interface Point {
  readonly at: number;
  readonly stats: Statistics;
  speculation: Speculation | null;
  transfer: Transfer | null;
}

export interface Trouble {
  /** Unix seconds; `null` before the first stamp. */
  readonly at: number | null;
  readonly kind: TroubleKind;
  readonly says: string;
  /** As the log has it. */
  readonly words: string;
}

/** An access line. Those without a stamp lie somewhere between two stamped lines. */
export interface Answer {
  readonly after: number;
  /** Time of the next stamped line; equal to `after` where the line has its own stamp, `null` at the end of the log. */
  before: number | null;
  readonly path: string;
  readonly status: number;
}

export interface Life {
  pid: number | null;
  /** First and last stamped line, unix seconds. */
  first: number | null;
  last: number | null;
  /** Whether its beginning is in the log. */
  begun: boolean;
  readonly signs: Set<string>;
  /** It has worked: statistics or answers. */
  served: boolean;
  /** When it was told to end. */
  shutdown: number | null;
  /** When its engine died: what ran on it is gone from there on. */
  died: number | null;
  settings: Settings;
  version: string | null;
  cacheBlocks: number | null;
  /** KV cache in tokens by engine; `''` where the line names none. */
  readonly cacheTokens: Map<string, number>;
  /** Statistics lines by engine, in time. */
  readonly points: Map<string, Point[]>;
  readonly answers: Answer[];
  /** Index of the first answer that waits for the next stamped line. */
  open: number;
  readonly preempted: { readonly at: number; readonly total: number }[];
  readonly troubles: Trouble[];
  aborted: number;
}

/** One server: lives one after the other. */
export interface Server {
  readonly instance: string;
  readonly lives: readonly Life[];
}

/** Statistics and the line that follows on them are written within a second. */
const SAME_MOMENT = 2;
/** A stop and the next start may share a second. */
const TOUCHING = 1;

/** What is known while the lines of one pod, host or file go by. */
interface Place {
  readonly lives: Life[];
  current: Life | null;
  readonly byPid: Map<number, Life>;
}

/** A log somebody handed over, as records. */
export interface RecordedFile {
  readonly name: string;
  readonly records: readonly LogRecord[];
}

/** The servers that speak in these files, by the name of pod or host, else of the file. */
export function serversOf(files: readonly RecordedFile[]): Server[] {
  const places = new Map<string, Place>();
  for (const { name, records } of files) {
    for (const record of records) {
      const key = record.source ?? name;
      const place = places.get(key) ?? { lives: [], current: null, byPid: new Map() };
      places.set(key, place);
      const events = eventsIn(record);
      const life = lifeFor(place, record, events);
      place.current = life;
      touch(life, record);
      for (const event of events) take(life, event, record);
    }
  }
  return [...places].flatMap(([key, { lives }]) => serversAt(key, lives));
}

function lifeFor(place: Place, record: LogRecord, events: readonly LogEvent[]): Life {
  const { pid } = record;
  const front = record.role === 'APIServer';
  const known = pid === null ? undefined : place.byPid.get(pid);
  let life = known ?? place.current;
  // Another API server than the one before, and none we know: it was running before the log begins, or begins here.
  if (front && known === undefined && life !== null && life.pid !== null && life.pid !== pid) life = null;
  const signs = events.flatMap((event) => (event.kind === 'start' ? [event.sign] : []));
  const before = life;
  if (before === null || signs.some((sign) => beginsAnew(before, sign))) {
    life = blankLife(signs.length > 0);
    for (const [key, other] of place.byPid) if (other === before) place.byPid.delete(key);
    place.lives.push(life);
  }
  const found = life as Life;
  for (const sign of signs) {
    found.signs.add(sign);
    found.begun = true;
  }
  if (pid !== null && !place.byPid.has(pid)) place.byPid.set(pid, found);
  if (front && pid !== null) found.pid ??= pid;
  return found;
}

/** A server writes each of these once, before it serves; several API server processes each say that they started. */
function beginsAnew(life: Life, sign: string): boolean {
  if (life.served || life.shutdown !== null) return true;
  return sign !== 'process' && life.signs.has(sign);
}

function blankLife(begun: boolean): Life {
  return {
    pid: null,
    first: null,
    last: null,
    begun,
    signs: new Set(),
    served: false,
    shutdown: null,
    died: null,
    settings: NO_SETTINGS,
    version: null,
    cacheBlocks: null,
    cacheTokens: new Map(),
    points: new Map(),
    answers: [],
    open: 0,
    preempted: [],
    troubles: [],
    aborted: 0,
  };
}

function touch(life: Life, record: LogRecord): void {
  if (!record.stamped || record.at === null) return;
  life.first = life.first === null ? record.at : Math.min(life.first, record.at);
  life.last = life.last === null ? record.at : Math.max(life.last, record.at);
  for (; life.open < life.answers.length; life.open += 1) {
    const answer = life.answers[life.open] as Answer;
    answer.before ??= record.at;
  }
}

function take(life: Life, event: LogEvent, record: LogRecord): void {
  const { at } = record;
  switch (event.kind) {
    case 'statistics':
      life.served = true;
      if (at !== null) addPoint(life, event, at);
      return;
    case 'speculation':
    case 'transfer':
      if (at !== null) attach(life, event, at);
      return;
    case 'start':
      return;
    case 'version':
      life.version = event.version;
      return;
    case 'settings':
      life.settings = mergeSettings(life.settings, event.settings);
      return;
    case 'shutdown':
      life.shutdown ??= at;
      return;
    case 'cache-tokens':
      life.cacheTokens.set(engineOf(record.role), event.tokens);
      return;
    case 'cache-blocks':
      life.cacheBlocks = event.blocks;
      return;
    case 'answer':
      life.served = true;
      if (at === null) return;
      life.answers.push({ after: at, before: record.stamped ? at : null, path: event.path, status: event.status });
      return;
    case 'aborted':
      life.aborted += 1;
      return;
    case 'preempted':
      if (at !== null) life.preempted.push({ at, total: event.total });
      return;
    case 'trouble':
      // What dies after the server was told to end was told to.
      if (life.shutdown !== null) return;
      life.troubles.push({ at, kind: event.trouble, says: event.says, words: event.words });
      if (event.trouble === 'engine-died') life.died ??= at;
      return;
    default:
      event satisfies never;
  }
}

function addPoint(life: Life, stats: Statistics, at: number): void {
  const points = life.points.get(stats.engine) ?? [];
  // Lines out of order, or twice in a paste, say nothing new.
  if ((points.at(-1)?.at ?? -Infinity) >= at) return;
  points.push({ at, stats, speculation: null, transfer: null });
  life.points.set(stats.engine, points);
}

/** To the newest statistics that lack such a line: each engine's follows its own. */
function attach(life: Life, event: Speculation | Transfer, at: number): void {
  let newest: Point | null = null;
  for (const points of life.points.values()) {
    const point = points.at(-1);
    if (!point || point[event.kind] !== null || Math.abs(point.at - at) > SAME_MOMENT) continue;
    if (newest === null || point.at >= newest.at) newest = point;
  }
  if (newest === null) return;
  if (event.kind === 'speculation') newest.speculation = event;
  else newest.transfer = event;
}

/** `EngineCore_DP1` is engine 1. */
function engineOf(role: string): string {
  return /^EngineCore_(?:DP)?(\d{1,5})$/.exec(role)?.[1] ?? '';
}

function serversAt(key: string, lives: readonly Life[]): Server[] {
  const timed = lives.filter((life) => life.first !== null).sort((a, b) => (a.first as number) - (b.first as number));
  const untimed = lives.filter((life) => life.first === null && life.troubles.length > 0);
  const lanes: Life[][] = [];
  for (const life of timed) {
    const lane = lanes.find((one) => (one.at(-1)?.last as number) <= (life.first as number) + TOUCHING);
    if (lane) lane.push(life);
    else lanes.push([life]);
  }
  if (untimed.length > 0) lanes[0] = [...untimed, ...(lanes[0] ?? [])];
  return lanes.map((lane, i) => {
    const pid = lane[0]?.pid ?? null;
    const alone = pid !== null && lanes.filter((other) => other[0]?.pid === pid).length === 1;
    return { instance: lanes.length === 1 ? key : `${key} (${alone ? `pid ${pid}` : i + 1})`, lives: lane };
  });
}
