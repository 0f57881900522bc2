import type { Model } from './model.ts';

/** GPUs of one engine, by how they share the work. */
export interface Parallel {
  readonly tensor: number;
  readonly pipeline: number;
}

/** What a request takes of the KV cache on the fullest GPU of one engine (pathologies.md §10.3). */
export interface KvBytes {
  /** Bytes on all GPUs together that every further token adds. */
  readonly token: number;
  /** The same on one GPU. */
  readonly tokenPerGpu: number;
  /** Bytes on one GPU that each token adds in windowed layers, up to `window` tokens. */
  readonly windowPerGpu: number;
  readonly window: number;
  /** Bytes on one GPU that a request takes however long it is. */
  readonly fixedPerGpu: number;
  /** False where layers differ, so that vLLM's own figure (`kv_cache_size_tokens`) deviates. */
  readonly exact: boolean;
  readonly formula: string;
  readonly sum: string;
}

/**
 * @param bytes of one number in the cache: 2, or 1 with fp8
 * Latent attention is not shared by tensor parallelism, and more GPUs than KV heads keep copies.
 */
export function kvBytesOf(model: Model, bytes: number, { tensor, pipeline }: Parallel): KvBytes {
  const { attention, layers, kvHeads, headDim } = model;
  const mla = attention.kind === 'MLA';
  const eachLayer = mla ? attention.latent * bytes : 2 * kvHeads * headDim * bytes;
  const shared = mla ? 1 : Math.min(tensor, kvHeads);
  // The stage with most layers is full first.
  const stage = Math.ceil(layers / pipeline) / layers;
  const perGpu = (count: number) => (count * eachLayer * stage) / shared;
  const layer = mla ? `${attention.latent} of latent and rope` : `2 × ${kvHeads} KV heads × ${headDim}`;
  // With windows alone nothing grows for ever; what a token costs until the window is full is the only figure there is.
  const growing = attention.full > 0 ? attention.full : attention.windowed;
  return {
    token: growing * eachLayer,
    tokenPerGpu: perGpu(growing),
    windowPerGpu: attention.full > 0 ? perGpu(attention.windowed) : 0,
    window: attention.full > 0 ? attention.window : 0,
    fixedPerGpu: (attention.recurrent * (attention.stateBytes ?? 0) * stage) / tensor,
    exact: attention.windowed === 0 && attention.recurrent === 0,
    formula: mla ? 'layers × (latent + rope) × bytes' : '2 × layers that grow × KV heads × head dim × bytes',
    sum: `${growing} layers × ${layer} × ${bytes} B`,
  };
}

/** Tokens' worth of growing cache one request takes beside its tokens: windows up to their length, and constant states. */
export function extraTokens(kv: KvBytes, length: number): number {
  return (kv.windowPerGpu * Math.min(length, kv.window) + kv.fixedPerGpu) / kv.tokenPerGpu;
}

/** Tokens that fit, in whole blocks. */
export function capacityOf(kvMemoryPerGpu: number, kv: KvBytes, blockSize: number): number {
  return Math.max(0, Math.floor(kvMemoryPerGpu / kv.tokenPerGpu / blockSize) * blockSize);
}
