import { SourceError } from '../sources/errors.ts';
import { openScrape, type Scraper } from '../sources/scrape/source.ts';
import type { ScrapeAnswer, ScrapeAsk } from './scrapes.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
let scraper: Scraper | null = null;
let headers: Readonly<Record<string, string>> = {};

async function answer(ask: ScrapeAsk): Promise<Extract<ScrapeAnswer, { value: unknown }>['value']> {
  switch (ask.do) {
    case 'open': {
      headers = ask.headers;
      if (scraper !== null) return null;
      const opened = openScrape(
        { urls: ask.urls, headers: async () => headers },
        { fetch: (input, init) => fetch(input, init), now: () => Date.now() / 1000 },
      );
      scraper = opened;
      const never = new AbortController().signal;
      void opened.scrape(never);
      setInterval(() => void opened.scrape(never), opened.interval * 1000);
      return null;
    }
    case 'read':
      return openedOf().read(ask.request, new AbortController().signal);
    case 'pages':
      return (await openedOf().pages?.()) ?? [];
    case 'save':
      return packed(openedOf().recording());
    default:
      return ask satisfies never;
  }
}

function openedOf(): Scraper {
  if (scraper === null) throw new SourceError('unreadable', 'Nothing is being scraped.');
  return scraper;
}

async function packed(chunks: Iterable<string>): Promise<ArrayBuffer> {
  const stream = new Blob([...chunks]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}

scope.onmessage = ({ data }: MessageEvent<ScrapeAsk>) => {
  answer(data).then(
    (value) => scope.postMessage({ id: data.id, value } satisfies ScrapeAnswer),
    (error: unknown) => {
      const told = error instanceof SourceError ? error : new SourceError('unreadable', String(error));
      const { problem, message, status } = told;
      scope.postMessage({ id: data.id, problem, message, status } satisfies ScrapeAnswer);
    },
  );
};
