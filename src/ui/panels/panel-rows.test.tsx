import { act, cleanup, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { buildScene } from '../../core/evidence/notation.ts';
import { PANELS } from '../../core/panels/index.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import { FrameQueue } from './frames.ts';
import { PanelRows } from './panel-rows.tsx';

afterEach(cleanup);

const chat = targetsOf('chat');
const evidence = buildScene({
  lines: {
    running: '18x39',
    waiting: '0+6x39',
    preemptions: '0x19 0.8x19',
    'kv-cache-usage': '0.3x19 0.97x19',
    'output-tokens': '500x39',
    'prompt-tokens': '100x39',
    'finished{stop}': '0.3x39',
  },
  histograms: { ttft: '0.2*2x19 100*2x19', itl: '0.046*300x39' },
  knobs: { 'max-num-seqs': 64 },
});

async function drawn(extra: Partial<Parameters<typeof PanelRows>[0]> = {}) {
  const onSettled = vi.fn();
  const view = render(
    <PanelRows evidence={evidence} verdict={null} targets={chat} onSettled={onSettled} folded={false} {...extra} />,
  );
  await waitFor(() => expect(onSettled).toHaveBeenCalled(), { timeout: 10_000 });
  return view;
}

it('draws four rows of four panels, each with its sentence', async () => {
  await drawn();
  expect(screen.getAllByRole('heading', { level: 2 }).map((h) => h.textContent)).toEqual([
    'User-facing latency',
    'System health',
    'Queue and scheduling',
    'Cache efficiency',
  ]);
  expect(screen.getAllByRole('heading', { level: 3 })).toHaveLength(16);
  expect(screen.getByText(/^234 requests wait; about 18 of 64 seats are in use/)).toBeTruthy();
});

it('keeps the place of what is not measured and says what it would tell', async () => {
  await drawn();
  const gpu = within(screen.getByRole('region', { name: 'GPU' }));
  expect(gpu.getByText('Not measured')).toBeTruthy();
  expect(gpu.getByText('DCGM_FI_PROF_SM_ACTIVE')).toBeTruthy();
});

it('shows the newest value beside the title', async () => {
  await drawn();
  const value = (name: string) => screen.getByRole('region', { name }).querySelector('[data-value]')?.textContent;
  expect(value('TTFT')).toBe('p9580–160 s');
  expect(value('Running')).toBe('18 of 64');
  expect(value('Preemptions')).toBe('0.8/s');
});

it('copies the queries of a panel', async () => {
  const user = userEvent.setup();
  await drawn({ linkTo: (id) => `/?panel=${id}` });
  await user.click(screen.getByRole('button', { name: 'Preemptions: copy or save' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Copy PromQL' }));
  expect(await navigator.clipboard.readText()).toContain('rate(vllm:num_preemptions_total[20s])');
});

it('folds rows two to four to a line on a phone, and opens them on demand', async () => {
  const user = userEvent.setup();
  await drawn({ folded: true });
  expect(screen.getAllByRole('heading', { level: 3 })).toHaveLength(4);
  await user.click(screen.getByRole('button', { name: /Queue and scheduling/ }));
  expect(screen.getAllByRole('heading', { level: 3 })).toHaveLength(8);
});

it('one broken panel stays one broken panel', async () => {
  const panel = PANELS.find((p) => p.id === 'tokens') as { build: unknown };
  const build = panel.build;
  panel.build = () => {
    throw new Error('no such line');
  };
  const silent = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await drawn();
  panel.build = build;
  silent.mockRestore();
  expect(screen.getByRole('alert').textContent).toContain('no such line');
  expect(screen.getByRole('region', { name: 'Preemptions' }).querySelector('[data-value]')).toBeTruthy();
});

it('applies updates one a frame, the newest only, the most urgent first', async () => {
  const queue = new FrameQueue();
  const order: string[] = [];
  const settled = vi.fn();
  queue.whenSettled(settled);
  await act(async () => {
    for (const [key, rank] of [
      ['c', 3],
      ['a', 1],
      ['b', 2],
    ] as const)
      queue.add({ key, rank: () => rank, run: () => order.push(key) });
    queue.add({ key: 'b', rank: () => 2, run: () => order.push('b, newer') });
    await vi.waitFor(() => expect(settled).toHaveBeenCalledOnce());
  });
  expect(order).toEqual(['a', 'b, newer', 'c']);
});

it('leaves what need not be drawn yet until it is told to look again', async () => {
  const queue = new FrameQueue();
  const order: string[] = [];
  const settled = vi.fn();
  queue.whenSettled(settled);
  let far = Infinity;
  await act(async () => {
    queue.add({ key: 'below', rank: () => far, run: () => order.push('below') });
    queue.add({ key: 'seen', rank: () => 1, run: () => order.push('seen') });
    await vi.waitFor(() => expect(settled).toHaveBeenCalledOnce());
    expect(order).toEqual(['seen']);
    far = 2;
    queue.wake();
    await vi.waitFor(() => expect(settled).toHaveBeenCalledTimes(2));
  });
  expect(order).toEqual(['seen', 'below']);
});

it('a panel out of sight is drawn once, then with a minute of a live page or with another scope', async () => {
  const observers: ((entries: { isIntersecting: boolean }[]) => void)[] = [];
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      constructor(seen: (entries: { isIntersecting: boolean }[]) => void) {
        observers.push(seen);
      }
      observe() {}
      disconnect() {}
    },
  );
  try {
    const at = (seconds: number, running: number) =>
      buildScene({ end: 1_800_000_000 + seconds, lines: { running: `${running}`, waiting: '0x40' } });
    const chosen = ['vllm-0'];
    const value = () => document.querySelector('[data-panel="running"] [data-value]')?.textContent;
    const rows = (read: Evidence, replicas?: readonly string[]) => (
      <PanelRows evidence={read} verdict={null} targets={chat} replicas={replicas} folded={false} />
    );
    const { rerender } = render(rows(at(0, 3)));
    await vi.waitFor(() => expect(value()).toBe('3'));
    act(() => observers.forEach((seen) => seen([{ isIntersecting: false }])));
    const settle = () => act(() => new Promise((resolve) => setTimeout(resolve, 400)));
    rerender(rows(at(5, 4)));
    await settle();
    expect(value()).toBe('3');
    rerender(rows(at(60, 5)));
    await vi.waitFor(() => expect(value()).toBe('5'));
    rerender(rows(at(65, 6)));
    await settle();
    expect(value()).toBe('5');
    rerender(rows(at(65, 6), chosen));
    await vi.waitFor(() => expect(value()).toBe('6'));
    rerender(rows(at(70, 7), chosen));
    await settle();
    expect(value()).toBe('6');
    act(() => observers.forEach((seen) => seen([{ isIntersecting: true }])));
    await vi.waitFor(() => expect(value()).toBe('7'));
  } finally {
    vi.unstubAllGlobals();
  }
});
