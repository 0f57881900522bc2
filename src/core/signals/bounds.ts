import { type SignalId, signalById } from './index.ts';

const SECONDS = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680];
const TTFT = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
];
const ITL = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];
const TOKENS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000];
const STEP_TOKENS = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384];
const PREEMPTIONS = [1, 2, 3, 4, 5, 10, 20];

/** Upper bucket edges vLLM 0.32 gives a histogram, ascending and finite; reference/metrics.md §1.1. */
export function defaultBounds(id: SignalId): readonly number[] {
  switch (id) {
    case 'ttft':
      return TTFT;
    case 'itl':
    case 'time-per-output-token':
      return ITL;
    case 'step-tokens':
      return STEP_TOKENS;
    case 'request-preemptions':
      return PREEMPTIONS;
    default:
      return signalById(id).unit === 'seconds' ? SECONDS : TOKENS;
  }
}

/** The first bucket edge at or above a target: what lies beyond it certainly misses the target. */
export function edgeAbove(id: SignalId, target: number, bounds: readonly number[] = defaultBounds(id)): number {
  return bounds.find((bound) => bound >= target) ?? (bounds.at(-1) as number);
}
