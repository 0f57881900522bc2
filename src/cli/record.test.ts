import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { adviceFor, findProgram } from '../../scripts/tools/programs.js';
import { startCommand } from '../testing/command.ts';
import { pagesOf, type RunningServer, startEngine, startServer } from '../testing/engine-pages.ts';

const library = fileURLToPath(new URL('../../public/library/kv-thrash-a.om.gz', import.meta.url));
const [pages = []] = (await pagesOf(library)).values();
/** Out of the middle of the trouble. */
const sick = pages.slice(Math.floor(pages.length * 0.7));

let folder: string;
let engine: RunningServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vllm-triage-record-'));
  engine = await startEngine(sick);
});
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]) => startCommand(args).ended;
const file = (name: string) => join(folder, name);

describe('record', () => {
  test('writes what diagnose opens, and promtool too', async () => {
    const out = file('incident.om.gz');
    const recorded = await run('record', '--metrics', engine.url, '--for', '4s', '--interval', '1s', '--out', out);
    expect(recorded).toMatchObject({ code: 0, stdout: '' });
    expect(recorded.stderr).toContain(`written to ${out}`);
    const text = gunzipSync(readFileSync(out)).toString();
    // A machine under load may skip a round while the first page is still being read.
    expect([4, 5]).toContain(text.match(/^vllm:num_requests_running\{/gm)?.length);
    expect(text).toMatch(/^up\{instance="127\.0\.0\.1:\d+",job="vllm"\} 1 \d+(\.\d+)?$/m);
    expect(text.endsWith('# EOF\n')).toBe(true);
    expect(readdirSync(folder)).toEqual(['incident.om.gz']);

    const verdict = await run('diagnose', '--recording', out, '--format', 'json');
    expect(JSON.parse(verdict.stdout)).toMatchObject({ scope: { models: ['tiny'] }, warnings: [] });

    const promtool = findProgram('promtool', process.env);
    if (!promtool) throw new Error(adviceFor('promtool', process.env));
    writeFileSync(file('plain.om'), text);
    const made = spawnSync(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', file('plain.om'), file('data')]);
    expect(made.status, made.stderr.toString()).toBe(0);
    rmSync(file('plain.om'));
    rmSync(file('data'), { recursive: true });
  });

  test('refuses to replace a file, unless told to', async () => {
    const out = file('precious.om');
    writeFileSync(out, 'mine');
    const args = ['record', '--metrics', engine.url, '--for', '400ms', '--interval', '200ms', '--out', out];
    expect(await run(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') });
    expect(readFileSync(out, 'utf8')).toBe('mine');
    const left = args.map((arg) => (arg === out ? file('left.om') : arg));
    writeFileSync(file('left.om.part'), 'of an earlier run');
    expect(await run(...left)).toMatchObject({ code: 2, stderr: expect.stringContaining('left.om.part is there') });
    expect(await run(...args, '--force')).toMatchObject({ code: 0 });
    expect(readFileSync(out, 'utf8')).toContain('vllm:num_requests_running{');
  });

  test('ended by Ctrl-C it keeps what was measured', async () => {
    const out = file('early.om.gz');
    const { process: child, ended } = startCommand(['record', '--metrics', engine.url, '--for', '1h', '--out', out]);
    const asked = engine.requests.length;
    await expect.poll(() => engine.requests.length, { timeout: 20_000 }).toBeGreaterThan(asked);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0 });
    expect(gunzipSync(readFileSync(out)).toString()).toMatch(/^vllm:num_requests_running\{[\s\S]*# EOF\n$/m);
  });

  test.each(['killed.om', 'killed.om.gz'])(
    'killed, it leaves every scrape up to the last in %s, which opens',
    async (name) => {
      const out = file(name);
      const before = engine.requests.length;
      const args = ['--metrics', engine.url, '--for', '1h', '--interval', '3s', '--out', out];
      const { process: child, ended } = startCommand(['record', ...args]);
      await vi.waitUntil(() => engine.requests.length - before >= 2, { timeout: 40_000 });
      // Long enough to read a page on a busy machine, and over before the next one is asked for.
      await new Promise((resolve) => setTimeout(resolve, 1500));
      child.kill('SIGKILL');
      await ended;
      const scraped = engine.requests.length - before;
      const opened = await run('diagnose', '--recording', `${out}.part`, '--format', 'json');
      expect(JSON.parse(opened.stdout).scope.models).toEqual(['tiny']);
      const bytes = readFileSync(`${out}.part`);
      const text = (
        name.endsWith('.gz') ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes
      ).toString();
      expect(text.match(/^vllm:num_requests_running\{/gm)?.length).toBe(scraped);
    },
  );

  test('gives up at once where no page can be read, and leaves nothing behind', async () => {
    const out = file('nothing.om');
    const gone = await run('record', '--metrics', 'http://127.0.0.1:9', '--for', '1h', '--out', out);
    expect(gone).toMatchObject({ code: 2, stdout: '' });
    expect(gone.stderr).toContain('http://127.0.0.1:9/metrics cannot be reached');
    expect(existsSync(out) || existsSync(`${out}.part`)).toBe(false);
  });

  test('one page of two that hangs neither slows the other nor hides itself', async () => {
    const deaf = await startServer(() => {});
    const out = file('half.om');
    const urls = ['--metrics', engine.url, '--metrics', deaf.url];
    const recorded = await run('record', ...urls, '--for', '2s', '--interval', '500ms', '--out', out);
    await deaf.stop();
    expect(recorded).toMatchObject({ code: 0, stderr: expect.stringContaining('did not answer within 10 s') });
    const text = readFileSync(out, 'utf8');
    // Waiting for the other one there would be a single one.
    expect(text.match(/^vllm:num_requests_running\{/gm)?.length).toBeGreaterThan(2);
    expect(text).toMatch(new RegExp(`^up\\{instance="${new URL(deaf.url).host}",job="vllm"\\} 0 `, 'm'));
  });

  test('reads a token from a file and from the environment', async () => {
    const seen: (string | undefined)[] = [];
    const guarded = await startServer((request, response) => {
      seen.push(request.headers.authorization, request.headers['x-team'] as string);
      response.end(sick[0]?.text);
    });
    writeFileSync(file('token'), 'from-file\n');
    const headers = ['--header', `Authorization: Bearer @${file('token')}`, '--header', 'X-Team: $TEAM'];
    const args = ['record', '--metrics', guarded.url, '--for', '200ms', '--interval', '100ms', '--out', file('t.om')];
    const { code } = await startCommand([...args, ...headers], { TEAM: 'from-environment' }).ended;
    await guarded.stop();
    expect(code).toBe(0);
    expect(seen.slice(0, 2)).toEqual(['Bearer from-file', 'from-environment']);
    const without = await run(...args, '--force', '--header', 'X-Team: $NOBODY_SET_THIS');
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('NOBODY_SET_THIS') });
  });
});

describe('diagnose without a Prometheus', () => {
  test('reads pages for a while, then judges', async () => {
    const slow = await startEngine(sick);
    const args = ['--metrics', slow.url, '--for', '30s', '--interval', '5s', '--format', 'json'];
    const { stdout, stderr } = await run('diagnose', ...args);
    await slow.stop();
    expect(stderr).toContain('reading 1 page every 5 s for 30 s');
    const verdict = JSON.parse(stdout);
    expect(verdict.range.stepSeconds).toBe(5);
    expect(verdict.findings[0]?.pathology).toBe('kv-cache-thrashing');
  });

  test('judges two saved pages', async () => {
    const [one, , , , , , , , , , , , two] = sick;
    writeFileSync(file('a.prom'), one?.text ?? '');
    writeFileSync(file('b.prom'), two?.text ?? '');
    const at = (ms = 0) => new Date(ms).toISOString();
    const timed = ['--page', `${file('b.prom')}@${at(two?.timeMs)}`, '--page', `${file('a.prom')}@${at(one?.timeMs)}`];
    const judged = JSON.parse((await run('diagnose', ...timed, '--format', 'json')).stdout);
    expect(judged.findings[0]?.pathology).toBe('kv-cache-thrashing');
    const untimed = await run('diagnose', '--page', file('a.prom'), '--page', file('b.prom'), '--format', 'json');
    expect(JSON.parse(untimed.stdout).warnings.join(' ')).toContain('15 s apart');
    expect(await run('diagnose', '--page', file('a.prom'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('a.prom is a single page'),
    });
  });
});
