import { timeAt, type Values } from '../../base/grid.ts';
import { clamp, ramp } from '../../base/score.ts';
import { sayCount, sayDuration, sayShare, sig } from '../../base/say.ts';
import { maxOf } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { type Stretch, stretchOf } from '../../evidence/stretch.ts';
import { behindOnePort, patienceOf } from '../abandonment.ts';
import type { Detector, Fact, Severity } from '../detector.ts';
import {
  cannotTell,
  confidenceOf,
  detected,
  fact,
  missingOf,
  ruledOut,
  scopeOf,
  sight,
  splitOf,
  untold,
} from '../finding.ts';
import { changedOf } from '../story.ts';
import { gaugeOf, increaseOf, meanOf, rateOf } from '../trace-back.ts';
import { type Failure, failuresOf, gatewayFailure } from './failures.ts';
import { remediesOf } from './remedies.ts';

/** Share given up from which next to nobody gets an answer: then that is the headline, whatever made them leave. */
const HARDLY_ANY = 0.75;
/** Shares from which it is a warning, and critical. */
const FELT = {
  'given-up': [0.05, 0.5],
  errors: [0.01, 0.2],
  refused: [0.05, 0.5],
  'bad-requests': [0.05, 0.8],
  gateway: [0.01, 0.2],
} as const;
/** A first token that comes after this part of the clients' patience leaves too little for the answer. */
const LATE = 0.4;
/** Level of the early sign between usual and now; the rate window smears a jump, which is taken back. */
const LEVEL = 0.4;

/** What is known of requests that clients give up. */
export interface Leaving {
  /** Requests given up per second. */
  readonly rate: number;
  /** Seconds after which clients hang up, inferred; `null` if it cannot be. */
  readonly patience: number | null;
  /** Seconds a first token takes now, and a whole answer of the usual length at the pace of now. */
  readonly start: number | null;
  readonly whole: number | null;
  /** The answer starts too late for them, rather than taking too long or being cut. */
  readonly late: boolean;
  /** Share of output tokens that nobody read. */
  readonly wasted: number | null;
}

export const requestFailures: Detector = {
  id: 'request-failures',
  title: 'Aborts, errors, timeouts, disconnects',
  mechanism:
    'Requests end without an answer: clients give up, a proxy cuts, the server errs. The work is thrown away, and latency looks better because the slow ones left.',
  needs: ['ttft', 'finished', 'running'],
  judge(judged) {
    const missing = missingOf(judged, this.needs);
    if (missing.length > 0) {
      return cannotTell(
        this,
        missing,
        'Scrape vllm:time_to_first_token_seconds, vllm:request_success_total and vllm:num_requests_running: hang-ups are counted nowhere, only their balance shows them.',
      );
    }
    const ports = portsOf(judged);
    const gateway = gatewayFailure(judged);
    const failures = [...ports.flatMap((engines) => failuresOf(judged, engines)), ...(gateway ? [gateway] : [])];
    const strongest = (engine: Engine): Failure | null =>
      failures
        .filter((f) => f.engines.includes(engine))
        .reduce<Failure | null>(
          (best, f) => (best === null || strengthOf(f, judged) > strengthOf(best, judged) ? f : best),
          null,
        );
    const { sighting, strength } = sight(
      judged,
      (engine) =>
        lane(
          failures.filter((f) => f.engines.includes(engine)),
          judged,
        ),
      (engine) => earlyOf(judged, strongest(engine)),
      LEVEL,
    );
    if (!sighting) return ruledOut(this, whyNot(failures), { strength });
    const worst = strongest(sighting.engines[0] as Engine) as Failure;
    const engines = worst.kind === 'gateway' ? judged.engines : sighting.engines;
    const split = splitOf(sighting);
    const then = stretchOf(engines, judged.grid, 0, split - 1);
    const now = stretchOf(engines, judged.grid, split, judged.end);
    const same = failures.filter((f) => f.kind === worst.kind && f.engines.some((e) => engines.includes(e)));
    const share = shareOf(same);
    const leaving = worst.kind === 'given-up' ? leavingOf(judged, engines, same, then, now) : null;
    // Without HTTP counters hang-ups are a difference of three numbers.
    const apart = untold(judged, worst.kind === 'given-up' ? ['http-requests'] : []);
    const since = sighting.onset === null ? null : timeAt(judged.grid, sighting.onset) - LEVEL * judged.evidence.window;
    return detected(this, {
      variant: variantOf(worst, leaving, share),
      score: sighting.score,
      confidence: confidenceOf(sighting.score, sighting.persistence, 1, worst.usual === null ? 0.85 : 1, apart.cap),
      severity: severityOf(worst, share),
      scope: scopeOf(judged, engines),
      since: since === null ? null : Math.max(judged.grid.from, since),
      strength: sighting.strength,
      lede: ledeOf(worst, same, share, leaving),
      facts: factsOf(judged, engines, worst, share, leaving, then, now),
      story: {
        changed: changedOf(then, now),
        broke: {
          at: since,
          title: TITLES[worst.kind],
          says: `${sayShare(share)} of requests${worst.usual === null ? '' : `, usually at most ${sayShare(worst.usual)}`}`,
        },
        hurts: {
          at: null,
          title: leaving ? 'Work is done for nobody' : 'Requests end without an answer',
          says: leaving
            ? `${sig(leaving.rate)} requests/s are given up${leaving.wasted === null ? '' : `, ${sayShare(leaving.wasted)} of output tokens with them`}`
            : `${sayCount(
                same.reduce((s, f) => s + f.failed, 0),
                'request',
              )} of ${sig(same.reduce((s, f) => s + f.of, 0))} lately`,
        },
      },
      remedies: remediesOf(judged, { failure: worst, engines, ports: ports.length, leaving, then, now }),
      missing: apart.missing,
      ask:
        apart.missing.length > 0
          ? 'http_requests_total of the API server has every answer that ended, dropped streams too; less what finished, that is the hang-ups.'
          : '',
      willNotHelp: leaving
        ? [
            { title: 'Reading finished_reason="abort"', why: 'it stays 0: hang-ups are counted nowhere (#31503)' },
            { title: 'Trusting the latency of those who stayed', why: 'the slow requests are the ones that left' },
          ]
        : [
            {
              title: 'More seats, cache or replicas',
              why:
                worst.kind === 'refused'
                  ? 'seats alone do not help; capacity does'
                  : 'these requests do not fail for lack of room',
            },
          ],
    });
  },
};

const TITLES: Readonly<Record<Failure['kind'], string>> = {
  'given-up': 'Clients give up',
  errors: 'The server answers with errors',
  refused: 'The queue limit turns requests away',
  'bad-requests': 'Requests are refused as invalid',
  gateway: 'The gateway gets no answer',
};

function portsOf(judged: Judged): (readonly Engine[])[] {
  const seen = new Set<string>();
  return judged.engines.flatMap((engine) => {
    if (seen.has(engine.trace.replica.instance)) return [];
    seen.add(engine.trace.replica.instance);
    return [behindOnePort(judged, engine)];
  });
}

function strengthOf(failure: Failure, judged: Judged): number {
  return maxOf(failure.strength.slice(-Math.max(1, Math.round(60 / judged.grid.step)))) ?? 0;
}

function lane(failures: readonly Failure[], judged: Judged): Values {
  return Array.from({ length: judged.grid.count }, (_, i) => maxOf(failures.map((f) => f.strength[i] ?? null)));
}

/** How far the share of the rate window has come from what is usual to what it is now. */
function earlyOf(judged: Judged, failure: Failure | null): Values {
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const share = failure?.trend[i] ?? null;
    if (!failure || share === null) return null;
    // Where it is no more than usual it has been so all along.
    const from = failure.usual !== null && failure.share > failure.usual ? failure.usual : 0;
    return failure.share > 0 ? clamp((share - from) / (failure.share - from)) : 0;
  });
}

function shareOf(same: readonly Failure[]): number {
  const of = same.reduce((s, f) => s + f.of, 0);
  return of > 0 ? same.reduce((s, f) => s + f.failed, 0) / of : 0;
}

function leavingOf(
  judged: Judged,
  engines: readonly Engine[],
  same: readonly Failure[],
  then: Stretch,
  now: Stretch,
): Leaving {
  // The last stretch in which enough ended: patience is read off a balance, and that is of now.
  let given = 0;
  const seconds = judged.main;
  for (const f of same) {
    const at = f.abandonment?.over(judged.end, seconds) ?? null;
    given += at ? at.given / Math.min(seconds, judged.grid.count * judged.grid.step) : 0;
  }
  const lately = stretchOf(engines, judged.grid, judged.end - Math.round(seconds / judged.grid.step) + 1, judged.end);
  const inside = lately.running === null ? null : lately.running + (lately.waiting ?? 0);
  const patience = steady(engines, judged, seconds, given)
    ? patienceOf(inside, lately.finishes, lately.e2e, given)
    : null;
  const answer = then.answer ?? lately.answer;
  const pace = lately.itl ?? then.itl;
  const start = lately.ttft;
  const whole = start !== null && answer !== null && pace !== null ? start + answer * pace : null;
  const late =
    (patience !== null && start !== null && start >= LATE * patience) ||
    ((lately.waiting ?? 0) >= 1 && (now.waiting ?? 0) >= 1);
  const read = lately.answer === null || lately.finishes === null ? 0 : lately.answer * lately.finishes;
  const wasted = lately.output !== null && lately.output > 1 ? clamp(1 - read / lately.output) : null;
  return { rate: given, patience, start, whole, late, wasted };
}

/** Little's law speaks of a server that holds as much at the end as at the beginning; a third of what left meanwhile is near enough. */
function steady(engines: readonly Engine[], judged: Judged, seconds: number, given: number): boolean {
  const half = Math.max(1, Math.round(seconds / judged.grid.step / 4));
  const back = Math.max(0, judged.end - Math.round(seconds / judged.grid.step) + 1);
  const inside = (s: Stretch) => (s.running ?? 0) + (s.waiting ?? 0);
  const first = inside(stretchOf(engines, judged.grid, back, back + half - 1));
  const last = inside(stretchOf(engines, judged.grid, judged.end - half + 1, judged.end));
  return Math.abs(last - first) <= 0.33 * given * seconds;
}

function variantOf(failure: Failure, leaving: Leaving | null, share: number): string {
  if (!leaving) return failure.kind;
  if (!leaving.late) return 'cut';
  return share >= HARDLY_ANY ? 'hardly-any' : 'late';
}

function severityOf(failure: Failure, share: number): Severity {
  const [warn, critical] = FELT[failure.kind];
  return share >= critical ? 'critical' : share >= warn ? 'warning' : 'info';
}

function ledeOf(worst: Failure, same: readonly Failure[], share: number, leaving: Leaving | null): string {
  const failed = same.reduce((s, f) => s + f.failed, 0);
  const of = same.reduce((s, f) => s + f.of, 0);
  const counted = `${sig(Math.round(failed))} of ${sig(Math.round(of))}`;
  switch (worst.kind) {
    case 'given-up': {
      const usual = worst.usual === null || worst.usual < 0.005 ? '' : `, usually at most ${sayShare(worst.usual)}`;
      const patience = leaving?.patience ?? null;
      const why =
        patience === null || leaving?.start === null
          ? ''
          : leaving?.late
            ? ` They hang up after about ${sayDuration(patience)}, and a first token takes ${sayDuration(leaving.start)}.`
            : ` They hang up after about ${sayDuration(patience)}; first tokens come after ${sayDuration(leaving?.start ?? 0)}, so the engine is not why${leaving?.whole !== null && (leaving?.whole ?? 0) > patience ? `, but a whole answer takes ${sayDuration(leaving?.whole ?? 0)}` : ''}.`;
      return `${sayShare(share)} of requests are given up before their answer is complete (${counted}${usual}).${why}`;
    }
    case 'errors':
      return `${sayShare(share)} of requests end with an error of the server (${counted}).`;
    case 'refused':
      return `${sayShare(share)} of requests are turned away by the queue limit (${counted}), as configured: there is more demand than room.`;
    case 'bad-requests':
      return `${sayShare(share)} of requests are refused as invalid (${counted}, 4xx): what clients send changed.`;
    case 'gateway':
      return `The gateway could not have ${sayShare(share)} of its requests answered (${counted}).`;
    default:
      return worst.kind satisfies never;
  }
}

function factsOf(
  judged: Judged,
  engines: readonly Engine[],
  worst: Failure,
  share: number,
  leaving: Leaving | null,
  then: Stretch,
  now: Stretch,
): Fact[] {
  const seconds = judged.main;
  const query =
    worst.kind === 'given-up'
      ? `1 - ${rateOf(judged, engines, 'finished', seconds)} / ${worst.signal === 'http-requests' ? rateOf(judged, engines, 'http-requests', seconds) : rateOf(judged, engines, 'ttft', seconds)}`
      : increaseOf(judged, engines, worst.signal, seconds);
  const one = engines[0] as Engine;
  return [
    fact({
      signal: worst.signal,
      says: `${sayShare(share)} of requests: ${TITLES[worst.kind].toLowerCase()}`,
      figure: sayShare(share),
      label: worst.kind === 'given-up' ? 'of requests given up by their clients' : 'of requests fail',
      compared: worst.usual === null ? 'usual share unknown' : `usually at most ${sayShare(worst.usual)}`,
      detail:
        worst.abandonment === null
          ? `${sig(Math.round(worst.failed))} of ${sig(Math.round(worst.of))} lately, at least ${sayShare(worst.least)} for certain`
          : worst.abandonment.by === 'http'
            ? `answers that ended less requests that finished; at least ${sayShare(worst.least)} for certain`
            : `first tokens less finishes less growth of running; at least ${sayShare(worst.least)} for certain`,
      observed: share,
      expected: worst.usual,
      unit: 'ratio',
      query,
      trend: worst.trend,
      limit: worst.usual,
    }),
    ...(leaving?.patience != null && leaving.start !== null
      ? [
          fact({
            signal: 'ttft',
            says: `clients hang up after about ${sayDuration(leaving.patience)}; a first token takes ${sayDuration(leaving.start)}`,
            figure: sayDuration(leaving.patience),
            label: 'is how long clients wait (inferred)',
            compared: `first token after ${sayDuration(leaving.start)}${leaving.whole === null ? '' : `, a whole answer after ${sayDuration(leaving.whole)}`}`,
            detail: `${sig(leaving.rate)}/s leave; what is in the server ÷ that rate`,
            observed: leaving.patience,
            expected: leaving.whole,
            unit: 'seconds',
            query: meanOf(judged, engines, 'ttft', seconds),
            trend:
              one.trace.ttft?.sum.map((s, i) => {
                const c = one.trace.ttft?.count[i] ?? null;
                return s === null || c === null || c <= 0 ? null : s / c;
              }) ?? null,
            limit: leaving.patience,
          }),
        ]
      : []),
    ...(leaving?.wasted != null && leaving.wasted >= 0.05
      ? [
          fact({
            signal: 'output-tokens',
            says: `${sayShare(leaving.wasted)} of output tokens go to answers nobody waits for`,
            figure: sayShare(leaving.wasted),
            label: 'of output tokens are thrown away',
            compared: 'normal near 0',
            detail: 'tokens written less tokens of finished answers',
            observed: leaving.wasted,
            expected: 0,
            unit: 'ratio',
            query: rateOf(judged, engines, 'output-tokens', seconds),
            trend: one.trace.output,
          }),
        ]
      : []),
    fact({
      signal: 'waiting',
      says: (now.waiting ?? 0) < 1 ? 'nobody waits in the engine' : `${sig(now.waiting ?? 0)} wait on average`,
      figure: sig(now.waiting ?? 0),
      label: 'requests wait on average',
      compared: `before ${sig(then.waiting ?? 0)}`,
      detail: `a token every ${sayDuration(now.itl ?? 0)}${then.itl === null ? '' : `, before ${sayDuration(then.itl)}`}`,
      observed: now.waiting,
      expected: then.waiting,
      unit: 'requests',
      query: gaugeOf(judged, engines, 'waiting'),
      trend: one.trace.waiting,
    }),
  ];
}

function whyNot(failures: readonly Failure[]): string {
  const worst = failures.reduce<Failure | null>((best, f) => (best === null || f.share > best.share ? f : best), null);
  const given = failures.filter((f) => f.kind === 'given-up');
  const of = given.reduce((s, f) => s + f.of, 0);
  if (of < 1) return '0 requests ended lately';
  const share = shareOf(given);
  const usual = maxOf(given.map((f) => f.usual));
  const rest = worst && worst.kind !== 'given-up' && worst.share > 0 ? `, ${sayShare(worst.share)} fail otherwise` : '';
  const chance = ramp(share, 0, 0.01) > 0 && usual !== null ? `, usual here up to ${sayShare(usual)}` : '';
  return `${sayShare(share)} of ${sig(Math.round(of))} requests given up${chance}${rest}`;
}
