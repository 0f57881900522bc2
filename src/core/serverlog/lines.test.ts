import { describe, expect, test } from 'vitest';
import type { LogEvent } from './events.ts';
import { eventsIn } from './lines.ts';
import { recordsOf } from './records.ts';

const NOW = Date.UTC(2026, 10, 26) / 1000;
const read = (line: string): LogEvent[] => recordsOf(line, NOW).flatMap(eventsIn);

describe('statistics lines of every dialect', () => {
  test.each<[string, string, Partial<LogEvent>]>([
    [
      '0.32, CPU build',
      '(APIServer pid=19260) INFO 11-25 02:11:48 [loggers.py:335] Engine 000: Avg prompt throughput: 632.0 tokens/s, Avg generation throughput: 158.2 tokens/s, Running: 9 reqs, Waiting: 4 reqs, CPU KV cache usage: 4.0%, Prefix cache hit rate: 83.0%',
      { engine: '0', prompt: 632, output: 158.2, running: 9, waiting: 4, usage: 0.04, hitRate: 0.83, dialect: 'v1' },
    ],
    [
      '0.20 with multi-modal cache',
      '(APIServer pid=1) INFO 07-29 06:22:21 [loggers.py:310] Engine 003: Avg prompt throughput: 0.0 tokens/s, Avg generation throughput: 25.0 tokens/s, Running: 0 reqs, Waiting: 0 reqs, GPU KV cache usage: 0.0%, Prefix cache hit rate: 64.4%, MM cache hit rate: 66.7%',
      { engine: '3', hitRate: 0.644, deferred: null, preemptions: null },
    ],
    [
      'what newer builds can add',
      'INFO 07-29 06:22:21 [loggers.py:310] Engine 000: Avg prompt throughput: 0.0 tokens/s, Avg generation throughput: 25.0 tokens/s, Running: 3 reqs, Waiting: 7 reqs, Deferred: 5 reqs, Preemptions: 12, GPU KV cache usage: 99.0%, Prefix cache hit rate: 1.0%, External prefix cache hit rate: 44.4%',
      { waiting: 7, deferred: 5, preemptions: 12, hitRate: 0.01 },
    ],
    [
      'several engines as one',
      '(APIServer pid=1) INFO 07-29 06:22:21 [loggers.py:257] 8 Engines Aggregated: Avg prompt throughput: 10.0 tokens/s, Avg generation throughput: 25.0 tokens/s, Running: 80 reqs, Waiting: 0 reqs, GPU KV cache usage: 12.5%, Prefix cache hit rate: 0.0%',
      { engine: '', aggregated: 8, running: 80 },
    ],
    [
      'V0',
      'INFO 03-04 12:00:00 metrics.py:455] Avg prompt throughput: 1.5 tokens/s, Avg generation throughput: 30.2 tokens/s, Running: 1 reqs, Swapped: 2 reqs, Pending: 3 reqs, GPU KV cache usage: 0.1%, CPU KV cache usage: 7.0%.',
      { engine: '', running: 1, waiting: 5, usage: 0.001, hitRate: null, dialect: 'v0' },
    ],
    [
      'cut in a number: what has no unit behind it is not believed',
      'INFO 03-04 12:00:00 [loggers.py:455] Engine 000: Avg prompt throughput: 1.5 tokens/s, Avg generation throughput: 30.2 tokens/s, Running: 12 reqs, Waiting: 3',
      { running: 12, waiting: null, usage: null },
    ],
  ])('%s', (_, line, expected) => {
    const events = read(line);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ kind: 'statistics', ...expected });
  });
});

test.each<[string, string, Partial<LogEvent>[]]>([
  [
    'speculation, V1',
    '(APIServer pid=3) INFO 05-19 10:30:33 [metrics.py:101] SpecDecoding metrics: Mean acceptance length: 2.53, Accepted throughput: 553.18 tokens/s, Drafted throughput: 721.24 tokens/s, Accepted: 5533 tokens, Drafted: 7214 tokens, Per-position acceptance rate: 0.832, 0.702, Avg Draft acceptance rate: 76.7%',
    [
      {
        kind: 'speculation',
        cumulative: false,
        accepted: 5533,
        drafted: 7214,
        acceptanceLength: 2.53,
        byPosition: [0.832, 0.702],
      },
    ],
  ],
  [
    'speculation, V0',
    'INFO 10-16 19:05:47 metrics.py:367] Speculative metrics: Draft acceptance rate: 0.642, System efficiency: 0.598, Number of speculative tokens: 3, Number of accepted tokens: 8547, Number of draft tokens: 13311, Number of emitted tokens: 10616.',
    [{ kind: 'speculation', cumulative: true, accepted: 8547, drafted: 13311 }],
  ],
  [
    'KV transfers',
    '(APIServer pid=205253) INFO 09-22 13:28:53 [metrics.py:98] KV Transfer metrics: Num successful transfers=4, Avg xfer time (ms)=9.862, P90 xfer time (ms)=9.862, Avg post time (ms)=5.693, P90 post time (ms)=5.693, Avg MB per transfer=70.0, Throughput (MB/s)=7097.952, Avg number of descriptors=56.0',
    [{ kind: 'transfer', count: 4, seconds: 0.009862, bytes: 73_400_320 }],
  ],
  [
    'arguments, V1',
    "(APIServer pid=1) INFO 08-26 09:12:01 [utils.py:326] non-default args: {'model_tag': '/m/x', 'model': '/m/x', 'served_model_name': ['tiny'], 'max_num_seqs': 24, 'enable_prefix_caching': False, 'block_size': 32}",
    [
      { kind: 'start', sign: 'arguments' },
      {
        kind: 'settings',
        settings: {
          knobs: { 'max-num-seqs': 24 },
          model: 'tiny',
          blockSize: 32,
          prefixCaching: false,
          memoryShare: null,
        },
      },
    ],
  ],
  [
    'arguments, V0',
    "INFO 03-04 12:00:00 api_server.py:530] args: Namespace(host=None, model='org/m', block_size=16, max_num_batched_tokens=None, max_num_seqs=256, gpu_memory_utilization=0.9, served_model_name=None)",
    [
      { kind: 'start', sign: 'arguments' },
      {
        kind: 'settings',
        settings: {
          knobs: { 'max-num-seqs': 256 },
          model: 'org/m',
          blockSize: 16,
          prefixCaching: null,
          memoryShare: '0.9',
        },
      },
    ],
  ],
  [
    'the token budget',
    '(APIServer pid=1) INFO 08-26 09:12:07 [scheduler.py:222] Chunked prefill is enabled with max_num_batched_tokens=2048.',
    [{ kind: 'settings' }],
  ],
  [
    'KV cache size',
    '(EngineCore_DP0 pid=66) INFO 08-26 09:12:07 [kv_cache_utils.py:830] GPU KV cache size: 299,584 tokens',
    [{ kind: 'cache-tokens', tokens: 299_584 }],
  ],
  [
    'blocks',
    'INFO 03-04 12:00:00 executor_base.py:110] # cuda blocks: 1234, # CPU blocks: 512',
    [{ kind: 'cache-blocks', blocks: 1234 }],
  ],
  [
    'an access line',
    '(APIServer pid=1) INFO:     172.22.0.1:52348 - "POST /v1/chat/completions?x=1 HTTP/1.1" 503 Service Unavailable',
    [{ kind: 'answer', path: '/v1/chat/completions', status: 503 }],
  ],
  [
    'V0 preemption',
    'WARNING 11-27 02:04:48 scheduler.py:1481] Sequence group cmpl-f5-0 is preempted by PreemptionMode.SWAP mode because there is not enough KV cache space. This can affect the end-to-end performance. Increase gpu_memory_utilization or tensor_parallel_size to provide more KV cache memory. total_num_cumulative_preemption=51',
    [{ kind: 'preempted', total: 51 }],
  ],
  [
    'no memory',
    '(EngineCore pid=104) torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 50.00 MiB. GPU 0 has a total capacity of 23.56 GiB',
    [{ kind: 'trouble', trouble: 'out-of-memory', says: 'CUDA out of memory' }],
  ],
  [
    'a dead engine',
    '(APIServer pid=1) ERROR 05-05 12:36:59 [serving.py:1173] vllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered an issue. See stack trace (above) for the root cause.',
    [{ kind: 'trouble', trouble: 'engine-died' }],
  ],
  [
    'a GPU error with its name',
    '(EngineCore_DP0 pid=9) ERROR 05-05 12:36:59 [core.py:700] RuntimeError: CUDA error: an illegal memory access was encountered',
    [{ kind: 'trouble', trouble: 'gpu-error', says: 'CUDA error: an illegal memory access was encountered' }],
  ],
  [
    'silent workers',
    '(EngineCore pid=1) INFO 11-25 02:17:38 [shm_broadcast.py:871] No available shared memory broadcast block found in 60 seconds. This typically happens when some processes are hanging',
    [{ kind: 'trouble', trouble: 'workers-silent' }],
  ],
  [
    'words of a user',
    "INFO 03-04 12:00:00 logger.py:39] Received request cmpl-1: prompt: 'EngineDeadError CUDA out of memory'",
    [],
  ],
  ['a library that has a version', 'INFO 03-04 12:00:00 [pynccl.py:70] vLLM is using nccl version 2.21.5', []],
])('%s', (_, line, expected) => {
  const events = read(line);
  expect(events).toHaveLength(expected.length);
  expected.forEach((one, i) => expect(events[i]).toMatchObject(one));
});

test('arguments cut inside a number leave it open', () => {
  const cut = "INFO 08-26 09:12:01 [utils.py:326] non-default args: {'max_model_len': 4096, 'max_num_seqs': 24";
  expect(read(cut)[1]).toMatchObject({ settings: { knobs: { 'max-model-len': 4096 } } });
});

describe('lines put together again', () => {
  const line =
    'INFO 05-14 11:31:33 [loggers.py:116] Engine 000: Avg prompt throughput: 12.0 tokens/s, Avg generation throughput: 30.2 tokens/s, Running: 11 reqs, Waiting: 20 reqs, GPU KV cache usage: 33.1%, Prefix cache hit rate: 0.0%';

  test('wrapped by a terminal at any width from 60 on', () => {
    for (let width = 60; width < line.length; width += 1) {
      const wrapped = line.match(new RegExp(`.{1,${width}}`, 'g'))?.join('\n') ?? '';
      expect(read(wrapped), `at ${width}`).toEqual(read(line));
    }
  });

  test('wrapped between words, the blank lost', () => {
    expect(read(line.replaceAll(', ', ',\n'))).toEqual(read(line));
  });

  test('an error below a statistics line is its own', () => {
    expect(read(`${line}\ntorch.OutOfMemoryError: CUDA out of memory.`).map(({ kind }) => kind)).toEqual([
      'statistics',
      'trouble',
    ]);
  });

  test('cut by the runtime', () => {
    const pieces = [line.slice(0, 90), line.slice(90)];
    const cri = pieces.map((text, i) => `2026-05-14T11:31:33Z stdout ${i === 0 ? 'P' : 'F'} ${text}`).join('\n');
    expect(read(cri)).toEqual(read(line));
  });
});
