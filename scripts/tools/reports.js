// Reading the counts out of what the test runners leave behind. A report that cannot be read, or that ran no test, is a
// failure: a suite that looked at nothing has not passed.
import { readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** Vitest's JSON report. @param {string} file @returns {Counts} */
export function countVitest(file) {
  const report = readJson(file);
  if (report === null) return FAILED;
  const passed = number(report.numPassedTests);
  // A file that fails before its first test has no failed test to show, only a failed suite.
  const lost = list(report.testResults).filter(
    (result) => result.status === 'failed' && list(result.assertionResults).length === 0,
  ).length;
  const failed = number(report.numFailedTests) + lost;
  return notEmpty({ passed, failed, skipped: number(report.numPendingTests) + number(report.numTodoTests) });
}

/** Playwright's JSON report. A test that passed on a second try passed: the machine may have been busy. @param {string} file @returns {Counts} */
export function countPlaywright(file) {
  const report = readJson(file);
  if (report === null) return FAILED;
  const stats = report.stats ?? {};
  const broken = list(report.errors).length;
  return notEmpty({
    passed: number(stats.expected) + number(stats.flaky),
    failed: number(stats.unexpected) + broken,
    skipped: number(stats.skipped),
  });
}

/** The last line of the test command. @param {Counts} counts */
export function formatCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** @param {Counts} a @param {Counts} b @returns {Counts} */
export function addCounts(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** @type {Counts} */
const FAILED = { passed: 0, failed: 1, skipped: 0 };

/** @param {Counts} counts @returns {Counts} */
function notEmpty(counts) {
  return counts.passed + counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** @param {string} file @returns {any} */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** @param {unknown} value */
function number(value) {
  return typeof value === 'number' ? value : 0;
}

/** @param {unknown} value @returns {any[]} */
function list(value) {
  return Array.isArray(value) ? value : [];
}
