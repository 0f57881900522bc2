import { timeAt } from '../base/grid.ts';
import { inSentence, sayCount, sayDuration, sayShare, sig } from '../base/say.ts';
import { maxOf, mean } from '../base/statistics.ts';
import type { Fact } from '../detectors/detector.ts';
import { fact } from '../detectors/finding.ts';
import { gaugeOf, rateOf } from '../detectors/trace-back.ts';
import type { Judged } from '../evidence/judged.ts';
import { countOf, standsFor } from '../evidence/stand-in.ts';
import { over } from '../evidence/trace.ts';
import { changesOf } from './changes.ts';
import type { Targets } from './profiles.ts';
import { recentStretch } from './unexplained.ts';
import type { Attainment, RankedFinding } from './verdict.ts';

export interface Well {
  readonly judged: Judged;
  readonly findings: readonly RankedFinding[];
  readonly attainment: readonly Attainment[];
  readonly targets: Targets;
}

/** KV usage from which a cache counts as full: usage alone is no symptom, nobody waiting is the proof. */
const FULL = 0.9;

/**
 * Healthy is an assertion, too: names the kind of calm it is, what was measured, and the closest limit. The most particular
 * kind wins: scaled to zero, restarted in turn, idle, backlog by plan, full and nobody waits, on the way up or down, scaled,
 * busy, calm.
 */
export function healthyWords(well: Well): { headline: string; lede: string } {
  const { judged, findings, attainment, targets } = well;
  const now = recentStretch(judged);
  const changes = changesOf(judged);
  const at = timeAt(judged.grid, judged.end);
  const ttft = attainment.find((a) => a.metric === 'ttft');
  const seen = ttft?.observed ?? 0;
  const fleet = countOf(judged.engines);
  const lastLeft = maxOf(changes.departures.map((d) => d.at));
  if (lastLeft !== null && changes.departures.length === judged.engines.length) {
    return {
      headline: `Scaled to zero: ${fleet === 1 ? 'the replica' : `all ${fleet} replicas`} left idle`,
      lede: `Nothing ran and nothing waited in the last minute before; the last sample is ${sayDuration(at - lastLeft)} old, and no scrape failed.`,
    };
  }
  const limit = closestLimit(judged);
  const measured = `${sayStarted(ttft, targets, now)}${sayTokens(now.itl, targets)}.`;
  const lede = `${measured} ${limit}`.trim();
  const replicas = changes.restarts.length;
  if (
    replicas >= 2 &&
    changes.awayAtOnce <= Math.max(1, Math.floor(fleet / 4)) &&
    changes.restarts.every((r) => r.times === 1)
  ) {
    return {
      headline: `Rolling restart: ${replicas === fleet ? `all ${fleet}` : `${replicas} of ${fleet}`} replicas in turn, and nobody waits`,
      lede: `At most ${changes.awayAtOnce} of ${fleet} away at the same time. ${lede}`,
    };
  }
  if (seen < 1 && (now.running ?? 0) < 0.5) {
    return {
      headline: 'Idle: nothing runs and nothing waits',
      lede: 'Scrapes are fresh and no request came in over the last two minutes.',
    };
  }
  if (targets.profile === 'batch' && (now.waiting ?? 0) >= 1) {
    return {
      headline: `Backlog of ${sig(now.waiting ?? 0)} by plan, engine at work`,
      lede: `${sayWork(judged)}${lede}`,
    };
  }
  const info = findings[0];
  if (info?.severity === 'info') return { headline: `Nobody waits; ${inSentence(info.title)}`, lede };
  if ((now.usage ?? 0) >= FULL) {
    return {
      headline: 'KV cache full, and nobody waits',
      lede: `${measured} At ${sig(now.usage ?? 0)} the cache is well used, not short: nothing was thrown out and nobody queues for blocks.`,
    };
  }
  const { ramp } = changes;
  if (ramp) {
    const up = ramp.to > ramp.from;
    return {
      headline: `Traffic ${up ? 'climbs' : 'falls'}, ${up ? 'and the fleet follows' : 'and nobody waits'}`,
      lede: `Running ${sig(ramp.from)} → ${sig(ramp.to)} over this window without a queue. ${lede}`,
    };
  }
  if (changes.arrivals.length > 0 || changes.departures.length > 0) {
    const more = changes.arrivals.length - changes.departures.length;
    return {
      headline: `Scaled ${more >= 0 ? 'up' : 'down'}, and nobody waits`,
      lede: `${[
        changes.arrivals.length > 0 ? `${sayCount(changes.arrivals.length, 'replica')} joined` : '',
        changes.departures.length > 0 ? `${sayCount(changes.departures.length, 'replica')} left idle` : '',
      ]
        .filter(Boolean)
        .join(', ')} within this window. ${lede}`,
    };
  }
  const busy = (now.usageMax ?? 0) >= 0.5 || (now.running ?? 0) >= 16 * fleet;
  return { headline: busy ? 'Busy, and nobody waits' : 'Calm, and nobody waits', lede };
}

function sayStarted(ttft: Attainment | undefined, targets: Targets, now: ReturnType<typeof recentStretch>): string {
  const seen = ttft?.observed ?? 0;
  if (!ttft?.now || seen < 1) return `${sig(now.running ?? 0)} requests run`;
  const target = sayDuration(targets.ttft);
  if (ttft.now.low >= 0.995) return `All ${sayCount(seen, 'answer')} started within ${target}`;
  if (ttft.now.high < 0.8 && targets.profile !== 'batch')
    return `Prompts of ${sig(now.prompt ?? 0)} tokens need ${sayDuration(now.prefill ?? now.ttft ?? 0)} to be read, so ${sayShare(1 - ttft.now.high)} start later than ${target} without any queue`;
  return `${sayShare(ttft.now.high)} of ${sayCount(seen, 'answer')} started within ${target}`;
}

function sayTokens(itl: number | null, targets: Targets): string {
  return itl === null ? '' : ` and run at ${sayDuration(itl)} a token (target ${sayDuration(targets.tbt)})`;
}

/** What a backlog costs and when it is done: output of the last two minutes, and the pace at which the queue shrinks. */
function sayWork(judged: Judged): string {
  const { engines, grid, end } = judged;
  const output = engines.reduce<number | null>((sum, { trace }) => {
    const own = over(trace.output, grid, end, 120);
    return own === null ? sum : (sum ?? 0) + own * standsFor(trace.replica);
  }, null);
  return output === null ? '' : `${sig(output)} tokens/s come out. `;
}

function closestLimit(judged: Judged): string {
  const usage = maxOf(judged.engines.map((e) => maxOf(e.trace.usage ?? [])));
  const seats = judged.engines.map((e) =>
    e.admission.seats ? (maxOf(e.trace.running ?? []) ?? 0) / e.admission.seats.count : null,
  );
  const taken = maxOf(seats);
  if (taken !== null && taken > (usage ?? 0))
    return `Closest limit: seats, ${sayShare(taken)} taken at the busiest moment.`;
  return usage === null ? '' : `Closest limit: the KV cache, at ${sig(usage)} in its busiest moment.`;
}

export function assurancesOf(judged: Judged, attainment: readonly Attainment[], targets: Targets): Fact[] {
  const one = judged.engines[0];
  if (!one) return [];
  const waiting = maxOf(judged.engines.map((e) => maxOf(e.trace.waiting ?? [])));
  const usage = maxOf(judged.engines.map((e) => maxOf(e.trace.usage ?? [])));
  const average = mean(judged.engines.map((e) => mean(e.trace.usage ?? [])));
  const ttft = attainment.find((a) => a.metric === 'ttft');
  const now = recentStretch(judged);
  return [
    fact({
      signal: 'waiting',
      says: waiting === 0 ? 'nobody waited in any scrape' : `at most ${sig(waiting ?? 0)} waited, never for long`,
      figure: sig(waiting ?? 0),
      label: waiting === 0 ? 'waiting, in every scrape' : 'waiting at most, never for long',
      unit: 'requests',
      observed: waiting,
      expected: 0,
      query: gaugeOf(judged, judged.engines, 'waiting'),
      trend: one.trace.waiting,
    }),
    fact({
      signal: 'kv-cache-usage',
      says: `KV cache ${sig(usage ?? 0)} at most, mean ${sig(average ?? 0)}`,
      figure: sig(usage ?? 0),
      label: `KV cache at most, mean ${sig(average ?? 0)}`,
      unit: 'ratio',
      observed: usage,
      expected: 1,
      query: gaugeOf(judged, judged.engines, 'kv-cache-usage'),
      trend: one.trace.usage,
      limit: 1,
    }),
    ttft?.now && ttft.observed >= 1
      ? fact({
          signal: 'ttft',
          says: `${sayShare(ttft.now.low)} of ${sayCount(ttft.observed, 'answer')} started within ${sayDuration(targets.ttft)}`,
          figure: sayShare(ttft.now.low),
          label: `of ${sayCount(ttft.observed, 'answer')} started within ${sayDuration(targets.ttft)}`,
          unit: 'ratio',
          observed: ttft.now.low,
          expected: targets.objective,
          query: rateOf(judged, judged.engines, 'ttft', 120),
          trend: ttft.trend,
        })
      : fact({
          signal: 'running',
          says: `${sig(now.running ?? 0)} requests running`,
          figure: sig(now.running ?? 0),
          label: 'requests running',
          unit: 'requests',
          observed: now.running,
          query: gaugeOf(judged, judged.engines, 'running'),
          trend: one.trace.running,
        }),
  ];
}
