import { sayDuration } from '../core/base/say.ts';
import type { Round, Scraper } from '../sources/scrape/source.ts';
import { pause } from './pause.ts';

export interface Scraping {
  /** Seconds from the first round to the last. */
  readonly seconds: number;
  /** Ends it early; what was read until then stays. */
  readonly stop: AbortSignal;
  /** Called when a round is over, one call after the other: no page brings a sample of this time or before any more. Unix milliseconds. */
  readonly onSettled?: (upTo: number) => Promise<void>;
}

/**
 * Scrapes at a steady pace, whether or not a page is slow, and says on stderr how it goes: a line that is rewritten on a
 * terminal, else the start and what fails, each once.
 * @throws SourceError of the first page if the first round reads none: waiting would not mend an address; whatever `onSettled` throws
 */
export async function scrapeFor(scraper: Scraper, { seconds, stop, onSettled }: Scraping): Promise<void> {
  const { interval, targets } = scraper;
  const rounds = Math.max(2, Math.floor(seconds / interval + 1e-9) + 1);
  const say = progress(process.stderr);
  const pages = targets.length === 1 ? '1 page' : `${targets.length} pages`;
  say.line(`reading ${pages} every ${sayDuration(interval)} for ${sayDuration(seconds)}`);
  const started = performance.now();
  const hopeless = new AbortController();
  const ended = AbortSignal.any([stop, hopeless.signal]);
  // A page that was begun is finished: half a page is of no use to anybody.
  const whole = new AbortController().signal;
  const told = (round: Round, n: number) => {
    const errors = round.pages.flatMap(({ error }) => error ?? []);
    // Whoever catches it says it.
    if (n === 0 && errors.length === round.pages.length) return hopeless.abort(errors[0]);
    for (const { message } of errors) say.once(message);
  };
  const under: Promise<void>[] = [];
  // When the rounds began that are still under way; a page that hangs holds back what the others brought since.
  const open = new Set<number>();
  let settled = Promise.resolve();
  const settle = (began: number) => {
    open.delete(began);
    const upTo = Math.min(Date.now(), ...[...open].map((other) => other - 1));
    settled = settled.then(() => onSettled?.(upTo));
    return settled;
  };
  try {
    for (let n = 0; n < rounds; n += 1) {
      await pause(n * interval - (performance.now() - started) / 1000, ended);
      if (ended.aborted) break;
      const began = Date.now();
      open.add(began);
      under.push(
        scraper
          .scrape(whole)
          .then((round) => {
            told(round, n);
            return hopeless.signal.aborted ? undefined : settle(began);
          })
          // Going on would measure for nobody.
          .catch((error: unknown) => hopeless.abort(error)),
      );
      say.state(`round ${n + 1} of ${rounds}`);
    }
    await Promise.all(under);
  } finally {
    say.end();
  }
  if (hopeless.signal.aborted) throw hopeless.signal.reason;
}

/**
 * Scrapes every interval until stopped. A round that is slow is left behind by the next.
 * @returns when the first round is over, whatever it brought
 */
export async function keepScraping(scraper: Scraper, stop: AbortSignal): Promise<void> {
  const timer = setInterval(() => void scraper.scrape(stop), scraper.interval * 1000);
  stop.addEventListener('abort', () => clearInterval(timer));
  await scraper.scrape(stop);
}

/** What is told on the way. */
function progress(stream: NodeJS.WriteStream) {
  const said = new Set<string>();
  let open = false;
  const line = (text: string) => {
    if (open) stream.write('\r\x1b[K');
    open = false;
    stream.write(`${text}\n`);
  };
  return {
    line,
    once: (text: string) => {
      if (said.has(text)) return;
      said.add(text);
      line(text);
    },
    state: (text: string) => {
      if (!stream.isTTY) return;
      stream.write(`\r\x1b[K${text}`);
      open = true;
    },
    end: () => {
      if (open) stream.write('\r\x1b[K');
      open = false;
    },
  };
}
