import type { Alert } from './alert.ts';
import { alert as cpuBound } from './cpu-bound/alert.ts';
import { alert as crashLoop } from './crash-loop/alert.ts';
import { alert as cudaGraphCliff } from './cuda-graph-cliff/alert.ts';
import { alert as decodeSlowdown } from './decode-slowdown/alert.ts';
import { alert as deferredAdmission } from './deferred-admission/alert.ts';
import { alert as engineStall } from './engine-stall/alert.ts';
import { alert as gpuUnderutilization } from './gpu-underutilization/alert.ts';
import { alert as kvBoundQueueing } from './kv-bound-queueing/alert.ts';
import { alert as kvCacheThrashing } from './kv-cache-thrashing/alert.ts';
import { alert as kvTransferStall } from './kv-transfer-stall/alert.ts';
import { alert as loadImbalance } from './load-imbalance/alert.ts';
import { alert as longRequestSpike } from './long-request-spike/alert.ts';
import { alert as memoryLeak } from './memory-leak/alert.ts';
import { alert as overload } from './overload/alert.ts';
import { alert as prefillDecodeInterference } from './prefill-decode-interference/alert.ts';
import { alert as prefillStarvation } from './prefill-starvation/alert.ts';
import { alert as prefixCacheCollapse } from './prefix-cache-collapse/alert.ts';
import { alert as prefixCacheMisses } from './prefix-cache-misses/alert.ts';
import { alert as requestFailures } from './request-failures/alert.ts';
import { alert as retryStorm } from './retry-storm/alert.ts';
import { alert as seatCeiling } from './seat-ceiling/alert.ts';
import { alert as slowReplica } from './slow-replica/alert.ts';
import { alert as specDecodeCollapse } from './spec-decode-collapse/alert.ts';
import { alert as telemetryGap } from './telemetry-gap/alert.ts';
import { alert as workloadShift } from './workload-shift/alert.ts';

/** The alerts of every detector, in the order of contract.md §1. */
export const ALERTS: readonly Alert[] = [
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
