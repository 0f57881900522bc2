import { sayCount, sayDuration, sig } from '../../base/say.ts';
import { mean, median } from '../../base/statistics.ts';
import type { Judged } from '../../evidence/judged.ts';
import { stretchOf } from '../../evidence/stretch.ts';
import type { Remedy } from '../detector.ts';
import type { Cause } from './cause.ts';
import type { End, Host } from './ends.ts';
import { againstLogged, DEFAULT_UTILISATION, GIVE_BACK } from './logged-remedies.ts';

export interface Crash {
  readonly hosts: readonly Host[];
  readonly ends: readonly End[];
  readonly loops: readonly Host[];
  readonly away: readonly End[];
  readonly rollout: boolean;
  readonly cause: Cause | null;
}

/** Room above the highest use seen, for a limit that is to be raised. */
const HEADROOM = 1.25;
/** Start-ups differ: a probe that waits for less than twice the one measured kills the next. */
const START_ROOM = 2;

const none = { knob: null, from: null, to: null, flag: null } as const;

/** What to do first (keep serving, read why), then against the cause where one shows, then against the next time. */
export function remediesOf(judged: Judged, crash: Crash): Remedy[] {
  const { rollout, cause, loops } = crash;
  if (rollout) return [drain(judged, crash)];
  return [
    ...(cause?.kind === 'logged' ? [] : [readWhy(crash)]),
    ...(crash.away.length > 0 && crash.hosts.length > crash.away.length ? [shield(judged, crash)] : []),
    ...(cause === null ? [giveBack(crash)] : against(judged, crash, cause)),
    ...(loops.length > 0 && cause?.kind !== 'logged' ? [startupProbe(crash)] : []),
  ];
}

function readWhy({ ends, loops }: Crash): Remedy {
  const name = (loops[0] ?? ends[ends.length - 1]?.host)?.instance.replace(/:\d+$/, '') ?? 'POD';
  return {
    ...none,
    title: 'Read why it ended before the next start overwrites it',
    why: 'Metrics rarely hold the reason; the last lines of the log nearly always do.',
    steps: [
      { sum: `kubectl logs ${name} --previous | tail -50`, result: 'CUDA out of memory, NCCL, a stack trace' },
      { sum: `kubectl describe pod ${name}`, result: 'Last State: OOMKilled, Error and its exit code, failed probes' },
      { sum: 'exit code 137 with OOMKilled', result: 'host memory; 137 without: killed by a probe or by hand' },
    ],
    expect: 'One of: host memory, GPU memory, GPU error, probe, a bug with its stack.',
    risk: 'None.',
    verify: 'The reason is written down before the pod is deleted.',
    needsRestart: false,
  };
}

/** The others take over its share: whether they can is arithmetic. */
function shield(judged: Judged, { hosts, away }: Crash): Remedy {
  const gone = new Set(away.map((e) => e.host));
  const rest = hosts.filter((h) => !gone.has(h));
  const engines = rest.flatMap((h) => h.engines);
  const now = stretchOf(engines, judged.grid, judged.end - Math.round(60 / judged.grid.step), judged.end);
  return {
    ...none,
    title: `Take ${away.map((e) => e.host.instance).join(', ')} out of rotation, hold rollouts`,
    why: 'Requests routed to it are refused, and no other replica may leave now.',
    steps: [
      {
        sum: `${hosts.length} ÷ ${rest.length} replicas left`,
        result: `${sig(hosts.length / rest.length)} times the load on each`,
      },
      {
        sum: 'they now',
        result: `${sig((now.running ?? 0) / rest.length)} running and ${sig((now.waitingLast ?? 0) / rest.length)} waiting each`,
      },
    ],
    expect: `No more refused requests; ${(now.waitingLast ?? 0) >= 1 ? 'a queue on the others until it is back' : 'the others carry it'}.`,
    risk: 'If waiting grows on the others, shed at the gateway: a queue there crashes nobody.',
    verify: 'Errors at the gateway stop; waiting on the others stays flat.',
    needsRestart: false,
  };
}

function against(judged: Judged, crash: Crash, cause: Cause): Remedy[] {
  switch (cause.kind) {
    case 'host-memory': {
      const gib = (bytes: number) => bytes / 2 ** 30;
      const to = cause.peak === null ? null : Math.ceil(gib(Math.max(cause.peak, cause.limit ?? 0)) * HEADROOM);
      return [
        {
          ...none,
          title: to === null ? "Raise the container's memory limit" : `Raise the container's memory limit to ${to} GiB`,
          from: cause.limit === null ? null : `${sig(gib(cause.limit))} GiB`,
          to: to === null ? null : `${to} GiB`,
          why: 'The kernel ends a container that passes its limit. This is host memory: tokenised prompts, multimodal caches, pinned buffers.',
          steps:
            to === null
              ? []
              : [
                  {
                    sum: `${sig(gib(Math.max(cause.peak ?? 0, cause.limit ?? 0)))} GiB × ${HEADROOM}`,
                    result: `${to} GiB`,
                  },
                ],
          expect: 'No OOMKilled at the same traffic.',
          risk: 'If memory only ever grows it is a leak, and a higher limit only delays the end.',
          verify: 'container_memory_working_set_bytes levels off below the limit for a day.',
          needsRestart: true,
        },
      ];
    }
    case 'gpu':
      return [
        {
          ...none,
          title: 'Cordon the node and replace the GPU',
          why: `XID ${cause.code} is the driver's word that the GPU or its link failed; the next process on it ends the same way.`,
          steps: [
            { sum: 'nvidia-smi -q | grep -A3 -i xid; dmesg | grep -i xid', result: 'which GPU' },
            { sum: 'kubectl cordon NODE', result: 'nothing new is placed there' },
          ],
          expect: 'The replica starts on other hardware and stays up.',
          risk: 'One node less until it is repaired.',
          verify: 'No XID and no restart for 6 h.',
          needsRestart: true,
        },
      ];
    case 'probe': {
      const wait = Math.max(10, Math.ceil((cause.took * 3) / 5) * 5);
      return [
        {
          ...none,
          title: `Let probes wait ${wait} s`,
          from: '1 s',
          to: `${wait} s`,
          why: 'A server that is merely busy answers its probe late; killing it makes the others busier.',
          steps: [
            {
              sum: `3 × ${sayDuration(cause.took)} a page took, 10 s at least`,
              result: `timeoutSeconds: ${wait}, failureThreshold: 6`,
            },
          ],
          expect: 'A busy replica lives through its peak.',
          risk: 'A dead one is found a minute later.',
          verify: 'kubectl describe pod shows no more "Liveness probe failed".',
          needsRestart: true,
        },
      ];
    }
    case 'long-prompt':
      return [
        {
          ...none,
          title: 'Bound the prompt, or the bite of it',
          why: `A request of about ${sig(cause.tokens)} tokens came just before; activations grow with the tokens of a step.`,
          steps: [
            { sum: 'find it in the log: max_tokens, prompt length', result: 'send it to a spare replica' },
            {
              sum: 'if it crashes again',
              result: 'lower --max-num-batched-tokens by half, or --max-model-len below it',
            },
          ],
          expect: 'The same prompt no longer ends the process.',
          risk: 'Prompts beyond the limit are refused with 400.',
          verify: 'The prompt is answered on the spare replica.',
          needsRestart: true,
        },
        giveBack(crash),
      ];
    case 'logged':
      return againstLogged(cause, {
        utilisation: crash.ends.at(-1)?.host.utilisation ?? null,
        knobs: judged.evidence.knobs,
      });
    default:
      return cause satisfies never;
  }
}

function giveBack({ ends }: Crash): Remedy {
  const label = ends[0]?.host.utilisation ?? null;
  const from = label ?? DEFAULT_UTILISATION;
  const to = Math.round((from - GIVE_BACK) * 100) / 100;
  return {
    title: `If the log says CUDA out of memory: give the GPU ${Math.round(GIVE_BACK * 100)} % back`,
    knob: 'gpu-memory-utilization',
    from,
    to,
    flag: `--gpu-memory-utilization ${to}`,
    why: 'What vLLM does not reserve is left for activations, graphs and other processes.',
    steps: [{ sum: `${from}${label === null ? ' (the default)' : ''} − ${GIVE_BACK}`, result: String(to) }],
    expect: 'The same peak fits.',
    risk: 'A smaller KV cache: requests wait or are preempted sooner.',
    verify: 'No restart for 6 h at the same traffic; KV usage stays below 0.95.',
    needsRestart: true,
  };
}

function startupProbe({ ends }: Crash): Remedy {
  const back = ends.filter((e) => e.departure.back !== null).map((e) => e.departure.seconds);
  const took = median(back);
  const room = took === null ? 600 : Math.ceil((took * START_ROOM) / 60) * 60;
  return {
    ...none,
    title: 'Make sure that the start is not what kills it',
    to: `failureThreshold ${room / 10}`,
    why: 'A probe shorter than the start ends every start: a loop without any fault in the engine.',
    steps: [
      took === null
        ? {
            sum: 'start-up not seen yet; large models take 5 to 11 min',
            result: `${sayDuration(room)} for the startup probe`,
          }
        : {
            sum: `${sayDuration(took)} away × ${START_ROOM}`,
            result: `${sayDuration(room)}: periodSeconds 10, failureThreshold ${room / 10}`,
          },
    ],
    expect: 'It gets as far as serving.',
    risk: 'A start that really hangs is found later.',
    verify: 'No restart before the first answered request.',
    needsRestart: true,
  };
}

/** A rollout that cuts requests off: stop sending, wait for the longest answer, then stop. */
function drain(judged: Judged, { ends, hosts }: Crash): Remedy {
  const engines = hosts.flatMap((h) => h.engines);
  const whole = stretchOf(engines, judged.grid, 0, judged.end);
  const grace = whole.e2e === null ? null : Math.ceil((whole.e2e * 4) / 10) * 10;
  const lost = ends.reduce((sum, e) => sum + e.lost, 0);
  return {
    ...none,
    title: 'Drain a replica before it is stopped',
    to: grace === null ? null : `terminationGracePeriodSeconds ${Math.max(30, grace)}`,
    why: `${sayCount(ends.length, 'replica')} stopped with ${sig(mean(ends.map((e) => e.lost)) ?? 0)} requests on each.`,
    steps: [
      { sum: 'preStop: take it out of rotation, then wait', result: 'running reaches 0 before SIGTERM' },
      ...(grace === null
        ? []
        : [
            {
              sum: `4 × ${sayDuration(whole.e2e ?? 0)} an answer takes, 30 s at least`,
              result: sayDuration(Math.max(30, grace)),
            },
          ]),
    ],
    expect: `${sayCount(lost, 'request')} less cut off at the next rollout.`,
    risk: 'A rollout takes that much longer per replica.',
    verify: 'running is 0 in the last scrape before each restart.',
    needsRestart: false,
  };
}
