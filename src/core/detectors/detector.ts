import type { Unit } from '../base/units.ts';
import type { Values } from '../base/grid.ts';
import type { SignalId } from '../signals/index.ts';
import type { Judged } from '../evidence/judged.ts';

/** Ids of contract.md §1 that exist as detectors grow with the catalogue; see index.ts. */
export interface Detector {
  readonly id: string;
  readonly title: string;
  /** One sentence: what goes on inside the engine. */
  readonly mechanism: string;
  /** Signals without which it cannot decide. */
  readonly needs: readonly SignalId[];
  /** Answers even when it cannot tell: "no data" is not "healthy". Pure. */
  judge(judged: Judged): Finding;
}

export type Severity = 'critical' | 'warning' | 'info';

export interface Finding {
  readonly pathology: string;
  readonly title: string;
  readonly variant: string | null;
  readonly state: 'detected' | 'ruled-out' | 'cannot-tell';
  /** 0 to 1: how strongly the signature is there at the end of the window. */
  readonly score: number;
  /** 0 to 0.95: how likely this is right; how it was reached stands in the detector's README. */
  readonly confidence: number;
  readonly severity: Severity;
  /** Replica ids the finding is about; all of them = fleet. */
  readonly scope: { readonly kind: 'fleet' | 'instances' | 'telemetry'; readonly instances: readonly string[] };
  /** Unix seconds of the onset; `null` if it began before the window or nothing was detected. */
  readonly since: number | null;
  /** Unix seconds of the last grid time at which the signature held; the end of the window while it lasts. */
  readonly until: number | null;
  /** Strength 0 to 1 at each grid time: the timeline lane. */
  readonly strength: Values;
  /** The evidence that counted, discriminating one first. */
  readonly facts: readonly Fact[];
  /** Why not, one sentence with the number that killed it; for ruled-out. */
  readonly because: string;
  /** What would have settled it, for cannot-tell; also what was wished for otherwise. */
  readonly missing: readonly SignalId[];
  /** What to provide so that it can be told: one sentence. */
  readonly ask: string;
  readonly story: Story | null;
  readonly remedies: readonly Remedy[];
  readonly willNotHelp: readonly NoHelp[];
  /** One sentence under the headline: who is hurt and how. */
  readonly lede: string;
}

export interface Fact {
  readonly signal: SignalId | null;
  /** Reads on its own: "14 preemptions/s". */
  readonly says: string;
  /** Big figure of the banner row, without unit: "2.6". */
  readonly figure: string;
  /** What the figure counts: "preemptions per finished request". */
  readonly label: string;
  /** What it is compared with: "normal < 0.1", "before 0.33". */
  readonly compared: string;
  /** One line of arithmetic or context. */
  readonly detail: string;
  readonly observed: number | null;
  readonly expected: number | null;
  readonly unit: Unit;
  readonly query: string | null;
  /** The same figure over time, for the sparkline. */
  readonly trend: Values | null;
  /** Level to draw as a dashed line in the sparkline. */
  readonly limit: number | null;
}

/** changed → broke first → hurts; each with its time where it can be dated. */
export interface Story {
  readonly changed: Chapter | null;
  readonly broke: Chapter | null;
  readonly hurts: Chapter | null;
}
export interface Chapter {
  readonly at: number | null;
  readonly title: string;
  readonly says: string;
}

export interface Remedy {
  readonly title: string;
  readonly knob: string | null;
  readonly from: number | string | null;
  readonly to: number | string | null;
  /** Copyable command-line form, several flags joined by a space. */
  readonly flag: string | null;
  readonly why: string;
  /** Lines of arithmetic: what was computed, and its result. */
  readonly steps: readonly { readonly sum: string; readonly result: string }[];
  readonly expect: string;
  /** The price. */
  readonly risk: string;
  readonly verify: string;
  readonly needsRestart: boolean;
}

export interface NoHelp {
  readonly title: string;
  readonly why: string;
}
