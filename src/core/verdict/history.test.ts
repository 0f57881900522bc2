import { describe, expect, test } from 'vitest';
import { endOf, timeAt } from '../base/grid.ts';
import { buildScene } from '../evidence/notation.ts';
import { sliceEvidence } from '../evidence/slice.ts';
import { SCENES } from '../detectors/overload/scenes.ts';
import { diagnose } from './diagnose.ts';
import { chaptersOf, type Said, sayChapters } from './chapters.ts';
import { judgeMoments, momentsOf, verdictsAt } from './history.ts';
import { targetsOf } from './profiles.ts';

const CHAT = targetsOf('chat');
const { sick, healthy } = SCENES;

describe('moments', () => {
  const fleet = (replicas: number, count: number, from = 1_800_000_000) => ({
    grid: { from, step: 5, count },
    replicas: Array.from({ length: replicas }, () => ({ id: '', instance: '', engine: '', model: '' })),
  });

  test.each([
    ['one scrape', 1, 1],
    ['eight minutes', 1, 97],
    ['half an hour', 8, 361],
    ['a day of five-second points', 1, 17_281],
    ['a large fleet', 256, 361],
  ])('%s: newest first, not too many, never closer than 15 s but for the end', (_, replicas, count) => {
    const window = fleet(replicas, count);
    const { times, every } = momentsOf(window);
    expect(times[0]).toBe(endOf(window.grid));
    expect(times.length).toBeLessThanOrEqual(34);
    expect(every).toBeGreaterThanOrEqual(15);
    times.slice(2).forEach((at, i) => expect((times[i + 1] ?? 0) - at).toBe(every));
  });

  test('a large fleet is judged less often, and that is said', () => {
    expect(momentsOf(fleet(1, 361)).fewer).toBe(false);
    const large = momentsOf(fleet(256, 361));
    expect(large.fewer).toBe(true);
    expect(large.times.length).toBeGreaterThanOrEqual(4);
  });

  test('stay where they are while the window moves on', () => {
    const first = momentsOf(fleet(1, 97));
    const next = momentsOf(fleet(1, 97, 1_800_000_005));
    const kept = next.times.filter((at) => first.times.includes(at));
    expect(kept.length).toBeGreaterThanOrEqual(first.times.length - 2);
  });
});

describe('judging', () => {
  const said = [...judgeMoments(sick, CHAT)];

  test('says at each moment what a verdict of that time says', () => {
    for (const { at, status, headline } of said) {
      const verdict = diagnose(sliceEvidence(sick, at), CHAT);
      expect({ at, status, headline }).toEqual({ at: verdict.at, status: verdict.status, headline: verdict.headline });
    }
    expect([...verdictsAt(sick, CHAT, [endOf(sick.grid)])][0]).toEqual(diagnose(sick, CHAT));
  });

  test('ends in the present trouble, no moment twice, edges narrowed to a grid step', () => {
    const chapters = chaptersOf(said);
    expect(chapters.at(-1)).toMatchObject({ pathology: diagnose(sick, CHAT).findings[0]?.pathology });
    expect(new Set(said.map(({ at }) => at)).size).toBe(said.length);
    const times = said.map(({ at }) => at).sort((a, b) => a - b);
    const begun = chapters.at(-1)?.from ?? 0;
    const before = times[times.indexOf(begun) - 1] ?? -Infinity;
    expect(begun - before).toBeLessThanOrEqual(sick.grid.step * 3);
  });

  test('works only when asked for the next one, and not on what is known', () => {
    const moments = judgeMoments(sick, CHAT);
    expect(moments.next().value).toMatchObject({ at: endOf(sick.grid) });
    expect([...judgeMoments(sick, CHAT, said)].filter(({ at }) => said.some((one) => one.at === at))).toEqual([]);
  });

  test('a healthy fleet is one chapter after the first scrapes', () => {
    const chapters = chaptersOf([...judgeMoments(healthy, CHAT)]).filter(({ status }) => status !== 'unknown');
    expect(chapters).toMatchObject([{ status: 'healthy', pathology: null, title: 'Healthy' }]);
  });

  test('nothing at all: cannot tell, and nothing is thrown', () => {
    const empty = buildScene({ steps: 1 });
    const chapters = chaptersOf([...judgeMoments({ ...empty, replicas: [], readings: {} }, CHAT)]);
    expect(chapters).toMatchObject([{ status: 'unknown', from: timeAt(empty.grid, 0) }]);
  });
});

describe('chapters', () => {
  const WORDS: Record<string, Pick<Said, 'status' | 'pathology' | 'title'>> = {
    '?': { status: 'unknown', pathology: null, title: 'Cannot tell' },
    '.': { status: 'healthy', pathology: null, title: 'Healthy' },
    o: { status: 'degraded', pathology: 'overload', title: 'Overload' },
    O: { status: 'critical', pathology: 'overload', title: 'Overload' },
    K: { status: 'critical', pathology: 'kv-cache-thrashing', title: 'KV cache thrashing' },
    S: { status: 'critical', pathology: 'engine-stall', title: 'Engine stalled' },
    G: { status: 'unknown', pathology: 'telemetry-gap', title: 'Cannot tell' },
  };
  /** One letter per minute. */
  const told = (text: string): Said[] =>
    [...text].map((letter, i) => ({
      ...(WORDS[letter] as Pick<Said, 'status' | 'pathology' | 'title'>),
      at: i * 60,
      headline: `${letter}${i}`,
      confidence: null,
    }));
  const minute = (at: number): string => `minute ${at / 60}`;

  test('are runs of equal status and subject, whatever order they were judged in', () => {
    const chapters = chaptersOf(told('..oOOK').reverse());
    expect(chapters.map(({ title, status, from, to }) => [title, status, from, to])).toEqual([
      ['Healthy', 'healthy', 0, 120],
      ['Overload', 'degraded', 120, 180],
      ['Overload', 'critical', 180, 300],
      ['KV cache thrashing', 'critical', 300, 300],
    ]);
    expect(chapters[2]?.headline).toBe('O4');
    expect(chaptersOf([])).toEqual([]);
  });

  test.each([
    ['', ''],
    ['?', 'Cannot tell throughout.'],
    ['?....', 'Healthy throughout.'],
    ['KKKK', 'KV cache thrashing throughout.'],
    ['??...OOoKK', 'Overload at minute 5, KV cache thrashing since minute 8.'],
    ['...SSS...', 'Engine stalled from minute 3 to minute 6, healthy since minute 6.'],
    ['SSS...', 'Engine stalled until minute 3, healthy since minute 3.'],
    ['OOKK', 'Overload first, KV cache thrashing since minute 2.'],
    ['...GG', 'Cannot tell since minute 3.'],
    ['.O.K', 'Overload from minute 1 to minute 2, KV cache thrashing since minute 3.'],
    [
      '.O.K.O.S.',
      'After 1 earlier change: KV cache thrashing from minute 3 to minute 4, overload from minute 5 to minute 6, engine stalled from minute 7 to minute 8, healthy since minute 8.',
    ],
  ])('%s reads: %s', (text, expected) => {
    expect(sayChapters(chaptersOf(told(text)), minute)).toBe(expected);
  });
});
