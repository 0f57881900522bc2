import { type KernelSums, summarise } from '../core/traces/summary.ts';
import type { Trace } from '../core/traces/trace.ts';
import { readTrace } from '../sources/traces/read.ts';
import type { TraceAnswer, TraceAsk } from './trace-desk.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
/** Milliseconds between two words on how far it is. */
const EVERY_MS = 100;

async function answer({ files }: TraceAsk): Promise<void> {
  // Giving up ends the worker.
  const never = new AbortController().signal;
  const traces: (Trace | KernelSums)[] = [];
  let said = 0;
  for (const file of files) {
    const { name, size } = file;
    traces.push(
      await readTrace({ name, size, stream: () => file.stream() }, never, (progress) => {
        if (performance.now() - said < EVERY_MS) return;
        said = performance.now();
        scope.postMessage({ is: 'progress', file: name, progress } satisfies TraceAnswer);
      }),
    );
  }
  const summary = summarise(traces);
  const columns = summary.gpus.flatMap(({ trace: { activities }, stretches }) => [
    ...Object.values(activities).filter((column) => typeof column !== 'number'),
    stretches.edge,
    stretches.state,
  ]);
  scope.postMessage({ is: 'read', summary } satisfies TraceAnswer, [
    ...new Set(columns.map(({ buffer }) => buffer as ArrayBuffer)),
  ]);
}

scope.onmessage = ({ data }: MessageEvent<TraceAsk>) => {
  answer(data).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    scope.postMessage({ is: 'failed', message } satisfies TraceAnswer);
  });
};
