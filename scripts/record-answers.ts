/**
 * Records what a Prometheus answers to our client, for programs that no test can start: e2e/fixtures/answers. One invented
 * engine is scraped every second, once as it is and once with its histograms turned into native ones, and the client's own
 * requests go through a fetch that writes everything down. Run:
 *   VLLM_TRIAGE_PROMETHEUS=/path/to/prometheus npx tsx scripts/record-answers.ts e2e/fixtures/answers/NAME.json.gz
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { quantileQueries, rateQuery } from '../src/core/panels/queries.ts';
import { openPrometheus } from '../src/sources/prometheus/source.ts';
import { freePort, need } from '../src/testing/prometheus.ts';
import { startServerProcess } from '../src/testing/server-process.ts';

/** Seconds scraped before anything is asked, and asked about. */
const SCRAPED = 45;
const RANGE = 30;

const [out] = process.argv.slice(2);
if (!out) throw new Error('Say where to write: npx tsx scripts/record-answers.ts FILE.json.gz');

/** 3 running, 50 tokens and 2 first tokens a second, three of four within 0.5 s. */
function page(seconds: number): string {
  const labels = 'engine="0",model_name="m"';
  const first = Math.floor(seconds * 2);
  const histogram = (name: string) => [
    `# TYPE ${name} histogram`,
    `${name}_bucket{${labels},le="0.1"} 0`,
    `${name}_bucket{${labels},le="0.5"} ${Math.floor(first * 0.75)}`,
    `${name}_bucket{${labels},le="1.0"} ${first}`,
    `${name}_bucket{${labels},le="+Inf"} ${first}`,
    `${name}_sum{${labels}} ${first * 0.4}`,
    `${name}_count{${labels}} ${first}`,
  ];
  return [
    '# TYPE vllm:num_requests_running gauge',
    `vllm:num_requests_running{${labels}} 3`,
    '# TYPE vllm:num_requests_waiting gauge',
    `vllm:num_requests_waiting{${labels}} 0`,
    '# TYPE vllm:kv_cache_usage_perc gauge',
    `vllm:kv_cache_usage_perc{${labels}} 0.25`,
    '# TYPE vllm:generation_tokens_total counter',
    `vllm:generation_tokens_total{${labels}} ${Math.floor(seconds * 50)}`,
    ...histogram('vllm:time_to_first_token_seconds'),
    '',
  ].join('\n');
}

const began = Date.now();
const engine = createServer((_, res) => {
  res.setHeader('content-type', 'text/plain; version=0.0.4');
  res.end(page((Date.now() - began) / 1000));
});
await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
const target = `127.0.0.1:${(engine.address() as AddressInfo).port}`;

const folder = await mkdtemp(join(tmpdir(), 'vllm-triage-answers-'));
const config = join(folder, 'prometheus.yml');
const job = (name: string, more: string) =>
  `  - job_name: ${name}\n    scrape_interval: 1s\n    scrape_timeout: 1s\n${more}    static_configs: [{targets: ['${target}']}]\n`;
await writeFile(
  config,
  `scrape_configs:\n${job('vllm', '')}${job('native', '    scrape_native_histograms: true\n    convert_classic_histograms_to_nhcb: true\n')}`,
);
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const stop = await startServerProcess({
  title: 'Prometheus',
  program: need('prometheus'),
  args: [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--query.max-samples=20000',
    '--log.level=warn',
  ],
  ready: `${url}/-/ready`,
  folder,
});

interface Exchange {
  /** Path below the server, and the arguments as sent, in their order. */
  readonly path: string;
  readonly params: string;
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

try {
  await new Promise((resolve) => setTimeout(resolve, SCRAPED * 1000));
  const now = Math.floor(Date.now() / 1000);
  const exchange = async (path: string, params: string, send: () => Promise<Response>): Promise<Exchange> => {
    const response = await send();
    const type = response.headers.get('content-type') ?? '';
    return { path, params, status: response.status, type, body: await response.text() };
  };
  const reads = [];
  for (const selector of ['{job="vllm"}', '{job="native"}']) {
    const exchanges: Exchange[] = [];
    const writing: typeof fetch = async (input, init) => {
      const asked = new URL(String(input));
      const form = init?.body instanceof URLSearchParams ? init.body.toString() : asked.search.slice(1);
      const one = await exchange(asked.pathname, form, () => fetch(input, init));
      exchanges.push(one);
      return new Response(one.body, { status: one.status, headers: { 'content-type': one.type } });
    };
    const source = openPrometheus({ url }, { fetch: writing, now: () => now });
    const request = { from: now - RANGE, to: now, step: 1, selector, knobs: {} };
    const evidence = await source.read(request, new AbortController().signal);
    // What the page gives to copy for the same numbers.
    for (const { query } of [rateQuery(evidence, 'ttft', ''), ...quantileQueries(evidence, 'ttft')]) {
      const text = new URLSearchParams({ query, time: String(now) }).toString();
      exchanges.push(await exchange('/api/v1/query', text, () => fetch(`${url}/api/v1/query?${text}`)));
    }
    reads.push({ selector, exchanges });
  }
  const questions: [title: string, path: string, params: Record<string, string>][] = [
    ['a query that cannot be parsed', 'query', { query: 'rate(' }],
    ['more points than it gives', 'query_range', { query: 'up', start: '0', end: String(now), step: '1' }],
    ['more samples than it loads', 'query', { query: 'count_over_time({job=~".+"}[45s:1ms])' }],
    [
      'labels that do not match',
      'query',
      { query: 'up + on (job) group_left () vllm:num_requests_running + up * on () up' },
    ],
    ['a rate of a gauge', 'query', { query: 'rate(vllm:num_requests_running[10s])' }],
    [
      'a quantile beyond 1',
      'query',
      { query: 'histogram_quantile(2, sum by (le) (rate(vllm:time_to_first_token_seconds_bucket[10s])))' },
    ],
    ['an unknown path', 'nothing', {}],
  ];
  const asked = [];
  for (const [title, path, params] of questions) {
    const text = new URLSearchParams({ ...params, ...(path === 'query' ? { time: String(now) } : {}) }).toString();
    const full = `/api/v1/${path}`;
    asked.push({ title, ...(await exchange(full, text, () => fetch(`${url}${full}?${text}`))) });
  }
  const build = (await (await fetch(`${url}/api/v1/status/buildinfo`)).json()) as { data: { version: string } };
  const record = { program: `Prometheus ${build.data.version}`, now, range: RANGE, reads, asked };
  await writeFile(out, gzipSync(JSON.stringify(record, null, 1)));
  for (const { title, status, body } of asked) process.stdout.write(`${title}: ${status} ${body.slice(0, 200)}\n`);
} finally {
  await stop();
  engine.closeAllConnections();
  engine.close();
  await rm(folder, { recursive: true, force: true });
}
