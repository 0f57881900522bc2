import { always, knob } from './knob.ts';

/** Several GPUs, several engines, several servers, and what goes between them. */
export const SCALE = [
  knob({
    id: 'tensor-parallel-size',
    title: 'GPUs that share each layer',
    value: { kind: 'whole', unit: 'count', min: 1, max: 1024 },
    defaults: always(1),
    trades: 'More memory and bandwidth for one engine; each layer ends with an all-reduce.',
  }),
  knob({
    id: 'pipeline-parallel-size',
    title: 'GPUs that take layers in turn',
    value: { kind: 'whole', unit: 'count', min: 1, max: 1024 },
    defaults: always(1),
    trades: 'Works between machines; adds latency, and stages may wait for each other.',
  }),
  knob({
    id: 'data-parallel-size',
    title: 'Engines behind one server',
    value: { kind: 'whole', unit: 'count', min: 1, max: 1024 },
    defaults: always(1),
    trades: 'More engines with a scheduler and a KV cache each; prefixes are not shared between them.',
  }),
  knob({
    id: 'enable-expert-parallel',
    title: 'Experts spread over the engines',
    value: { kind: 'switch' },
    defaults: always(false),
    trades:
      'Each GPU keeps a part of the experts whole, which leaves more KV cache; tokens travel to them in every layer.',
  }),
  knob({
    id: 'data-parallel-hybrid-lb',
    title: 'One server for the engines of a machine',
    value: { kind: 'switch' },
    defaults: always(false),
    trades: 'Balances within a machine; what is between machines must be balanced in front.',
  }),
  knob({
    id: 'data-parallel-external-lb',
    title: 'One server for each engine',
    value: { kind: 'switch' },
    defaults: always(false),
    trades: 'Whatever stands in front balances, and sees each engine.',
  }),
  knob({
    id: 'api-server-count',
    title: 'API server processes',
    written: { by: 'flag', flag: '--api-server-count', engine: false },
    value: { kind: 'whole', unit: 'count', min: 1, max: 256 },
    defaults: always(null, 'the number of engines with internal balancing, else 1'),
    trades: 'Tokenising and streaming use more cores; metrics of the process and periodic log lines are lost.',
  }),
  knob({
    id: 'speculative-config',
    title: 'Speculative decoding',
    value: { kind: 'json' },
    defaults: always(null, 'off'),
    trades:
      'Fewer steps for an answer while batches are small; wasted work when the engine is full or guesses are poor.',
  }),
  knob({
    id: 'num-speculative-tokens',
    title: 'Tokens guessed in a step',
    written: { by: 'field', of: '--speculative-config', path: ['num_speculative_tokens'] },
    value: { kind: 'whole', unit: 'tokens', min: 0, max: 64 },
    defaults: always(null, 'off'),
    trades: 'More guesses save more steps if they hold, and cost more if they do not.',
  }),
  knob({
    id: 'kv-transfer-config',
    title: 'KV cache between engines',
    value: { kind: 'json' },
    defaults: always(null, 'off'),
    trades: 'Prompts are read on other engines; their KV cache travels over the network first.',
  }),
  knob({
    id: 'kv-load-failure-policy',
    title: 'When KV cache does not arrive',
    written: { by: 'field', of: '--kv-transfer-config', path: ['kv_load_failure_policy'] },
    value: { kind: 'word', of: ['fail', 'recompute'] },
    since: '0.13.0',
    defaults: always('fail', 'by 0.18; recompute in 0.13'),
    trades: '"recompute" answers later on the decoder; "fail" gives an error at once.',
  }),
  knob({
    id: 'nixl-abort-request-timeout',
    title: 'How long sent KV cache is kept',
    written: { by: 'environment', name: 'VLLM_NIXL_ABORT_REQUEST_TIMEOUT' },
    value: { kind: 'whole', unit: 'seconds', min: 1, max: 86_400 },
    defaults: always(480),
    trades: 'Shorter frees the KV cache of lost requests sooner; too short loses those that only were slow.',
  }),
] as const;
