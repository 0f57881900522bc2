import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { openLog } from '../sources/log/source.ts';
import { splitTime } from '../sources/pages/named-time.ts';
import { openPages, type SavedPage } from '../sources/pages/source.ts';
import { openPrometheus } from '../sources/prometheus/source.ts';
import { gunzipIfNeeded, unpack } from '../sources/recording/decompress.ts';
import { openRecording } from '../sources/recording/source.ts';
import { openScrape } from '../sources/scrape/source.ts';
import { SourceError } from '../sources/errors.ts';
import { MOST_CHARACTERS } from '../sources/snapshot/carry.ts';
import { looksLikeSnapshot, openSnapshot } from '../sources/snapshot/source.ts';
import type { Source, SourcePlatform } from '../sources/source.ts';
import { bytesOf } from './files.ts';
import { askPassphrase, givenPassphrase } from './passphrase.ts';
import { readHeaders, type TypedHeaders } from './headers.ts';
import { keepScraping, scrapeFor } from './scraping.ts';
import { collectHeader, collectText, parseDuration } from './values.ts';

/** What the command line may say about a source: the option that names it, and what goes with every source. */
export interface SourceOptions {
  readonly prometheus?: string;
  readonly metrics: readonly string[];
  /** Seconds `--metrics` is read for, and seconds between two scrapes. */
  readonly for: number;
  readonly interval: number;
  readonly recording: readonly string[];
  /** `FILE[@TIME]` */
  readonly page: readonly string[];
  /** Files; `-` is standard input. */
  readonly log: readonly string[];
  readonly snapshot?: string;
  /** Of a locked snapshot, and of one that is saved. */
  readonly passphraseFile?: string;
  readonly header: TypedHeaders;
}

/** One way to name a source, contract.md §2. */
interface SourceOption {
  /** Key of the options. */
  readonly name: Exclude<keyof SourceOptions, 'header' | 'for' | 'interval' | 'passphraseFile'>;
  /** As commander takes it: `--recording <file>`. */
  readonly flag: string;
  readonly says: string;
  readonly repeatable: boolean;
  /** A live source is read back from now, anything else whole: what came before is its baseline. */
  readonly live: boolean;
  /** Opens what was named, in the order it was named. @throws SourceError, or Error for a file that cannot be read */
  open(values: readonly string[], options: SourceOptions, platform: SourcePlatform): Promise<Source>;
  /** Opens it for reading again and again until stopped; left out where nothing new ever comes. */
  follow?(
    values: readonly string[],
    options: SourceOptions,
    platform: SourcePlatform,
    stop: AbortSignal,
  ): Promise<Source>;
}

type Open = SourceOption['open'];
type Follow = NonNullable<SourceOption['follow']>;

const openGivenPrometheus: Open = async ([url = ''], { header }, platform) =>
  openPrometheus({ url, headers: await readHeaders(header, process.env) }, platform);

/** In the order of the help. To add a source, add its line. */
const SOURCE_OPTIONS: readonly SourceOption[] = [
  {
    name: 'prometheus',
    flag: '--prometheus <url>',
    says: 'base URL of any Prometheus-compatible API; a path prefix is allowed',
    repeatable: false,
    live: true,
    open: openGivenPrometheus,
    follow: openGivenPrometheus,
  },
  {
    name: 'metrics',
    flag: '--metrics <url>',
    says: 'a /metrics page, read for --for every --interval; repeatable, one per replica',
    repeatable: true,
    // What was seen ends with the last scrape, as a recording does.
    live: false,
    open: async (urls, options, platform) => {
      const scraper = openScrape(
        {
          urls,
          interval: options.interval,
          keep: Infinity,
          headers: () => readHeaders(options.header, process.env),
        },
        platform,
      );
      await scrapeFor(scraper, { seconds: options.for, stop: new AbortController().signal });
      return scraper;
    },
    follow: async (urls, { interval, header }, platform, stop) => {
      const scraper = openScrape({ urls, interval, headers: () => readHeaders(header, process.env) }, platform);
      await keepScraping(scraper, stop);
      return scraper;
    },
  },
  {
    name: 'recording',
    flag: '--recording <file>',
    says: 'OpenMetrics or Prometheus text with timestamps, .gz allowed; repeatable',
    repeatable: true,
    live: false,
    open: async (files, _, platform) => {
      const texts: string[] = [];
      for (const file of files) texts.push(await gunzipIfNeeded(await bytesOf(file)));
      const names = files.map((file) => basename(file));
      return openRecording({ name: names.join(' + '), texts, names }, platform);
    },
  },
  {
    name: 'page',
    flag: '--page <file[@time]>',
    says: 'a saved /metrics page and when it was read; two or more make a window (without times 15 s apart); repeatable',
    repeatable: true,
    live: false,
    open: async (given, _, platform) => {
      const pages: SavedPage[] = [];
      for (const { name, timeMs } of given.map(splitTime))
        pages.push({ name: basename(name), text: await gunzipIfNeeded(await bytesOf(name)), timeMs });
      return openPages({ pages }, platform);
    },
  },
  {
    name: 'log',
    flag: '--log <file>',
    says: "a vLLM server's log, .gz and container prefixes allowed, - for standard input; repeatable",
    repeatable: true,
    live: false,
    open: async (named, _, platform) => {
      const files: { name: string; text: string }[] = [];
      const warnings: string[] = [];
      for (const file of named) {
        const unpacked = await unpack(file === '-' ? await standardInput() : await bytesOf(file));
        files.push({ name: file === '-' ? 'standard input' : basename(file), text: unpacked.text });
        warnings.push(...unpacked.warnings);
      }
      return openLog({ name: files.map(({ name }) => name).join(' + '), files, warnings }, platform);
    },
  },
  {
    name: 'snapshot',
    flag: '--snapshot <file|url>',
    says: 'a saved snapshot or a snapshot link; a link is decoded here and never fetched',
    repeatable: false,
    live: false,
    open: async ([given = ''], { passphraseFile }) => {
      // What exists is a file, whatever it is called; what is too long for a name is a link.
      const text =
        !existsSync(given) && looksLikeSnapshot(given)
          ? given
          : await gunzipIfNeeded(await bytesOf(given), MOST_CHARACTERS);
      const passphrase = await givenPassphrase(passphraseFile, process.env);
      return openSnapshot(text, passphrase).catch(async (error: unknown) => {
        const wanted = error instanceof SourceError && error.problem === 'locked' && passphrase === '';
        const typed = wanted ? await askPassphrase('Passphrase of the snapshot: ') : '';
        if (typed === '') throw error;
        return openSnapshot(text, typed);
      });
    },
  },
];

/** Adds every way to name a source, and what goes with them, to a command. */
export function addSourceOptions(command: Command): Command {
  for (const { flag, says, repeatable } of SOURCE_OPTIONS) {
    if (repeatable) command.option(flag, says, collectText, []);
    else command.option(flag, says);
  }
  return command
    .option('--for <duration>', 'how long --metrics is read', parseDuration, 60)
    .option('--interval <duration>', 'between two scrapes of --metrics', parseDuration, 5)
    .option(
      '--passphrase-file <file>',
      'opens a locked snapshot, and locks what is saved; VLLM_TRIAGE_PASSPHRASE does the same',
    )
    .option(
      '--header <header>',
      "sent to the source, 'NAME: VALUE'; @FILE reads the value from a file, $NAME from the environment; repeatable",
      collectHeader,
      {},
    );
}

/** The source somebody named. */
export interface ChosenSource {
  readonly kind: SourceOption['name'];
  /** The URL, where it has one. */
  readonly url: string | null;
  readonly live: boolean;
  open(): Promise<Source>;
  /** Opens it for reading again and again until stopped; `null` where nothing new ever comes. */
  readonly follow: ((stop: AbortSignal) => Promise<Source>) | null;
}

export const PLATFORM: SourcePlatform = { fetch: globalThis.fetch, now: () => Date.now() / 1000 };

/** @returns the one source that was named, or the sentence for whoever named none or several. */
export function chosenSource(options: SourceOptions): ChosenSource | string {
  const given = SOURCE_OPTIONS.filter(({ name }) => valuesOf(options, name).length > 0);
  const [option] = given;
  if (!option || given.length > 1) {
    const got = given.length === 0 ? 'none' : given.map(({ name }) => `--${name}`).join(' and ');
    return `expected exactly one source, ${listed(SOURCE_OPTIONS.map(({ flag }) => flag))}; got ${got}`;
  }
  const values = valuesOf(options, option.name);
  return {
    kind: option.name,
    url: option.name === 'prometheus' || option.name === 'metrics' ? (values[0] as string) : null,
    live: option.live,
    open: () => option.open(values, options, PLATFORM),
    follow: option.follow ? (stop) => (option.follow as Follow)(values, options, PLATFORM, stop) : null,
  };
}

/**
 * A source named in one word, `recording:FILE`, for commands that take two.
 * @param flag what it was given by · @throws Error for a kind that is none
 */
export function namedSource(text: string, flag: string, options: SourceOptions): ChosenSource {
  const [, kind = '', place = ''] = /^([a-z]+):(.+)$/.exec(text) ?? [];
  const option = SOURCE_OPTIONS.find(({ name }) => name === kind);
  const chosen = option && chosenSource({ ...options, [option.name]: option.repeatable ? [place] : place });
  if (chosen === undefined || typeof chosen === 'string')
    throw new Error(
      `${flag} ${text}: expected KIND:PLACE, KIND one of ${SOURCE_OPTIONS.map(({ name }) => name).join(', ')}`,
    );
  return chosen;
}

/** Whether no source was named at all, for commands that do without one. */
export function withoutSource(options: SourceOptions): boolean {
  return SOURCE_OPTIONS.every(({ name }) => valuesOf(options, name).length === 0);
}

function valuesOf(options: SourceOptions, name: SourceOption['name']): readonly string[] {
  const given = options[name] ?? [];
  return typeof given === 'string' ? [given] : given;
}

function listed(flags: readonly string[]): string {
  const shown = flags.map((flag) => flag.replace(/<([^<>]+)>/, (_, word: string) => word.toUpperCase()));
  return `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}

async function standardInput(): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of process.stdin) pieces.push(piece as Uint8Array);
  return new Uint8Array(Buffer.concat(pieces));
}
