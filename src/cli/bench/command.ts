import { access, writeFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Command, InvalidArgumentError } from 'commander';
import { sayDuration } from '../../core/base/say.ts';
import { type Api, BENCH_SCHEMA, type BenchResult, type BenchRun, summarise } from '../../core/loadtest/bench.ts';
import { toBenchText } from '../../core/loadtest/format.ts';
import {
  type Arrivals,
  type LoadSettings,
  nameOf,
  SCENARIO_IDS,
  SCENARIOS,
  seededRandom,
} from '../../core/loadtest/scenarios.ts';
import { EXIT } from '../exit.ts';
import { readHeaders, type TypedHeaders } from '../headers.ts';
import { collectHeader, parseDuration, parsePositive } from '../values.ts';
import { type Connections, connectionsTo, timeRequest } from './client.ts';
import { type Progress, runLoad } from './load.ts';
import { makePrompts, type Prompts } from './prompts.ts';
import { bodyOf, parseTarget, pathOf, readServed, type Target, tokenizerOf } from './target.ts';

interface Options {
  readonly url: string;
  readonly model?: string;
  readonly api: Api;
  readonly scenario: readonly string[];
  readonly concurrency?: number;
  readonly rate?: number;
  readonly requests?: number;
  readonly promptTokens?: number;
  readonly outputTokens?: number;
  readonly prefixTokens?: number;
  readonly warmup: number;
  readonly timeout: number;
  readonly ignoreEos: boolean;
  readonly seed: number;
  readonly header: TypedHeaders;
  readonly out?: string;
  readonly force: boolean;
  readonly format?: string;
}

/** Exit codes of bench: 0 measured, 1 measured but requests failed, 2 usage or nothing measured. */
const FORMATS = ['text', 'json'];
/** Output tokens of a warm-up request: enough to run prefill and decode once. */
const WARMUP_TOKENS = 16;
/** What a run without a scenario asks for where nothing is said. */
const USUAL = { requests: 100, promptTokens: 512, outputTokens: 256 };
const MICROSECOND = 1e6;

/** @param done is told the exit code */
export function benchCommand(version: string, done: (exit: number) => void): Command {
  return new Command('bench')
    .description('load test of an OpenAI-compatible server; latencies, throughput and errors as JSON')
    .requiredOption('--url <url>', 'the server under test, the only one that is asked; redirects are not followed')
    .option('--model <name>', 'served model; default: the only one the server names')
    .option('--api <name>', 'chat (v1/chat/completions) or completions (v1/completions)', parseApi, 'chat')
    .option('--scenario <id>', `${SCENARIO_IDS.join(', ')}, or all; repeatable`, collectScenario, [])
    .option('--concurrency <n>', 'so many requests at a time; beside --rate: at most so many', parseAmount)
    .option('--rate <per-second>', 'so many requests per second at random moments, whatever comes back', parsePositive)
    .option('--requests <n>', `how many in all; default ${USUAL.requests} without a scenario`, parseAmount)
    .option('--prompt-tokens <n>', `length of prompts; default ${USUAL.promptTokens} without a scenario`, parseAmount)
    .option('--output-tokens <n>', `length of answers; default ${USUAL.outputTokens} without a scenario`, parseAmount)
    .option('--prefix-tokens <n>', 'tokens all prompts begin with; default 0', parseFromZero)
    .option('--warmup <n>', `requests before the clock starts, ${WARMUP_TOKENS} output tokens each`, parseFromZero, 2)
    .option('--timeout <duration>', 'for each request', parseDuration, 600)
    .option('--no-ignore-eos', 'leave ignore_eos out, for servers that refuse it; answers may then end early')
    .option('--seed <n>', 'prompts and arrivals of the same seed are the same', parseFromZero, 1)
    .option(
      '--header <header>',
      "sent with every request, 'NAME: VALUE'; @FILE reads the value from a file, $NAME from the environment; repeatable",
      collectHeader,
      {},
    )
    .option('--out <file>', 'write the JSON there, and text to the terminal')
    .option('--force', 'replace a file that is there', false)
    .option('--format <format>', 'text or json; default: text on a terminal, json otherwise')
    .addHelpText(
      'after',
      [
        '\nScenarios (concurrency, requests, prompt/output tokens):',
        ...SCENARIOS.map(
          ({ id, says, arrivals, requests, promptTokens, outputTokens }) =>
            `  ${id.padEnd(13)}${arrivals.kind === 'closed' ? arrivals.concurrency : arrivals.rate}, ${requests}, ${promptTokens}/${outputTokens}: ${says}`,
        ),
        '\nA request is sent once and never again. Ctrl-C ends the run and keeps what was measured.',
        '\nExit codes: 0 measured, 1 measured but requests failed, 2 usage or nothing measured',
        '\nExamples:\n  vllm-triage bench --url http://127.0.0.1:8000 --scenario saturation --out saturation.json\n  vllm-triage bench --url http://127.0.0.1:8000 --rate 4 --requests 200 --prompt-tokens 1024 --output-tokens 128',
      ].join('\n'),
    )
    .action(async (_: unknown, command: Command) => done(await act(command.opts<Options>(), version)));
}

async function act(options: Options, version: string): Promise<number> {
  const format = options.format ?? (process.stdout.isTTY || options.out !== undefined ? 'text' : 'json');
  if (!FORMATS.includes(format)) return complain(`--format ${format}: expected one of ${FORMATS.join(', ')}`);
  const { out } = options;
  if (out !== undefined && !options.force && (await exists(out)))
    return complain(`${out} is there already; choose another name, or give --force`);
  const stop = new AbortController();
  const end = () => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    const plans = plansOf(options);
    const target: Target = {
      url: parseTarget(options.url),
      headers: await readHeaders(options.header, process.env),
      api: options.api,
    };
    const { model, maxTokens } = await chooseModel(target, options.model);
    const connections = connectionsTo(target.url, target.headers);
    const runs: BenchRun[] = [];
    for (const plan of plans) {
      if (stop.signal.aborted) break;
      const needed = plan.settings.promptTokens + plan.settings.outputTokens;
      if (maxTokens !== null && needed > maxTokens) {
        const says = `${plan.name} needs ${needed} tokens and the server takes ${maxTokens} (max_model_len)`;
        if (plans.length === 1) return complain(says);
        say(`${says}; left out`);
        continue;
      }
      runs.push(await runPlan(plan, options, target, connections, model, stop.signal));
    }
    connections.agent.destroy();
    const result: BenchResult = {
      schema: BENCH_SCHEMA,
      generatedBy: { name: 'vllm-triage', version },
      target: { url: target.url.href.replace(/\/$/, ''), model, api: options.api },
      runs,
    };
    const json = `${JSON.stringify(result, rounded)}\n`;
    if (out !== undefined) {
      await writeFile(out, json);
      say(`written to ${out}`);
    }
    process.stdout.write(format === 'json' ? json : toBenchText(result));
    return exitOf(runs);
  } catch (error) {
    return complain(error instanceof Error ? error.message : String(error));
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
  }
}

function exitOf(runs: readonly BenchRun[]): number {
  if (runs.every((run) => run.counts.ok === 0)) return EXIT.usage;
  return runs.some((run) => run.counts.failed > 0) ? EXIT.sick : EXIT.healthy;
}

interface Plan {
  readonly name: string;
  readonly settings: LoadSettings;
}

/** @throws Error where settings contradict each other or nothing says what to send */
function plansOf(options: Options): Plan[] {
  const { concurrency, rate, requests, promptTokens, outputTokens, prefixTokens } = options;
  const arrivals: Arrivals | undefined =
    rate !== undefined
      ? { kind: 'open', rate, concurrency: concurrency ?? null }
      : concurrency !== undefined
        ? { kind: 'closed', concurrency }
        : undefined;
  const given = { ...defined({ arrivals, requests, promptTokens, outputTokens, prefixTokens }) };
  const chosen = options.scenario.includes('all')
    ? SCENARIOS
    : SCENARIOS.filter(({ id }) => options.scenario.includes(id));
  if (chosen.length === 0 && arrivals === undefined)
    throw new Error(`say what to send: --scenario ${SCENARIO_IDS.join('|')}|all, or --concurrency, or --rate`);
  const plans: Plan[] =
    chosen.length > 0
      ? chosen.map(({ id, says: _, ...usual }) => ({ name: id, settings: { ...usual, ...given } }))
      : [customPlan({ ...USUAL, prefixTokens: 0, ...given, arrivals: arrivals as Arrivals })];
  for (const { settings } of plans)
    if (settings.prefixTokens >= settings.promptTokens)
      throw new Error(
        `--prefix-tokens ${settings.prefixTokens}: must be below --prompt-tokens ${settings.promptTokens}`,
      );
  return plans;
}

function customPlan(settings: LoadSettings): Plan {
  return { name: nameOf(settings), settings };
}

function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

async function chooseModel(
  target: Target,
  name: string | undefined,
): Promise<{ model: string; maxTokens: number | null }> {
  const served = await readServed(target).catch((error: Error) => {
    // A gateway may hide the list; the model was named, so nothing is lost.
    if (name === undefined || !/ answers \d+ for /.test(error.message)) throw error;
    return { models: [] };
  });
  const model = name ?? (served.models.length === 1 ? served.models[0]?.id : undefined);
  const names = served.models.map(({ id }) => id).join(', ');
  if (model === undefined) throw new Error(`--model is needed: the server names ${names || 'none'}`);
  const found = served.models.find(({ id }) => id === model);
  if (!found && served.models.length > 0) throw new Error(`--model ${model}: the server names ${names}`);
  return { model, maxTokens: found?.maxTokens ?? null };
}

async function runPlan(
  { name, settings }: Plan,
  options: Options,
  target: Target,
  connections: Connections,
  model: string,
  signal: AbortSignal,
): Promise<BenchRun> {
  const { warmup, timeout, ignoreEos, seed } = options;
  const random = seededRandom(seed);
  say(`${name}: making ${settings.requests} prompts`);
  const prompts: Prompts = await makePrompts(
    target.api,
    settings,
    settings.requests + warmup,
    random,
    tokenizerOf(target, model),
  );
  const path = pathOf(target);
  const send = (index: number, outputTokens: number, prompt = prompts.list[index] ?? '') =>
    timeRequest(connections, {
      path,
      body: bodyOf(target.api, { model, outputTokens, ignoreEos }, prompt),
      timeoutSeconds: timeout,
      signal,
    });
  for (let i = 0; i < warmup && !signal.aborted; i++) {
    const { error } = await send(settings.requests + i, Math.min(WARMUP_TOKENS, settings.outputTokens));
    if (error !== null && error.kind !== 'stopped')
      throw new Error(`${name}: the warm-up failed, so nothing was measured (${error.kind}: ${error.says})`);
  }
  const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  const progress = progressWriter(name, settings.requests);
  const startedAt = Date.now() / 1000;
  lag.enable();
  const requests = await runLoad({
    arrivals: settings.arrivals,
    requests: settings.requests,
    random,
    send: (index) => send(index, settings.outputTokens),
    signal,
    onProgress: progress.tell,
  });
  lag.disable();
  progress.end();
  const run = summarise({
    scenario: name,
    startedAt,
    settings: { ...settings, warmup, timeoutSeconds: timeout, ignoreEos, seed },
    prompts: prompts.note,
    interrupted: signal.aborted,
    requests,
  });
  const late = (lag.percentile(99) / 1e6 - LAG_RESOLUTION_MS) / 1000;
  const gap = run.latencies.itl.p50;
  if (gap === null || late < gap * LATE) return run;
  const says = `This machine was up to ${sayDuration(late)} late in reading answers (p99), against a median gap of ${sayDuration(gap)}: some of the ITL is the client's own.`;
  return { ...run, warnings: [...run.warnings, says] };
}

const LAG_RESOLUTION_MS = 10;
/** Share of a median gap the client may be late by before it is said. */
const LATE = 0.2;

/** One line, written over on a terminal once a second, and every ten seconds elsewhere. */
function progressWriter(name: string, of: number): { tell: (progress: Progress) => void; end: () => void } {
  const started = Date.now();
  const terminal = process.stderr.isTTY;
  const every = terminal ? 1000 : 10_000;
  let told = started;
  let open = false;
  const tell = ({ sent, running, ok, failed }: Progress) => {
    if (Date.now() - told < every) return;
    told = Date.now();
    const line = `${name}: ${ok} of ${of} finished, ${running} running, ${of - sent} to come${failed > 0 ? `, ${failed} failed` : ''}, ${sayDuration((told - started) / 1000)}`;
    process.stderr.write(terminal ? `\r\u001b[K${line}` : `${line}\n`);
    open = terminal;
  };
  return {
    tell,
    end: () => {
      if (open) process.stderr.write('\n');
    },
  };
}

/** Times to the microsecond: a file of all gaps would be twice as long otherwise, and no clock is better. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Math.round(value * MICROSECOND) / MICROSECOND : value;
}

function parseApi(text: string): Api {
  if (text !== 'chat' && text !== 'completions') throw new InvalidArgumentError('expected chat or completions.');
  return text;
}

function collectScenario(text: string, before: readonly string[]): readonly string[] {
  if (text !== 'all' && !SCENARIO_IDS.some((id) => id === text))
    throw new InvalidArgumentError(`expected ${SCENARIO_IDS.join(', ')} or all.`);
  return [...before, text];
}

function parseFromZero(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 0.');
  return Number(text);
}

function parseAmount(text: string): number {
  if (!/^\d{1,7}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('expected a whole number from 1.');
  return Number(text);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function say(message: string): void {
  process.stderr.write(`${message}\n`);
}

function complain(message: string): number {
  process.stderr.write(`error: ${message}\n`);
  return EXIT.usage;
}
