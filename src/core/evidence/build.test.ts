import { describe, expect, test } from 'vitest';
import type { Values } from '../base/grid.ts';
import { type SignalId, signalById } from '../signals/index.ts';
import type { GridSeries, Readout } from '../signals/readout.ts';
import { type BuildInput, buildEvidence, maskStale } from './build.ts';
import type { Evidence } from './evidence.ts';
import { buildScene, parseValues } from './notation.ts';

type Labels = Readonly<Record<string, string>>;

const series = (labels: Labels, text: string): GridSeries => ({ labels, values: parseValues(text) });

function readout(signal: SignalId, all: readonly GridSeries[], more: Partial<Readout> = {}): Readout {
  return { signal, metrics: [signalById(signal).names[0]?.metric ?? ''], query: 'q', series: all, sums: [], ...more };
}

function build(readouts: readonly Readout[], more: Partial<BuildInput> = {}): Evidence {
  return buildEvidence({
    grid: { from: 1000, step: 5, count: 3 },
    window: 20,
    scrapeInterval: 5,
    source: { kind: 'test', label: 'test', flavour: null },
    selector: '{}',
    knobs: {},
    warnings: [],
    readouts,
    ...more,
  });
}

const at = (instance: string, engine = '0', model = 'm'): Labels => ({ instance, engine, model_name: model });
const read = (evidence: Evidence, id: SignalId): [string, string, Values][] =>
  evidence.readings[id]?.lines.map((line) => [line.replica, line.part, line.values]) ?? [];

describe('replicas', () => {
  test('in natural order, engines told apart only where an instance has several', () => {
    const evidence = build([
      readout('running', [
        series(at('vllm-10:8000'), '1x2'),
        series(at('vllm-2:8000', '1'), '2x2'),
        series(at('vllm-2:8000', '0'), '3x2'),
      ]),
    ]);
    expect(evidence.replicas.map((replica) => replica.id)).toEqual(['vllm-2:8000/0', 'vllm-2:8000/1', 'vllm-10:8000']);
  });

  test('two models behind one instance have ids of their own', () => {
    const evidence = build([readout('running', [series(at('a', '0', 'x'), '1x2'), series(at('a', '0', 'y'), '2x2')])]);
    expect(read(evidence, 'running')).toEqual([
      ['a/x', '', [1, 1, 1]],
      ['a/y', '', [2, 2, 2]],
    ]);
  });

  test("a router's re-export without a model is no engine", () => {
    const evidence = build([
      readout('running', [series(at('a'), '1x2'), series({ instance: 'router', server: 'a' }, '1x2')]),
    ]);
    expect(evidence.replicas.map((replica) => replica.id)).toEqual(['a']);
    expect(evidence.readings.running?.lines.length).toBe(1);
  });

  test('an engine that was V0 and is V1 now is one replica', () => {
    const evidence = build([
      readout('running', [series({ instance: 'a', model_name: 'm' }, '1 _ _'), series(at('a'), '_ 2 3')]),
    ]);
    expect(evidence.replicas).toEqual([{ id: 'a', instance: 'a', engine: '0', model: 'm' }]);
    expect(read(evidence, 'running')).toEqual([['a', '', [1, 2, 3]]]);
  });

  test('one model alone', () => {
    const evidence = build([readout('running', [series(at('a', '0', 'x'), '1x2'), series(at('b', '0', 'y'), '2x2')])], {
      model: 'y',
    });
    expect(evidence.replicas.map((replica) => replica.id)).toEqual(['b']);
  });
});

describe('joins', () => {
  const engines = readout('running', [series(at('a', '0'), '1x2'), series(at('a', '1'), '1x2')]);

  test('a target answers for every engine; what adds up is booked once', () => {
    const evidence = build([
      engines,
      readout('process-start', [series({ instance: 'a' }, '7x2')]),
      readout('http-requests', [series({ instance: 'a', status: '2xx' }, '4x2')]),
    ]);
    expect(read(evidence, 'process-start').map(([replica]) => replica)).toEqual(['a/0', 'a/1']);
    expect(read(evidence, 'http-requests')).toEqual([['a/0', '2xx', [4, 4, 4]]]);
    expect(evidence.readings['http-requests']?.state).toBe('present');
  });

  test('GPUs by pod, the exported one first; several of one pod average, their memory adds', () => {
    const gpu = (pod: string, text: string) =>
      series({ exported_pod: pod, pod: 'dcgm-x', instance: '10.0.0.9:9400' }, text);
    const evidence = build(
      [
        readout('running', [series(at('10.0.0.1:8000'), '1x2'), series(at('10.0.0.2:8000'), '1x2')]),
        readout('gpu-utilization', [gpu('vllm-a', '0.5x2'), gpu('vllm-a', '0.7x2'), gpu('other', '1x2')]),
        readout('gpu-memory-used', [gpu('vllm-a', '10x2'), gpu('vllm-a', '20x2')]),
      ],
      { pods: new Map([['10.0.0.1:8000', 'vllm-a']]) },
    );
    expect(read(evidence, 'gpu-utilization')).toEqual([['10.0.0.1:8000', '', [0.6, 0.6, 0.6]]]);
    expect(read(evidence, 'gpu-memory-used')).toEqual([['10.0.0.1:8000', '', [30, 30, 30]]]);
    expect(evidence.readings['gpu-utilization']?.state).toBe('partial');
  });

  test('GPUs by host where there is no pod', () => {
    const evidence = build([
      readout('running', [series(at('node-1:8000'), '1x2')]),
      readout('gpu-utilization', [series({ Hostname: 'node-1', instance: 'node-1:9400' }, '0.5x2')]),
    ]);
    expect(read(evidence, 'gpu-utilization')).toEqual([['node-1:8000', '', [0.5, 0.5, 0.5]]]);
  });

  test('of two configurations the newer one counts', () => {
    const config = (blocks: string, seen: number): GridSeries => ({
      labels: { instance: 'a', engine: '0', num_gpu_blocks: blocks },
      values: [seen],
    });
    const evidence = build([
      readout('running', [series(at('a'), '1x2')]),
      readout('cache-config', [config('600', 900), config('800', 1005), config('700', 950)]),
    ]);
    expect(evidence.readings['cache-config']?.labels[0]?.labels.num_gpu_blocks).toBe('800');
  });
});

test('histograms: bounds in order, both spellings of a bound one, +Inf is the count', () => {
  const bucket = (le: string, text: string) => series({ ...at('a'), le }, text);
  const evidence = build([
    readout('running', [series(at('a'), '1x2')]),
    readout('ttft', [bucket('+Inf', '9x2'), bucket('1.0', '5 _ _'), bucket('1', '_ 6 6'), bucket('0.5', '2x2')], {
      sums: [series(at('a'), '4x2')],
    }),
  ]);
  expect(evidence.readings.ttft?.histograms).toEqual([
    {
      replica: 'a',
      bounds: [0.5, 1],
      cumulative: [
        [2, 2, 2],
        [5, 6, 6],
      ],
      count: [9, 9, 9],
      sum: [4, 4, 4],
    },
  ]);
});

test('how readings are marked', () => {
  const evidence = build([
    readout('running', [series(at('a'), '1x2'), series(at('b'), '1x2')]),
    readout('waiting', [series(at('a'), '1x2')]),
    readout('kv-cache-usage', [series(at('a'), '1x2'), series(at('b'), '1x2')], {
      metrics: ['vllm:gpu_cache_usage_perc'],
    }),
    readout('preemptions', [], { problem: 'it broke' }),
    readout('finished', []),
  ]);
  const states = (['running', 'waiting', 'kv-cache-usage', 'preemptions', 'finished', 'ttft'] as const).map(
    (id) => evidence.readings[id]?.state,
  );
  expect(states).toEqual(['present', 'partial', 'renamed', 'failed', 'absent', 'absent']);
  expect(evidence.readings.preemptions?.problem).toBe('it broke');
});

test('a target of the chosen scope that is down and shows no engine is mentioned', () => {
  const readouts = [
    readout('running', [series(at('a'), '1x2')]),
    readout('up', [series({ instance: 'a' }, '1x2'), series({ instance: 'b' }, '0x2')]),
  ];
  expect(build(readouts, { selector: '{job="vllm"}' }).warnings.join()).toContain(': b.');
  expect(build(readouts, { selector: '{}' }).warnings).toEqual([]);
});

describe('stale values', () => {
  const masked = (lines: Record<string, string | null>, scrapeInterval: number | null = 5) =>
    buildScene({ scrapeInterval, lines: { running: '1x3', ...lines }, histograms: { ttft: '1x3' } });
  const running = (evidence: Evidence) => read(evidence, 'running')[0]?.[2];

  test('blank while the target is down, histograms too, telemetry not', () => {
    const evidence = masked({ up: '1 0 0 1' });
    expect(running(evidence)).toEqual([1, null, null, 1]);
    expect(evidence.readings.ttft?.histograms[0]?.count).toEqual([1, null, null, 1]);
    expect(evidence.readings.ttft?.histograms[0]?.cumulative.at(-1)).toEqual([1, null, null, 1]);
    expect(read(evidence, 'up')[0]?.[2]).toEqual([1, 0, 0, 1]);
  });

  test('blank when the newest sample is older than three scrapes, and never below 30 s', () => {
    expect(running(masked({ 'sample-age': '16 30 30.1 31' }))).toEqual([1, 1, null, null]);
    expect(running(masked({ 'sample-age': '31 180 181 1' }, 60))).toEqual([1, 1, null, 1]);
  });

  test('an age that ended grows on while the target is listed, so that silence is not calm', () => {
    const evidence = masked({ 'sample-age': '28 _ _ 1' });
    expect(read(evidence, 'sample-age')[0]?.[2]).toEqual([28, 33, 38, 1]);
    expect(running(evidence)).toEqual([1, null, null, 1]);
    const gone = masked({ 'sample-age': '28 _ _ _', up: '1 _ _ _' });
    expect(read(gone, 'sample-age')[0]?.[2]).toEqual([28, null, null, null]);
  });

  test('blanking again changes nothing', () => {
    const evidence = masked({ up: '1 0 1 1', 'sample-age': '1 _ 40 1' });
    expect(maskStale(evidence)).toEqual(evidence);
  });
});
