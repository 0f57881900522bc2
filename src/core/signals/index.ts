import { ttft } from './latency/ttft.ts';
import { itl } from './latency/itl.ts';
import { e2e } from './latency/e2e.ts';
import { queueTime } from './latency/queue-time.ts';
import { prefillTime } from './latency/prefill-time.ts';
import { decodeTime } from './latency/decode-time.ts';
import { inferenceTime } from './latency/inference-time.ts';
import { timePerOutputToken } from './latency/time-per-output-token.ts';
import { outputTokens } from './throughput/output-tokens.ts';
import { promptTokens } from './throughput/prompt-tokens.ts';
import { computedPromptTokens } from './throughput/computed-prompt-tokens.ts';
import { cachedPromptTokens } from './throughput/cached-prompt-tokens.ts';
import { finished } from './throughput/finished.ts';
import { running } from './scheduler/running.ts';
import { waiting } from './scheduler/waiting.ts';
import { waitingByReason } from './scheduler/waiting-by-reason.ts';
import { preemptions } from './scheduler/preemptions.ts';
import { stepTokens } from './scheduler/step-tokens.ts';
import { requestPreemptions } from './scheduler/request-preemptions.ts';
import { batchSize } from './scheduler/batch-size.ts';
import { seats } from './scheduler/seats.ts';
import { kvCacheUsage } from './kv-cache/kv-cache-usage.ts';
import { kvCacheEvictions } from './kv-cache/kv-cache-evictions.ts';
import { cacheConfig } from './kv-cache/cache-config.ts';
import { prefixCacheQueries } from './prefix-cache/prefix-cache-queries.ts';
import { prefixCacheHits } from './prefix-cache/prefix-cache-hits.ts';
import { prefixCacheHitRate } from './prefix-cache/prefix-cache-hit-rate.ts';
import { promptLength } from './workload/prompt-length.ts';
import { outputLength } from './workload/output-length.ts';
import { requestedOutput } from './workload/requested-output.ts';
import { computedPromptLength } from './workload/computed-prompt-length.ts';
import { processStart } from './engine/process-start.ts';
import { processMemory } from './engine/process-memory.ts';
import { processCpu } from './engine/process-cpu.ts';
import { engineAwake } from './engine/engine-awake.ts';
import { httpRequests } from './engine/http-requests.ts';
import { admissionRejections } from './engine/admission-rejections.ts';
import { specDrafts } from './speculation/spec-drafts.ts';
import { specDraftTokens } from './speculation/spec-draft-tokens.ts';
import { specAcceptedTokens } from './speculation/spec-accepted-tokens.ts';
import { specAcceptedByPosition } from './speculation/spec-accepted-by-position.ts';
import { loraAdapters } from './scheduler/lora-adapters.ts';
import { kvTransferTime } from './transfer/kv-transfer-time.ts';
import { kvTransferBytes } from './transfer/kv-transfer-bytes.ts';
import { kvTransferFailures } from './transfer/kv-transfer-failures.ts';
import { kvTransferExpired } from './transfer/kv-transfer-expired.ts';
import { kvFetchStage } from './transfer/kv-fetch-stage.ts';
import { containerMemory } from './container/container-memory.ts';
import { containerMemoryLimit } from './container/container-memory-limit.ts';
import { containerCpuPeriods } from './container/container-cpu-periods.ts';
import { containerCpuThrottled } from './container/container-cpu-throttled.ts';
import { containerRestarts } from './container/container-restarts.ts';
import { containerLastEnd } from './container/container-last-end.ts';
import { gpuUtilization } from './gpu/gpu-utilization.ts';
import { gpuSmActive } from './gpu/gpu-sm-active.ts';
import { gpuMemoryUsed } from './gpu/gpu-memory-used.ts';
import { gpuSmClock } from './gpu/gpu-sm-clock.ts';
import { gpuPower } from './gpu/gpu-power.ts';
import { gpuXid } from './gpu/gpu-xid.ts';
import { gatewayRequests } from './gateway/gateway-requests.ts';
import { gatewayErrors } from './gateway/gateway-errors.ts';
import { alertsFiring } from './change/alerts-firing.ts';
import { deploys } from './change/deploys.ts';
import { images } from './change/images.ts';
import { up } from './telemetry/up.ts';
import { scrapeDuration } from './telemetry/scrape-duration.ts';
import { sampleAge } from './telemetry/sample-age.ts';
import { loggedEnds } from './telemetry/logged-ends.ts';
import type { Signal } from './signal.ts';

/** Display order, family by family; the one list everything measurable derives from. */
const list = [
  ttft,
  itl,
  e2e,
  queueTime,
  prefillTime,
  decodeTime,
  inferenceTime,
  timePerOutputToken,
  outputTokens,
  promptTokens,
  computedPromptTokens,
  cachedPromptTokens,
  finished,
  running,
  waiting,
  waitingByReason,
  preemptions,
  stepTokens,
  requestPreemptions,
  batchSize,
  seats,
  kvCacheUsage,
  kvCacheEvictions,
  cacheConfig,
  prefixCacheQueries,
  prefixCacheHits,
  prefixCacheHitRate,
  promptLength,
  outputLength,
  requestedOutput,
  computedPromptLength,
  processStart,
  processMemory,
  processCpu,
  engineAwake,
  httpRequests,
  admissionRejections,
  specDrafts,
  specDraftTokens,
  specAcceptedTokens,
  specAcceptedByPosition,
  loraAdapters,
  kvTransferTime,
  kvTransferBytes,
  kvTransferFailures,
  kvTransferExpired,
  kvFetchStage,
  containerMemory,
  containerMemoryLimit,
  containerCpuPeriods,
  containerCpuThrottled,
  containerRestarts,
  containerLastEnd,
  gpuUtilization,
  gpuSmActive,
  gpuMemoryUsed,
  gpuSmClock,
  gpuPower,
  gpuXid,
  gatewayRequests,
  gatewayErrors,
  deploys,
  images,
  alertsFiring,
  up,
  scrapeDuration,
  sampleAge,
  loggedEnds,
] as const;

export type SignalId = (typeof list)[number]['id'];

/** A signal of the catalogue: its id is one of the known ones. */
export type CatalogueSignal = Signal & { readonly id: SignalId };

export const SIGNALS: readonly CatalogueSignal[] = list;

const byId = new Map<string, CatalogueSignal>(SIGNALS.map((signal) => [signal.id, signal]));

/**
 * The signal of an id.
 * @throws RangeError if there is none, which the type rules out unless the id came from outside.
 */
export function signalById(id: SignalId): CatalogueSignal {
  const found = byId.get(id);
  if (!found) throw new RangeError(`no signal is called ${id}`);
  return found;
}

/** Whether a text from outside is the id of a signal. */
export function isSignalId(text: string): text is SignalId {
  return byId.has(text);
}
