import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { gridBetween } from '../core/base/grid.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import { leftovers, type Redaction, REDACTIONS, redact } from '../core/snapshot/redact.ts';
import { toReportJson, toReportMarkdown, toReportText } from '../core/report/format.ts';
import { type HealthReport, healthReport } from '../core/report/report.ts';
import { disagreements, sayReduced, takeSnapshot } from '../core/snapshot/snapshot.ts';
import { sayCount } from '../core/base/say.ts';
import { diagnose, replayTimes } from '../core/verdict/diagnose.ts';
import { formatInstant, toJson, toText } from '../core/verdict/format.ts';
import { chaptersOf, type Said, sayChapters, sayOf } from '../core/verdict/chapters.ts';
import { verdictsAt } from '../core/verdict/history.ts';
import { toMarkdown } from '../core/verdict/note.ts';
import { type ProfileId, type Targets, targetsOf } from '../core/verdict/profiles.ts';
import type { Verdict } from '../core/verdict/verdict.ts';
import { adviceFor } from '../sources/advice.ts';
import { SourceError } from '../sources/errors.ts';
import type { Step } from '../sources/doctor/examine.ts';
import { examineFromHere, formatSteps } from './doctor.ts';
import { scrapeAdvice } from '../sources/scrape/advice.ts';
import { writeSnapshot } from '../sources/snapshot/carry.ts';
import { fillPage } from '../sources/snapshot/offline.ts';
import type { Frozen, ReadRequest } from '../sources/source.ts';
import { EXIT, exitOf } from './exit.ts';
import { readHeaders } from './headers.ts';
import { givenPassphrase } from './passphrase.ts';
import { offlineTemplate } from './serve/page.ts';
import { addSourceOptions, type ChosenSource, chosenSource, PLATFORM, type SourceOptions } from './sources.ts';
import { collectKnob, parseDuration, parseProfile, parseRedactions, parseTime } from './values.ts';

interface Options extends SourceOptions {
  selector: string;
  model?: string;
  at?: number | 'now';
  range?: number;
  step?: number;
  every?: number;
  /** Left out: chat; of a snapshot, the targets it was judged against. */
  profile?: ProfileId;
  knob: Record<string, number>;
  format?: 'text' | 'json' | 'markdown';
  timeout: number;
  doctor?: boolean;
  origin?: string;
  save?: string;
  report?: boolean;
  redact?: ReadonlySet<Redaction> | true;
}

const FORMATS = ['text', 'json', 'markdown'] as const;
type Format = (typeof FORMATS)[number];
const DEFAULT_RANGE = 1800;

/** @param done is told the exit code of contract.md §2 */
export function diagnoseCommand(version: string, done: (exit: number) => void): Command {
  return addSourceOptions(new Command('diagnose').description('one verdict about one source'))
    .option('--selector <matchers>', 'label matchers, PromQL form: \'{job="vllm"}\'', '')
    .option('--model <name>', 'served model; default: all, judged one by one')
    .option('--at <time>', 'RFC 3339, unix seconds or "now"; default: now, of a recording its end', parseTime)
    .option('--range <duration>', 'how far to look back; default 30m', parseDuration)
    .option('--step <duration>', 'grid spacing; default: chosen', parseDuration)
    .option('--every <duration>', 'replay: one verdict per step up to --at, as JSON Lines', parseDuration)
    .option(
      '--profile <name>',
      'SLO profile: chat, code-completion, rag, agentic, batch, custom; default: chat, of a snapshot its own',
      parseProfile,
    )
    .option('--knob <name=value>', 'what the metrics do not tell, e.g. max-num-seqs=64; repeatable', collectKnob, {})
    .option('--format <format>', 'text, json or markdown; default: text on a terminal, json otherwise')
    .option('--timeout <duration>', 'for the whole read', parseDuration, 30)
    .option('--report', 'the health report in place of the verdict: targets, load, headroom, books, configuration')
    .option('--doctor', 'no verdict: check the way to the source step by step; exit code 0 if nothing is wrong, else 2')
    .option('--origin <url>', 'with --doctor: a page that is to read the source, to check what a browser allows it')
    .option(
      '--save <file>',
      'also writes evidence and verdict as a snapshot, to be opened with --snapshot or in the page; as one page that opens without a network if FILE ends in .html',
    )
    .option(
      '--redact [kinds]',
      `with --save: names become aliases; all of them, or some by commas: ${REDACTIONS.map(({ id }) => id).join(', ')}`,
      parseRedactions,
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 healthy, 1 degraded or critical, 2 usage or unreadable source, 3 cannot tell\n\nExample:\n  vllm-triage diagnose --recording incident.om.gz --at 2026-11-25T01:56:00Z --format text',
    )
    .action(async (_: unknown, command: Command) => {
      const options = command.opts<Options>();
      done(await act(options, version));
    });
}

async function act(options: Options, version: string): Promise<number> {
  const chosen = chosenSource(options);
  if (typeof chosen === 'string') return complain(chosen);
  if (options.redact !== undefined && options.save === undefined)
    return complain('--redact is about what is saved: give --save FILE as well');
  if (options.format !== undefined && !FORMATS.includes(options.format))
    return complain(`--format ${options.format}: expected one of ${FORMATS.join(', ')}`);
  const format = options.format ?? (process.stdout.isTTY ? 'text' : 'json');
  if (options.doctor) return actAsDoctor(options, chosen, format);
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  try {
    // Scraping takes as long as was asked for; the limit is for what comes after it.
    const source = await chosen.open();
    timer = setTimeout(() => abort.abort(new Error('timeout')), options.timeout * 1000);
    const evidence = await source.read(requestOf(options, chosen.live), abort.signal);
    const { frozen } = source;
    if (frozen && evidenceIsLess(frozen)) return showStored(frozen, evidence, options, format, version);
    const targets = options.profile === undefined && frozen ? frozen.targets : targetsOf(options.profile ?? 'chat');
    const verdict = diagnose(evidence, targets);
    if (options.save !== undefined) await save(options.save, evidence, targets, options, version);
    if (options.every !== undefined) {
      const said: Said[] = [];
      for (const one of verdictsAt(evidence, targets, replayTimes(evidence.grid, options.every))) {
        said.push(sayOf(one));
        process.stdout.write(`${JSON.stringify(toJson(one, version))}\n`);
      }
      // For whoever watches; a program gets the lines alone.
      if (process.stderr.isTTY) process.stderr.write(`${sayChapters(chaptersOf(said), formatInstant)}\n`);
      return exitOf(verdict.status);
    }
    process.stdout.write(
      options.report
        ? renderReport(healthReport(evidence, targets), format, version)
        : render(verdict, format, version),
    );
    if (frozen) process.stderr.write(sayFrozen(frozen, verdict));
    return exitOf(verdict.status);
  } catch (error) {
    if (error instanceof SourceError) {
      if (error.problem === 'empty')
        process.stdout.write(render(nothingMeasured(options, chosen, error.message), format, version));
      const timedOut = error.problem === 'aborted';
      const advise = chosen.kind === 'metrics' ? scrapeAdvice : adviceFor;
      const advice = advise(timedOut ? 'timeout' : error.problem, chosen.url === null ? {} : { url: chosen.url });
      const said = complain(
        `${timedOut ? `nothing after ${options.timeout} s` : error.message}\n  ${advice.title}: ${advice.todo}${advice.line ? `\n  ${advice.line}` : ''}`,
      );
      if (!timedOut) process.stderr.write(formatSteps(await stepsTo(options, chosen)));
      // The source answered and holds nothing to judge: that is "cannot tell", and never health.
      return error.problem === 'empty' ? EXIT.unknown : said;
    }
    return complain(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
  }
}

/** The steps in place of a verdict. */
async function actAsDoctor(options: Options, chosen: ChosenSource, format: string): Promise<number> {
  if (chosen.url === null) return complain('--doctor checks the way to a --prometheus source');
  if (options.origin !== undefined && !/^https?:\/\/[^/]+$/.test(options.origin))
    return complain(`--origin ${options.origin}: expected the start of an address, such as https://triage.example`);
  const steps = await stepsTo(options, chosen);
  process.stdout.write(format === 'json' ? `${JSON.stringify(steps, null, 2)}\n` : formatSteps(steps));
  return steps.some(({ state }) => state === 'failed') ? EXIT.usage : EXIT.healthy;
}

/** The way to a Prometheus, step by step; none for a file. */
async function stepsTo(options: Options, { url }: ChosenSource): Promise<Step[]> {
  if (url === null) return [];
  const to = typeof options.at === 'number' ? options.at : PLATFORM.now();
  const asked = {
    url,
    headers: await readHeaders(options.header, process.env),
    selector: options.selector,
    from: to - (options.range ?? DEFAULT_RANGE),
    to,
    ...(options.origin === undefined ? {} : { origin: options.origin }),
  };
  return examineFromHere(asked, PLATFORM, new AbortController().signal);
}

/** Whether a snapshot holds too little to be judged again, so that what was said that day is all there is. */
export function evidenceIsLess({ reduced, damage }: Frozen): boolean {
  return reduced !== null || damage.length > 0;
}

/** The stored verdict, and why it is not judged again. A damaged snapshot is unreadable input, whatever is left of it. */
function showStored(frozen: Frozen, evidence: Evidence, options: Options, format: Format, version: string): number {
  const { damage, verdict, generatedBy } = frozen;
  if (options.every !== undefined || options.save !== undefined)
    return complain(
      `${damage[0] ?? 'This snapshot is reduced.'} It holds one verdict alone, without what --every and --save need.`,
    );
  process.stdout.write(render(verdict, format, version));
  const why = damage[0] ?? sayReduced(frozen, evidence);
  process.stderr.write(`${why} Shown is what ${generatedBy.version} said at ${formatInstant(verdict.at)}.\n`);
  return damage.length > 0 ? EXIT.usage : exitOf(verdict.status);
}

/** When it was frozen, and both verdicts where the rules of today say otherwise. */
function sayFrozen({ verdict: stored, generatedBy }: Frozen, again: Verdict): string {
  const at = `frozen at ${formatInstant(stored.at)}, judged then by ${generatedBy.version}`;
  if (again.at !== stored.at || again.profile !== stored.profile) return `${at}; shown is another moment or profile\n`;
  const differences = disagreements(stored, again);
  if (differences.length === 0) return `${at}; the rules of today agree\n`;
  return [
    `${at}; the rules of today say otherwise:`,
    ...differences.map((one) => `  ${one}`),
    `  then: ${stored.status.toUpperCase()}  ${stored.headline}`,
    `  now:  ${again.status.toUpperCase()}  ${again.headline}`,
    '',
  ].join('\n');
}

/** Writes what leaves: in other names if asked for, and then judged in those; locked where there is a passphrase. */
async function save(
  file: string,
  measured: Evidence,
  targets: Targets,
  { redact: asked, passphraseFile }: Options,
  version: string,
): Promise<void> {
  const kinds = asked === true ? new Set(REDACTIONS.map(({ id }) => id)) : (asked ?? new Set<Redaction>());
  const { evidence, aliases } = redact(measured, kinds);
  const passphrase = await givenPassphrase(passphraseFile, process.env);
  const takenAt = Math.round(Date.now() / 1000);
  const snapshot = takeSnapshot(evidence, targets, diagnose(evidence, targets), { version, takenAt });
  const text = await writeSnapshot(snapshot, passphrase);
  const content = file.endsWith('.html') ? fillPage(await offlineTemplate(), text) : `${text}\n`;
  await writeFile(file, content).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`cannot write ${file}: ${error.message}`);
  });
  const said = [
    sayCount(evidence.replicas.length, 'replica'),
    ...(kinds.size > 0 ? [`${sayCount(aliases.length, 'name')} replaced`] : []),
    ...(passphrase === '' ? [] : ['locked']),
    `${Math.ceil(content.length / 1000)} kB`,
  ];
  process.stderr.write(`saved ${file}: ${said.join(', ')}\n`);
  const left = leftovers(
    JSON.stringify(snapshot),
    aliases.map(({ name }) => name),
  );
  if (left.length > 0) process.stderr.write(`still in it, as ordinary words or parts of them: ${left.join(', ')}\n`);
}

/** The verdict on no evidence at all, so that scripts get the same shape. */
function nothingMeasured(options: Options, chosen: ChosenSource, warning: string): Verdict {
  const to = typeof options.at === 'number' ? options.at : Date.now() / 1000;
  return diagnose(
    {
      grid: gridBetween(to - (options.range ?? DEFAULT_RANGE), to, options.step ?? 15),
      window: 60,
      scrapeInterval: null,
      source: { kind: chosen.kind, label: '', flavour: null },
      selector: options.selector,
      replicas: [],
      readings: {},
      knobs: options.knob,
      warnings: [warning],
    },
    targetsOf(options.profile ?? 'chat'),
  );
}

function render(verdict: Verdict, format: Format, version: string): string {
  switch (format) {
    case 'text':
      return toText(verdict);
    case 'markdown':
      return toMarkdown(verdict);
    case 'json':
      return `${JSON.stringify(toJson(verdict, version), null, 2)}\n`;
    default:
      return format satisfies never;
  }
}

function renderReport(report: HealthReport, format: Format, version: string): string {
  switch (format) {
    case 'text':
      return toReportText(report);
    case 'markdown':
      return toReportMarkdown(report);
    case 'json':
      return `${JSON.stringify(toReportJson(report, version), null, 2)}\n`;
    default:
      return format satisfies never;
  }
}

export function requestOf(
  options: Pick<Options, 'at' | 'range' | 'selector' | 'model' | 'step' | 'knob'>,
  live: boolean,
): ReadRequest {
  const to = options.at ?? (live ? ('now' as const) : ('end' as const));
  const range = options.range ?? (!live && options.at === undefined ? undefined : DEFAULT_RANGE);
  return {
    from: typeof to === 'number' && range !== undefined ? to - range : ('start' as const),
    to,
    ...(range === undefined ? {} : { range }),
    selector: options.selector,
    ...(options.model === undefined ? {} : { model: options.model }),
    ...(options.step === undefined ? {} : { step: options.step }),
    knobs: options.knob,
  };
}

function complain(message: string): number {
  process.stderr.write(`error: ${message}\n`);
  return EXIT.usage;
}
