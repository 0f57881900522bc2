import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import initSqlJs from 'sql.js/dist/sql-wasm-inline.js';
import { describe, expect, test } from 'vitest';
import { type KernelSums, summarise } from '../../core/traces/summary.ts';
import { kinetoText } from '../../core/traces/testing/kineto-text.ts';
import type { Trace } from '../../core/traces/trace.ts';
import { type Progress, readTrace, type TraceFile } from './read.ts';

const never = new AbortController().signal;

function fileOf(name: string, content: string | Uint8Array): TraceFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    name,
    size: bytes.length,
    stream() {
      let at = 0;
      return new ReadableStream({
        pull(controller) {
          if (at >= bytes.length) controller.close();
          else controller.enqueue(bytes.slice(at, (at += 65_536)));
        },
      });
    },
  };
}

const read = (name: string, content: string | Uint8Array) => readTrace(fileOf(name, content), never);
const traceIn = async (name: string, content: string | Uint8Array) => (await read(name, content)) as Trace;

const TEXT = [...kinetoText({ steps: 9, layers: 4, rank: 0, world: 1, hostEvents: 20 })].join('');

describe('a profile of PyTorch', () => {
  test('reads the same packed, under any name', async () => {
    const plain = await traceIn('a.json', TEXT);
    const packed = await traceIn('notes.txt', gzipSync(TEXT));
    expect(packed.activities).toEqual(plain.activities);
    expect(packed.truncated).toBe(false);
  });
  test('packed and cut short gives what stands before the cut', async () => {
    const packed = gzipSync(TEXT);
    const cut = await traceIn('cut.json.gz', packed.subarray(0, packed.length / 2));
    const whole = await traceIn('a.json', TEXT);
    expect(cut.truncated).toBe(true);
    expect(cut.activities.count).toBeGreaterThan(0);
    expect(cut.activities.count).toBeLessThan(whole.activities.count);
    expect(summarise([cut]).notes.join(' ')).toMatch(/ends in the middle/);
  });
  test('is given up when asked, and tells how far it came', async () => {
    const abort = new AbortController();
    const seen: Progress[] = [];
    const large = [...kinetoText({ steps: 40, layers: 10, rank: 0, world: 1, hostEvents: 20 })].join('');
    const reading = readTrace(fileOf('a.json', large), abort.signal, (progress) => {
      seen.push(progress);
      if (seen.length === 2) abort.abort(new Error('given up'));
    });
    await expect(reading).rejects.toThrow('given up');
    expect(seen).toHaveLength(2);
    expect(seen[1]?.bytes).toBeGreaterThan(0);
    expect(seen[1]?.bytes).toBeLessThan(large.length);
  });
  test('of a real CPU build is read from its file', async () => {
    const path = new URL('../../core/traces/samples/vllm-0.32-cpu.pt.trace.json.gz', import.meta.url);
    expect(await read('rank0', readFileSync(path))).toMatchObject({ vllm: '0.32.0', truncated: false });
  });
});

/** Header as nsys 2024 and 2025 write it, with what it prints before. */
const GPU_TRACE = `
NOTICE: Existing SQLite export found: vllm.sqlite
        It is assumed file was previously exported from: vllm.nsys-rep

Processing [vllm.sqlite] with [cuda_gpu_trace.py]...
Start (ns),Duration (ns),CorrId,GrdX,GrdY,GrdZ,BlkX,BlkY,BlkZ,Reg/Trd,StcSMem (MB),DymSMem (MB),Bytes (MB),Throughput (MB/s),SrcMemKd,DstMemKd,Device,Ctx,GreenCtx,Strm,Name
5000000100,40,11,2,1,1,64,1,1,24,0,0,,,,,NVIDIA H100 80GB HBM3 (0),1,,7,nvjet_tst_192x192_64x4_1x2_h_bz_coopB_TNT
5000000120,50,12,2,1,1,64,1,1,24,0,0,,,,,NVIDIA H100 80GB HBM3 (0),1,,20,"void vllm::cross_device_reduce_1stage<__nv_bfloat16, 2>(vllm::RankData *, vllm::RankSignals)"
5000000200,10,13,,,,,,,,,,0.004,1,Device,Pinned,NVIDIA H100 80GB HBM3 (0),1,,7,[CUDA memcpy Device-to-Host]

Processing [vllm.sqlite] with [cuda_gpu_kern_sum.py]...
Time (%),Total Time (ns),Instances,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),Name
60.0,90,2,45.0,45.0,40,50,5.0,never_read
`;
const STATES = { gemm: 40, communication: 30, memory: 10, unexplained: 30, attention: 0 };

describe('tables of nsys stats', () => {
  test('cuda_gpu_trace as CSV', async () => {
    const trace = await traceIn('report.csv', GPU_TRACE);
    expect(trace).toMatchObject({ tool: 'nsys', gpu: 'NVIDIA H100 80GB HBM3', events: 3, truncated: false });
    const { account, notes, overlap } = summarise([trace]);
    expect(account).toMatchObject({ wall: 110, states: STATES });
    expect(overlap).toMatchObject({ communication: 50, hidden: 20 });
    expect(notes.join(' ')).toMatch(/does not say when the host asked/);
  });
  test('the same in other units and with the header of old releases', async () => {
    const rows = GPU_TRACE.split('\n').filter((line) => /^5|^Start/.test(line));
    const micro = rows
      .map((line) => line.replace(/^5000000(\d)(\d\d),(\d+),/, (_, a, b, c) => `5000000.${a}${b},0.0${c},`))
      .join('\n')
      .replace('Start (ns),Duration (ns)', 'Start (us),Duration (us)');
    expect(summarise([await traceIn('us.csv', `${micro}\n`)]).account?.states).toMatchObject(STATES);
    const old = rows.join('\n').replace('Start (ns),Duration (ns)', 'Start(nsec),Duration(nsec)');
    expect(summarise([await traceIn('old.csv', `${old}\n`)]).account?.states).toMatchObject(STATES);
  });
  test('the same as JSON, packed', async () => {
    const rows = [
      { 'Start (ns)': 5000000100, 'Duration (ns)': 40, CorrId: 11, Device: 'H100 (0)', Strm: 7, Name: 'nvjet_tst' },
      {
        'Start (ns)': 5000000120,
        'Duration (ns)': 50,
        CorrId: 12,
        Device: 'H100 (0)',
        Strm: 20,
        Name: 'cross_device_reduce_1stage',
      },
      { 'Start (ns)': 5000000200, 'Duration (ns)': 10, CorrId: 13, Device: 'H100 (0)', Strm: 7, Name: '[CUDA memset]' },
    ];
    expect(summarise([await traceIn('x', gzipSync(JSON.stringify(rows)))]).account?.states).toMatchObject(STATES);
  });
  test('cuda_kern_exec_trace says when the host asked', async () => {
    const text =
      'API Start (ns),API Dur (ns),Queue Start (ns),Queue Dur (ns),Kernel Start (ns),Kernel Dur (ns),Total Dur (ns),PID,TID,DevId,API Function,GridXYZ,BlockXYZ,Kernel Name\n' +
      '10,5,15,5,20,30,40,1,1,0,cudaLaunchKernel,1 1 1,1 1 1,nvjet_tst\n60,5,65,5,70,30,40,1,1,0,cudaLaunchKernel,1 1 1,1 1 1,nvjet_tst\n';
    const summary = summarise([await traceIn('exec.csv', text)]);
    expect(summary.account?.states['host-wait']).toBe(20);
    expect(summary.notes.join(' ')).toMatch(/kernels only/);
  });
  test('cuda_gpu_kern_sum has no timeline, and idle is not made up', async () => {
    const text =
      'Time (%),Total Time (ns),Instances,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),Name\n' +
      '75.0,300,3,100.0,100.0,90,110,8.0,nvjet_tst_192x192\n25.0,100,1,100.0,100.0,100,100,0.0,"void flash::flash_fwd_splitkv_kernel<a, b>(flash::Params)"\n';
    const sums = (await read('sum.csv', text)) as KernelSums;
    const summary = summarise([sums]);
    expect(summary.account).toBeNull();
    expect(summary.summed).toMatchObject({ gemm: 300, attention: 100 });
    expect(summary.kernels[0]).toMatchObject({ calls: 3, longest: 110 });
    expect(summary.notes.join(' ')).toMatch(/without a timeline/);
  });
  test('a table cut in a row says so', async () => {
    const end = GPU_TRACE.indexOf('[CUDA memcpy');
    expect(await read('cut.csv', GPU_TRACE.slice(0, end))).toMatchObject({ truncated: true, events: 2 });
  });
  test('a table of the host is refused by name of what is wanted', async () => {
    const api =
      'Start (ns),Duration (ns),Name,Result,CorrID,Pid,Tid,T-Pri,Thread Name\n1,2,cudaMalloc,0,1,1,1,20,python\n';
    await expect(read('api.csv', api)).rejects.toThrow(/expected cuda_gpu_trace/);
  });
});

/** Tables and columns by the schema reference of Nsight Systems, as far as they are read. */
async function database(): Promise<Uint8Array> {
  const SQL = await initSqlJs();
  const db = new SQL.Database();
  const pid = 4242 * 0x1000000;
  db.run(`
    CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT NOT NULL);
    INSERT INTO StringIds VALUES (1, 'nvjet_tst_192x192'), (2, 'ncclDevKernel_AllReduce_Sum_bf16_RING_LL'), (3, 'execute_context_0(0)_generation_32(32)');
    CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INT, end INT, deviceId INT, contextId INT, streamId INT, correlationId INT, globalPid INT, demangledName INT, shortName INT);
    INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (1000100, 1000140, 0, 1, 7, 5, ${pid}, 1, 1), (1000120, 1000170, 0, 1, 20, 6, ${pid}, 2, 2), (1000300, 1000320, 0, 1, 7, 8, ${pid}, 1, 1);
    CREATE TABLE CUPTI_ACTIVITY_KIND_MEMCPY (start INT, end INT, deviceId INT, contextId INT, streamId INT, correlationId INT, globalPid INT, bytes INT, copyKind INT);
    INSERT INTO CUPTI_ACTIVITY_KIND_MEMCPY VALUES (1000200, 1000210, 0, 1, 7, 7, ${pid}, 128, 2);
    CREATE TABLE ENUM_CUDA_MEMCPY_OPER (id INTEGER PRIMARY KEY, name TEXT, label TEXT);
    INSERT INTO ENUM_CUDA_MEMCPY_OPER VALUES (2, 'CUDA_MEMCPY_KIND_DTOH', 'Device-to-Host');
    CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INT, end INT, eventClass INT, globalTid INT, correlationId INT, nameId INT);
    INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES (1000050, 1000055, 0, ${pid + 4242}, 5, 1), (1000056, 1000058, 0, ${pid + 4242}, 6, 1), (1000150, 1000151, 0, ${pid + 4242}, 7, 1), (1000260, 1000262, 0, ${pid + 4242}, 8, 1);
    CREATE TABLE NVTX_EVENTS (start INT, end INT, eventType INT, text TEXT, globalTid INT, textId INT);
    INSERT INTO NVTX_EVENTS VALUES (1000040, 1000060, 59, 'execute_context_1(512)_generation_0(0)', ${pid + 4242}, NULL), (1000250, 1000270, 59, NULL, ${pid + 4242}, 3), (1000251, 1000252, 59, 'something else', ${pid}, NULL);
    CREATE TABLE TARGET_INFO_GPU (id INT, name TEXT);
    INSERT INTO TARGET_INFO_GPU VALUES (0, 'NVIDIA H100 80GB HBM3');
  `);
  const bytes = db.export();
  db.close();
  return bytes;
}

describe('the SQLite export of nsys', () => {
  test('gives kernels, copies, launches and steps', async () => {
    const trace = await traceIn('vllm.sqlite', await database());
    expect(trace).toMatchObject({ tool: 'nsys', gpu: 'NVIDIA H100 80GB HBM3', hasLaunches: true });
    const { account, byKind, kernels } = summarise([trace]);
    expect(account).toMatchObject({
      wall: 220,
      states: { gemm: 60, communication: 30, memory: 10, 'host-wait': 90, 'kernel-wait': 30, unexplained: 0 },
    });
    expect(byKind.map(({ kind, count }) => [kind, count])).toEqual([
      ['prefill', 1],
      ['decode', 1],
    ]);
    expect(kernels.map(({ name }) => name)).toContain('[CUDA memcpy Device-to-Host]');
  });
  test('cut short it is refused, since a database cannot be read in part', async () => {
    const bytes = await database();
    await expect(read('cut.sqlite', bytes.slice(0, bytes.length - 9000))).rejects.toThrow(/damaged database|no export/);
  });
  test('another database is told from one of nsys', async () => {
    const SQL = await initSqlJs();
    const db = new SQL.Database();
    db.run('CREATE TABLE t (a INT)');
    await expect(read('other.db', db.export())).rejects.toThrow(/no export of nsys/);
  });
});

test.each([
  ['a report of nsys itself', 'vllm.nsys-rep', 'NVDA-binary', /nsys export --type sqlite/],
  ['a text', 'a.log', 'INFO 03-04 12:00:00 hello', /is no profile/],
  ['nothing', 'empty', '', /is no profile/],
])('%s is refused with what was expected', async (_, name, content, says) => {
  await expect(read(name, content)).rejects.toThrow(says);
});
