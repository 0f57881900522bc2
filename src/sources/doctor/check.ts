import { SourceError, type SourceProblem } from '../errors.ts';
import type { Answer, Params, PrometheusClient } from '../prometheus/client.ts';
import type { Flavour } from '../prometheus/flavour.ts';
import type { SourcePlatform } from '../source.ts';

/** Holds; does not hold; cannot be told from here. Never taken for ok because nothing was found. */
export type CheckState = 'ok' | 'failed' | 'unknown';

/** What a check came to. */
export interface Outcome {
  readonly state: CheckState;
  /** What was observed, without a full stop: `answered in 41 ms`. */
  readonly fact: string;
  /** What to do, where something is wrong. */
  readonly todo: string | null;
  /** The exact line to change or to try; may hold line breaks. */
  readonly line: string | null;
}

/** One step on the way from the address to a verdict. */
export interface Check {
  readonly id: string;
  /** What holds if it is ok: `Something answers`. */
  readonly title: string;
  /** Steps this one stands on: where one of them failed or was not reached, this one is not reached. */
  readonly needs: readonly string[];
  /** Holds up a browser and nobody else: where none is involved, what stands on it is examined all the same. */
  readonly browserOnly?: true;
  examine(patient: Patient, abort: AbortSignal): Outcome | Promise<Outcome>;
}

/** How the first question went. */
export type Contact =
  | { readonly problem: null; readonly seconds: number }
  | { readonly problem: SourceProblem; readonly message: string; readonly status: number | null };

/** The page that asks. */
export interface AskingPage {
  readonly origin: string;
  /** Whether a browser holds requests to the rules; else they are looked at from outside. */
  readonly enforced: boolean;
}

/** What is examined, and what the checks find out for each other. */
export interface Patient {
  readonly client: PrometheusClient;
  /** Header names and values that go with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly page: AskingPage | null;
  readonly selector: string;
  /** Unix seconds: the range that is to be judged. */
  readonly from: number;
  readonly to: number;
  readonly platform: SourcePlatform;
  /** The first question to the API, asked once. Throws only 'aborted'. */
  contact(abort: AbortSignal): Promise<Contact>;
  /** Another base on the same host below which the API answers, `null` if none of the usual ones; looked for once. */
  elsewhere(abort: AbortSignal): Promise<string | null>;
  /** What the server is, asked once. */
  flavour(abort: AbortSignal): Promise<Flavour>;
  /** Seconds between scrapes, once that step was taken. */
  interval: number | null;
}

export const ok = (fact: string): Outcome => ({ state: 'ok', fact, todo: null, line: null });
export const unknown = (fact: string): Outcome => ({ state: 'unknown', fact, todo: null, line: null });
export const failed = (fact: string, todo: string, line: string | null = null): Outcome => ({
  state: 'failed',
  fact,
  todo,
  line,
});

/**
 * The answer to a question a server need not know; `null` where it does not.
 * @throws SourceError 'aborted'
 */
export async function askMaybe(
  patient: Patient,
  path: string,
  params: Params,
  abort: AbortSignal,
): Promise<Answer | null> {
  try {
    return await patient.client.ask(path, params, abort);
  } catch (error) {
    if (error instanceof SourceError && error.problem !== 'aborted') return null;
    throw error;
  }
}
