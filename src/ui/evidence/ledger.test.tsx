import { cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it } from 'vitest';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { buildScene } from '../../core/evidence/notation.ts';
import { SIGNALS } from '../../core/signals/index.ts';
import { spellingsOf } from '../../core/signals/spellings.ts';
import { ledgerRows, poolBlocks, sharedLabel } from './ledger-rows.ts';
import { EvidenceLedger } from './ledger.tsx';

afterEach(cleanup);

/** Signals with a name to ask for: what only a log tells is no row elsewhere. */
const ASKED = SIGNALS.filter((signal) => spellingsOf(signal).length > 0).length;

const scene = buildScene({
  end: 1_800_000_000,
  steps: 20,
  replicas: ['a', 'b'],
  lines: { running: '5', waiting: '3', 'kv-cache-usage@a': '0.5' },
  labels: { 'cache-config': { num_gpu_blocks: '600', block_size: '32', kv_cache_size_tokens: '19200' } },
  warnings: ['Two of three stores answered.'],
});
const evidence: Evidence = {
  ...scene,
  readings: {
    ...scene.readings,
    waiting: { ...scene.readings.waiting!, state: 'failed', problem: 'query timed out', lines: [] },
    running: {
      ...scene.readings.running!,
      state: 'renamed',
      metrics: ['ray_vllm_num_requests_running'],
      query: 'sum(x)',
    },
  },
};
const needs = [
  { signal: 'preemptions' as const, pathology: 'kv-cache-thrashing' },
  { signal: 'waiting' as const, pathology: 'overload', title: 'Overload' },
];

it('has a row for every signal of the catalogue', () => {
  expect(ledgerRows(evidence, needs)).toHaveLength(ASKED);
});

it('puts first what disables something, and says what', () => {
  const rows = ledgerRows(evidence, needs);
  expect(rows.slice(0, 2).map((row) => [row.signal.id, row.state, row.decides])).toEqual([
    ['waiting', 'failed', ['Overload']],
    ['preemptions', 'missing', ['kv cache thrashing']],
  ]);
});

it('tells names found, problems and partial fleets', async () => {
  const user = userEvent.setup();
  render(<EvidenceLedger evidence={evidence} needs={needs} />);
  await user.click(screen.getByRole('button', { name: `show all ${ASKED}` }));
  const row = (name: string) => screen.getByRole('rowheader', { name }).closest('tr') as HTMLElement;
  expect(row('Running requests').textContent).toContain('ray_vllm_num_requests_running');
  expect(row('Running requests').dataset.state).toBe('renamed');
  expect(row('Waiting requests').textContent).toContain('query timed out');
  expect(row('Preemptions').textContent).toContain('cannot judge kv cache thrashing');
  expect(row('GPU SM activity').textContent).toContain('a slow or idle GPU');
  await user.click(within(row('Running requests')).getByRole('button', { name: /Copy the query/ }));
  expect(await navigator.clipboard.readText()).toBe('sum(x)');
});

it('tells pool, scrape interval, last sample and warnings', () => {
  const { container } = render(<EvidenceLedger evidence={evidence} needs={needs} />);
  expect(container.textContent).toContain('600 blocks of 32 tokens, 19,200 tokens in all');
  expect(container.textContent).toContain('a scrape every 5 s');
  expect(container.textContent).toContain('last sample');
  expect(screen.getByText('Two of three stores answered.')).toBeTruthy();
});

it('says where replicas differ in a label', () => {
  expect(sharedLabel(evidence, 'block_size')).toBe('32');
  expect(sharedLabel(evidence, 'num_cpu_blocks')).toBeNull();
});

it('tells what is old: ended samples, gauges of an engine that stands still, and where', () => {
  const old = buildScene({
    steps: 30,
    replicas: ['a', 'b'],
    lines: {
      running: '5',
      'running@b': '5x9 _x20',
      'kv-cache-usage': '0.4',
      'output-tokens': '0',
      'gpu-power': '300x9 _x20',
    },
  });
  const row = (id: string) => ledgerRows(old, needs).find((one) => one.signal.id === id);
  expect([row('gpu-power')?.state, row('gpu-power')?.note]).toEqual(['stale', 'no sample any more on a, b']);
  expect(row('kv-cache-usage')?.state).toBe('have');
  expect(row('kv-cache-usage')?.note).toBe('left behind by an engine that stands still: a');
  expect(row('running')?.state).toBe('frozen');
  render(<EvidenceLedger evidence={old} needs={[{ signal: 'running', pathology: 'overload' }]} />);
  expect(screen.getByRole('rowheader', { name: 'Running requests' }).closest('tr')?.textContent).toContain(
    'no longer tells overload',
  );
});

it('says why a name that was found does not give a signal', () => {
  const sglang = buildScene({ lines: { running: '5' } });
  const reading = { ...sglang.readings.running!, metrics: ['sglang:num_running_reqs'] };
  const rows = ledgerRows({ ...sglang, readings: { ...sglang.readings, running: reading } }, needs);
  const note = (id: string) => rows.find((one) => one.signal.id === id)?.note;
  expect(note('output-tokens')).toContain('when a request finishes');
  expect(note('process-memory')).toBe('');
  expect(ledgerRows(sglang, needs).find((one) => one.signal.id === 'output-tokens')?.note).toBe('');
});

it('divides the blocks of a server by the engines behind it', () => {
  const config = { num_gpu_blocks: '1600', block_size: '32' };
  expect(
    poolBlocks(buildScene({ replicas: ['a/0', 'a/1'], lines: { running: '1' }, labels: { 'cache-config': config } })),
  ).toBe('800');
  expect(poolBlocks(buildScene({ lines: { running: '1' }, labels: { 'cache-config': config } }))).toBe('1600');
  expect(poolBlocks(buildScene({ lines: { running: '1' } }))).toBeNull();
});
