/** A setting that no metric carries and that a person may tell; each makes more things decidable. */
export interface Knob {
  /** The flag without dashes, the same in JSON, URL and command line. */
  readonly id: string;
  readonly title: string;
  /** The flag, or `null` for a fact about the traffic that is no setting. */
  readonly flag: string | null;
  readonly unit: 'requests' | 'tokens';
  /** Smallest and largest value that makes sense. */
  readonly min: number;
  readonly max: number;
  /** What `vllm serve` takes if nobody says, in words, since it depends on the hardware. */
  readonly byDefault: string;
  /** What more of it buys, and what that costs. */
  readonly trades: string;
  /** What can be told only with it. */
  readonly decides: string;
}

/** Identity, for the type of the literal to survive. */
export function knob<const K extends Knob>(definition: K): K {
  return definition;
}
