import { filledIn, type ModelConfig, ModelError, type Quantization } from './model-config.ts';

/** What memory and speed of a model follow from. */
export interface Model {
  readonly name: string;
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly attention: Attention;
  /** Longest request the model was made for; `null` if not told. */
  readonly maxLength: number | null;
  /** All parameters, and those one token goes through (the embedding table is looked up, not multiplied). */
  readonly parameters: number;
  readonly active: number;
  /** Parameters of routed experts, and the share of them one token goes through; 0 and 1 for dense models. */
  readonly expertParameters: number;
  readonly expertShare: number;
  readonly weights: Weights;
  /** What the arithmetic leaves out, in sentences. */
  readonly notes: readonly string[];
}

/** Layers by what they keep of a request. */
export interface Attention {
  readonly kind: 'MHA' | 'GQA' | 'MQA' | 'MLA';
  /** Layers whose cache grows with every token. */
  readonly full: number;
  /** Layers that keep the last `window` tokens. */
  readonly windowed: number;
  readonly window: number;
  /** Layers that keep a state of constant size for each request, and its bytes in one layer; `null` if it cannot be told. */
  readonly recurrent: number;
  readonly stateBytes: number | null;
  /** MLA: numbers kept of a token in one layer. */
  readonly latent: number;
}

export interface Weights {
  /** Bytes on all GPUs of one engine together. */
  readonly bytes: number;
  readonly says: string;
  /** Whether matrix products run on 8-bit numbers. */
  readonly eightBit: boolean;
  /** Bytes every step reads, and those of all routed experts, of which a step reads the ones its tokens are sent to. */
  readonly always: number;
  readonly experts: number;
}

/** Two matrices in the feed-forward part instead of three. */
const NOT_GATED = ['gpt2', 'gpt_bigcode', 'gpt_neox', 'gptj', 'opt', 'bloom', 'mpt', 'falcon', 'phi', 'starcoder2'];
const WINDOWED = ['sliding_attention', 'chunked_attention', 'local_attention'];
const FULL = ['full_attention', 'attention', 'global_attention'];
const WITHOUT_MEMORY = ['mlp', 'moe', '-', 'E'];

/**
 * Works out a model from its config.
 * @param quantization what `--quantization` says, in place of the checkpoint's own
 * @throws ModelError that names the missing field
 */
export function modelOf(name: string, given: ModelConfig, quantization?: string): Model {
  const config = filledIn(given);
  const need = (field: keyof ModelConfig): number => {
    const value = config[field];
    if (typeof value !== 'number' || !(value > 0))
      throw new ModelError(`${name}: expected ${field}, a whole number above zero, as in a Hugging Face config.json.`);
    return value;
  };
  const layers = need('num_hidden_layers');
  const hidden = need('hidden_size');
  const heads = need('num_attention_heads');
  const kvHeads = config.num_key_value_heads ?? (config.multi_query === true ? 1 : heads);
  const headDim = config.head_dim ?? hidden / heads;
  if (!Number.isInteger(headDim))
    throw new ModelError(
      `${name}: hidden_size ${hidden} is no multiple of num_attention_heads ${heads}; expected head_dim.`,
    );
  const attention = attentionOf(config, layers, kvHeads, heads);
  const notes: string[] = [];
  if (config.has_other_towers === true)
    notes.push('The encoder for pictures or sound is not counted in the weights; it is usually below 1 GiB.');
  if (attention.recurrent > 0 && attention.stateBytes === null)
    notes.push('The size of a recurrent state is not in the config; the memory of states is left out.');

  const kinds = attention.full + attention.windowed;
  const attentionEach =
    attention.kind === 'MLA' ? latentParameters(config, hidden, heads) : hidden * headDim * (2 * heads + 2 * kvHeads);
  // A recurrent layer projects to about four times its width.
  const mixing = kinds * attentionEach + attention.recurrent * 4 * hidden * hidden;
  const matrices = NOT_GATED.includes(config.model_type ?? '') ? 2 : 3;
  const experts = config.num_experts ?? config.n_routed_experts ?? config.num_local_experts ?? 0;
  const width = config.intermediate_size ?? 4 * hidden;
  let dense = layers * matrices * hidden * width;
  let routed = 0;
  let share = 1;
  if (experts > 1) {
    const each = config.num_experts_per_tok ?? config.experts_per_token;
    if (each === undefined)
      throw new ModelError(`${name}: has ${experts} experts; expected num_experts_per_tok as well.`);
    const expertWidth = config.moe_intermediate_size ?? width;
    const sparse = Math.floor((layers - (config.first_k_dense_replace ?? 0)) / (config.decoder_sparse_step ?? 1));
    const shared = config.shared_expert_intermediate_size ?? (config.n_shared_experts ?? 0) * expertWidth;
    routed = sparse * experts * matrices * hidden * expertWidth;
    share = each / experts;
    dense = (layers - sparse) * matrices * hidden * width + sparse * hidden * (matrices * shared + experts);
  }
  const table = (config.vocab_size ?? 0) * hidden;
  if (table === 0) notes.push('The config has no vocab_size; the embedding table is left out of the weights.');
  const tables = table * (config.tie_word_embeddings === true ? 1 : 2);
  const parts = { linear: mixing + dense, routed, tables };
  const active = mixing + dense + routed * share + table;
  return {
    name,
    layers,
    hidden,
    heads,
    kvHeads,
    headDim,
    attention,
    maxLength: config.max_position_embeddings ?? null,
    parameters: mixing + dense + routed + tables,
    active,
    expertParameters: routed,
    expertShare: share,
    weights: weightsOf(
      parts,
      table,
      quantization === undefined ? config.quantization_config : { quant_method: quantization },
    ),
    notes,
  };
}

function latentParameters(config: ModelConfig, hidden: number, heads: number): number {
  const rope = config.qk_rope_head_dim ?? 64;
  const nope = config.qk_nope_head_dim ?? 128;
  const value = config.v_head_dim ?? 128;
  const latent = config.kv_lora_rank ?? 512;
  const query = config.q_lora_rank
    ? hidden * config.q_lora_rank + config.q_lora_rank * heads * (nope + rope)
    : hidden * heads * (nope + rope);
  return query + hidden * (latent + rope) + latent * heads * (nope + value) + heads * value * hidden;
}

function attentionOf(config: ModelConfig, layers: number, kvHeads: number, heads: number): Attention {
  const counts = layersOf(config, layers);
  const mla = config.kv_lora_rank !== undefined && config.kv_lora_rank > 0;
  const kind = mla ? 'MLA' : kvHeads === heads ? 'MHA' : kvHeads === 1 ? 'MQA' : 'GQA';
  const { linear_num_value_heads: vHeads, linear_key_head_dim: kDim, linear_value_head_dim: vDim } = config;
  return {
    kind,
    ...counts,
    window: config.sliding_window ?? 0,
    // Gated delta nets keep one matrix of key by value for each value head, in 32 bits.
    stateBytes: vHeads && kDim && vDim ? vHeads * kDim * vDim * 4 : null,
    latent: mla ? (config.kv_lora_rank ?? 0) + (config.qk_rope_head_dim ?? 64) : 0,
  };
}

function layersOf(config: ModelConfig, layers: number): Pick<Attention, 'full' | 'windowed' | 'recurrent'> {
  const types =
    config.layer_types ??
    config.layers_block_type ??
    (config.hybrid_override_pattern === undefined
      ? undefined
      : [...config.hybrid_override_pattern].map((c) => (c === '*' ? 'attention' : c)));
  if (types !== undefined) {
    const count = (names: readonly string[]) => types.filter((type) => names.includes(type)).length;
    const full = count(FULL);
    const windowed = count(WINDOWED);
    return { full, windowed, recurrent: types.length - full - windowed - count(WITHOUT_MEMORY) };
  }
  if (config.full_attention_interval !== undefined) {
    const full = Math.floor(layers / config.full_attention_interval);
    return { full, windowed: 0, recurrent: layers - full };
  }
  const window = config.sliding_window;
  const windows =
    window !== undefined &&
    window > 0 &&
    config.use_sliding_window !== false &&
    window < (config.max_position_embeddings ?? Number.POSITIVE_INFINITY);
  if (!windows) return { full: layers, windowed: 0, recurrent: 0 };
  if (config.sliding_window_pattern !== undefined) {
    const full = Math.floor(layers / config.sliding_window_pattern);
    return { full, windowed: layers - full, recurrent: 0 };
  }
  // Qwen2: the first ones see everything.
  const full = config.use_sliding_window === true ? Math.min(layers, config.max_window_layers ?? 0) : 0;
  return { full, windowed: layers - full, recurrent: 0 };
}

interface Parts {
  readonly linear: number;
  readonly routed: number;
  readonly tables: number;
}

/** Embedding tables stay in 16 bits; so does everything but the experts with mxfp4. */
function weightsOf(parts: Parts, table: number, quantization: Quantization | undefined): Weights {
  const { bits, expertBits, says } = bitsOf(quantization);
  const { linear, routed, tables } = parts;
  return {
    bytes: (linear * bits + routed * expertBits + tables * 16) / 8,
    says,
    eightBit: bits === 8,
    always: (linear * bits + table * 16) / 8,
    experts: (routed * expertBits) / 8,
  };
}

function bitsOf(quantization: Quantization | undefined): { bits: number; expertBits: number; says: string } {
  const all = (bits: number, says: string) => ({ bits, expertBits: bits, says });
  const method = quantization?.quant_method?.toLowerCase();
  if (quantization === undefined || method === undefined || method === 'none') return all(16, '16-bit');
  // Scales and zero points of a group come on top; -1 is one group a row, whose share is nothing.
  const group = quantization.group_size || 128;
  const grouped = (bits: number) => bits + (group > 0 ? (16 + bits) / group : 0);
  switch (method) {
    case 'fp8':
    case 'fbgemm_fp8':
      return all(8, 'fp8, tables in 16 bits');
    case 'mxfp4':
    case 'gpt_oss_mxfp4':
      return { bits: 16, expertBits: 4.25, says: 'mxfp4 experts, the rest in 16 bits' };
    case 'awq':
    case 'gptq':
    case 'awq_marlin':
    case 'gptq_marlin':
      return all(grouped(quantization.bits ?? 4), `${method} ${quantization.bits ?? 4}-bit, tables in 16 bits`);
    case 'bitsandbytes':
      return quantization.load_in_4bit === true
        ? all(4.5, 'bitsandbytes 4-bit, tables in 16 bits')
        : all(8, 'bitsandbytes 8-bit, tables in 16 bits');
    case 'modelopt':
    case 'modelopt_fp4':
      return method === 'modelopt_fp4' || /fp4/i.test(quantization.quant_algo ?? '')
        ? all(4.5, 'nvfp4, tables in 16 bits')
        : all(8, 'fp8, tables in 16 bits');
    case 'compressed-tensors': {
      const bits = quantization.weight_bits ?? quantization.bits;
      if (bits === undefined)
        throw new ModelError(
          'quantization_config: expected config_groups with weights.num_bits beside compressed-tensors.',
        );
      return all(bits >= 8 ? bits : grouped(bits), `${bits}-bit, tables in 16 bits`);
    }
    default: {
      const { bits } = quantization;
      if (bits === undefined)
        throw new ModelError(
          `quantization ${method}: expected fp8, awq, gptq, mxfp4, bitsandbytes, modelopt or compressed-tensors, or a number of bits.`,
        );
      return all(grouped(bits), `${method} ${bits}-bit, tables in 16 bits`);
    }
  }
}
