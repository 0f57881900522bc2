import { TraceBuilder } from '../builder.ts';
import type { Trace } from '../trace.ts';

/** One piece of work of a GPU, nanoseconds. */
export interface Piece {
  readonly name: string;
  readonly start: number;
  readonly duration: number;
  readonly device?: number;
  readonly launch?: number | null;
}

/** A trace of these pieces; marks of steps by their moment on the host. */
export function traceOf(pieces: readonly Piece[], marks: readonly { name: string; start: number }[] = []): Trace {
  const builder = new TraceBuilder('test', 'torch-profiler');
  pieces.forEach(({ name, start, duration, device = 0, launch = null }, i) => {
    builder.events++;
    if (launch !== null) builder.addLaunch(i, launch);
    builder.addActivity(builder.kernelId(name), start, duration, device, i);
  });
  for (const { name, start } of marks) {
    builder.events++;
    builder.marks.push({ name, on: 'host', device: null, start, end: start + 1 });
  }
  return builder.build();
}
