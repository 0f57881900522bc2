import { endOf } from '../../base/grid.ts';
import { sayBytes, sayClock, sayDuration, sayList, sayShare, sig } from '../../base/say.ts';
import { known } from '../../base/statistics.ts';
import type { Judged } from '../../evidence/judged.ts';
import { fleetLine } from '../../evidence/lines.ts';
import type { Remedy } from '../detector.ts';
import { utilizationOf } from './growth.ts';
import { type Leak, secondsLeft } from './leak.ts';

/** Part of the utilization kept free beside the growth (pathologies.md P04). */
const SPARE = 0.02;
/** Hours between planned restarts that are tried for the utilization, longest first, and the most it may cost. */
const RESTART_HOURS = [24, 12, 6, 3, 1] as const;
const MOST_GIVEN_UP = 0.2;
/** Names listed before the rest is counted. */
const NAMED = 4;

/** What to do, with arithmetic. @param leaks of one kind, worst first */
export function remediesOf(judged: Judged, leaks: readonly Leak[]): Remedy[] {
  const worst = leaks[0] as Leak;
  switch (worst.variant) {
    case 'kv-blocks':
      return [drain(judged, leaks), ...leases(judged, leaks), upgrade()];
    case 'host':
      return [restart(judged, leaks), findProcess()];
    case 'gpu':
      return [lower(judged, worst), evict()];
    default:
      return worst.variant satisfies never;
  }
}

/** Names of the leaking replicas, worst first. */
export function namesOf(leaks: readonly Leak[]): string {
  const ids = leaks.map((leak) => leak.engine.id);
  return ids.length <= NAMED ? sayList(ids) : `${ids.slice(0, NAMED).join(', ')} and ${ids.length - NAMED} more`;
}

/** Seconds to the limit, and the moment. */
function deadline(judged: Judged, leak: Leak): { readonly in: string; readonly at: string } | null {
  const left = secondsLeft(leak);
  if (left === null) return null;
  const now = endOf(judged.grid);
  return { in: sayDuration(left), at: sayClock(now + left, now) };
}

function drain(judged: Judged, leaks: readonly Leak[]): Remedy {
  const worst = leaks[0] as Leak;
  const end = deadline(judged, worst);
  const { capacity } = worst.engine.trace;
  return {
    title: `Drain and restart ${namesOf(leaks)}${end ? `, before ${end.at}` : ''}`,
    knob: null,
    from: null,
    to: null,
    flag: null,
    why: 'Only a new process gives the blocks back. Take traffic away first, so that nobody is cut off.',
    steps: [
      ...(end && worst.perHour !== null
        ? [{ sum: `(1 − ${sig(worst.level)}) ÷ ${sig(worst.perHour)} an hour`, result: `pool gone in ${end.in}` }]
        : []),
      ...(capacity === null
        ? []
        : [
            {
              sum: `${sig(capacity)} tokens × (1 − ${sig(worst.level)})`,
              result: `${sig(capacity * (1 - worst.level))} tokens left to work with`,
            },
          ]),
    ],
    expect: 'KV usage is 0 when nothing runs, and the whole pool is there again.',
    risk: 'The prefix cache is empty after it; one replica at a time.',
    verify: 'KV usage is 0 at rest, now and after the next busy hour.',
    needsRestart: true,
  };
}

/** Where a KV connector shows in the metrics: how long it keeps blocks for a peer that does not come. */
function leases(judged: Judged, leaks: readonly Leak[]): Remedy[] {
  const ids = leaks.map((leak) => leak.engine.id);
  const { readings } = judged.evidence;
  const nixl = (['kv-transfer-expired', 'kv-transfer-failures', 'kv-transfer-time'] as const).some((id) =>
    [...(readings[id]?.lines ?? []), ...(readings[id]?.histograms ?? [])].some((one) => ids.includes(one.replica)),
  );
  if (!nixl) return [];
  const count = (id: 'kv-transfer-expired' | 'kv-transfer-failures') =>
    known(fleetLine(judged.evidence, id, ids) ?? []).reduce((sum, v) => sum + v, 0) * judged.grid.step;
  return [
    {
      title: 'Shorten how long KV is kept for a peer that does not fetch it',
      knob: null,
      from: null,
      to: null,
      flag: null,
      why: `VLLM_NIXL_ABORT_REQUEST_TIMEOUT, or kv_lease_duration in --kv-transfer-config, on the prefill side. In this window ${sig(count('kv-transfer-expired'))} leases ran out and ${sig(count('kv-transfer-failures'))} transfers failed.`,
      steps: [],
      expect: 'Blocks of lost requests come back after the time-out.',
      risk: 'Below the time a decode replica takes to fetch, requests lose their KV and are read again.',
      verify: 'Expired leases stay rare and KV usage returns to 0 at rest.',
      needsRestart: true,
    },
  ];
}

function upgrade(): Remedy {
  return {
    title: 'Upgrade past the fix of the KV connector',
    knob: null,
    from: null,
    to: null,
    flag: null,
    why: 'Blocks are lost almost only by KV connectors: remote loads that were given up, notifications that never came (#46283, PR #36958, PR #29906).',
    steps: [],
    expect: 'Requests that are given up free their blocks.',
    risk: 'A new release: try it on one replica.',
    verify: 'KV usage is 0 at rest over a day.',
    needsRestart: true,
  };
}

function restart(judged: Judged, leaks: readonly Leak[]): Remedy {
  const worst = leaks[0] as Leak;
  const end = deadline(judged, worst);
  return {
    title: `Restart ${namesOf(leaks)}${end ? ` before ${end.at}` : ', one after the other'}`,
    knob: null,
    from: null,
    to: null,
    flag: null,
    why: end
      ? 'A restart you choose drains first; the one the kernel chooses cuts everybody off.'
      : 'The process ends when its memory does. How much it may have is not exported: scrape cAdvisor for the limit.',
    steps:
      end && worst.limit !== null && worst.perHour !== null
        ? [
            {
              sum: `(${sayBytes(worst.limit)} − ${sayBytes(worst.level)}) ÷ ${sayBytes(worst.perHour)} an hour`,
              result: `full in ${end.in}, at ${end.at}`,
            },
          ]
        : [],
    expect: 'Memory begins again at the level after a start.',
    risk: 'The prefix cache is empty after it; one replica at a time, drained.',
    verify: 'Memory does not grow over six hours after the first two.',
    needsRestart: true,
  };
}

function findProcess(): Remedy {
  return {
    title: 'Find the process that grows',
    knob: 'mm-processor-cache-gb',
    from: null,
    to: null,
    flag: null,
    why: 'Compare API server, engine core and workers by resident memory. Known growers: host objects of the prefix cache (#28726), multimodal caches (#35191; cap them with --mm-processor-cache-gb), max_tokens = 1 (#44175).',
    steps: [],
    expect: 'One process stands out; the release notes name its fix.',
    risk: 'None: it only looks.',
    verify: 'Memory does not grow over six hours after the first two.',
    needsRestart: false,
  };
}

function lower(judged: Judged, leak: Leak): Remedy {
  const from = utilizationOf(judged, leak.engine);
  const perHour = leak.perHour ?? 0;
  const total = leak.limit;
  const costOf = (hours: number) => (total === null ? Infinity : (perHour * hours) / total + SPARE);
  const hours = RESTART_HOURS.find((h) => costOf(h) <= MOST_GIVEN_UP) ?? null;
  const to = from !== null && hours !== null ? Math.floor((from - costOf(hours)) * 100 + 1e-9) / 100 : null;
  const end = deadline(judged, leak);
  const known = from !== null && total !== null;
  return {
    title:
      to === null
        ? `Restart ${leak.engine.id}${end ? ` before ${end.at}` : ''}, then lower --gpu-memory-utilization`
        : `Lower --gpu-memory-utilization to ${to} and restart every ${hours} h`,
    knob: 'gpu-memory-utilization',
    from,
    to,
    flag: to === null ? null : `--gpu-memory-utilization ${to}`,
    why: known
      ? 'The pool is allocated at start, so growth is something beside it: late CUDA graphs, NCCL, adapters, another process. It needs room until the next planned restart.'
      : 'The pool is allocated at start, so growth is something beside it: late CUDA graphs, NCCL, adapters, another process. Today’s utilization is in no label here, and the size of the GPU in no metric.',
    steps: [
      ...(total !== null && from !== null
        ? [{ sum: `memory used at first ÷ ${from}`, result: `about ${sayBytes(total)} in all` }]
        : []),
      ...(total !== null && hours !== null
        ? [
            {
              sum: `${sayBytes(perHour)} an hour × ${hours} h ÷ ${sayBytes(total)}`,
              result: `${sayShare((perHour * hours) / total)} until the next restart`,
            },
          ]
        : []),
      ...(to !== null && total !== null && hours !== null
        ? [{ sum: `${from} − ${sig((perHour * hours) / total)} − ${SPARE}`, result: `${to}` }]
        : []),
      ...(end && total !== null
        ? [
            {
              sum: `(${sayBytes(total)} − ${sayBytes(leak.level)}) ÷ ${sayBytes(perHour)} an hour`,
              result: `out of memory in ${end.in} as it is`,
            },
          ]
        : []),
    ],
    expect: to === null ? 'No CUDA out of memory.' : 'No CUDA out of memory until the next planned restart.',
    risk: 'Fewer KV blocks: about as many per cent as the utilization falls, and more of a small pool.',
    verify: 'GPU memory stays below its size from restart to restart.',
    needsRestart: true,
  };
}

function evict(): Remedy {
  return {
    title: 'Look for another process on the GPU',
    knob: null,
    from: null,
    to: null,
    flag: null,
    why: 'nvidia-smi lists memory by process: a second tenant grows where vLLM does not.',
    steps: [],
    expect: 'The growth has a name.',
    risk: 'None: it only looks.',
    verify: 'GPU memory does not grow over six hours.',
    needsRestart: false,
  };
}
