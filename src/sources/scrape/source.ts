import type { RawPage } from '../../core/escalation/contents.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { SourceError } from '../errors.ts';
import { endFor, enginesIn, extentOf, intervalOf, readStored, type Stored } from '../recording/stored.ts';
import type { ReadRequest, Source, SourcePlatform } from '../source.ts';
import { chooseStep, rateWindow } from '../timing.ts';
import { openMetricsOf, ScrapeLog } from './log.ts';
import { readPage } from './page.ts';
import { type Target, targetsOf } from './target.ts';

export interface ScrapeSettings {
  /** Addresses of /metrics pages, one per replica. */
  readonly urls: readonly string[];
  /** Sent with every request; asked for anew each time, since tokens are renewed. */
  readonly headers?: () => Promise<Readonly<Record<string, string>>>;
  /** Seconds between scrapes; default 5. */
  readonly interval?: number;
  /** Seconds one page may take; default 10, as in Prometheus. */
  readonly timeout?: number;
  /** Seconds of samples kept; default half an hour and the rate window before it. */
  readonly keep?: number;
}

/** Every target read once. */
export interface Round {
  /** Unix milliseconds at which it began. */
  readonly at: number;
  readonly pages: readonly ReadTarget[];
}

export interface ReadTarget {
  readonly target: Target;
  /** `null` if it was read. */
  readonly error: SourceError | null;
}

export interface Scraper extends Source {
  /** Seconds between rounds. */
  readonly interval: number;
  readonly targets: readonly Target[];
  /** Reads every page once and keeps it. A page that is still being read is left to that. Never throws for a page. */
  scrape(abort: AbortSignal): Promise<Round>;
  /** Why there is nothing to read yet, `null` as soon as there is; to be asked after the first round. */
  trouble(): SourceError | null;
  /** What was seen, as a recording; a part of it with `after` (newer only) and `upTo`, unix milliseconds. */
  recording(after?: number, upTo?: number): Generator<string>;
}

const INTERVAL = 5;
const TIMEOUT = 10;
/** Seconds looked back when nothing else is said. */
const RANGE = 1800;
/** Seconds kept before that, so that the first rates have their window. */
const LEAD = 60;
/** Targets named in a sentence. */
const NAMED = 3;

/**
 * Scrapes /metrics pages itself. Nothing is sent before the first `scrape`; whoever opens it calls that every `interval`, and
 * `read` evaluates what was seen, as Prometheus would have. `read` scrapes once by itself where nobody has.
 * @throws SourceError 'unreachable' for an address that is none. `read` throws what went wrong while no page was ever read,
 * and 'empty' if the pages hold no vLLM metric; a page that fails later is `up` at 0 and a warning.
 */
export function openScrape(settings: ScrapeSettings, platform: SourcePlatform): Scraper {
  const { interval = INTERVAL, timeout = TIMEOUT, keep = RANGE + LEAD } = settings;
  const targets = targetsOf(settings.urls);
  const log = new ScrapeLog(keep);
  const reading = new Set<Target>();
  const failing = new Map<Target, SourceError>();
  const last = new Map<Target, RawPage>();
  const label = targets.map((target) => target.label).join(', ');
  let first: Promise<Round> | null = null;

  const scrapeOne = async (target: Target, at: number, abort: AbortSignal): Promise<ReadTarget> => {
    reading.add(target);
    try {
      const headers = (await settings.headers?.()) ?? {};
      // Asked for again as long as a page may be on its way: samples of one round arrive one after the other.
      const after = log.newest === null ? null : log.newest - timeout * 1000;
      const { parsed, text } = await readPage(target, { headers, timeout }, after, platform, abort);
      if (target.history) log.addHistory(parsed);
      else {
        log.add({ labels: target.labels, timeMs: at, took: platform.now() - at / 1000, parsed });
        last.set(target, { name: target.label, text, at: at / 1000 });
      }
      failing.delete(target);
      return { target, error: null };
    } catch (thrown) {
      const error = thrown instanceof SourceError ? thrown : new SourceError('unreadable', messageOf(thrown));
      if (abort.aborted) return { target, error };
      if (!target.history)
        log.add({ labels: target.labels, timeMs: at, took: platform.now() - at / 1000, parsed: null });
      failing.set(target, error);
      return { target, error };
    } finally {
      reading.delete(target);
    }
  };

  const scrape = async (abort: AbortSignal): Promise<Round> => {
    const at = Math.round(platform.now() * 1000);
    const idle = targets.filter((target) => !reading.has(target));
    return { at, pages: await Promise.all(idle.map((target) => scrapeOne(target, at, abort))) };
  };

  const read = async (request: ReadRequest, abort: AbortSignal): Promise<Evidence> => {
    if (abort.aborted) throw new SourceError('aborted', 'The read was called off.');
    if (enginesIn(log.store).length === 0) {
      await first;
      if (abort.aborted) {
        first = null;
        throw new SourceError('aborted', 'The read was called off.');
      }
      const none = whyNothing(targets, log, failing);
      if (none) throw none;
    }
    return readLog(storedOf(log, label, interval, targets, failing), request, platform.now());
  };

  return {
    kind: 'metrics',
    label,
    interval,
    targets,
    scrape: (abort) => {
      const round = scrape(abort);
      first ??= round;
      return round;
    },
    read: async (request, abort) => {
      first ??= scrape(abort);
      return read(request, abort);
    },
    // In the order of the addresses. What somebody else has scraped came as samples, without its pages.
    pages: async () => targets.flatMap((target) => last.get(target) ?? []),
    trouble: () => whyNothing(targets, log, failing),
    recording: (after, upTo) => openMetricsOf(log.store, after, upTo),
  };
}

/** Why there is nothing to judge: what the first page says that failed, or that the pages are of something else. */
function whyNothing(
  targets: readonly Target[],
  log: ScrapeLog,
  failing: ReadonlyMap<Target, SourceError>,
): SourceError | null {
  if (enginesIn(log.store).length > 0) return null;
  const error = targets.map((target) => failing.get(target)).find((one) => one !== undefined);
  if (error) return error;
  const seen = [...log.store.metrics.keys()].filter((name) => name !== 'up' && !name.startsWith('scrape_'));
  const found = seen.length > 0 ? `found ${seen.slice(0, 3).join(', ')}` : 'found nothing';
  return new SourceError(
    'empty',
    `${targets.map(({ label }) => label).join(', ')} holds no vLLM metric; expected names like vllm:num_requests_running, ${found}.`,
  );
}

function storedOf(
  log: ScrapeLog,
  label: string,
  interval: number,
  targets: readonly Target[],
  failing: ReadonlyMap<Target, SourceError>,
): Stored {
  const { store } = log;
  const since = new Map<string, number>();
  for (const { labels, times } of store.metrics.get('up') ?? [])
    if (labels.instance) since.set(labels.instance, (times[0] as number) / 1000);
  const messages = targets.flatMap((target) => failing.get(target)?.message ?? []);
  const more = messages.length - NAMED;
  const warnings = [...messages.slice(0, NAMED), ...(more > 0 ? [`${more} further pages cannot be read.`] : [])];
  return {
    store,
    kind: 'metrics',
    label,
    extent: extentOf(store),
    interval: intervalOf(store) ?? interval,
    warnings,
    since,
  };
}

/**
 * The range asked for, with its ends as times, and a rate window no longer than what was seen. A live end stays on a lattice,
 * so that the next read continues this one.
 */
function readLog(stored: Stored, request: ReadRequest, now: number): Evidence {
  const { extent, interval } = stored;
  const range = request.range ?? RANGE;
  const rough = typeof request.to === 'number' ? request.to : now;
  const step = chooseStep(typeof request.from === 'number' ? rough - request.from : range, interval, request.step);
  const live = Math.floor(rough / step + 1e-9) * step;
  const to =
    typeof request.to === 'number' ? request.to : request.to === 'now' && live >= extent.from ? live : endFor(extent);
  const from = typeof request.from === 'number' ? request.from : Math.max(to - range, Math.min(to, extent.from));
  const seen = Math.ceil(Math.max(to - extent.from, interval ?? 0));
  const window = Math.min(rateWindow(interval, step), seen);
  return readStored({ ...stored, window }, { ...request, from, to, step });
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
