import { Command } from 'commander';
import { toTuningJson, toTuningText } from '../core/tuner/format.ts';
import { type Gpu, GPUS, gpuNamed } from '../core/tuner/gpus.ts';
import type { InputId, Targets, TunerRequest } from '../core/tuner/inputs.ts';
import { type Measurements, measurementsOf } from '../core/tuner/measure.ts';
import { type Model, modelOf } from '../core/tuner/model.ts';
import { MODELS, presetNamed } from '../core/tuner/models.ts';
import { tune } from '../core/tuner/tune.ts';
import { type ProfileId, targetsOf } from '../core/verdict/profiles.ts';
import { adviceFor } from '../sources/advice.ts';
import { SourceError } from '../sources/errors.ts';
import { readModelConfig } from '../sources/model-config.ts';
import { EXIT } from './exit.ts';
import { bytesOf } from './files.ts';
import { addSourceOptions, chosenSource, type SourceOptions, withoutSource } from './sources.ts';
import { collectGiven, parseCount, parseDuration, parsePositive, parseProfile, parseTime } from './values.ts';

interface Options extends SourceOptions {
  gpu?: string;
  model?: string;
  ttftP95?: number;
  itlP95?: number;
  throughput?: number;
  profile: ProfileId;
  tp: number;
  pp: number;
  dp: number;
  kvCacheDtype: string;
  quantization?: string;
  input: Partial<Record<InputId, number>>;
  selector: string;
  at?: number | 'now';
  range?: number;
  format?: string;
  timeout: number;
}

const FORMATS = ['text', 'json'];
const DEFAULT_RANGE = 3600;

/** @param done is told the exit code: 0 where an answer was given, 2 for usage and sources that cannot be read */
export function tuneCommand(version: string, done: (exit: number) => void): Command {
  return addSourceOptions(
    new Command('tune').description(
      'settings for a model on a GPU, with the arithmetic; a source replaces assumptions',
    ),
  )
    .option('--gpu <name|GiB>', `${GPUS.map(({ id }) => id).join(', ')}, or the memory of one GPU in GiB`)
    .option('--model <preset|config.json>', `${MODELS.map(({ id }) => id).join(', ')}, or a Hugging Face config.json`)
    .option('--ttft-p95 <seconds>', 'target for the first token; default: that of the profile', parseDuration)
    .option('--itl-p95 <seconds>', 'target for the gap between tokens; default: that of the profile', parseDuration)
    .option('--throughput <tok/s>', 'output tokens per second wanted of all replicas', parsePositive)
    .option(
      '--profile <name>',
      'kind of work: chat, code-completion, rag, agentic, batch, custom',
      parseProfile,
      'chat',
    )
    .option('--tp <n>', 'GPUs that share each layer', parseCount, 1)
    .option('--pp <n>', 'GPUs that take layers in turn', parseCount, 1)
    .option('--dp <n>', 'engines behind one server', parseCount, 1)
    .option('--kv-cache-dtype <type>', 'auto or fp8', 'auto')
    .option('--quantization <method>', "in place of the checkpoint's own: fp8, awq, gptq, mxfp4")
    .option(
      '--input <name=value>',
      'in place of an assumption or a measurement, e.g. prompt-tokens=800, overhead=4GiB; repeatable',
      collectGiven,
      {},
    )
    .option('--selector <matchers>', 'label matchers, PromQL form: \'{job="vllm"}\'', '')
    .option('--at <time>', 'end of what is measured; RFC 3339, unix seconds or "now"', parseTime)
    .option('--range <duration>', 'how far to look back; default 1h, of a recording all of it', parseDuration)
    .option('--format <format>', 'text or json; default: text on a terminal, json otherwise')
    .option('--timeout <duration>', 'for the whole read', parseDuration, 30)
    .addHelpText(
      'after',
      '\nExit codes: 0 answered, 2 usage or unreadable source\n\nExamples:\n  vllm-triage tune --gpu h100 --model llama-3.1-8b --ttft-p95 0.5 --itl-p95 0.05\n  vllm-triage tune --prometheus http://127.0.0.1:9090 --gpu 79.2 --model ./config.json --tp 4',
    )
    .action(async (_: unknown, command: Command) => {
      done(await act(command.opts<Options>(), version));
    });
}

async function act(options: Options, version: string): Promise<number> {
  const format = options.format ?? (process.stdout.isTTY ? 'text' : 'json');
  if (!FORMATS.includes(format)) return complain(`--format ${format}: expected one of ${FORMATS.join(', ')}`);
  const { kvCacheDtype: kvDtype } = options;
  if (kvDtype !== 'auto' && kvDtype !== 'fp8')
    return complain(`--kv-cache-dtype ${kvDtype}: expected auto or fp8, since others differ between releases`);
  try {
    const gpu = gpuOf(options.gpu);
    const model = await modelFrom(options.model, options.quantization);
    const profile = targetsOf(options.profile);
    const targets: Targets = {
      ttft: options.ttftP95 ?? profile.ttft,
      itl: options.itlP95 ?? profile.tbt,
      e2e: profile.e2e,
      throughput: options.throughput ?? null,
    };
    const measured = withoutSource(options) ? null : await measure(options, targets);
    if (typeof measured === 'number') return measured;
    const request: TunerRequest = {
      gpu,
      model,
      tensor: options.tp,
      pipeline: options.pp,
      data: options.dp,
      kvDtype,
      workload: options.profile,
      targets,
      given: options.input,
      measured,
    };
    const tuning = tune(request);
    process.stdout.write(
      format === 'text'
        ? toTuningText(request, tuning)
        : `${JSON.stringify(toTuningJson(request, tuning, version), null, 2)}\n`,
    );
    return EXIT.healthy;
  } catch (error) {
    return complain(error instanceof Error ? error.message : String(error));
  }
}

function gpuOf(text: string | undefined): Gpu {
  const expected = `${GPUS.map(({ id }) => id).join(', ')}, or GiB such as 79.2`;
  if (text === undefined) throw new Error(`--gpu is needed: ${expected}`);
  const found = gpuNamed(text);
  if (!found) throw new Error(`--gpu ${text}: expected one of ${expected}`);
  return found;
}

/** A preset, or else a file. */
async function modelFrom(text: string | undefined, quantization: string | undefined): Promise<Model> {
  const expected = `${MODELS.map(({ id }) => id).join(', ')}, or the path of a Hugging Face config.json`;
  if (text === undefined) throw new Error(`--model is needed: ${expected}`);
  const preset = presetNamed(text);
  if (preset && !text.endsWith('.json')) return modelOf(preset.name, preset.config, quantization);
  if (!/[./\\]/.test(text)) throw new Error(`--model ${text}: expected one of ${expected}`);
  const bytes = await bytesOf(text).catch((error: Error) => {
    throw new Error(`--model: ${error.message}; expected one of ${expected}`);
  });
  return modelOf(text, readModelConfig(new TextDecoder().decode(bytes), text), quantization);
}

/** @returns what the source says, or the exit code where it cannot be read */
async function measure(options: Options, targets: Targets): Promise<Measurements | number> {
  const chosen = chosenSource(options);
  if (typeof chosen === 'string') return complain(chosen);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error('timeout')), options.timeout * 1000);
  try {
    const source = await chosen.open();
    const to = options.at ?? (chosen.live ? ('now' as const) : ('end' as const));
    const range = options.range ?? (chosen.live || options.at !== undefined ? DEFAULT_RANGE : undefined);
    const evidence = await source.read(
      {
        from: typeof to === 'number' && range !== undefined ? to - range : 'start',
        to,
        ...(range === undefined ? {} : { range }),
        selector: options.selector,
        knobs: {},
      },
      abort.signal,
    );
    const measured = measurementsOf(evidence, targets);
    if (measured) return measured;
    return complain('the source holds no vLLM engine; leave it out to work from assumptions');
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    const timedOut = error.problem === 'aborted';
    const advice = adviceFor(timedOut ? 'timeout' : error.problem, chosen.url === null ? {} : { url: chosen.url });
    return complain(
      `${timedOut ? `nothing after ${options.timeout} s` : error.message}\n  ${advice.title}: ${advice.todo}${advice.line ? `\n  ${advice.line}` : ''}`,
    );
  } finally {
    clearTimeout(timer);
  }
}

function complain(message: string): number {
  process.stderr.write(`error: ${message}\n`);
  return EXIT.usage;
}
