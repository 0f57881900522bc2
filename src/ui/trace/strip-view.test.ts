import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { summarise } from '../../core/traces/summary.ts';
import { accountOf, STATES, stretchesOf } from '../../core/traces/sweep.ts';
import { traceOf } from '../../core/traces/testing/traces.ts';
import { columnsOf, holding, momentAt, moved, type View, zoomed } from './strip-view.ts';

const piece = fc.record({
  name: fc.constantFrom('nvjet_tst', 'flash::flash_fwd_kernel', 'ncclDevKernel_AllReduce'),
  start: fc.integer({ min: 100, max: 900 }),
  duration: fc.integer({ min: 1, max: 90 }),
  launch: fc.option(fc.integer({ min: 0, max: 900 })),
});

describe('columns of pixels', () => {
  test('hold exactly the time of the view, by state', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 0, max: 800 }),
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: 1, max: 60 }),
        (pieces, from, length, columns) => {
          const stretches = stretchesOf(traceOf(pieces), 0);
          const zero = stretches.edge[0] as number;
          const shares = columnsOf(stretches, { from, to: from + length }, columns);
          const { states } = accountOf(stretches, zero + from, zero + from + length);
          STATES.forEach((id, state) => {
            let sum = 0;
            for (let x = 0; x < columns; x++) sum += shares[x * STATES.length + state] as number;
            expect((sum * length) / columns).toBeCloseTo(states[id], 1);
          });
          for (let x = 0; x < columns; x++) {
            const filled = shares.subarray(x * STATES.length, (x + 1) * STATES.length).reduce((a, b) => a + b, 0);
            expect(filled).toBeLessThanOrEqual(1.001);
          }
        },
      ),
    );
  });
});

describe('the view', () => {
  const whole = 100_000;
  const view: fc.Arbitrary<View> = fc
    .tuple(fc.integer({ min: 0, max: whole - 300 }), fc.integer({ min: 250, max: whole }))
    .map(([from, length]) => ({ from, to: Math.min(whole, from + length) }));
  test('stays inside the whole however it is moved and zoomed, and keeps the moment it is zoomed about', () => {
    fc.assert(
      fc.property(
        view,
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: -whole, max: whole }),
        (given, factor, share, by) => {
          const about = given.from + share * (given.to - given.from);
          for (const next of [
            zoomed(given, about, factor, whole),
            moved(given, by, whole),
            holding(given, Math.abs(by), whole),
          ]) {
            expect(next.from).toBeGreaterThanOrEqual(0);
            expect(next.to).toBeLessThanOrEqual(whole + 1e-6);
            expect(next.to - next.from).toBeGreaterThan(100);
          }
          const near = zoomed(given, about, factor, whole);
          expect(about).toBeGreaterThanOrEqual(near.from - 1e-6);
          expect(about).toBeLessThanOrEqual(near.to + 1e-6);
        },
      ),
    );
  });
});

describe('a moment', () => {
  const [gpu] = summarise([
    traceOf([
      { name: 'nvjet_tst', start: 1000, duration: 100, launch: 900 },
      { name: 'ncclDevKernel_AllReduce', start: 1020, duration: 200, launch: 901 },
      { name: 'nvjet_tst', start: 1300, duration: 50, launch: 1290 },
    ]),
  ]).gpus;
  const at = (ns: number) => momentAt(gpu as NonNullable<typeof gpu>, ns);
  test('names what runs, longest first, counted from the first kernel', () => {
    expect(at(50)).toMatchObject({
      state: 'gemm',
      running: [{ name: 'ncclDevKernel_AllReduce' }, { name: 'nvjet_tst' }],
    });
    expect(at(250)).toMatchObject({ state: 'host-wait', running: [], lasts: 80 });
    expect(at(351)).toBeNull();
  });
});
