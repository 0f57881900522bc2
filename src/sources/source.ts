import type { Evidence } from '../core/evidence/evidence.ts';
import type { RawPage } from '../core/escalation/contents.ts';
import type { Snapshot } from '../core/snapshot/snapshot.ts';

/** What is asked of a source. */
export interface ReadRequest {
  /** Unix seconds, or `'now'` / `'start'` / `'end'`, resolved by the source: of a recording, its first and last scrape; of a live source, the present. */
  readonly from: number | 'start';
  readonly to: number | 'now' | 'end';
  /** Seconds looked back when `from` is `'start'` on a live source; default 1800. */
  readonly range?: number;
  /** PromQL matchers, e.g. `{job="vllm"}`; empty for none. */
  readonly selector: string;
  /** Served model name; all if left out. */
  readonly model?: string;
  /** Grid spacing in seconds; chosen by the source if left out. */
  readonly step?: number;
  readonly knobs: Readonly<Record<string, number>>;
  /** Evidence of the last read of the same request: a source may ask for the tail only and splice. */
  readonly previous?: Evidence;
}

export interface SourcePlatform {
  readonly fetch: typeof fetch;
  /** Unix seconds. */
  readonly now: () => number;
}

/** An opened source. `read` throws `SourceError` (errors.ts); absence of a signal is not an error but a reading marked absent. */
export interface Source {
  readonly kind: string;
  readonly label: string;
  read(request: ReadRequest, abort: AbortSignal): Promise<Evidence>;
  /** What was said of the evidence when it was frozen; a source without it is judged here for the first time. */
  readonly frozen?: Frozen;
  /** The last /metrics page of each server as it wrote it; a source without it never saw one. */
  pages?(): Promise<readonly RawPage[]>;
}

/** The part of a snapshot that is no evidence. */
export interface Frozen extends Omit<Snapshot, 'evidence' | 'schema'> {
  /** What is wrong with the link or file, and what could be read of it all the same: sentences. */
  readonly damage: readonly string[];
}

/** One field of the form a source needs; the page draws it, the command line names it. */
export interface SourceField {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly placeholder: string;
  readonly required: boolean;
  readonly secret?: boolean;
}
