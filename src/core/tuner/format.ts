import { sayBytes, sayCount, sayDuration, sayShare, sig } from '../base/say.ts';
import type { Unit } from '../base/units.ts';
import { besideFlags, notInPython, toCompose, toFlags, toHelm, toPython } from '../knobs/render.ts';
import type { TunerInput, TunerRequest } from './inputs.ts';
import type { TunerResult } from './rows.ts';
import type { Tuning } from './tune.ts';

/** A number with its unit, for people. */
export function sayQuantity(value: number, unit: Unit): string {
  switch (unit) {
    case 'bytes':
      return Math.abs(value) < 2 ** 20 ? `${sig(value / 1024)} KiB` : sayBytes(value);
    case 'seconds':
      return value !== 0 && Math.abs(value) < 1e-3
        ? value < 1e-6
          ? `${sig(value * 1e9)} ns`
          : `${sig(value * 1e6)} µs`
        : sayDuration(value);
    case 'tokens':
    case 'requests':
      return `${sig(unit === 'tokens' ? Math.round(value) : value)} ${unit}`;
    case 'tokens-per-second':
      return `${sig(value)} tokens/s`;
    case 'requests-per-second':
      return `${sig(value)} requests/s`;
    default:
      return sig(value);
  }
}

/** `96 to 424`, or `null` where the ends say the same. */
export function sayRange([low, high]: readonly [number, number], unit: Unit): string | null {
  const [a, b] = [sayQuantity(low, unit), sayQuantity(high, unit)];
  if (a === b) return null;
  const [, number, word] = /^(\S+) (.+)$/.exec(a) ?? [];
  // One unit for both, where it is the same.
  return number !== undefined && b.endsWith(` ${word}`) ? `${number} to ${b}` : `${a} to ${b}`;
}

export function sayValue({ value, unit }: Pick<TunerResult, 'value' | 'unit'>): string {
  return value === null ? '–' : sayQuantity(value, unit);
}

/** Where an input comes from, for people. */
export function sayFrom({ from }: Pick<TunerInput, 'from'>): string {
  switch (from) {
    case 'given':
      return 'typed in';
    case 'measured':
      return 'measured';
    case 'preset':
      return 'known';
    case 'assumed':
      return 'assumed';
    default:
      return from satisfies never;
  }
}

/** The answer as text for a terminal. */
export function toTuningText(request: TunerRequest, tuning: Tuning): string {
  const { gpu, model, tensor, pipeline, data, targets, measured } = request;
  const gpus = tensor * pipeline * data;
  const lines = [
    `${model.name} on ${gpus > 1 ? `${gpus} × ` : ''}${gpu.name}${gpus > 1 ? ` (TP ${tensor}, PP ${pipeline}, DP ${data})` : ''}`,
    `${sig(model.parameters / 1e9)} billion parameters${model.expertParameters > 0 ? `, ${sig(model.active / 1e9)} active` : ''}; ${model.attention.kind}; ${model.weights.says}`,
    `Targets: TTFT p95 ${sayDuration(targets.ttft)}, ITL p95 ${sayDuration(targets.itl)}${targets.throughput === null ? '' : `, ${sig(targets.throughput)} output tokens/s`}`,
    ...(measured === null
      ? []
      : [
          `Measured on ${measured.model} (${sayCount(measured.engines, 'engine')}): ${namesOf(tuning, tuning.measured)}`,
        ]),
    `Assumed: ${namesOf(tuning, tuning.assumed) || 'nothing'}`,
    '',
  ];
  if (tuning.settings.length === 0) lines.push('No settings: not one request fits. See below why.', '');
  else lines.push(toFlags(tuning.settings), ...besideFlags(tuning.settings), '');
  if (tuning.warnings.length > 0)
    lines.push('What does not go together', ...tuning.warnings.map((w) => `  ${w.kind}: ${w.says}`), '');
  lines.push('How it comes about');
  for (const result of tuning.results) {
    const range = result.range && sayRange(result.range, result.unit);
    lines.push(`  ${result.title}: ${sayValue(result)}${range === null ? '' : ` (${range})`}`);
    lines.push(`    ${result.formula}`, `    ${result.sum}`);
    if (result.says !== '') lines.push(`    ${result.says}`);
  }
  lines.push('', 'What it rests on');
  for (const input of tuning.inputs) {
    const range = sayInputRange(input);
    lines.push(
      `  ${sayFrom(input).padEnd(9)} ${input.name}: ${sayInput(input)}${range === '' ? '' : ` (${range})`}; ${input.note}`,
    );
  }
  for (const missing of tuning.notMeasured) lines.push(`  not measured: ${missing}`);
  const { textbook } = tuning;
  lines.push(
    '',
    "The textbook's own answer",
    `  ${textbook.settings.length === 0 ? 'no room' : toFlags(textbook.settings)}`,
  );
  lines.push(...textbook.steps.map(({ sum, result }) => `    ${sum} = ${result}`));
  lines.push(...textbook.differences.map((difference) => `  - ${difference}`), '');
  return lines.join('\n');
}

function namesOf(tuning: Tuning, ids: Tuning['assumed']): string {
  return tuning.inputs
    .filter((input) => ids.includes(input.id))
    .map((input) => input.name)
    .join(', ');
}

/** An input's value; shares as shares. */
export function sayInput(input: TunerInput): string {
  return input.id === 'hit-rate' ? sayShare(input.value) : sayQuantity(input.value, input.unit);
}

/** The range of an input; `''` where there is none. */
export function sayInputRange(input: TunerInput): string {
  return input.id === 'hit-rate' && input.low !== input.high
    ? `${sayShare(input.low)} to ${sayShare(input.high)}`
    : (sayRange([input.low, input.high], input.unit) ?? '');
}

/** The answer for programs, docs/formats.md `vllm-triage/tuning/1`. Numbers in base units. */
export function toTuningJson(request: TunerRequest, tuning: Tuning, version: string): unknown {
  const { gpu, model, tensor, pipeline, data, kvDtype, workload, targets, measured } = request;
  return {
    schema: 'vllm-triage/tuning/1',
    generatedBy: { name: 'vllm-triage', version },
    gpu: { id: gpu.id, name: gpu.name, memory: gpu.memory },
    model: {
      name: model.name,
      parameters: model.parameters,
      active: model.active,
      attention: model.attention.kind,
      weights: model.weights.says,
    },
    parallel: { tensor, pipeline, data },
    kvCacheDtype: kvDtype,
    workload,
    targets,
    measuredOn: measured === null ? null : { model: measured.model, engines: measured.engines },
    settings: tuning.settings,
    written: {
      flags: toFlags(tuning.settings),
      helm: toHelm(tuning.settings),
      compose: toCompose(tuning.settings),
      python: toPython(tuning.settings),
      notInPython: notInPython(tuning.settings),
    },
    warnings: tuning.warnings,
    results: tuning.results.map(({ inputs, ...result }) => ({ ...result, inputs: inputs.map((i) => i.id) })),
    inputs: tuning.inputs,
    notMeasured: tuning.notMeasured,
    textbook: { ...tuning.textbook, flags: toFlags(tuning.textbook.settings) },
  };
}
