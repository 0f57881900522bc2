import { describe, expect, test } from 'vitest';
import { corpora, corpusOf } from './corpus.ts';
import { withResult } from './page.ts';
import type { FuzzedParser } from './parser.ts';
import { PARSERS } from './parsers/index.ts';
import { attempt, caseOf, runCases, SLOW_MS } from './run.ts';
import { swollen } from './swell.ts';

/** A slice of the million that `npm run fuzz` gives each parser; another one than its first. */
const SLICE = { seed: 7, from: 0, to: 1000 };

/** CPU time, since the machine may do other work, and thrice the limit, since work beside it slows a processor; what grows with the square took seven seconds. */
async function answeredSoon(parser: FuzzedParser, text: string, name: string): Promise<void> {
  const before = process.cpuUsage();
  expect(['read', 'refused'], name).toContain(await attempt(parser, text));
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000, name).toBeLessThan(3 * SLOW_MS);
}

describe.each(PARSERS.map((parser) => [parser.id, parser] as const))('%s', (id, parser) => {
  test('1,000 changed inputs are read or refused', async () => {
    const tally = await runCases(parser, SLICE);
    expect(tally.failures).toEqual([]);
    // One that refuses everything was tested at its door alone.
    expect(tally.accepted).toBeGreaterThan(SLICE.to / 50);
  });

  test('sound inputs are read', async () => {
    for (const seed of parser.seeds()) expect(['read', 'refused']).toContain(await attempt(parser, seed));
    expect(await attempt(parser, parser.seeds()[0] as string)).toBe('read');
  });

  test('60 KB of any one piece are read or refused in no more time than their length is worth', async () => {
    for (const { name, text } of swollen(parser)) await answeredSoon(parser, text, name);
  }, 300_000);

  const known = corpusOf(id);
  if (known.length > 0)
    test.each(known.map(({ name, text }) => [name, text]))('what once was too much: %s', async (name, text) => {
      await answeredSoon(parser, text, name);
    });
});

test('every corpus belongs to a parser', () => {
  expect(corpora().filter((id) => !PARSERS.some((parser) => parser.id === id))).toEqual([]);
});

describe('the fuzzer itself', () => {
  const planted = (read: (text: string) => unknown): FuzzedParser => ({
    id: 'planted',
    title: 'a parser with a fault',
    seeds: () => ['{"a":1,"b":[1,2,3]}'],
    words: ['x'],
    read,
    refuses: (error) => error instanceof SyntaxError,
  });

  test('finds a fault on a key it has to think of', async () => {
    const merged = (text: string) => {
      if (Object.hasOwn(Object(JSON.parse(text)), '__proto__')) throw new TypeError('polluted');
    };
    const { failures } = await runCases(planted(merged), { seed: 1, from: 0, to: 3000 });
    expect(failures[0]?.says).toMatch(/^TypeError: polluted/);
  });

  test('takes a documented refusal for none', async () => {
    const tally = await runCases(planted(JSON.parse), { seed: 1, from: 0, to: 500 });
    expect(tally.failures).toEqual([]);
    expect(tally.accepted).toBeGreaterThan(100);
    expect(tally.accepted).toBeLessThan(500);
  });

  test('equal seeds give equal cases, other seeds others', () => {
    const parser = PARSERS[0] as FuzzedParser;
    const cases = (seed: number) => Array.from({ length: 50 }, (_, i) => caseOf(parser, parser.seeds(), seed, i));
    expect(cases(3)).toEqual(cases(3));
    expect(cases(3)).not.toEqual(cases(4));
    expect(new Set(cases(3)).size).toBeGreaterThan(40);
  });

  test('puts a result into the page, in place of the one before', () => {
    const parser = planted(JSON.parse);
    const tally = { cases: 1000, accepted: 250, worst: 1.26, worstIndex: 3, failures: [] };
    const once = withResult('# Fuzzing\n', { parser, tally, seconds: 3.4, seed: 1, failures: 0 });
    expect(once).toContain('| `planted` | a parser with a fault | 1,000 | 1 | 25 % | 3 | 1.3 ms | 0 |');
    const twice = withResult(once, {
      parser,
      tally: { ...tally, cases: 2000, accepted: 500 },
      seconds: 3.4,
      seed: 1,
      failures: 1,
    });
    expect(twice).toContain('| `planted` | a parser with a fault | 2,000 | 1 | 25 % | 3 | 1.3 ms | 1 |');
    expect(twice.split('planted')).toHaveLength(2);
  });
});
