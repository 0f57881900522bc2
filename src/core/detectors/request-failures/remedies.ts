import { sayCount, sayDuration, sayShare, sig } from '../../base/say.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { countOf } from '../../evidence/stand-in.ts';
import type { Stretch } from '../../evidence/stretch.ts';
import type { Remedy } from '../detector.ts';
import { shed } from '../shedding.ts';
import { replicasFor, TARGET_LOAD } from '../../knobs/sizing.ts';
import type { Leaving } from './detector.ts';
import type { Failure } from './failures.ts';

export interface Case {
  readonly failure: Failure;
  readonly engines: readonly Engine[];
  /** API servers in scope. */
  readonly ports: number;
  readonly leaving: Leaving | null;
  readonly then: Stretch;
  readonly now: Stretch;
}

const none = { knob: null, from: null, to: null, flag: null } as const;
/** Answers vary: a time-out of one and a half mean answers still cuts the long ones, of three hardly any. */
const ROOM = 3;

export function remediesOf(judged: Judged, about: Case): Remedy[] {
  const { failure, leaving } = about;
  switch (failure.kind) {
    case 'given-up':
      if (leaving === null) return [];
      return leaving.late ? soonerStart(judged, about, leaving) : longerPatience(about, leaving);
    case 'errors':
      return [readErrors(about)];
    case 'refused':
      return [capacity(about)];
    case 'bad-requests':
      return [readRefusals(failure)];
    case 'gateway':
      return [followGateway(failure)];
    default:
      return failure.kind satisfies never;
  }
}

/** The engine is as fast as ever: whoever cuts the answer has to wait for it, or it has to be shorter. */
function longerPatience({ then, now }: Case, leaving: Leaving): Remedy[] {
  const { patience, whole, start } = leaving;
  const pace = now.itl ?? then.itl;
  const to = whole === null ? null : Math.ceil((whole * ROOM) / 5) * 5;
  const fits =
    patience !== null && start !== null && pace !== null && pace > 0 ? Math.floor((patience - start) / pace) : null;
  return [
    {
      ...none,
      title:
        to === null
          ? 'Find who cuts answers off, and give it more time'
          : `Give clients and proxies ${sayDuration(to)} for an answer`,
      from: patience === null ? null : `about ${sayDuration(patience)} (inferred)`,
      to: to === null ? null : sayDuration(to),
      why: 'The engine starts as soon and writes as fast as before; somebody in front of it hangs up.',
      steps:
        whole === null || to === null
          ? []
          : [
              {
                sum: `${sayDuration(start ?? 0)} to the first token + ${sig(then.answer ?? now.answer ?? 0)} tokens × ${sayDuration(pace ?? 0)}`,
                result: `${sayDuration(whole)} an answer`,
              },
              { sum: `× ${ROOM} for the long ones`, result: sayDuration(to) },
            ],
      expect: `The ${sig(leaving.rate)}/s that leave now stay, and ${leaving.wasted === null ? 'their tokens' : sayShare(leaving.wasted) + ' of output tokens'} are read.`,
      risk: 'Requests stay longer: running rises by what used to leave.',
      verify: 'Answers that ended less requests that finished fall below 1 % within 5 min.',
      needsRestart: false,
    },
    {
      ...none,
      title: 'See who hangs up',
      why: 'One client version, one proxy or one route mostly accounts for all of it.',
      steps: [
        {
          sum: 'access log of the gateway: 499 and 504 by client, route and duration',
          result: 'a wall at one duration is a time-out',
        },
        { sum: '--enable-log-requests, briefly', result: 'the server names each aborted request' },
      ],
      expect: 'A name, and the version it came with.',
      risk: 'Request logging writes prompts; switch it off again.',
      verify: 'The name explains the share.',
      needsRestart: true,
    },
    ...(fits !== null && fits >= 1
      ? [
          {
            ...none,
            title: `Or keep answers to ${sig(fits)} tokens`,
            to: `max_tokens ${fits}`,
            why: 'What cannot be complete in time had better not be begun.',
            steps: [
              {
                sum: `(${sayDuration(patience ?? 0)} − ${sayDuration(start ?? 0)}) ÷ ${sayDuration(pace ?? 0)} a token`,
                result: `${sig(fits)} tokens`,
              },
            ],
            expect: 'Answers are complete before the time is up.',
            risk: 'Long answers end early, with finish_reason "length".',
            verify: 'Hang-ups below 1 %.',
            needsRestart: false,
          },
        ]
      : []),
  ];
}

/** They leave because it starts too late: less has to be let in, or more has to serve. */
function soonerStart(judged: Judged, { engines, now }: Case, leaving: Leaving): Remedy[] {
  const served = now.finishes ?? 0;
  const arrivals = leaving.rate + served;
  const started = now.firstTokens ?? served;
  const verify = 'Within 5 min: hang-ups below 5 %, finishes rise, first tokens come within target.';
  const n = countOf(engines);
  const cap = shed(judged, now, {
    arrivals,
    served: Math.max(started, served),
    replicas: n,
    verify,
    source: 'ended or left',
  });
  // What is started is no measure of what can be finished while nearly all leave: running requests are work in progress.
  const load = started > 0 ? Math.max(1, arrivals / started) : 1;
  const to = Math.max(n + 1, replicasFor(n, load));
  return [
    {
      ...cap,
      why: `Clients hang up after ${leaving.patience === null ? 'a while' : `about ${sayDuration(leaving.patience)}`}; who cannot start well before that is work for nobody.`,
    },
    {
      ...none,
      title: `Run ${to} replicas instead of ${n}`,
      from: n,
      to,
      why: 'Engine time is spent on answers nobody waits for; only less of that or more engines bring answers back.',
      steps: [
        { sum: `${sig(arrivals)}/s ended or left ÷ ${sig(started)}/s started`, result: `load ${sig(load)} at least` },
        { sum: `${n} × ${sig(load)} ÷ ${TARGET_LOAD}, rounded up, one more at least`, result: `${to} replicas` },
      ],
      expect: `First tokens before patience runs out; the ${sig(leaving.rate)}/s that leave now finish.`,
      risk: 'Takes minutes to start. While it is short, every client that leaves and asks again makes it worse.',
      verify,
      needsRestart: false,
    },
  ];
}

function readErrors({ failure, engines, ports }: Case): Remedy {
  const one = engines[0]?.trace.replica.instance ?? 'POD';
  const part = ports > 1 && new Set(engines.map((e) => e.trace.replica.instance)).size < ports;
  return {
    ...none,
    title: part ? `Take ${one} out of rotation and read its first error` : 'Read the first error in the log',
    why: part
      ? 'Its peers serve the same traffic without errors.'
      : 'Metrics count errors and never say which; the first one in the log mostly is the cause of the others.',
    steps: [
      {
        sum: `kubectl logs ${one.replace(/:\d+$/, '')} | grep -m3 -A20 -E "ERROR|Traceback"`,
        result: 'the exception and where it was raised',
      },
      { sum: 'since when', result: 'compare with the last rollout, model or template change; roll that back' },
    ],
    expect: `The ${sayShare(failure.share)} that fail are answered again.`,
    risk: part ? 'One replica less until it is repaired.' : 'None.',
    verify: '5xx and finished_reason="error" stand still for 5 min.',
    needsRestart: false,
  };
}

function capacity({ failure, engines }: Case): Remedy {
  const n = countOf(engines);
  const load = failure.share < 1 ? 1 / (1 - failure.share) : 2;
  const to = Math.max(n + 1, replicasFor(n, load));
  return {
    ...none,
    title: `Run ${to} replicas instead of ${n}, or let clients come back later`,
    from: n,
    to,
    why: 'The limit does what it is there for; what is missing is room.',
    steps: [
      { sum: `1 ÷ (1 − ${sayShare(failure.share)} turned away)`, result: `load ${sig(load)}` },
      { sum: `${n} × ${sig(load)} ÷ ${TARGET_LOAD}, rounded up`, result: `${to} replicas` },
    ],
    expect: `${sayCount(failure.failed, 'request')} lately would have been served.`,
    risk: 'A higher limit instead only turns refusals into waiting.',
    verify: 'Rejections stand still.',
    needsRestart: false,
  };
}

function readRefusals(failure: Failure): Remedy {
  return {
    ...none,
    title: 'Look at what is refused',
    why: 'A 4xx is the server saying that it cannot serve this request as asked.',
    steps: [
      { sum: '400', result: 'longer than --max-model-len, or a parameter the server does not know' },
      { sum: '401, 404', result: 'a key or a model name that changed' },
      { sum: '429', result: 'a limit in front of the server' },
    ],
    expect: `The ${sayShare(failure.share)} refused are answered, or no longer sent.`,
    risk: 'None.',
    verify: '4xx fall to what they were.',
    needsRestart: false,
  };
}

function followGateway(failure: Failure): Remedy {
  return {
    ...none,
    title: 'Follow one failed request from the gateway to its replica',
    why: `${sayCount(failure.failed, 'request')} failed at the gateway lately; whether they ever reached an engine tells which side errs.`,
    steps: [
      {
        sum: 'gateway log: upstream, status, duration',
        result: 'a duration at its time-out: raise it above the longest answer',
      },
      { sum: 'refused at once', result: 'an endpoint that is not ready is in rotation' },
    ],
    expect: 'Gateway errors stand still.',
    risk: 'None.',
    verify: 'The error counter of the gateway does not move for 5 min.',
    needsRestart: false,
  };
}
