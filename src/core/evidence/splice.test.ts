import { describe, expect, test } from 'vitest';
import { endOf } from '../base/grid.ts';
import { SIGNALS } from '../signals/index.ts';
import type { Evidence, Reading } from './evidence.ts';
import { buildScene, type SceneText } from './notation.ts';
import { restrictToModel, sliceEvidence, trimEvidence } from './slice.ts';
import { type NextRead, splice, tailAfter } from './splice.ts';

const END = 1_800_000_000;
/** Twelve steps of two replicas, histogram and labels included. */
const whole = (more: Partial<SceneText> = {}): Evidence =>
  buildScene({
    replicas: ['a', 'b'],
    lines: { running: '1+1x11', 'running@b': '20-1x11', 'finished{stop}': '1x11', preemptions: '0x5 2x5' },
    histograms: { ttft: '0.2*5x5 0.4*3x5' },
    labels: { 'cache-config': { block_size: '16' } },
    ...more,
  });

const nextRead = (evidence: Evidence, more: Partial<NextRead> = {}): NextRead => ({
  grid: evidence.grid,
  window: evidence.window,
  selector: evidence.selector,
  knobs: evidence.knobs,
  metrics: new Map(SIGNALS.map(({ id }) => [id, evidence.readings[id]?.metrics ?? []])),
  ...more,
});

describe('slice', () => {
  test('ends at the grid time at or before', () => {
    const evidence = whole();
    const cut = sliceEvidence(evidence, END - 12);
    expect(endOf(cut.grid)).toBe(END - 15);
    expect(cut.grid.from).toBe(evidence.grid.from);
    expect(cut.readings.running?.lines[0]?.values).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(cut.readings.ttft?.histograms[0]?.count.length).toBe(9);
    expect(sliceEvidence(evidence, END + 60)).toBe(evidence);
    expect(sliceEvidence(evidence, 0).grid.count).toBe(1);
  });

  test('begins at the grid time at or after', () => {
    const cut = trimEvidence(whole(), END - 12);
    expect(cut.grid).toEqual({ from: END - 10, step: 5, count: 3 });
    expect(cut.readings.running?.lines[0]?.values).toEqual([10, 11, 12]);
  });

  test('one model', () => {
    const evidence = whole({ model: { a: 'x', b: 'y' } });
    const y = restrictToModel(evidence, 'y');
    expect(y.replicas.map((replica) => replica.id)).toEqual(['b']);
    expect(y.readings.running?.lines.map((line) => line.replica)).toEqual(['b']);
    expect(y.readings.ttft?.histograms.length).toBe(1);
    expect(restrictToModel(evidence, 'z').readings.running?.state).toBe('absent');
  });
});

/** The same, of an engine whose block size was another until a time. */
const reconfigured = (until: number, more: Partial<SceneText> = {}): Evidence => {
  const evidence = whole(more);
  const config = evidence.readings['cache-config'] as Reading;
  const earlier = [{ replica: 'a', labels: { block_size: '8' }, until }];
  return { ...evidence, readings: { ...evidence.readings, 'cache-config': { ...config, earlier } } };
};
const sizes = (evidence: Evidence) => {
  const { labels, earlier } = evidence.readings['cache-config'] as Reading;
  return [labels.map((info) => `${info.replica} ${info.labels.block_size}`), (earlier ?? []).map(({ until }) => until)];
};

describe('settings that changed within the window', () => {
  test('before the change the earlier ones hold', () => {
    const evidence = reconfigured(END - 20);
    expect(sizes(evidence)).toEqual([['a 16', 'b 16'], [END - 20]]);
    expect(sizes(sliceEvidence(evidence, END - 25))).toEqual([['a 8', 'b 16'], []]);
    expect(sizes(sliceEvidence(evidence, END - 20))).toEqual([['a 16', 'b 16'], [END - 20]]);
    expect(sizes(trimEvidence(evidence, END - 20))).toEqual([['a 16', 'b 16'], []]);
    expect(sizes(restrictToModel(reconfigured(END - 20, { model: { a: 'x', b: 'y' } }), 'y'))).toEqual([['b 16'], []]);
  });

  test('a read in two parts tells the change once, wherever the tail begins', () => {
    for (const until of [END - 40, END - 20, END - 10, END]) {
      const all = reconfigured(until);
      const previous = sliceEvidence(all, END - 15);
      for (const from of [END - 40, END - 30, END - 20, END - 15]) {
        const spliced = splice(previous, trimEvidence(all, from), all.grid);
        expect(spliced && sizes(spliced), `${until} ${from}`).toEqual(sizes(all));
      }
    }
  });

  test('an engine that was away and comes back with others', () => {
    const all = reconfigured(END - 20);
    const tail = trimEvidence(all, END - 10);
    const previous = sliceEvidence(all, END - 30);
    const spliced = splice(previous, tail, { ...all.grid, count: all.grid.count });
    expect(spliced && sizes(spliced)).toEqual([['a 16', 'b 16'], [END - 25]]);
  });
});

describe('splice', () => {
  test('a read in two parts is the same evidence as one read at once', () => {
    const all = whole();
    const previous = sliceEvidence(all, END - 15);
    const tailGrid = tailAfter(previous, nextRead(all), 10);
    expect(tailGrid).toEqual({ from: END - 25, step: 5, count: 6 });
    expect(splice(previous, trimEvidence(all, END - 25), all.grid)).toEqual(all);
  });

  test('a window that moved drops what lies before it', () => {
    const all = whole();
    const grid = { ...all.grid, from: all.grid.from + 10, count: 10 };
    const spliced = splice(sliceEvidence(all, END - 15), trimEvidence(all, END - 25), grid);
    expect(spliced).toEqual(trimEvidence(all, grid.from));
  });

  test('the tail wins where both know a time', () => {
    const previous = sliceEvidence(whole(), END - 15);
    const lines = { running: '99', 'finished{stop}': '1x11', preemptions: '0x5 2x5' };
    const spliced = splice(previous, trimEvidence(whole({ lines }), END - 25), whole().grid);
    expect(spliced?.readings.running?.lines[0]?.values).toEqual([1, 2, 3, 4, 5, 6, 99, 99, 99, 99, 99, 99]);
  });

  test('a replica that went away ends, a new one begins', () => {
    const previous = sliceEvidence(whole(), END - 15);
    const tail = trimEvidence(whole({ replicas: ['b', 'c'] }), END - 25);
    const spliced = splice(previous, tail, whole().grid);
    expect(spliced?.replicas.map((replica) => replica.id)).toEqual(['a', 'b', 'c']);
    const line = (replica: string) => spliced?.readings.running?.lines.find((one) => one.replica === replica)?.values;
    expect(line('a')).toEqual([1, 2, 3, 4, 5, 6, null, null, null, null, null, null]);
    expect(line('c')).toEqual([null, null, null, null, null, null, 7, 8, 9, 10, 11, 12]);
    expect(spliced?.readings.running?.state).toBe('present');
  });

  test('a further engine behind a known instance asks for a whole read', () => {
    const tail = trimEvidence(whole({ replicas: ['a/0', 'a/1', 'b'] }), END - 25);
    expect(splice(sliceEvidence(whole(), END - 15), tail, whole().grid)).toBe(null);
  });

  test.each<[string, Partial<SceneText>]>([
    ['no number', { lines: { running: '_x11' }, histograms: {} }],
    ['all but one signal', { lines: { running: '1x11', 'finished{stop}': '1x11' } }],
    ['all but a histogram', { histograms: {} }],
  ])('a tail that brings %s of what was known at the same times asks for a whole read', (_, change) => {
    const all = whole();
    expect(splice(sliceEvidence(all, END - 15), trimEvidence(whole(change), END - 25), all.grid)).toBe(null);
    // And so does one that brings what an earlier read had missed.
    expect(splice(sliceEvidence(whole(change), END - 15), trimEvidence(all, END - 25), all.grid)).toBe(null);
  });

  test('what ends after the earlier read, or had ended before the tail, is no contradiction', () => {
    for (const running of ['1x8 _x3', '1x4 _x7', '_x9 1 1 1']) {
      const all = whole({ replicas: ['a'], lines: { running, preemptions: '0x11' } });
      expect(splice(sliceEvidence(all, END - 15), trimEvidence(all, END - 25), all.grid)).toEqual(all);
    }
  });

  const previous = sliceEvidence(whole(), END - 15);
  const renamed = new Map(nextRead(whole()).metrics).set('running', ['vllm_num_requests_running']);
  test.each<[string, Partial<NextRead>]>([
    ['another selector', { selector: '{job="x"}' }],
    ['another window', { window: 60 }],
    ['another knob', { knobs: { 'max-num-seqs': 8 } }],
    ['another step', { grid: { from: END - 50, step: 10, count: 6 } }],
    ['times off the lattice', { grid: { ...whole().grid, from: whole().grid.from + 2 } }],
    ['an earlier start', { grid: { from: whole().grid.from - 5, step: 5, count: 13 } }],
    ['a gap', { grid: { from: END, step: 5, count: 12 } }],
    ['other names', { metrics: renamed }],
  ])('%s asks for a whole read', (_, change) => {
    expect(tailAfter(previous, nextRead(whole(), change), 10)).toBe(null);
  });

  test('a failed reading asks for a whole read', () => {
    const running = previous.readings.running;
    const failed = { ...previous, readings: { ...previous.readings, running: { ...running, state: 'failed' } } };
    expect(tailAfter(failed as Evidence, nextRead(whole()), 10)).toBe(null);
  });
});
