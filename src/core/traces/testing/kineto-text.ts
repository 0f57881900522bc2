/**
 * Text of a profile in the layout Kineto writes (libkineto/src/output_json.cpp: order of the fields, line breaks, three decimals), with what a
 * vLLM on two GPUs would have put into it: marks on the host and on the GPU, launches, CUDA graphs that share one correlation id, a second stream for
 * communication, operators and Python frames that nobody counts. Names are those of the table's examples. The numbers are made up.
 */
export interface Shape {
  readonly steps: number;
  readonly layers: number;
  readonly rank: number;
  readonly world: number;
  /** Operators and frames of the host per layer: what makes a real profile large. */
  readonly hostEvents: number;
  /** Steps from this one on wait for the host this much longer, microseconds. */
  readonly hostDelay?: number;
}

const LAYER = [
  [
    'void vllm::rms_norm_kernel<c10::BFloat16, 8, 2>(c10::BFloat16*, c10::BFloat16 const*, long, float, int, int)',
    3.2,
    7,
  ],
  ['nvjet_tst_192x192_64x4_1x2_h_bz_coopB_TNT', 41.5, 7],
  [
    'void vllm::rotary_embedding_kernel<c10::BFloat16, true>(long const*, c10::BFloat16*, c10::BFloat16*, c10::BFloat16 const*, int, long, long, int, int, int)',
    2.1,
    7,
  ],
  [
    'void vllm::reshape_and_cache_flash_kernel<__nv_bfloat16, __nv_bfloat16, (vllm::Fp8KVCacheDataType)0>(__nv_bfloat16 const*, __nv_bfloat16 const*)',
    2.4,
    7,
  ],
  [
    'void cutlass::device_kernel<flash::enable_sm90_or_later<flash::FlashAttnFwdSm90<flash::CollectiveMainloopFwdSm90<2, cutlass::gemm::collective::CollectiveBuilder>>>>(Params)',
    22.125,
    7,
  ],
  [
    'void vllm::cross_device_reduce_1stage<__nv_bfloat16, 2>(vllm::RankData*, vllm::RankSignals, vllm::Signal*, __nv_bfloat16*, int, int)',
    9.75,
    7,
  ],
  [
    'sm90_xmma_gemm_bf16bf16_bf16f32_f32_tn_n_tilesize128x128x64_warpgroupsize1x1x1_execute_segment_k_off_kernel__5x_cublas',
    63.4,
    7,
  ],
  [
    'void vllm::act_and_mul_kernel<c10::BFloat16, &vllm::silu_kernel<c10::BFloat16>, true>(c10::BFloat16*, c10::BFloat16 const*, int)',
    4.4,
    7,
  ],
  ['ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)', 14.2, 20],
] as const;

const SAMPLE =
  'void flashinfer::sampling::TopKTopPSamplingFromProbKernel<1024u, (cub::BlockScanAlgorithm)0, float, int>(float*)';

/** Pieces of the text, so that a large one need not be held. */
export function* kinetoText({ steps, layers, rank, world, hostEvents, hostDelay = 0 }: Shape): Generator<string> {
  yield ` {
    "schemaVersion": 1,
    "deviceProperties": [
    {
      "id": 0, "name": "NVIDIA H100 80GB HBM3", "totalGlobalMem": 85028765696,
      "computeMajor": 9, "computeMinor": 0, "numSms": 132
    }
    ],
      "distributedInfo": {"backend": "nccl", "rank": ${rank}, "world_size": ${world}},
      "vllm_version": "0.32.0",
    "displayTimeUnit": "ms",
    "baseTimeNanoseconds": 1790857026000000000,
    "traceEvents": [
    `;
  const base = 4_845_720_152_781;
  let correlation = 100;
  let first = true;
  const event = (text: string) => {
    const before = first ? '' : ',\n';
    first = false;
    return before + text;
  };
  const at = (us: number) => {
    const ns = Math.round(us * 1000);
    return `${base + Math.floor(ns / 1000)}.${String(ns % 1000).padStart(3, '0')}`;
  };
  const long = (us: number) => us.toFixed(3);
  let host = 0;
  let gpu = 0;
  for (let step = 0; step < steps; step++) {
    const prefill = step % 8 === 0;
    const mixed = step % 8 === 4;
    const size = prefill ? 6 : mixed ? 3 : 1;
    const mark = prefill
      ? 'execute_context_2(1024)_generation_0(0)'
      : mixed
        ? 'execute_context_1(512)_generation_30(30)'
        : 'execute_context_0(0)_generation_32(32)';
    host = Math.max(host, gpu - 40) + hostDelay;
    const markFrom = host;
    const graph = prefill || mixed ? null : correlation++;
    if (graph !== null)
      yield event(`  {
    "ph": "X", "cat": "cuda_runtime", "name": "cudaGraphLaunch", "pid": 28708, "tid": 28708,
    "ts": ${at(host + 6)}, "dur": 8.250,
    "args": {
      "External id": ${step}, "cbid": 311, "correlation": ${graph}
    }
  }`);
    const gpuFrom = Math.max(gpu + 1.5, host + 12);
    gpu = gpuFrom;
    for (let layer = 0; layer < layers; layer++) {
      for (let k = 0; k < hostEvents; k++)
        yield event(`  {
    "ph": "X", "cat": "${k % 2 === 0 ? 'cpu_op' : 'python_function'}", "name": "${k % 2 === 0 ? 'aten::linear' : `vllm/model_executor/models/llama.py(${100 + k}): forward`}", "pid": 28708, "tid": 28708,
    "ts": ${at(host)}, "dur": 1.207,
    "args": {
      "External id": ${step * 1000 + k},"Record function id": 0, "Ev Idx": ${k}, "Python id": ${k}, "note": "a \\"quoted\\" brace } and a bracket ]"
    }
  }`);
      for (const [name, duration, stream] of LAYER) {
        const id = graph ?? correlation++;
        if (graph === null)
          yield event(`  {
    "ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": 28708, "tid": 28708,
    "ts": ${at(host + 2)}, "dur": 3.100,
    "args": {
      "External id": ${id}, "cbid": 211, "correlation": ${id}
    }
  }`);
        host += graph === null ? 4 : 0;
        const length = Math.round(duration * size * 1000) / 1000;
        const from = stream === 20 ? gpu - length / 2 : gpu;
        yield event(`  {
    "ph": "X", "cat": "kernel", "name": "${name}", "pid": 0, "tid": ${stream},
    "ts": ${at(from)}, "dur": ${long(length)},
    "args": {
      "External id": ${id},
      "queued": 0, "device": 0, "context": 1,
      "stream": ${stream}, "correlation": ${id},
      "registers per thread": 168,
      "shared memory": 232448,
      "blocks per SM": 1.000000,
      "warps per SM": 12.000000,
      "grid": [132, 1, 1],
      "block": [384, 1, 1],
      "est. achieved occupancy %": 19, "graph id": ${graph ?? 0}, "graph node id": 0
    }
  }`);
        gpu = Math.max(gpu, from + length) + 0.4;
      }
    }
    const copy = correlation++;
    yield event(`  {
    "ph": "X", "cat": "user_annotation", "name": "${mark}", "pid": 28708, "tid": 28708,
    "ts": ${at(markFrom)}, "dur": ${long(Math.max(20, host - markFrom))},
    "args": {
      "External id": ${step}, "Record function id": 0, "Ev Idx": ${step}
    }
  }`);
    yield event(`  {
    "ph": "X", "cat": "gpu_user_annotation", "name": "${mark}", "pid": 0, "tid": 7,
    "ts": ${at(gpuFrom)}, "dur": ${long(gpu - gpuFrom)},
    "args": {
      "External id": ${step}
    }
  }`);
    yield event(`  {
    "ph": "X", "cat": "kernel", "name": "${SAMPLE}", "pid": 0, "tid": 7,
    "ts": ${at(gpu)}, "dur": 31.000,
    "args": {
      "External id": ${copy}, "device": 0, "context": 1, "stream": 7, "correlation": ${copy}, "grid": [32, 1, 1]
    }
  }`);
    yield event(`  {
    "ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": 28708, "tid": 28708,
    "ts": ${at(host + 4)}, "dur": 3.000,
    "args": {
      "External id": ${copy}, "cbid": 211, "correlation": ${copy}
    }
  }`);
    gpu += 31;
    const back = correlation++;
    yield event(`  {
    "ph": "X", "cat": "cuda_runtime", "name": "cudaMemcpyAsync", "pid": 28708, "tid": 28708,
    "ts": ${at(host + 9)}, "dur": 2.000,
    "args": {
      "External id": ${back}, "cbid": 41, "correlation": ${back}
    }
  }`);
    yield event(`  {
    "ph": "X", "cat": "gpu_memcpy", "name": "Memcpy DtoH (Device -> Pinned)", "pid": 0, "tid": 7,
    "ts": ${at(gpu + 1)}, "dur": 1.504,
    "args": {
      "External id": ${back}, "device": 0, "context": 1, "stream": 7, "correlation": ${back}, "bytes": 128, "memory bandwidth (GB/s)": 0.085
    }
  }`);
    gpu += 2.504;
    yield event(`  {
    "ph": "f", "id": ${back}, "pid": 0, "tid": 7, "ts": ${at(gpu)},
    "cat": "ac2g", "name": "ac2g", "bp": "e"
  }`);
    host += 12;
  }
  yield `,
  {
    "name": "Record Window End", "ph": "i", "s": "g",
    "pid": "", "tid": "", "ts": ${at(gpu + 50)}
  }
  ],
  "traceName": "trace.json"
}`;
}
