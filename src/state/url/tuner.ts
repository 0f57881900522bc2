import { formatGiven, GivenError, parseGivenPair } from '../../core/tuner/given.ts';
import { gpuNamed } from '../../core/tuner/gpus.ts';
import { INPUT_IDS, type InputId } from '../../core/tuner/inputs.ts';
import type { ModelConfig } from '../../core/tuner/model-config.ts';
import { presetNamed } from '../../core/tuner/models.ts';
import { readModelConfig } from '../../sources/model-config.ts';
import type { Notice } from './session.ts';
import type { TunerText } from './tuner-text.ts';

/** What the tuner is asked, as far as it is not the source and the profile; grammar in docs/formats.md. */
export interface TunerQuestion {
  /** Id of a preset, or GiB. */
  readonly gpu: string;
  /** Id of a preset; counts unless a config is there. */
  readonly preset: string;
  /** A config.json that was dropped in: the fields that count. */
  readonly config: ModelConfig | null;
  readonly tensor: number;
  readonly pipeline: number;
  readonly data: number;
  readonly kvDtype: 'auto' | 'fp8';
  /** Seconds and output tokens per second; `null`: those of the profile, and none. */
  readonly ttft: number | null;
  readonly itl: number | null;
  readonly throughput: number | null;
  /** Typed in place of an assumption or a measurement, base units. */
  readonly inputs: Readonly<Partial<Record<InputId, number>>>;
}

export const DEFAULT_QUESTION: TunerQuestion = {
  gpu: 'h100',
  preset: 'llama-3.1-8b',
  config: null,
  tensor: 1,
  pipeline: 1,
  data: 1,
  kvDtype: 'auto',
  ttft: null,
  itl: null,
  throughput: null,
  inputs: {},
};

type Note = (id: string, says: string) => void;

/** @returns what is asked, and a notice for each bad value, which becomes its default */
export function readQuestion(asked: TunerText): {
  readonly question: TunerQuestion;
  readonly notices: readonly Notice[];
} {
  const notices: Notice[] = [];
  const note: Note = (id, says) => notices.push({ id, says });
  const text = (name: keyof TunerText): string | null => asked[name] ?? null;
  const gpu = text('gpu');
  if (gpu !== null && gpuNamed(gpu) === null) note('gpu', `gpu=${gpu} is no GPU of the list and no size in GiB.`);
  const preset = text('preset');
  if (preset !== null && presetNamed(preset) === null) note('preset', `preset=${preset} is no model of the list.`);
  const kv = text('kv');
  if (kv !== null && kv !== 'auto' && kv !== 'fp8') note('kv', `kv=${kv} is neither auto nor fp8; using auto.`);
  const above = (name: keyof TunerText, whole: boolean): number | null => {
    const given = text(name);
    if (given === null) return null;
    const value = Number(given);
    if (value > 0 && value <= 1e9 && (!whole || (Number.isInteger(value) && value <= 1024))) return value;
    note(name, `${name}=${given} is no ${whole ? 'whole ' : ''}number above zero; ignoring it.`);
    return null;
  };
  const question: TunerQuestion = {
    gpu: gpuNamed(gpu ?? '')?.id ?? DEFAULT_QUESTION.gpu,
    preset: presetNamed(preset ?? '')?.id ?? DEFAULT_QUESTION.preset,
    config: readConfig(text('config'), note),
    tensor: above('tp', true) ?? 1,
    pipeline: above('pp', true) ?? 1,
    data: above('dp', true) ?? 1,
    kvDtype: kv === 'fp8' ? 'fp8' : 'auto',
    ttft: above('ttft-p95', false),
    itl: above('itl-p95', false),
    throughput: above('throughput', false),
    inputs: readInputs(text('inputs'), note),
  };
  return { question, notices };
}

/** @returns the question for the address, defaults left out */
export function textOf(question: TunerQuestion): TunerText {
  const unless = (value: string | number, usual: string | number) => (value === usual ? undefined : String(value));
  const inputs = INPUT_IDS.flatMap((id) => {
    const value = question.inputs[id];
    return value === undefined ? [] : [`${id}:${formatGiven(id, value)}`];
  });
  const pairs: readonly (readonly [keyof TunerText, string | undefined])[] = [
    ['gpu', unless(question.gpu, DEFAULT_QUESTION.gpu)],
    ['preset', unless(question.preset, DEFAULT_QUESTION.preset)],
    ['config', question.config === null ? undefined : JSON.stringify(question.config)],
    ['tp', unless(question.tensor, 1)],
    ['pp', unless(question.pipeline, 1)],
    ['dp', unless(question.data, 1)],
    ['kv', unless(question.kvDtype, 'auto')],
    ['ttft-p95', question.ttft?.toString()],
    ['itl-p95', question.itl?.toString()],
    ['throughput', question.throughput?.toString()],
    ['inputs', inputs.length === 0 ? undefined : inputs.join(',')],
  ];
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

function readConfig(text: string | null, note: Note): ModelConfig | null {
  if (text === null) return null;
  try {
    return readModelConfig(text, 'config');
  } catch (error) {
    note('config', `${error instanceof Error ? error.message : String(error)} Using the preset.`);
    return null;
  }
}

function readInputs(text: string | null, note: Note): TunerQuestion['inputs'] {
  const inputs: Partial<Record<InputId, number>> = {};
  for (const part of (text ?? '').split(',').filter((one) => one.trim() !== '')) {
    try {
      const { id, value } = parseGivenPair(part);
      inputs[id] = value;
    } catch (error) {
      if (!(error instanceof GivenError)) throw error;
      note('inputs', `inputs: ${error.message}`);
    }
  }
  return inputs;
}
