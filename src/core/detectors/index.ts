import type { Detector } from './detector.ts';
import { crashLoop } from './crash-loop/detector.ts';
import { cpuBound } from './cpu-bound/detector.ts';
import { cudaGraphCliff } from './cuda-graph-cliff/detector.ts';
import { decodeSlowdown } from './decode-slowdown/detector.ts';
import { deferredAdmission } from './deferred-admission/detector.ts';
import { engineStall } from './engine-stall/detector.ts';
import { gpuUnderutilization } from './gpu-underutilization/detector.ts';
import { kvBoundQueueing } from './kv-bound-queueing/detector.ts';
import { kvCacheThrashing } from './kv-cache-thrashing/detector.ts';
import { loadImbalance } from './load-imbalance/detector.ts';
import { kvTransferStall } from './kv-transfer-stall/detector.ts';
import { longRequestSpike } from './long-request-spike/detector.ts';
import { memoryLeak } from './memory-leak/detector.ts';
import { overload } from './overload/detector.ts';
import { prefillDecodeInterference } from './prefill-decode-interference/detector.ts';
import { prefillStarvation } from './prefill-starvation/detector.ts';
import { prefixCacheCollapse } from './prefix-cache-collapse/detector.ts';
import { prefixCacheMisses } from './prefix-cache-misses/detector.ts';
import { requestFailures } from './request-failures/detector.ts';
import { retryStorm } from './retry-storm/detector.ts';
import { seatCeiling } from './seat-ceiling/detector.ts';
import { slowReplica } from './slow-replica/detector.ts';
import { specDecodeCollapse } from './spec-decode-collapse/detector.ts';
import { telemetryGap } from './telemetry-gap/detector.ts';
import { workloadShift } from './workload-shift/detector.ts';

/** All detectors, in the order of contract.md §1. */
export const DETECTORS: readonly Detector[] = [
  kvCacheThrashing,
  prefillStarvation,
  gpuUnderutilization,
  memoryLeak,
  prefixCacheMisses,
  longRequestSpike,
  overload,
  seatCeiling,
  kvBoundQueueing,
  prefillDecodeInterference,
  decodeSlowdown,
  cudaGraphCliff,
  loadImbalance,
  slowReplica,
  requestFailures,
  retryStorm,
  workloadShift,
  prefixCacheCollapse,
  specDecodeCollapse,
  cpuBound,
  engineStall,
  crashLoop,
  kvTransferStall,
  deferredAdmission,
  telemetryGap,
];
