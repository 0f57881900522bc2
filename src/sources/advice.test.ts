import { expect, test } from 'vitest';
import { adviceFor } from './advice.ts';
import type { SourceProblem } from './errors.ts';

const PROBLEMS: readonly SourceProblem[] = [
  'unreachable',
  'cors',
  'unauthorized',
  'forbidden',
  'no-tenant',
  'not-prometheus',
  'bad-query',
  'timeout',
  'too-many-points',
  'unreadable',
  'empty',
  'aborted',
];

test.each(PROBLEMS)('%s has a next step, without a context too', (problem) => {
  const { title, todo } = adviceFor(problem);
  expect(title.length).toBeGreaterThan(8);
  expect(todo.endsWith('.')).toBe(true);
  expect(`${title} ${todo}`).not.toContain('!');
});

test('every problem has words of its own, but for the two cured by asking for less', () => {
  expect(new Set(PROBLEMS.map((problem) => adviceFor(problem).todo)).size).toBe(PROBLEMS.length);
});

test('the line to change names the origin of the page, as a regular expression', () => {
  expect(adviceFor('cors', { origin: 'https://triage.example' }).line).toBe(
    "--web.cors.origin='https://triage\\.example'",
  );
});

test('a secure page asking an http server is told apart', () => {
  const advice = adviceFor('unreachable', { origin: 'https://a', url: 'http://prom:9090/' });
  expect(advice.title).toContain('secure page');
  expect(advice.line).toBe("curl -sS 'http://prom:9090/api/v1/status/buildinfo'");
  expect(adviceFor('unreachable', { origin: 'http://a', url: 'http://prom:9090' }).title).not.toContain('secure');
});
