import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { SourceError } from '../sources/errors.ts';
import type { Frozen, ReadRequest } from '../sources/source.ts';
import type { Library } from './library.ts';
import { type DeskSource, type KeptRead, openBeside } from './reader/desks.ts';
import type { NamedBytes } from './reader/messages.ts';
import { isLive, keyOf, type SourceRef } from './url/source-ref.ts';
import { resolveWhen, type When } from './url/times.ts';

const now = (): number => Date.now() / 1000;

/** Seconds a live source is read back when no range is given. */
export const USUAL_RANGE = 1800;

export type Headers = Readonly<Record<string, string>>;

/** What the incident library says; shipped beside the page. */
export function libraryQuery() {
  return queryOptions({
    queryKey: ['library'],
    queryFn: async ({ signal }): Promise<Library> => {
      const answer = await window.fetch('./library/index.json', { signal });
      if (!answer.ok)
        throw new SourceError('unreachable', `The incident library answered ${answer.status}.`, answer.status);
      const { readLibrary } = await import('./library.ts');
      return readLibrary(await answer.json());
    },
    staleTime: Infinity,
  });
}

/** Passphrases typed for locked snapshots; they live as long as the page and are written nowhere. */
const passphrases = new Map<string, string>();

/** Remembers the passphrase of a source, for the next time it is opened. */
export function keepPassphrase(source: SourceRef, passphrase: string): void {
  passphrases.set(keyOf(source), passphrase);
}

const dropped = new Map<string, readonly File[]>();

/** Keeps files of the viewer's own under the name that stands in the address. @returns that name */
export function keepFiles(files: readonly File[]): string {
  const name = files.map((file) => file.name).join(' + ');
  dropped.set(name, files);
  return name;
}

/** A source opened in its worker: settings checked, recordings parsed. Lives as long as the page. */
export function sourceQuery(source: SourceRef, headers: Headers) {
  return queryOptions({
    queryKey: ['source', source, headers],
    queryFn: ({ client, signal }) => openSource(source, headers, client, signal),
    staleTime: Infinity,
    gcTime: Infinity,
    retry: false,
  });
}

async function openSource(
  source: SourceRef,
  headers: Headers,
  client: QueryClient,
  signal: AbortSignal,
): Promise<DeskSource> {
  const open = (label: string, files: readonly NamedBytes[], passphrase = '') =>
    openBeside(client, keyOf(source), { kind: 'files', label, files, passphrase });
  switch (source.kind) {
    case 'prometheus':
      return openBeside(client, keyOf(source), { kind: 'prometheus', url: source.url, headers });
    case 'metrics':
      return openBeside(client, keyOf(source), { kind: 'metrics', urls: source.urls, headers });
    case 'recording': {
      const file = `${source.name}.om.gz`;
      const answer = await window.fetch(`./library/${file}`, { signal }).catch(() => {
        throw new SourceError('unreachable', `The server of this page does not answer for ${file}.`);
      });
      // A server with a fallback page answers 200 with HTML for a file it does not have.
      if (!answer.ok || (answer.headers.get('content-type') ?? '').includes('text/html'))
        throw new SourceError(
          'unreadable',
          `The incident library has no recording named ${source.name}.`,
          answer.status,
        );
      return open(source.name, [{ name: file, bytes: await answer.arrayBuffer() }]);
    }
    case 'file': {
      const files = dropped.get(source.name);
      if (!files)
        throw new SourceError(
          'unreadable',
          `${source.name} was opened from your disk, and a page may not open it again by itself. Drop it here once more.`,
        );
      return open(
        source.name,
        await Promise.all(files.map(async (one) => ({ name: one.name, bytes: await one.arrayBuffer() }))),
        passphrases.get(keyOf(source)),
      );
    }
    case 'snapshot': {
      // In the worker like any file: a text made to do harm must not freeze the page.
      const { buffer } = new TextEncoder().encode(`#snapshot=${source.text}`);
      return open('snapshot', [{ name: 'snapshot', bytes: buffer }], passphrases.get(keyOf(source)));
    }
    default:
      return source satisfies never;
  }
}

/** A look at a source: the newest there is of it, and when that was so, unix seconds. Looks that find nothing new share a read. */
export interface Look {
  readonly read: ReadResult;
  readonly at: number;
}

/** One read: the evidence, when it was complete, and how long the source took. Unix seconds and milliseconds. */
export interface ReadResult extends Pick<KeptRead, 'evidence' | 'judge'> {
  /** Key of the source. */
  readonly source: string;
  /** Equal for reads of the same scope and range, of which the later takes the place of the earlier. */
  readonly of: string;
  readonly readAt: number;
  readonly tookMs: number;
  /** What was said of it when it was frozen; `null` for what was measured just now or recorded. */
  readonly frozen: Frozen | null;
}

export interface Asked {
  readonly source: SourceRef;
  readonly headers: Headers;
  readonly selector: string;
  readonly model: string | null;
  readonly from: When | null;
  readonly to: When | null;
  readonly knobs: Readonly<Record<string, number>>;
}

/** @returns whether the range ends at the present, so that reading it again shows something new. */
export function endsNow(asked: Pick<Asked, 'source' | 'to'>): boolean {
  return isLive(asked.source) && (asked.to === null || (typeof asked.to === 'object' && asked.to.ago === 0));
}

/**
 * All signals of one range. "Now" is resolved in here; a source may go on from the read before and fetch its tail only. Where nothing
 * came since, the look is a new one and the read in it the same object, so that nothing is judged or drawn again.
 */
export function evidenceQuery({ source, headers, selector, model, from, to, knobs }: Asked) {
  return queryOptions({
    queryKey: ['evidence', source, headers, selector, model, from, to, knobs],
    queryFn: async ({ client, queryKey, signal }): Promise<Look> => {
      const { queryKey: openKey } = sourceQuery(source, headers);
      const opened = await client.ensureQueryData(sourceQuery(source, headers));
      const of = JSON.stringify([selector, model, from, to, knobs]);
      const before = endsNow({ source, to }) ? client.getQueryData<Look>(queryKey) : undefined;
      const started = performance.now();
      const request = {
        ...timesOf(source, from, to, now()),
        selector,
        knobs,
        ...(model === null ? {} : { model }),
      };
      const kept = await opened
        .readKept(request, { name: of, held: before?.read.evidence ?? null, now: now() }, signal)
        .catch((error: unknown) => {
          // A worker that has stopped holds nothing any more: the next try opens the source anew.
          if (!(error instanceof SourceError)) client.removeQueries({ queryKey: openKey });
          throw error;
        });
      if (kept === null) return { read: (before as Look).read, at: now() };
      const { evidence, judge, answeredAt } = kept;
      // The page's own timing starts here: from the last answer to the verdict on screen.
      // The newest alone: a page that stays open for days would pile them up.
      performance.clearMarks('vllm-triage:evidence');
      performance.mark('vllm-triage:evidence', { startTime: Math.max(0, answeredAt - performance.timeOrigin) });
      const read = {
        evidence,
        judge,
        source: keyOf(source),
        of,
        readAt: now(),
        tookMs: performance.now() - started,
        frozen: opened.frozen ?? null,
      };
      return { read, at: read.readAt };
    },
    // What was read of a past stays true.
    staleTime: endsNow({ source, to }) ? 0 : Infinity,
    retry: false,
    // Comparing two evidences value by value costs more than drawing the new one.
    structuralSharing: false,
  });
}

/** A recording knows no present: times relative to now mean all of it, which the page says. */
function timesOf(
  source: SourceRef,
  from: When | null,
  to: When | null,
  now: number,
): Pick<ReadRequest, 'from' | 'to' | 'range'> {
  if (!isLive(source))
    return { from: typeof from === 'number' ? from : 'start', to: typeof to === 'number' ? to : 'end' };
  const end = to === null || (typeof to === 'object' && to.ago === 0) ? 'now' : resolveWhen(to, now);
  if (end === 'now') {
    if (typeof from === 'number') return { from, to: 'now' };
    return { from: 'start', to: 'now', range: from?.ago ?? USUAL_RANGE };
  }
  return { from: from === null ? end - USUAL_RANGE : resolveWhen(from, now), to: end };
}
