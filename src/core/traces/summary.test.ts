import { describe, expect, test } from 'vitest';
import type { Verdict } from '../verdict/verdict.ts';
import { agreementOf } from './agreement.ts';
import { isOlder, profilingWays, releaseNamed, releasesOf } from './commands.ts';
import { compare, compareKernels } from './compare.ts';
import { shortName, toTraceJson, toTraceText } from './format.ts';
import { workOf } from './steps.ts';
import { summarise } from './summary.ts';
import { type Piece, traceOf } from './testing/traces.ts';
import { classify } from './kernels.ts';

const GEMM = 'nvjet_tst_64x8';
const FLASH = 'flash::flash_fwd_kernel';
const CACHE = 'vllm::reshape_and_cache_flash_kernel';
const REDUCE = 'vllm::cross_device_reduce_1stage';
const DECODE = 'execute_context_0(0)_generation_8(8)';
const MIXED = 'execute_context_1(512)_generation_8(8)';

const steps = (wait: number) =>
  summarise([
    traceOf(
      [
        { name: GEMM, start: 0, duration: 60, launch: -20 },
        { name: FLASH, start: 60, duration: 40, launch: -19 },
        { name: GEMM, start: 100 + wait, duration: 20, launch: 100 + wait - 1 },
        { name: FLASH, start: 120 + wait, duration: 20, launch: 101 + wait },
      ],
      [
        { name: MIXED, start: -21 },
        { name: DECODE, start: 100 + wait - 2 },
      ],
    ),
  ]);

describe('steps', () => {
  test.each([
    [
      'execute_context_2(1024)_generation_30(30)',
      { kind: 'mixed', prefillRequests: 2, prefillTokens: 1024, decodeRequests: 30, decodeTokens: 30 },
    ],
    [
      'execute_542_context_2(sq512sk9sqsq1sqsk2)_generation_30(sq30sk1sqsq3sqsk4)',
      { kind: 'mixed', prefillTokens: 512, decodeTokens: 30 },
    ],
    ['execute_context_1(5)_generation_0(0)', { kind: 'prefill' }],
    ['execute_new_0_cached_12', { kind: 'decode', decodeRequests: 12, decodeTokens: null }],
    ['execute_new_3_cached_0', { kind: 'prefill', prefillRequests: 3 }],
    ['ProfilerStep#4', { kind: 'unknown', prefillRequests: null }],
  ])('%s', (name, work) => expect(workOf(name)).toMatchObject(work));

  test('a step begins with the first thing it runs, and takes the wait before the next along', () => {
    const { gpus, byKind } = steps(30);
    expect(gpus[0]?.steps.map(({ from, to }) => [from, to])).toEqual([
      [0, 130],
      [130, 170],
    ]);
    expect(byKind.map(({ kind, account }) => [kind, account.states['host-wait']])).toEqual([
      ['mixed', 30],
      ['decode', 0],
    ]);
  });
  test('without launches the marks on the GPU count, once per step however many streams have them', () => {
    const trace = traceOf([
      { name: GEMM, start: 0, duration: 10 },
      { name: GEMM, start: 20, duration: 10 },
    ]);
    const gpu = (name: string, start: number, end: number) => ({ name, on: 'gpu' as const, device: 0, start, end });
    const marks = [gpu(MIXED, 0, 10), gpu(MIXED, 2, 9), gpu(DECODE, 20, 30)];
    const [one] = summarise([{ ...trace, marks }]).gpus;
    expect(one?.steps.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['mixed', 0, 20],
      ['decode', 20, 30],
    ]);
  });
});

describe('the textbook’s fractions', () => {
  const summary = summarise([
    traceOf([
      { name: GEMM, start: 0, duration: 50 },
      { name: CACHE, start: 50, duration: 10 },
      { name: REDUCE, start: 60, duration: 20 },
      { name: 'sm90_xmma_gemm_flash', start: 100, duration: 20 },
    ] satisfies Piece[]),
  ]);
  test('are literally its own', () => {
    expect(summary.textbook).toMatchObject({ attention: 0.3, gemm: 0.2, communication: 0 });
    expect(summary.textbook.idle).toBeCloseTo(0.5);
  });
  test('what they miscount is said with its size', () => {
    const says = summary.textbook.miscounts.join('\n');
    expect(says).toMatch(/stood still for 17 % of the wall time/);
    expect(says).toMatch(/70 % of kernel time idle in which the GPU worked: Dense linear layers and Custom all-reduce/);
    expect(says).toMatch(/20 % of kernel time twice/);
    expect(says).toMatch(/counts 30 % as attention that is something else/);
    expect(says).toMatch(/misses 50 % of GEMM/);
    expect(says).toMatch(/misses 20 % of communication: Custom all-reduce/);
  });
});

test('how much of a profile the table does not know is said', () => {
  const notes = (name: string) =>
    summarise([
      traceOf([
        { name: GEMM, start: 0, duration: 80 },
        { name, start: 80, duration: 20 },
      ]),
    ]).notes.join(' ');
  expect(notes('made_up_17')).toMatch(/20 % of kernel time is of kernels whose names the table does not know/);
  expect(notes(FLASH)).not.toMatch(/does not know/);
});

describe('two profiles', () => {
  test('are compared by mean steps of the kinds both have, largest difference first', () => {
    const [mixed, decode] = compare(steps(0), steps(30));
    expect(mixed).toMatchObject({ of: 'mixed', unit: 'ns', steps: [1, 1] });
    expect(mixed?.rows.slice(0, 2).map(({ id, after, before }) => [id, after - before])).toEqual([
      ['host-wait', 30],
      ['wall', 30],
    ]);
    expect(decode?.rows.every(({ before, after }) => before === after)).toBe(true);
  });
  test('without steps in both, by shares; without a timeline, by shares of kernel time', () => {
    const plain = summarise([traceOf([{ name: GEMM, start: 0, duration: 10 }])]);
    expect(compare(plain, steps(0))[0]).toMatchObject({ of: 'all', unit: 'share' });
    const sums = summarise([
      {
        name: 's',
        tool: 'nsys',
        notes: [],
        kernels: [{ name: GEMM, kind: classify(GEMM), calls: 1, total: 5, longest: 5 }],
      },
    ]);
    expect(compare(sums, plain)[0]?.rows).toEqual([{ id: 'gemm', title: 'GEMM', before: 1, after: 1 }]);
  });
  test('kernels that came and went are rows', () => {
    const [a, b] = [GEMM, FLASH].map((name) => summarise([traceOf([{ name, start: 0, duration: 10 }])]));
    expect(compareKernels(a as never, b as never, 5).rows).toEqual([
      { id: FLASH, title: FLASH, before: 0, after: 1 },
      { id: GEMM, title: GEMM, before: 1, after: 0 },
    ]);
  });
});

describe('the verdict beside a profile', () => {
  const verdict = (...found: [string, string][]) =>
    ({ findings: found.map(([pathology, title]) => ({ pathology, title })) }) as unknown as Verdict;
  test.each([
    ['cpu-bound', 100, 'agrees', /waits for the host 42 %/],
    ['cpu-bound', 0, 'disagrees', /waits for the host 0 %/],
    ['cpu-bound', 20, 'silent', /leans neither way/],
    ['gpu-underutilization', 100, 'agrees', /stands still for 42 %/],
    ['decode-slowdown', 0, 'agrees', /attention.* 50 % of a decode step/],
    ['prefill-decode-interference', 0, 'agrees', /2.5 times as long/],
  ] as const)('%s with %i ns of wait %s', (pathology, wait, stands, says) => {
    const agreement = agreementOf(steps(wait), verdict([pathology, 'The finding']));
    expect(agreement.stands).toBe(stands);
    expect(agreement.says).toMatch(says);
  });
  test('of a cause no profile shows it says so, and what it does show', () => {
    expect(agreementOf(steps(0), verdict(['seat-ceiling', 'Seat ceiling'])).says).toMatch(
      /does not show seat ceiling; the GPU waits/,
    );
    expect(agreementOf(steps(100), verdict())).toMatchObject({ stands: 'disagrees' });
  });
  test('a profile of the host alone has nothing to say', () => {
    expect(agreementOf(summarise([traceOf([], [{ name: DECODE, start: 0 }])]), verdict())).toMatchObject({
      stands: 'silent',
    });
  });
});

describe('commands that profile', () => {
  const ids = (from: string | null, to: string | null) => profilingWays({ from, to, because: '' }).map(({ id }) => id);
  test('by release', () => {
    expect(ids('0.32.0', '0.32.0')).toEqual(['torch', 'nsys', 'nsys-delay']);
    expect(ids('0.11.2', '0.11.2')).toEqual(['torch-variables', 'nsys-delay']);
    expect(ids('0.9.2', null)).toEqual(['torch', 'torch-variables', 'nsys', 'nsys-delay']);
    expect(profilingWays(releaseNamed('0.12.0', ''))[0]?.server).toContain('VLLM_TORCH_PROFILER_DIR=');
  });
  test('releases are told by the names of metrics', () => {
    const evidence = (reading: string, ...metrics: string[]) => ({ readings: { [reading]: { metrics } } }) as never;
    expect(releasesOf(evidence('kv-cache-usage', 'vllm:gpu_cache_usage_perc')).to).toMatch(/^0\./);
    expect(releasesOf(evidence('kv-cache-usage'))).toEqual({ from: null, to: null, because: '' });
  });
  test('0.9.2 comes before 0.13.0', () => {
    expect(isOlder('0.9.2', '0.13.0')).toBe(true);
    expect(isOlder('0.13.0rc1', '0.13.0')).toBe(false);
  });
});

describe('text and JSON', () => {
  test('hold the sum, and say where nothing was there', () => {
    expect(toTraceText(steps(30), steps(0))).toMatch(/Wall time 170 ns = busy 140 ns \+ idle 30 ns/);
    const json = toTraceJson(steps(30), steps(0), '1');
    expect(json.account).toMatchObject({ wallSeconds: 1.7e-7, idleSeconds: 3e-8 });
    expect(json.comparison?.blocks).toHaveLength(2);
    expect(toTraceJson(summarise([traceOf([], [{ name: DECODE, start: 0 }])]), null, '1').account).toBeNull();
  });
  test('names are cut to what tells them apart', () => {
    expect(shortName('void vllm::rms_norm_kernel<c10::BFloat16, 8>(c10::BFloat16*, (bool)1, int)')).toBe(
      'vllm::rms_norm_kernel<c10::BFloat16, 8>',
    );
    expect(shortName('Memcpy DtoH (Device -> Pinned)')).toBe('Memcpy DtoH (Device -> Pinned)');
  });
});
