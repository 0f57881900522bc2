import { readKineto } from '../../core/traces/kineto.ts';
import { NSYS_HEADER } from '../../core/traces/nsys.ts';
import type { KernelSums } from '../../core/traces/summary.ts';
import { type Trace, TraceError } from '../../core/traces/trace.ts';
import { readNsysText } from './nsys-text.ts';
import { plainBytes } from './plain.ts';
import { readSqlite } from './sqlite.ts';

/** A file as a platform offers it: the page from a `File`, the command line from a disk. */
export interface TraceFile {
  readonly name: string;
  /** Bytes as they lie there. */
  readonly size: number;
  stream(): ReadableStream<Uint8Array>;
}

export interface Progress {
  /** Bytes of the file taken in so far, packed as they are, of `size`. */
  readonly bytes: number;
  readonly size: number;
  readonly events: number;
}

/** What a profile is read with, piece by piece. */
export interface TraceReader {
  push(chunk: Uint8Array): void;
  /** @throws TraceError where nothing was read */
  end(cut: boolean): Trace | KernelSums;
  readonly events: number;
}

const SQLITE = 'SQLite format 3\0';
/** Enough to hold what nsys prints before a table, and to tell a table from a profile. */
const HEAD = 4096;

/**
 * Reads one profile of whatever kind, packed or not, without ever holding its text. A file cut short gives what stands before the cut, and
 * the trace says so.
 * @param onProgress called at most every 64 KiB
 * @throws TraceError where the file is no profile; the signal's reason when it is given up
 */
export async function readTrace(
  file: TraceFile,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void = () => {},
): Promise<Trace | KernelSums> {
  let bytes = 0;
  const plain = plainBytes(file.stream(), (taken) => {
    bytes = taken;
  });
  let reader: TraceReader | null = null;
  let head: Uint8Array = new Uint8Array(0);
  try {
    for await (const chunk of plain.chunks) {
      signal.throwIfAborted();
      if (reader === null) {
        head = joined(head, chunk);
        if (head.length < HEAD) continue;
        if (isSqlite(head)) break;
        reader = readerFor(file.name, head);
        reader.push(head);
      } else reader.push(chunk);
      onProgress({ bytes, size: file.size, events: reader.events });
    }
    if (isSqlite(head)) return await readSqlite(file, head, plain.chunks, signal);
    if (reader === null) {
      reader = readerFor(file.name, head);
      reader.push(head);
    }
    return reader.end(plain.cut());
  } finally {
    await plain.close();
  }
}

function readerFor(name: string, head: Uint8Array): TraceReader {
  const text = new TextDecoder().decode(head);
  if (NSYS_HEADER.test(text)) return readNsysText(name, text.trimStart().startsWith('[') ? 'json' : 'csv');
  if (text.startsWith('{') || /^[\s\uFEFF]*[[{]/.test(text)) {
    const kineto = readKineto(name, (bytes) => new TextDecoder().decode(bytes));
    return {
      push: (chunk) => kineto.push(chunk),
      end: (cut) => {
        const trace = kineto.end();
        return cut ? { ...trace, truncated: true } : trace;
      },
      get events() {
        return kineto.events;
      },
    };
  }
  throw new TraceError(
    `${name} is no profile: expected the JSON of torch.profiler, a table of nsys stats as CSV or JSON, or an SQLite export of nsys.${text.startsWith('NVDA') || /\.nsys-rep$/.test(name) ? ' A .nsys-rep file is first exported: nsys export --type sqlite FILE.' : ''}`,
  );
}

function isSqlite(head: Uint8Array): boolean {
  return head.length >= SQLITE.length && [...SQLITE].every((c, i) => head[i] === c.charCodeAt(0));
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
