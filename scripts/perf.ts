/**
 * `npm run perf`: what the page costs with fleets of 1 to 1,000 replicas, in a real Chromium against real servers filled with
 * simulated fleets, beside the same panels asked as a board asks for them, in the same run. Prints the tables and, with
 * `-- --write`, puts them into docs/performance.md with its picture. Build first (`npm run build`). What is started is ended.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { barsOf, barsTable } from './perf/bars.ts';
import { emptyPage } from './perf/board-page.ts';
import { measureDiagnose } from './perf/diagnose.ts';
import { growthPicture } from './perf/growth.ts';
import { measureLibrary, RECORDINGS } from './perf/library.ts';
import { type FleetFigures, measureFleet, type Part, PARTS, type ServerKind, SERVERS } from './perf/measure.ts';
import { diagnoseTable, type JudgedSize, libraryTable, machine, tablesOf } from './perf/report.ts';
import { type BuiltPage, openBuiltPage } from './tools/built-page.ts';

interface Options {
  readonly sizes: readonly number[];
  readonly only?: Part;
  readonly server?: ServerKind;
  readonly refreshes: number;
  readonly write: boolean;
}

const program = new Command('perf')
  .description('Measures the page with fleets of several sizes beside a board of the same panels.')
  .option('--sizes <list>', 'numbers of replicas, by comma', parseSizes, [1, 10, 100, 1000])
  .addOption(new Option('--only <what>', 'one part of it').choices(PARTS))
  .addOption(new Option('--server <which>', 'one of the servers').choices(SERVERS))
  .option('--refreshes <number>', 'how many refreshes, 15 s apart, the live page is watched for', Number, 3)
  .option('--write', 'put the figures into docs/performance.md; a part of them never is', false);
program.parse();
const options = program.opts<Options>();
const whole = options.only === undefined && options.server === undefined;
if (options.write && !whole) program.error('A part of the figures is not written: leave --only and --server out.');

const root = fileURLToPath(new URL('..', import.meta.url));
const started = performance.now();
const tell = (line: string) =>
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);

const parts = options.only === undefined ? PARTS : [options.only];
const judged: JudgedSize[] = [];
for (const size of parts.includes('diagnose') ? options.sizes : []) {
  tell(`judging alone, ${size} ${size === 1 ? 'replica' : 'replicas'}`);
  judged.push({ size, figures: await measureDiagnose(size) });
}
const fleets: FleetFigures[] = [];
const opened: { name: string; seconds: number }[] = [];
if (parts.some((part) => part !== 'diagnose')) {
  const stage = await openBuiltPage(root, [emptyPage]);
  try {
    if (parts.includes('library')) await measureRecordings(stage);
    if (parts.includes('page') || parts.includes('boards')) await measureFleets(stage);
  } finally {
    await stage.close();
  }
}

const picture = growthPicture(fleets.filter(({ server }) => server === 'prometheus'));
const text = [
  `Measured on ${machine()}.`,
  barsTable(barsOf(fleets, judged)),
  '![Growth with the number of replicas](performance-growth.svg)',
  ...SERVERS.map((server) => tablesOf(server, fleets)),
  diagnoseTable(judged),
  libraryTable(opened),
]
  .filter((part) => part !== '')
  .join('\n\n');
process.stdout.write(`${text}\n`);
if (options.write && process.exitCode === 1) tell('nothing is written, since not all of it could be measured');
else if (options.write) {
  const file = join(root, 'docs/performance.md');
  const mark = /<!-- figures -->[\s\S]*<!-- \/figures -->/;
  const before = await readFile(file, 'utf8');
  if (!mark.test(before)) throw new Error(`${file} has no place for the figures.`);
  await writeFile(
    file,
    before.replace(mark, () => `<!-- figures -->\n\n${text}\n\n<!-- /figures -->`),
  );
  await writeFile(join(root, 'docs/performance-growth.svg'), picture);
  tell('docs/performance.md written');
}

async function measureRecordings({ app, inBrowser }: BuiltPage): Promise<void> {
  for (const name of RECORDINGS) {
    tell(`library, ${name}`);
    opened.push({ name, seconds: await inBrowser((browser) => measureLibrary(browser, app, name)) });
  }
}

/** Every size on every server, one after the other, so that they do not disturb each other. */
async function measureFleets({ app, inBrowser }: BuiltPage): Promise<void> {
  for (const server of options.server === undefined ? SERVERS : [options.server]) {
    for (const size of options.sizes) {
      tell(`${server}, ${size} ${size === 1 ? 'replica' : 'replicas'}`);
      // Refreshing is the page's own work, whoever answers: watched on one server.
      const refreshes = server === 'prometheus' ? options.refreshes : 0;
      try {
        const wanted = { server, size, parts, refreshes };
        fleets.push(await inBrowser((browser) => measureFleet(browser, app, wanted, (line) => tell(`  ${line}`))));
      } catch (error) {
        // The others are measured all the same; a page with a hole in it is not written.
        tell(`  failed: ${error instanceof Error ? error.message : String(error)}`);
        process.exitCode = 1;
      }
    }
  }
}

function parseSizes(text: string): number[] {
  const sizes = text.split(',').map(Number);
  if (!sizes.every((size) => Number.isInteger(size) && size >= 1 && size <= 10_000))
    throw new InvalidArgumentError('Whole numbers from 1 to 10,000, by comma.');
  return sizes;
}
