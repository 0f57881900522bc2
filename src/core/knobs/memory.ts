import { always, knob } from './knob.ts';

/** Who holds which part of the GPU's memory. */
export const MEMORY = [
  knob({
    id: 'gpu-memory-utilization',
    title: 'Share of GPU memory used',
    value: { kind: 'number', unit: 'ratio', min: 0.01, max: 1 },
    defaults: always(0.92, 'from 0.20; 0.90 before'),
    trades: 'More leaves more for the KV cache; above 0.95 CUDA graphs or a neighbour run out of memory.',
  }),
  knob({
    id: 'kv-cache-memory-bytes',
    title: 'Size of the KV cache',
    value: { kind: 'whole', unit: 'bytes', min: 1, max: 2 ** 50 },
    since: '0.10.2',
    defaults: always(null, 'what is left of the share used'),
    trades: 'Exact, per GPU, and takes the place of the share; what does not fit fails at the start.',
  }),
  knob({
    id: 'kv-cache-dtype',
    title: 'Numbers in the KV cache',
    value: { kind: 'word', of: ['auto', 'fp8', 'fp8_e4m3', 'fp8_e5m2'] },
    defaults: always('auto', "the model's own; for some models fp8"),
    trades: 'fp8 holds twice as many tokens; answers may differ, so check them on your model.',
  }),
  knob({
    id: 'block-size',
    title: 'Tokens in a KV block',
    value: { kind: 'whole', unit: 'tokens', min: 1, max: 4096 },
    defaults: [
      { where: 'CPU', cpu: true, value: 128 },
      { where: 'unless the attention backend or a hybrid model asks for more', value: 16 },
    ],
    trades: 'Larger blocks waste half a block for each request and share less of a prefix.',
  }),
  knob({
    id: 'num-gpu-blocks-override',
    title: 'KV blocks, set by hand',
    value: { kind: 'whole', unit: 'count', min: 1, max: 2 ** 31 },
    defaults: always(null, 'what fits'),
    trades: 'Meant for tests: fewer blocks than fit are memory left unused.',
  }),
  knob({
    id: 'enable-prefix-caching',
    title: 'Prefix cache',
    value: { kind: 'switch' },
    defaults: always(true, 'where the model supports it'),
    trades: 'Shared starts of prompts are computed once. Costs nothing where nothing is shared.',
  }),
  knob({
    id: 'kv-offloading-size',
    title: 'Prefix cache in CPU memory',
    value: { kind: 'number', unit: 'GiB', min: 0, max: 65_536 },
    since: '0.11.1',
    defaults: always(null, 'off'),
    trades: 'Prefixes outlive the GPU; it does not let more requests run.',
  }),
  knob({
    id: 'cpu-offload-gb',
    title: 'Weights in CPU memory',
    value: { kind: 'number', unit: 'GiB', min: 0, max: 65_536 },
    defaults: always(0),
    trades: 'A model that does not fit starts, and every step waits for weights from the CPU.',
  }),
  knob({
    id: 'mm-processor-cache-gb',
    title: 'Cache of processed media',
    value: { kind: 'number', unit: 'GiB', min: 0, max: 1024 },
    since: '0.10.1',
    defaults: always(4),
    trades: 'Repeated pictures are processed once; it takes so much memory in each API server and engine.',
  }),
  knob({
    id: 'quantization',
    title: 'Numbers in the weights',
    value: { kind: 'word', of: ['fp8', 'awq', 'gptq', 'compressed-tensors', 'mxfp4'] },
    defaults: always(null, "the checkpoint's own"),
    trades: 'Smaller weights leave more for the KV cache and are read faster; quality depends on the checkpoint.',
  }),
  knob({
    id: 'enforce-eager',
    title: 'No CUDA graphs',
    value: { kind: 'switch' },
    defaults: always(false),
    trades: 'Saves the memory and the start-up time of the graphs; each step takes longer.',
  }),
  knob({
    id: 'max-cudagraph-capture-size',
    title: 'Largest batch with a CUDA graph',
    value: { kind: 'whole', unit: 'tokens', min: 1, max: 65_536 },
    defaults: always(
      null,
      'the least of 2 · seats · (1 + speculative tokens), 512 (1,024 on compute capability 10 from 0.28) and the token budget',
    ),
    trades: 'Larger batches keep their graph; each graph takes memory and start-up time.',
  }),
] as const;
