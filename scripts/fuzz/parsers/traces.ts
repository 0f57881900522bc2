import { toTraceText } from '../../../src/core/traces/format.ts';
import { summarise } from '../../../src/core/traces/summary.ts';
import { kinetoText } from '../../../src/core/traces/testing/kineto-text.ts';
import { TraceError } from '../../../src/core/traces/trace.ts';
import { readTrace } from '../../../src/sources/traces/read.ts';
import { bytesOf, type FuzzedParser } from '../parser.ts';

const never = new AbortController().signal;

/** Bytes as a file that comes in two pieces, so that something is always cut in the middle. */
function fileOf(bytes: Uint8Array<ArrayBuffer>, name: string) {
  const half = Math.floor(bytes.length / 2);
  const pieces = [bytes.subarray(0, half), bytes.subarray(half)];
  return {
    name,
    size: bytes.length,
    stream: () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          const piece = pieces.shift();
          if (piece === undefined) controller.close();
          else controller.enqueue(piece);
        },
      }),
  };
}

export async function readAndSum(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<void> {
  toTraceText(summarise([await readTrace(fileOf(bytes, name), never)]));
}

const refuses = (error: unknown) => error instanceof TraceError;

export const torchTrace: FuzzedParser = {
  id: 'torch-trace',
  title: 'torch.profiler traces (JSON)',
  seeds: () => {
    const text = [...kinetoText({ steps: 2, layers: 1, rank: 0, world: 2, hostEvents: 0 })]
      .join('')
      .replace(/\n\s*/g, '');
    const event = (cat: string, name: string, ts: string, more: string) =>
      `{"ph":"X","cat":"${cat}","name":"${name}","pid":0,"tid":7,"ts":${ts},"dur":5.125,"args":{${more}}}`;
    const list = [
      event('user_annotation', 'execute_context_1(512)_generation_30(30)', '100', ''),
      event('cuda_runtime', 'cudaLaunchKernel', '101.5', '"correlation":7'),
      event('kernel', 'void flash::flash_fwd_splitkv_kernel<X>(P)', '104.25', '"device":0,"correlation":7'),
      event('gpu_memcpy', 'Memcpy DtoH (Device -> Pinned)', '110', '"device":0,"correlation":8'),
      event('gpu_user_annotation', 'execute_context_1(512)_generation_30(30)', '104', ''),
    ].join(',');
    return [
      text.slice(0, 6000),
      `[${list}]`,
      `{"deviceProperties":[{"id":0,"name":"NVIDIA H100"}],"distributedInfo":{"rank":0,"world_size":2},"traceEvents":[${list}],"vllm_version":"0.32.0"}`,
    ];
  },
  words: [
    '"traceEvents":[',
    '"ph":"X"',
    '"cat":"kernel"',
    '"ts":',
    '"dur":',
    '1.6e+15',
    '"args":{',
    '"device":',
    '"correlation":',
    '\\"',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
  ],
  read: (text) => readAndSum(bytesOf(text.replace(/[^\0-\xff]/g, '?')), 'a.json'),
  refuses,
};

const CSV = `Start (ns),Duration (ns),CorrId,GrdX,Device,Name
100,50,1,1,NVIDIA H100 80GB HBM3 (0),"void flash::flash_fwd_kernel<X, 1>(P)"
160,20,2,1,NVIDIA H100 80GB HBM3 (0),[CUDA memcpy Device-to-Host]
190,20,3,1,NVIDIA H100 80GB HBM3 (1),ncclDevKernel_AllReduce
`;
const SUMS = `Time (%),Total Time (ns),Instances,Avg (ns),Max (ns),Name
60.0,"1,234",3,411.3,500,nvjet_tst_192x192
40.0,800,2,400,410,"void vllm::rms_norm_kernel<c10::BFloat16, 8, 2>(c10::BFloat16*)"
`;
const ROWS = [
  { 'Kernel Start (us)': 1.5, 'Kernel Dur (us)': 2, 'API Start (us)': 1, DevId: 0, 'Kernel Name': 'gemm_x' },
  { 'Kernel Start (us)': 4.5, 'Kernel Dur (us)': 2, 'API Start (us)': 2, DevId: 0, 'Kernel Name': 'flash_fwd' },
];

export const nsysText: FuzzedParser = {
  id: 'nsys-text',
  title: 'tables of nsys stats (CSV, JSON)',
  seeds: () => [
    `Generating SQLite\n\n ** CUDA GPU Trace (cuda_gpu_trace):\n\n${CSV}\nProcessing\n`,
    CSV,
    SUMS,
    JSON.stringify(ROWS),
  ],
  words: [
    'Start (ns)',
    'Start (constructor)',
    'Duration (ns)',
    'Total Time (ns)',
    '"',
    '""',
    ',',
    '\n',
    '\r\n',
    '(0)',
    '(',
    ')',
    'Device',
    'CorrId',
    'NOTICE',
    '__proto__',
  ],
  read: (text) => readAndSum(new TextEncoder().encode(text), 'a.csv'),
  refuses,
};
