import { expect, test } from 'vitest';
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { sliceEvidence } from '../../evidence/slice.ts';
import { requestFailures } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence, limits = LIMITS) => requestFailures.judge(judgedOf(evidence, limits, false));

test('sick: half hang up, the engine is not why; found with its onset', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({ state: 'detected', variant: 'cut', severity: 'critical', confidence: 0.95 });
  expect(Math.abs((finding.since ?? 0) - ONSET)).toBeLessThanOrEqual(15);
  expect(finding.lede).toContain('so the engine is not why');
  const [share, patience, wasted] = finding.facts;
  expect(share?.observed).toBeCloseTo(0.5, 2);
  expect(share?.query).toMatch(/request_success_total.*http_requests_total/);
  // Little: (6.7 inside − 1/s × 4.3 s) ÷ 1/s that leave.
  expect(patience?.observed).toBeGreaterThan(2);
  expect(patience?.observed).toBeLessThan(3);
  // 238 tokens/s written, 150 of them for finished answers.
  expect(wasted?.observed).toBeCloseTo(1 - 150 / 238, 1);
});

test('found 45 s after the onset', () => {
  expect(judge(sliceEvidence(SCENES.sick, ONSET + 45)).state).toBe('detected');
  expect(judge(sliceEvidence(SCENES.sick, ONSET - 5)).state).toBe('ruled-out');
});

test('sick: the time an answer takes, three times over; or answers that fit the time', () => {
  const finding = judge(SCENES.sick);
  const [wait, , shorter] = finding.remedies;
  const whole = finding.facts[1]?.expected ?? 0;
  // 100 ms to the first token and 150 tokens at 29.3 ms.
  expect(whole).toBeCloseTo(0.1 + 150 * 0.0293, 0);
  expect(wait?.to).toBe(`${Math.ceil((whole * 3) / 5) * 5} s`);
  const patience = finding.facts[1]?.observed ?? 0;
  expect(shorter?.to).toMatch(/^max_tokens \d+$/);
  const tokens = Number(/\d+/.exec(String(shorter?.to))?.[0]);
  expect(0.1 + tokens * 0.0293).toBeCloseTo(patience, 0);
});

test('hardly anybody gets an answer: too late a start, and room is what helps', () => {
  const finding = judge(VARIANTS.hardlyAny);
  expect(finding).toMatchObject({ state: 'detected', variant: 'hardly-any', severity: 'critical' });
  expect(finding.remedies.map((r) => r.knob)).toEqual(['max-num-queued-reqs', null]);
  // 64 seats and what is started within the target: 6.7/s × 0.5 s.
  expect(finding.remedies[0]?.to).toBeGreaterThanOrEqual(64 + 3);
  expect(finding.remedies[0]?.to).toBeLessThanOrEqual(64 + 4);
});

test('without HTTP counters the balance has the same share, less surely', () => {
  const [http, balance] = [judge(SCENES.sick), judge(VARIANTS.balance)];
  expect(balance.facts[0]?.observed).toBeCloseTo(http.facts[0]?.observed ?? 0, 1);
  expect(balance.confidence).toBeLessThanOrEqual(0.6);
  expect(balance.missing).toEqual(['http-requests']);
});

test('the stop button: a share as usual is no trouble', () => {
  expect(judge(SCENES.healthy)).toMatchObject({ state: 'ruled-out', because: expect.stringMatching(/^2 % of \d+/) });
});

test('half given up all along: normal for an editor, not for readers', () => {
  expect(judge(VARIANTS.editor, { ...LIMITS, ttft: 0.2 }).state).toBe('ruled-out');
  expect(judge(VARIANTS.always)).toMatchObject({ state: 'detected', since: null });
});

test('look-alike: a queue that grows loses nobody', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({ state: 'ruled-out', because: expect.stringMatching(/^0 %/) });
});

test('look-alike without HTTP counters: a batch that grows tenfold within 30 s is not called leaving', () => {
  const { 'http-requests': _, ...readings } = SCENES.lookAlike.readings;
  const { grid } = SCENES.lookAlike;
  for (let i = 40; i < grid.count; i += 2) {
    const cut = sliceEvidence({ ...SCENES.lookAlike, readings }, timeAt(grid, i));
    expect(judge(cut).state, `step ${i}`).toBe('ruled-out');
  }
});

test.each([
  ['errors', VARIANTS.errors, 'errors', 0.1],
  ['refused', VARIANTS.refused, 'refused', 0.85 / 2.85],
  ['bad requests', VARIANTS.badRequests, 'bad-requests', 1.4 / 3.4],
  ['gateway', VARIANTS.gateway, 'gateway', 0.2 / 2.2],
] as const)('%s: counted, with their share', (_, scene, variant, share) => {
  const finding = judge(scene);
  expect(finding).toMatchObject({ state: 'detected', variant, severity: 'warning' });
  expect(finding.facts[0]?.observed).toBeCloseTo(share, 2);
  expect(Math.abs((finding.since ?? 0) - timeAt(scene.grid, 40))).toBeLessThanOrEqual(20);
});

test('guards: a scrape gap while the batch shrinks, two clients in all', () => {
  expect(judge(VARIANTS.scrapeGap).state).toBe('ruled-out');
  expect(judge(VARIANTS.lowTraffic).state).toBe('ruled-out');
});

test('blind: without first tokens it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['ttft'] });
});

test('more answers than finishes at one grid time alone: a counter that was late, and nobody left', () => {
  expect(judge(VARIANTS.lateCounter).state).toBe('ruled-out');
});
