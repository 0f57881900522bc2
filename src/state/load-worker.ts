import { SourceError } from '../sources/errors.ts';
import { readLoadFile } from '../sources/loadtest/read.ts';
import type { LoadAnswer, LoadAsk } from './loads.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
/** Milliseconds between two reports. */
const EVERY_MS = 100;

/** The bytes of a file, told as they come in. */
async function bytesOf(id: number, file: Blob): Promise<Uint8Array> {
  const bytes = new Uint8Array(file.size);
  const reader = file.stream().getReader();
  let read = 0;
  let told = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes;
    bytes.set(value, read);
    read += value.length;
    if (performance.now() - told < EVERY_MS && read < file.size) continue;
    told = performance.now();
    send({ id, progress: { read, of: file.size } });
  }
}

scope.onmessage = ({ data: { id, name, file } }: MessageEvent<LoadAsk>) => {
  bytesOf(id, file)
    .then((bytes) => readLoadFile(name, bytes))
    .then(
      (value) => send({ id, value }),
      (error: unknown) => {
        const told = error instanceof SourceError ? error : new SourceError('unreadable', String(error));
        send({ id, problem: told.problem, message: told.message });
      },
    );
};

function send(answer: LoadAnswer): void {
  scope.postMessage(answer);
}
