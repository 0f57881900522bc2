import { expect, it } from 'vitest';
import type { Evidence } from '../core/evidence/evidence.ts';
import { buildScene } from '../core/evidence/notation.ts';
import { chaptersOf, type Said } from '../core/verdict/chapters.ts';
import type { History } from '../core/verdict/history.ts';
import { targetsOf } from '../core/verdict/profiles.ts';
import { HistoryDesk } from './history-desk.ts';
import { type HistoryAnswer, type HistoryAsk, historyJudge } from './history-judge.ts';

const CHAT = targetsOf('chat');
const RAG = targetsOf('rag');
const END = 1_800_000_000;

/** A calm engine, read up to `end`; `late` is a value that differs at the last step. */
function read(end = END, late = ''): Evidence {
  return buildScene({
    end,
    steps: 61,
    lines: {
      running: `3x59 ${late || 3}`,
      waiting: '0',
      'kv-cache-usage': '0.2',
      preemptions: '0',
      'output-tokens': '60',
      'finished{stop}': '2',
    },
    histograms: { ttft: '0.1*2 ...' },
  });
}
const labelled = (label: string): Evidence => ({ ...read(), source: { ...read().source, label } });

/** Desk and judge with a clock of their own: `run` lets everything happen that is due within so many milliseconds. */
function stage() {
  let now = 0;
  const due: { at: number; then: () => void }[] = [];
  const asks: HistoryAsk[] = [];
  const answers: HistoryAnswer[] = [];
  const shown: (History | null)[] = [];
  const later = (ms: number, then: () => void) => {
    const one = { at: now + ms, then };
    due.push(one);
    return () => {
      if (due.includes(one)) due.splice(due.indexOf(one), 1);
    };
  };
  const judge = historyJudge({
    send: (answer) => {
      answers.push(answer);
      desk.answer(answer);
    },
    breathe: () => new Promise((resolve) => void later(10, resolve)),
    now: () => now,
  });
  const desk = new HistoryDesk({
    post: (ask) => {
      asks.push(ask);
      judge(structuredClone(ask));
    },
    later,
    now: () => now,
    show: (history) => shown.push(history),
  });
  const run = async (ms: number): Promise<void> => {
    const until = now + ms;
    for (;;) {
      // What a promise goes on with comes before the next thing due.
      for (let i = 0; i < 5; i++) await Promise.resolve();
      const next = due.sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > until) break;
      due.shift();
      now = next.at;
      next.then();
    }
    now = until;
  };
  return { desk, run, asks, answers, shown, last: () => shown[shown.length - 1] };
}
const judged = (asks: readonly HistoryAsk[]) => asks.filter((ask) => ask.do === 'judge').length;

it('judges newest first, reports on the way, and ends complete', async () => {
  const { desk, run, shown, last } = stage();
  desk.ask({ evidence: read(), targets: CHAT, said: null });
  expect(shown).toEqual([null]);
  await run(200);
  expect(shown).toEqual([null]);
  await run(5000);
  const [, first] = shown;
  expect(first?.done).toBe(false);
  expect(first?.said.map(({ at }) => at)).toEqual([END]);
  expect(last()?.done).toBe(true);
  expect(chaptersOf(last()?.said ?? []).at(-1)).toMatchObject({ status: 'healthy', to: END });
});

it('gives up what is under way when the source or the targets change', async () => {
  const { desk, run, asks, answers, last } = stage();
  desk.ask({ evidence: labelled('a'), targets: CHAT, said: null });
  await run(300);
  const old = answers.length;
  desk.ask({ evidence: labelled('b'), targets: CHAT, said: null });
  expect(last()).toBeNull();
  await run(100);
  desk.ask({ evidence: labelled('b'), targets: RAG, said: null });
  await run(5000);
  expect(last()?.done).toBe(true);
  const done = answers.slice(old).filter(({ history }) => history.done);
  expect(done).toHaveLength(1);
  expect(asks.filter((ask) => ask.do === 'stop').length).toBeGreaterThan(0);
});

it('lets the reads of a live window wait, and judges only the newest', async () => {
  const { desk, run, asks, shown } = stage();
  for (let i = 0; i < 12; i++) {
    desk.ask({ evidence: read(END + i * 5), targets: CHAT, said: null });
    await run(5000);
  }
  // A minute: one at once, then one every 15 s.
  expect(judged(asks)).toBeGreaterThanOrEqual(3);
  expect(judged(asks)).toBeLessThanOrEqual(5);
  expect(shown.filter((history) => history === null)).toHaveLength(1);
});

it('goes on with what the page says between two histories, and judges no more often than it has moments', async () => {
  const { desk, run, asks, last } = stage();
  // Ten minutes in ten-second steps: a moment each 20 s.
  const wide = (end: number) => ({ ...read(end), grid: { ...read(end).grid, step: 10, from: end - 600 } });
  const says = (at: number, title: string): Said => ({
    at,
    title,
    status: title === 'Healthy' ? 'healthy' : 'critical',
    pathology: title === 'Healthy' ? null : 'overload',
    headline: title,
    confidence: null,
  });
  desk.ask({ evidence: wide(END), targets: CHAT, said: says(END, 'Healthy') });
  await run(5000);
  desk.ask({ evidence: wide(END + 10), targets: CHAT, said: says(END + 10, 'Overload') });
  await run(5000);
  expect(judged(asks)).toBe(1);
  expect(chaptersOf(last()?.said ?? []).slice(-2)).toMatchObject([
    { status: 'healthy', to: END + 10 },
    { title: 'Overload', from: END + 10, to: END + 10 },
  ]);
  expect(Math.min(...(last()?.said ?? []).map(({ at }) => at))).toBeGreaterThanOrEqual(END + 10 - 600);
  await run(20_000);
  // Judged anew, it is what the judge says, and nothing twice.
  expect(judged(asks)).toBe(2);
  expect(chaptersOf(last()?.said ?? []).at(-1)).toMatchObject({ title: 'Healthy', to: END + 10 });
  expect(new Set(last()?.said.map(({ at }) => at)).size).toBe(last()?.said.length);
});

it('keeps what it said as long as the reads agree', async () => {
  const { desk, run, answers } = stage();
  desk.ask({ evidence: read(), targets: CHAT, said: null });
  await run(20_000);
  const before = answers.length;
  desk.ask({ evidence: read(END + 5), targets: CHAT, said: null });
  await run(20_000);
  const first = answers[before];
  // The end is new; all others were known when the first of this read was told.
  expect(first?.history.said.length).toBeGreaterThan(10);
  expect(first?.history.said.at(-1)?.at).toBe(END + 5);

  const again = answers.length;
  desk.ask({ evidence: read(END + 10, '9'), targets: RAG, said: null });
  await run(20_000);
  expect(answers[again]?.history.said).toHaveLength(1);
});

it('asks nothing for what it has, and nothing after it was stopped', async () => {
  const { desk, run, asks, shown } = stage();
  const evidence = read();
  desk.ask({ evidence, targets: CHAT, said: null });
  await run(5000);
  const said = asks.length;
  desk.ask({ evidence, targets: CHAT, said: null });
  await run(20_000);
  expect(asks).toHaveLength(said);
  desk.ask({ evidence: labelled('b'), targets: CHAT, said: null });
  desk.stop();
  await run(20_000);
  expect(judged(asks)).toBe(1);
  expect(shown.at(-1)).toBeNull();
});
