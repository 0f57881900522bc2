import { expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { longRequestSpike } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => longRequestSpike.judge(judgedOf(evidence, LIMITS, false));

test('sick: found with its onset, before the first of them finishes', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({
    state: 'detected',
    severity: 'warning',
    scope: { kind: 'fleet', instances: ['vllm-0'] },
  });
  expect(finding.score).toBeGreaterThan(0.7);
  expect(finding.confidence).toBeGreaterThan(0.7);
  expect(finding.since).toBeGreaterThanOrEqual(ONSET - 5);
  expect(finding.since).toBeLessThanOrEqual(ONSET + 45);
});

test('the first long prompts of a slow spike: two calm minutes do not hide them', () => {
  // One in 40 s: a quarter of the tokens of two minutes of which 40 s are spike, half of the tokens of those.
  expect(judge(VARIANTS.first)).toMatchObject({ state: 'detected' });
});

test('sick: few requests carry most of the tokens, and first tokens are late', () => {
  const [share, start, room] = judge(SCENES.sick).facts;
  // 0.1/s × 24,000 of 3/s × 200 and these: 0.8; what bucket middles leave of it is at least 0.7.
  expect(share?.observed).toBeGreaterThan(0.7);
  expect(share?.observed).toBeLessThanOrEqual(0.8);
  expect(share?.query).toContain('request_prompt_tokens_bucket');
  expect(start?.observed).toBeGreaterThan(LIMITS.ttft);
  expect(room?.observed).toBeLessThan(0.2);
});

test('sick: a quarter of the budget for one prompt at a step', () => {
  const [first] = judge(SCENES.sick).remedies;
  const bite = Math.max(512, 2048 / 4);
  expect(first).toMatchObject({
    knob: 'long-prefill-token-threshold',
    to: bite,
    flag: `--long-prefill-token-threshold ${bite}`,
  });
  const length = Number(/^([\d,]+) ÷/.exec(first?.steps.at(-1)?.sum ?? '')?.[1]?.replace(',', ''));
  expect(length).toBeGreaterThan(20_000);
  expect(first?.steps.at(-1)?.result).toBe(
    `${Math.ceil(length / bite)} steps for a long prompt, was ${Math.ceil(length / 2048)}`,
  );
});

test('sick: where sharing out what long prompts take leaves answers too slow, a lane of their own comes first', () => {
  // 2,300 tokens/s at 0.107 ms each are a quarter of the time, and 38 ms ÷ 0.75 are 50 ms: enough for a target of 50 ms, too slow for 42.
  const titles = (tbt: number, planned = false) =>
    longRequestSpike.judge(judgedOf(SCENES.sick, { ...LIMITS, tbt }, planned)).remedies.map(({ title }) => title);
  const [cap, lane] = titles(0.05) as [string, string];
  expect(cap).toMatch(/^Cap one prompt's bite/);
  expect(titles(0.042).slice(0, 2)).toEqual([lane, cap]);
  // Nobody reads along with a batch.
  expect(titles(0.042, true)[0]).toBe(cap);
  const { steps } = longRequestSpike.judge(judgedOf(SCENES.sick, { ...LIMITS, tbt: 0.042 }, false)).remedies[0] ?? {};
  const pace = Number(/^a token every ([\d.]+) ms/.exec(steps?.at(-1)?.result ?? '')?.[1]);
  expect(pace).toBeGreaterThan(47);
  expect(pace).toBeLessThan(53);
});

test('healthy: long prompts that hold up nobody', () => {
  const finding = judge(SCENES.healthy);
  expect(finding.state).toBe('ruled-out');
  expect(finding.because).toMatch(
    /^long prompts carry \d+ % of the tokens, but nobody behind them waits long enough to be late/,
  );
});

test('look-alike: all prompts grew, none stands out', () => {
  const finding = judge(SCENES.lookAlike);
  expect(finding.state).toBe('ruled-out');
  expect(finding.because).toBe('no prompt stands out: 0 % of prompt tokens come from prompts 8 times the median');
});

test('blind: without lengths of prompts it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['prompt-length'] });
});
