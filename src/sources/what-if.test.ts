import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRecording } from './recording/source.ts';
import { gunzipIfNeeded } from './recording/decompress.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import { diagnose } from '../core/verdict/diagnose.ts';
import { targetsOf } from '../core/verdict/profiles.ts';
import type { FigureId } from '../core/whatif/figures.ts';
import { type Ground, groundOf } from '../core/whatif/ground.ts';
import type { Moves } from '../core/whatif/moves.ts';
import { movesOf } from '../core/whatif/remedy.ts';
import { predict } from '../core/whatif/predict.ts';
import { settle } from '../core/whatif/settle.ts';
import { whatIf } from '../core/whatif/what-if.ts';

const library = fileURLToPath(new URL('../../public/library', import.meta.url));

async function recorded(name: string): Promise<Evidence> {
  const text = await gunzipIfNeeded(new Uint8Array(readFileSync(`${library}/${name}.om.gz`)));
  const recording = openRecording({ name, texts: [text] }, { fetch, now: () => 0 });
  return recording.read({ from: 'start', to: 'end', selector: '', knobs: {} }, new AbortController().signal);
}

/** Read, judged and settled once each: that takes longer than what is asked of it. */
const incidents = new Map<string, ReturnType<typeof open>>();

function incident(name: string): ReturnType<typeof open> {
  const known = incidents.get(name) ?? open(name);
  incidents.set(name, known);
  return known;
}

async function open(name: string) {
  const evidence = await recorded(name);
  const verdict = diagnose(evidence, targetsOf('chat'));
  const primary = verdict.findings[0];
  const found = groundOf(evidence, primary?.since ?? null, primary?.scope.instances ?? []);
  if ('because' in found) throw new Error(found.because);
  return { ground: settle(found), primary };
}

describe('at the settings of today, the recordings', () => {
  const names = [
    'healthy-steady',
    'kv-thrash-a',
    'seats',
    'overload',
    'long-spike-a',
    'kv-bound',
    'prefix-collapse',
    'imbalance',
  ];
  /** Measured figures a play does not give, each for a reason. */
  const MISSED: Readonly<Record<string, readonly FigureId[]>> = {
    // A twentieth of the steps hold a prompt, so that the 95th percentile lies between two kinds of step.
    seats: ['itl-p95'],
  };
  it.each(names)('%s: measured figures lie in the bands', async (name) => {
    const { ground } = await incident(name);
    const { figures, cannotTell } = whatIf(ground, {});
    expect(cannotTell).toBeNull();
    expect(figures.filter((one) => one.measured !== null && one.now !== null).length).toBeGreaterThanOrEqual(8);
    expect(figures.filter((one) => one.then === null).map((one) => one.id)).toEqual(MISSED[name] ?? []);
  });

  it('stall: a frozen engine is not believed to follow its scheduler', async () => {
    const { ground } = await incident('stall');
    const { figures, cannotTell } = whatIf(ground, { 'max-num-seqs': 128 });
    expect(cannotTell).toMatch(/differ from the measured ones/);
    expect(figures.every((one) => one.then === null)).toBe(true);
  });
});

describe('moves', () => {
  const mid = (ground: Ground, moves: Moves, id: FigureId) => predict(ground, moves).figures[id]?.mid ?? Number.NaN;

  it('seats: with 24 the queue is gone, answers come slower and more of them', async () => {
    const { ground, primary } = await incident('seats');
    const moves = movesOf(primary?.remedies[0] as NonNullable<typeof primary>['remedies'][number], 1);
    expect(moves).toEqual({ 'max-num-seqs': 24 });
    expect(ground.seats).toBe('read-off');
    expect(mid(ground, {}, 'waiting')).toBeGreaterThan(150);
    expect(mid(ground, moves as Moves, 'waiting')).toBeLessThan(5);
    expect(mid(ground, moves as Moves, 'itl-mean')).toBeGreaterThan(mid(ground, {}, 'itl-mean'));
    expect(mid(ground, moves as Moves, 'output')).toBeGreaterThan(1.3 * mid(ground, {}, 'output'));
  });

  it('kv-thrash-a: the remedy ends preemption; so does a cap alone, at the price of output', async () => {
    const { ground, primary } = await incident('kv-thrash-a');
    const [first, second] = (primary?.remedies ?? []).map((remedy) => movesOf(remedy, 1));
    expect(first).toEqual({ 'max-num-seqs': 24, 'max-new-tokens': 320 });
    expect(second).toEqual({ 'max-num-seqs': 8 });
    expect(mid(ground, {}, 'preemptions')).toBeGreaterThan(0.5);
    expect(mid(ground, first as Moves, 'preemptions')).toBeLessThan(0.05);
    expect(mid(ground, first as Moves, 'waiting')).toBeLessThan(5);
    expect(mid(ground, second as Moves, 'preemptions')).toBeLessThan(0.05);
    expect(mid(ground, second as Moves, 'output')).toBeLessThan(0.7 * mid(ground, {}, 'output'));
  });

  it('long-spike-a: the budget is that of the flags, and a bite starts the short ones sooner', async () => {
    const { ground } = await incident('long-spike-a');
    expect(ground.settings.budget).toBe(2048);
    const bitten = { 'long-prefill-token-threshold': 512 };
    expect(mid(ground, bitten, 'ttft-p95')).toBeLessThan(0.5 * mid(ground, {}, 'ttft-p95'));
    const without = { 'max-model-len': 8192 };
    expect(whatIf(ground, without).notes[0]).toMatch(/^3\.\d* % of requests are refused/);
    expect(mid(ground, without, 'ttft-p95')).toBeLessThan(1);
  });

  it('says so where a play leaves what was observed', async () => {
    const { ground } = await incident('seats');
    expect(whatIf(ground, {}).beyond).toEqual([]);
    expect(whatIf(ground, { arrivals: 3, 'max-num-seqs': 256 }).beyond[0]).toMatch(/measured ones had at most 41/);
  });

  it('monotone: more arrivals or fewer replicas wait no less, more memory gives no less, fewer seats run no more', async () => {
    const { ground: thrash } = await incident('kv-thrash-a');
    const { ground: full } = await incident('overload');
    const pair = fc.tuple(fc.double({ min: 0.2, max: 3, noNaN: true }), fc.double({ min: 0.2, max: 3, noNaN: true }));
    const ordered = pair.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    // Two draws of chance differ, at their edges too: within a tenth of the bands counts as equal.
    const notBelow = (ground: Ground, less: Moves, more: Moves, id: FigureId) => {
      const [a, b] = [predict(ground, less).figures[id], predict(ground, more).figures[id]];
      expect(b?.high).toBeGreaterThanOrEqual(0.9 * (a?.low ?? 0));
      expect(b?.mid).toBeGreaterThanOrEqual(0.8 * (a?.mid ?? 0) - 2);
    };
    fc.assert(
      fc.property(ordered, ([less, more]) => {
        notBelow(full, { arrivals: less }, { arrivals: more }, 'waiting');
        notBelow(full, { replicas: Math.ceil(more * 2) }, { replicas: Math.ceil(less * 2) }, 'waiting');
        // Not the preemptions: until all fit, more memory lets more run at once, and more can be thrown out.
        notBelow(thrash, { 'kv-cache': 1 + less }, { 'kv-cache': 1 + more }, 'output');
        notBelow(thrash, { 'max-num-seqs': Math.ceil(8 * less) }, { 'max-num-seqs': Math.ceil(8 * more) }, 'running');
      }),
      { numRuns: 3 },
    );
  });
});
