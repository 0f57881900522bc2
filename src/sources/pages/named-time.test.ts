import { expect, test } from 'vitest';
import { splitTime } from './named-time.ts';

test.each<[string, string, number | null]>([
  ['a.prom', 'a.prom', null],
  ['a.prom@2026-11-24T12:00:00Z', 'a.prom', Date.UTC(2026, 10, 24, 12)],
  ['a.prom@1795572698.703', 'a.prom', 1_795_572_698_703],
  ['vllm@host.prom', 'vllm@host.prom', null],
  ['vllm@host.prom@1795572698', 'vllm@host.prom', 1_795_572_698_000],
  ['vllm-0@2026-11-24T12:00:00.5Z.prom.gz', 'vllm-0', Date.UTC(2026, 10, 24, 12, 0, 0, 500)],
  ['vllm-0@1795572698.prom', 'vllm-0', 1_795_572_698_000],
  ['a.prom@2026-99-99T12:00', 'a.prom@2026-99-99T12:00', null],
  ['a.prom@now', 'a.prom@now', null],
  ['@1795572698', '@1795572698', null],
])('%s', (text, name, timeMs) => {
  expect(splitTime(text)).toEqual({ name, timeMs });
});
