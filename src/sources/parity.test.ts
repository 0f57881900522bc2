import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Values } from '../core/base/grid.ts';
import type { Evidence, Reading } from '../core/evidence/evidence.ts';
import { alertsIn, configChangesIn, deploysIn, imagesIn } from '../core/evidence/happened.ts';
import { formatSample } from '../core/exposition/parse.ts';
import { type SignalId, SIGNALS } from '../core/signals/index.ts';
import { type RunningPrometheus, startPrometheus } from '../testing/prometheus.ts';
import { openPrometheus } from './prometheus/source.ts';
import { unpack } from './recording/decompress.ts';
import { openRecording } from './recording/source.ts';
import type { SourcePlatform } from './source.ts';

/** The same recording as a file and out of a real Prometheus: the same numbers, for every signal. */
const library = join(dirname(fileURLToPath(import.meta.url)), '../../public/library');
const recordings = readdirSync(library).filter((file) => file.endsWith('.om.gz'));
const platform: SourcePlatform = { fetch, now: () => Date.now() / 1000 };
const abort = new AbortController().signal;

/** Recordings share instance names and overlap in time, so each gets a server of its own. */
describe.each(recordings)('%s', (file) => {
  let prometheus: RunningPrometheus;
  let fromFile: Evidence;
  let fromServer: Evidence;

  beforeAll(async () => {
    const path = join(library, file);
    prometheus = await startPrometheus({ recordings: [path] });
    const { text } = await unpack(readFileSync(path));
    const recording = openRecording({ name: file, texts: [text] }, platform);
    const { to } = recording.extent();
    // A start before the first scrape: both must agree on where there is nothing yet.
    const request = { from: Math.floor(to) - 600, to: Math.ceil(to) + 20, selector: '{job="vllm"}', knobs: {} };
    fromFile = await recording.read(request, abort);
    fromServer = await openPrometheus({ url: prometheus.url }, platform).read({ ...request, step: 5 }, abort);
  }, 60_000);
  afterAll(() => prometheus?.stop());

  test('the same grid, window, scrape interval and replicas', () => {
    expect(fromServer.grid).toEqual(fromFile.grid);
    expect(fromServer.window).toBe(fromFile.window);
    expect(fromServer.scrapeInterval).toBe(5);
    expect(fromFile.scrapeInterval).toBe(5);
    expect(fromServer.replicas).toEqual(fromFile.replicas);
    expect(fromServer.warnings).toEqual([]);
  });

  test.each(SIGNALS.map((signal) => signal.id))('%s', (id) => {
    sameReading(id, fromServer.readings[id] as Reading, fromFile.readings[id] as Reading);
  });

  test('every signal the recording holds was compared on numbers', () => {
    const found = SIGNALS.filter(({ id }) => fromServer.readings[id]?.state !== 'absent').map(({ id }) => id);
    // No other exporter or engine, no gateway, no speculation, no adapters, no remote KV and no log in the recordings.
    const elsewhere = SIGNALS.filter(
      ({ id, level, family }) =>
        ['neighbour', 'gateway'].includes(level) ||
        ['speculation', 'transfer'].includes(family) ||
        ['lora-adapters', 'batch-size', 'seats', 'kv-cache-evictions', 'prefix-cache-hit-rate', 'logged-ends'].includes(
          id,
        ),
    );
    expect(found.length).toBe(SIGNALS.length - elsewhere.length);
    const empty = found.filter((id) => {
      const reading = fromServer.readings[id] as Reading;
      const lines = [...reading.lines.map((line) => line.values), ...reading.histograms.map((h) => h.count)];
      return reading.labels.length === 0 && !lines.flat().some((value) => value !== null);
    });
    expect(empty).toEqual([]);
  });
});

/**
 * A fleet no recording shows: V0 and V1 side by side, both names at once, Ray's spelling, two engines behind a port, a router
 * that re-exports, counters that restart, a target that cannot be scraped for a while, irregular scrapes, GPUs.
 */
function mixedFleet(): string {
  const start = 1_795_600_000;
  const lines: string[] = [];
  const scrapes = (offset: number, every: number) =>
    Array.from({ length: Math.floor(600 / every) }, (_, i) => start + offset + i * every + ((i * 37) % 11) / 100);
  const put = (name: string, labels: Record<string, string>, times: number[], value: (i: number) => number) => {
    times.forEach((t, i) => {
      const number = value(i);
      if (!Number.isNaN(number))
        lines.push(formatSample(name, { ...labels, job: 'vllm' }, number, Math.round(t * 1000)));
    });
  };
  const counted = (rate: number, resetAt: number) => (i: number) => (i < resetAt ? i * rate + 3 : (i - resetAt) * rate);
  const engines: [Record<string, string>, string[], number, number][] = [
    [
      { instance: 'v0:8000', model_name: 'm' },
      ['vllm:gpu_cache_usage_perc', 'vllm:time_per_output_token_seconds', 'vllm:'],
      0.3,
      15,
    ],
    [
      { instance: 'both:8000', model_name: 'm', engine: '0' },
      ['vllm:gpu_cache_usage_perc', 'vllm:time_per_output_token_seconds', 'vllm:'],
      1.1,
      5,
    ],
    [
      { instance: 'both:8000', model_name: 'm', engine: '0' },
      ['vllm:kv_cache_usage_perc', 'vllm:inter_token_latency_seconds', ''],
      1.1,
      5,
    ],
    [
      { instance: 'ray:8000', model_name: 'm', engine: '0' },
      ['ray_vllm_kv_cache_usage_perc', 'ray_vllm_inter_token_latency_seconds', 'ray_vllm_'],
      2.2,
      5,
    ],
    [
      { instance: 'dp:8000', model_name: 'n', engine: '0' },
      ['vllm:kv_cache_usage_perc', 'vllm:inter_token_latency_seconds', 'vllm:'],
      3.3,
      5,
    ],
    [
      { instance: 'dp:8000', model_name: 'n', engine: '1' },
      ['vllm:kv_cache_usage_perc', 'vllm:inter_token_latency_seconds', 'vllm:'],
      3.3,
      5,
    ],
  ];
  for (const [labels, [usage, itl, prefix], offset, every] of engines) {
    const times = scrapes(offset, every);
    put(usage as string, labels, times, (i) => (i % 17) / 20);
    for (const [le, rate] of [
      ['0.05', 2],
      ['0.1', 3],
      ['+Inf', 4],
    ] as const)
      put(`${itl}_bucket`, { ...labels, le }, times, counted(rate, 40));
    put(`${itl}_sum`, labels, times, counted(0.25, 40));
    put(`${itl}_count`, labels, times, counted(4, 40));
    if (prefix === '') continue;
    put(`${prefix}num_requests_running`, labels, times, (i) => i % 9);
    put(`${prefix}num_preemptions_total`, labels, times, (i) => Math.floor(i / 7));
    put(`${prefix}generation_tokens_total`, labels, times, counted(111, 33));
    for (const reason of ['stop', 'length']) {
      put(
        `${prefix}request_success_total`,
        { ...labels, finished_reason: reason },
        times,
        counted(reason === 'stop' ? 2 : 1, 33),
      );
    }
  }
  put('vllm:num_requests_running', { instance: 'router:80', server: 'dp:8000' }, scrapes(0, 5), () => 50);
  put('vllm:gpu_prefix_cache_hit_rate', { instance: 'router:80', server: 'dp:8000' }, scrapes(0, 5), () => 0);
  // Two replicas behind one Ray agent, a NIM and somebody else's metric of the same name, SGLang with two ranks that both count.
  for (const [worker, running] of [
    ['11111111aaaa', 7],
    ['22222222bbbb', 5],
  ] as const) {
    const labels = {
      instance: 'node:8080',
      model_name: 'm',
      engine: '0',
      WorkerId: worker,
      ReplicaId: worker.slice(8),
    };
    put('ray_vllm_num_requests_running', labels, scrapes(1.5, 5), () => running);
    put('ray_vllm_generation_tokens_total', labels, scrapes(1.5, 5), counted(running, 40));
  }
  const nim = { instance: 'nim:8000', model_name: 'm' };
  put('num_requests_running', nim, scrapes(1.7, 5), (i) => i % 7);
  put('num_requests_running', { instance: 'mail:25' }, scrapes(1.7, 5), () => 90);
  put('request_finish_total', { ...nim, finished_reason: 'stop' }, scrapes(1.7, 5), counted(2, 40));
  for (const le of ['0.1', '+Inf'])
    put('time_to_first_token_seconds_bucket', { ...nim, le }, scrapes(1.7, 5), counted(2, 40));
  put('time_to_first_token_seconds_sum', nim, scrapes(1.7, 5), counted(0.1, 40));
  for (const rank of ['0', '1']) {
    const labels = { instance: 'sgl:30000', model_name: 'm', tp_rank: rank, dp_rank: '0' };
    put('sglang:num_running_reqs', labels, scrapes(1.9, 5), (i) => i % 5);
    put('sglang:realtime_tokens_total', { ...labels, mode: 'decode' }, scrapes(1.9, 5), counted(9, 40));
  }
  // The textbook's collector on the page of an engine that measures the same itself, in other parts.
  put('vllm_requests_completed_total', { instance: 'dp:8000', status: 'success' }, scrapes(3.3, 5), counted(1, 40));
  put('vllm_decode_batch_size_bucket', { instance: 'dp:8000', le: '+Inf' }, scrapes(3.3, 5), counted(1, 40));
  for (const instance of ['v0:8000', 'both:8000', 'ray:8000', 'dp:8000']) {
    const down = (i: number) => instance === 'both:8000' && i >= 60 && i < 80;
    put('up', { instance }, scrapes(0.2, 5), (i) => (down(i) ? 0 : 1));
    put(
      'http_requests_total',
      { instance, handler: '/v1/chat/completions', method: 'POST', status: '2xx' },
      scrapes(0.2, 5),
      counted(3, 50),
    );
    put(
      'http_requests_total',
      { instance, handler: '/v1/completions', method: 'POST', status: '2xx' },
      scrapes(0.2, 5),
      counted(1, 50),
    );
    put(
      'http_requests_total',
      { instance, handler: '/v1/embeddings', method: 'POST', status: '2xx' },
      scrapes(0.2, 5),
      counted(9, 50),
    );
  }
  for (const [name, labels] of [
    ['llm_d_epp_request_total', { instance: 'epp:9090', model_name: 'm' }],
    ['llm_d_epp_request_total', { instance: 'epp:9090', model_name: 'n' }],
    ['container_cpu_cfs_throttled_periods_total', { instance: 'ray:10250', pod: 'ray-0', container: 'vllm' }],
    ['vllm:spec_decode_num_drafts_total', { instance: 'dp:8000', model_name: 'n', engine: '1' }],
  ] as const)
    put(name, labels, scrapes(3, 15), counted(7, 30));
  for (const adapters of ['a0', 'a0,a1', 'a2']) {
    const labels = { instance: 'ray:8000', max_lora: '2', running_lora_adapters: adapters, waiting_lora_adapters: '' };
    put('vllm:lora_requests_info', labels, scrapes(2.2, 5), (i) => start + (adapters === 'a0,a1' ? 5 * i : i));
  }
  // One engine that began anew with other settings, and again with the old ones; scraped by two jobs.
  for (const [size, blocks, from, to] of [
    ['16', '18000', 0, 30],
    ['32', '9000', 30, 70],
    ['16', '18000', 70, 120],
  ] as const) {
    const config = { instance: 'both:8000', engine: '0', block_size: size, num_gpu_blocks: blocks };
    put('vllm:cache_config_info', config, scrapes(1.1, 5).slice(from, to), () => 1);
    put('vllm:cache_config_info', { ...config, container: 'main' }, scrapes(1.4, 5).slice(from, to), () => 1);
  }
  for (const [image, from, to] of [
    ['vllm/vllm-openai:v0.9.1', 0, 20],
    ['vllm/vllm-openai:v0.10.0', 15, 40],
    ['nginx:1', 10, 40],
  ] as const)
    for (const pod of ['vllm-0', 'vllm-1'])
      put('kube_pod_container_info', { instance: 'ksm:8080', image, pod }, scrapes(4, 15).slice(from, to), () => 1);
  for (const gpu of ['0', '1']) {
    put(
      'DCGM_FI_DEV_GPU_UTIL',
      { instance: 'dp:9400', Hostname: 'dp', gpu },
      scrapes(1, 15),
      (i) => 40 + i + Number(gpu) * 10,
    );
    put('DCGM_FI_DEV_FB_USED', { instance: 'dp:9400', Hostname: 'dp', gpu }, scrapes(1, 15), () => 70_000);
  }
  put(
    'kube_deployment_status_observed_generation',
    { instance: 'ksm:8080', deployment: 'vllm-chat' },
    scrapes(4, 15),
    (i) => (i < 20 ? 7 : 8),
  );
  put(
    'kube_deployment_status_observed_generation',
    { instance: 'ksm:8080', deployment: 'shop' },
    scrapes(4, 15),
    (i) => i,
  );
  put(
    'kube_statefulset_status_observed_generation',
    { instance: 'ksm:8080', statefulset: 'llm-x' },
    scrapes(4, 15),
    () => 3,
  );
  for (const [alertname, alertstate] of [
    ['VLLMQueueGrows', 'firing'],
    ['VLLMQueueGrows', 'pending'],
    ['DiskFull', 'firing'],
  ] as const)
    put('ALERTS', { alertname, alertstate, instance: 'dp:8000' }, scrapes(5, 15).slice(10), () => 1);
  // The format wants a metric's series together and each in time order; the target that is down writes nothing.
  const silent = (line: string) => {
    const t = Number(line.split(' ').at(-1)) - start;
    return line.includes('both:8000') && !line.startsWith('up') && t >= 300 && t < 400;
  };
  const sorted = lines
    .filter((line) => !silent(line))
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0));
  return `${sorted.join('\n')}\n# EOF\n`;
}

const nameOf = (line: string): string => line.slice(0, line.indexOf('{'));

describe('a mixed fleet', () => {
  const text = mixedFleet();
  const request = { from: 1_795_600_000, to: 1_795_600_600, selector: '{job="vllm"}', step: 5, knobs: {} };
  let folder: string;
  let prometheus: RunningPrometheus;
  let fromFile: Evidence;
  let fromServer: Evidence;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vllm-triage-mixed-'));
    const path = join(folder, 'mixed.om');
    writeFileSync(path, text);
    prometheus = await startPrometheus({ recordings: [path] });
    fromFile = await openRecording({ name: 'mixed.om', texts: [text] }, platform).read(request, abort);
    fromServer = await openPrometheus({ url: prometheus.url }, platform).read(request, abort);
  }, 60_000);
  afterAll(async () => {
    await prometheus?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is one fleet of nine engines, without the router', () => {
    expect(fromFile.replicas.map((replica) => replica.id)).toEqual([
      'both:8000',
      'dp:8000/0',
      'dp:8000/1',
      'nim:8000',
      'node:8080/11111111',
      'node:8080/22222222',
      'ray:8000',
      'sgl:30000',
      'v0:8000',
    ]);
    expect(fromServer.replicas).toEqual(fromFile.replicas);
  });

  test.each(SIGNALS.map((signal) => signal.id))('%s', (id) => {
    sameReading(id, fromServer.readings[id] as Reading, fromFile.readings[id] as Reading);
  });

  test('what was deployed and which alerts fire, of those that speak of this', () => {
    expect(deploysIn(fromServer).map(({ name }) => name)).toEqual(['vllm-chat']);
    expect(alertsIn(fromServer).map(({ name }) => name)).toEqual(['VLLMQueueGrows']);
    expect(deploysIn(fromServer)).toEqual(deploysIn(fromFile));
    expect(alertsIn(fromServer)).toEqual(alertsIn(fromFile));
    expect(fromServer.readings.deploys?.lines.map(({ part }) => part).sort()).toEqual(['llm-x', 'vllm-chat']);
  });

  test('which settings and images changed, and when', () => {
    const at = (seconds: number) => request.from + seconds;
    const changes = configChangesIn(fromServer).map(({ says, ...rest }) => [
      rest.at - request.from,
      rest.replica,
      says,
    ]);
    expect(changes).toEqual([
      [155, 'both:8000', 'KV blocks 18,000 → 9,000, block size 16 → 32'],
      // It could not be scraped for a while before that.
      [405, 'both:8000', 'KV blocks 9,000 → 18,000, block size 32 → 16'],
    ]);
    expect(configChangesIn(fromFile)).toEqual(configChangesIn(fromServer));
    expect(imagesIn(fromServer)).toEqual([{ at: at(230), name: 'image v0.9.1 → v0.10.0' }]);
    expect(imagesIn(fromFile)).toEqual(imagesIn(fromServer));
  });

  test('each replica under the newest name it has, and never twice', () => {
    const usage = fromServer.readings['kv-cache-usage'];
    // Of the nine, five state their usage.
    expect(usage?.state).toBe('partial');
    expect(usage?.lines.length).toBe(5);
    expect(Math.max(...(usage?.lines.flatMap((line) => line.values) ?? []).map((value) => value ?? 0))).toBe(0.8);
    expect(fromServer.readings.itl?.histograms.length).toBe(5);
  });

  test('of ranks that repeat a count, and of a collector that measures once more, each thing is read once', () => {
    const last = (id: SignalId, replica: string) =>
      (fromServer.readings[id]?.lines ?? [])
        .filter((line) => line.replica === replica)
        .map((line) => [line.part, Math.round(line.values.at(-2) ?? Number.NaN)]);
    // Nine a scrape, five seconds apart, under each of the two ranks.
    expect(last('output-tokens', 'sgl:30000')).toEqual([['', 2]]);
    expect(last('running', 'node:8080/11111111')).toEqual([['', 7]]);
    expect(last('finished', 'nim:8000').map(([part]) => part)).toEqual(['stop']);
    expect(fromServer.readings['batch-size']?.histograms.map(({ replica }) => replica)).toEqual(['dp:8000/0']);
  });

  test('a target that could not be scraped has no values meanwhile, though Prometheus shows the last ones', () => {
    const line = fromServer.readings.running?.lines.find(({ replica }) => replica === 'both:8000')?.values ?? [];
    expect(line.slice(62, 79).every((value) => value === null)).toBe(true);
    expect(line.slice(1, 59).every((value) => value !== null)).toBe(true);
  });

  test('a read continued by its tail is the read done at once', async () => {
    const source = openPrometheus({ url: prometheus.url }, platform);
    const whole = await source.read(request, abort);
    // The longer of the two is asked for query by query, the shorter together.
    for (const seconds of [100, 40]) {
      const previous = await source.read({ ...request, from: request.from - seconds, to: request.to - seconds }, abort);
      expect(await source.read({ ...request, previous }, abort), `${seconds} s`).toEqual(whole);
    }
  });
});

function sameReading(id: SignalId, server: Reading, local: Reading): void {
  const signal = SIGNALS.find((one) => one.id === id);
  const tolerance = signal?.kind === 'counter' || signal?.kind === 'histogram' ? 1e-6 : 1e-9;
  expect(server.state).toBe(local.state);
  expect(server.metrics).toEqual(local.metrics);
  expect(server.query).toBe(local.query);
  expect(server.labels).toEqual(local.labels);
  expect(server.earlier).toEqual(local.earlier);
  const key = (reading: Reading) => reading.lines.map((line) => `${line.replica} ${line.part}`);
  expect(key(server)).toEqual(key(local));
  server.lines.forEach((line, i) => {
    alike(line.values, local.lines[i]?.values, tolerance, `${line.replica} ${line.part}`);
  });
  expect(server.histograms.length).toBe(local.histograms.length);
  server.histograms.forEach((histogram, i) => {
    const other = local.histograms[i];
    expect(histogram.bounds).toEqual(other?.bounds);
    histogram.cumulative.forEach((values, j) => {
      alike(values, other?.cumulative[j], tolerance, `≤ ${histogram.bounds[j]}`);
    });
    alike(histogram.count, other?.count, tolerance, 'count');
    alike(histogram.sum, other?.sum, tolerance, 'sum');
  });
}

function alike(a: Values, b: Values | undefined, tolerance: number, what: string): void {
  expect(b?.length, what).toBe(a.length);
  a.forEach((x, i) => {
    const y = b?.[i] ?? null;
    const same = x === null || y === null ? x === y : Math.abs(x - y) <= tolerance * Math.max(Math.abs(x), Math.abs(y));
    if (!same) expect.fail(`${what}: step ${i} is ${x} from Prometheus and ${y} from the file`);
  });
}
