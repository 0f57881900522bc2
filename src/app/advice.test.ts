import { expect, test } from 'vitest';
import type { Step } from '../sources/doctor/examine.ts';
import { SourceError, type SourceProblem } from '../sources/errors.ts';
import { adviceOn, sharpen } from './advice.ts';

const source = { kind: 'prometheus', url: 'http://prom:9090/x' } as const;
const step = (id: string, state: Step['state'], line: string | null = 'LINE'): Step => ({
  id,
  title: id,
  reached: true,
  state,
  fact: 'seen',
  todo: state === 'failed' ? 'Do this.' : null,
  line,
});

function sharpened(problem: SourceProblem, steps: readonly Step[]) {
  const error = new SourceError(problem, 'what happened');
  const advice = adviceOn(error, source, 'http://page');
  return { advice, sharp: sharpen(advice, error, source, 'http://page', steps) };
}

test.each([
  ['cors', 'cors', 'Allow this page to read the answers'],
  ['cors', 'path', 'Give the base URL of the API'],
  ['not-prometheus', 'path', 'Give the base URL of the API'],
  ['timeout', 'path', 'Ask for less'],
  ['no-tenant', 'auth', 'Name the tenant'],
  ['empty', 'series', 'Look where the metrics are'],
] as const)('%s, broken at %s: the line of the step under a title that fits it', (problem, id, title) => {
  expect(sharpened(problem, [step('reachable', 'ok'), step(id, 'failed')]).sharp).toEqual({
    title,
    todo: 'Do this.',
    line: 'LINE',
  });
});

test('without a broken step, and for one that explains no failure, the advice stays', () => {
  for (const steps of [[], [step('reachable', 'ok')], [step('clock', 'failed')]]) {
    const { advice, sharp } = sharpened('timeout', steps);
    expect(sharp).toEqual(advice);
  }
});
