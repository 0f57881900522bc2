import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExpositionError, formatSample, parseExposition } from './parse.ts';

const one = (text: string) => {
  const { series } = parseExposition(text);
  expect(series.length, text).toBe(1);
  return series[0];
};

test.each([
  ['a name alone', 'up 1', 'up', {}, 1],
  ['labels', 'a{b="c",d="e"} 2', 'a', { b: 'c', d: 'e' }, 2],
  ['a colon in the name', 'vllm:num_requests_running{engine="0"} 3.0', 'vllm:num_requests_running', { engine: '0' }, 3],
  ['a trailing comma', 'a{b="c",} 2', 'a', { b: 'c' }, 2],
  ['empty braces', 'a{} 2', 'a', {}, 2],
  ['spaces everywhere', '  a { b = "c" , d="e" }   2  ', 'a', { b: 'c', d: 'e' }, 2],
  ['tabs', 'a{b="c"}\t2', 'a', { b: 'c' }, 2],
  ['escapes', String.raw`a{b="x\"y\\z\nw"} 1`, 'a', { b: 'x"y\\z\nw' }, 1],
  ['an unknown escape stays', String.raw`a{b="\d"} 1`, 'a', { b: '\\d' }, 1],
  ['braces and commas inside quotes', 'a{b="} 5, {x=\\"1\\"}"} 1', 'a', { b: '} 5, {x="1"}' }, 1],
  ['NaN', 'a NaN', 'a', {}, Number.NaN],
  ['plus infinity', 'a{le="+Inf"} +Inf', 'a', { le: '+Inf' }, Infinity],
  ['minus infinity', 'a -Inf', 'a', {}, -Infinity],
  ['an exponent', 'a 1.7955746327625604e+09', 'a', {}, 1795574632.7625604],
  ['a long decimal', 'a 0.08737611770629883', 'a', {}, 0.08737611770629883],
  ['a negative number', 'a -12.5', 'a', {}, -12.5],
  ['carriage returns', 'a 1\r\n', 'a', {}, 1],
  ['comments around', '# HELP a says {x="1"} 5\n# TYPE a gauge\na 1\n# EOF\n', 'a', {}, 1],
])('%s', (_, text, name, labels, value) => {
  const series = one(text);
  expect(series?.name).toBe(name);
  expect(series?.labels).toEqual(labels);
  expect(series?.values).toEqual([value]);
  expect(series?.times).toEqual([Number.NaN]);
});

test.each([
  ['seconds, OpenMetrics', 'a 1 1795572475.491', 1795572475491],
  ['whole seconds', 'a 1 1795572475', 1795572475000],
  ['milliseconds, Prometheus text', 'a 1 1795572475491', 1795572475491],
  ['before an exemplar', 'a_bucket{le="1"} 3 1795572475.5 # {trace_id="x"} 0.7 1795572475.1', 1795572475500],
  ['an exemplar and no timestamp', 'a_bucket{le="1"} 3 # {trace_id="x y"} 0.7', Number.NaN],
])('time: %s', (_, text, time) => {
  expect(one(text)?.times).toEqual([time]);
});

test('malformed lines are counted and the rest is read', () => {
  const parsed = parseExposition('a 1\nb{x="1 2\nc\n{y="1"} 3\nd 4 soon\n7up 1\ne 1x\nf 2\n');
  expect(parsed.series.map((series) => series.name)).toEqual(['a', 'f']);
  expect(parsed.malformed).toBe(6);
  expect(parsed.firstMalformed).toEqual({ line: 2, text: 'b{x="1 2' });
});

test('a series that comes back is one series', () => {
  const { series } = parseExposition('a{x="1"} 1 10\na{x="2"} 5 10\na{x="1"} 2 20\na{x="2"} 6 20\n');
  expect(series.map(({ labels, times, values }) => [labels.x, times, values])).toEqual([
    ['1', [10000, 20000], [1, 2]],
    ['2', [10000, 20000], [5, 6]],
  ]);
});

test('a page of another kind is an error that says so, a blank one is not', () => {
  expect(() => parseExposition('<!doctype html>\n<p>Sign in</p>')).toThrow(ExpositionError);
  expect(parseExposition('\n# nothing yet\n').samples).toBe(0);
});

test('the end mark is noticed', () => {
  expect(parseExposition('a 1 5\n# EOF\n').ended).toBe(true);
  expect(parseExposition('a 1 5\n').ended).toBe(false);
});

const labelText = fc.string({ unit: 'grapheme', maxLength: 12 });
const sample = fc.record({
  name: fc.stringMatching(/^[a-z_:][a-z0-9_:]{0,8}$/),
  labels: fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/), labelText, { maxKeys: 4 }),
  value: fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, 0.1, 1e21, 5e-7)),
  timeMs: fc.option(fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }), { nil: undefined }),
});

test('what is written is read back: any label text, any number', () => {
  fc.assert(
    fc.property(sample, ({ name, labels, value, timeMs }) => {
      const series = one(formatSample(name, labels, value, timeMs));
      expect(series?.name).toBe(name);
      expect(series?.labels).toEqual({ ...labels });
      expect(series?.values[0] === value || Number.isNaN(value)).toBe(true);
      const read = series?.times[0] as number;
      // A fraction of a second loses up to a millisecond, as it does in promtool.
      expect(timeMs === undefined ? Number.isNaN(read) : Math.abs(read - timeMs) <= 1).toBe(true);
    }),
  );
});

test('any prefix of a valid page ends, and gives no more than the page', () => {
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 6 }), fc.nat(), (samples, cut) => {
      const text = samples.map((s) => formatSample(s.name, s.labels, s.value, s.timeMs)).join('\n');
      const prefix = text.slice(0, cut % (text.length + 1));
      try {
        expect(parseExposition(prefix).samples).toBeLessThanOrEqual(samples.length);
      } catch (error) {
        expect(error).toBeInstanceOf(ExpositionError);
      }
    }),
    { numRuns: 500 },
  );
});

test('any text at all ends', () => {
  const piece = fc.constantFrom('a', '{', '}', '"', '\\', ',', '=', ' ', '\n', '#', '1', 'le', '\r', 'NaN', '} 1\n');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      try {
        parseExposition(pieces.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(ExpositionError);
      }
    }),
    { numRuns: 500 },
  );
});

test('time grows with the text and not with its square, whatever the lines', () => {
  const cost = (line: string, lines: number) => {
    const text = `a 1\n${`${line}\n`.repeat(lines)}`;
    const before = process.cpuUsage().user;
    parseExposition(text);
    return process.cpuUsage().user - before;
  };
  for (const line of ['bare_name 1', 'open{x="1', 'a{x="1"} 1 5', '{{{{{{{{']) {
    cost(line, 5_000);
    // Ten times the lines may cost thirty times as much on a busy machine, but not the hundred of a square.
    expect(cost(line, 50_000), line).toBeLessThan(40 * Math.max(5_000, cost(line, 5_000)));
  }
});
