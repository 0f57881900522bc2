import { expect, test } from 'vitest';
import { readTrace, workBetween } from './trace.ts';

const thread = (tid: number, name: string) => ({
  name: 'thread_name',
  cat: '__metadata',
  ph: 'M',
  ts: 0,
  pid: 1,
  tid,
  args: { name },
});
const task = (tid: number, ts: number, dur: number, tdur?: number) => ({
  name: 'ThreadControllerImpl::RunTask',
  cat: 'toplevel',
  ph: 'X',
  pid: 1,
  tid,
  ts: ts * 1000,
  dur: dur * 1000,
  ...(tdur === undefined ? {} : { tdur: tdur * 1000 }),
});
const text = (...traceEvents: object[]) => JSON.stringify({ traceEvents });

test('work is that of the page and its workers between two marks, in time of their own', () => {
  const trace = readTrace(
    text(
      thread(1, 'CrRendererMain'),
      thread(2, 'DedicatedWorker thread'),
      thread(3, 'Compositor'),
      task(1, 5, 100, 100),
      task(1, 10, 80, 30),
      task(1, 100, 20),
      task(2, 20, 200, 150),
      task(3, 20, 500, 500),
      task(1, 300, 60, 60),
      { name: 'verdict', cat: 'blink.user_timing', ph: 'R', ts: 10_000, pid: 1, tid: 1 },
    ),
  );
  expect(trace.marks.get('verdict')).toEqual([10]);
  expect(workBetween(trace, 10, 300)).toEqual({ main: 50, workers: 150, longest: 80, over50: 1 });
});

test('a trace without a task of the page is no measurement', () => {
  expect(() => readTrace(text(thread(3, 'Compositor'), task(3, 1, 1)))).toThrow('nothing was measured');
});
