import type { Evidence } from '../evidence/evidence.ts';
import { type SignalId, signalById } from '../signals/index.ts';
import { sayConfidence } from '../verdict/format.ts';
import type { Targets } from '../verdict/profiles.ts';
import type { Verdict } from '../verdict/verdict.ts';

export const SNAPSHOT_SCHEMA = 'vllm-triage/snapshot/1';

/**
 * One incident as it stood: what was measured, what was said of it, and by which rules. Plain readonly JSON. Whoever opens it
 * judges the evidence again on the same path as live evidence, and shows the stored verdict beside it where the two differ.
 */
export interface Snapshot {
  readonly schema: typeof SNAPSHOT_SCHEMA;
  readonly generatedBy: { readonly name: string; readonly version: string };
  /** Unix seconds it was taken at, which may be long after what it shows. */
  readonly takenAt: number;
  /** What the evidence was judged against. */
  readonly targets: Targets;
  /** The verdict of that day without its lines over time, which judging brings back. */
  readonly verdict: Verdict;
  /** `null` where the evidence is whole; else what was left out of it, so that the stored verdict must stand for itself. */
  readonly reduced: Reduced | null;
  /** Queries and selector are part of it, in its readings. */
  readonly evidence: Evidence;
}

/** What a reduced snapshot lacks. */
export interface Reduced {
  /** Signals read that day, and how many of them are still here. */
  readonly read: number;
  readonly kept: number;
  /** Sentences of the verdict that were left out as well. */
  readonly shortened: boolean;
}

/** @param takenAt unix seconds */
export function takeSnapshot(
  evidence: Evidence,
  targets: Targets,
  verdict: Verdict,
  { version, takenAt }: { readonly version: string; readonly takenAt: number },
): Snapshot {
  return {
    schema: SNAPSHOT_SCHEMA,
    generatedBy: { name: 'vllm-triage', version },
    takenAt,
    targets,
    verdict: withoutLines(verdict),
    reduced: null,
    evidence,
  };
}

/** The verdict without anything drawn over time. */
function withoutLines(verdict: Verdict): Verdict {
  const bare = <T extends Verdict['ruledOut'][number]>(finding: T): T => ({
    ...finding,
    strength: [],
    facts: finding.facts.map((fact) => ({ ...fact, trend: null })),
  });
  return {
    ...verdict,
    findings: verdict.findings.map(bare),
    ruledOut: verdict.ruledOut.map(bare),
    cannotTell: verdict.cannotTell.map(bare),
    assurances: verdict.assurances.map((fact) => ({ ...fact, trend: null })),
    attainment: verdict.attainment.map((one) => ({ ...one, trend: [] })),
  };
}

/**
 * What the rules of today say otherwise than the stored verdict: status, first finding, how sure it is in words, and what
 * else was found. @returns sentences, none where both agree
 */
export function disagreements(stored: Verdict, again: Verdict): string[] {
  const [then, now] = [stored.findings[0], again.findings[0]];
  const out: string[] = [];
  if (stored.status !== again.status) out.push(`The status was ${stored.status} and is ${again.status} now.`);
  if (then?.pathology !== now?.pathology)
    out.push(`The first finding was ${then?.title ?? 'none'} and is ${now?.title ?? 'none'} now.`);
  else if (then && now && sayConfidence(then.confidence) !== sayConfidence(now.confidence))
    out.push(
      `${then.title} was ${sayConfidence(then.confidence)} (${then.confidence.toFixed(2)}) and is ${sayConfidence(now.confidence)} (${now.confidence.toFixed(2)}) now.`,
    );
  const gone = otherTitles(stored, again);
  const added = otherTitles(again, stored);
  if (gone.length > 0) out.push(`No longer found: ${gone.join(', ')}.`);
  if (added.length > 0) out.push(`Newly found: ${added.join(', ')}.`);
  return out;
}

/** Contributing findings of `one` that `other` knows nothing of. */
function otherTitles(one: Verdict, other: Verdict): string[] {
  const known = new Set(other.findings.map((f) => f.pathology));
  return one.findings
    .slice(1)
    .filter((f) => !known.has(f.pathology))
    .map((f) => f.title);
}

/** What a reduced snapshot lacks, in words; `''` for a whole one. @param evidence what it holds, to name the signals */
export function sayReduced({ reduced }: Pick<Snapshot, 'reduced'>, { readings }: Pick<Evidence, 'readings'>): string {
  if (reduced === null) return '';
  const { read, kept, shortened } = reduced;
  const here = (Object.keys(readings) as SignalId[]).map((id) => signalById(id).title);
  const charts =
    here.length === 0 ? 'It holds no charts' : `It holds ${here.join(', ')}, rounded and for the fleet as a whole`;
  const lists = shortened ? ' Its lists are cut, and some sentences were left out.' : '';
  return `Reduced to fit a chat. ${charts}; the other ${read - kept} of ${read} signals that were read are not in it.${lists} It is not judged again.`;
}
