/** One of the processes that watch episodes: gets the plan as argument and task numbers as messages, answers with what it saw. */
import { setPriority } from 'node:os';
import { type Plan, tasksOf } from './plan.ts';
import type { Report } from './pool.ts';

// Minutes of work that nobody waits for at the keyboard: everything else goes first, unless told otherwise.
setPriority(Number(process.argv[3] ?? 10));

const tasks = await tasksOf(JSON.parse(process.argv[2] ?? '') as Plan);

const report = (message: Report) => process.send?.(message);

process.on('message', (index: number) => {
  void (async () => {
    try {
      const task = tasks[index];
      if (!task) throw new Error(`there is no task ${index}`);
      report({ index, watched: await task.run(), error: null });
    } catch (error) {
      report({ index, watched: null, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  })();
});
