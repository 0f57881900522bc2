import { timeAt, type Values } from '../../base/grid.ts';
import { all, fall, ramp } from '../../base/score.ts';
import { sayCount, sayDuration, sayShare, sig } from '../../base/say.ts';
import { remember } from '../../base/remember.ts';
import { known, maxOf, mean, median } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { countOf } from '../../evidence/stand-in.ts';
import { type Stretch, stretchOf } from '../../evidence/stretch.ts';
import { over } from '../../evidence/trace.ts';
import type { Detector, Finding, Remedy } from '../detector.ts';
import {
  cannotTell,
  confidenceOf,
  detected,
  fact,
  missingOf,
  ruledOut,
  severityOf,
  sight,
  sinceOf,
  splitOf,
} from '../finding.ts';
import { hurtsOf } from '../story.ts';
import { gaugeOf, rateOf } from '../trace-back.ts';

/** Below this many requests in the fleet, unequal is chance: 2 against 7 on twins is Poisson (pathologies.md §14b.11). */
const MIN_LOAD = 4;

export const loadImbalance: Detector = {
  id: 'load-imbalance',
  title: 'Load imbalance',
  mechanism:
    'Requests pile up on one replica while its peers have room: sticky sessions, keep-alive connections, stale load data or prefix affinity.',
  needs: ['running', 'waiting'],
  judge(judged) {
    const missing = missingOf(judged, this.needs);
    if (missing.length > 0)
      return cannotTell(
        this,
        missing,
        'Scrape vllm:num_requests_running and vllm:num_requests_waiting of every replica.',
      );
    if (judged.engines.length < 2)
      return ruledOut(this, judged.engines.length === 1 ? 'only one replica in scope' : 'no replica in scope');
    const { sighting, strength } = sight(
      judged,
      (e) => strengthOf(judged, e, judged.fast),
      (e) => strengthOf(judged, e, judged.grid.step).map((s) => (s === null ? null : s > 0.2 ? 1 : 0)),
    );
    if (!sighting) return ruledOut(this, whyNot(judged), { strength });
    const hot = sighting.engines.slice(0, Math.max(1, Math.floor(judged.engines.length / 2)));
    const idle = judged.engines.filter((e) => !hot.includes(e));
    const split = splitOf(sighting);
    const then = stretchOf(hot, judged.grid, 0, split - 1);
    const now = stretchOf(hot, judged.grid, split, judged.end);
    const rest = stretchOf(idle, judged.grid, split, judged.end);
    return detected(this, {
      score: sighting.score,
      confidence: confidenceOf(
        sighting.score,
        sighting.persistence,
        missingOf(judged, ['ttft']).length === 0 ? 1 : 0.85,
        judged.engines.length > 2 ? 1 : 0.97,
      ),
      severity: severityOf(judged, hot),
      scope: { kind: 'instances', instances: hot.map((e) => e.id) },
      since: sinceOf(judged, sighting),
      strength: sighting.strength,
      lede: `${sayCount(now.waitingLast ?? 0, 'request')} wait on ${hot.map((e) => e.id).join(', ')} while ${idle.length === 1 ? `${idle[0]?.id} runs` : `${countOf(idle)} others run`} ${sig((rest.running ?? 0) / Math.max(1, countOf(idle)))}${idle.length > 1 ? ' each' : ''}.`,
      facts: factsOf(judged, hot, idle, now, rest, then),
      story: {
        changed: {
          at: sinceOf(judged, sighting),
          title: `Most requests went to ${hot.map((e) => e.id).join(', ')}`,
          says: `${sayShareOf(now, rest)} on ${countOf(hot)} of ${countOf(judged.engines)} replicas`,
        },
        broke: {
          at: null,
          title: 'It ran out of room alone',
          says: `${sig(now.running ?? 0)} running and ${sig(now.waitingLast ?? 0)} waiting there, ${sig(rest.running ?? 0)} running and ${sig(rest.waitingLast ?? 0)} waiting elsewhere`,
        },
        hurts: hurtsOf(judged, hot, now),
      },
      remedies: remediesOf(hot, idle, now, rest),
      willNotHelp: [
        { title: 'Adding replicas', why: 'capacity stands idle; it only has to be used' },
        { title: 'Tuning the hot replica', why: 'it does what one replica can do' },
      ],
    });
  },
};

/**
 * Hot: far more requests than its peers, a queue, a larger share of arrivals; and at least one peer with room (P13). A slow
 * replica has a queue too, but the same or a smaller share of arrivals.
 */
function strengthOf(judged: Judged, engine: Engine, seconds: number): Values {
  const peers = judged.engines.filter((e) => e !== engine);
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const own = loadOf(judged, engine, seconds)[i] ?? null;
    const others = known(peers.map((e) => loadOf(judged, e, seconds)[i] ?? null));
    if (own === null || others.length === 0) return null;
    const total = own + others.reduce((a, b) => a + b, 0);
    const waiting = over(engine.trace.waiting, judged.grid, i, seconds) ?? 0;
    const running = over(engine.trace.running, judged.grid, i, seconds) ?? 0;
    if (total < MIN_LOAD || waiting < 0.5) return 0;
    const skew = own / Math.max(0.5, median(others) ?? 0);
    const idlest = Math.max(
      ...peers.map((e) => {
        const w = over(e.trace.waiting, judged.grid, i, seconds) ?? 1;
        const r = over(e.trace.running, judged.grid, i, seconds) ?? running;
        const u = over(e.trace.usage, judged.grid, i, seconds) ?? 0;
        return all(fall(w, 0.3, 2), fall(r / Math.max(1, running), 0.55, 0.9), fall(u, 0.6, 0.9));
      }),
    );
    const inflow = judged.engines.some((e) => e.trace.firstTokens) ? arrivalsOf : promptTokensOf;
    const arrivals = judged.engines.map((e) => inflow(judged, e, i, Math.max(seconds, judged.fast)));
    const average = mean(arrivals);
    const ownArrivals = inflow(judged, engine, i, Math.max(seconds, judged.fast));
    const share = average !== null && average > 0 && ownArrivals !== null ? ownArrivals / average : 1;
    return all(
      ramp(skew, 1.4, 2.5),
      ramp(waiting / (running + 1), 0.05, 0.6),
      ramp(idlest, 0.1, 0.6),
      ramp(share, 1.05, 1.35),
    );
  });
}

const loadsKept = remember<Engine, number, Values>();

/** Requests running and waiting on one engine, means over the trailing `seconds`; each is held against all others. */
function loadOf({ grid }: Judged, engine: Engine, seconds: number): Values {
  return loadsKept(engine, seconds, () =>
    Array.from({ length: grid.count }, (_, i) => {
      const r = over(engine.trace.running, grid, i, seconds);
      const w = over(engine.trace.waiting, grid, i, seconds);
      return r === null || w === null ? null : r + w;
    }),
  );
}

/** First tokens plus growth of the queue per second: arrivals at this replica. */
function arrivalsOf(judged: Judged, engine: Engine, i: number, seconds: number): number | null {
  const first = over(engine.trace.firstTokens, judged.grid, i, seconds);
  if (first === null) return null;
  const back = Math.max(0, i - Math.max(1, Math.round(seconds / judged.grid.step)));
  const a = engine.trace.waiting?.[back] ?? null;
  const b = engine.trace.waiting?.[i] ?? null;
  const span = timeAt(judged.grid, i) - timeAt(judged.grid, back);
  return first + (a !== null && b !== null && span > 0 ? (b - a) / span : 0);
}

/**
 * Where first tokens are not counted, as in a server's log: prompt tokens read per second. A replica with a queue takes in less
 * than arrives, so its share of them is at most too small, and a slow replica's is no larger than its peers'.
 */
function promptTokensOf(judged: Judged, { trace }: Engine, i: number, seconds: number): number | null {
  return over(trace.prompt ?? trace.computed, judged.grid, i, seconds);
}

/** Share of arrivals on the hot replicas; `null` where nobody counts what ends. */
function shareOf(now: Stretch, rest: Stretch): number | null {
  if (now.arrivals === null && rest.arrivals === null) return null;
  const a = now.arrivals ?? 0;
  const b = rest.arrivals ?? 0;
  return a + b > 0 ? a / (a + b) : 0;
}

function sayShareOf(now: Stretch, rest: Stretch): string {
  const share = shareOf(now, rest);
  if (share !== null) return `${sayShare(share)} of arrivals`;
  const held = (s: Stretch) => (s.running ?? 0) + (s.waitingLast ?? 0);
  return `${sayShare(held(now) / Math.max(1, held(now) + held(rest)))} of the requests`;
}

function factsOf(
  judged: Judged,
  hot: readonly Engine[],
  idle: readonly Engine[],
  now: Stretch,
  rest: Stretch,
  then: Stretch,
): Finding['facts'] {
  const one = hot[0] as Engine;
  const each = (rest.running ?? 0) / Math.max(1, countOf(idle));
  const share = shareOf(now, rest);
  return [
    fact({
      signal: 'running',
      says: `${sig((now.running ?? 0) / countOf(hot))} running on the hot replica, ${sig(each)} on each other`,
      figure: `${sig(Math.round((now.running ?? 0) / countOf(hot)))} : ${sig(each)}`,
      label: 'requests running, hot against the others',
      compared: `before ${sig((then.running ?? 0) / countOf(hot))} here`,
      detail: `${hot.map((e) => e.id).join(', ')} against ${idle
        .map((e) => e.id)
        .slice(0, 3)
        .join(', ')}${idle.length > 3 ? ' …' : ''}`,
      observed: (now.running ?? 0) / countOf(hot),
      expected: each,
      unit: 'requests',
      query: gaugeOf(judged, judged.engines, 'running'),
      trend: one.trace.running,
    }),
    fact({
      signal: 'waiting',
      says: `${sayCount(now.waitingLast ?? 0, 'request')} wait there, ${sig(rest.waitingLast ?? 0)} elsewhere`,
      figure: sig(now.waitingLast ?? 0),
      label: 'requests wait there',
      compared: `elsewhere ${sig(rest.waitingLast ?? 0)}`,
      detail: `peers hold ${sig(rest.usage ?? 0)} of their KV cache at most`,
      observed: now.waitingLast,
      expected: rest.waitingLast,
      unit: 'requests',
      query: gaugeOf(judged, judged.engines, 'waiting'),
      trend: one.trace.waiting,
    }),
    ...(share === null
      ? []
      : [
          fact({
            signal: 'ttft',
            says: `${sayShare(share)} of arrivals go to ${countOf(hot)} of ${countOf(hot) + countOf(idle)} replicas`,
            figure: sayShare(share),
            label: `of arrivals go to ${countOf(hot)} of ${countOf(hot) + countOf(idle)} replicas`,
            compared: `even ${sayShare(countOf(hot) / (countOf(hot) + countOf(idle)))}`,
            detail: `${sig(now.arrivals ?? 0)}/s against ${sig(rest.arrivals ?? 0)}/s (inferred from finishes and backlog): it gets more, it is not slower`,
            observed: share,
            expected: countOf(hot) / (countOf(hot) + countOf(idle)),
            unit: 'ratio',
            query: rateOf(judged, judged.engines, 'ttft', now.seconds),
            trend: one.trace.firstTokens,
          }),
        ]),
  ];
}

function remediesOf(hot: readonly Engine[], idle: readonly Engine[], now: Stretch, rest: Stretch): Remedy[] {
  const n = countOf(hot) + countOf(idle);
  const total = (now.running ?? 0) + (rest.running ?? 0) + (now.waitingLast ?? 0) + (rest.waitingLast ?? 0);
  const verify =
    'Within 5 min at the same arrivals: the busiest replica has less than 1.3 times the median, waiting is 0 where peers have room.';
  const dp = hot.some((h) => idle.some((e) => e.trace.replica.instance === h.trace.replica.instance));
  return [
    {
      title: 'Balance on requests in flight',
      knob: null,
      from: null,
      to: null,
      flag: null,
      why: 'Let the gateway choose by its own count of open requests (least outstanding), not by connection, round robin or scraped load.',
      steps: [
        {
          sum: `${sig(now.running ?? 0)} + ${sig(now.waitingLast ?? 0)} here, ${sig(rest.running ?? 0)} + ${sig(rest.waitingLast ?? 0)} elsewhere`,
          result: `${sig(total)} in all`,
        },
        { sum: `${sig(total)} ÷ ${n} replicas`, result: `${sig(total / n)} each` },
      ],
      expect: `The queue of ${sig(now.waitingLast ?? 0)} spreads over ${n} replicas${shareOf(now, rest) === null ? '' : `; arrivals of ${sig(((now.arrivals ?? 0) + (rest.arrivals ?? 0)) / n)}/s each`}.`,
      risk: 'Prefix affinity weakens: some prompts are computed again on another replica.',
      verify,
      needsRestart: false,
    },
    {
      title: 'Break affinity while the warm replica queues',
      knob: null,
      from: null,
      to: null,
      flag: null,
      why: 'Sticky sessions or prefix routing should yield once the queue costs more than the prefix saves.',
      steps: [],
      expect: 'New conversations go to idle replicas at once.',
      risk: 'Those start with a cold prefix.',
      verify,
      needsRestart: false,
    },
    {
      title: dp
        ? 'Use external or hybrid load balancing for data-parallel ranks'
        : 'Shorten keep-alive, or balance per request',
      knob: dp ? 'data-parallel-external-lb' : null,
      from: null,
      to: null,
      flag: dp ? '--data-parallel-hybrid-lb' : null,
      why: dp
        ? 'The ranks share one port; their balancer works on stale counts.'
        : 'A layer-4 balancer places connections, not requests; long-lived ones pin clients to one replica.',
      steps: [],
      expect: 'Requests spread again.',
      risk: dp ? 'Changes the deployment.' : 'A few more connections.',
      verify,
      needsRestart: dp,
    },
  ];
}

function whyNot(judged: Judged): string {
  const loads = judged.engines.map((e) => {
    const r = over(e.trace.running, judged.grid, judged.end, judged.fast);
    const w = over(e.trace.waiting, judged.grid, judged.end, judged.fast);
    return r === null || w === null ? null : r + w;
  });
  const most = maxOf(loads);
  const mid = median(loads);
  const waiting = maxOf(judged.engines.map((e) => over(e.trace.waiting, judged.grid, judged.end, judged.fast))) ?? 0;
  if (most === null || mid === null) return 'load is not measured on two replicas';
  return waiting < 1
    ? `nobody waits on any replica over ${sayDuration(judged.fast)} (busiest ${sig(most)}, median ${sig(mid)} requests)`
    : `the busiest replica has ${sig(most)} requests, the median ${sig(mid)}`;
}
