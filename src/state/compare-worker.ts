import { compare } from '../core/compare/compare.ts';
import type { Comparison } from '../core/compare/comparison.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import type { Targets } from '../core/verdict/profiles.ts';

export interface CompareAsk {
  readonly before: Evidence;
  readonly after: Evidence;
  readonly targets: Targets;
}

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

scope.onmessage = ({ data: { before, after, targets } }: MessageEvent<CompareAsk>) => {
  const comparison: Comparison = compare(before, after, targets);
  scope.postMessage(comparison);
};
