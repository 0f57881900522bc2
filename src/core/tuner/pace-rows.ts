import { sayCount, sayDuration, sayShare, sig } from '../base/say.ts';
import { TARGET_LOAD } from '../knobs/sizing.ts';
import type { Derived } from './derive.ts';
import { quantileOf } from './lengths.ts';
import {
  capacityInputs,
  type Ground,
  heldInputs,
  named,
  rangeOf,
  sayTiny,
  stepInputs,
  type TunerResult,
} from './rows.ts';
import { biteOf, queueOf } from './settings.ts';

const NO_SPEED = 'The speed of this GPU is not known: name it, or measure a running server.';
const NO_SEATS = 'Not one request fits; see the warnings.';

/** From the time of a step to seats, token budget, queue and replicas: pathologies.md §10.2 and §13. */
export function paceRows(ground: Ground): TunerResult[] {
  const { request, inputs, middle: d } = ground;
  const { targets, data } = request;
  const n = (id: 'step-empty' | 'step-per-token' | 'step-per-resident' | 'answer-tokens') => inputs[id]?.value ?? 0;
  const pace = named(inputs, ...stepInputs(inputs));
  const engines = data > 1 ? `${data} × ` : '';
  const beta = sayTiny(n('step-per-token'));
  const seats: TunerResult = {
    id: 'seats',
    title: 'Seats',
    unit: 'requests',
    value: d.seats,
    range: rangeOf(ground, (e) => e.seats),
    formula: 'the smaller of both, down to a multiple of 8 (4, 2, 1 below)',
    sum:
      d.byPace === null
        ? `${sig(d.byMemory)} by memory → ${sig(d.seats)}`
        : `min(${sig(d.byMemory)}, ${sig(d.byPace)}) → ${sig(d.seats)}`,
    inputs: named(inputs, ...capacityInputs(inputs), ...heldInputs(inputs), ...stepInputs(inputs)),
    says: whatDecides(d),
  };
  if (d.byPace === null || d.decodeStep === null || d.meanStep === null || d.budget === null) {
    const unknown = (
      id: TunerResult['id'],
      title: string,
      unit: TunerResult['unit'],
      formula: string,
    ): TunerResult => ({
      id,
      title,
      unit,
      value: null,
      range: null,
      formula,
      sum: NO_SPEED,
      inputs: [],
      says: '',
    });
    return [
      unknown('seats-by-pace', 'Requests that keep the ITL target', 'requests', PACE),
      seats,
      unknown('token-budget', 'Token budget of a step', 'tokens', BUDGET),
      unknown('throughput', 'Output of one replica with all seats taken', 'tokens-per-second', OUTPUT),
    ];
  }
  const most = d.budgetMost ?? 0;
  const least = d.budgetLeast ?? Number.POSITIVE_INFINITY;
  const bite = biteOf(d.budget);
  const rows: TunerResult[] = [
    {
      id: 'token-budget',
      title: 'Token budget of a step',
      unit: 'tokens',
      value: d.budget,
      range: Number.isFinite(least) ? [Math.min(least, most), Math.max(least, most)] : null,
      formula: BUDGET,
      sum: `${sig(d.seats)} + (${sayDuration(targets.itl)} − ${sayDuration(d.decodeStep)}) ÷ ${beta} = ${sig(most)}; the TTFT target needs ${Number.isFinite(least) ? sig(least) : 'more than any'}`,
      inputs: named(inputs, ...stepInputs(inputs), 'prompt-tokens', 'prompt-spread'),
      says: 'The range goes from what the TTFT target needs to what the ITL target allows in every step. A larger budget reads prompts sooner and makes the steps that carry one longer.',
    },
    {
      id: 'long-prompt-cap',
      title: 'Bite of one long prompt',
      unit: 'tokens',
      value: bite,
      range: [Math.min(bite, 512), d.budget / 2],
      formula: 'B ÷ 4, at least 512, at most B ÷ 2',
      sum: `${sig(d.budget)} ÷ 4 → ${sig(bite)}`,
      inputs: pace,
      says: longSays(ground, bite),
    },
    {
      id: 'long-ttft',
      title: 'First token of a long prompt (p95), nobody before it',
      unit: 'seconds',
      value: d.longTtft,
      range: rangeOf(ground, (e) => e.longTtft),
      formula: '⌈P95 ÷ (B − N)⌉ × step + P95·β',
      sum: `${sig(d.longPrompt)} computed tokens: ${sayDuration(d.longTtft ?? 0)}; target ${sayDuration(targets.ttft)}`,
      inputs: named(inputs, ...stepInputs(inputs), 'prompt-tokens', 'prompt-spread'),
      says: 'Waiting comes on top; at a load of 0.75 it stays small.',
    },
    {
      id: 'throughput',
      title: 'Output of one replica with all seats taken',
      unit: 'tokens-per-second',
      value: (d.outputPerSecond ?? 0) * data,
      range: rangeOf(ground, (e) => (e.seats < 1 ? 0 : (e.outputPerSecond ?? 0) * data)),
      formula: OUTPUT,
      sum: `${engines}${sig(d.seats)} ÷ ${sayDuration(d.meanStep)} = ${sig((d.outputPerSecond ?? 0) * data)} tokens/s, ${sig((d.requestsPerSecond ?? 0) * data)} requests/s`,
      inputs: pace,
      says: `Plan for ${sayShare(TARGET_LOAD)} of it.`,
    },
    {
      id: 'queue-requests',
      title: 'Most requests in the server',
      unit: 'requests',
      value: queueOf(d, data, targets.ttft),
      range: rangeOf(ground, (e) => queueOf(e, data, targets.ttft)),
      formula: 'engines × (N + requests/s × TTFT)',
      sum: `${engines}(${sig(d.seats)} + ${sig(d.requestsPerSecond ?? 0)} × ${sayDuration(targets.ttft)}) = ${sig(queueOf(d, data, targets.ttft))}`,
      inputs: pace,
      says: 'Running requests count in this limit. Whoever waits behind more misses the TTFT target anyway.',
    },
    {
      id: 'queue-tokens',
      title: 'Most prompt tokens before their first token',
      unit: 'tokens',
      value: Math.floor((d.prefillSpeed ?? 0) * targets.ttft * data),
      range: rangeOf(ground, (e) => (e.prefillSpeed ?? 0) * targets.ttft * data),
      formula: 'engines × TTFT ÷ β',
      sum: `${engines}${sayDuration(targets.ttft)} × ${sig(d.prefillSpeed ?? 0)} tokens/s`,
      inputs: named(inputs, 'step-per-token'),
      says: 'Instead of a cap on requests, where prompts differ much in length.',
    },
    replicasRow(ground),
  ];
  return [
    {
      id: 'seats-by-pace',
      title: 'Requests that keep the ITL target',
      unit: 'requests',
      value: d.byPace,
      range: rangeOf(ground, (e) => e.byPace),
      formula: PACE,
      sum: `(${sayDuration(targets.itl)} − ${sayDuration(n('step-empty'))}) ÷ (${beta} × (1 + ${sig(d.computed)} ÷ ${sig(n('answer-tokens'))}) + ${sayTiny(n('step-per-resident'))} × ${sig(d.resident.mean)})${request.model.weights.experts > 0 && inputs['step-empty']?.from === 'assumed' ? ', less the time to read the experts used' : ''} = ${sig(d.byPace)}`,
      inputs: pace,
      says: 'Prompts that arrive are read in the same steps: Pu computed prompt tokens for each answer of O tokens.',
    },
    seats,
    ...(d.seats >= 1 ? rows : rows.map((row) => ({ ...row, value: null, range: null, sum: NO_SEATS, says: '' }))),
  ];
}

const PACE = '(ITL − α) ÷ (β·(1 + Pu ÷ O) + γ·μ)';
const BUDGET =
  'N + (ITL − step without prompts) ÷ β, at most 16,384; the TTFT target needs N + P95·step ÷ (TTFT − P95·β)';
const OUTPUT = 'engines × N ÷ (α + β·N·(1 + Pu ÷ O) + γ·N·μ)';

function whatDecides({ byPace, byMemory }: Derived): string {
  if (byPace === null) return 'By memory alone.';
  return byPace < byMemory ? 'The ITL target decides.' : 'Memory decides.';
}

function replicasRow(ground: Ground): TunerResult {
  const { request, inputs, middle: d, ends } = ground;
  const { targets, data } = request;
  const rate = inputs['request-rate'];
  const count = (e: Derived) => (e.engines === null || e.seats < 1 ? null : Math.ceil(e.engines / data));
  const value = count(d);
  const each = targets.throughput === null ? d.requestsPerSecond : d.outputPerSecond;
  const wanted =
    targets.throughput !== null ? `${sig(targets.throughput)} tokens/s` : rate ? `${sig(rate.value)} requests/s` : null;
  return {
    id: 'replicas',
    title: 'Replicas',
    unit: 'count',
    value,
    range: rangeOf(ground, count),
    formula: '⌈wanted ÷ what one replica gives ÷ 0.75⌉',
    sum:
      wanted === null || value === null || each === null
        ? 'Say a throughput, or how many requests arrive.'
        : `${wanted} ÷ ${sig(each * data)} ÷ 0.75 → ${sayCount(value, 'replica')}`,
    inputs: named(inputs, ...(targets.throughput === null ? (['request-rate'] as const) : []), ...stepInputs(inputs)),
    says:
      value !== null && ends[0].seats < 1
        ? 'At the bad end of the ranges not one request fits, so there is no upper bound.'
        : '',
  };
}

function longSays({ request, inputs, middle: d }: Ground, bite: number): string {
  const prompt = { mean: inputs['prompt-tokens']?.value ?? 0, spread: inputs['prompt-spread']?.value ?? 0 };
  const long = `One prompt in twenty is longer than ${sig(quantileOf(prompt, 0.95))} tokens`;
  if (d.longPrompt <= (d.budget ?? 0) / 2)
    return `Not needed: ${long.replace('One', 'one')}, and even those leave room in a step.`;
  const steps = Math.ceil(d.longPrompt / bite);
  const step = Math.min(request.targets.itl, (d.decodeStep ?? 0) + bite / (d.prefillSpeed ?? 1));
  return `${long}; capped it takes ${sayCount(steps, 'step')}, about ${sayDuration(steps * step)}, while short prompts pass.`;
}
