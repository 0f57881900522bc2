import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Watched } from './moment.ts';
import type { Plan } from './plan.ts';

/** A worker's answer to a task number. */
export interface Report {
  readonly index: number;
  readonly watched: Watched | null;
  readonly error: string | null;
}

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));

/**
 * Watches the tasks with these numbers in several processes (of a scheduling priority as of `nice`), each taking the next one when it is done. A process that dies
 * takes its task along as failed and is replaced.
 */
export function watchAll(
  plan: Plan,
  indexes: readonly number[],
  { workers, nice }: { readonly workers: number; readonly nice: number },
  done: (report: Report) => Promise<void>,
): Promise<void> {
  const waiting = [...indexes];
  return new Promise((resolve, reject) => {
    let busy = 0;
    const start = () => {
      if (waiting.length === 0) return;
      busy++;
      let current: number | null = null;
      const child = fork(WORKER, [JSON.stringify(plan), `${nice}`], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      const next = () => {
        current = waiting.shift() ?? null;
        if (current === null) stop(child);
        else child.send(current);
      };
      child.on('message', (report: Report) => {
        current = null;
        done(report).then(next, reject);
      });
      child.on('exit', () => {
        busy--;
        const lost = current === null ? null : { index: current, watched: null, error: 'the process ended' };
        (lost ? done(lost) : Promise.resolve()).then(() => {
          if (lost) start();
          if (busy === 0) resolve();
        }, reject);
      });
      next();
    };
    for (let i = 0; i < Math.min(workers, indexes.length); i++) start();
    if (indexes.length === 0) resolve();
  });
}

function stop(child: ChildProcess): void {
  child.disconnect();
}
