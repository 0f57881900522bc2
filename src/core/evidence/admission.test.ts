import { describe, expect, test } from 'vitest';
import { admissionOf, bindingShare, isSilent } from './admission.ts';
import { buildScene, type SceneText } from './notation.ts';
import { tracesOf, type Trace } from './trace.ts';

/** 16,000 tokens; steps go on and prompts of 500 tokens come at one a second unless written otherwise. */
const traceOf = (lines: Record<string, string | null>, more: SceneText = {}): Trace => {
  const scene = buildScene({
    lines: { 'output-tokens': '100', 'prompt-tokens': '500', 'kv-cache-usage': '0.2', ...lines },
    histograms: { ttft: '0.1*1 ...', 'step-tokens': '50*30 ...' },
    labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '1000' } },
    ...more,
  });
  return tracesOf(scene)[0] as Trace;
};
const last = (trace: Trace, cap: number | null = null) => admissionOf(trace, cap).binding.at(-1);

describe('what binds while somebody waits', () => {
  test.each([
    ['nobody waits', { running: '8x29', waiting: '0' }, null, null],
    ['nothing is known of running', { waiting: '3x29' }, null, null],
    [
      'no step, no token',
      { running: '8x29', waiting: '3', 'output-tokens': '0', 'prompt-tokens': '0' },
      null,
      'silent',
    ],
    [
      'most are deferred and memory is free',
      { running: '8x29', waiting: '4', 'waiting-by-reason{deferred}': '3' },
      null,
      'deferred',
    ],
    [
      'deferred, but the pool is full',
      { running: '8x29', waiting: '4', 'waiting-by-reason{deferred}': '3', 'kv-cache-usage': '0.98' },
      null,
      'memory',
    ],
    [
      'deferred, but every seat is taken',
      { running: '8x29', waiting: '4', 'waiting-by-reason{deferred}': '3' },
      8,
      'seats',
    ],
    ['the next two prompts do not fit', { running: '8x29', waiting: '3', 'kv-cache-usage': '0.94' }, 64, 'memory'],
    ['they fit', { running: '8x29', waiting: '3', 'kv-cache-usage': '0.93' }, 64, 'engine'],
    ['the told cap is reached', { running: '8x29', waiting: '3' }, 8, 'seats'],
    ['it flickers to one below', { running: '7x29', waiting: '3' }, 8, 'seats'],
    ['two below', { running: '6x29', waiting: '3' }, 8, 'engine'],
    ['a cap of two does not flicker', { running: '1x29', waiting: '3' }, 2, 'engine'],
    ['memory comes before seats', { running: '8x29', waiting: '3', 'kv-cache-usage': '0.99' }, 8, 'memory'],
  ] as const)('%s', (_, lines, cap, binding) => {
    const scene = lines as Record<string, string>;
    const silent = binding === 'silent' ? { histograms: { ttft: '- ...', 'step-tokens': '- ...' } } : {};
    expect(last(traceOf(scene, silent), cap)).toBe(binding);
  });

  test('without the size of the pool 0.92 counts as full', () => {
    const unknown = { labels: {} };
    expect(last(traceOf({ running: '8x29', waiting: '3', 'kv-cache-usage': '0.93' }, unknown), 64)).toBe('memory');
    expect(last(traceOf({ running: '8x29', waiting: '3', 'kv-cache-usage': '0.91' }, unknown), 64)).toBe('engine');
  });

  test.each([
    ['those that run are large: two more of them do not fit', { running: '4x29', 'kv-cache-usage': '0.8' }, 'memory'],
    ['those that run are small: many more of them fit', { running: '40x29', 'kv-cache-usage': '0.8' }, 'engine'],
    ['one holds much, and admission never stopped this low', { running: '1x29', 'kv-cache-usage': '0.5' }, 'engine'],
  ] as const)('no prompt is measured; %s', (_, lines, binding) => {
    const told = { waiting: '3', 'prompt-tokens': null, ...lines };
    expect(last(traceOf(told, { histograms: { 'step-tokens': '50*30 ...' } }), 64)).toBe(binding);
  });

  test('a preempted request returns with what it had written', () => {
    // 0.9 of 16,000 on 8 running: 1,800 tokens each; 1,600 are free, twice 500 would fit.
    const lines = { running: '8x29', waiting: '3', 'kv-cache-usage': '0.9' };
    expect(last(traceOf(lines), 64)).toBe('engine');
    expect(last(traceOf({ ...lines, preemptions: '0.5' }), 64)).toBe('memory');
  });
});

describe('seats read off a flat top', () => {
  test.each([
    // a real engine with 8 seats: at 8 in 61–84 % of samples, at 7 or 8 in 93–97 %
    ['8 with a flicker to 7', '3x9 8x3 7 8x2 7 8x4 7 8x2 7 8x4', 8],
    ['200, of which several come free in one step', '90x9 200x3 197 200 196 199x2 197 200', 200],
    ['too short', '3x9 8x6', null],
    ['floating', '3x9 4 8 6 9 5 7 8 4 6 9 5 7 8 4 6 9 5 7', null],
  ])('%s', (_, running, seats) => {
    const trace = traceOf({ running, waiting: '0x9 30 ...' });
    expect(admissionOf(trace, null).seats).toEqual(seats === null ? null : { count: seats, inferred: true });
  });

  test('one who is just being let in beside ninety does not spoil the top that follows', () => {
    const trace = traceOf({ running: '90x9 200x9', waiting: '1x9 30 ...' });
    expect(admissionOf(trace, null).seats).toEqual({ count: 200, inferred: true });
  });

  test('until the top has lasted it proves neither a cap nor a lack of engine time', () => {
    const { binding } = admissionOf(traceOf({ running: '3x9 8x6', waiting: '0x9 3 ...' }), null);
    expect(binding.slice(10)).toEqual(Array.from({ length: 7 }, () => null));
  });

  test('once it has lasted, what was left open is known', () => {
    const { binding } = admissionOf(traceOf({ running: '3x9 8x7', waiting: '0x9 3 ...' }), null);
    expect(binding.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => null));
    expect(binding.slice(10)).toEqual(Array.from({ length: 8 }, () => 'seats'));
  });

  test.each([
    // step in seconds, samples at the top that make a cap
    [15, 5],
    [30, 4],
    [60, 3],
  ])('scrapes every %i s: from %i samples on', (step, samples) => {
    const at = (n: number) =>
      admissionOf(traceOf({ running: `3x9 8x${n - 1}`, waiting: '0x9 3 ...' }, { step }), null).seats;
    expect(at(samples)).toEqual({ count: 8, inferred: true });
    expect(at(samples - 1)).toBeNull();
  });

  test('what the user told is not inferred', () => {
    expect(admissionOf(traceOf({ running: '3x29', waiting: '0' }), 64).seats).toEqual({ count: 64, inferred: false });
  });
});

test('the next prompt is the mean of recent first tokens, carried through silence', () => {
  const trace = traceOf(
    { running: '4x59', waiting: '0', 'prompt-tokens': '500x19 3000x19 0x19' },
    { histograms: { ttft: '0.1*1x39 - ...' } },
  );
  const { nextPrompt } = admissionOf(trace, null);
  expect(nextPrompt[10]).toBe(500);
  expect(nextPrompt[35]).toBe(3000);
  expect(nextPrompt[59]).toBeGreaterThan(0);
});

test('tokens held by one running request', () => {
  expect(
    admissionOf(traceOf({ running: '4x3', waiting: '0', 'kv-cache-usage': '0.5' }), null).tokensPerRunning,
  ).toEqual([2000, 2000, 2000, 2000]);
  expect(admissionOf(traceOf({ running: '0x1', waiting: '0' }), null).tokensPerRunning).toEqual([null, null]);
});

test('the share of a binding counts scrapes with somebody waiting, and needs a third of them', () => {
  const trace = traceOf({ running: '8x19', waiting: '0x9 3x9' });
  const admission = admissionOf(trace, 8);
  expect(bindingShare(trace, admission, 19, 40, 'seats')).toBe(1);
  expect(bindingShare(trace, admission, 19, 40, 'engine')).toBe(0);
  expect(bindingShare(trace, admission, 9, 40, 'seats')).toBe(0);
  expect(bindingShare(trace, admission, 11, 40, 'seats')).toBe(0);
  expect(bindingShare(trace, admission, 13, 40, 'seats')).toBe(1);
});

test('silence needs a measured standstill', () => {
  const none = traceOf({ running: '4x3', 'output-tokens': null }, { histograms: {} });
  expect(isSilent(none, 3)).toBe(false);
  const still = traceOf({ running: '4x3', 'output-tokens': '0' }, { histograms: {} });
  expect(isSilent(still, 3)).toBe(true);
});

test('where scrapes are far apart, passers-by are no queue, and a queue needs two', () => {
  // Three scrapes a minute apart; 64 seats, so that engine time is what binds.
  const share = (waiting: string) => {
    const trace = traceOf({ running: '6x9', waiting }, { step: 60 });
    return bindingShare(trace, admissionOf(trace, 64), 9, 180, 'engine');
  };
  expect(share('0x7 1x1')).toBe(0);
  expect(share('0x7 12x1')).toBe(1);
  expect(share('0x8 30')).toBe(0);
  expect(share('0x6 1x2')).toBe(1);
});
