import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { adviceFor, findProgram } from '../../scripts/tools/programs.js';
import { openPrometheus } from '../sources/prometheus/source.ts';
import { startCommand } from './command.ts';
import { type RunningServer, startServer } from './engine-pages.ts';
import { freePort, type RunningPrometheus, startPrometheus } from './prometheus.ts';

/** docs/deploy.md is run here as it stands, with addresses and paths of this machine put in. */
const doc = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
const example = (language: string): string => {
  const found = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(doc)?.[1];
  if (found === undefined) throw new Error(`docs/deploy.md has no ${language} example`);
  return found;
};

/** Every occurrence replaced; one that is gone from the example is a test that tests nothing. */
function put(text: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((out, [from, to]) => {
    if (!out.includes(from)) throw new Error(`the example no longer says ${from}`);
    return out.replaceAll(from, to);
  }, text);
}

const TOKEN = 'a-token-nobody-may-see';
const library = fileURLToPath(new URL('../../public/library/kv-thrash-a.om.gz', import.meta.url));
const range = { from: 1_795_571_399, to: 1_795_571_870, selector: '', knobs: {} };

let folder: string;
let prometheus: RunningPrometheus;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vllm-triage-deploy-'));
  prometheus = await startPrometheus({ recordings: [library] });
});
afterAll(async () => {
  await prometheus.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the static page behind nginx', () => {
  const stops: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const stop of stops) await stop();
  });

  /** A real nginx with the example's server, in front of `upstream`. */
  async function startNginx(upstream: string): Promise<string> {
    const nginx = findProgram('nginx', process.env);
    if (!nginx) throw new Error(`This test needs a real nginx. ${adviceFor('nginx', process.env)}`);
    const home = mkdtempSync(join(folder, 'nginx-'));
    const page = join(home, 'page');
    mkdirSync(join(page, 'assets'), { recursive: true });
    writeFileSync(join(page, 'index.html'), '<title>vLLM Triage</title>');
    writeFileSync(join(page, 'assets', 'app.js'), 'run()');
    writeFileSync(join(home, 'token.conf'), `proxy_set_header Authorization "Bearer ${TOKEN}";\n`);
    const port = await freePort();
    const server = put(example('nginx'), {
      'listen 8080;': `listen 127.0.0.1:${port};`,
      '/usr/share/vllm-triage': page,
      'http://prometheus:9090': upstream,
      '/etc/nginx/vllm-triage-token.conf': join(home, 'token.conf'),
    });
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `${kind}_temp_path ${home}/${kind};`,
    );
    // Root may not be asked to become somebody who cannot read the folder.
    const user = process.getuid?.() === 0 ? 'user root;' : '';
    writeFileSync(
      join(home, 'nginx.conf'),
      `${user} daemon off; master_process off; pid ${home}/pid; error_log stderr; events {}
       http { access_log off; ${temporary.join(' ')} types { text/html html; text/javascript js; } ${server} }`,
    );
    const child = spawn(nginx, ['-c', join(home, 'nginx.conf'), '-p', home, '-e', 'stderr'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    const ended = new Promise((resolve) => child.once('close', resolve));
    const killed = () => child.kill('SIGKILL');
    process.once('exit', killed);
    stops.push(() => {
      process.removeListener('exit', killed);
      child.kill('SIGTERM');
      return ended;
    });
    const url = `http://127.0.0.1:${port}`;
    await vi.waitUntil(
      async () => {
        if (child.exitCode !== null) throw new Error(`nginx ended: ${said}`);
        return fetch(url).then(
          () => true,
          () => false,
        );
      },
      { timeout: 20_000 },
    );
    return url;
  }

  test('serves the page with its policy, and reads what Prometheus holds', async () => {
    const url = await startNginx(prometheus.url);
    const page = await fetch(`${url}/?prometheus=/prometheus`);
    expect(await page.text()).toContain('vLLM Triage');
    for (const header of [page.headers, (await fetch(`${url}/assets/app.js`)).headers])
      expect(header.get('content-security-policy')).toMatch(
        /default-src 'none';.* style-src 'self';.* frame-ancestors 'self'$/,
      );
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const script = await fetch(`${url}/assets/app.js`);
    expect(script.headers.get('content-type')).toContain('javascript');
    expect(script.headers.get('x-content-type-options')).toBe('nosniff');

    const platform = { fetch, now: () => 0 };
    const abort = new AbortController().signal;
    const through = await openPrometheus({ url: `${url}/prometheus` }, platform).read(range, abort);
    const direct = await openPrometheus({ url: prometheus.url }, platform).read(range, abort);
    expect({ ...through, source: direct.source }).toEqual(direct);
  });

  test('adds the token on the way there and lets nothing of it back', async () => {
    const upstream: RunningServer = await startServer((_, response) => {
      response.writeHead(200, { 'Set-Cookie': `s=${TOKEN}`, 'Content-Type': 'application/json' }).end('{}');
    });
    stops.push(upstream.stop);
    const url = await startNginx(upstream.url);
    const answer = await fetch(`${url}/prometheus/api/v1/labels?x=1`, {
      headers: { Cookie: 'mine=1', Authorization: 'Basic bWU=' },
    });
    expect(upstream.requests[0]?.url).toBe('/api/v1/labels?x=1');
    expect(upstream.requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(upstream.requests[0]?.headers.cookie).toBeUndefined();
    expect(JSON.stringify([...answer.headers]) + (await answer.text())).not.toContain(TOKEN);

    const refused = [
      ['/prometheus/api/v1/admin/tsdb/delete_series', 'POST'],
      ['/prometheus/api/v1/query/../admin/tsdb/snapshot', 'GET'],
      ['/prometheus/api/v1/status/config', 'GET'],
      ['/prometheus/-/quit', 'POST'],
      ['/prometheus/api/v1/query', 'DELETE'],
    ] as const;
    for (const [path, method] of refused) expect((await fetch(url + path, { method })).status, path).toBe(403);
    expect(upstream.requests.length).toBe(1);
  });
});

describe('Kubernetes', () => {
  const documents = example('yaml').split(/^---$/m);
  const of = (kind: string) => documents.find((text) => new RegExp(`^kind: ${kind}$`, 'm').test(text)) ?? '';
  const [map, deployment, service] = [of('ConfigMap'), of('Deployment'), of('Service')];
  const value = (text: string, key: string) => new RegExp(`^ *(?:- )?${key}: (.+)$`, 'm').exec(text)?.[1];

  test('names, labels and ports lead to one another', () => {
    expect(documents.length).toBe(3);
    const name = value(map, 'name');
    expect(/configMapRef:\n +name: (.+)/.exec(deployment)?.[1]).toBe(name);
    const label = 'app: vllm-triage';
    expect(deployment.match(new RegExp(`(matchLabels|labels):\\n +${label}\\n`, 'g'))?.length).toBe(2);
    expect(service).toMatch(new RegExp(`selector:\\n +${label}\\n`));
    expect(deployment).toMatch(/ports:\n +- name: http\n +containerPort: 8686\n/);
    expect(value(service, 'targetPort')).toBe('http');
    expect(deployment).toMatch(/httpGet:\n +path: \/-\/healthy\n +port: http\n/);
    expect(doc).toContain(`create secret generic ${value(deployment, 'secretName')} --from-literal=token=`);
    const mounts = [...deployment.matchAll(/- name: token\n/g)].length;
    expect(mounts).toBe(2);
  });

  test('the container starts with its arguments, answers its probe and relays with its token', async () => {
    const seen: (string | undefined)[] = [];
    const upstream = await startServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end('{"status":"success","data":[]}');
    });
    mkdirSync(join(folder, 'run'));
    writeFileSync(join(folder, 'run', 'token'), TOKEN);
    const mounted = value(deployment, 'mountPath') ?? '';
    const port = await freePort();
    const environment = Object.fromEntries(
      [...map.matchAll(/^ {2}([A-Z_]+): (.+)$/gm)].map(([, key, text]) => [key, text]),
    );
    environment.PROMETHEUS_URL = upstream.url;
    const args = [...(/args:\n((?: +- .+\n)+)/.exec(deployment)?.[1] ?? '').matchAll(/- "?(.+?)"?\n/g)].map(
      ([, arg = '']) =>
        arg
          .replace(/\$\((\w+)\)/g, (whole, key: string) => environment[key] ?? whole)
          .replace('--host=0.0.0.0', '--host=127.0.0.1')
          .replace('--port=8686', `--port=${port}`)
          .replace(mounted, join(folder, 'run')),
    );
    expect(args.length).toBe(6);
    const { process: child, ended } = startCommand(args);
    let log = '';
    child.stderr.on('data', (chunk) => (log += chunk));
    await vi.waitUntil(() => log.includes('serving') || child.exitCode !== null, { timeout: 30_000 });
    const url = /serving (\S+)\//.exec(log)?.[1] ?? `nowhere: ${log}`;
    expect(await (await fetch(`${url}/-/healthy`)).text()).toBe('ok\n');
    expect((await fetch(`${url}/-/prometheus/prod/api/v1/labels`)).status).toBe(200);
    expect(seen).toEqual([`Bearer ${TOKEN}`]);
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await ended;
    await upstream.stop();
    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain(TOKEN);
    expect(stderr.trim().split('\n').length).toBe(1);
  });
});
