import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startAlertmanager } from '../../testing/alertmanager.ts';
import { startCommand } from '../../testing/command.ts';
import { freePort, type RunningPrometheus, startPrometheus } from '../../testing/prometheus.ts';

/** A frozen engine that wakes up: stalled from the 180th second of the recording to the 355th. */
const stall = fileURLToPath(new URL('../../../public/library/stall.om.gz', import.meta.url));
const STARTS = 1795572699;
const WAKES = STARTS + 355;

interface Line {
  readonly event: string;
  readonly at: string;
  readonly page?: string;
  readonly before: { readonly primary: string | null } | null;
  readonly after: { readonly status: string; readonly primary: string | null };
  readonly verdict: { readonly schema: string } | null;
}

let folder: string;
let prometheus: RunningPrometheus;
const running: (() => void)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vllm-triage-watch-'));
  // It wakes up twelve seconds from now.
  prometheus = await startPrometheus({ recordings: [stall], moved: Math.round(Date.now() / 1000) + 12 - WAKES });
}, 60_000);
afterEach(() => running.splice(0).forEach((end) => end()));
afterAll(async () => {
  await prometheus?.stop();
  await rm(folder, { recursive: true, force: true });
});

function watch(...args: string[]) {
  const command = startCommand(['watch', ...args]);
  running.push(() => command.process.kill('SIGKILL'));
  let [out, err] = ['', ''];
  command.process.stdout.on('data', (piece) => (out += piece));
  command.process.stderr.on('data', (piece) => (err += piece));
  return {
    ...command,
    lines: () =>
      out
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line),
    said: () => err,
  };
}

test('a recording played into a Prometheus rings at an Alertmanager, and the ringing ends', async () => {
  const notified: { status: string; pathology: string; severity: string }[] = [];
  const pager = createServer((request, response) => {
    let text = '';
    request.on('data', (piece) => (text += piece));
    request.on('end', () => {
      for (const { status, labels } of JSON.parse(text).alerts) notified.push({ status, ...labels });
      response.end();
    });
  });
  await new Promise<void>((resolve) => pager.listen(0, '127.0.0.1', resolve));
  const alertmanager = await startAlertmanager(`http://127.0.0.1:${(pager.address() as AddressInfo).port}/`);
  try {
    const port = await freePort();
    const state = join(folder, 'state.json');
    const heard = join(folder, 'heard');
    const watching = watch(
      '--prometheus',
      prometheus.url,
      '--every',
      '1s',
      '--state',
      state,
      '--webhook',
      `alertmanager=${alertmanager.url}`,
      '--listen',
      `127.0.0.1:${port}`,
      '--page-url',
      'https://triage.example/',
      '--exec',
      `cat >> '${heard}'; echo "$VLLM_TRIAGE_STATUS $VLLM_TRIAGE_PRIMARY" >> '${heard}'`,
    );
    await vi.waitFor(
      () => expect(watching.lines()[0]?.after).toMatchObject({ status: 'critical', primary: 'engine-stall' }),
      20_000,
    );
    const own = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(own).toContain('vllm_triage_status{status="critical"} 1');
    expect(own).toMatch(
      /vllm_triage_finding\{pathology="engine-stall",scope="fleet",model="tiny",role="primary"\} 0\.\d+/,
    );
    await vi.waitFor(
      () =>
        expect(notified).toContainEqual(
          expect.objectContaining({ status: 'firing', pathology: 'engine-stall', severity: 'critical' }),
        ),
      10_000,
    );
    await vi.waitFor(
      () =>
        expect(notified).toContainEqual(
          expect.objectContaining({ status: 'resolved', pathology: 'engine-stall', severity: 'critical' }),
        ),
      { timeout: 60_000, interval: 200 },
    );
    watching.process.kill('SIGTERM');
    expect((await watching.ended).code).toBe(0);
    expect(watching.lines()[0]?.verdict?.schema).toBe('vllm-triage/verdict/1');
    const { page = '', at = '' } = watching.lines()[0] ?? {};
    expect(page).toMatch(/^https:\/\/triage\.example\/\?prometheus=/);
    const link = new URL(page).searchParams;
    expect([link.get('prometheus'), link.get('to')]).toEqual([prometheus.url, at]);
    expect(new Date(at).getTime() - new Date(link.get('from') ?? '').getTime()).toBe(1_800_000);
    expect(await readFile(heard, 'utf8')).toContain('critical engine-stall');
    expect(JSON.parse(await readFile(state, 'utf8')).schema).toBe('vllm-triage/watch-state/1');
  } finally {
    await alertmanager.stop();
    pager.closeAllConnections();
    pager.close();
  }
}, 120_000);

test('a restart says nothing twice; to be blind is said aloud and never as health', async () => {
  const state = join(folder, 'restart.json');
  const first = watch('--prometheus', prometheus.url, '--every', '1s', '--state', state);
  await vi.waitFor(() => expect(first.lines()).not.toHaveLength(0), 20_000);
  // The line comes first, so that what is cut off in between is said again and not missed.
  const told = await vi.waitFor(
    async () => JSON.parse(await readFile(state, 'utf8')).memory.told.stand.status as string,
    20_000,
  );
  first.process.kill('SIGKILL');
  await first.ended;

  const gone = await freePort();
  const second = watch('--prometheus', `http://127.0.0.1:${gone}`, '--every', '500ms', '--state', state);
  await vi.waitFor(() => expect(second.lines()).not.toHaveLength(0), 20_000);
  second.process.kill('SIGTERM');
  expect((await second.ended).code).toBe(0);
  expect(second.lines()[0]).toMatchObject({
    event: 'lost',
    before: { status: told },
    after: { status: 'unknown' },
    verdict: null,
  });
  expect(second.said()).toMatch(/blind: .*Next look in/);
  expect(second.lines().every(({ after }) => after.status !== 'healthy')).toBe(true);
}, 60_000);

test('scrapes /metrics pages by itself and goes on', async () => {
  let n = 0;
  const engine: Server = createServer((_, response) => {
    n += 1;
    response.end(
      `vllm:num_requests_running{model_name="m"} 0\nvllm:num_requests_waiting{model_name="m"} 0\nvllm:generation_tokens_total{model_name="m"} ${n}\n`,
    );
  });
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(engine.address() as AddressInfo).port}/metrics`;
    const watching = watch('--metrics', url, '--interval', '500ms', '--every', '500ms');
    await vi.waitFor(() => expect(n).toBeGreaterThan(5), 20_000);
    expect(watching.lines()[0]?.verdict).not.toBeNull();
    watching.process.kill('SIGTERM');
    expect((await watching.ended).code).toBe(0);
  } finally {
    engine.closeAllConnections();
    engine.close();
  }
}, 40_000);

test.each([
  [['--recording', stall], /--recording does not go on; watch needs --prometheus or --metrics/],
  [['--prometheus', 'http://127.0.0.1:1', '--webhook', 'hooks.example'], /expected an http address/],
  [['--prometheus', 'http://127.0.0.1:1', '--listen', 'nowhere'], /expected HOST:PORT/],
  [['--prometheus', 'http://127.0.0.1:1', '--page-url', 'triage.example'], /expected an address such as/],
])('%s is refused', async (args, why) => {
  const { code, stderr } = await watch(...args).ended;
  expect(code).toBe(2);
  expect(stderr).toMatch(why);
});

test('a state file that is something else is left alone', async () => {
  const file = join(folder, 'mine.json');
  await writeFile(file, '{"mine": true}');
  const { code, stderr } = await watch('--prometheus', prometheus.url, '--state', file).ended;
  expect(code).toBe(2);
  expect(stderr).toContain('expected a file written by vllm-triage watch');
  expect(await readFile(file, 'utf8')).toBe('{"mine": true}');
});
