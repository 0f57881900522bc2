import * as v from 'valibot';
import { type ModelConfig, ModelError } from '../core/tuner/model-config.ts';

/**
 * Reads the text of a Hugging Face `config.json`. Of multimodal models the part of the language model is read, which stands in
 * `text_config` (Gemma, Llama 4, Mistral) or `llm_config`; a field it lacks is taken from outside.
 * Format: https://huggingface.co/docs/transformers/main_classes/configuration
 */

const count = v.optional(v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0))));
const flag = v.optional(v.nullable(v.boolean()));
const word = v.optional(v.nullable(v.string()));
const words = v.optional(v.nullable(v.array(v.string())));

const QUANTIZATION = v.object({
  quant_method: word,
  quant_algo: word,
  bits: count,
  // -1 for one group a row.
  group_size: v.optional(v.nullable(v.pipe(v.number(), v.finite()))),
  load_in_4bit: flag,
  weight_bits: count,
  config_groups: v.optional(
    v.nullable(v.record(v.string(), v.object({ weights: v.optional(v.nullable(v.object({ num_bits: count }))) }))),
  ),
});

const FIELDS = {
  model_type: word,
  num_hidden_layers: count,
  hidden_size: count,
  num_attention_heads: count,
  num_key_value_heads: count,
  head_dim: count,
  intermediate_size: count,
  vocab_size: count,
  max_position_embeddings: count,
  tie_word_embeddings: flag,
  multi_query: flag,
  num_experts: count,
  num_local_experts: count,
  n_routed_experts: count,
  num_experts_per_tok: count,
  experts_per_token: count,
  moe_intermediate_size: count,
  n_shared_experts: count,
  shared_expert_intermediate_size: count,
  first_k_dense_replace: count,
  decoder_sparse_step: count,
  kv_lora_rank: count,
  q_lora_rank: count,
  qk_rope_head_dim: count,
  qk_nope_head_dim: count,
  v_head_dim: count,
  sliding_window: count,
  use_sliding_window: flag,
  sliding_window_pattern: count,
  max_window_layers: count,
  layer_types: words,
  layers_block_type: words,
  hybrid_override_pattern: word,
  full_attention_interval: count,
  linear_num_value_heads: count,
  linear_key_head_dim: count,
  linear_value_head_dim: count,
  // Ours: a config that was read once is read again from a link.
  has_other_towers: flag,
} as const;

/** GPT-2 and its family. */
const OLD_NAMES = { n_layer: count, n_embd: count, n_head: count, n_positions: count, n_inner: count } as const;

const LANGUAGE = v.object({ ...FIELDS, ...OLD_NAMES, quantization_config: v.optional(v.nullable(QUANTIZATION)) });
const WHOLE = v.object({
  ...LANGUAGE.entries,
  text_config: v.optional(v.nullable(LANGUAGE)),
  llm_config: v.optional(v.nullable(LANGUAGE)),
  vision_config: v.optional(v.unknown()),
  audio_config: v.optional(v.unknown()),
});

/** @throws ModelError that says what of the text is no config.json, and what was expected in its place */
export function readModelConfig(text: string, name: string): ModelConfig {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ModelError(`${name} is no JSON: expected a Hugging Face config.json.`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new ModelError(`${name}: expected a JSON object, as in a Hugging Face config.json.`);
  const read = v.safeParse(WHOLE, json);
  if (!read.success) {
    const [issue] = read.issues;
    const path = v.getDotPath(issue) ?? 'the file';
    throw new ModelError(`${name}: ${path} is ${issue.received}; expected ${issue.expected ?? 'a number from 0 up'}.`);
  }
  const { text_config, llm_config, vision_config, audio_config, ...outer } = read.output;
  const inner = text_config ?? llm_config ?? {};
  const merged = { ...present(outer), ...present(inner) };
  const { n_layer, n_embd, n_head, n_positions, n_inner, quantization_config, ...fields } = merged;
  const old = present({
    num_hidden_layers: n_layer,
    hidden_size: n_embd,
    num_attention_heads: n_head,
    max_position_embeddings: n_positions,
    intermediate_size: n_inner,
  });
  return {
    ...old,
    ...fields,
    ...(quantization_config ? { quantization_config: quantizationOf(quantization_config) } : {}),
    ...(vision_config != null || audio_config != null ? { has_other_towers: true } : {}),
  };
}

function quantizationOf({ config_groups, ...rest }: v.InferOutput<typeof QUANTIZATION>) {
  const bits = Object.values(config_groups ?? {})[0]?.weights?.num_bits;
  return present({ ...rest, weight_bits: bits ?? rest.weight_bits });
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], null | undefined> };

/** The fields that say something: `null` means "not set" in these files. */
function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as Present<T>;
}
