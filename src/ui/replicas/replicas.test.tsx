import { act, cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { buildScene } from '../../core/evidence/notation.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import { Replicas } from './replicas.tsx';

afterEach(cleanup);

const fleet = buildScene({
  steps: 40,
  replicas: ['vllm-0', 'vllm-1'],
  lines: {
    running: '1',
    'running@vllm-1': '24',
    waiting: '0',
    'waiting@vllm-1': '126',
    'kv-cache-usage': '0.02',
    'kv-cache-usage@vllm-1': '0.3',
  },
  histograms: { 'ttft@vllm-0': '0.1*5 ...', 'ttft@vllm-1': '23*5 ...' },
  knobs: { 'max-num-seqs': 24 },
});

it('puts the worst replica first and says how it is', () => {
  render(<Replicas evidence={fleet} targets={targetsOf('chat')} />);
  const table = screen.getByRole('table', { name: /Replicas, worst first/ });
  const rows = within(table).getAllByRole('row').slice(1);
  expect(rows.map((row) => within(row).getByRole('rowheader').textContent)).toEqual(['vllm-1', 'vllm-0']);
  expect(rows[0]?.textContent).toContain('over target');
  expect(rows[0]?.textContent).toContain('24 of 24');
  expect(rows[1]?.textContent).toContain('in target');
});

it('scopes to a replica and back', async () => {
  const user = userEvent.setup();
  const onScope = vi.fn();
  const { rerender } = render(<Replicas evidence={fleet} targets={targetsOf('chat')} onScope={onScope} />);
  await user.click(screen.getByRole('button', { name: 'vllm-1' }));
  expect(onScope).toHaveBeenLastCalledWith('vllm-1');
  rerender(<Replicas evidence={fleet} targets={targetsOf('chat')} onScope={onScope} scoped={['vllm-1']} />);
  expect(screen.getByRole('button', { name: 'vllm-1' }).getAttribute('aria-pressed')).toBe('true');
  await user.click(screen.getByRole('button', { name: 'vllm-1' }));
  expect(onScope).toHaveBeenLastCalledWith(null);
});

it('shows another signal over time, with the numbers behind it', async () => {
  const user = userEvent.setup();
  render(<Replicas evidence={fleet} targets={targetsOf('chat')} />);
  expect(screen.getByRole('slider', { name: 'KV cache usage per replica over time' })).toBeTruthy();
  await user.selectOptions(screen.getByLabelText('Over time'), 'Running requests');
  const table = screen.getByRole('table', { name: 'Running requests per replica over time' });
  expect(within(table).getAllByText('24 requests').length).toBeGreaterThan(5);
});

it('tells each cell by key, row by row, and scopes to it', async () => {
  const user = userEvent.setup();
  const onScope = vi.fn();
  render(<Replicas evidence={fleet} targets={targetsOf('chat')} onScope={onScope} />);
  const strip = screen.getByRole('slider', { name: 'KV cache usage per replica over time' });
  act(() => strip.focus());
  expect(strip.getAttribute('aria-valuetext')).toMatch(/^vllm-1 at .*: 0\.3.*; row 1 of 2$/);
  await user.keyboard('{ArrowDown}{ArrowLeft}');
  expect(strip.getAttribute('aria-valuetext')).toMatch(/^vllm-0 at .*: 0\.02.*; row 2 of 2$/);
  await user.keyboard('{Enter}');
  expect(onScope).toHaveBeenLastCalledWith('vllm-0');
});

it('calls what stands for many by what it is, puts it last, and scopes to nobody by it', async () => {
  const user = userEvent.setup();
  const onScope = vi.fn();
  const standing = fleet.replicas.map((replica) => (replica.id === 'vllm-1' ? { ...replica, stands: 976 } : replica));
  render(<Replicas evidence={{ ...fleet, replicas: standing }} targets={targetsOf('chat')} onScope={onScope} />);
  const rows = within(screen.getByRole('table', { name: /Replicas, worst first/ })).getAllByRole('rowheader');
  expect(rows.map((row) => row.textContent)).toEqual(['vllm-0', '976 others as their mean']);
  expect(screen.queryByRole('button', { name: /976/ })).toBeNull();
  act(() => screen.getByRole('slider').focus());
  await user.keyboard('{ArrowDown}{Enter}');
  expect(screen.getByRole('slider').getAttribute('aria-valuetext')).toMatch(/^976 others as their mean at/);
  expect(onScope).not.toHaveBeenCalled();
});

it('shows a fleet whole in the strip, and in the tables as much as is asked for', async () => {
  const user = userEvent.setup();
  const many = Array.from({ length: 150 }, (_, i) => `vllm-${i}`);
  const large = buildScene({ steps: 12, replicas: many, lines: { running: '1', 'kv-cache-usage': '0.2' } });
  render(<Replicas evidence={large} targets={targetsOf('chat')} />);
  act(() => screen.getByRole('slider').focus());
  expect(screen.getByRole('slider').getAttribute('aria-valuetext')).toContain('row 1 of 150');
  const bodyRows = () => screen.getAllByRole('table').map((table) => within(table).getAllByRole('rowheader').length);
  expect(bodyRows()).toEqual([12, 12]);
  await user.click(screen.getByRole('button', { name: '100 more' }));
  expect(bodyRows()).toEqual([112, 112]);
  expect(screen.getByText(/112 of 150 rows/)).toBeTruthy();
});

it('says so where there is no engine', () => {
  render(<Replicas evidence={{ ...fleet, replicas: [] }} targets={targetsOf('chat')} />);
  expect(screen.getByText(/No engine was found/)).toBeTruthy();
});
