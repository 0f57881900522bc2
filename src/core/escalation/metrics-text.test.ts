import { expect, test } from 'vitest';
import { buildScene } from '../evidence/notation.ts';
import { parseExposition } from '../exposition/parse.ts';
import { metricsText } from './metrics-text.ts';

const SCENE = buildScene({
  replicas: ['vllm-0', 'vllm-1/1'],
  model: 'a "b"',
  lines: {
    running: '3x8 _',
    'running@vllm-1/1': '7x9',
    'output-tokens': '120x9',
    'finished{stop}': '2x9',
    waiting: '_x10',
  },
  histograms: { 'prompt-length': '150*2x9' },
  labels: { 'cache-config': { block_size: '16' } },
});

const series = parseExposition(metricsText(SCENE)).series;
const find = (name: string, instance: string) =>
  series.find((one) => one.name === name && one.labels.instance === instance);

test('the newest value of a series stands with its labels and its own time', () => {
  expect(find('vllm:num_requests_running', 'vllm-0')).toMatchObject({
    labels: { instance: 'vllm-0', model_name: 'a "b"' },
    values: [3],
    times: [(1_800_000_000 - 5) * 1000],
  });
  expect(find('vllm:num_requests_running', 'vllm-1')).toMatchObject({ labels: { engine: '1' }, values: [7] });
});

test('a rate is never called by the name of the total, and of what has no value nothing is written', () => {
  const names = new Set(series.map(({ name }) => name));
  expect(find('vllm:generation_tokens_total:rate20s', 'vllm-0')?.values).toEqual([120]);
  expect(names).not.toContain('vllm:generation_tokens_total');
  expect(names).not.toContain('vllm:num_requests_waiting');
  expect(find('vllm:request_success_total:rate20s', 'vllm-0')?.labels.finished_reason).toBe('stop');
  const all = series.filter(
    ({ name, labels }) =>
      name === 'vllm:request_prompt_tokens_bucket:rate20s' && labels.instance === 'vllm-0' && labels.le === '+Inf',
  );
  expect(all.map(({ values }) => values)).toEqual([[2]]);
});

test('says first that it is no page of a server', () => {
  expect(metricsText(SCENE)).toMatch(/^# Not a page as a server wrote it: .*\n# Counters and histograms are rates/);
});
