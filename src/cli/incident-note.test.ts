import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, expect, test } from 'vitest';
import { leftovers } from '../core/snapshot/redact.ts';
import { startCommand } from '../testing/command.ts';
import { startPrometheus } from '../testing/prometheus.ts';

const folder = mkdtempSync(join(tmpdir(), 'note-'));
afterAll(() => rmSync(folder, { recursive: true }));

function unzipped(file: string): Record<string, string> {
  const files = unzipSync(new Uint8Array(readFileSync(file)));
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]));
}

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

test('--bundle writes the archive beside the note; its snapshot opens with the verdict that is in it', async () => {
  const file = join(folder, 'incident.zip');
  const { code, stdout, stderr } = await startCommand([
    ...['export', 'incident-note', '--recording', KV, '--knob', 'max-num-seqs=64', '--bundle', file],
  ]).ended;
  expect(code).toBe(0);
  expect(stderr).toMatch(/^saved .*incident\.zip: 9 files, \d+ kB\n$/);
  const texts = unzipped(file);
  expect(texts['note.md']).toBe(stdout);
  expect(texts['arguments.txt']).toContain('--max-num-seqs 64');
  expect(texts['versions.txt']).toMatch(/vLLM: 0\.32\.0 or newer \(the source has vllm:/);
  expect(texts['metrics.prom']).toMatch(/^# Not a page as a server wrote it/);
  writeFileSync(join(folder, 'incident.snapshot'), texts['incident.snapshot'] as string);
  const again = await startCommand(['diagnose', '--snapshot', join(folder, 'incident.snapshot'), '--format', 'json'])
    .ended;
  expect(again.stdout).toBe(texts['verdict.json']);
});

test('--redact replaces the names in the archive and in the note', async () => {
  const file = join(folder, 'redacted.zip');
  const { stdout, stderr } = await startCommand([
    ...['export', 'incident-note', '--recording', KV, '--bundle', file, '--redact'],
  ]).ended;
  expect(stderr).toMatch(/\d names replaced/);
  const { 'incident.snapshot': _, ...texts } = unzipped(file);
  expect(texts['note.md']).toBe(stdout);
  expect(leftovers(JSON.stringify(texts), ['vllm-0', 'kv-thrash-a'])).toEqual([]);
  expect(stdout).toContain('replica-1');
});

test('a saved page goes in as the server wrote it', async () => {
  const saved = 'src/core/exposition/pages/vllm-0.32.0-dp2-loaded.prom.gz';
  const page = gunzipSync(readFileSync(saved)).toString();
  const file = join(folder, 'pages.zip');
  const { stderr } = await startCommand([
    ...[
      'export',
      'incident-note',
      '--page',
      `${saved}@2026-11-25T01:00:00Z`,
      '--page',
      `${saved}@2026-11-25T01:00:15Z`,
    ],
    ...['--bundle', file],
  ]).ended;
  expect(stderr).toMatch(/^saved/);
  const text = unzipped(file)['metrics.prom'] as string;
  expect(text).toMatch(/^# .*read at 2026-11-25T01:00:15Z; as the server wrote it\n/);
  expect(text.slice(text.indexOf('\n') + 1)).toBe(page);
});

test.each([
  [['--recording', KV, '--bundle', '/no/such/folder/a.zip'], /cannot write/],
  [['--recording', 'no-such.om.gz'], /no-such/],
  [['--recording', KV, '--app', 'javascript:alert(1)'], /--app .*expected an address/],
  [[], /source/],
])('%j says what is wrong', async (args, said) => {
  const { code, stdout, stderr } = await startCommand(['export', 'incident-note', ...args]).ended;
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(said);
});
