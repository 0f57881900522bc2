import { beforeAll, describe, expect, test } from 'vitest';
import { endOf } from '../../src/core/base/grid.ts';
import { buildStore } from '../../src/core/exposition/store.ts';
import type { Evidence } from '../../src/core/evidence/evidence.ts';
import { SIGNALS } from '../../src/core/signals/index.ts';
import { openPrometheus } from '../../src/sources/prometheus/source.ts';
import { startPrometheus } from '../../src/testing/prometheus.ts';
import { type FleetSeries, fleetOf, instanceOf } from './fleet.ts';
import { fill } from './remote-write.ts';
import { SICK, tellStory } from './story.ts';

const SIZE = 9;
const NOW = Math.floor(Date.now() / 1000);
const text = tellStory(900, 0, NOW - 900);
const fleet = [...fleetOf(text, SIZE)];
const labelsOf = ({ labels }: FleetSeries) => Object.fromEntries(labels);

describe('a fleet of copies', () => {
  test('has every label set once, its labels in the order remote write wants', () => {
    expect(new Set(fleet.map(({ labels }) => JSON.stringify(labels))).size).toBe(fleet.length);
    for (const { labels } of fleet) {
      const names = labels.map(([name]) => name);
      expect(names).toEqual([...names].sort());
    }
    const engines = fleet.map(labelsOf).filter((labels) => labels.__name__ === 'vllm:num_requests_running');
    expect(engines.map(({ instance }) => instance)).toEqual(Array.from({ length: SIZE }, (_, i) => instanceOf(i)));
  });

  test('counts whole things that never become fewer, in buckets that hold each other', () => {
    const counters = fleet.filter((one) => /^vllm:.*_(bucket|count|total)$/.test(labelsOf(one).__name__ ?? ''));
    expect(counters.length).toBeGreaterThan(SIZE * 200);
    for (const { values } of counters) {
      expect(values.every(Number.isInteger)).toBe(true);
      expect(values.every((value, i) => i === 0 || value >= (values[i - 1] as number))).toBe(true);
    }
    const metrics = buildStore([
      {
        parsed: {
          series: fleet.map((one) => {
            const { __name__: name = '', ...labels } = labelsOf(one);
            return { name, labels, times: [...one.times], values: [...one.values] };
          }),
          samples: 0,
          malformed: 0,
          firstMalformed: null,
          ended: true,
        },
      },
    ]).metrics;
    for (const number of [SICK, SIZE - 1]) {
      const buckets = (metrics.get('vllm:e2e_request_latency_seconds_bucket') ?? [])
        .filter(({ labels }) => labels.instance === instanceOf(number))
        .sort(
          (a, b) => Number(a.labels.le?.replace('+Inf', 'Infinity')) - Number(b.labels.le?.replace('+Inf', 'Infinity')),
        );
      expect(buckets.length).toBeGreaterThan(20);
      const last = buckets.map(({ values }) => values.at(-1) as number);
      expect(last).toEqual([...last].sort((a, b) => a - b));
      expect(last.at(-1)).toBeGreaterThan(0);
    }
  });

  test('copies differ from their original and from each other', () => {
    const tokens = fleet.filter((one) => labelsOf(one).__name__ === 'vllm:generation_tokens_total');
    expect(new Set(tokens.map(({ values }) => values.at(-1))).size).toBe(SIZE);
    expect(new Set(tokens.map(({ times }) => (times[0] as number) % 15_000)).size).toBe(SIZE);
  });
});

describe('a real Prometheus that was given the fleet by remote write', () => {
  let evidence: Evidence;
  beforeAll(async () => {
    const server = await startPrometheus({ recordings: [], flags: ['--web.enable-remote-write-receiver'] });
    try {
      const filled = await fill(server.url, fleet);
      expect(filled.series).toBe(fleet.length);
      evidence = await openPrometheus({ url: server.url }, { fetch, now: () => NOW }).read(
        { from: NOW - 600, to: NOW, selector: '', knobs: {} },
        new AbortController().signal,
      );
    } finally {
      await server.stop();
    }
  });

  test('tells the catalogue what a vLLM 0.32 under Kubernetes tells it, for every replica', () => {
    expect(evidence.replicas.map(({ instance }) => instance)).toEqual(
      Array.from({ length: SIZE }, (_, i) => instanceOf(i)),
    );
    const there = SIGNALS.filter(({ id }) => evidence.readings[id]?.state === 'present').map(({ id }) => id);
    expect(there).toEqual(
      expect.arrayContaining([
        'ttft',
        'itl',
        'e2e',
        'queue-time',
        'output-tokens',
        'finished',
        'running',
        'waiting',
        'preemptions',
        'step-tokens',
        'kv-cache-usage',
        'cache-config',
        'prefix-cache-hits',
        'prompt-length',
        'process-start',
        'gpu-utilization',
        'container-memory',
        'up',
      ]),
    );
    for (const id of ['running', 'gpu-utilization', 'container-memory'] as const)
      expect(new Set(evidence.readings[id]?.lines.map(({ replica }) => replica)).size).toBe(SIZE);
  });

  test('gives back the values that were written', () => {
    const [gpu] = fleet.filter(
      (one) => labelsOf(one).__name__ === 'vllm:kv_cache_usage_perc' && labelsOf(one).instance === instanceOf(3),
    );
    const line = evidence.readings['kv-cache-usage']?.lines.find(({ replica }) => replica === instanceOf(3));
    const index = (gpu?.times ?? []).findLastIndex((time) => time <= endOf(evidence.grid) * 1000);
    expect(line?.values.at(-1)).toBe(gpu?.values[index]);
  });
});
