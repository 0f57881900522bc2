import type { Engine, Judged } from './judged.ts';
import { lastSeen } from './trace.ts';

/** A process that died, as its log says. */
export interface LoggedEnd {
  /** First grid index at which it was dead. */
  readonly from: number;
  /** What it died of: kind of trouble, as `serverlog` names it. */
  readonly kind: string;
  /** The error in the words of the log; empty where it names none. */
  readonly words: string;
}

/** What a log says of the ends of this engine's process within the window, in order; empty where there is no log, or no end. */
export function loggedEndsOf(judged: Judged, engine: Engine): LoggedEnd[] {
  const lines = judged.evidence.readings['logged-ends']?.lines ?? [];
  return lines
    .filter(({ replica }) => replica === engine.id)
    .flatMap(({ part, values }) => {
      const colon = part.indexOf(': ');
      const [kind, words] = colon < 0 ? [part, ''] : [part.slice(0, colon), part.slice(colon + 2)];
      return values.flatMap((value, i) => {
        const more = (value ?? 0) - (values[i - 1] ?? value ?? 0);
        return Array.from({ length: Math.max(0, more) }, (): LoggedEnd => ({ from: i, kind, words }));
      });
    })
    .sort((a, b) => a.from - b.from);
}

/** Grid index from which this engine is dead as its log has it, and has not been seen at work since; `null` where it is not. */
export function deadSince(judged: Judged, engine: Engine): number | null {
  const seen = lastSeen(engine.trace);
  return loggedEndsOf(judged, engine).find(({ from }) => from > seen)?.from ?? null;
}
