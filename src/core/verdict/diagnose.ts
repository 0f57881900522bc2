import { endOf, type Grid, timeAt } from '../base/grid.ts';
import { sayDuration } from '../base/say.ts';
import type { Finding } from '../detectors/detector.ts';
import { DETECTORS } from '../detectors/index.ts';
import { lastEpisode } from '../detectors/signature.ts';
import { ONE_BY_ONE } from '../evidence/choose.ts';
import { condense } from '../evidence/condense.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { type Judged, judgedOf } from '../evidence/judged.ts';
import { departedAt } from '../evidence/departed.ts';
import { restartsIn } from '../evidence/departures.ts';
import { replicaLine } from '../evidence/lines.ts';
import { restrictToModel } from '../evidence/slice.ts';
import { askLonger, askOf, askUnseen } from './asks.ts';
import { attainmentOf } from './attainment.ts';
import { withWhatSomebodyDid } from './happened.ts';
import { assurancesOf } from './healthy.ts';
import { motionOf, worstMotion } from './motion.ts';
import { planOf } from './plan.ts';
import type { Targets } from './profiles.ts';
import { isUnseenBecause, rank } from './rank.ts';
import { signalsOf } from './signals.ts';
import { textbookOf } from './textbook.ts';
import { type Unexplained, unexplained } from './unexplained.ts';
import type { RankedFinding, Status, Verdict } from './verdict.ts';
import { MIN_WINDOW, VITAL } from './vital.ts';
import { sayEarlier, sayUnread, wordsOf } from './words.ts';

/**
 * What is wrong, since when, how sure, why, what to do, and what could not be checked. The one function behind page, command
 * line, replay and tests. Pure: the same evidence and targets give the same verdict. Several models are judged one by one and
 * ranked together; a large fleet is condensed first.
 * @param oneByOne engines up to which each is judged by itself; to be left out but where the two ways are compared
 * @returns a verdict for any evidence; empty evidence is `unknown`, never healthy. Throws nothing.
 */
export function diagnose(evidence: Evidence, targets: Targets, oneByOne: number = ONE_BY_ONE): Verdict {
  const { evidence: small, behind } = condense(evidence, oneByOne);
  return behind.size === 0 ? judge(small, targets) : named(judge(small, targets), evidence, behind);
}

/** The verdict on a condensed fleet with the names of all its replicas. */
function named(verdict: Verdict, { replicas }: Evidence, behind: ReadonlyMap<string, readonly string[]>): Verdict {
  return {
    ...verdict,
    instances: replicas.map(({ id }) => id),
    findings: verdict.findings.map((finding) => ({
      ...finding,
      scope: { ...finding.scope, instances: finding.scope.instances.flatMap((id) => behind.get(id) ?? [id]) },
    })),
  };
}

function judge(evidence: Evidence, targets: Targets): Verdict {
  const models = [...new Set(evidence.replicas.map((r) => r.model))];
  const planned = targets.profile === 'batch';
  const judgements = (models.length === 0 ? [''] : models).map((model) => {
    const judged = judgedOf(models.length > 1 ? restrictToModel(evidence, model) : evidence, targets, planned);
    return {
      model,
      judged,
      findings: unseenIsOpen(
        DETECTORS.map((detector) => detector.judge(judged)),
        judged,
      ),
    };
  });
  const having = (test: (f: Finding) => boolean) =>
    judgements.flatMap(({ model, findings: all }) => all.filter(test).map((finding) => ({ finding, model })));
  const ranked = rank(
    having((f) => f.state === 'detected'),
    evidence.scrapeInterval,
    having((f) => f.state === 'cannot-tell' && f.missing.length === 0),
  );
  const findings = withWhatSomebodyDid(ranked, evidence);
  const detectedIds = new Set(findings.map((f) => f.pathology));
  const primary = findings[0] ?? null;
  const attainment = attainmentOf(evidence, targets, primary?.since ?? null);
  const harm = unexplained(
    judgements.map(({ judged }) => judged),
    attainment,
    targets,
  );
  // Scaled to zero: measured idle until the last sample, and no scrape failed.
  const allDeparted =
    evidence.replicas.length > 0 &&
    judgements.every(({ judged }) => judged.engines.every((engine) => departedAt(judged, engine) !== null));
  const status = statusOf(evidence, findings, harm, allDeparted);
  const worst = judgements[0]?.judged as Judged;
  const words = wordsOf({ evidence, judged: worst, findings, status, attainment, targets, harm });
  const long = evidence.replicas.length === 0 || longEnough(evidence);
  const quiet = firstOfEach(judgements, 'ruled-out', detectedIds);
  // Nothing can be ruled out by a window in which nothing could have shown.
  const ruledOut = long ? quiet : [];
  const earlier = earlierOf(ruledOut, evidence.grid);
  const shown =
    status === 'unknown' ? findings.filter((f) => f.pathology === 'telemetry-gap' || f.severity !== 'info') : findings;
  return {
    at: endOf(evidence.grid),
    grid: evidence.grid,
    selector: evidence.selector,
    models: models.filter((m) => m !== ''),
    instances: evidence.replicas.map((r) => r.id),
    profile: targets.profile,
    status,
    headline: words.headline,
    lede: [
      words.lede,
      status === 'healthy' ? sayEarlier(earlier, endOf(evidence.grid)) : '',
      sayUnread(evidence.readings),
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
    findings: shown,
    plan: planOf(shown),
    motion: worstMotion(judgements.flatMap(({ judged }) => motionOf(judged))),
    ruledOut,
    earlier,
    cannotTell: [
      ...firstOfEach(judgements, 'cannot-tell', detectedIds).map((f) => ({ ...f, ask: askOf(f, evidence) })),
      ...(long
        ? []
        : quiet.map((f): Finding => ({ ...f, state: 'cannot-tell', because: '', ask: askLonger(evidence) }))),
    ],
    textbook: textbookOf(evidence, findings),
    assurances: status === 'healthy' ? assurancesOf(worst, attainment, targets) : [],
    attainment,
    signals: signalsOf(evidence),
    ...(evidence.coverage === undefined ? {} : { coverage: evidence.coverage }),
    warnings: [
      ...evidence.warnings,
      ...restartsOf(evidence),
      ...(allDeparted
        ? [
            'No replica is left to measure. If none was scaled down on purpose, the targets were lost from the scrape configuration.',
          ]
        : []),
    ],
  };
}

/** Processes that began anew within the window: counters start at zero and caches are cold from there on. */
function restartsOf(evidence: Evidence): string[] {
  const seen = new Set<string>();
  const out: string[] = [];
  for (const replica of evidence.replicas) {
    if (seen.has(replica.instance)) continue;
    seen.add(replica.instance);
    const starts = replicaLine(evidence, 'process-start', replica.id);
    const at = restartsIn(starts);
    const last = starts?.[at.at(-1) ?? -1] ?? null;
    if (last !== null)
      out.push(
        `${replica.instance} restarted ${sayDuration(endOf(evidence.grid) - last)} before the end of this window${at.length > 1 ? `, ${at.length} times in all` : ''}.`,
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

/** With every replica out of sight nothing is ruled out: "nobody waits" would be said of what nobody sees. */
function unseenIsOpen(findings: readonly Finding[], judged: Judged): readonly Finding[] {
  const gap = findings.find((f) => f.pathology === 'telemetry-gap' && f.state === 'detected');
  if (!gap || judged.engines.length === 0 || gap.scope.instances.length < judged.engines.length) return findings;
  return findings.map((f) =>
    f.state === 'ruled-out' ? { ...f, state: 'cannot-tell', because: '', ask: askUnseen(judged.evidence) } : f,
  );
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
  findings: readonly RankedFinding[],
  harm: Unexplained | null,
  allDeparted: boolean,
): Status {
  const gap = findings.find((f) => f.pathology === 'telemetry-gap');
  // Why nobody is seen is known, and no lack of telemetry.
  const known = findings.filter((f) => isUnseenBecause(f) && f.severity !== 'info').flatMap((f) => f.scope.instances);
  const blind =
    gap &&
    (gap.variant === 'no-series' ||
      gap.variant === 'missing-series' ||
      (gap.scope.instances.length === evidence.replicas.length &&
        !gap.scope.instances.every((id) => known.includes(id))));
  if (blind) return 'unknown';
  if (findings.some((f) => f.severity === 'critical')) return 'critical';
  if (findings.some((f) => f.severity === 'warning')) return 'degraded';
  if (allDeparted) return 'healthy';
  if (!vitalThere(evidence) || !longEnough(evidence) || !ratesThere(evidence)) return 'unknown';
  return harm ? 'degraded' : 'healthy';
}

function vitalThere(evidence: Evidence): boolean {
  return VITAL.every((id) => {
    const state = evidence.readings[id]?.state ?? 'absent';
    return state !== 'absent' && state !== 'failed';
  });
}

/** Enough scrapes for a rate, and for more than one moment of it. */
function longEnough(evidence: Evidence): boolean {
  const { grid } = evidence;
  const first =
    evidence.readings.running?.lines.map((l) => l.values.findIndex((v) => v !== null)).filter((i) => i >= 0) ?? [];
  const seconds = first.length === 0 ? 0 : (grid.count - 1 - Math.min(...first)) * grid.step;
  return seconds >= MIN_WINDOW;
}

function ratesThere(evidence: Evidence): boolean {
  // The last scrape may be lost; that is no reason to forget the ones before.
  const recent = Math.max(1, Math.ceil((3 * (evidence.scrapeInterval ?? evidence.grid.step)) / evidence.grid.step));
  return (
    evidence.readings['output-tokens']?.lines.some((l) => l.values.slice(-recent).some((v) => v !== null)) ?? false
  );
}

/** Grid times at which a verdict may be asked for in a replay: from the first with half a minute of data behind it. */
export function replayTimes(grid: Grid, every: number): number[] {
  const stride = Math.max(1, Math.round(every / grid.step));
  const out: number[] = [];
  for (let i = grid.count - 1; i >= 0; i -= stride) out.unshift(timeAt(grid, i));
  return out;
}
