/**
 * `npm run evaluate`: labelled episodes and recordings, judged by the product's own path. Prints the bars and, where the whole
 * set is judged, writes docs/evaluation.md. Exit code 1 if a recording is wrong or an episode could not be judged. Recordings named as
 * arguments are judged alone.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CALIBRATION } from '../src/core/verdict/calibration.ts';
import { fitCalibration, writeCalibration } from './evaluation/calibrate.ts';
import { openJournal } from './evaluation/journal.ts';
import { claimsOf } from './evaluation/metrics/confidence.ts';
import type { Watched } from './evaluation/moment.ts';
import { type Plan, tasksOf } from './evaluation/plan.ts';
import { watchAll } from './evaluation/pool.ts';
import { type JudgedRecording, judgeRecordings } from './evaluation/recordings.ts';
import { barsOf } from './evaluation/report/bars.ts';
import { figuresOf, type Outcome, shortcomings } from './evaluation/report/outcome.ts';
import { buildReport } from './evaluation/report/report.ts';
import { isWrong, timelineOf } from './evaluation/report/timeline.ts';

interface Options {
  readonly seed?: number;
  readonly perKind: number;
  readonly kinds: readonly string[];
  readonly only?: 'recordings' | 'episodes';
  readonly files: boolean;
  readonly write: boolean;
  readonly calibrate: boolean;
  readonly cached: boolean;
  readonly timeline?: 'wrong' | 'all';
  readonly ablateEvery: number;
  readonly workers: number;
  readonly nice: number;
}

/** Seeds of the reported episodes and of those the confidences are fitted on: never the same. */
const SEED = { report: 1, calibration: 1001 } as const;

const program = new Command('evaluate')
  .description('Judges labelled episodes and recordings, and says how good the verdicts are.')
  .argument('[recording...]', 'judge these recordings alone')
  .option(
    '--seed <number>',
    `seed of the episodes (default ${SEED.report}; ${SEED.calibration} with --calibrate)`,
    parseCount,
  )
  .option('--per-kind <number>', 'episodes per kind and strength', parseCount, 4)
  .option(
    '--kinds <list>',
    'by comma: kinds (overload), with strength (overload/mild), ids (overload/mild/1000)',
    (text: string) => text.split(',').filter(Boolean),
    [],
  )
  .addOption(new Option('--only <what>', 'one half of the set').choices(['recordings', 'episodes']))
  .option('--files', 'read recordings as files only, not from a Prometheus', false)
  .option(
    '--ablate-every <number>',
    'every how many episodes of a kind is judged with things taken away too; 0 = none',
    parseCount,
    4,
  )
  .option('--workers <number>', 'processes', parseCount, 2)
  .option('--nice <number>', 'their priority, 0 high to 19 low', parseCount, 10)
  .addOption(new Option('--timeline <which>', 'print what was said, episode by episode').choices(['wrong', 'all']))
  .option('--cached', 'do not judge: take what the last run saw that saw all of it', false)
  .option('--no-write', 'do not write docs/evaluation.md and its picture; a part of the set never does')
  .option('--calibrate', 'fit the confidences and write src/core/verdict/calibration.ts', false);
program.parse();
const options = program.opts<Options>();
const names = program.args;
/** The page speaks of the whole set, so only a whole run writes it. */
const whole = names.length === 0 && options.kinds.length === 0 && options.only === undefined && !options.files;
const write = options.write && whole && !options.calibrate;
const seed = options.seed ?? (options.calibrate ? SEED.calibration : SEED.report);
if (write && seed === CALIBRATION.seed) {
  program.error(`The confidences were fitted on seed ${seed}: report another one.`);
}
const plan: Plan = {
  seed,
  perKind: options.perKind,
  only: names.length > 0 ? 'recordings' : (options.only ?? null),
  kinds: names.length > 0 ? names : options.kinds,
  ablateEvery: options.calibrate ? 0 : options.ablateEvery,
};

const failures: string[] = [];
const all = await watchPlan(plan).catch((error: unknown) =>
  program.error(error instanceof Error ? error.message : String(error)),
);
if (options.calibrate) {
  const fitted = `${all.length} episodes of seed ${seed}, ${options.perKind} per kind`;
  await writeCalibration(fitCalibration(claimsOf(all), seed, fitted));
  process.stdout.write(`src/core/verdict/calibration.ts is fitted on ${fitted}.\n`);
} else {
  const recordings =
    plan.only === 'episodes' || (plan.kinds.length > 0 && names.length === 0)
      ? []
      : await judgeRecordings(options.files, names);
  if (recordings.length > 0) printRecordings(recordings);
  if (options.timeline) {
    const shown = options.timeline === 'all' ? all : all.filter(isWrong);
    process.stdout.write(`${shown.map(timelineOf).join('\n\n')}\n\n`);
  }
  if (all.length > 0) printBars(all);
  if (write) await writeReport({ all, missing: failures.length, seed, perKind: options.perKind, recordings });
  const wrong = recordings.filter((row) => row.known && !row.right).length;
  if (wrong > 0 || (plan.only !== 'episodes' && names.length > 0 && recordings.every((row) => !row.known))) {
    process.exitCode = 1;
  }
}
for (const failure of failures) process.stderr.write(`${failure}\n`);
if (failures.length > 0) process.exitCode = 1;

/** Watches what is not in the journal yet, with progress on stderr. */
async function watchPlan(plan: Plan): Promise<Watched[]> {
  const tasks = await tasksOf(plan);
  const journal = await openJournal(options.cached ? tasks.map(({ key }) => key) : undefined);
  const known = new Map(journal.known);
  const missing = options.cached ? [] : tasks.flatMap((task, index) => (known.has(task.key) ? [] : [index]));
  const began = performance.now();
  let done = 0;
  await watchAll(plan, missing, options, async ({ index, watched, error }) => {
    const key = tasks[index]?.key ?? '';
    done++;
    if (error !== null) failures.push(`${key} could not be judged: ${error}`);
    if (watched) {
      known.set(key, watched);
      await journal.add(key, watched);
    }
    progress(done, missing.length, performance.now() - began, watched?.episode.id ?? key);
  });
  return tasks.map((task) => known.get(task.key)).filter((watched) => watched !== undefined);
}

function progress(done: number, of: number, ms: number, name: string): void {
  const left = ((of - done) * ms) / done / 1000;
  const line = `${done} of ${of}, ${Math.round(ms / 1000)} s, ${Math.round(left)} s left: ${name}`;
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}${done === of ? '\n' : ''}`);
  else if (done === of || done % Math.max(1, Math.round(of / 20)) === 0) process.stderr.write(`${line}\n`);
}

async function writeReport(outcome: Outcome): Promise<void> {
  const { markdown, plot, unreasoned } = buildReport(outcome);
  if (unreasoned.length > 0) {
    failures.push(
      `Short of their bar without a reason in scripts/evaluation/reasons.ts: ${unreasoned.join(', ')}. Nothing was written.`,
    );
    return;
  }
  const docs = fileURLToPath(new URL('../docs/', import.meta.url));
  await writeFile(`${docs}evaluation.md`, markdown);
  await writeFile(`${docs}evaluation-reliability.svg`, plot);
}

function printBars(watched: readonly Watched[]): void {
  const figures = figuresOf(watched);
  const rows = barsOf(figures).map((bar) => [
    bar.title,
    bar.bar,
    bar.value,
    bar.met === null ? '–' : bar.met ? 'met' : 'NOT MET',
  ]);
  printTable(['', 'bar', 'measured', ''], rows);
  const short = figures.classes.flatMap(({ id }) => {
    const because = shortcomings(figures, id);
    return because.length > 0 ? [`${id}: ${because.join('; ')}`] : [];
  });
  process.stdout.write(
    `\n${short.length === 0 ? 'No class is short of its bar.' : `Short:\n  ${short.join('\n  ')}`}\n`,
  );
}

function printRecordings(rows: readonly JudgedRecording[]): void {
  const columns = ['set', 'name', 'via', 'truth', 'before', 'after', 'since', 'confidence', 'found', 'wrong'] as const;
  printTable(
    columns,
    rows.map((row) => columns.map((column) => row[column])),
  );
  const judged = rows.filter((row) => row.known);
  const wrong = judged.filter((row) => !row.right).length;
  const open = rows.length - judged.length;
  process.stdout.write(
    `\n${judged.length - wrong} right, ${wrong} wrong${open > 0 ? `, ${open} of kinds without a detector yet` : ''}\n\n`,
  );
}

function printTable(columns: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = columns.map((name, i) => Math.max(name.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |\n`;
  process.stdout.write(line(columns));
  process.stdout.write(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|\n`);
  for (const row of rows) process.stdout.write(line(row));
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 0) throw new InvalidArgumentError('expected a whole number');
  return count;
}
