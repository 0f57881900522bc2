import { cleanup, render, screen, within } from '@testing-library/react';
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
  expect(screen.getByRole('img', { name: 'KV cache usage per replica over time' })).toBeTruthy();
  await user.selectOptions(screen.getByLabelText('Over time'), 'Running requests');
  const table = screen.getByRole('table', { name: 'Running requests per replica over time' });
  expect(within(table).getAllByText('24 requests').length).toBeGreaterThan(5);
});

it('says so where there is no engine', () => {
  render(<Replicas evidence={{ ...fleet, replicas: [] }} targets={targetsOf('chat')} />);
  expect(screen.getByText(/No engine was found/)).toBeTruthy();
});
