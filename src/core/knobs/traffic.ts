import { always, knob } from './knob.ts';

/** What comes in, how much of it is let wait, and what goes back. */
export const TRAFFIC = [
  knob({
    id: 'shared-prefix-tokens',
    title: 'Tokens all prompts share at their start',
    written: { by: 'nobody' },
    value: { kind: 'whole', unit: 'tokens', min: 0, max: 16_777_216 },
    defaults: always(null, 'unknown'),
    trades: 'Longer shared starts are computed once and then served from the cache.',
    restart: false,
    decides: 'prefix cache misses: the hit rate to expect',
  }),
  knob({
    id: 'max-num-queued-reqs',
    title: 'Most requests in the server',
    value: { kind: 'whole', unit: 'requests', min: 1, max: 1_000_000 },
    since: '0.29.0',
    defaults: always(null, 'no limit'),
    trades: 'Running ones count. What is more gets 503 at once instead of waiting; clients must back off.',
  }),
  knob({
    id: 'max-num-queued-tokens',
    title: 'Most prompt tokens before their first token',
    value: { kind: 'whole', unit: 'tokens', min: 1, max: 2 ** 40 },
    since: '0.29.0',
    defaults: always(null, 'no limit'),
    trades: 'Like the cap on requests, but a long prompt counts for what it costs. Counted for each API process.',
  }),
  knob({
    id: 'override-generation-config',
    title: 'Defaults of sampling, among them the longest answer',
    value: { kind: 'json' },
    defaults: always(null, "the model's own"),
    trades: 'max_new_tokens cuts answers that reach it, unless a request asks for fewer itself.',
  }),
  knob({
    id: 'stream-interval',
    title: 'Tokens in one streamed chunk',
    value: { kind: 'whole', unit: 'tokens', min: 1, max: 1024 },
    since: '0.11.1',
    defaults: always(1),
    trades: 'Less work in the API server; clients see tokens in bursts.',
  }),
  knob({
    id: 'max-loras',
    title: 'Adapters in one batch',
    value: { kind: 'whole', unit: 'count', min: 1, max: 4096 },
    defaults: always(1),
    trades: 'More adapters run side by side; each takes GPU memory from the KV cache.',
  }),
  knob({
    id: 'max-cpu-loras',
    title: 'Adapters kept in CPU memory',
    value: { kind: 'whole', unit: 'count', min: 1, max: 65_536 },
    defaults: always(null, 'as many as in one batch'),
    trades: 'Adapters are loaded from disk less often; each takes CPU memory.',
  }),
] as const;
