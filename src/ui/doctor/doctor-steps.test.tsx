import { cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { type DoctorStep, DoctorSteps } from './doctor-steps.tsx';

afterEach(cleanup);

const step = (change: Partial<DoctorStep>): DoctorStep => ({
  id: 'reachable',
  title: 'Something answers',
  state: 'ok',
  reached: true,
  fact: 'answered in 4 ms',
  todo: null,
  line: null,
  ...change,
});
const STEPS = [
  step({ id: 'mixed-content', title: 'The page may ask', state: 'unknown', fact: 'not checkable here' }),
  step({}),
  step({
    id: 'cors',
    title: 'The browser may read it',
    state: 'failed',
    fact: 'no header',
    todo: 'Set it.',
    line: '--x',
  }),
  step({ id: 'auth', title: 'It lets us ask', state: 'unknown', reached: false, fact: 'not reached' }),
];

function show(change: { steps?: readonly DoctorStep[]; running?: boolean; cures?: boolean } = {}) {
  const done = { onCopy: vi.fn(), onAgain: vi.fn() };
  render(<DoctorSteps steps={STEPS} running={false} cures copied={null} {...change} {...done} />);
  return done;
}

it('says the state of each step in words, not by its sign alone', () => {
  show();
  expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    expect.stringContaining('not checkable:The page may ask'),
    expect.stringContaining('in order:Something answers'),
    expect.stringContaining('not in order:The browser may read it'),
    'Not reached: it lets us ask',
  ]);
});

it('gives what to do and a line to copy below a broken step', async () => {
  const { onCopy } = show();
  const broken = screen.getAllByRole('listitem')[2] as HTMLElement;
  expect(within(broken).getByText('Set it.')).toBeTruthy();
  await userEvent.click(within(broken).getByRole('button', { name: /Copy the line/ }));
  expect(onCopy).toHaveBeenCalledWith('--x');
});

it('leaves the cure out where the page has it elsewhere', () => {
  show({ cures: false });
  expect(screen.queryByText('Set it.')).toBeNull();
});

it('announces the first broken step, and health only when every step was taken', () => {
  show();
  expect(screen.getByRole('status').textContent).toContain('The browser may read it, not in order');
  cleanup();
  show({ steps: STEPS.slice(0, 2), running: true });
  expect(screen.getByRole('status').textContent).toBe('Checking the connection');
  expect(screen.getByRole('button', { name: 'Checking' })).toHaveProperty('disabled', true);
});
