import { SourceError } from '../../sources/errors.ts';
import type { Answer, Ask, Call, Told } from './messages.ts';
import { joinPieces, type Piece } from './pieces.ts';

interface Settle {
  readonly resolve: (value: Told) => void;
  readonly reject: (error: Error) => void;
  readonly pieces: Piece[];
}

/** A worker that reads and judges; each of them runs the same script, which is fetched once. */
export function startReader(): Worker {
  return new Worker(new URL('./reader-worker.ts', import.meta.url), { type: 'module' });
}

/** The page's end of a worker that reads and judges, started when first asked. Answers come to whoever asked. */
export class Desk {
  #worker: Worker | null = null;
  readonly #open = new Map<number, Settle>();
  #asked = 0;

  /**
   * @returns what was told, with the readings that came ahead of it
   * @throws SourceError where the source failed or the question was called off; Error for a fault of the program
   */
  ask(
    ask: Ask,
    { transfer = [], abort }: { readonly transfer?: Transferable[]; readonly abort?: AbortSignal } = {},
  ): Promise<{ readonly value: Told; readonly readings: ReturnType<typeof joinPieces> }> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      const pieces: Piece[] = [];
      const over = () => {
        abort?.removeEventListener('abort', stop);
        this.#open.delete(id);
      };
      const stop = () => {
        over();
        this.#worker?.postMessage({ id, do: 'stop' } satisfies Call);
        reject(new SourceError('aborted', 'The read was given up.'));
      };
      if (abort?.aborted) return stop();
      abort?.addEventListener('abort', stop);
      this.#open.set(id, {
        pieces,
        resolve: (value) => {
          over();
          resolve({ value, readings: joinPieces(pieces) });
        },
        reject: (error) => {
          over();
          reject(error);
        },
      });
      this.#workerOf().postMessage({ ...ask, id } satisfies Call, transfer);
    });
  }

  /** Ends the worker, and with it all it holds. */
  close(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#failAll('it was closed');
  }

  #workerOf(): Worker {
    if (this.#worker) return this.#worker;
    const worker = startReader();
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const settle = this.#open.get(data.id);
      if ('piece' in data) settle?.pieces.push(data.piece);
      else if ('problem' in data) settle?.reject(new SourceError(data.problem, data.message, data.status));
      else if ('fault' in data) settle?.reject(new Error(data.fault));
      else settle?.resolve(data.value);
    };
    worker.onerror = ({ message }) => {
      this.#worker = null;
      worker.terminate();
      this.#failAll(message);
    };
    this.#worker = worker;
    return worker;
  }

  #failAll(why: string): void {
    for (const settle of [...this.#open.values()])
      settle.reject(new Error(`What reads and judges has stopped: ${why || 'its script did not start'}.`));
  }
}
