import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CATEGORIES, classify } from './kernels.ts';
import { accountOf, busyOf, idleOf, type State, STATES, stretchesOf } from './sweep.ts';
import { type Piece, traceOf } from './testing/traces.ts';

const NAMES = {
  attention: 'flash::flash_fwd_kernel',
  gemm: 'nvjet_tst_64x8',
  other: 'vllm::rms_norm_kernel',
  communication: 'ncclDevKernel_AllReduce_Sum_bf16_RING_LL',
  memory: 'Memcpy DtoH (Device -> Pinned)',
} as const;

const piece: fc.Arbitrary<Piece> = fc.record({
  name: fc.constantFrom(...Object.values(NAMES)),
  start: fc.integer({ min: 0, max: 60 }),
  duration: fc.integer({ min: 0, max: 12 }),
  device: fc.constantFrom(0, 1),
  launch: fc.option(fc.integer({ min: -10, max: 70 })),
});

/** The same question answered nanosecond by nanosecond. */
function bruteForce(pieces: readonly Piece[], device: number) {
  const here = pieces.filter((one) => one.device === device && one.duration > 0);
  const states = Object.fromEntries(STATES.map((id) => [id, 0])) as Record<State, number>;
  const overlap = { communication: 0, hidden: 0, concurrent: 0 };
  const from = Math.min(...here.map(({ start }) => start));
  const to = Math.max(...here.map(({ start, duration }) => start + duration));
  const runningAt = (t: number) => here.filter((one) => one.start <= t && t < one.start + one.duration);
  for (let t = from; t < to; t++) {
    const running = runningAt(t).map(({ name }) => classify(name).category);
    if (running.length > 1) overlap.concurrent++;
    if (running.includes('communication')) {
      overlap.communication++;
      if (running.some((one) => ['attention', 'gemm', 'other'].includes(one))) overlap.hidden++;
    }
    const busy = CATEGORIES.find((category) => running.includes(category));
    if (busy !== undefined) {
      states[busy]++;
      continue;
    }
    let dry = t;
    while (runningAt(dry - 1).length === 0) dry--;
    let next = t;
    while (runningAt(next).length === 0) next++;
    const launches = here.flatMap(({ start, launch }) => (start === next && launch != null ? [launch] : []));
    if (launches.length === 0) states.unexplained++;
    else states[Math.min(...launches) >= dry ? 'host-wait' : 'kernel-wait']++;
  }
  return { wall: here.length === 0 ? 0 : to - from, states, overlap };
}

describe('what a GPU did, moment by moment', () => {
  test('agrees with counting nanosecond by nanosecond, and busy and idle make up the wall time', () => {
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 14 }), (pieces) => {
        for (const device of [0, 1]) {
          const stretches = stretchesOf(traceOf(pieces), device);
          const account = accountOf(stretches);
          const expected = bruteForce(pieces, device);
          expect(account.states).toEqual(expected.states);
          expect(account.wall).toBe(expected.wall);
          expect(stretches.overlap).toEqual(expected.overlap);
          expect(busyOf(account) + idleOf(account)).toBe(account.wall);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('stretches touch each other, and cutting the time anywhere loses nothing', () => {
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 14 }), fc.integer({ min: -5, max: 80 }), (pieces, cut) => {
        const stretches = stretchesOf(traceOf(pieces), 0);
        const [left, right] = [accountOf(stretches, -Infinity, cut), accountOf(stretches, cut)];
        const whole = accountOf(stretches);
        for (const id of STATES) expect(left.states[id] + right.states[id]).toBe(whole.states[id]);
        for (let i = 0; i < stretches.count; i++)
          expect(stretches.edge[i + 1]).toBeGreaterThan(stretches.edge[i] as number);
      }),
    );
  });

  test('two streams at once are one moment: 10 ns of both are 10 ns', () => {
    const trace = traceOf([
      { name: NAMES.gemm, start: 0, duration: 10 },
      { name: NAMES.communication, start: 0, duration: 10 },
    ]);
    const stretches = stretchesOf(trace, 0);
    expect(accountOf(stretches)).toMatchObject({ wall: 10, states: { gemm: 10, communication: 0 } });
    expect(stretches.overlap).toEqual({ communication: 10, hidden: 10, concurrent: 10 });
  });

  test.each([
    ['asked for after it ran dry', 15, 'host-wait'],
    ['asked for in time', 5, 'kernel-wait'],
    ['not known', null, 'unexplained'],
  ] as const)('a gap before work that was %s', (_, launch, kind) => {
    const trace = traceOf([
      { name: NAMES.gemm, start: 0, duration: 10, launch: -5 },
      { name: NAMES.gemm, start: 20, duration: 10, launch },
    ]);
    expect(accountOf(stretchesOf(trace, 0)).states[kind]).toBe(10);
  });
});
