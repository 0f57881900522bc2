import { endOf, type Grid, timeAt } from '../base/grid.ts';
import { inSentence, sayCount, sayDuration, sayShare, sig } from '../base/say.ts';
import { maxOf, mean } from '../base/statistics.ts';
import type { Fact, Finding } from '../detectors/detector.ts';
import { fact } from '../detectors/finding.ts';
import { DETECTORS } from '../detectors/index.ts';
import { lastEpisode } from '../detectors/signature.ts';
import { gaugeOf, rateOf } from '../detectors/trace-back.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { type Judged, judgedOf } from '../evidence/judged.ts';
import { replicaLine } from '../evidence/lines.ts';
import { restrictToModel } from '../evidence/slice.ts';
import { type Stretch, stretchOf } from '../evidence/stretch.ts';
import type { SignalId } from '../signals/index.ts';
import { attainmentOf } from './attainment.ts';
import type { Targets } from './profiles.ts';
import { rank } from './rank.ts';
import { textbookOf } from './textbook.ts';
import type { Attainment, RankedFinding, Status, Verdict } from './verdict.ts';

/** Healthy is said only if all of these were measured: what the acute pathologies cannot be told without. */
const VITAL: readonly SignalId[] = ['running', 'waiting', 'kv-cache-usage', 'preemptions', 'ttft', 'output-tokens'];
/** And for at least this long, in seconds: two scrapes are no trend. */
const MIN_WINDOW = 25;

/**
 * What is wrong, since when, how sure, why, what to do, and what could not be checked. The one function behind page, command
 * line, replay and tests. Pure: the same evidence and targets give the same verdict. Several models are judged one by one and
 * ranked together.
 * @returns a verdict for any evidence; empty evidence is `unknown`, never healthy. Throws nothing.
 */
export function diagnose(evidence: Evidence, targets: Targets): Verdict {
  const models = [...new Set(evidence.replicas.map((r) => r.model))];
  const planned = targets.profile === 'batch';
  const judgements = (models.length === 0 ? [''] : models).map((model) => {
    const judged = judgedOf(models.length > 1 ? restrictToModel(evidence, model) : evidence, targets, planned);
    return { model, judged, findings: DETECTORS.map((detector) => detector.judge(judged)) };
  });
  const findings = rank(
    judgements.flatMap(({ model, findings: all }) =>
      all.filter((f) => f.state === 'detected').map((finding) => ({ finding, model })),
    ),
  );
  const detectedIds = new Set(findings.map((f) => f.pathology));
  const primary = findings[0] ?? null;
  const attainment = attainmentOf(evidence, targets, primary?.since ?? null);
  const status = statusOf(evidence, judgements, findings, attainment, targets);
  const worst = judgements[0]?.judged as Judged;
  const words = wordsOf(evidence, worst, findings, status, attainment, targets);
  const ruledOut = firstOfEach(judgements, 'ruled-out', detectedIds);
  const earlier = earlierOf(ruledOut, evidence.grid);
  return {
    at: endOf(evidence.grid),
    grid: evidence.grid,
    selector: evidence.selector,
    models: models.filter((m) => m !== ''),
    instances: evidence.replicas.map((r) => r.id),
    profile: targets.profile,
    status,
    headline: words.headline,
    lede:
      status === 'healthy' && earlier.length > 0
        ? `${words.lede} ${sayEarlier(earlier, endOf(evidence.grid))}`
        : words.lede,
    findings:
      status === 'unknown'
        ? findings.filter((f) => f.pathology === 'telemetry-gap' || f.severity !== 'info')
        : findings,
    ruledOut,
    earlier,
    cannotTell: firstOfEach(judgements, 'cannot-tell', detectedIds),
    textbook: textbookOf(evidence, findings),
    assurances: status === 'healthy' ? assurancesOf(worst, attainment, targets) : [],
    attainment,
    signals: signalsOf(evidence),
    warnings: [...evidence.warnings, ...restartsOf(evidence)],
  };
}

/** Processes that began anew within the window: counters start at zero and caches are cold from there on. */
function restartsOf(evidence: Evidence): string[] {
  const seen = new Set<string>();
  const out: string[] = [];
  for (const replica of evidence.replicas) {
    if (seen.has(replica.instance)) continue;
    seen.add(replica.instance);
    const starts = new Set(
      (replicaLine(evidence, 'process-start', replica.id) ?? []).filter((v): v is number => v !== null),
    );
    const last = Math.max(...starts);
    if (starts.size > 1)
      out.push(
        `${replica.instance} restarted ${sayDuration(endOf(evidence.grid) - last)} before the end of this window${starts.size > 2 ? `, ${starts.size - 1} times in all` : ''}.`,
      );
  }
  return out;
}

/** Signatures that stood in this window and are over: what it was before it was healthy again. */
function earlierOf(ruledOut: readonly Finding[], grid: Grid): Verdict['earlier'] {
  return ruledOut.flatMap((f) => {
    const episode = lastEpisode(f.strength, grid);
    return episode && !episode.on
      ? [{ pathology: f.pathology, title: f.title, from: timeAt(grid, episode.from), to: timeAt(grid, episode.to) }]
      : [];
  });
}

function sayEarlier(earlier: Verdict['earlier'], now: number): string {
  const last = [...earlier].sort((a, b) => b.to - a.to)[0];
  return last
    ? `Earlier in this window: ${inSentence(last.title)} for ${sayDuration(last.to - last.from)}, over since ${sayDuration(now - last.to)}.`
    : '';
}

type Judgement = { readonly model: string; readonly judged: Judged; readonly findings: readonly Finding[] };

function firstOfEach(
  judgements: readonly Judgement[],
  state: Finding['state'],
  detected: ReadonlySet<string>,
): Finding[] {
  const seen = new Set<string>();
  const out: Finding[] = [];
  for (const { findings } of judgements) {
    for (const finding of findings) {
      if (finding.state !== state || detected.has(finding.pathology) || seen.has(finding.pathology)) continue;
      seen.add(finding.pathology);
      out.push(finding);
    }
  }
  return out;
}

function statusOf(
  evidence: Evidence,
  judgements: readonly Judgement[],
  findings: readonly RankedFinding[],
  attainment: readonly Attainment[],
  targets: Targets,
): Status {
  const gap = findings.find((f) => f.pathology === 'telemetry-gap');
  const blind =
    gap &&
    (gap.variant === 'no-series' ||
      gap.variant === 'missing-series' ||
      gap.scope.instances.length === evidence.replicas.length);
  if (blind) return 'unknown';
  if (findings.some((f) => f.severity === 'critical')) return 'critical';
  if (findings.some((f) => f.severity === 'warning')) return 'degraded';
  if (!measuredEnough(evidence)) return 'unknown';
  return unexplained(judgements, attainment, targets) ? 'degraded' : 'healthy';
}

function measuredEnough(evidence: Evidence): boolean {
  const there = VITAL.every((id) => {
    const state = evidence.readings[id]?.state ?? 'absent';
    return state !== 'absent' && state !== 'failed';
  });
  const { grid } = evidence;
  const first =
    evidence.readings.running?.lines.map((l) => l.values.findIndex((v) => v !== null)).filter((i) => i >= 0) ?? [];
  const seconds = first.length === 0 ? 0 : (grid.count - 1 - Math.min(...first)) * grid.step;
  const rates =
    evidence.readings['output-tokens']?.lines.some((l) => (l.values[grid.count - 1] ?? null) !== null) ?? false;
  return there && rates && seconds >= MIN_WINDOW;
}

/** People are hurt by waiting and no finding says why. Late first tokens without any queue are what long prompts cost. */
function unexplained(judgements: readonly Judgement[], attainment: readonly Attainment[], targets: Targets): boolean {
  if (targets.profile === 'batch') return false;
  const ttft = attainment.find((a) => a.metric === 'ttft');
  const late = ttft?.now ? 1 - ttft.now.high : 0;
  if (late < 0.2 || (ttft?.observed ?? 0) < 20) return false;
  return judgements.some(({ judged }) => {
    const now = stretchOf(
      judged.engines,
      judged.grid,
      Math.max(0, judged.end - Math.round(120 / judged.grid.step)),
      judged.end,
    );
    return (now.waiting ?? 0) >= 1 && (now.queue ?? 0) > 0.5 * targets.ttft;
  });
}

function wordsOf(
  evidence: Evidence,
  judged: Judged,
  findings: readonly RankedFinding[],
  status: Status,
  attainment: readonly Attainment[],
  targets: Targets,
): { headline: string; lede: string } {
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

function recentStretch(judged: Judged): Stretch {
  return stretchOf(
    judged.engines,
    judged.grid,
    Math.max(0, judged.end - Math.round(120 / judged.grid.step)),
    judged.end,
  );
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

function assurancesOf(judged: Judged, attainment: readonly Attainment[], targets: Targets): Fact[] {
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

function signalsOf(evidence: Evidence): Verdict['signals'] {
  const present: SignalId[] = [];
  const renamed: { signal: SignalId; as: string }[] = [];
  const absent: SignalId[] = [];
  for (const reading of Object.values(evidence.readings)) {
    if (reading.state === 'present' || reading.state === 'partial') present.push(reading.signal);
    else if (reading.state === 'renamed') renamed.push({ signal: reading.signal, as: reading.metrics[0] ?? '' });
    else absent.push(reading.signal);
  }
  return { present, renamed, absent };
}

/** Grid times at which a verdict may be asked for in a replay: from the first with half a minute of data behind it. */
export function replayTimes(grid: Grid, every: number): number[] {
  const stride = Math.max(1, Math.round(every / grid.step));
  const out: number[] = [];
  for (let i = grid.count - 1; i >= 0; i -= stride) out.unshift(timeAt(grid, i));
  return out;
}
