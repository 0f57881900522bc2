import type { Severity } from '../../src/core/detectors/detector.ts';
import type { Status, Verdict } from '../../src/core/verdict/verdict.ts';
import type { Episode } from './episode.ts';

/** One finding as it was said at a moment: what the evaluation needs of it. */
export interface Said {
  readonly pathology: string;
  readonly severity: Severity;
  readonly confidence: number;
  /** Before calibration. */
  readonly raw: number;
  /** Unix seconds of the onset given; `null` where it began before the window. */
  readonly since: number | null;
  /** Replicas named; empty = the whole fleet. */
  readonly instances: readonly string[];
}

/** What the product said at one moment, and what the others would have said. */
export interface Moment {
  /** Unix seconds. */
  readonly at: number;
  readonly status: Status;
  /** As listed: primary first. */
  readonly findings: readonly Said[];
  /** Pathologies of the textbook rules that fire, in the order of the rules. */
  readonly textbook: readonly string[];
  /** Replicas in sight. */
  readonly replicas: number;
}

/** An episode as it was watched: everything the report is made of, without the metrics themselves. */
export interface Watched {
  readonly episode: Omit<Episode, 'texts'>;
  readonly source: 'simulated' | 'recorded';
  /** False where the same trouble is there in a milder form before the onset: then neither calm nor onset is judged. */
  readonly calm: boolean;
  /** False where nobody wrote down which replicas are concerned. */
  readonly scoped: boolean;
  /** Every 15 s. */
  readonly moments: readonly Moment[];
  /** Every 5 s from the onset on, of acute troubles scraped every 5 s; else empty. */
  readonly fine: readonly Moment[];
  /** The same fleet judged with something taken away, at fewer moments; by ablation. */
  readonly ablations: Readonly<Record<string, readonly Moment[]>>;
  /** Unix seconds at which the rolling z-score detector raised an alarm; and its correlation monitor. */
  readonly zScore: { readonly anomalies: readonly number[]; readonly correlations: readonly number[] };
  /** Milliseconds spent. */
  readonly cost: { readonly build: number; readonly read: number; readonly judge: number };
}

/** The part of a verdict the evaluation keeps. */
export function momentOf(verdict: Verdict, at: number): Moment {
  return {
    at,
    status: verdict.status,
    findings: verdict.findings.map((finding) => ({
      pathology: finding.pathology,
      severity: finding.severity,
      confidence: finding.confidence,
      raw: finding.raw,
      since: finding.since,
      instances: finding.scope.kind === 'fleet' ? [] : finding.scope.instances,
    })),
    textbook: verdict.textbook.filter((rule) => rule.fires === true).map((rule) => rule.pathology),
    replicas: verdict.instances.length,
  };
}
