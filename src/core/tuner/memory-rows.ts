import { sayBytes, sig } from '../base/say.ts';
import { longestRequest } from './settings.ts';
import { capacityInputs, type Ground, heldInputs, named, rangeOf, sayKib, type TunerResult } from './rows.ts';

/** From bytes to the requests that fit: pathologies.md §10.3 and §13. */
export function memoryRows(ground: Ground): TunerResult[] {
  const { request, inputs, middle: d } = ground;
  const n = (id: 'gpu-memory' | 'utilisation' | 'weights' | 'overhead' | 'answer-spread') => inputs[id]?.value ?? 0;
  const { kv, resident } = d;
  const told = inputs['kv-tokens'];
  const held = inputs['held-tokens'];
  const capacityFrom = named(inputs, ...capacityInputs(inputs));
  const about = kv.exact
    ? ''
    : 'Approximate: layers keep different things, and vLLM pads them to a common block. Read kv_cache_size_tokens.';
  const latent =
    request.model.attention.kind === 'MLA' ? 'Every GPU of a tensor-parallel engine keeps the whole latent.' : '';
  const memory = d.kvMemory;
  const longest = longestRequest(request, d);
  return [
    {
      id: 'kv-bytes-per-token',
      title: 'KV cache of one token, all GPUs',
      unit: 'bytes',
      value: kv.token,
      range: null,
      formula: kv.formula,
      sum: `${kv.sum} = ${sayKib(kv.token)}; ${sayKib(kv.tokenPerGpu)} on each GPU${besideTokens(ground)}`,
      inputs: [],
      says: [about, latent].filter((s) => s !== '').join(' '),
    },
    ...(memory === null
      ? []
      : [
          {
            id: 'kv-memory' as const,
            title: 'Left for the KV cache on one GPU',
            unit: 'bytes' as const,
            value: memory,
            range: rangeOf(ground, (e) => e.kvMemory),
            formula: 'memory × share used − weights − activations, graphs, runtime',
            sum: `${sayBytes(n('gpu-memory'))} × ${sig(n('utilisation'))} − ${sayBytes(n('weights'))} − ${sayBytes(n('overhead'))} = ${sayBytes(memory)}`,
            inputs: named(inputs, 'gpu-memory', 'utilisation', 'weights', 'overhead'),
            says: memory > 0 ? '' : 'The model does not fit.',
          },
        ]),
    {
      id: 'kv-tokens',
      title: 'KV cache of one engine',
      unit: 'tokens',
      value: d.capacity,
      range: rangeOf(ground, (e) => e.capacity),
      formula: told ? 'as told' : '⌊memory left ÷ KV bytes of a token on one GPU ÷ block⌋ × block',
      sum: told
        ? `${sig(d.capacity)} tokens, ${told.note}`
        : `${sayBytes(memory ?? 0)} ÷ ${sayKib(kv.tokenPerGpu)} = ${sig(d.capacity)} tokens`,
      inputs: capacityFrom,
      says: told ? '' : about,
    },
    {
      id: 'held-tokens',
      title: 'Held by one running request',
      unit: 'tokens',
      value: resident.mean,
      range: rangeOf(ground, (e) => e.resident.mean),
      formula: `${held ? 'μ = KV usage × capacity ÷ running' : 'μ = E[P] + E[O²] ÷ 2E[O]'}; σ² = Var(P) + E[O³] ÷ 3E[O] − (E[O²] ÷ 2E[O])²`,
      sum: `μ ${sig(resident.mean)}, σ ${sig(resident.sd)} tokens${held ? '' : `, with half a block empty${kv.exact ? '' : ', windows and states counted as tokens'}`}`,
      inputs: named(inputs, ...heldInputs(inputs)),
      says: 'Long answers run longer, so a request met at some moment holds more than the average one.',
    },
    {
      id: 'seats-by-memory',
      title: 'Requests that fit by memory',
      unit: 'requests',
      value: d.byMemory,
      range: rangeOf(ground, (e) => e.byMemory),
      formula: 'N·μ + 2.33·σ·√N ≤ 0.92·C, solved for N (1 % risk)',
      sum: `C ${sig(d.capacity)}, μ ${sig(resident.mean)}, σ ${sig(resident.sd)} → ${sig(d.byMemory)}`,
      inputs: named(inputs, ...capacityInputs(inputs), ...heldInputs(inputs)),
      says:
        n('answer-spread') < 0.3
          ? 'Answers of one length peak together, so at most 1.2 · 0.92·C ÷ (P90 + O90) count.'
          : '',
    },
    ...(longest === null
      ? []
      : [
          {
            id: 'longest-request' as const,
            title: 'Longest request that fits at all',
            unit: 'tokens' as const,
            value: longest,
            range: rangeOf(ground, (e) => e.capacity),
            formula: 'the KV cache of one engine',
            sum: `${sig(d.capacity)} tokens; the model takes ${sig(request.model.maxLength ?? 0)}`,
            inputs: capacityFrom,
            says: 'The server does not start if its longest request does not fit the cache.',
          },
        ]),
  ];
}

function besideTokens({ middle: { kv } }: Ground): string {
  const parts = [
    ...(kv.windowPerGpu > 0
      ? [`${sayBytes(kv.windowPerGpu * kv.window)} for a request whose windows of ${sig(kv.window)} tokens are full`]
      : []),
    ...(kv.fixedPerGpu > 0 ? [`${sayBytes(kv.fixedPerGpu)} of state for each request`] : []),
  ];
  return parts.length === 0 ? '' : `; beside it ${parts.join(' and ')}`;
}
