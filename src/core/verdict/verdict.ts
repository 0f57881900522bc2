import type { Grid, Values } from '../base/grid.ts';
import type { Finding } from '../detectors/detector.ts';
import type { Coverage } from '../evidence/evidence.ts';
import type { Motion } from './motion.ts';
import type { Plan } from './plan.ts';
import type { SignalId } from '../signals/index.ts';

export type Status = 'healthy' | 'degraded' | 'critical' | 'unknown';

/** What `diagnose` answers. `format.ts` turns it into the JSON and the text of contract.md. */
export interface Verdict {
  /** Unix seconds judged at: the end of the grid. */
  readonly at: number;
  readonly grid: Grid;
  readonly selector: string;
  readonly models: readonly string[];
  readonly instances: readonly string[];
  readonly profile: string;
  readonly status: Status;
  /** One sentence a person can read out. */
  readonly headline: string;
  /** Two short sentences under it: who is hurt, by how much. */
  readonly lede: string;
  /** primary first, then contributing by rank. */
  readonly findings: readonly RankedFinding[];
  /** The advice of all findings as one list without contradictions. */
  readonly plan: Plan;
  /** Whether answers move at all, on the replica where it is worst; `null` where none is seen. */
  readonly motion: Motion | null;
  readonly ruledOut: readonly Finding[];
  readonly cannotTell: readonly Finding[];
  /** Signatures that stood earlier in this window and are over; times in unix seconds. */
  readonly earlier: readonly {
    readonly pathology: string;
    readonly title: string;
    readonly from: number;
    readonly to: number;
  }[];
  /** The literal textbook rules, and where they disagree. */
  readonly textbook: readonly TextbookResult[];
  /** For a healthy verdict: the three facts it rests on. For others empty. */
  readonly assurances: readonly Finding['facts'][number][];
  readonly attainment: readonly Attainment[];
  readonly signals: {
    readonly present: readonly SignalId[];
    readonly renamed: readonly { readonly signal: SignalId; readonly as: string }[];
    readonly absent: readonly SignalId[];
    /** Of those there: on which instances the samples have ended. */
    readonly stale: readonly OldSignal[];
    /** Of those there: on which instances the engine stands still and left the value behind. */
    readonly frozen: readonly OldSignal[];
    /** Of those absent: the pathologies that cannot be judged without. */
    readonly disabled: readonly { readonly signal: SignalId; readonly pathologies: readonly string[] }[];
  };
  /** Of a fleet too large to look at one by one: who was, and why. */
  readonly coverage?: Coverage;
  readonly warnings: readonly string[];
}

/** A signal that does not speak of the present, and of which instances that holds. */
export interface OldSignal {
  readonly signal: SignalId;
  readonly instances: readonly string[];
}

export interface RankedFinding extends Finding {
  readonly role: 'primary' | 'contributing';
  readonly model: string;
  /** Confidence by rule, before it was calibrated on labelled episodes: what a calibration is fitted on. */
  readonly raw: number;
  /** Pathologies whose signature this one accounts for. */
  readonly explains: readonly string[];
}

/** Share of requests within a target: an interval where the target is no bucket edge. */
export interface Attainment {
  readonly metric: 'ttft' | 'tpot' | 'e2e';
  readonly target: number;
  /** Share 0 to 1 over the last two minutes; `null` with nothing observed. */
  readonly now: { readonly low: number; readonly high: number } | null;
  readonly before: { readonly low: number; readonly high: number } | null;
  readonly observed: number;
  readonly trend: Values;
}

export interface TextbookResult {
  readonly pathology: string;
  readonly rule: string;
  readonly fires: boolean | null;
  readonly because: string;
  /** Where it disagrees with the verdict, and why; empty where both agree. */
  readonly disagrees: string;
}
