/**
 * A labelled episode: what a simulated fleet exported, and what really went on in it. The label comes from the simulation's
 * own books (who was refused a seat, a block, a token), never from the metrics.
 */
export interface Episode {
  /** `class/strength/seed`, e.g. `seat-ceiling/mild/3`; look-alikes are `healthy-…/…/…`, mixtures `composite-…/…/…`. */
  readonly id: string;
  /** Pathology id, the name of a healthy look-alike, or of a composite. */
  readonly kind: string;
  readonly strength: 'mild' | 'strong' | 'none';
  /** Hardware and model the step times stand for, e.g. `70b-4gpu`. */
  readonly hardware: string;
  /** SLO profile it is judged under. */
  readonly profile: 'chat' | 'batch' | 'rag' | 'agentic' | 'code-completion';
  /** What the user would have told: empty where nobody did. */
  readonly knobs: Readonly<Record<string, number>>;
  /** How it was scraped and what was spoilt, for the tables: `5 s`, `lost scrapes`, `no dcgm`, `0.8 names`. */
  readonly perturbations: readonly string[];
  readonly scrapeInterval: number;
  /** Unix seconds of the first and last scrape. */
  readonly from: number;
  readonly to: number;
  readonly truth: Truth;
  /** OpenMetrics exposition with timestamps, one text per file, as the recording source reads them. */
  readonly texts: readonly string[];
}

export interface Truth {
  /** The pathology that should lead, `null` throughout a healthy episode. */
  readonly primary: string | null;
  /** Other ids that name the direct cause or effect: right in the lenient count only. */
  readonly lenient: readonly string[];
  /** Unix seconds at which the cause began, and from which people or the books could notice it at all; `null` if healthy. */
  readonly onset: number | null;
  readonly shows: number | null;
  /** Unix seconds at which the trouble was over again; `null` if it lasted to the end. */
  readonly end: number | null;
  /** Instances concerned; empty = all of them. */
  readonly instances: readonly string[];
  /** Cost or advice only: status stays healthy and the finding has severity info. */
  readonly quiet: boolean;
  /** Figures from the simulation's books that prove the label, for people. */
  readonly books: Readonly<Record<string, number>>;
}
