/**
 * Duration of an engine step: alpha + beta · scheduled tokens + gamma · tokens resident in the running requests.
 * Seconds, seconds per token, seconds per token.
 */
export interface Pace {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
}

/** How an engine was started. */
export interface EngineSettings {
  readonly pace: Pace;
  /** max_num_seqs. */
  readonly seats: number;
  /** max_num_batched_tokens. */
  readonly budget: number;
  /** KV blocks. */
  readonly blocks: number;
  /** Tokens a block. */
  readonly blockSize: number;
  readonly maxModelLen: number;
  readonly prefixCaching: boolean;
  /** Most tokens of one prompt in a step, 0 = no limit. */
  readonly longPrefillThreshold: number;
  /** Share of all blocks to be free after an admission. */
  readonly watermark: number;
  /** A decode batch of more tokens than this runs without its CUDA graph, that much slower. */
  readonly graphEdge: number;
  readonly graphPenalty: number;
  readonly speculation: { readonly tokens: number; readonly draftCost: number } | null;
  /** Adapters that fit a step, 0 = LoRA off. */
  readonly maxLoras: number;
  /** Refuse above that many requests in the server, 0 = no limit. */
  readonly maxQueuedRequests: number;
  /** CPU work of the engine core between two steps: seconds, seconds per running request. */
  readonly gap: number;
  readonly gapPerRequest: number;
}

export const ENGINE_DEFAULTS: EngineSettings = {
  pace: { alpha: 0.025, beta: 0.000125, gamma: 5e-8 },
  seats: 256,
  budget: 2048,
  blocks: 8000,
  blockSize: 16,
  maxModelLen: 32768,
  prefixCaching: true,
  longPrefillThreshold: 0,
  watermark: 0,
  graphEdge: Infinity,
  graphPenalty: 0,
  speculation: null,
  maxLoras: 0,
  maxQueuedRequests: 0,
  gap: 0.0004,
  gapPerRequest: 0.000002,
};

/** CPU work of the API server: seconds a request, a prompt token, a delivered batch, a delivered token. */
export interface FrontEndSettings {
  readonly perRequest: number;
  readonly perPromptToken: number;
  readonly perBatch: number;
  readonly perToken: number;
}

export const FRONT_END_DEFAULTS: FrontEndSettings = {
  perRequest: 0.0015,
  perPromptToken: 0.0000012,
  perBatch: 0.0002,
  perToken: 0.000012,
};
