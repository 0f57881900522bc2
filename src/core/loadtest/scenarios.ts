/** What is asked of a server in one run. */
export interface LoadSettings {
  readonly arrivals: Arrivals;
  readonly requests: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Tokens at the start of every prompt that all prompts share. */
  readonly prefixTokens: number;
}

/**
 * `closed`: so many at a time, the next one sent when one ends. `open`: so many per second whatever comes back, exponential gaps
 * between (a Poisson process), since users do not wait for each other; `concurrency` limits it, `null` does not.
 */
export type Arrivals =
  | { readonly kind: 'closed'; readonly concurrency: number }
  | { readonly kind: 'open'; readonly rate: number; readonly concurrency: number | null };

export interface Scenario extends LoadSettings {
  readonly id: ScenarioId;
  readonly says: string;
}

export const SCENARIO_IDS = ['low-load', 'saturation', 'long-prompts', 'long-outputs', 'burst'] as const;
export type ScenarioId = (typeof SCENARIO_IDS)[number];

/** The five scenarios of the textbook, with its figures. Source: textbook §6, load test. */
export const SCENARIOS: readonly Scenario[] = [
  closed('low-load', 'latency without company', 1, 50, 512, 256),
  closed('saturation', 'throughput with all seats taken', 64, 500, 512, 256),
  closed('long-prompts', 'prefill', 8, 50, 8192, 256),
  closed('long-outputs', 'decode and a growing KV cache', 16, 50, 256, 4096),
  closed('burst', 'more than fits at once', 128, 200, 512, 256),
];

function closed(
  id: ScenarioId,
  says: string,
  concurrency: number,
  requests: number,
  promptTokens: number,
  outputTokens: number,
): Scenario {
  return { id, says, arrivals: { kind: 'closed', concurrency }, requests, promptTokens, outputTokens, prefixTokens: 0 };
}

/** How a run is called where nobody named a scenario. */
export function nameOf({ arrivals, promptTokens, outputTokens }: LoadSettings): string {
  const load = arrivals.kind === 'closed' ? `${arrivals.concurrency} at a time` : `${arrivals.rate}/s`;
  return `${load}, ${promptTokens}/${outputTokens} tokens`;
}

/**
 * When requests of an open loop are sent, seconds since the run begins; the first at once.
 * @param random 0 to 1, exclusive of 1
 */
export function arrivalTimes(requests: number, rate: number, random: () => number): number[] {
  let at = 0;
  return Array.from({ length: requests }, (_, i) => {
    if (i > 0) at += -Math.log(1 - random()) / rate;
    return at;
  });
}

/**
 * Chance that can be had again: the same seed gives the same prompts and arrivals.
 * @returns numbers 0 to 1, exclusive of 1. Source: mulberry32, Tommy Ettinger, public domain
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
