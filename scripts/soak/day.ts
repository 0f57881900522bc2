import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { formatSample, parseExposition, type ParsedSeries } from '../../src/core/exposition/parse.ts';
import { SIGNALS } from '../../src/core/signals/index.ts';
import { spellingsOf } from '../../src/core/signals/spellings.ts';

/** One recording's place in a day. Unix seconds; `to` is where the next one begins. */
export interface Part {
  readonly recording: string;
  readonly from: number;
  readonly to: number;
}

export interface Day {
  readonly files: readonly string[];
  readonly parts: readonly Part[];
  readonly samples: number;
}

export interface DayOptions {
  /** Folder of the recordings, and their names in the order of the day; it begins anew after the last. */
  readonly library: string;
  readonly recordings: readonly string[];
  /** Unix seconds of the first scrape. */
  readonly start: number;
  readonly hours: number;
  /** Seconds between scrapes; a multiple of the 5 s of the recordings. */
  readonly every: number;
  /** Where the files go. */
  readonly folder: string;
}

const RECORDED_EVERY = 5;
/** Seconds of the day per file: a block of Prometheus, so that promtool reads each file once or twice and no more. */
const FILE_SECONDS = 7200;

/**
 * A day of one engine, sick and healthy by turns, out of recordings: their samples one after the other, with counters that go on
 * counting and one process start throughout, so that where two meet nothing looks like a restart. Written as OpenMetrics, two
 * hours a file. What no signal reads is left out.
 */
export async function writeDay(options: DayOptions): Promise<Day> {
  const { library, recordings, start, hours, every, folder } = options;
  const read = await Promise.all(recordings.map((name) => readRecording(join(library, `${name}.om.gz`), every)));
  const end = start + hours * 3600;
  const totals = new Map<string, number>();
  const parts: Part[] = [];
  const files: string[] = [];
  let lines: string[] = [];
  let samples = 0;
  let until = start + FILE_SECONDS;
  const flush = async () => {
    if (lines.length === 0) return;
    const file = join(folder, `day-${files.length}.om`);
    await writeFile(file, `${lines.join('\n')}\n# EOF\n`);
    files.push(file);
    lines = [];
  };
  let at = start;
  for (let k = 0; at < end; k += 1) {
    const recording = read[k % read.length] as Recording;
    for (const one of recording.series) {
      const before = totals.get(one.key) ?? 0;
      const shift = one.counter ? before - (one.values[0] as number) : 0;
      one.times.forEach((time, i) => {
        const value = one.start ? start - 3600 : (one.values[i] as number) + shift;
        lines.push(formatSample(one.name, one.labels, value, Math.round((at + time) * 1000)));
      });
      samples += one.times.length;
      if (one.counter) totals.set(one.key, (one.values.at(-1) as number) + shift);
    }
    parts.push({ recording: recordings[k % read.length] as string, from: at, to: at + recording.seconds });
    at += recording.seconds;
    if (at >= until) {
      await flush();
      until += FILE_SECONDS;
    }
  }
  await flush();
  return { files, parts, samples };
}

interface Recording {
  readonly seconds: number;
  readonly series: readonly {
    readonly key: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly counter: boolean;
    readonly start: boolean;
    /** Seconds since the first scrape. */
    readonly times: readonly number[];
    readonly values: readonly number[];
  }[];
}

const NAMES: ReadonlySet<string> = new Set(
  SIGNALS.flatMap((signal) => spellingsOf(signal).map(({ metric }) => metric)),
);
const PART = /_(bucket|sum|count)$/;
const COUNTER = /_(total|bucket|sum|count)$/;

async function readRecording(path: string, every: number): Promise<Recording> {
  const { series } = parseExposition(gunzipSync(await readFile(path)).toString('utf8'));
  const wanted = series.filter(({ name }) => NAMES.has(name) || NAMES.has(name.replace(PART, '')));
  const first = Math.min(...wanted.map(({ times }) => times[0] as number));
  const stride = every / RECORDED_EVERY;
  const scrapes = Math.floor(Math.max(...wanted.map(({ times }) => times.length)) / stride) - 1;
  const kept = ({ times, values }: ParsedSeries) => ({
    times: times
      .filter((_, i) => i % stride === 0)
      .slice(0, scrapes)
      .map((ms) => (ms - first) / 1000),
    values: values.filter((_, i) => i % stride === 0).slice(0, scrapes),
  });
  return {
    seconds: scrapes * every,
    series: wanted.map((one) => ({
      key: `${one.name}${JSON.stringify(one.labels)}`,
      name: one.name,
      labels: one.labels,
      counter: COUNTER.test(one.name),
      start: one.name === 'process_start_time_seconds',
      ...kept(one),
    })),
  };
}
