import type { Evidence } from '../evidence/evidence.ts';
import * as kvCacheThrashing from '../detectors/kv-cache-thrashing/scenes.ts';
import * as prefillStarvation from '../detectors/prefill-starvation/scenes.ts';
import * as gpuUnderutilization from '../detectors/gpu-underutilization/scenes.ts';
import * as memoryLeak from '../detectors/memory-leak/scenes.ts';
import * as prefixCacheMisses from '../detectors/prefix-cache-misses/scenes.ts';
import * as longRequestSpike from '../detectors/long-request-spike/scenes.ts';
import * as overload from '../detectors/overload/scenes.ts';
import * as seatCeiling from '../detectors/seat-ceiling/scenes.ts';
import * as kvBoundQueueing from '../detectors/kv-bound-queueing/scenes.ts';
import * as prefillDecodeInterference from '../detectors/prefill-decode-interference/scenes.ts';
import * as decodeSlowdown from '../detectors/decode-slowdown/scenes.ts';
import * as cudaGraphCliff from '../detectors/cuda-graph-cliff/scenes.ts';
import * as loadImbalance from '../detectors/load-imbalance/scenes.ts';
import * as slowReplica from '../detectors/slow-replica/scenes.ts';
import * as requestFailures from '../detectors/request-failures/scenes.ts';
import * as retryStorm from '../detectors/retry-storm/scenes.ts';
import * as workloadShift from '../detectors/workload-shift/scenes.ts';
import * as prefixCacheCollapse from '../detectors/prefix-cache-collapse/scenes.ts';
import * as specDecodeCollapse from '../detectors/spec-decode-collapse/scenes.ts';
import * as cpuBound from '../detectors/cpu-bound/scenes.ts';
import * as engineStall from '../detectors/engine-stall/scenes.ts';
import * as crashLoop from '../detectors/crash-loop/scenes.ts';
import * as kvTransferStall from '../detectors/kv-transfer-stall/scenes.ts';
import * as deferredAdmission from '../detectors/deferred-admission/scenes.ts';
import * as telemetryGap from '../detectors/telemetry-gap/scenes.ts';

interface Scenes {
  readonly SCENES: Readonly<Record<'sick' | 'healthy', Evidence>>;
  readonly VARIANTS?: Readonly<Record<string, Evidence>>;
  readonly ONSET?: number;
}

const ALL: Readonly<Record<string, Scenes>> = {
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

/**
 * The scenes of a detector by name, and when the cause of the sick one begins (unix seconds; `null` for a state without onset).
 * @throws RangeError for an id that is no detector's
 */
export function scenesOf(pathology: string): {
  readonly scenes: Readonly<Record<string, Evidence>>;
  readonly onset: number | null;
} {
  const found = ALL[pathology];
  if (!found) throw new RangeError(`no detector is called ${pathology}`);
  return { scenes: { ...found.SCENES, ...found.VARIANTS }, onset: found.ONSET ?? null };
}
