import { Command } from 'commander';
import { compare } from '../core/compare/compare.ts';
import type { Answer } from '../core/compare/comparison.ts';
import { toCompareJson, toCompareText } from '../core/compare/format.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import { sliceEvidence } from '../core/evidence/slice.ts';
import { diagnose } from '../core/verdict/diagnose.ts';
import { formatInstant } from '../core/verdict/format.ts';
import { type ProfileId, type Targets, targetsOf } from '../core/verdict/profiles.ts';
import { SourceError } from '../sources/errors.ts';
import { evidenceIsLess, requestOf } from './diagnose.ts';
import { EXIT } from './exit.ts';
import {
  addSourceOptions,
  type ChosenSource,
  chosenSource,
  namedSource,
  type SourceOptions,
  withoutSource,
} from './sources.ts';
import { collectKnob, parseDuration, parseProfile, parseTime } from './values.ts';

interface Options extends SourceOptions {
  /** `KIND:PLACE`, a time, or `onset`. */
  before?: string;
  /** `KIND:PLACE` */
  after?: string;
  selector: string;
  model?: string;
  at?: number | 'now';
  range?: number;
  step?: number;
  profile?: ProfileId;
  knob: Record<string, number>;
  format?: string;
  timeout: number;
}

const FORMATS = ['text', 'json'];

/** @param done is told the exit code: 0 better or no difference, 1 worse, 2 usage or unreadable source, 3 cannot tell */
export function compareCommand(version: string, done: (exit: number) => void): Command {
  return addSourceOptions(
    new Command('compare').description(
      'two sources, or two moments of one: what differed, and whether what was advised helped',
    ),
  )
    .option(
      '--before <what>',
      'a source as KIND:PLACE (recording:FILE, snapshot:FILE, prometheus:URL, …); of one source a time, or "onset"',
    )
    .option('--after <source>', 'a source as KIND:PLACE')
    .option('--selector <matchers>', 'label matchers, PromQL form: \'{job="vllm"}\'', '')
    .option('--model <name>', 'served model; default: all, compared one by one')
    .option(
      '--at <time>',
      'end of what is read, of one source of after; default: now, of a recording its end',
      parseTime,
    )
    .option('--range <duration>', 'how far each side looks back; default 30m', parseDuration)
    .option('--step <duration>', 'grid spacing; default: chosen', parseDuration)
    .option('--profile <name>', 'SLO profile; default: chat, of a snapshot before its own', parseProfile)
    .option('--knob <name=value>', 'what the metrics of neither side tell; repeatable', collectKnob, {})
    .option('--format <format>', 'text or json; default: text on a terminal, json otherwise')
    .option('--timeout <duration>', 'for each read', parseDuration, 30)
    .addHelpText(
      'after',
      '\nExit codes: 0 better or no difference, 1 worse, 2 usage or unreadable source, 3 cannot tell\n\nExamples:\n  vllm-triage compare --before recording:monday.om.gz --after recording:tuesday.om.gz\n  vllm-triage compare --recording incident.om.gz --before onset\n  vllm-triage compare --prometheus http://127.0.0.1:9090 --before 2026-11-25T01:50:00Z',
    )
    .action(async (_: unknown, command: Command) => {
      done(await act(command.opts<Options>(), version));
    });
}

async function act(options: Options, version: string): Promise<number> {
  const format = options.format ?? (process.stdout.isTTY ? 'text' : 'json');
  if (!FORMATS.includes(format)) return complain(`--format ${format}: expected one of ${FORMATS.join(', ')}`);
  try {
    const { before, after, targets } = await (options.after === undefined ? momentsOf : sourcesOf)(options);
    const comparison = compare(before, after, targets);
    process.stdout.write(
      format === 'json'
        ? `${JSON.stringify(toCompareJson(comparison, version), null, 2)}\n`
        : toCompareText(comparison),
    );
    return exitOf(comparison.answer);
  } catch (error) {
    const said = complain((error as Error).message);
    // The source answered and holds nothing to judge: that is "cannot tell".
    return error instanceof SourceError && error.problem === 'empty' ? EXIT.unknown : said;
  }
}

interface Sides {
  readonly before: Evidence;
  readonly after: Evidence;
  readonly targets: Targets;
}

/** Two sources. @throws Error that says what is wrong with the arguments, and what reading throws */
async function sourcesOf(options: Options): Promise<Sides> {
  if (options.before === undefined) throw new Error('--after SOURCE needs --before SOURCE as well');
  if (!withoutSource(options)) throw new Error('with --after, both sources are named by --before and --after alone');
  const first = await read(namedSource(options.before, '--before', options), options);
  const second = await read(namedSource(options.after as string, '--after', options), options);
  return { before: first.evidence, after: second.evidence, targets: targetsFor(options, first.targets) };
}

/** Two moments of one source. @throws as `sourcesOf` does */
async function momentsOf(options: Options): Promise<Sides> {
  const chosen = chosenSource(options);
  if (typeof chosen === 'string')
    throw new Error(
      withoutSource(options)
        ? 'expected --before SOURCE --after SOURCE, or one source and --before TIME|onset'
        : chosen,
    );
  const when = options.before;
  if (when === undefined) throw new Error('one source needs --before TIME, or --before onset');
  const then = when === 'onset' ? null : parseTime(when);
  const { evidence: after, targets: own } = await read(chosen, options);
  const targets = targetsFor(options, own);
  if (then !== null) {
    const { evidence: before } = await read(chosen, { ...options, at: then });
    return { before, after, targets };
  }
  const since = diagnose(after, targets).findings.find(({ severity }) => severity !== 'info')?.since ?? null;
  if (since === null) throw new Error('--before onset: nothing began within this window; give a time in its place');
  process.stderr.write(`before ${formatInstant(since)}, the onset\n`);
  return { before: sliceEvidence(after, since), after, targets };
}

function targetsFor({ profile }: Options, own: Targets | null): Targets {
  return profile === undefined && own ? own : targetsOf(profile ?? 'chat');
}

async function read(chosen: ChosenSource, options: Options): Promise<{ evidence: Evidence; targets: Targets | null }> {
  // Scraping takes as long as was asked for; the limit is for what comes after it.
  const source = await chosen.open();
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error('timeout')), options.timeout * 1000);
  try {
    const evidence = await source.read(requestOf(options, chosen.live), abort.signal);
    const { frozen } = source;
    if (frozen && evidenceIsLess(frozen))
      throw new Error(
        frozen.damage[0] ?? 'This snapshot is reduced to one verdict, and holds too little to be compared.',
      );
    return { evidence, targets: frozen?.targets ?? null };
  } catch (error) {
    throw abort.signal.aborted ? new Error(`nothing after ${options.timeout} s`) : error;
  } finally {
    clearTimeout(timer);
  }
}

function exitOf(answer: Answer): number {
  switch (answer) {
    case 'helped':
    case 'relieved':
    case 'no-difference':
      return EXIT.healthy;
    case 'hurt':
      return EXIT.sick;
    case 'cannot-tell':
      return EXIT.unknown;
    default:
      return answer satisfies never;
  }
}

function complain(message: string): number {
  process.stderr.write(`error: ${message}\n`);
  return EXIT.usage;
}
