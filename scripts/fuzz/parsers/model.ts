import { isDeepStrictEqual } from 'node:util';
import { toTuningJson, toTuningText } from '../../../src/core/tuner/format.ts';
import { gpuNamed, type Gpu } from '../../../src/core/tuner/gpus.ts';
import { modelOf } from '../../../src/core/tuner/model.ts';
import { tune } from '../../../src/core/tuner/tune.ts';
import type { TunerRequest } from '../../../src/core/tuner/inputs.ts';
import { ModelError } from '../../../src/core/tuner/model-config.ts';
import { readModelConfig } from '../../../src/sources/model-config.ts';
import type { FuzzedParser } from '../parser.ts';

/** A config.json out of a link or a file, worked out to settings. */
export const modelConfig: FuzzedParser = {
  id: 'model-config',
  title: "a model's config.json, and the tuning made of it",
  seeds: () => [
    '{"architectures":["LlamaForCausalLM"],"model_type":"llama","num_hidden_layers":32,"hidden_size":4096,"num_attention_heads":32,"num_key_value_heads":8,"head_dim":128,"intermediate_size":14336,"vocab_size":128256,"max_position_embeddings":131072,"tie_word_embeddings":false}',
    '{"model_type":"gemma3","text_config":{"model_type":"gemma3_text","num_hidden_layers":62,"hidden_size":5376,"num_attention_heads":32,"num_key_value_heads":16,"sliding_window":1024,"sliding_window_pattern":6,"intermediate_size":21504},"vision_config":{"hidden_size":1152}}',
    '{"model_type":"deepseek_v3","num_hidden_layers":61,"hidden_size":7168,"num_attention_heads":128,"kv_lora_rank":512,"q_lora_rank":1536,"qk_rope_head_dim":64,"qk_nope_head_dim":128,"v_head_dim":128,"n_routed_experts":256,"num_experts_per_tok":8,"moe_intermediate_size":2048,"n_shared_experts":1,"first_k_dense_replace":3,"intermediate_size":18432,"vocab_size":129280,"quantization_config":{"quant_method":"fp8","bits":8,"group_size":128,"config_groups":{"group_0":{"weights":{"num_bits":4}}}}}',
    '{"n_layer":12,"n_embd":768,"n_head":12,"n_positions":1024,"layer_types":["linear_attention","full_attention"],"full_attention_interval":4}',
  ],
  words: [
    '"num_hidden_layers":',
    '"hidden_size":',
    '"quant_method":',
    '"layer_types":[',
    '"hybrid_override_pattern":"M*-"',
    '"decoder_sparse_step":',
    '"sliding_window_pattern":',
    'null',
  ],
  read(text) {
    const config = readModelConfig(text, 'config.json');
    // A link carries what was read, and must give the same again, in whatever order its names stand.
    const written = JSON.parse(JSON.stringify(config)) as unknown;
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(readModelConfig(JSON.stringify(written), 'config'))), written))
      throw new Error('another config comes back');
    const request: TunerRequest = {
      gpu: gpuNamed('h100') as Gpu,
      model: modelOf('config.json', config),
      tensor: 1,
      pipeline: 1,
      data: 1,
      kvDtype: 'auto',
      workload: 'chat',
      targets: { ttft: 0.5, itl: 0.05, e2e: null, throughput: 100 },
      given: {},
      measured: null,
    };
    const tuning = tune(request);
    toTuningText(request, tuning);
    JSON.stringify(toTuningJson(request, tuning, '0'));
  },
  refuses: (error) => error instanceof ModelError,
};
