import type { Evidence } from '../../core/evidence/evidence.ts';
import { SourceError } from '../../sources/errors.ts';
import type { Scraper } from '../../sources/scrape/source.ts';
import type { Source, SourcePlatform } from '../../sources/source.ts';
import { type Answer, type Ask, type Call, GONE, type Opening, SAME, type Told } from './messages.ts';
import { piecesOf } from './pieces.ts';

/** Reads that are kept to be judged again or carried on: those of the ranges somebody goes back and forth between. */
const KEPT = 6;

// Loaded when needed, so that nobody waits for what reads another kind of source; what judges, beside the first read.
const filesOf = () => import('./files.ts');
const judgeOf = () => import('./judge.ts');

/**
 * What reads sources and judges, behind the messages of messages.ts. Sources stay open and what was read of them stays here, so
 * that judging at another time costs no second copy.
 * @param send takes answers, and buffers whose ownership goes with them
 * @returns what to call with each message
 */
export function reader(
  platform: Pick<SourcePlatform, 'fetch'>,
  send: (answer: Answer, transfer?: Transferable[]) => void,
): (call: Exclude<Call, { history: unknown }>) => void {
  const sources = new Map<string, Source>();
  const scrapers = new Map<string, Scraped>();
  const kept = new Map<string, { readonly read: number; readonly evidence: Evidence }>();
  const running = new Map<number, AbortController>();
  const clock = pageClock();
  let reads = 0;

  const open = async (key: string, what: Opening): Promise<Source> => {
    switch (what.kind) {
      case 'prometheus': {
        const { openPrometheus } = await import('../../sources/prometheus/source.ts');
        return openPrometheus(what, { ...platform, now: clock.now });
      }
      case 'files': {
        const { openPacked } = await filesOf();
        return openPacked(what.label, what.files, what.passphrase, { ...platform, now: clock.now });
      }
      case 'metrics': {
        const known = scrapers.get(key);
        if (known) {
          known.headers = what.headers;
          return known.source;
        }
        const { openScrape } = await import('../../sources/scrape/source.ts');
        const scraped: Scraped = startScraping((headers) =>
          openScrape({ urls: what.urls, headers }, { ...platform, now: () => Date.now() / 1000 }),
        );
        scraped.headers = what.headers;
        scrapers.set(key, scraped);
        return scraped.source;
      }
      default:
        return what satisfies never;
    }
  };

  const sourceOf = (key: string): Source => {
    const source = sources.get(key);
    // No fault of the source: a worker that was started anew knows none, and the page opens it once more.
    if (!source) throw new Error('The source is no longer open.');
    return source;
  };

  const answer = async (ask: Ask, id: number, abort: AbortSignal): Promise<Told> => {
    switch (ask.do) {
      case 'warm':
        await Promise.all([filesOf(), judgeOf()]);
        return null;
      case 'open': {
        const source = await open(ask.key, ask.what);
        sources.set(ask.key, source);
        return { kind: source.kind, label: source.label, frozen: source.frozen ?? null };
      }
      case 'read': {
        clock.set(ask.now);
        void judgeOf();
        const place = `${ask.key}\n${ask.as}`;
        const before = ask.held === null ? undefined : kept.get(place);
        const previous = before?.evidence;
        const evidence = await sourceOf(ask.key).read({ ...ask.request, ...(previous ? { previous } : {}) }, abort);
        if (abort.aborted) throw new SourceError('aborted', 'The read was given up.');
        // Of a read that was called off on its way the worker knows, and the page does not.
        if (before && evidence === previous && before.read === ask.held) return SAME;
        const answeredAt = performance.timeOrigin + performance.now();
        reads += 1;
        kept.delete(place);
        kept.set(place, { read: reads, evidence });
        for (const oldest of [...kept.keys()].slice(0, -KEPT)) kept.delete(oldest);
        const { readings, ...head } = evidence;
        const end = { read: reads, head, answeredAt };
        for (const piece of piecesOf(readings)) send({ id, piece });
        return end;
      }
      case 'judge': {
        const found = kept.get(`${ask.key}\n${ask.as}`);
        if (found?.read !== ask.read) return GONE;
        const { judgeModels, judgeAgain, NEEDS } = await judgeOf();
        const models = judgeModels(found.evidence, ask.at, ask.targets);
        return { models, again: ask.again ? judgeAgain(found.evidence, ask.targets, models) : null, needs: NEEDS };
      }
      case 'diagnose':
        return (await judgeOf()).diagnose(ask.evidence, ask.targets);
      case 'pages':
        return (await sourceOf(ask.key).pages?.()) ?? [];
      case 'save': {
        const scraped = scrapers.get(ask.key);
        if (!scraped) throw new SourceError('unreadable', 'Nothing is being scraped.');
        return packed(scraped.source.recording());
      }
      default:
        return ask satisfies never;
    }
  };

  return (call) => {
    if (call.do === 'stop') {
      running.get(call.id)?.abort();
      return;
    }
    const { id, ...ask } = call;
    const abort = new AbortController();
    running.set(id, abort);
    answer(ask, id, abort.signal)
      .then(
        (value) => send({ id, value }, value instanceof ArrayBuffer ? [value] : []),
        (error: unknown) =>
          send(
            error instanceof SourceError
              ? { id, problem: error.problem, message: error.message, status: error.status }
              : { id, fault: error instanceof Error ? error.message : String(error) },
          ),
      )
      .finally(() => running.delete(id));
  };
}

/** The page's clock as it was told last, going on. */
function pageClock() {
  let ahead = 0;
  return {
    set: (now: number): void => void (ahead = now - performance.now() / 1000),
    now: (): number => ahead + performance.now() / 1000,
  };
}

interface Scraped {
  headers: Readonly<Record<string, string>>;
  readonly source: Scraper;
}

/** Scrapes for as long as the worker lives, and sends the headers that were given last. */
function startScraping(open: (headers: () => Promise<Scraped['headers']>) => Scraper): Scraped {
  const scraped: Scraped = { headers: {}, source: open(async () => scraped.headers) };
  const never = new AbortController().signal;
  // After the headers are there.
  queueMicrotask(() => void scraped.source.scrape(never));
  setInterval(() => void scraped.source.scrape(never), scraped.source.interval * 1000);
  return scraped;
}

async function packed(chunks: Iterable<string>): Promise<ArrayBuffer> {
  const stream = new Blob([...chunks]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}
