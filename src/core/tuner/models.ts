import type { ModelConfig } from './model-config.ts';

export interface ModelPreset {
  readonly id: string;
  /** As on Hugging Face. */
  readonly name: string;
  readonly config: ModelConfig;
}

const ALTERNATING = (layers: number) =>
  Array.from({ length: layers }, (_, i) => (i % 2 === 0 ? 'sliding_attention' : 'full_attention'));

/** Fields of the published config.json files that the arithmetic reads. */
export const MODELS: readonly ModelPreset[] = [
  {
    id: 'llama-3.1-8b',
    name: 'meta-llama/Llama-3.1-8B-Instruct',
    config: {
      num_hidden_layers: 32,
      hidden_size: 4096,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      intermediate_size: 14_336,
      vocab_size: 128_256,
      max_position_embeddings: 131_072,
    },
  },
  {
    id: 'llama-3.3-70b',
    name: 'meta-llama/Llama-3.3-70B-Instruct',
    config: {
      num_hidden_layers: 80,
      hidden_size: 8192,
      num_attention_heads: 64,
      num_key_value_heads: 8,
      intermediate_size: 28_672,
      vocab_size: 128_256,
      max_position_embeddings: 131_072,
    },
  },
  {
    id: 'llama-3.2-3b',
    name: 'meta-llama/Llama-3.2-3B-Instruct',
    config: {
      num_hidden_layers: 28,
      hidden_size: 3072,
      num_attention_heads: 24,
      num_key_value_heads: 8,
      head_dim: 128,
      intermediate_size: 8192,
      vocab_size: 128_256,
      max_position_embeddings: 131_072,
      tie_word_embeddings: true,
    },
  },
  {
    id: 'qwen2.5-7b',
    name: 'Qwen/Qwen2.5-7B-Instruct',
    config: {
      num_hidden_layers: 28,
      hidden_size: 3584,
      num_attention_heads: 28,
      num_key_value_heads: 4,
      intermediate_size: 18_944,
      vocab_size: 152_064,
      max_position_embeddings: 32_768,
    },
  },
  {
    id: 'qwen3-8b',
    name: 'Qwen/Qwen3-8B',
    config: {
      num_hidden_layers: 36,
      hidden_size: 4096,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      head_dim: 128,
      intermediate_size: 12_288,
      vocab_size: 151_936,
      max_position_embeddings: 40_960,
    },
  },
  {
    id: 'qwen3-32b',
    name: 'Qwen/Qwen3-32B',
    config: {
      num_hidden_layers: 64,
      hidden_size: 5120,
      num_attention_heads: 64,
      num_key_value_heads: 8,
      head_dim: 128,
      intermediate_size: 25_600,
      vocab_size: 151_936,
      max_position_embeddings: 40_960,
    },
  },
  {
    id: 'qwen3-30b-a3b',
    name: 'Qwen/Qwen3-30B-A3B',
    config: {
      num_hidden_layers: 48,
      hidden_size: 2048,
      num_attention_heads: 32,
      num_key_value_heads: 4,
      head_dim: 128,
      intermediate_size: 6144,
      moe_intermediate_size: 768,
      num_experts: 128,
      num_experts_per_tok: 8,
      vocab_size: 151_936,
      max_position_embeddings: 40_960,
    },
  },
  {
    id: 'mistral-small-24b',
    name: 'mistralai/Mistral-Small-24B-Instruct-2501',
    config: {
      num_hidden_layers: 40,
      hidden_size: 5120,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      head_dim: 128,
      intermediate_size: 32_768,
      vocab_size: 131_072,
      max_position_embeddings: 32_768,
    },
  },
  {
    id: 'mixtral-8x7b',
    name: 'mistralai/Mixtral-8x7B-Instruct-v0.1',
    config: {
      num_hidden_layers: 32,
      hidden_size: 4096,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      intermediate_size: 14_336,
      num_local_experts: 8,
      num_experts_per_tok: 2,
      vocab_size: 32_000,
      max_position_embeddings: 32_768,
    },
  },
  {
    id: 'deepseek-v3',
    name: 'deepseek-ai/DeepSeek-V3',
    config: {
      num_hidden_layers: 61,
      hidden_size: 7168,
      num_attention_heads: 128,
      num_key_value_heads: 128,
      intermediate_size: 18_432,
      moe_intermediate_size: 2048,
      n_routed_experts: 256,
      n_shared_experts: 1,
      num_experts_per_tok: 8,
      first_k_dense_replace: 3,
      kv_lora_rank: 512,
      q_lora_rank: 1536,
      qk_rope_head_dim: 64,
      qk_nope_head_dim: 128,
      v_head_dim: 128,
      vocab_size: 129_280,
      max_position_embeddings: 163_840,
      quantization_config: { quant_method: 'fp8' },
    },
  },
  {
    id: 'gemma-3-27b',
    name: 'google/gemma-3-27b-it',
    config: {
      model_type: 'gemma3_text',
      num_hidden_layers: 62,
      hidden_size: 5376,
      num_attention_heads: 32,
      num_key_value_heads: 16,
      head_dim: 128,
      intermediate_size: 21_504,
      sliding_window: 1024,
      has_other_towers: true,
    },
  },
  {
    id: 'gpt-oss-120b',
    name: 'openai/gpt-oss-120b',
    config: {
      num_hidden_layers: 36,
      hidden_size: 2880,
      num_attention_heads: 64,
      num_key_value_heads: 8,
      head_dim: 64,
      intermediate_size: 2880,
      num_local_experts: 128,
      num_experts_per_tok: 4,
      sliding_window: 128,
      layer_types: ALTERNATING(36),
      vocab_size: 201_088,
      max_position_embeddings: 131_072,
      quantization_config: { quant_method: 'mxfp4' },
    },
  },
  {
    id: 'gpt-oss-20b',
    name: 'openai/gpt-oss-20b',
    config: {
      num_hidden_layers: 24,
      hidden_size: 2880,
      num_attention_heads: 64,
      num_key_value_heads: 8,
      head_dim: 64,
      intermediate_size: 2880,
      num_local_experts: 32,
      num_experts_per_tok: 4,
      sliding_window: 128,
      layer_types: ALTERNATING(24),
      vocab_size: 201_088,
      max_position_embeddings: 131_072,
      quantization_config: { quant_method: 'mxfp4' },
    },
  },
];

/** @returns the preset by id or Hugging Face name, in any case, with or without the organisation */
export function presetNamed(text: string): ModelPreset | null {
  const plain = (name: string) =>
    name
      .toLowerCase()
      .replace(/^.*\//, '')
      .replace(/-(instruct|it)(?=-|$)[\s\S]*/, '');
  const wanted = plain(text.trim());
  return MODELS.find((one) => one.id === wanted || plain(one.name) === wanted) ?? null;
}
