import type { RawPage } from '../core/escalation/contents.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import { SourceError, type SourceProblem } from '../sources/errors.ts';
import type { Frozen, ReadRequest, Source } from '../sources/source.ts';

/** A file as it lies on a disk or comes from a server, packed or not. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: ArrayBuffer;
}

/** What goes to the worker: files are sent once and stay there, parsed, under their key. */
export type Ask =
  | {
      readonly id: number;
      readonly do: 'open';
      readonly key: string;
      readonly label: string;
      readonly files: readonly NamedBytes[];
      /** Of a snapshot that is locked; `''` for none. */
      readonly passphrase: string;
    }
  | { readonly id: number; readonly do: 'read'; readonly key: string; readonly request: ReadRequest }
  | { readonly id: number; readonly do: 'pages'; readonly key: string };

export type Told = Opened | Evidence | readonly RawPage[];

export type Answer =
  | { readonly id: number; readonly result: Told }
  | { readonly id: number; readonly problem: SourceProblem; readonly message: string; readonly status: number | null };

/** What there is to know of files that were opened. */
export interface Opened {
  readonly kind: string;
  readonly frozen: Frozen | null;
}

interface Settle {
  readonly resolve: (result: Told) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Recordings are unpacked and parsed in a worker: half a second of text work would otherwise freeze the page that is about
 * to show a verdict.
 */
let worker: Worker | null = null;
let asked = 0;
const open = new Map<number, Settle>();

function workerOf(): Worker {
  if (worker) return worker;
  worker = new Worker(new URL('./recording-worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    const settle = open.get(data.id);
    open.delete(data.id);
    if ('problem' in data) settle?.reject(new SourceError(data.problem, data.message, data.status));
    else settle?.resolve(data.result);
  };
  worker.onerror = (event) => {
    for (const settle of open.values()) settle.reject(new Error(`The recording could not be read: ${event.message}`));
    open.clear();
    worker = null;
  };
  return worker;
}

function ask(message: DistributiveOmit<Ask, 'id'>, transfer: Transferable[] = []): Promise<Told> {
  const id = ++asked;
  return new Promise((resolve, reject) => {
    open.set(id, { resolve, reject });
    workerOf().postMessage({ ...message, id } satisfies Ask, transfer);
  });
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Starts the worker ahead of need, so that opening a recording does not wait for its script. */
export function warmUpRecordings(): void {
  workerOf();
}

/**
 * Opens one or several files, `.gz` or not, of whatever kind they are.
 * @throws SourceError if they are of no kind there is
 */
export async function openRecordingFiles(
  key: string,
  label: string,
  files: readonly NamedBytes[],
  passphrase = '',
): Promise<Source> {
  const { kind, frozen } = (await ask(
    { do: 'open', key, label, files, passphrase },
    files.map(({ bytes }) => bytes),
  )) as Opened;
  return {
    kind,
    label,
    ...(frozen === null ? {} : { frozen }),
    async read(request, abort) {
      const evidence = await ask({ do: 'read', key, request });
      if (abort.aborted) throw new SourceError('aborted', 'The read was given up.');
      return evidence as Evidence;
    },
    pages: async () => (await ask({ do: 'pages', key })) as readonly RawPage[],
  };
}
