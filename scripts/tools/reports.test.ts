import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { addCounts, countPlaywright, countVitest, formatCounts } from './reports.js';

const folder = mkdtempSync(join(tmpdir(), 'vllm-triage-reports-'));
afterAll(() => rmSync(folder, { recursive: true }));

function report(content: unknown): string {
  const file = join(folder, 'report.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe('countVitest', () => {
  test.each([
    [
      'all kinds',
      { numPassedTests: 5, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 },
      { passed: 5, failed: 2, skipped: 2 },
    ],
    [
      'a file that broke on import',
      { numPassedTests: 5, testResults: [{ status: 'failed', assertionResults: [] }] },
      { passed: 5, failed: 1, skipped: 0 },
    ],
    ['nothing ran', { numPassedTests: 0, numFailedTests: 0 }, { passed: 0, failed: 1, skipped: 0 }],
    ['only skipped', { numPendingTests: 3 }, { passed: 0, failed: 1, skipped: 3 }],
    ['cut short', '{"numPassedTests": 5', { passed: 0, failed: 1, skipped: 0 }],
  ])('%s', (_name, content, expected) => {
    expect(countVitest(report(content))).toEqual(expected);
  });
  test('no report at all', () => {
    expect(countVitest(join(folder, 'gone.json'))).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('countPlaywright', () => {
  test.each([
    [
      'all kinds',
      { stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 2 } },
      { passed: 5, failed: 1, skipped: 2 },
    ],
    [
      'an error outside any test',
      { stats: { expected: 0, unexpected: 0 }, errors: [{ message: 'no tests found' }] },
      { passed: 0, failed: 1, skipped: 0 },
    ],
    ['nothing ran', { stats: { expected: 0 } }, { passed: 0, failed: 1, skipped: 0 }],
  ])('%s', (_name, content, expected) => {
    expect(countPlaywright(report(content))).toEqual(expected);
  });
});

test.each([
  ['plain', { passed: 3, failed: 0, skipped: 0 }, '3 passed, 0 failed'],
  ['with skipped ones', { passed: 3, failed: 1, skipped: 2 }, '3 passed, 1 failed, 2 skipped'],
])('formatCounts: %s', (_name, counts, line) => {
  expect(formatCounts(counts)).toBe(line);
});

test('addCounts adds each kind', () => {
  expect(addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 })).toEqual({
    passed: 11,
    failed: 22,
    skipped: 33,
  });
});
