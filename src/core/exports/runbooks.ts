import kvCacheThrashing from '../detectors/kv-cache-thrashing/README.md?raw';
import prefillStarvation from '../detectors/prefill-starvation/README.md?raw';
import gpuUnderutilization from '../detectors/gpu-underutilization/README.md?raw';
import memoryLeak from '../detectors/memory-leak/README.md?raw';
import prefixCacheMisses from '../detectors/prefix-cache-misses/README.md?raw';
import longRequestSpike from '../detectors/long-request-spike/README.md?raw';
import overload from '../detectors/overload/README.md?raw';
import seatCeiling from '../detectors/seat-ceiling/README.md?raw';
import kvBoundQueueing from '../detectors/kv-bound-queueing/README.md?raw';
import prefillDecodeInterference from '../detectors/prefill-decode-interference/README.md?raw';
import decodeSlowdown from '../detectors/decode-slowdown/README.md?raw';
import cudaGraphCliff from '../detectors/cuda-graph-cliff/README.md?raw';
import loadImbalance from '../detectors/load-imbalance/README.md?raw';
import slowReplica from '../detectors/slow-replica/README.md?raw';
import requestFailures from '../detectors/request-failures/README.md?raw';
import retryStorm from '../detectors/retry-storm/README.md?raw';
import workloadShift from '../detectors/workload-shift/README.md?raw';
import prefixCacheCollapse from '../detectors/prefix-cache-collapse/README.md?raw';
import specDecodeCollapse from '../detectors/spec-decode-collapse/README.md?raw';
import cpuBound from '../detectors/cpu-bound/README.md?raw';
import engineStall from '../detectors/engine-stall/README.md?raw';
import crashLoop from '../detectors/crash-loop/README.md?raw';
import kvTransferStall from '../detectors/kv-transfer-stall/README.md?raw';
import deferredAdmission from '../detectors/deferred-admission/README.md?raw';
import telemetryGap from '../detectors/telemetry-gap/README.md?raw';
import { parseRunbook, type Runbook } from './runbook.ts';

/** READMEs of the detectors by pathology: the one source of a runbook. */
const READMES: Readonly<Record<string, string>> = {
  'kv-cache-thrashing': kvCacheThrashing,
  'prefill-starvation': prefillStarvation,
  'gpu-underutilization': gpuUnderutilization,
  'memory-leak': memoryLeak,
  'prefix-cache-misses': prefixCacheMisses,
  'long-request-spike': longRequestSpike,
  overload,
  'seat-ceiling': seatCeiling,
  'kv-bound-queueing': kvBoundQueueing,
  'prefill-decode-interference': prefillDecodeInterference,
  'decode-slowdown': decodeSlowdown,
  'cuda-graph-cliff': cudaGraphCliff,
  'load-imbalance': loadImbalance,
  'slow-replica': slowReplica,
  'request-failures': requestFailures,
  'retry-storm': retryStorm,
  'workload-shift': workloadShift,
  'prefix-cache-collapse': prefixCacheCollapse,
  'spec-decode-collapse': specDecodeCollapse,
  'cpu-bound': cpuBound,
  'engine-stall': engineStall,
  'crash-loop': crashLoop,
  'kv-transfer-stall': kvTransferStall,
  'deferred-admission': deferredAdmission,
  'telemetry-gap': telemetryGap,
};

/** The runbook of a pathology; `null` for an id that is none. */
export function runbookOf(pathology: string): Runbook | null {
  const readme = READMES[pathology];
  return readme === undefined ? null : parseRunbook(readme);
}
