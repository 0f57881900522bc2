import { aiperf, aiperfRequests } from './aiperf.ts';
import type { LoadFormat } from './format.ts';
import { guidellm } from './guidellm.ts';
import { inferencePerf } from './inference-perf.ts';
import { llmD } from './llm-d.ts';
import { llmOptimizer } from './llm-optimizer.ts';
import { llmperf } from './llmperf.ts';
import { own } from './own.ts';
import { sglang } from './sglang.ts';
import { vllm } from './vllm.ts';

/** Formats in the order they are tried; the first that recognises a record reads it. */
export const LOAD_FORMATS: readonly LoadFormat[] = [
  own,
  aiperf,
  aiperfRequests,
  guidellm,
  inferencePerf,
  llmD,
  sglang,
  llmOptimizer,
  llmperf,
  vllm,
];
