import type { RawPage } from '../core/escalation/contents.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import { SourceError, type SourceProblem } from '../sources/errors.ts';
import { targetsOf } from '../sources/scrape/target.ts';
import type { ReadRequest, Source } from '../sources/source.ts';

/** What goes to the worker, which scrapes one source for as long as the page lives. */
export type ScrapeAsk =
  | {
      readonly id: number;
      readonly do: 'open';
      readonly urls: readonly string[];
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly id: number; readonly do: 'read'; readonly request: ReadRequest }
  | { readonly id: number; readonly do: 'pages' }
  | { readonly id: number; readonly do: 'save' };

type Told = Evidence | ArrayBuffer | readonly RawPage[] | null;

export type ScrapeAnswer =
  | { readonly id: number; readonly value: Told }
  | { readonly id: number; readonly problem: SourceProblem; readonly message: string; readonly status: number | null };

interface Settle {
  readonly resolve: (value: Told) => void;
  readonly reject: (error: Error) => void;
}

/** A worker per source: its clock is not slowed where the tab is hidden, and parsing does not hold up the page. */
class ScrapeDesk {
  readonly #worker: Worker;
  readonly #open = new Map<number, Settle>();
  #asked = 0;

  constructor() {
    this.#worker = new Worker(new URL('./scrape-worker.ts', import.meta.url), { type: 'module' });
    this.#worker.onmessage = ({ data }: MessageEvent<ScrapeAnswer>) => {
      const settle = this.#open.get(data.id);
      this.#open.delete(data.id);
      if ('problem' in data) settle?.reject(new SourceError(data.problem, data.message, data.status));
      else settle?.resolve(data.value);
    };
    this.#worker.onerror = ({ message }) => {
      for (const settle of this.#open.values()) settle.reject(new Error(`The pages could not be read: ${message}`));
      this.#open.clear();
    };
  }

  close(): void {
    this.#worker.terminate();
  }

  ask(message: DistributiveOmit<ScrapeAsk, 'id'>): Promise<Told> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject });
      this.#worker.postMessage({ ...message, id } satisfies ScrapeAsk);
    });
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Pages under way, by who reads them: the page, or one mount of several in somebody else's page. */
const desks = new Map<object, Map<string, ScrapeDesk>>();

/**
 * Scrapes /metrics pages from now on. What was seen is kept while other sources are looked at, and goes on to grow. Pages that
 * are opened once more are not read twice: from then on the new headers are sent.
 * @param owner ends it with `closeScraped`
 * @throws SourceError for an address that is none
 */
export async function openScraped(
  urls: readonly string[],
  headers: Readonly<Record<string, string>>,
  owner: object,
): Promise<Source> {
  const label = targetsOf(urls)
    .map((target) => target.label)
    .join(', ');
  const own = desks.get(owner) ?? new Map<string, ScrapeDesk>();
  desks.set(owner, own);
  const desk = own.get(urls.join(',')) ?? new ScrapeDesk();
  own.set(urls.join(','), desk);
  await desk.ask({ do: 'open', urls, headers });
  return {
    kind: 'metrics',
    label,
    async read(request, abort) {
      const evidence = await desk.ask({ do: 'read', request });
      if (abort.aborted) throw new SourceError('aborted', 'The read was given up.');
      return evidence as Evidence;
    },
    pages: async () => (await desk.ask({ do: 'pages' })) as readonly RawPage[],
  };
}

/** Stops reading, and forgets what was seen. */
export function closeScraped(owner: object): void {
  for (const desk of desks.get(owner)?.values() ?? []) desk.close();
  desks.delete(owner);
}

/** What was seen of these pages as a recording, packed; `null` where they were never opened. */
export async function recordingOf(urls: readonly string[]): Promise<Blob | null> {
  for (const own of desks.values()) {
    const bytes = await own.get(urls.join(','))?.ask({ do: 'save' });
    if (bytes instanceof ArrayBuffer) return new Blob([bytes], { type: 'application/gzip' });
  }
  return null;
}
