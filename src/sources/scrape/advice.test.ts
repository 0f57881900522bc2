import { expect, test } from 'vitest';
import { scrapeAdvice } from './advice.ts';

const context = { origin: 'https://triage.example', url: 'me:secret@vllm-0:8000' };

test('a page that may not be read: the flag of vLLM with the origin in it', () => {
  expect(scrapeAdvice('cors', context).line).toBe(`--allowed-origins '["https://triage.example"]'`);
});

test.each(['unreachable', 'unreadable', 'empty', 'timeout'] as const)(
  '%s: asks the page itself, without the password',
  (problem) => {
    expect(scrapeAdvice(problem, context).line).toContain("curl -sS 'http://vllm-0:8000/metrics' |");
    expect(scrapeAdvice(problem, {}).line).toBeNull();
  },
);

test('credentials are asked for as everywhere', () => {
  expect(scrapeAdvice('unauthorized').line).toContain('Authorization');
});
