import type { Browser, Page } from '@playwright/test';

/** A piece of work of a thread of the page, milliseconds on the trace's own clock. */
export interface Task {
  readonly thread: 'main' | 'worker';
  readonly start: number;
  readonly duration: number;
  /** Time of that thread alone: what else the machine does is not in it. */
  readonly cpu: number;
}

/** What a page did, from the browser's own trace. */
export interface Trace {
  readonly tasks: readonly Task[];
  /** When each `performance.mark` was set, in the page or in one of its workers. */
  readonly marks: ReadonlyMap<string, readonly number[]>;
}

interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly name?: string };
}

const CATEGORIES = ['toplevel', 'blink.user_timing', '__metadata'];
const THREADS: Readonly<Record<string, Task['thread']>> = {
  CrRendererMain: 'main',
  'DedicatedWorker thread': 'worker',
};

/**
 * Traces a page while something is done with it.
 * @throws an Error if the trace holds no task, for then nothing was measured
 */
export async function traced(browser: Browser, page: Page, work: () => Promise<void>): Promise<Trace> {
  await browser.startTracing(page, { categories: CATEGORIES });
  let text: string;
  try {
    await work();
  } finally {
    text = (await browser.stopTracing()).toString('utf8');
  }
  return readTrace(text);
}

/** @throws an Error if there is no task of a page in it */
export function readTrace(text: string): Trace {
  const { traceEvents } = JSON.parse(text) as { traceEvents: readonly TraceEvent[] };
  const threads = new Map<string, Task['thread']>();
  for (const event of traceEvents) {
    const thread = event.name === 'thread_name' ? THREADS[event.args?.name ?? ''] : undefined;
    if (thread) threads.set(`${event.pid}/${event.tid}`, thread);
  }
  const tasks: Task[] = [];
  const marks = new Map<string, number[]>();
  for (const { name, cat, ph, ts, dur, tdur, pid, tid } of traceEvents) {
    const thread = threads.get(`${pid}/${tid}`);
    if (ph === 'X' && thread && dur !== undefined && name === 'ThreadControllerImpl::RunTask') {
      tasks.push({ thread, start: ts / 1000, duration: dur / 1000, cpu: (tdur ?? dur) / 1000 });
    } else if (cat.includes('blink.user_timing')) {
      const times = marks.get(name);
      if (times) times.push(ts / 1000);
      else marks.set(name, [ts / 1000]);
    }
  }
  if (tasks.length === 0) throw new Error('The trace holds no task of the page: nothing was measured.');
  return { tasks, marks };
}

/** Work in a stretch of a trace. Milliseconds. */
export interface Work {
  /** Time of the page's thread and of its workers' alone. */
  readonly main: number;
  readonly workers: number;
  /** Longest task of the page's thread as it passed on the clock, and how many took longer than 50 ms. */
  readonly longest: number;
  readonly over50: number;
}

/** What was done from one time to another, in milliseconds of the trace. */
export function workBetween({ tasks }: Trace, from: number, to: number): Work {
  const inside = tasks.filter(({ start }) => start >= from && start < to);
  const cpuOf = (thread: Task['thread']) =>
    inside.reduce((sum, task) => sum + (task.thread === thread ? task.cpu : 0), 0);
  const main = inside.filter(({ thread }) => thread === 'main');
  return {
    main: cpuOf('main'),
    workers: cpuOf('worker'),
    longest: main.reduce((most, { duration }) => Math.max(most, duration), 0),
    over50: main.filter(({ duration }) => duration > 50).length,
  };
}
