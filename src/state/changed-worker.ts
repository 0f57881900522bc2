import { type Stretch, type WhatChanged, whatChanged } from '../core/anomalies/changed.ts';
import { zScoreAlarms } from '../core/anomalies/textbook.ts';
import type { Evidence } from '../core/evidence/evidence.ts';

export interface ChangedAsk {
  readonly id: number;
  readonly evidence: Evidence;
  readonly after: Stretch;
}

export interface ChangedAnswer {
  readonly id: number;
  readonly what: WhatChanged;
  /** What the design article's monitor would have raised over the whole evidence: at how many looks. */
  readonly textbook: { readonly anomalies: number; readonly correlations: number };
}

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

scope.onmessage = ({ data: { id, evidence, after } }: MessageEvent<ChangedAsk>) => {
  const { anomalies, correlations } = zScoreAlarms(evidence);
  const answer: ChangedAnswer = {
    id,
    what: whatChanged(evidence, after),
    textbook: { anomalies: anomalies.length, correlations: correlations.length },
  };
  scope.postMessage(answer);
};
