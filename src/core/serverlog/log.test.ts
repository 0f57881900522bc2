import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gridBetween } from '../base/grid.ts';
import type { SignalId } from '../signals/index.ts';
import { parseServerLog, type ServerLog } from './log.ts';

const logs = join(import.meta.dirname, '../../../e2e/fixtures/logs');
const fixture = (name: string) => gunzipSync(readFileSync(join(logs, `${name}.log.gz`))).toString();
const NOW = Date.UTC(2026, 10, 26, 12) / 1000;
const parse = (text: string, name = 'a.log') => parseServerLog([{ name, text }], NOW);
const at = (time: string) => Date.parse(`2026-11-25T${time}Z`) / 1000;

/** All series on one grid, without the name of the server. */
function seriesOf(log: ServerLog, from = log.extent?.from ?? 0, to = log.extent?.to ?? 0) {
  const read = log.series({ grid: gridBetween(from, to, 10), window: 10, matchers: [] });
  return read.map(({ signal, series, sums }) => ({
    signal,
    series: series.map(({ labels, values }) => ({ labels: { ...labels, instance: '' }, values })),
    sums,
  }));
}

/** Values of one signal every ten seconds up to `to`. */
function line(log: ServerLog, id: SignalId, from: string, to: string, labels: Record<string, string> = {}) {
  const read = log.series({ grid: gridBetween(at(from), at(to), 10), window: 10, matchers: [] });
  const found = read
    .find(({ signal }) => signal === id)
    ?.series.find((series) => Object.entries(labels).every(([name, value]) => series.labels[name] === value));
  return found?.values ?? null;
}

const statistics = (time: string, rest: Partial<Record<'p' | 'g' | 'r' | 'w' | 'kv', number>> = {}, engine = '000') =>
  `(APIServer pid=1) INFO 11-25 ${time} [loggers.py:335] Engine ${engine}: Avg prompt throughput: ${(rest.p ?? 0).toFixed(1)} tokens/s, Avg generation throughput: ${(rest.g ?? 0).toFixed(1)} tokens/s, Running: ${rest.r ?? 0} reqs, Waiting: ${rest.w ?? 0} reqs, GPU KV cache usage: ${(rest.kv ?? 0).toFixed(1)}%, Prefix cache hit rate: 0.0%`;
const said = (time: string, what: string, role = 'APIServer pid=1') =>
  `(${role}) INFO 11-25 ${time} [core.py:1] ${what}`;

describe('the same readings through every prefix', () => {
  const text = fixture('kv-bound');
  const plain = seriesOf(parse(text));
  const stamped = /(\d\d)-(\d\d) (\d\d:\d\d:\d\d)/;
  const ESC = String.fromCharCode(27);
  const wrappers: Record<string, (line: string, time: string) => string> = {
    'docker --timestamps': (l, t) => `${t}Z ${l}`,
    'docker json-file': (l, t) => JSON.stringify({ log: `${l}\n`, stream: 'stdout', time: `${t}.000000000Z` }),
    cri: (l, t) => `${t}.000000000Z stdout F ${l}`,
    'kubectl --prefix': (l) => `[pod/vllm-0/vllm] ${l}`,
    compose: (l) => `vllm-1  | ${l}`,
    'journald short-iso': (l, t) => `${t}+0000 gpu-7 vllm[4242]: ${l}`,
    journald: (l, t) => `Nov ${t.slice(8, 10)} ${t.slice(11)} gpu-7 vllm[4242]: ${l}`,
    colours: (l) => l.replace(/^(\([^)]*\))/, `${ESC}[0;36m$1${ESC}[0;0m`),
    'colours that lost their escape': (l) => l.replace(/^(\([^)]*\))/, '[0;36m$1[0;0m'),
    stern: (l) => (stamped.test(l) ? `vllm-7d9f-abc vllm ${l}` : ''),
    'Windows line ends': (l) => `${l}\r`,
  };

  /** Each line with the time it was written at, as a runtime would stamp it. */
  function wrap(wrapper: (line: string, time: string) => string): string {
    let time = '2026-11-25T01:49:00';
    return text
      .split('\n')
      .map((l) => {
        const found = stamped.exec(l);
        if (found) time = `2026-${found[1]}-${found[2]}T${found[3]}`;
        return l === '' ? l : wrapper(l, time);
      })
      .join('\n');
  }

  test.each(Object.keys(wrappers).filter((name) => name !== 'stern'))('%s', (name) => {
    const read = seriesOf(parse(wrap(wrappers[name] as (typeof wrappers)[string])));
    const without = (all: typeof plain) => all.filter(({ signal }) => signal !== 'process-start');
    expect(without(read)).toEqual(without(plain));
  });

  test('stern, which leaves bare lines without a name here', () => {
    expect(seriesOf(parse(wrap(wrappers.stern as (typeof wrappers)[string])))).toEqual(plain);
  });

  test('any two layers over each other', () => {
    const outer = ['docker json-file', 'kubectl --prefix', 'compose', 'colours', 'Windows line ends'] as const;
    const inner = ['docker --timestamps', 'cri', 'colours'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...outer), fc.constantFrom(...inner), (a, b) => {
        const both = wrap((l, t) => {
          const within = wrappers[b]?.(l, t) ?? l;
          return a === 'colours' ? within : (wrappers[a]?.(within, t) ?? within);
        });
        const kept = seriesOf(parse(both)).filter(({ signal }) => signal !== 'process-start');
        expect(kept).toEqual(plain.filter(({ signal }) => signal !== 'process-start'));
      }),
      { numRuns: 15 },
    );
  });
});

test('cut anywhere: nothing is read that does not stand there whole', () => {
  const text = fixture('overload');
  const whole = parse(text).servers[0]?.lives[0]?.points.get('0') ?? [];
  fc.assert(
    fc.property(fc.integer({ min: 0, max: text.length }), (cut) => {
      const points = parse(text.slice(0, cut)).servers[0]?.lives[0]?.points.get('0') ?? [];
      expect(points.slice(0, -1)).toEqual(whole.slice(0, Math.max(0, points.length - 1)));
      const last = points.at(-1);
      const same = whole[points.length - 1];
      if (!last || !same) return;
      expect(last.at).toBe(same.at);
      for (const [key, value] of Object.entries(last.stats)) {
        if (value !== null) expect(value, key).toBe(same.stats[key as keyof typeof same.stats]);
      }
    }),
    { numRuns: 200 },
  );
});

test('any text at all ends, without throwing', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...fixture('stall').split('\n')))), (lines) => {
      parse(lines.join('\n'));
    }),
    { numRuns: 200 },
  );
});

describe('what the averages speak for', () => {
  const busy = parse([statistics('12:00:00', { g: 100, r: 4 }), statistics('12:00:10', { g: 50, r: 2 })].join('\n'));

  test('a line is the rate of the ten seconds before it', () => {
    expect(line(busy, 'output-tokens', '12:00:00', '12:00:10')).toEqual([100, 50]);
    expect(line(busy, 'running', '12:00:00', '12:00:10')).toEqual([4, 2]);
  });

  test('between two lines both count for their part', () => {
    expect(line(busy, 'output-tokens', '12:00:05', '12:00:05')).toEqual([75]);
    expect(line(busy, 'running', '12:00:05', '12:00:05')).toEqual([4]);
  });

  test('the interval is read off the lines', () => {
    const five = parse(['00', '05', '10', '15'].map((s) => statistics(`12:00:${s}`, { g: 10, r: 1 })).join('\n'));
    expect(five.interval).toBe(5);
  });

  test('no line tells latency, finishes, hits or, in V1, preemptions', () => {
    const told = new Set(seriesOf(parse(fixture('kv-thrash-a'))).map(({ signal }) => signal));
    for (const id of ['ttft', 'itl', 'finished', 'prefix-cache-hits', 'prefix-cache-queries', 'preemptions'] as const)
      expect(told.has(id), id).toBe(false);
  });
});

describe('silence', () => {
  test('after a zero line is zero, for as long as the log goes on', () => {
    const idle = parse(
      [
        statistics('12:00:00', { g: 100, r: 1 }),
        statistics('12:00:10'),
        said('12:01:00', 'something else'),
        statistics('12:02:00', { g: 30, r: 1 }),
      ].join('\n'),
    );
    expect(line(idle, 'output-tokens', '12:00:10', '12:02:00')).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 30]);
    expect(line(idle, 'running', '12:01:40', '12:02:00')).toEqual([0, 0, 1]);
    expect(line(idle, 'sample-age', '12:01:40', '12:01:50')).toEqual([0, 0]);
  });

  test('after a busy line is not known', () => {
    const gone = parse([statistics('12:00:00', { g: 100, r: 1 }), said('12:02:00', 'something else')].join('\n'));
    expect(line(gone, 'output-tokens', '12:00:00', '12:00:30')).toEqual([100, null, null, null]);
    expect(line(gone, 'sample-age', '12:00:00', '12:00:30')).toEqual([0, 10, 20, 30]);
  });

  test('after the last line of the log is not known either', () => {
    const ended = parse(statistics('12:00:00'));
    expect(line(ended, 'sample-age', '12:00:00', '12:00:20')).toEqual([0, 10, 20]);
  });

  test('with one request on it is not known: a long prompt is read without a token', () => {
    const reading = [
      statistics('12:00:00', { g: 100, r: 1 }),
      statistics('12:00:10', { r: 1 }),
      said('12:01:20', 'something else'),
    ];
    expect(line(parse(reading.join('\n')), 'sample-age', '12:00:10', '12:00:40')).toEqual([0, 10, 20, 30]);
    const complained = [
      ...reading,
      said('12:01:30', 'No available shared memory broadcast block found in 60 seconds. This typically happens when'),
    ];
    expect(line(parse(complained.join('\n')), 'sample-age', '12:00:10', '12:00:40')).toEqual([0, 0, 0, 0]);
  });

  test('with requests on it shows an engine that stands still', () => {
    const stall = parse(fixture('stall'));
    const values = line(stall, 'output-tokens', '02:14:58', '02:17:38');
    expect(values?.every((value) => value === 0)).toBe(true);
    expect(new Set(line(stall, 'running', '02:14:58', '02:17:38'))).toEqual(new Set([10]));
  });
});

describe('who speaks', () => {
  test('two servers one after the other in one file, at the same time', () => {
    const log = parse(fixture('imbalance'), 'imbalance.log');
    expect(log.servers.map(({ instance }) => instance)).toEqual([
      'imbalance.log (pid 8616)',
      'imbalance.log (pid 8618)',
    ]);
  });

  test('engines of one server, interleaved', () => {
    const lines = ['12:00:00', '12:00:10'].flatMap((time) =>
      ['000', '001'].map((engine) => statistics(time, { g: 10, r: Number(engine) + 1 }, engine)),
    );
    const log = parse(lines.join('\n'));
    expect(line(log, 'running', '12:00:10', '12:00:10', { engine: '0' })).toEqual([1]);
    expect(line(log, 'running', '12:00:10', '12:00:10', { engine: '1' })).toEqual([2]);
  });

  test('pods mixed in one paste', () => {
    const lines = ['12:00:00', '12:00:10'].flatMap((time) =>
      ['a', 'b'].map((pod, i) => `[pod/vllm-${pod}/vllm] ${statistics(time, { g: 10, r: i })}`),
    );
    expect(parse(lines.join('\n')).servers.map(({ instance }) => instance)).toEqual(['vllm-a', 'vllm-b']);
  });

  test('a restart is one server with two processes', () => {
    const version = 'vLLM API server version 0.20.0';
    const log = parse(
      [
        said('12:00:00', version),
        statistics('12:01:00', { g: 10, r: 3 }),
        said('12:03:00', version),
        statistics('12:04:00', { g: 10, r: 1 }),
      ].join('\n'),
    );
    expect(log.servers).toHaveLength(1);
    expect(line(log, 'process-start', '12:01:00', '12:01:00')).toEqual([at('12:00:00')]);
    expect(line(log, 'process-start', '12:04:00', '12:04:00')).toEqual([at('12:03:00')]);
    // What the first process said last is not the second's.
    expect(line(log, 'running', '12:02:50', '12:04:00')?.slice(1, -1)).toEqual([null, null, null, null, null, null]);
  });

  test('different arguments are no knob', () => {
    const server = (pid: number, seats: number) => [
      said('12:00:00', `non-default args: {'max_num_seqs': ${seats}, 'max_model_len': 4096}`, `APIServer pid=${pid}`),
      statistics('12:01:00', { g: 1, r: 1 }).replace('pid=1', `pid=${pid}`),
    ];
    const log = parse([...server(1, 8), ...server(2, 64)].join('\n'));
    expect(log.knobs).toEqual({ 'max-model-len': 4096 });
    expect(log.notes.join(' ')).toContain('--max-num-seqs');
  });
});

describe('access lines', () => {
  const access = (status: number) =>
    `(APIServer pid=1) INFO:     10.0.0.1:1 - "POST /v1/chat/completions HTTP/1.1" ${status} X`;

  test('lie between the stamps around them, and count by status', () => {
    const health = '(APIServer pid=1) INFO:     10.0.0.1:1 - "GET /health HTTP/1.1" 200 OK';
    const log = parse(
      [
        statistics('12:00:00', { g: 1, r: 1 }),
        ...Array.from({ length: 20 }, () => access(200)),
        health,
        access(500),
        statistics('12:00:10', { g: 1, r: 1 }),
        statistics('12:00:20', { g: 1, r: 1 }),
      ].join('\n'),
    );
    expect(line(log, 'http-requests', '12:00:10', '12:00:20', { status: '2xx' })).toEqual([2, 0]);
    expect(line(log, 'http-requests', '12:00:10', '12:00:20', { status: '5xx' })).toEqual([0.1, 0]);
  });

  test('are no zero where there are none', () => {
    expect(line(parse(statistics('12:00:00', { g: 1 })), 'http-requests', '12:00:00', '12:00:00')).toBeNull();
  });
});

test('speculation: tokens, drafts and places', () => {
  const spec =
    'SpecDecoding metrics: Mean acceptance length: 2.50, Accepted throughput: 15.00 tokens/s, Drafted throughput: 20.00 tokens/s, Accepted: 150 tokens, Drafted: 200 tokens, Per-position acceptance rate: 0.900, 0.600, Avg Draft acceptance rate: 75.0%';
  const log = parse(
    ['12:00:00', '12:00:10'].flatMap((time) => [statistics(time, { g: 25, r: 1 }), said(time, spec)]).join('\n'),
  );
  expect(line(log, 'spec-draft-tokens', '12:00:10', '12:00:10')).toEqual([20]);
  expect(line(log, 'spec-accepted-tokens', '12:00:10', '12:00:10')).toEqual([15]);
  expect(line(log, 'spec-drafts', '12:00:10', '12:00:10')).toEqual([10]);
  expect(line(log, 'spec-accepted-by-position', '12:00:10', '12:00:10', { position: '1' })).toEqual([6]);
});

test('prompt throughput without cached tokens is not the prompt throughput of the metrics', () => {
  const hit = (version: string) =>
    parse(
      [
        said('12:00:00', `vLLM API server version ${version}`),
        statistics('12:00:10', { p: 100, r: 1 }).replace('hit rate: 0.0%', 'hit rate: 50.0%'),
      ].join('\n'),
    );
  expect(line(hit('0.32.0'), 'prompt-tokens', '12:00:10', '12:00:10')).toBeNull();
  expect(line(hit('0.32.0'), 'computed-prompt-tokens', '12:00:10', '12:00:10')).toEqual([100]);
  expect(line(hit('0.11.0'), 'prompt-tokens', '12:00:10', '12:00:10')).toEqual([100]);
  expect(line(hit('0.11.0'), 'computed-prompt-tokens', '12:00:10', '12:00:10')).toBeNull();
});

describe('remarks', () => {
  test('an engine that died, with the cause', () => {
    const log = parse(
      [
        statistics('12:00:00', { g: 1, r: 1 }),
        '(EngineCore pid=2) ERROR 11-25 12:00:05 [core.py:1] torch.OutOfMemoryError: CUDA out of memory.',
        '(APIServer pid=1) ERROR 11-25 12:00:06 [serving.py:1] vllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered an issue.',
      ].join('\n'),
    );
    expect(log.notes).toEqual(['12:00:05: the engine died: CUDA out of memory.']);
    // Nothing runs on a dead engine, and nothing is known of it.
    expect(line(log, 'running', '12:00:00', '12:00:10')).toEqual([1, null]);
  });

  test.each<[string, string[], string | null]>([
    [
      'out of memory on the API server alone, with nothing behind',
      [
        '(EngineCore pid=2) ERROR 11-25 12:00:05 [core.py:1] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.',
      ],
      'out-of-memory: OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.',
    ],
    [
      'an error that vLLM writes behind the death',
      [
        '(EngineCore pid=2) ERROR 11-25 12:00:05 [core.py:1] EngineCore encountered a fatal error.',
        '(EngineCore pid=2) ERROR 11-25 12:00:05 [core.py:1] RuntimeError: shapes do not match',
        '(APIServer pid=1) ERROR 11-25 12:00:06 [serving.py:1] ConnectionError: closed',
      ],
      'error: RuntimeError: shapes do not match',
    ],
    [
      'a death without an error',
      [
        '(APIServer pid=1) ERROR 11-25 12:00:06 [core_client.py:1] Engine core proc EngineCore_0 died unexpectedly, shutting down client.',
      ],
      'engine-died: ',
    ],
    [
      'an error of one request',
      ['(APIServer pid=1) ERROR 11-25 12:00:05 [serving.py:1] ValueError: no such model'],
      null,
    ],
    [
      'memory that ran out, and the server goes on',
      [
        '(EngineCore pid=2) ERROR 11-25 12:00:05 [core.py:1] torch.OutOfMemoryError: CUDA out of memory.',
        statistics('12:00:10', { g: 1, r: 1 }),
      ],
      null,
    ],
  ])('%s', (_, lines, cause) => {
    const log = parse([statistics('12:00:00', { g: 1, r: 1 }), ...lines].join('\n'));
    const read = log.series({ grid: gridBetween(at('12:00:00'), at('12:00:10'), 10), window: 10, matchers: [] });
    const ends = read.find(({ signal }) => signal === 'logged-ends')?.series ?? [];
    expect(
      ends.filter(({ labels }) => labels.cause !== '').map(({ labels, values }) => [labels.cause, values]),
    ).toEqual(cause === null ? [] : [[cause, [0, 1]]]);
    expect(line(log, 'up', '12:00:00', '12:00:10')).toEqual(cause === null ? [1, lines.length > 1 ? 1 : null] : [1, 0]);
  });

  test('a server is down from its death until the next process serves, however often that dies before', () => {
    const version = 'vLLM API server version 0.20.0';
    const failed = (time: string) => `(EngineCore pid=2) ERROR 11-25 ${time} [core.py:1] EngineCore failed to start.`;
    const log = parse(
      [
        said('12:00:00', version),
        failed('12:00:10'),
        said('12:00:20', version),
        failed('12:00:30'),
        said('12:00:40', version),
        statistics('12:00:50', { g: 1, r: 1 }),
      ].join('\n'),
    );
    expect(line(log, 'up', '12:00:00', '12:00:50')).toEqual([null, 0, 0, 0, 0, 1]);
    expect(line(log, 'logged-ends', '12:00:00', '12:00:50', { cause: 'start-failed: ' })).toEqual([0, 1, 1, 2, 2, 2]);
  });

  test('what dies on the way down is no crash', () => {
    const log = parse(
      [
        statistics('12:00:00', { g: 1, r: 1 }),
        '(APIServer pid=1) INFO:     Shutting down',
        '(APIServer pid=1) ERROR 11-25 12:00:06 [core_client.py:1] Engine core proc EngineCore_0 died unexpectedly, shutting down client.',
      ].join('\n'),
    );
    expect(log.notes).toEqual([]);
  });

  test('a hit rate that fell', () => {
    expect(parse(fixture('prefix-collapse')).notes).toEqual([
      '02:02:44: the prefix cache hit rate over the last 1000 requests falls from here, from 90 % to 42 % at the end.',
    ]);
    expect(parse(fixture('healthy-steady')).notes).toEqual([]);
  });
});

test('V0: the first preemption and every fiftieth are written down, and the mean between them is known', () => {
  const v0 = (time: string, running: number) =>
    `INFO 11-25 ${time} metrics.py:455] Avg prompt throughput: 1.0 tokens/s, Avg generation throughput: 30.0 tokens/s, Running: ${running} reqs, Swapped: 0 reqs, Pending: 3 reqs, GPU KV cache usage: 99.0%, CPU KV cache usage: 0.0%.`;
  const preempted = (time: string, total: number) =>
    `WARNING 11-25 ${time} scheduler.py:1481] Sequence group x is preempted by PreemptionMode.RECOMPUTE mode because there is not enough KV cache space. total_num_cumulative_preemption=${total}`;
  const log = parse(
    [
      v0('12:00:00', 4),
      v0('12:00:10', 4),
      preempted('12:00:10', 1),
      v0('12:00:20', 4),
      preempted('12:00:20', 51),
      v0('12:00:30', 4),
    ].join('\n'),
  );
  expect(line(log, 'preemptions', '12:00:10', '12:00:30')).toEqual([0, 5, null]);
  expect(line(log, 'waiting', '12:00:10', '12:00:10')).toEqual([3]);
});

test('a long log is read in time that grows with its length alone', () => {
  const text = fixture('overload');
  const access = '(APIServer pid=1) INFO:     10.0.0.1:1 - "POST /v1/chat/completions HTTP/1.1" 200 OK\n'.repeat(2_000);
  const hostile = `${'['.repeat(20_000)}\n${'(APIServer '.repeat(5_000)}\n${' '.repeat(50_000)}x\n${'Engine core proc '.repeat(3_000)}\n`;
  const took = (times: number) => {
    const started = performance.now();
    parse((text + access + hostile).repeat(times));
    return performance.now() - started;
  };
  took(1);
  // Eight times the text: 8 times the time if linear, 64 if quadratic.
  expect(took(8)).toBeLessThan(40 * Math.max(5, took(1)));
});
