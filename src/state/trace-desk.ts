import { useSyncExternalStore } from 'react';
import type { Summary } from '../core/traces/summary.ts';
import type { Progress } from '../sources/traces/read.ts';

/** What goes to the worker: the files themselves, which it opens; their bytes never pass through the page. */
export interface TraceAsk {
  readonly files: readonly File[];
}

export type TraceAnswer =
  | { readonly is: 'progress'; readonly file: string; readonly progress: Progress }
  | { readonly is: 'read'; readonly summary: Summary }
  | { readonly is: 'failed'; readonly message: string };

/** `now`: the profile looked at. `before`: the one it is compared with. */
export type Slot = 'now' | 'before';

export type Reading =
  | { readonly state: 'none' }
  | {
      readonly state: 'reading';
      readonly files: readonly string[];
      readonly file: string;
      readonly progress: Progress | null;
    }
  | { readonly state: 'read'; readonly files: readonly string[]; readonly summary: Summary }
  | { readonly state: 'failed'; readonly files: readonly string[]; readonly message: string };

export type Desk = Readonly<Record<Slot, Reading>>;

const NONE: Reading = { state: 'none' };

/**
 * Profiles the viewer has opened. They lie on a disk, so they are in no address and are gone with the page; they outlive a look at another
 * page of it. Each is read in a worker of its own, which is ended to give up.
 */
let desk: Desk = { now: NONE, before: NONE };
const workers: Partial<Record<Slot, Worker>> = {};
const listeners = new Set<() => void>();

function put(slot: Slot, reading: Reading): void {
  desk = { ...desk, [slot]: reading };
  for (const listener of listeners) listener();
}

/** Reads files, one per rank, in place of what the slot held. */
export function openTraces(slot: Slot, files: readonly File[]): void {
  if (files.length === 0) return;
  workers[slot]?.terminate();
  const worker = new Worker(new URL('./trace-worker.ts', import.meta.url), { type: 'module' });
  workers[slot] = worker;
  const names = files.map(({ name }) => name);
  put(slot, { state: 'reading', files: names, file: names[0] ?? '', progress: null });
  const settle = (reading: Reading): void => {
    worker.terminate();
    delete workers[slot];
    put(slot, reading);
  };
  worker.onmessage = ({ data }: MessageEvent<TraceAnswer>) => {
    if (data.is === 'progress') put(slot, { state: 'reading', files: names, file: data.file, progress: data.progress });
    else if (data.is === 'read') settle({ state: 'read', files: names, summary: data.summary });
    else settle({ state: 'failed', files: names, message: data.message });
  };
  worker.onerror = (event) =>
    settle({ state: 'failed', files: names, message: `The profile could not be read: ${event.message}` });
  worker.postMessage({ files } satisfies TraceAsk);
}

/** Gives up reading, or closes what was read. */
export function closeTraces(slot: Slot): void {
  workers[slot]?.terminate();
  delete workers[slot];
  put(slot, NONE);
}

export function useTraces(): Desk {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => desk,
  );
}
