import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Command } from 'commander';
import { stringify } from 'yaml';
import type { BoardOptions } from '../core/exports/board.ts';
import { grafanaDashboard } from '../core/exports/grafana.ts';
import { persesDashboard } from '../core/exports/perses.ts';
import { recordingRules } from '../core/exports/recorded.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import { type ProfileId, targetsOf } from '../core/verdict/profiles.ts';
import { EXIT } from './exit.ts';
import { addSourceOptions, chosenSource, type SourceOptions, withoutSource } from './sources.ts';
import { collectKnob, parseDuration, parseProfile } from './values.ts';

interface Options extends SourceOptions {
  readonly selector: string;
  readonly model?: string;
  readonly profile: ProfileId;
  readonly knob: Readonly<Record<string, number>>;
  readonly timeout: number;
  readonly pageUrl?: string;
  readonly tests?: string;
  readonly rulesName: string;
}

const YAML = { lineWidth: 0, aliasDuplicateObjects: false } as const;
const SOURCE_HELP =
  'a source is optional: with one, names, buckets, scrape interval and the size of the KV cache are those it has';

/** Alert rules, and their unit tests beside them. */
export function alertRulesCommand(done: (exit: number) => void): Command {
  return scoped(
    'alert-rules',
    `Prometheus alert rules for every pathology, burn rates and the textbook's four; ${SOURCE_HELP}`,
  )
    .option('--profile <name>', 'targets: chat, code-completion, rag, agentic, batch, custom', parseProfile, 'chat')
    .option('--knob <name=value>', 'what metrics do not tell, e.g. max-num-seqs=64; repeatable', collectKnob, {})
    .option('--page-url <url>', 'where the page is served: alerts link to it with their range and scope')
    .option('--tests <file>', 'also writes promtool unit tests: FILE, and FILE with -hours for scenes that last hours')
    .option('--rules-name <file>', 'how the tests call the file of the rules', 'alert-rules.yml')
    .addHelpText(
      'after',
      '\nExample:\n  vllm-triage export alert-rules --prometheus http://127.0.0.1:9090 --page-url https://triage.example --tests alert-tests.yml > alert-rules.yml\n  promtool test rules alert-tests.yml',
    )
    .action(async (_: unknown, command: Command) => {
      done(
        await answered(async () => {
          const options = command.opts<Options>();
          // Its runbooks are texts only a bundler or a hook can import, so no other command waits for them.
          const { alertFile } = await import('../core/exports/alert-rules.ts');
          const { ruleTests } = await import('../core/exports/rule-tests.ts');
          const scope = { ...(await scopeOf(options)), targets: targetsOf(options.profile), knobs: options.knob };
          const { file, left } = alertFile({
            ...scope,
            page: options.pageUrl ?? null,
            prometheus: options.prometheus ?? null,
          });
          if (options.tests !== undefined) {
            const [path, beside] = [options.tests, options.tests.replace(/(\.[^./]*)?$/, '-hours$1')];
            const name = basename(options.rulesName);
            await writeFile(path, stringify(ruleTests(scope, name, 'minutes'), YAML));
            await writeFile(beside, stringify(ruleTests(scope, name, 'hours'), YAML));
            process.stderr.write(`tests written to ${path} and ${beside}; they name the rules ${name}\n`);
          }
          for (const { pathology, because } of left) process.stderr.write(`no rule for ${pathology}: ${because}\n`);
          return stringify(file, YAML);
        }),
      );
    });
}

/** Recording rules for large fleets. */
export function recordingRulesCommand(done: (exit: number) => void): Command {
  return scoped(
    'recording-rules',
    `Prometheus recording rules per engine and per model, for large fleets; ${SOURCE_HELP}`,
  )
    .addHelpText(
      'after',
      '\nExample:\n  vllm-triage export recording-rules --selector \'{job="vllm"}\' > recording-rules.yml',
    )
    .action(async (_: unknown, command: Command) => {
      done(await answered(async () => stringify(recordingRules(await scopeOf(command.opts<Options>())), YAML)));
    });
}

/** The panels as a Grafana dashboard. */
export function grafanaCommand(done: (exit: number) => void): Command {
  return boardCommand('grafana-dashboard', 'Grafana', grafanaDashboard, done);
}

/** The panels as a Perses dashboard. */
export function persesCommand(done: (exit: number) => void): Command {
  return boardCommand('perses-dashboard', 'Perses', persesDashboard, done);
}

function boardCommand(
  name: string,
  title: string,
  make: (options: BoardOptions) => object,
  done: (exit: number) => void,
): Command {
  return scoped(name, `the panels of the page as a ${title} dashboard; ${SOURCE_HELP}`)
    .option('--profile <name>', 'whose targets are drawn as thresholds', parseProfile, 'chat')
    .addHelpText(
      'after',
      `\nExample:\n  vllm-triage export ${name} --prometheus http://127.0.0.1:9090 > vllm-triage.json`,
    )
    .action(async (_: unknown, command: Command) => {
      done(
        await answered(async () => {
          const options = command.opts<Options>();
          const made = make({ ...(await scopeOf(options)), targets: targetsOf(options.profile) });
          return `${JSON.stringify(made, null, 2)}\n`;
        }),
      );
    });
}

function scoped(name: string, says: string): Command {
  return addSourceOptions(new Command(name).description(says))
    .option('--selector <matchers>', 'label matchers, PromQL form: \'{job="vllm",namespace="prod"}\'', '')
    .option('--model <name>', 'served model; default: all')
    .option('--timeout <duration>', 'for the whole read', parseDuration, 30);
}

/** Prints what was made. @returns the exit code */
async function answered(make: () => Promise<string>): Promise<number> {
  try {
    process.stdout.write(await make());
    return EXIT.healthy;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return EXIT.usage;
  }
}

/** @throws Error with what is wrong with the source, SourceError as the source does */
async function scopeOf(
  options: Options,
): Promise<{ selector: string; model: string | undefined; evidence: Evidence | null }> {
  const { selector, model } = options;
  if (withoutSource(options)) return { selector, model, evidence: null };
  const chosen = chosenSource(options);
  if (typeof chosen === 'string') throw new Error(chosen);
  const source = await chosen.open();
  const evidence = await source.read(
    {
      from: 'start',
      to: chosen.live ? 'now' : 'end',
      selector,
      ...(model === undefined ? {} : { model }),
      knobs: options.knob ?? {},
    },
    AbortSignal.timeout(options.timeout * 1000),
  );
  if (evidence.replicas.length === 0)
    throw new Error(`${source.label} holds no vLLM engine in scope; leave the source out for vLLM's own names`);
  return { selector, model, evidence };
}
