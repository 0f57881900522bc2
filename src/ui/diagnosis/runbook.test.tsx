import { render, screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { DETECTORS } from '../../core/detectors/index.ts';
import { formatRunbook } from '../../core/exports/runbook.ts';
import { runbookOf } from '../../core/exports/runbooks.ts';
import { Markdown } from './runbook.tsx';

test('headings, lists, tables and code are elements', () => {
  render(<Markdown text={'## Look\n\n1. `--flag 4` & **now**\n2. wait < 3\n\n| a | b |\n|---|---|\n| x | `y` |'} />);
  expect(screen.getByRole('heading', { name: 'Look' })).toBeTruthy();
  expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual(['--flag 4 & now', 'wait < 3']);
  expect(within(screen.getByRole('table')).getByRole('cell', { name: 'y' })).toBeTruthy();
});

test('HTML stays text, and no address but the web is a link', () => {
  const { container } = render(<Markdown text={'<img src=x onerror=alert(1)> and [x](javascript:alert(1))'} />);
  expect(container.querySelector('img')).toBeNull();
  expect(container.querySelector('a')).toBeNull();
  expect(container.textContent).toContain('<img');
});

test.each(DETECTORS)('the runbook of $id leaves no Markdown unread', ({ id }) => {
  const runbook = runbookOf(id);
  if (!runbook) throw new Error('every detector has one');
  const { container } = render(<Markdown text={formatRunbook(runbook)} />);
  expect(container.querySelectorAll('h3')).toHaveLength(5);
  expect(container.textContent).not.toMatch(/\*\*|^\| |&(lt|gt|amp|quot);/m);
});
