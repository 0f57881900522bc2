import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { access, rename, rm } from 'node:fs/promises';
import { constants, createGzip, type Gzip } from 'node:zlib';
import { Command } from 'commander';
import { sayDuration } from '../core/base/say.ts';
import { SourceError } from '../sources/errors.ts';
import { scrapeAdvice } from '../sources/scrape/advice.ts';
import { openScrape, type Scraper } from '../sources/scrape/source.ts';
import { EXIT } from './exit.ts';
import { readHeaders, type TypedHeaders } from './headers.ts';
import { scrapeFor } from './scraping.ts';
import { collectHeader, collectText, parseDuration } from './values.ts';

interface Options {
  readonly metrics: readonly string[];
  readonly for: number;
  readonly interval: number;
  readonly out: string;
  readonly force: boolean;
  readonly header: TypedHeaders;
}

/** Milliseconds after which the samples of somebody else's round have arrived, who gives a page ten seconds. */
const HISTORY_MS = 12_000;

/** @param done is told the exit code */
export function recordCommand(done: (exit: number) => void): Command {
  return new Command('record')
    .description('scrape /metrics pages into a recording')
    .requiredOption('--metrics <url>', 'a /metrics page; repeatable, one per replica', collectText, [])
    .option('--for <duration>', 'how long to record', parseDuration, 600)
    .option('--interval <duration>', 'between two scrapes', parseDuration, 5)
    .requiredOption('--out <file>', 'OpenMetrics with timestamps; packed if it ends in .gz')
    .option('--force', 'replace a file that is there', false)
    .option(
      '--header <header>',
      "sent with every scrape, 'NAME: VALUE'; @FILE reads the value from a file, $NAME from the environment; repeatable",
      collectHeader,
      {},
    )
    .addHelpText(
      'after',
      '\nCtrl-C ends it early and keeps what was measured.\n\nExample:\n  vllm-triage record --metrics http://vllm-0:8000/metrics --for 10m --out incident.om.gz\n  vllm-triage diagnose --recording incident.om.gz',
    )
    .action(async (_: unknown, command: Command) => done(await act(command.opts<Options>())));
}

async function act(options: Options): Promise<number> {
  const { out, force } = options;
  for (const file of [out, partOf(out)])
    if (!force && (await exists(file)))
      return complain(`${file} is there already; choose another name, or give --force`);
  const stop = new AbortController();
  const end = () => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    const scraper = openScrape(
      {
        urls: options.metrics,
        interval: options.interval,
        // What was written is not needed again.
        keep: Math.max(60, 3 * options.interval),
        headers: () => readHeaders(options.header, process.env),
      },
      { fetch: globalThis.fetch, now: () => Date.now() / 1000 },
    );
    const { samples, seconds } = await record(scraper, options, stop.signal);
    process.stderr.write(`${samples.toLocaleString('en')} samples in ${sayDuration(seconds)} written to ${out}\n`);
    return EXIT.healthy;
  } catch (error) {
    if (!(error instanceof SourceError)) return complain(error instanceof Error ? error.message : String(error));
    const { title, todo, line } = scrapeAdvice(error.problem, { url: options.metrics[0] ?? '' });
    return complain(`${error.message}\n  ${title}: ${todo}${line === null ? '' : `\n  ${line}`}`);
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
  }
}

interface Written {
  readonly samples: number;
  /** From the first sample to the last. */
  readonly seconds: number;
}

/**
 * Writes every round as soon as it is complete, so that memory stays small and whatever ends it leaves what was measured: the file grows under a name of
 * its own, `FILE.part`, which opens as a recording too, and takes its name when it is whole. It is in order of time, therefore,
 * where OpenMetrics wants one metric after the other; `promtool` and this program read both.
 */
async function record(scraper: Scraper, options: Options, stop: AbortSignal): Promise<Written> {
  const part = partOf(options.out);
  const file = new RecordingWriter(part, options.out.endsWith('.gz'));
  const started = Date.now();
  let samples = 0;
  let written = -Infinity;
  const write = async (upTo: number) => {
    const text = [...scraper.recording(written, upTo)].join('');
    samples += text.split('\n').length - 1;
    if (text !== '') await file.write(text);
    written = upTo;
  };
  try {
    const late = scraper.targets.some((target) => target.history) ? HISTORY_MS : 0;
    await scrapeFor(scraper, { seconds: options.for, stop, onSettled: (upTo) => write(upTo - late) });
    await write(Infinity);
    await file.end('# EOF\n');
  } catch (error) {
    await file.end('').catch(() => {});
    if (samples > 0) process.stderr.write(`what was measured until then is in ${part}\n`);
    else await rm(part, { force: true });
    throw error;
  }
  await rename(part, options.out);
  return { samples, seconds: Math.min(options.for, (Date.now() - started) / 1000) };
}

/** Where a recording grows until it is whole; one that is left over opens as a recording. */
function partOf(out: string): string {
  return `${out}.part`;
}

/** Text into a file, packed or not, waiting where the disk is slower. */
class RecordingWriter {
  readonly #file: WriteStream;
  readonly #head: WriteStream | Gzip;
  #failed: Error | null = null;

  constructor(path: string, packed: boolean) {
    this.#file = createWriteStream(path);
    const fail = (error: Error) => {
      this.#failed ??= error;
    };
    this.#file.on('error', fail);
    if (!packed) {
      this.#head = this.#file;
      return;
    }
    // Flushed with every write, so that what is on the disk can be unpacked whatever happens next.
    this.#head = createGzip({ flush: constants.Z_SYNC_FLUSH });
    this.#head.on('error', fail);
    this.#head.pipe(this.#file);
  }

  async write(text: string): Promise<void> {
    if (this.#failed) throw this.#failed;
    if (!this.#head.write(text)) await Promise.race([once(this.#head, 'drain'), once(this.#file, 'close')]);
    if (this.#failed) throw this.#failed;
  }

  /** @throws Error where the disk did not take it all */
  async end(text: string): Promise<void> {
    this.#head.end(text);
    if (!this.#file.closed) await once(this.#file, 'close');
    if (this.#failed) throw this.#failed;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function complain(message: string): number {
  process.stderr.write(`error: ${message}\n`);
  return EXIT.usage;
}
