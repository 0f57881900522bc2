import { inSentence, sayCount, sayDuration, sayList, sayShare } from '../base/say.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Judged } from '../evidence/judged.ts';
import { countReplicas } from '../evidence/stand-in.ts';
import { signalById, SIGNALS } from '../signals/index.ts';
import { askLonger } from './asks.ts';
import { healthyWords } from './healthy.ts';
import type { Targets } from './profiles.ts';
import { sayPace, type Unexplained } from './unexplained.ts';
import type { Attainment, RankedFinding, Status, Verdict } from './verdict.ts';
import { VITAL } from './vital.ts';

export interface Told {
  readonly evidence: Evidence;
  readonly judged: Judged;
  readonly findings: readonly RankedFinding[];
  readonly status: Status;
  readonly attainment: readonly Attainment[];
  readonly targets: Targets;
  readonly harm: Unexplained | null;
}

/** Findings that look the same as another pathology as long as what tells them apart is not counted, by `id/variant`. */
const TWINS: Readonly<Record<string, string>> = { 'kv-bound-queueing/uncounted': ' or thrashing' };

function orElse({ pathology, variant }: RankedFinding): string {
  return TWINS[`${pathology}/${variant ?? ''}`] ?? '';
}

/** Headline of a window too short for rates, where it was not scraped. */
const SHORT: Readonly<Record<string, string>> = {
  log: 'Cannot tell yet: too little of the log',
  pages: 'Cannot tell yet: the pages are too close together',
};

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
            ? evidence.source.kind === 'log'
              ? 'Cannot tell: nothing is measured in this log'
              : 'Cannot tell: no vLLM series here'
            : gap.variant === 'missing-series'
              ? 'Cannot tell: vital series are missing'
              : 'Cannot tell: no replica is seen any more',
        lede: gap.lede,
      };
    const missing = VITAL.filter((id) => ['absent', 'failed'].includes(evidence.readings[id]?.state ?? 'absent'));
    if (missing.length > 0)
      return {
        headline: `Cannot tell: ${missing.length === 1 ? 'a vital signal is' : 'vital signals are'} missing`,
        lede: `Without ${sayList(missing.map((id) => inSentence(signalById(id).title)))} nobody can say that all is well.`,
      };
    return {
      headline: SHORT[evidence.source.kind] ?? 'Cannot tell yet: too few scrapes',
      lede: askLonger(evidence),
    };
  }
  if (primary && primary.severity !== 'info') {
    return {
      headline: `${primary.title}${orElse(primary)} on ${whereOf(primary, evidence)}`,
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
  return healthyWords({ judged, findings, attainment, targets });
}

function whereOf(finding: RankedFinding, evidence: Evidence): string {
  const ids = finding.scope.instances;
  const fleet = countReplicas(evidence.replicas.filter((r) => r.model === finding.model));
  const about = countReplicas(evidence.replicas.filter((r) => ids.includes(r.id)));
  if (ids.length === 1 && about === 1) return ids[0] as string;
  if (ids.length === 0) return 'the fleet';
  return about === fleet
    ? `all ${fleet.toLocaleString('en')} replicas`
    : `${about.toLocaleString('en')} of ${fleet.toLocaleString('en')} replicas`;
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

/** What stood before it was healthy again. */
export function sayEarlier(earlier: Verdict['earlier'], now: number): string {
  const last = [...earlier].sort((a, b) => b.to - a.to)[0];
  return last
    ? `Earlier in this window: ${inSentence(last.title)} for ${sayDuration(last.to - last.from)}, over since ${sayDuration(now - last.to)}.`
    : '';
}

/** That a verdict rests on a part, since the source failed to answer for the rest; `''` where it told all it holds. */
export function sayUnread(readings: Evidence['readings']): string {
  const titles = SIGNALS.filter(({ id }) => readings[id]?.state === 'failed').map(({ title }) => inSentence(title));
  if (titles.length === 0) return '';
  const more = titles.length - 3;
  const names = sayList([...titles.slice(0, 3), ...(more > 0 ? [`${more} more`] : [])]);
  return `Judged by a part of what the source holds: ${names} could not be read.`;
}
