import fc from 'fast-check';
import { expect, test } from 'vitest';
import { signalById } from './index.ts';
import {
  formatSelector,
  instancesIn,
  type Matcher,
  matchersFor,
  matcherTest,
  parseSelector,
  SelectorError,
} from './selector.ts';

test.each([
  ['', '{}'],
  ['{}', '{}'],
  ['{job="vllm"}', '{job="vllm"}'],
  ['job="vllm"', '{job="vllm"}'],
  [' { job = "vllm" , pod =~ \'a.*\' , } ', '{job="vllm",pod=~"a.*"}'],
  ['{path=`a\\b`}', '{path="a\\\\b"}'],
  ['{a!="x",b!~"y"}', '{a!="x",b!~"y"}'],
  ['{a="br}ace, and \\"quote\\""}', '{a="br}ace, and \\"quote\\""}'],
])('reads %s', (text, canonical) => {
  expect(formatSelector(parseSelector(text))).toBe(canonical);
});

test.each([
  '{job="vllm"',
  'vllm:num_requests_running{job="a"}',
  '{__name__="x"}',
  '{job=vllm}',
  '{job="a" pod="b"}',
  '{job="a"} or vector(1)',
  '{job="a"}) or (up{job="b"}',
  '{job="a',
  '{job="a\\q"}',
  '{,}',
])('refuses %s', (text) => {
  expect(() => parseSelector(text)).toThrow(SelectorError);
});

test('any value survives being written and read', () => {
  const matcher = fc.record({
    label: fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/),
    op: fc.constantFrom('=' as const, '!=' as const),
    value: fc.string({ unit: 'grapheme' }),
  });
  fc.assert(
    fc.property(fc.array(matcher), (matchers) => {
      expect(parseSelector(formatSelector(matchers as Matcher[]))).toEqual(matchers);
    }),
  );
});

test('matches as PromQL does: whole value, missing label is empty', () => {
  const test_ = (selector: string, labels: Record<string, string>) => matcherTest(parseSelector(selector))(labels);
  expect(test_('{job=~"vl+m"}', { job: 'vllm' })).toBe(true);
  expect(test_('{job=~"vl"}', { job: 'vllm' })).toBe(false);
  expect(test_('{job=~"(?i)VLLM"}', { job: 'vllm' })).toBe(true);
  expect(test_('{pod=""}', { job: 'vllm' })).toBe(true);
  expect(test_('{pod!=""}', { job: 'vllm' })).toBe(false);
  expect(test_('{pod!~"a.*"}', { pod: 'b' })).toBe(true);
});

test('a matcher on a label the series cannot carry is left out', () => {
  const matchers = parseSelector('{job="vllm",model_name="m",cluster="eu"}');
  const kept = (id: Parameters<typeof signalById>[0]) => formatSelector(matchersFor(signalById(id), matchers));
  expect(kept('running')).toBe('{job="vllm",model_name="m",cluster="eu"}');
  expect(kept('cache-config')).toBe('{job="vllm",cluster="eu"}');
  expect(kept('up')).toBe('{job="vllm",cluster="eu"}');
  expect(kept('gpu-utilization')).toBe('{cluster="eu"}');
});

test.each([
  ['\\x41\\u00e4\\U0001F600\\101\\a\\v', 'Aä😀A\u0007\v'],
  ['\\u202e', '\u202e'],
])('%s is what Go reads of it', (written, value) => {
  expect(parseSelector(`{a="${written}"}`)).toEqual([{ label: 'a', op: '=', value }]);
});

test.each(['\\xff', '\\u12', '\\q', '\\400'])('%s is refused', (written) => {
  expect(() => parseSelector(`{a="${written}"}`)).toThrow(SelectorError);
});

test('a label named as a member of every object is one that is missing, or its own', () => {
  const test = (label: string, value: string) => matcherTest([{ label, op: '=', value }]);
  for (const label of ['constructor', '__proto__', 'toString']) {
    expect(test(label, '')({})).toBe(true);
    expect(test(label, 'x')(Object.fromEntries([[label, 'x']]))).toBe(true);
  }
});

test.each([
  ['addresses', (k: number) => `10.42.${k >> 8}.${k & 255}:8000`],
  ['pods', (k: number) => `vllm-${(k * 7919).toString(36)}`],
  ['nothing in common', (k: number) => `${k}`],
  ['one is the beginning of another', (k: number) => 'a'.repeat(k + 1)],
  ['characters of two units', (k: number) => `😀${String.fromCodePoint(0x1f600 + (k % 80))}${k}😁`],
])('a list of a hundred instances or more says exactly these: %s', (_, nameOf) => {
  const inside = Array.from({ length: 400 }, (_, k) => nameOf(2 * k)).slice(0, nameOf(9).startsWith('aa') ? 60 : 400);
  const holds = matcherTest([instancesIn('=~', inside)]);
  for (const instance of inside.slice(0, 20)) expect(holds({ instance })).toBe(true);
  for (let k = 0; k < 20; k += 1) expect(holds({ instance: nameOf(2 * k + 1) })).toBe(false);
});

test('a thousand instances fit into a query of 16 kB, and a few are written out', () => {
  const thousand = Array.from({ length: 1000 }, (_, k) => `10.42.${k >> 8}.${k & 255}:8000`);
  expect(formatSelector([instancesIn('=~', thousand)]).length).toBeLessThan(12_000);
  expect(instancesIn('=~', thousand.slice(0, 2)).value).toBe('10\\.42\\.0\\.0:8000|10\\.42\\.0\\.1:8000');
});
