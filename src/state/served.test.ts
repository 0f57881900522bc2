import { expect, test } from 'vitest';
import { servedSources } from './served.ts';

/** A document with this content in its meta element. */
const html = (content: string | null) => ({
  querySelector: () => (content === null ? null : ({ getAttribute: () => content } as unknown as Element)),
});

test('a page on a plain server has no sources of its own', () => {
  expect(servedSources(html(null), 'http://triage.example/')).toEqual([]);
});

test('sources stand below the page, with a prefix or without', () => {
  const content = '[{"kind":"prometheus","name":"prod"},{"kind":"metrics","name":"vllm"}]';
  expect(servedSources(html(content), 'http://localhost:8686/?x=1')).toEqual([
    { name: 'prod', source: { kind: 'prometheus', url: '/-/prometheus/prod' } },
    { name: 'vllm', source: { kind: 'metrics', urls: ['/-/metrics/vllm'] } },
  ]);
  expect(servedSources(html(content), 'https://ops.example/triage/')[0]?.source).toEqual({
    kind: 'prometheus',
    url: '/triage/-/prometheus/prod',
  });
});

test.each(['', 'nonsense', '{}', '[{"kind":"file","name":"x"}]'])('%s is no list of sources', (content) => {
  expect(servedSources(html(content), 'http://localhost/')).toEqual([]);
});
