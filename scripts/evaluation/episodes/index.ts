import type { Episode } from '../episode.ts';
import { buildEpisode } from './build.ts';
import { COMPOSITES } from './composites.ts';
import { cpuBound } from './cpu-bound.ts';
import { crashLoop } from './crash-loop.ts';
import { cudaGraphCliff } from './cuda-graph-cliff.ts';
import { decodeSlowdown } from './decode-slowdown.ts';
import { deferredAdmission } from './deferred-admission.ts';
import { engineStall } from './engine-stall.ts';
import { gpuUnderutilization } from './gpu-underutilization.ts';
import { HEALTHY_CHANGE } from './healthy-change.ts';
import { HEALTHY_FEATURES } from './healthy-features.ts';
import { HEALTHY_LOAD } from './healthy-load.ts';
import { HEALTHY_TELEMETRY } from './healthy-telemetry.ts';
import type { EpisodeRecipe, Group, Strength } from './kind.ts';
import { kvBoundQueueing } from './kv-bound-queueing.ts';
import { kvCacheThrashing } from './kv-cache-thrashing.ts';
import { kvTransferStall } from './kv-transfer-stall.ts';
import { loadImbalance } from './load-imbalance.ts';
import { longRequestSpike } from './long-request-spike.ts';
import { memoryLeak } from './memory-leak.ts';
import { overload } from './overload.ts';
import { prefillDecodeInterference } from './prefill-decode-interference.ts';
import { prefillStarvation } from './prefill-starvation.ts';
import { prefixCacheCollapse } from './prefix-cache-collapse.ts';
import { prefixCacheMisses } from './prefix-cache-misses.ts';
import { requestFailures } from './request-failures.ts';
import { retryStorm } from './retry-storm.ts';
import { seatCeiling } from './seat-ceiling.ts';
import { slowReplica } from './slow-replica.ts';
import { specDecodeCollapse } from './spec-decode-collapse.ts';
import { telemetryGap } from './telemetry-gap.ts';
import { workloadShift } from './workload-shift.ts';

/** A class of episodes, and how to make one. */
export interface EpisodeKind {
  readonly id: string;
  readonly group: Group;
  readonly strengths: readonly Strength[];
  /**
   * The episode of a seed: the same text every time.
   * @throws Error if the books of no draw prove the label
   */
  build(seed: number, strength: Strength): Episode;
}

/** An episode that is not built yet. */
export type EpisodeThunk = (() => Episode) & { readonly id: string };

export const RECIPES: readonly EpisodeRecipe[] = [
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
  ...HEALTHY_LOAD,
  ...HEALTHY_CHANGE,
  ...HEALTHY_TELEMETRY,
  ...HEALTHY_FEATURES,
  ...COMPOSITES,
];

export const EPISODE_KINDS: readonly EpisodeKind[] = RECIPES.map((recipe) => ({
  id: recipe.id,
  group: recipe.group,
  strengths: recipe.strengths,
  build: (seed, strength) => buildEpisode(recipe, seed, strength),
}));

/** Episodes of each look-alike and chain for one of each strength of a pathology: so healthy time and chains are enough of all. */
const TIMES: Readonly<Record<Group, number>> = { pathology: 1, healthy: 2, composite: 2 };

/**
 * Episodes of every class and strength, none built yet; each has its id, so that a worker can pick its own.
 * @param seed another one gives other episodes throughout @param perKind of each pathology and strength
 */
export function* episodesOf(seed: number, perKind: number): Generator<EpisodeThunk> {
  for (let i = 0; i < 2 * perKind; i += 1) {
    for (const kind of EPISODE_KINDS) {
      if (i >= TIMES[kind.group] * perKind) continue;
      for (const strength of kind.strengths) {
        const own = seed * 1000 + i;
        yield Object.assign(() => kind.build(own, strength), { id: `${kind.id}/${strength}/${own}` });
      }
    }
  }
}
