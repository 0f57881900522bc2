import { inSentence, sayCount, sayDuration, sayShare, sig } from '../base/say.ts';
import { maxOf, mean } from '../base/statistics.ts';
import type { Fact } from '../detectors/detector.ts';
import { fact } from '../detectors/finding.ts';
import { gaugeOf, rateOf } from '../detectors/trace-back.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Judged } from '../evidence/judged.ts';
import type { Targets } from './profiles.ts';
import { recentStretch, sayPace, type Unexplained } from './unexplained.ts';
import type { Attainment, RankedFinding, Status, Verdict } from './verdict.ts';
import { MIN_WINDOW, VITAL } from './vital.ts';

export interface Told {
  readonly evidence: Evidence;
  readonly judged: Judged;
  readonly findings: readonly RankedFinding[];
  readonly status: Status;
  readonly attainment: readonly Attainment[];
  readonly targets: Targets;
  readonly harm: Unexplained | null;
}

/** Headline and the sentences under it, for every status; healthy is an assertion, too. */
export function wordsOf(told: Told): { headline: string; lede: string } {
  const { evidence, judged, findings, status, attainment, targets, harm } = told;
  const primary = findings[0];
  const gap = findings.find((f) => f.pathology === 'telemetry-gap');
  if (status === 'unknown') {
    if (gap)
      return {
        headline:
          gap.variant === 'no-series'
            ? 'Cannot tell: no vLLM series here'
            : gap.variant === 'missing-series'
              ? 'Cannot tell: vital series are missing'
              : 'Cannot tell: no replica is seen any more',
        lede: gap.lede,
      };
    const missing = VITAL.filter((id) => ['absent', 'failed'].includes(evidence.readings[id]?.state ?? 'absent'));
    if (missing.length > 0)
      return {
        headline: `Cannot tell: ${missing.length === 1 ? 'a vital signal is' : 'vital signals are'} missing`,
        lede: `Without ${missing.join(', ')} nobody can say that all is well.`,
      };
    return {
      headline: 'Cannot tell yet: too few scrapes',
      lede: `Rates need at least ${sayDuration(MIN_WINDOW)} of scrapes; this window has fewer.`,
    };
  }
  if (primary && primary.severity !== 'info') {
    return {
      headline: `${primary.title} on ${whereOf(primary, evidence)}`,
      lede: [
        primary.lede,
        primary.pathology === 'engine-stall' && primary.until === null ? '' : sufferOf(attainment, targets),
      ]
        .filter(Boolean)
        .join(' '),
    };
  }
  if (status === 'degraded' && harm?.what === 'pace') {
    return {
      headline: 'Tokens come slowly; no known cause stands out yet',
      lede: sayPace(judged, harm.engines, targets),
    };
  }
  if (status === 'degraded') {
    return { headline: 'Answers start late; no known cause stands out yet', lede: sufferOf(attainment, targets) };
  }
  return healthyWords(judged, findings, attainment, targets);
}

function whereOf(finding: RankedFinding, evidence: Evidence): string {
  const ids = finding.scope.instances;
  const fleet = evidence.replicas.filter((r) => r.model === finding.model).length;
  if (ids.length === 1) return ids[0] as string;
  if (ids.length === 0) return 'the fleet';
  return ids.length === fleet ? `all ${fleet} replicas` : `${ids.length} of ${fleet} replicas`;
}

/** "At most 12 % of 75 answers started within 500 ms." */
function sufferOf(attainment: readonly Attainment[], targets: Targets): string {
  const ttft = attainment.find((a) => a.metric === 'ttft');
  if (!ttft?.now || ttft.observed < 1) return '';
  const { low, high } = ttft.now;
  const of = sayCount(ttft.observed, 'answer');
  const limit = sayDuration(targets.ttft);
  if (high <= 0.005) return `None of ${of} started within ${limit}.`;
  if (low >= 0.995) return `All ${of} still started within ${limit}.`;
  return high - low < 0.02
    ? `${sayShare(high)} of ${of} started within ${limit}.`
    : `${sayShare(low)} to ${sayShare(high)} of ${of} started within ${limit}.`;
}

/** Healthy is an assertion, too: says what was measured and what the closest limit is. */
function healthyWords(
  judged: Judged,
  findings: readonly RankedFinding[],
  attainment: readonly Attainment[],
  targets: Targets,
): { headline: string; lede: string } {
  const now = recentStretch(judged);
  const ttft = attainment.find((a) => a.metric === 'ttft');
  const info = findings[0];
  const limit = closestLimit(judged);
  const seen = ttft?.observed ?? 0;
  if (seen < 1 && (now.running ?? 0) < 0.5) {
    return {
      headline: 'Idle: nothing runs and nothing waits',
      lede: `Scrapes are fresh and no request came in over the last two minutes.`,
    };
  }
  const started =
    ttft?.now && seen >= 1
      ? ttft.now.low >= 0.995
        ? `All ${sayCount(seen, 'answer')} started within ${sayDuration(targets.ttft)}`
        : ttft.now.high < 0.8
          ? `Prompts of ${sig(now.prompt ?? 0)} tokens need ${sayDuration(now.prefill ?? now.ttft ?? 0)} to be read, so ${sayShare(1 - ttft.now.high)} start later than ${sayDuration(targets.ttft)} without any queue`
          : `${sayShare(ttft.now.high)} of ${sayCount(seen, 'answer')} started within ${sayDuration(targets.ttft)}`
      : `${sig(now.running ?? 0)} requests run`;
  const pace =
    now.itl === null ? '' : ` and run at ${sayDuration(now.itl)} a token (target ${sayDuration(targets.tbt)})`;
  const backlog = targets.profile === 'batch' && (now.waiting ?? 0) >= 1;
  const busy = (now.usageMax ?? 0) >= 0.5 || (now.running ?? 0) >= 16 * judged.engines.length;
  const headline = backlog
    ? `Backlog of ${sig(now.waiting ?? 0)} by plan, engine at work`
    : info?.severity === 'info'
      ? `Nobody waits; ${inSentence(info.title)}`
      : busy
        ? 'Busy, and nobody waits'
        : 'Calm, and nobody waits';
  return { headline, lede: `${started}${pace}. ${limit}` };
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

/** What stood before it was healthy again. */
export function sayEarlier(earlier: Verdict['earlier'], now: number): string {
  const last = [...earlier].sort((a, b) => b.to - a.to)[0];
  return last
    ? `Earlier in this window: ${inSentence(last.title)} for ${sayDuration(last.to - last.from)}, over since ${sayDuration(now - last.to)}.`
    : '';
}
