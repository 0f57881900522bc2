import { formatSample, type Parsed } from '../../core/exposition/parse.ts';
import type { SeriesStore, StoredSeries } from '../../core/exposition/store.ts';

export type Labels = Readonly<Record<string, string>>;

/** One page of one target, as it was read. */
export interface ScrapedPage {
  /** What a scraper adds where a series does not say it: `instance`, `job`. */
  readonly labels: Labels;
  /** When it was asked for, unix milliseconds. */
  readonly timeMs: number;
  /** Seconds until it was there, or until it was given up. */
  readonly took: number;
  /** `null` if it could not be read. */
  readonly parsed: Parsed | null;
}

/** Samples kept: those of the last so many seconds before the newest. */
const KEEP = 1800;
/** Part of the time kept after which old samples are thrown away: often enough for memory, rarely enough for time. */
const SWEEP = 0.05;
/** Series in unix time that say when another series began, one per series; nothing asks for them. */
const CREATED = /_created$/;

interface Kept {
  readonly name: string;
  readonly labels: Labels;
  readonly times: number[];
  readonly values: number[];
}

/**
 * What scraping has seen, as Prometheus would have stored it: each page under the labels of its target, with `up` and
 * `scrape_duration_seconds` beside it. A target that cannot be read leaves a gap and `up` at 0, whatever the others do.
 * Memory is bounded by the time kept: what is older goes, and with it series that ended.
 */
export class ScrapeLog {
  readonly #keepMs: number;
  readonly #series = new Map<string, Kept>();
  #store: SeriesStore | null = null;
  #newest = -Infinity;
  #sweptAt = -Infinity;

  /** @param keep seconds; `Infinity` keeps all */
  constructor(keep = KEEP) {
    this.#keepMs = keep * 1000;
  }

  /** Takes a page. Of two at one time the first stands, and a page older than the last of its target says nothing new. */
  add({ labels, timeMs, took, parsed }: ScrapedPage): void {
    this.#push(this.#seriesOf('up', labels), timeMs, parsed === null ? 0 : 1);
    this.#push(this.#seriesOf('scrape_duration_seconds', labels), timeMs, took);
    if (parsed !== null) this.#take(parsed, labels, timeMs);
    this.#sweep();
  }

  /** Takes what somebody else has scraped: samples with their own times, `up` among them. */
  addHistory(parsed: Parsed): void {
    this.#take(parsed, {}, null);
    this.#sweep();
  }

  /** Everything kept, for as long as nothing is added. */
  get store(): SeriesStore {
    if (this.#store !== null) return this.#store;
    const metrics = new Map<string, StoredSeries[]>();
    for (const { name, labels, times, values } of this.#series.values()) {
      if (times.length === 0) continue;
      const list = metrics.get(name);
      if (list) list.push({ labels, times, values });
      else metrics.set(name, [{ labels, times, values }]);
    }
    this.#store = { metrics, untimed: 0 };
    return this.#store;
  }

  /** Unix milliseconds of the newest sample, `null` before the first. */
  get newest(): number | null {
    return Number.isFinite(this.#newest) ? this.#newest : null;
  }

  #take(parsed: Parsed, labels: Labels, timeMs: number | null): void {
    for (const { name, labels: own, times, values } of parsed.series) {
      if (CREATED.test(name)) continue;
      const series = this.#seriesOf(name, { ...labels, ...own });
      for (let i = 0; i < times.length; i += 1) {
        const time = Number.isNaN(times[i]) ? timeMs : (times[i] as number);
        if (time !== null) this.#push(series, time, values[i] as number);
      }
    }
  }

  #seriesOf(name: string, labels: Labels): Kept {
    const key = `${name}${JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
    const known = this.#series.get(key);
    if (known) return known;
    const series = { name, labels, times: [], values: [] };
    this.#series.set(key, series);
    return series;
  }

  #push({ times, values }: Kept, time: number, value: number): void {
    if (time <= (times.at(-1) ?? -Infinity)) return;
    times.push(time);
    values.push(value);
    this.#newest = Math.max(this.#newest, time);
    this.#store = null;
  }

  #sweep(): void {
    if (this.#newest - this.#sweptAt < SWEEP * this.#keepMs) return;
    this.#sweptAt = this.#newest;
    const oldest = this.#newest - this.#keepMs;
    for (const [key, { times, values }] of this.#series) {
      let old = 0;
      while (old < times.length && (times[old] as number) < oldest) old += 1;
      times.splice(0, old);
      values.splice(0, old);
      if (times.length === 0) this.#series.delete(key);
    }
  }
}

/**
 * A store as OpenMetrics text that opens as a recording with the same evidence: one chunk per series, sorted by name, without TYPE lines, since pages of several servers may disagree and nobody who reads it needs them.
 * `# EOF` where there is no `upTo`: a part is not the end. Unix milliseconds; samples up to `after` and beyond `upTo` are left out.
 */
export function* openMetricsOf(store: SeriesStore, after = -Infinity, upTo?: number): Generator<string> {
  const last = upTo ?? Infinity;
  const names = [...store.metrics.keys()].sort();
  for (const name of names) {
    for (const { labels, times, values } of store.metrics.get(name) ?? []) {
      let text = '';
      for (
        let i = times.findIndex((time) => time > after);
        i >= 0 && i < times.length && (times[i] as number) <= last;
        i += 1
      )
        text += `${formatSample(name, labels, values[i] as number, times[i] as number)}\n`;
      if (text !== '') yield text;
    }
  }
  if (upTo === undefined) yield '# EOF\n';
}
