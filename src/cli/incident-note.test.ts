import { expect, test } from 'vitest';
import { startCommand } from '../testing/command.ts';
import { startPrometheus } from '../testing/prometheus.ts';

const KV = 'public/library/kv-thrash-a.om.gz';

test('writes the incident of a recording, without a link, since no link can carry a file', async () => {
  const { code, stdout, stderr } = await startCommand(['export', 'incident-note', '--recording', KV]).ended;
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^# critical: KV cache thrashing on vllm-0\n/);
  expect(stdout).toMatch(/## Timeline\n\n(- .*\n)*- \S+Z to \S+Z: KV cache thrashing \(critical/);
  expect(stdout).toContain('## Could not be checked');
  expect(stdout).not.toContain('://');
});

test('links to the same range of a Prometheus, without the password in its address', async () => {
  const prometheus = await startPrometheus({ recordings: [KV] });
  try {
    const { stdout } = await startCommand([
      ...['export', 'incident-note', '--prometheus', prometheus.url.replace('//', '//me:s3cret@')],
      ...['--at', '2026-11-25T01:57:50Z', '--range', '8m', '--app', 'https://triage.example/'],
    ]).ended;
    const [, link = ''] = /^- (https:\/\/triage\.example\/\?\S+)$/m.exec(stdout) ?? [];
    const query = new URL(link).searchParams;
    expect(query.get('prometheus')).toBe(prometheus.url);
    expect(query.get('to')).toBe('2026-11-25T01:57:50Z');
    expect(stdout).not.toContain('s3cret');
  } finally {
    await prometheus.stop();
  }
});

test.each([
  [['--recording', 'no-such.om.gz'], /no-such/],
  [['--recording', KV, '--app', 'javascript:alert(1)'], /--app .*expected an address/],
  [[], /source/],
])('%j says what is wrong', async (args, said) => {
  const { code, stdout, stderr } = await startCommand(['export', 'incident-note', ...args]).ended;
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(said);
});
