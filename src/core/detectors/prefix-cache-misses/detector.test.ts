import { describe, expect, test } from 'vitest';
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { trimEvidence } from '../../evidence/slice.ts';
import { prefixCacheMisses } from './detector.ts';
import { SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => prefixCacheMisses.judge(judgedOf(evidence, LIMITS, false));

test('sick: a declared prefix that is not found', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({ state: 'detected', variant: 'structural', severity: 'warning', since: null });
  expect(finding.score).toBeGreaterThan(0.6);
  expect(finding.confidence).toBeLessThanOrEqual(0.9);
  // 1,600 shared tokens are 100 whole blocks of 16, 0.8 of a prompt of 2,000; 300 of 6,000 tokens/s hit.
  expect(finding.facts[0]).toMatchObject({ observed: 0.05, expected: 0.8, unit: 'ratio' });
  expect(finding.facts[0]?.query).toMatch(/prefix_cache_hits.*\/.*prefix_cache_queries/);
});

test('sick: prefill tokens that need not be computed', () => {
  const saved = (0.8 - 0.05) * 2000 * 3;
  const [first] = judge(SCENES.sick).remedies;
  expect(first?.steps).toEqual([
    {
      sum: '(0.8 − 0.05) × 2,000 tokens × 3/s',
      result: `${saved.toLocaleString('en-US')} of 5,700 computed tokens/s saved`,
    },
  ]);
  expect(first?.expect).toBe(`Prefill work falls by ${Math.round((saved / 5700) * 100)} %.`);
  expect(first?.flag).toBeNull();
});

test('sick, scattered: the best replica sets the expectation, the fleet what is missed', () => {
  const finding = judge(VARIANTS.scattered);
  expect(finding).toMatchObject({ state: 'detected', variant: 'scattered' });
  expect(finding.confidence).toBeLessThanOrEqual(0.7);
  expect(finding.facts[0]).toMatchObject({ observed: 0.1, expected: 0.75 });
  expect(finding.remedies[0]?.title).toBe('Route the same prefix to the same replica');
  // The fleet hits (4,500 + 600 + 600) of 18,000; at 0.75 it would hit 13,500.
  expect(finding.remedies[0]?.steps[0]?.result).toBe('7,800 of 12,300 computed tokens/s saved');
});

test.each(['off', 'offUndeclared'] as const)('sick, %s: the label says that caching is off', (name) => {
  const finding = judge(VARIANTS[name]);
  expect(finding).toMatchObject({ state: 'detected', variant: 'switched-off' });
  expect(finding.remedies[0]).toMatchObject({ flag: '--enable-prefix-caching', knob: 'enable-prefix-caching' });
  expect(finding.facts[0]?.observed).toBe(0);
  expect(finding.facts[0]?.expected).toBe(name === 'off' ? 0.8 : null);
});

test('healthy: 78 % where 80 % is possible', () => {
  expect(judge(SCENES.healthy)).toMatchObject({ state: 'ruled-out', because: 'hit rate 0.78, at most 0.8 expected' });
});

test('look-alike: late first tokens although the prefix is found', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({ state: 'ruled-out', because: 'hit rate 0.78, at most 0.8 expected' });
});

test('blind: without hits, without an expectation, without enough prompts it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['prefix-cache-hits'] });
  const untold = judge(VARIANTS.untold);
  expect(untold.state).toBe('cannot-tell');
  expect(untold.ask).toContain('--knob shared-prefix-tokens=N');
  const { grid } = SCENES.sick;
  const few = judge(trimEvidence(SCENES.sick, timeAt(grid, grid.count - 6)));
  expect(few).toMatchObject({ state: 'cannot-tell', ask: 'Needs 100 prompts; this window has 90.' });
});

test('a high hit rate needs no expectation to be fine', () => {
  const { 'shared-prefix-tokens': _, ...knobs } = SCENES.healthy.knobs;
  expect(judge({ ...SCENES.healthy, knobs })).toMatchObject({
    state: 'ruled-out',
    because: '78 % of prompt tokens come from the cache',
  });
});

describe('why nothing is found: the first check that fails decides', () => {
  test.each([
    ['caching is off', VARIANTS.off, 'switched-off', /^Switch prefix caching on$/],
    ['nothing is looked up', VARIANTS.skipped, 'not-looked-up', /^Ask for log-probabilities/],
    ['blocks longer than what is shared', VARIANTS.coarse, 'granularity', /^Use blocks of 512 tokens$/],
    ['replicas differ', VARIANTS.scattered, 'scattered', /^Route the same prefix/],
    ['overwritten before it is asked for again', VARIANTS.evicted, 'evicted', /^Keep unused prefixes for longer/],
    ['none of these: what varies comes first', SCENES.sick, 'structural', /^Put stable text first/],
  ])('%s', (_, scene, variant, remedy) => {
    const finding = judge(scene);
    expect(finding).toMatchObject({ state: 'detected', variant });
    expect(finding.remedies[0]?.title).toMatch(remedy);
  });

  test('prompts shorter than a block have nothing to find again', () => {
    expect(judge(VARIANTS.tiny)).toMatchObject({
      state: 'ruled-out',
      because: '100 % of prompts are no longer than one block of 16 tokens: there is nothing to find again',
    });
  });

  test('the checks stand among the facts in their order, each with the number that decides it', () => {
    const facts = judge(VARIANTS.scattered).facts;
    expect(facts.map((f) => f.signal)).toEqual([
      'prefix-cache-hits',
      'prefix-cache-queries',
      'prompt-length',
      'prefix-cache-hits',
      'kv-cache-usage',
    ]);
    const [, lookedUp, block, replicas, survives] = facts;
    expect(lookedUp?.observed).toBe(1);
    expect(block).toMatchObject({ observed: 16, figure: '16' });
    expect(replicas).toMatchObject({ observed: 0.1, expected: 0.75 });
    // 75 % of 256,000 tokens free, 5,400 computed and 300 put out a second on the worst replica.
    expect(survives?.observed).toBeCloseTo((0.75 * 256000) / 5700, 0);
  });

  test('they are told even where nothing can be concluded', () => {
    expect(judge(VARIANTS.untold).facts.map((f) => f.signal)).toEqual([
      'prefix-cache-queries',
      'prompt-length',
      'kv-cache-usage',
    ]);
  });

  test('one turn kept: tokens written in half a minute', () => {
    const [first] = judge(VARIANTS.evicted).remedies;
    expect(first?.steps[0]?.result).toBe(
      `${((5700 + 300) * 30).toLocaleString('en-US')} tokens must be free to keep one turn`,
    );
  });
});
