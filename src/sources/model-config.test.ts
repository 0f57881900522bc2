import { describe, expect, test } from 'vitest';
import { modelOf } from '../core/tuner/model.ts';
import { readModelConfig } from './model-config.ts';

/** As published, shortened to what says something here. */
const LLAMA = {
  architectures: ['LlamaForCausalLM'],
  bos_token_id: 128_000,
  hidden_act: 'silu',
  hidden_size: 4096,
  intermediate_size: 14_336,
  max_position_embeddings: 131_072,
  model_type: 'llama',
  num_attention_heads: 32,
  num_hidden_layers: 32,
  num_key_value_heads: 8,
  pretraining_tp: 1,
  rope_scaling: { factor: 8, rope_type: 'llama3' },
  tie_word_embeddings: false,
  torch_dtype: 'bfloat16',
  vocab_size: 128_256,
};
const GEMMA = {
  architectures: ['Gemma3ForConditionalGeneration'],
  model_type: 'gemma3',
  mm_tokens_per_image: 256,
  text_config: {
    head_dim: 128,
    hidden_size: 5376,
    intermediate_size: 21_504,
    model_type: 'gemma3_text',
    num_attention_heads: 32,
    num_hidden_layers: 62,
    num_key_value_heads: 16,
    sliding_window: 1024,
  },
  vision_config: { hidden_size: 1152 },
};
const AWQ = {
  ...LLAMA,
  quantization_config: {
    bits: 4,
    group_size: 128,
    modules_to_not_convert: null,
    quant_method: 'awq',
    zero_point: true,
  },
};
const COMPRESSED = {
  ...LLAMA,
  quantization_config: {
    config_groups: { group_0: { targets: ['Linear'], weights: { num_bits: 8, type: 'float' } } },
    format: 'float-quantized',
    quant_method: 'compressed-tensors',
  },
};
const GPT2 = {
  model_type: 'gpt2',
  n_embd: 768,
  n_head: 12,
  n_layer: 12,
  n_positions: 1024,
  n_inner: null,
  vocab_size: 50_257,
};

const model = (json: unknown) => modelOf('m', readModelConfig(JSON.stringify(json), 'config.json'));

describe('config.json', () => {
  test('Llama', () => {
    expect(model(LLAMA)).toMatchObject({ layers: 32, kvHeads: 8, headDim: 128, maxLength: 131_072, notes: [] });
    expect(model(LLAMA).parameters / 8.03e9).toBeCloseTo(1, 2);
  });

  test('the language model of a multimodal one; what its family leaves out is filled in', () => {
    const gemma = model(GEMMA);
    expect(gemma.attention).toMatchObject({ full: 10, windowed: 52, window: 1024 });
    expect(gemma.parameters / 27.01e9).toBeCloseTo(1, 2);
    expect(gemma.notes[0]).toMatch(/encoder/);
  });

  test('quantised weights', () => {
    expect(model(AWQ).weights.says).toBe('awq 4-bit, tables in 16 bits');
    expect(model(COMPRESSED).weights).toMatchObject({ says: '8-bit, tables in 16 bits', eightBit: true });
    expect(model(COMPRESSED).weights.bytes).toBeLessThan(0.6 * model(LLAMA).weights.bytes);
  });

  test('old names', () => {
    expect(model(GPT2)).toMatchObject({ layers: 12, heads: 12, headDim: 64, maxLength: 1024 });
    expect(model(GPT2).parameters / 124e6).toBeLessThan(1.4);
  });

  test.each([
    ['no JSON', 'layers: 32', /config.json is no JSON: expected a Hugging Face config.json/],
    ['a list', '[]', /expected a JSON object/],
    [
      'words where numbers belong',
      JSON.stringify({ ...LLAMA, hidden_size: 'wide' }),
      /hidden_size is "wide"; expected .*number/,
    ],
    ['a negative count', JSON.stringify({ ...LLAMA, num_hidden_layers: -1 }), /num_hidden_layers is -1; expected/],
    [
      'a number beyond all numbers',
      `{"num_hidden_layers": 2, "quantization_config": {"quant_method": "gptq", "group_size": 1e999}}`,
      /group_size is Infinity; expected/,
    ],
    ['nothing of a model', '{"hello": 1}', /expected num_hidden_layers, a whole number above zero/],
  ])('%s is refused in words', (_, text, message) => {
    expect(() => modelOf('m', readModelConfig(text, 'config.json'))).toThrow(message);
  });
});
