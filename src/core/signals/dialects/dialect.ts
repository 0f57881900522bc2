import type { SignalId } from '../index.ts';
import type { MetricName } from '../signal.ts';

/**
 * How an engine other than vLLM, or a collector of somebody's own, spells the signals of the catalogue. Only names of equal
 * meaning are here; one that means something else is left out with the reason, which the page shows beside the missing signal.
 */
export interface Dialect {
  readonly id: string;
  /** For people: "SGLang". */
  readonly title: string;
  /** Beginnings of its names, by which a server is asked for them; none where they begin like vLLM's or like anybody's. */
  readonly prefixes: readonly string[];
  /** Whether its series carry no `model_name`. */
  readonly unnamed?: boolean;
  readonly names: Readonly<Partial<Record<SignalId, readonly MetricName[]>>>;
  /** Why a name that looks right is not read, one sentence each. */
  readonly leftOut: Readonly<Partial<Record<SignalId, string>>>;
}
