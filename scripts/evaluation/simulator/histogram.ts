/** A classic Prometheus histogram. */
export class Histogram {
  /** Per bucket, not cumulative; one more than there are bounds. */
  readonly counts: Float64Array;
  sum = 0;

  readonly bounds: readonly number[];

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  get count(): number {
    let total = 0;
    for (const n of this.counts) total += n;
    return total;
  }

  observe(value: number, times = 1): void {
    const { bounds, counts } = this;
    let i = 0;
    while (i < bounds.length && value > (bounds[i] as number)) i += 1;
    counts[i] = (counts[i] as number) + times;
    this.sum += value * times;
  }

  reset(): void {
    this.counts.fill(0);
    this.sum = 0;
  }
}

const REQUEST = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680];
const FIRST_TOKEN = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
];
const BETWEEN_TOKENS = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];

/** Bucket bounds of a release, see reference/metrics.md §1.1. */
export interface Bounds {
  readonly request: readonly number[];
  readonly firstToken: readonly number[];
  readonly betweenTokens: readonly number[];
  readonly iteration: readonly number[];
  readonly tokens: readonly number[];
}

/** @param early before 0.8.4: shorter lists, and CUDA-graph sizes for the tokens of a step */
export function boundsOf(early: boolean, maxModelLen: number): Bounds {
  const upTo = (list: readonly number[], most: number) => (early ? list.filter((bound) => bound <= most) : list);
  return {
    request: upTo(REQUEST, 60),
    firstToken: upTo(FIRST_TOKEN, 10),
    betweenTokens: upTo(BETWEEN_TOKENS, 2.5),
    iteration: early
      ? [1, 2, 4, ...Array.from({ length: 64 }, (_, i) => 8 * (i + 1))]
      : [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384],
    tokens: oneTwoFive(maxModelLen),
  };
}

function oneTwoFive(most: number): number[] {
  const bounds: number[] = [];
  for (let decade = 1; decade <= most; decade *= 10) {
    for (const factor of [1, 2, 5]) if (factor * decade <= most) bounds.push(factor * decade);
  }
  return bounds;
}

export const COUNT_BOUNDS: readonly number[] = [1, 2, 5, 10, 20];
export const PREEMPTION_BOUNDS: readonly number[] = [1, 2, 3, 4, 5, 10, 20];
export const TRANSFER_BOUNDS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 5];
export const TRANSFER_BYTES: readonly number[] = Array.from({ length: 12 }, (_, i) => 2 ** (11 + 2 * i));
export const HTTP_BOUNDS: readonly number[] = [0.1, 0.5, 1];
export const HTTP_FINE_BOUNDS: readonly number[] = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 7.5, 10, 30, 60,
];
