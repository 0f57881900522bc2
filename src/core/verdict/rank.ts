import { clamp } from '../base/score.ts';
import type { Finding } from '../detectors/detector.ts';
import { calibrated, groupOf } from './calibration.ts';
import { EXPLAINS, FELT_BY_OTHERS, ONSET_SLACK, ONSET_SLACK_SCRAPES, OPEN_CAUSES, UNSEEN_BECAUSE } from './edges.ts';
import type { RankedFinding } from './verdict.ts';

/** A finding that costs money is no incident: it leads only where nothing hurts. */
const WEIGHT = { critical: 1, warning: 1, info: 0.3 } as const;
/** Advice about money stands behind every remark about the fleet itself. */
const COST: ReadonlySet<string> = new Set(['gpu-underutilization']);

interface OfModel {
  readonly finding: Finding;
  readonly model: string;
}

/**
 * One headline out of several detected findings: causes first, their effects under them (pathologies.md §5.2).
 * @param scrapeInterval seconds, which blur onsets; `null` where unknown
 * @param open findings that could not be told although their signals are there
 * @returns primary first, then contributing by rank; empty for none
 */
export function rank(
  detected: readonly OfModel[],
  scrapeInterval: number | null = null,
  open: readonly OfModel[] = [],
): RankedFinding[] {
  const slack = Math.max(ONSET_SLACK, ONSET_SLACK_SCRAPES * (scrapeInterval ?? 0));
  const pool = detected.map(({ finding, model }) => ({
    finding,
    model,
    explains: detected.filter(
      (other) =>
        other.finding !== finding &&
        other.model === model &&
        explainsIt(finding, other.finding, slack) &&
        !explainsIt(other.finding, finding, slack),
    ),
  }));
  const rooted = pool.map((entry) => {
    const { finding } = entry;
    const narrow = finding.scope.kind === 'instances' ? 1.1 : 1;
    const weight = COST.has(finding.pathology) ? WEIGHT.info / 3 : WEIGHT[finding.severity];
    const root = finding.score * weight * (1 + 0.15 * entry.explains.length) * narrow;
    return { ...entry, root, explained: pool.some((other) => other.explains.some((e) => e.finding === finding)) };
  });
  // An effect never leads while its cause stands, unless the cause hurts nobody and the effect does.
  const order = [...rooted].sort(
    (a, b) =>
      Number(b.finding.severity !== 'info') - Number(a.finding.severity !== 'info') ||
      Number(a.explained) - Number(b.explained) ||
      b.root - a.root,
  );
  const first = order[0];
  if (!first) return [];
  const rival = order
    .slice(1)
    .find((entry) => !first.explains.some((e) => e.finding === entry.finding) && entry.finding.severity !== 'info');
  const margin = rival ? 0.8 + 0.2 * clamp((first.root - rival.root) / 0.3) : 1;
  return order.map((entry, i) => {
    const { finding } = entry;
    const certain = finding.confidence * (i === 0 ? margin : entry.explained ? 0.9 : 1);
    const causes = OPEN_CAUSES[finding.pathology] ?? [];
    const isOpen = open.some((one) => one.model === entry.model && causes.includes(one.finding.pathology));
    const raw = isOpen ? Math.min(certain, OPEN_CAUSE) : certain;
    return {
      ...finding,
      role: i === 0 ? 'primary' : 'contributing',
      model: entry.model,
      raw,
      confidence: isOpen ? Math.min(confidenceOf(finding, raw), OPEN_CAUSE) : confidenceOf(finding, raw),
      explains: entry.explains.map((e) => e.finding.pathology),
    };
  });
}

/** Highest confidence of a finding that lacks what tells it from its look-alikes. */
const UNTOLD_APART = 0.6;

/**
 * Highest confidence of a finding whose cause may be another one that could not be told: likely, and below what is said of a sure one. What
 * it names is there and felt, so it is no guess; whether it is what to mend is open.
 */
const OPEN_CAUSE = 0.75;

/** How often such a finding was right on labelled episodes. Where a discriminator is missing, no record makes it surer than its rule. */
function confidenceOf(finding: Finding, raw: number): number {
  const learnt = calibrated(groupOf(finding.pathology), raw);
  return finding.missing.length > 0 && finding.confidence <= UNTOLD_APART ? Math.min(learnt, raw) : learnt;
}

function explainsIt(cause: Finding, effect: Finding, slack: number): boolean {
  const explained = [cause.pathology, variantId(cause)].flatMap((id) => EXPLAINS[id] ?? []);
  if (!explained.includes(effect.pathology) && !explained.includes(variantId(effect))) return false;
  const covered =
    cause.scope.kind === 'fleet' ||
    FELT_BY_OTHERS.has(cause.pathology) ||
    effect.scope.instances.some((id) => cause.scope.instances.includes(id));
  if (!covered) return false;
  if (cause.since === null || effect.since === null) return true;
  return cause.since <= effect.since + slack;
}

/** Whether a finding by itself says why its replicas are out of sight. */
export function isUnseenBecause(finding: Finding): boolean {
  return UNSEEN_BECAUSE.has(finding.pathology) || UNSEEN_BECAUSE.has(variantId(finding));
}

function variantId(finding: Finding): string {
  return `${finding.pathology}/${finding.variant ?? ''}`;
}
