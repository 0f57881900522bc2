import { queryOptions, useQueries, useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { SourceError, type SourceProblem } from '../sources/errors.ts';
import type { LoadTest, LoadTests } from '../sources/loadtest/read.ts';
import { HEAD, looksLikeLoadTest } from '../sources/loadtest/recognise.ts';

/** What goes to the worker, one file each time. */
export interface LoadAsk {
  readonly id: number;
  readonly name: string;
  readonly file: Blob;
}

export type LoadAnswer =
  | { readonly id: number; readonly progress: LoadProgress }
  | { readonly id: number; readonly value: LoadTests }
  | { readonly id: number; readonly problem: SourceProblem; readonly message: string };

/** Bytes read so far; then they are taken apart, which takes about as long again. */
export interface LoadProgress {
  readonly read: number;
  readonly of: number;
}

interface Settle {
  readonly resolve: (tests: LoadTests) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: (progress: LoadProgress) => void;
}

let worker: Worker | null = null;
let asked = 0;
const open = new Map<number, Settle>();

/** Results of a long test are hundreds of megabytes: read in a worker, or the page would stand still. */
function workerOf(): Worker {
  if (worker) return worker;
  worker = new Worker(new URL('./load-worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<LoadAnswer>) => {
    const settle = open.get(data.id);
    if ('progress' in data) return settle?.onProgress(data.progress);
    open.delete(data.id);
    if ('problem' in data) settle?.reject(new SourceError(data.problem, data.message));
    else settle?.resolve(data.value);
  };
  worker.onerror = (event) => {
    for (const settle of open.values()) settle.reject(new Error(`The file could not be read: ${event.message}`));
    open.clear();
    worker = null;
  };
  return worker;
}

interface Kept {
  readonly file: File;
  /** Another file of the same name is another one to read. */
  readonly stamp: number;
}

let kept: ReadonlyMap<string, Kept> = new Map();
let stamps = 0;
const listeners = new Set<() => void>();

/** Keeps results of the viewer's own under the names that stand in the address. @returns those names */
export function keepLoads(files: readonly File[]): readonly string[] {
  if (files.length === 0) return [];
  // Names are listed with commas between.
  const named = files.map((file) => [file.name.replaceAll(',', '_').trim() || 'unnamed', file] as const);
  kept = new Map([...kept, ...named.map(([name, file]) => [name, { file, stamp: ++stamps }] as const)]);
  for (const listener of listeners) listener();
  return named.map(([name]) => name);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tells load-test results from other files, by what they begin with. */
export async function splitLoads(files: readonly File[]): Promise<{ loads: readonly File[]; others: readonly File[] }> {
  const found = await Promise.all(files.map(async (file) => looksLikeLoadTest(await headOf(file))));
  return { loads: files.filter((_, i) => found[i]), others: files.filter((_, i) => !found[i]) };
}

async function headOf(file: File): Promise<string> {
  const [a, b] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (a !== 0x1f || b !== 0x8b) return file.slice(0, HEAD).text();
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    while (text.length < HEAD) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // Damaged or cut short: what could be unpacked is looked at.
  }
  void reader.cancel().catch(() => {});
  return text;
}

function loadQuery(name: string, found: Kept | undefined) {
  return queryOptions({
    queryKey: ['load-test', name, found?.stamp ?? null],
    queryFn: ({ client }): Promise<LoadTests> => {
      if (!found)
        throw new SourceError(
          'unreadable',
          `${name} was opened from your disk, and a page may not open it again by itself. Drop it here once more.`,
        );
      const id = ++asked;
      return new Promise((resolve, reject) => {
        const onProgress = (progress: LoadProgress) => client.setQueryData(progressKey(name), progress);
        open.set(id, { resolve, reject, onProgress });
        workerOf().postMessage({ id, name, file: found.file } satisfies LoadAsk);
      });
    },
    staleTime: Infinity,
    gcTime: Infinity,
    retry: false,
  });
}

const progressKey = (name: string) => ['load-progress', name];

export interface Loads {
  readonly tests: readonly LoadTest[];
  /** Sentences about the files: what was skipped, and what could not be opened. */
  readonly warnings: readonly string[];
  /** The file that is being read, `null` when all are. */
  readonly reading: { readonly name: string; readonly progress: LoadProgress | null } | null;
}

/** The load tests the address names, as far as they are read. */
export function useLoads(names: readonly string[]): Loads {
  const files = useSyncExternalStore(subscribe, () => kept);
  const answers = useQueries({ queries: names.map((name) => loadQuery(name, files.get(name))) });
  const next = answers.findIndex((one) => one.isPending);
  const reading = names[next] ?? null;
  const { data: progress } = useQuery<LoadProgress>({ queryKey: progressKey(reading ?? ''), enabled: false });
  return {
    tests: answers.flatMap((one) => one.data?.tests ?? []),
    warnings: answers.flatMap((one) => one.data?.warnings ?? (one.error ? [one.error.message] : [])),
    reading: reading === null ? null : { name: reading, progress: progress ?? null },
  };
}
