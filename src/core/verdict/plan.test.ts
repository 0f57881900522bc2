import { describe, expect, test } from 'vitest';
import type { Remedy } from '../detectors/detector.ts';
import { planOf } from './plan.ts';
import type { RankedFinding } from './verdict.ts';

function finding(pathology: string, more: Partial<RankedFinding> = {}, ...remedies: Partial<Remedy>[]): RankedFinding {
  return {
    pathology,
    title: pathology,
    model: 'm',
    severity: 'critical',
    explains: [],
    remedies: remedies.map((r) => ({
      title: `fix ${pathology}`,
      flag: null,
      knob: null,
      from: null,
      to: null,
      ...r,
    })) as Remedy[],
    ...more,
  } as RankedFinding;
}

describe('one plan out of the advice of several findings', () => {
  test('the first remedy of each, in their order; cost stands behind harm', () => {
    const plan = planOf([
      finding('waste', { severity: 'info' }, {}),
      finding('slow', {}, {}, { title: 'other way' }),
      finding('late', {}, {}),
    ]);
    expect(plan.steps.map((s) => s.for)).toEqual([['slow'], ['late'], ['waste']]);
    expect(plan.steps.map((s) => s.remedy.title)).not.toContain('other way');
    expect(plan.heldBack).toEqual([]);
  });

  test('an effect waits for its cause', () => {
    const plan = planOf([finding('cause', { explains: ['effect'] }, {}), finding('effect', {}, {})]);
    expect(plan.steps.map((s) => s.for)).toEqual([['cause']]);
    expect(plan.heldBack).toEqual([
      { pathology: 'effect', title: 'fix effect', because: 'effect follows from cause; look again when that is gone.' },
    ]);
  });

  test('one number of replicas: that of the finding before, wherever it stands there', () => {
    const run = (to: number) => ({ title: `Run ${to} replicas`, from: 1, to });
    const plan = planOf([
      finding('overload', {}, { knob: 'max-num-queued-reqs', to: 8 }, run(3)),
      finding('shift', { severity: 'info' }, run(9)),
    ]);
    expect(plan.steps.map((s) => s.for)).toEqual([['overload']]);
    expect(plan.heldBack).toEqual([
      {
        pathology: 'shift',
        title: 'Run 9 replicas',
        because: '“Run 3 replicas” is the size for overload; size once, then look again.',
      },
    ]);
    const others = planOf([finding('overload', {}, run(3)), finding('shift', { model: 'n' }, run(9))]);
    expect(others.steps.length).toBe(2);
  });

  test('an effect comes first where its cause is nothing that ends', () => {
    const plan = planOf([
      finding('workload-shift', { explains: ['kv-cache-thrashing', 'decode-slowdown'] }, {}),
      finding('kv-cache-thrashing', {}, {}),
      finding('decode-slowdown', {}, {}),
    ]);
    expect(plan.steps.map((s) => s.for)).toEqual([['kv-cache-thrashing'], ['workload-shift']]);
    expect(plan.heldBack.map((h) => h.pathology)).toEqual(['decode-slowdown']);
  });

  test('an effect of another model does not wait', () => {
    const plan = planOf([finding('cause', { explains: ['effect'] }, {}), finding('effect', { model: 'n' }, {})]);
    expect(plan.steps.length).toBe(2);
  });

  test('in a circle the one ranked higher comes first', () => {
    const plan = planOf([finding('a', { explains: ['b'] }, {}), finding('b', { explains: ['a'] }, {})]);
    expect(plan.steps.map((s) => s.for)).toEqual([['a']]);
  });

  test('two that pull a setting apart: the first wins, the other is held back and says so', () => {
    const knob = 'max-num-seqs';
    const plan = planOf([
      finding('thrash', {}, { knob, from: 64, to: 24 }),
      finding('seats', {}, { knob, from: 64, to: 96 }),
    ]);
    expect(plan.steps.map((s) => s.remedy.to)).toEqual([24]);
    expect(plan.heldBack[0]?.because).toContain('max-num-seqs the other way');
  });

  test('what a step of several settings sets already is not said again, another value is', () => {
    const plan = planOf([
      finding('thrash', {}, { knob: 'max-num-seqs', flag: '--max-num-seqs 24 --cap 320' }),
      finding('shift', {}, { flag: '--cap 320' }),
      finding('other', {}, { flag: '--cap 32' }),
    ]);
    expect(plan.steps.map((s) => s.for)).toEqual([['thrash', 'shift'], ['other']]);
  });

  test('two that turn the same setting the same way are one step for both', () => {
    const knob = 'max-num-seqs';
    const plan = planOf([
      finding('thrash', {}, { knob, from: 64, to: 24 }),
      finding('slow', {}, { knob, from: 64, to: 40 }),
    ]);
    expect(plan.steps).toMatchObject([{ remedy: { to: 24 }, for: ['thrash', 'slow'] }]);
  });
});
