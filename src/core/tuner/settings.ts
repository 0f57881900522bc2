import { knobOf, type KnobId } from '../knobs/index.ts';
import { defaultOn } from '../knobs/knob.ts';
import type { Setting } from '../knobs/render.ts';
import type { Derived } from './derive.ts';
import type { TunerRequest } from './inputs.ts';

export interface Proposed extends Setting {
  readonly id: KnobId;
  /** What `vllm serve` takes on this GPU if nobody says, in words where it is no number. */
  readonly byDefault: string;
}

/** What to start the server with; nothing where not one request fits. */
export function settingsOf(request: TunerRequest, d: Derived): Proposed[] {
  if (d.seats < 1) return [];
  const { tensor, pipeline, data, kvDtype, given, targets } = request;
  const longest = longestRequest(request, d);
  const out: [KnobId, Setting['value']][] = [['max-num-seqs', d.seats]];
  if (d.budget !== null) {
    out.push(['max-num-batched-tokens', d.budget]);
    if (d.longPrompt > d.budget / 2) out.push(['long-prefill-token-threshold', biteOf(d.budget)]);
  }
  if (d.requestsPerSecond !== null) out.push(['max-num-queued-reqs', queueOf(d, data, targets.ttft)]);
  if (longest !== null) out.push(['max-model-len', longest]);
  if (given.utilisation !== undefined) out.push(['gpu-memory-utilization', given.utilisation]);
  if (kvDtype !== 'auto') out.push(['kv-cache-dtype', kvDtype]);
  if (tensor > 1) out.push(['tensor-parallel-size', tensor]);
  if (pipeline > 1) out.push(['pipeline-parallel-size', pipeline]);
  if (data > 1) out.push(['data-parallel-size', data]);
  return out.map(([id, value]) => ({ id, value, byDefault: byDefault(request, id) }));
}

function byDefault({ gpu }: TunerRequest, id: KnobId): string {
  const knob = knobOf(id);
  const value = defaultOn(knob, { gib: gpu.memory / 2 ** 30, name: gpu.name });
  return value === null ? (knob.defaults[0]?.where ?? 'unset') : String(value);
}

/** Largest piece of one prompt in a step: B ÷ 4, at least 512, at most B ÷ 2. */
export function biteOf(budget: number): number {
  return Math.floor(Math.min(budget / 2, Math.max(512, budget / 4)));
}

/** Running ones, and as many waiting as are served within the TTFT target. */
export function queueOf(d: Derived, data: number, ttft: number): number {
  return Math.ceil(data * (d.seats + (d.requestsPerSecond ?? 0) * ttft));
}

/** Tokens to which the longest request must be cut, or the server does not start; `null` where the model's own limit fits. */
export function longestRequest({ model }: TunerRequest, d: Derived): number | null {
  return model.maxLength !== null && d.capacity > 0 && d.capacity < model.maxLength ? d.capacity : null;
}
