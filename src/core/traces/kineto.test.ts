import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readKineto } from './kineto.ts';
import { summarise } from './summary.ts';
import { accountOf, busyOf, idleOf, stretchesOf } from './sweep.ts';
import { kinetoText } from './testing/kineto-text.ts';
import type { Trace } from './trace.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function read(text: string | Uint8Array, cuts: readonly number[] = []): Trace {
  const bytes = typeof text === 'string' ? encode(text) : text;
  const reader = readKineto('test.json', decode);
  const edges = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
  for (let i = 1; i < edges.length; i++) reader.push(bytes.slice(edges[i - 1], edges[i]));
  return reader.end();
}

const REAL = gunzipSync(readFileSync(new URL('samples/vllm-0.32-cpu.pt.trace.json.gz', import.meta.url)));
const GPU = [...kinetoText({ steps: 9, layers: 2, rank: 1, world: 2, hostEvents: 3 })].join('');

/** The same facts the long way round. */
function wholeText(text: string) {
  const { traceEvents } = JSON.parse(text) as {
    traceEvents: { ph: string; cat?: string; name: string; ts: number; dur: number }[];
  };
  return traceEvents.filter(({ ph, cat }) => ph === 'X' && (cat === 'kernel' || cat === 'gpu_memcpy'));
}

describe('a real profile of vLLM on CPU', () => {
  const trace = read(REAL);
  test('is read whole: version, rank, every event', () => {
    const parsed = JSON.parse(REAL.toString()) as { traceEvents: unknown[] };
    expect(trace).toMatchObject({ vllm: '0.32.0', rank: 0, world: 1, gpu: null, truncated: false });
    expect(trace.events).toBe(parsed.traceEvents.length);
  });
  test('says that it holds no GPU events, and tells its steps apart all the same', () => {
    const summary = summarise([trace]);
    expect(summary.account).toBeNull();
    expect(summary.notes.join(' ')).toMatch(/no GPU events/);
    expect(summary.hostSteps.map(({ kind }) => kind)).toEqual([
      'prefill',
      'mixed',
      'decode',
      'decode',
      'decode',
      'decode',
      'decode',
      'unknown',
    ]);
    expect(summary.hostSteps[0]).toMatchObject({ duration: 19_470_192, prefillTokens: 121, prefillRequests: 1 });
  });
});

describe('a profile of GPUs in the layout of Kineto', () => {
  const trace = read(GPU);
  test('holds every kernel and copy with its exact times, and when it was asked for', () => {
    const expected = wholeText(GPU);
    expect(trace.activities.count).toBe(expected.length);
    const longest = Math.max(...expected.map(({ dur }) => dur));
    const found = Math.max(...trace.activities.end.map((end, i) => end - (trace.activities.start[i] as number)));
    expect(found).toBe(Math.round(longest * 1000));
    expect(trace).toMatchObject({ rank: 1, world: 2, gpu: 'NVIDIA H100 80GB HBM3', vllm: '0.32.0', hasLaunches: true });
    expect([...trace.activities.launch].every((at) => !Number.isNaN(at))).toBe(true);
  });
  test('busy and idle make up the wall time, of the whole and of every step', () => {
    const [gpu] = summarise([trace]).gpus;
    expect(gpu).toBeDefined();
    const { account, steps } = gpu as NonNullable<typeof gpu>;
    expect(busyOf(account) + idleOf(account)).toBe(account.wall);
    const ends = [...trace.activities.end];
    expect(account.wall).toBe(Math.max(...ends) - (trace.activities.start[0] as number));
    expect(steps).toHaveLength(9);
    expect(steps.map(({ kind }) => kind)).toEqual([
      'prefill',
      'decode',
      'decode',
      'decode',
      'mixed',
      'decode',
      'decode',
      'decode',
      'prefill',
    ]);
    for (const step of steps) expect(busyOf(step.account) + idleOf(step.account)).toBe(step.account.wall);
    expect(steps.reduce((sum, step) => sum + step.account.wall, 0)).toBe(account.wall);
  });
  test('the custom all-reduce is communication, and NCCL under a GEMM is hidden', () => {
    const { account, overlap } = summarise([trace]);
    expect(account?.states.communication).toBeGreaterThan(0);
    expect(overlap?.hidden).toBeGreaterThan(0);
    expect(overlap?.hidden).toBeLessThan(overlap?.communication ?? 0);
  });
  test('an idle host shows as host wait', () => {
    const slow = [...kinetoText({ steps: 9, layers: 2, rank: 0, world: 1, hostEvents: 0, hostDelay: 3000 })].join('');
    const share = (text: string) => {
      const account = accountOf(stretchesOf(read(text), 0));
      return account.states['host-wait'] / account.wall;
    };
    expect(share(slow)).toBeGreaterThan(0.4);
    expect(share(GPU)).toBeLessThan(0.1);
  });
});

describe('reading in pieces', () => {
  const whole = read(GPU);
  test('gives the same wherever the pieces are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(GPU.length), { maxLength: 12 }), (cuts) => {
        const trace = read(GPU, cuts);
        expect(trace.events).toBe(whole.events);
        expect(trace.activities).toEqual(whole.activities);
        expect(trace.truncated).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
  test('a text cut anywhere gives the events before the cut, and says so', () => {
    const bytes = encode(GPU);
    const starts = new Set(whole.activities.start);
    const begin = GPU.indexOf('"ph"') + 800;
    const events = (JSON.parse(GPU) as { traceEvents: unknown[] }).traceEvents.length;
    fc.assert(
      fc.property(fc.integer({ min: begin, max: bytes.length - 1 }), (at) => {
        const trace = read(bytes.slice(0, at));
        expect(trace.truncated).toBe(true);
        expect(trace.events).toBeLessThanOrEqual(events);
        for (const start of trace.activities.start) expect(starts.has(start)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
  test('an event says the same however it is spelt: order, blanks, escapes, unknown fields', () => {
    const event = fc.record({
      name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      ts: fc.nat({ max: 1e9 }).map((ns) => ns / 1000),
      dur: fc.nat({ max: 1e6 }).map((ns) => ns / 1000),
      extra: fc.jsonValue({ maxDepth: 2 }),
      correlation: fc.nat({ max: 1000 }),
    });
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(0, 1, 2),
        fc.boolean(),
        (events, indent, turned) => {
          const traceEvents = events.map(({ name, ts, dur, extra, correlation }) => {
            const entries = Object.entries({
              ph: 'X',
              cat: 'kernel',
              name,
              pid: 0,
              tid: 7,
              ts,
              dur,
              extra,
              args: { extra, device: 3, correlation },
            });
            return Object.fromEntries(turned ? entries.toReversed() : entries);
          });
          const trace = read(JSON.stringify({ other: events[0]?.extra, traceEvents }, null, indent));
          const byStart = events.toSorted((a, b) => a.ts - b.ts);
          expect(trace.activities.count).toBe(events.length);
          expect([...trace.activities.device].every((device) => device === 3)).toBe(true);
          const base = Math.floor(events[0]?.ts ?? 0) * 1000;
          expect([...trace.activities.start]).toEqual(byStart.map(({ ts }) => Math.round(ts * 1000) - base));
          expect(new Set(trace.kernels.map(({ name }) => name))).toEqual(new Set(events.map(({ name }) => name)));
        },
      ),
    );
  });
  test('moments of 2021, in microseconds since 1970, keep their nanoseconds apart', () => {
    const trace = read(
      '{"traceEvents":[{"ph":"X","cat":"Kernel","name":"a","ts":1621401187223197.125,"dur":0.5,"args":{"device":"1"}},{"ph":"X","cat":"Kernel","name":"a","ts":1621401187223197.75,"dur":2}]}',
    );
    expect([...trace.activities.start]).toEqual([125, 750]);
    expect([...trace.activities.end]).toEqual([625, 2750]);
  });
  test('waits of the host, operators, flows and what is not complete are no work of a GPU', () => {
    const none = ['cuda_sync', 'cpu_op', 'python_function', 'overhead', 'Trace', 'fwdbwd'].map(
      (cat) =>
        `{"ph":"X","cat":"${cat}","name":"kernel","pid":0,"tid":7,"ts":1,"dur":5,"args":{"device":0,"correlation":1}}`,
    );
    const flow = '{"ph":"f","id":1,"pid":0,"tid":7,"ts":1,"cat":"kernel","name":"ac2g","bp":"e"}';
    const trace = read(`{"traceEvents":[${[...none, flow].join(',')}]}`);
    expect(trace.events).toBe(7);
    expect(trace.activities.count).toBe(0);
    expect(summarise([trace]).notes.join(' ')).toMatch(/no GPU events/);
  });
  test('a bare list of events is read as well', () => {
    expect(read('[{"ph":"X","cat":"kernel","name":"gemm","ts":1,"dur":2}]')).toMatchObject({
      events: 1,
      truncated: false,
    });
  });
  test.each([
    ['no JSON', 'hello'],
    ['an empty object', '{}'],
    ['a list of no event', '{"traceEvents":[]}'],
    ['nonsense', '{traceEvents}'],
  ])('%s is refused with a reason', (_, text) => expect(() => read(text)).toThrow(/JSON|no event/));
});
