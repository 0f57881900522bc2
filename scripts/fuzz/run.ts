import { seededRandom } from '../../src/core/loadtest/scenarios.ts';
import { mutate } from './mutate.ts';
import type { FuzzedParser } from './parser.ts';

/** What one case did wrong. */
export interface Failure {
  readonly parser: string;
  /** Number of the case under its seed; -1 for one of the corpus. */
  readonly index: number;
  readonly input: string;
  readonly says: string;
}

export interface Tally {
  readonly cases: number;
  /** Cases that were read rather than refused: a fuzzer whose every case is refused at the door tests the door alone. */
  readonly accepted: number;
  /** Milliseconds of the slowest case. */
  readonly worst: number;
  readonly worstIndex: number;
  readonly failures: readonly Failure[];
}

/** A case that takes longer than this hangs. */
export const SLOW_MS = 1000;
/** A machine that does other work makes any case slow once; the one that is slow again is slow. */
const TRIED_AGAIN = 3;
/** Failures of one kind that are kept: the first tells as much as the thousandth. */
const KEPT_OF_A_KIND = 3;

/** The text of a case, which follows from parser, seed and number alone. */
export function caseOf(parser: FuzzedParser, seeds: readonly string[], seed: number, index: number): string {
  return mutate(
    seededRandom(Math.imul(seed ^ 0x9e3779b9, 2_654_435_761) ^ Math.imul(index + 1, 0x85ebca6b)),
    seeds,
    parser.words,
  );
}

/**
 * Runs cases `from` up to, not with, `to`.
 * @param onCase told before each case, so that whoever watches knows which one it hangs in
 */
export async function runCases(
  parser: FuzzedParser,
  { seed, from, to }: { readonly seed: number; readonly from: number; readonly to: number },
  onCase: (index: number) => void = () => {},
): Promise<Tally> {
  const seeds = parser.seeds();
  const together = parser.together ?? 1;
  const kinds = new Map<string, number>();
  const failures: Failure[] = [];
  let accepted = 0;
  let [worst, worstIndex] = [0, from];
  const fail = (index: number, input: string, says: string): void => {
    // The place is the kind: messages quote the input.
    const kind = /\([^()]*\)$/.exec(says)?.[0] ?? says.replace(/\d+/g, '#');
    const before = kinds.get(kind) ?? 0;
    kinds.set(kind, before + 1);
    if (before < KEPT_OF_A_KIND) failures.push({ parser: parser.id, index, input, says });
  };
  for (let start = from; start < to; start += together) {
    onCase(start);
    const end = Math.min(to, start + together);
    const inputs = Array.from({ length: end - start }, (_, i) => caseOf(parser, seeds, seed, start + i));
    const began = performance.now();
    const outcomes =
      inputs.length === 1
        ? [await attempt(parser, inputs[0] as string)]
        : await Promise.all(inputs.map((input) => attempt(parser, input)));
    const took = performance.now() - began;
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome === 'read') accepted += 1;
      else if (outcome !== 'refused') fail(start + i, inputs[i] as string, outcome);
    }
    if (took / inputs.length > worst) [worst, worstIndex] = [took / inputs.length, start];
    if (took > SLOW_MS)
      for (const [i, input] of inputs.entries()) {
        const again = await fastest(parser, input);
        if (again > SLOW_MS) fail(start + i, input, `takes ${Math.round(again)} ms`);
      }
  }
  return { cases: to - from, accepted, worst, worstIndex, failures };
}

/** What a parser makes of a text: `read`, `refused`, or the error nobody documented, with the line it came from. */
export async function attempt(parser: FuzzedParser, text: string): Promise<string> {
  try {
    const result = parser.read(text);
    if (result instanceof Promise) await result;
    return 'read';
  } catch (error) {
    if (parser.refuses(error)) return 'refused';
    const { stack = '', message } = error instanceof Error ? error : new Error(String(error));
    const at = /\((?:file:\/\/)?[^()]*?((?:src|scripts|node_modules)\/[^()]*)\)/.exec(stack)?.[1] ?? '';
    return `${error instanceof Error ? error.name : 'thrown'}: ${message.slice(0, 200)} (${at})`;
  }
}

async function fastest(parser: FuzzedParser, text: string): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let n = 0; n < TRIED_AGAIN; n += 1) {
    const began = performance.now();
    await attempt(parser, text);
    best = Math.min(best, performance.now() - began);
  }
  return best;
}
