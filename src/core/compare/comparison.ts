import type { Unit } from '../base/units.ts';
import type { Severity } from '../detectors/detector.ts';
import type { Status } from '../verdict/verdict.ts';

/**
 * helped: what was found is gone, and people are better off, at no loss to them; relieved: they are better off, and not all is
 * well; hurt: they are worse off, or another critical finding took its place; no-difference: chance explains what moved.
 */
export type Answer = 'helped' | 'relieved' | 'no-difference' | 'hurt' | 'cannot-tell';

/** How the second number stands to the first; chance: not further apart than chance allows, or than anybody needs to know. */
export type Difference = 'more' | 'less' | 'changed' | 'none' | 'chance' | 'unknown';

/** One thing before and after. */
export interface Row {
  readonly id: string;
  readonly title: string;
  /** Of numbers; `null` for words. */
  readonly unit: Unit | null;
  /** Base units; an interval where buckets allow no more; `null` where not measured. */
  readonly before: number | string | Interval | null;
  readonly after: number | string | Interval | null;
  readonly difference: Difference;
  /** Which way is good for people; `null` where neither is. */
  readonly better: 'more' | 'less' | null;
  /** Standard errors between the two; `null` where it is no matter of chance, or not measured. */
  readonly z: number | null;
  /** `null` for what load has no part in. */
  readonly normalised: Normalised | NotNormalised | null;
  /** How it was counted, or why it cannot be told; empty where nothing is to be said. */
  readonly note: string;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The same with the load taken out. */
export interface Normalised {
  /** The divisor, or the model: `per running request`. */
  readonly per: string;
  readonly unit: Unit;
  readonly before: number | null;
  readonly after: number | null;
}

export interface NotNormalised {
  readonly because: string;
}

export type SectionId = 'configuration' | 'workload' | 'load' | 'outcome';

export interface Section {
  readonly id: SectionId;
  readonly title: string;
  readonly rows: readonly Row[];
}

/** What one side is. Times in unix seconds. */
export interface Moment {
  readonly from: number;
  readonly to: number;
  readonly status: Status;
  readonly headline: string;
  /** Pathology of the finding that leads; `null` without one that hurts. */
  readonly primary: string | null;
}

/** A finding of before, looked for after. */
export interface Signature {
  readonly pathology: string;
  readonly title: string;
  /** Before. */
  readonly severity: Severity;
  readonly after: 'detected' | 'ruled-out' | 'cannot-tell';
  readonly score: { readonly before: number; readonly after: number };
  /** Why it is gone, or what is missing to tell; empty while it stands. */
  readonly because: string;
  readonly facts: readonly { readonly label: string; readonly before: string; readonly after: string | null }[];
}

/** Whether a remedy was followed, as far as metrics show. */
export interface Applied {
  readonly state: 'visible' | 'contradicted' | 'not-visible';
  readonly says: string;
}

export interface RemedyCheck {
  readonly title: string;
  readonly flag: string | null;
  /** Pathologies it was for. */
  readonly for: readonly string[];
  /** How the remedy itself says it can be verified, and the price it names. */
  readonly verify: string;
  readonly risk: string;
  readonly applied: Applied;
  readonly answer: Answer;
  readonly because: readonly string[];
}

export interface ModelComparison {
  readonly model: string;
  readonly before: Moment;
  readonly after: Moment;
  /** In the order they are to be read: what was different from the start comes before what came of it. */
  readonly sections: readonly Section[];
  readonly signatures: readonly Signature[];
  readonly answer: Answer;
  readonly because: readonly string[];
  /** What people pay for it: everything that got worse beyond chance. */
  readonly price: readonly string[];
  readonly remedies: readonly RemedyCheck[];
}

export interface Comparison {
  readonly profile: string;
  /** The worst answer of all models. */
  readonly answer: Answer;
  readonly models: readonly ModelComparison[];
  /** Models seen on one side alone, which are not compared. */
  readonly unmatched: readonly { readonly model: string; readonly side: 'before' | 'after' }[];
}
