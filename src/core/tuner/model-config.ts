/**
 * A model as its Hugging Face `config.json` describes it; only the fields that memory and speed follow from, under the
 * names they have there. Multimodal models keep the language model's in `text_config`.
 */
export interface ModelConfig {
  readonly model_type?: string | undefined;
  readonly num_hidden_layers?: number | undefined;
  readonly hidden_size?: number | undefined;
  readonly num_attention_heads?: number | undefined;
  readonly num_key_value_heads?: number | undefined;
  readonly head_dim?: number | undefined;
  readonly intermediate_size?: number | undefined;
  readonly vocab_size?: number | undefined;
  readonly max_position_embeddings?: number | undefined;
  readonly tie_word_embeddings?: boolean | undefined;
  /** Multi-query attention of older models: one KV head. */
  readonly multi_query?: boolean | undefined;
  // Mixture of experts
  readonly num_experts?: number | undefined;
  readonly num_local_experts?: number | undefined;
  readonly n_routed_experts?: number | undefined;
  readonly num_experts_per_tok?: number | undefined;
  readonly experts_per_token?: number | undefined;
  readonly moe_intermediate_size?: number | undefined;
  readonly n_shared_experts?: number | undefined;
  readonly shared_expert_intermediate_size?: number | undefined;
  readonly first_k_dense_replace?: number | undefined;
  readonly decoder_sparse_step?: number | undefined;
  // Latent attention (MLA)
  readonly kv_lora_rank?: number | undefined;
  readonly q_lora_rank?: number | undefined;
  readonly qk_rope_head_dim?: number | undefined;
  readonly qk_nope_head_dim?: number | undefined;
  readonly v_head_dim?: number | undefined;
  // Windows and recurrent layers
  readonly sliding_window?: number | undefined;
  readonly use_sliding_window?: boolean | undefined;
  readonly sliding_window_pattern?: number | undefined;
  readonly max_window_layers?: number | undefined;
  readonly layer_types?: readonly string[] | undefined;
  readonly layers_block_type?: readonly string[] | undefined;
  readonly hybrid_override_pattern?: string | undefined;
  readonly full_attention_interval?: number | undefined;
  readonly linear_num_value_heads?: number | undefined;
  readonly linear_key_head_dim?: number | undefined;
  readonly linear_value_head_dim?: number | undefined;
  readonly quantization_config?: Quantization | undefined;
  readonly has_other_towers?: boolean | undefined;
}

export interface Quantization {
  readonly quant_method?: string | undefined;
  readonly quant_algo?: string | undefined;
  readonly bits?: number | undefined;
  readonly group_size?: number | undefined;
  readonly load_in_4bit?: boolean | undefined;
  /** Of compressed-tensors: bits of the weights of the first group. */
  readonly weight_bits?: number | undefined;
}

/** The description lacks a field or contradicts itself; the message names what was expected. */
export class ModelError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ModelError';
  }
}

/** What a release of transformers fills in where a published config leaves it out. */
const LEFT_OUT: Readonly<Record<string, ModelConfig>> = {
  gemma2: { sliding_window_pattern: 2, tie_word_embeddings: true },
  gemma3_text: {
    sliding_window_pattern: 6,
    tie_word_embeddings: true,
    vocab_size: 262_208,
    max_position_embeddings: 131_072,
    head_dim: 256,
    num_attention_heads: 8,
    num_key_value_heads: 4,
  },
  qwen3_next: { full_attention_interval: 4 },
};

/** @returns the config with what its family leaves out */
export function filledIn(config: ModelConfig): ModelConfig {
  const rest = LEFT_OUT[config.model_type ?? ''] ?? {};
  const own = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
  return { ...rest, ...own };
}
