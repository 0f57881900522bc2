import type { RawPage } from '../../core/escalation/contents.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import type { SignalId } from '../../core/signals/index.ts';
import type { Targets } from '../../core/verdict/profiles.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import type { SourceProblem } from '../../sources/errors.ts';
import type { Frozen, ReadRequest } from '../../sources/source.ts';
import type { HistoryAsk } from '../history-judge.ts';
import type { Piece } from './pieces.ts';

/** A file as it lies on a disk or comes from a server, packed or not. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: ArrayBuffer;
}

/** What a source is opened with. */
export type Opening =
  | { readonly kind: 'prometheus'; readonly url: string; readonly headers: Readonly<Record<string, string>> }
  | {
      readonly kind: 'files';
      readonly label: string;
      readonly files: readonly NamedBytes[];
      /** Of a snapshot that is locked; `''` for none. */
      readonly passphrase: string;
    }
  /** /metrics pages, scraped from now on. */
  | {
      readonly kind: 'metrics';
      readonly urls: readonly string[];
      readonly headers: Readonly<Record<string, string>>;
    };

/** What is asked of the worker. `key` names an opened source, `as` one of the reads of it that are kept. */
export type Ask =
  /** Loads what reads files, ahead of need. */
  | { readonly do: 'warm' }
  | { readonly do: 'open'; readonly key: string; readonly what: Opening }
  | {
      readonly do: 'read';
      readonly key: string;
      readonly as: string;
      readonly request: Omit<ReadRequest, 'previous'>;
      /** Number of the read of this name that is at hand already, from which it may go on; `null` to read all. */
      readonly held: number | null;
      /** Unix seconds at the page when it asked, whose clock counts. */
      readonly now: number;
    }
  | {
      readonly do: 'judge';
      readonly key: string;
      readonly as: string;
      /** Number of the read that is meant. */
      readonly read: number;
      readonly targets: Targets;
      /** Unix seconds to judge at; `null` for the end. */
      readonly at: number | null;
      /** Whether all of it is judged at its end as well, models together: for a snapshot, to be held against its own verdict. */
      readonly again: boolean;
    }
  /** Judges what no source of the worker's holds, such as evidence in other names. */
  | { readonly do: 'diagnose'; readonly evidence: Evidence; readonly targets: Targets }
  | { readonly do: 'pages'; readonly key: string }
  | { readonly do: 'save'; readonly key: string };

export type Call =
  | (Ask & { readonly id: number })
  | { readonly id: number; readonly do: 'stop' }
  /** For a worker that judges a history and reads nothing. */
  | { readonly history: HistoryAsk };

/** What there is to know of a source that was opened. */
export interface Opened {
  readonly kind: string;
  readonly label: string;
  readonly frozen: Frozen | null;
}

/** The end of a read; its readings went ahead in pieces. */
export interface ReadEnd {
  readonly read: number;
  readonly head: Omit<Evidence, 'readings'>;
  /** Milliseconds since 1970 at which the last answer of the source was in. */
  readonly answeredAt: number;
}

/** What a rule cannot decide without. */
export interface Need {
  readonly signal: SignalId;
  readonly pathology: string;
  readonly title: string;
}

export interface Judgement {
  /** Every model found, worst first. */
  readonly models: readonly { readonly model: string; readonly verdict: Verdict }[];
  /** What was asked for with `again`. */
  readonly again: Verdict | null;
  readonly needs: readonly Need[];
}

/** The worker no longer holds that read. */
export const GONE = 'gone';

/** Nothing came since the read that is held. */
export const SAME = 'same';

export type Told =
  | Opened
  | ReadEnd
  | Judgement
  | Verdict
  | typeof GONE
  | typeof SAME
  | readonly RawPage[]
  | ArrayBuffer
  | null;

export type Answer =
  | { readonly id: number; readonly piece: Piece }
  | { readonly id: number; readonly value: Told }
  | { readonly id: number; readonly problem: SourceProblem; readonly message: string; readonly status: number | null }
  /** No fault of a source but one of the program's. */
  | { readonly id: number; readonly fault: string };
