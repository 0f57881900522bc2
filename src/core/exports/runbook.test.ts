import { expect, test } from 'vitest';
import { DETECTORS } from '../detectors/index.ts';
import { parseRunbook, RUNBOOK_PARTS } from './runbook.ts';
import { runbookOf } from './runbooks.ts';

test.each(DETECTORS)('the README of $id has every part of a runbook', ({ id, title }) => {
  const runbook = runbookOf(id);
  expect(runbook?.title).toMatch(/\w/);
  expect(title).not.toBe('');
  for (const part of RUNBOOK_PARTS) expect(runbook?.parts[part], part).toMatch(/\w/);
  expect(runbook?.parts['Look-alikes']).toContain('| looks like | number |');
});

test('a README without a part is refused by its name', () => {
  const text = RUNBOOK_PARTS.slice(0, -1).map((part) => `## ${part}\n\nx`);
  expect(() => parseRunbook(`# T\n\n${text.join('\n\n')}`)).toThrow('the runbook "T" lacks "What it cannot see"');
  expect(runbookOf('no-such-thing')).toBeNull();
});
