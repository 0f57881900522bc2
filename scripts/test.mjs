// The whole test command: makes sure of the programs it needs, runs every check even if an earlier one failed, and ends with
// one line, `N passed, N failed`. Exit code 0 if nothing failed, 1 if something did, 2 if a program is missing.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { adviceFor, findProgram, installPrograms, PROGRAMS } from './tools/programs.js';
import { addCounts, countPlaywright, countVitest, formatCounts } from './tools/reports.js';

const root = resolve(import.meta.dirname, '..');
const reports = mkdtempSync(join(tmpdir(), 'vllm-triage-test-'));

/** @type {NodeJS.ProcessEnv} */
const env = { ...process.env, ...programs() };
// Vite and Vitest choose it themselves; an inherited `production` would change what is tested.
delete env['NODE_ENV'];
// Output is shown afterwards and often read from a log.
delete env['FORCE_COLOR'];
env['NO_COLOR'] = '1';

const ONE = { passed: 1, failed: 0, skipped: 0 };
const NONE = { passed: 0, failed: 1, skipped: 0 };

/**
 * A step counts as one, unless it reports how many it counts.
 * @typedef {{ title: string, commands: string[][], report?: string, count?: (file: string) => import('./tools/reports.js').Counts }} Step
 */
/** @type {Step[]} */
const reading = [
  { title: 'format', commands: [['biome', 'format']] },
  { title: 'lint', commands: [['eslint', '.']] },
  { title: 'types', commands: [['tsc'], ['tsc', '--project', 'src/core']] },
];
/** @type {Step[]} */
const steps = [
  {
    // Before the unit tests: some of them serve the built page.
    title: 'build',
    commands: [
      ['vite', 'build', '--logLevel', 'warn'],
      ['vite', 'build', '--logLevel', 'warn', '--mode', 'offline'],
      ['vite', 'build', '--logLevel', 'warn', '--mode', 'cli'],
      ['vite', 'build', '--logLevel', 'warn', '--mode', 'embed'],
    ],
  },
  { title: 'twice', commands: [['tsx', 'scripts/tools/reproducible.js']] },
  {
    title: 'unit',
    commands: [
      ['vitest', 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${join(reports, 'unit.json')}`],
    ],
    report: join(reports, 'unit.json'),
    count: countVitest,
  },
  {
    title: 'e2e',
    commands: [['playwright', 'test', '--config', 'e2e/playwright.config.ts', '--reporter=line,json']],
    report: join(reports, 'e2e.json'),
    count: countPlaywright,
  },
];
env['PLAYWRIGHT_JSON_OUTPUT_FILE'] = join(reports, 'e2e.json');

let total = { passed: 0, failed: 0, skipped: 0 };
// What only reads takes one core each.
await Promise.all(reading.map(play));
for (const step of steps) await play(step);
rmSync(reports, { recursive: true, force: true });
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`\n${formatCounts(total)}`);

/**
 * Runs a step, says how it went, and adds it to the total.
 * @param {Step} step
 */
async function play(step) {
  const started = Date.now();
  let output = '';
  let clean = true;
  for (const command of step.commands) {
    const run = await runTool(command);
    if (run.code !== 0) {
      clean = false;
      output += run.output;
    }
  }
  let counts = clean ? ONE : NONE;
  if (step.count !== undefined && step.report !== undefined) {
    counts = step.count(step.report);
    // A runner that ends badly although every test it reports passed has still failed.
    if (!clean && counts.failed === 0) counts = { ...counts, failed: 1 };
  }
  total = addCounts(total, counts);
  console.log(`${step.title.padEnd(7)} ${formatCounts(counts)} (${Math.round((Date.now() - started) / 1000)} s)`);
  if (counts.failed > 0) console.log(`\n${output.trim() || 'It ended without a word.'}\n`);
}

/**
 * The programs as environment variables for the tools below. Ends the process where one is missing and cannot be had.
 * @returns {Record<string, string>}
 */
function programs() {
  const ids = /** @type {import('./tools/programs.js').ProgramId[]} */ (Object.keys(PROGRAMS));
  const missing = ids.filter((id) => findProgram(id, process.env) === null);
  // One that is named wrongly is not cured by installing another.
  const wanted = missing.filter((id) => !process.env[PROGRAMS[id].variable]);
  if (wanted.length > 0) installPrograms(wanted, (line) => console.log(line));
  const still = ids.filter((id) => findProgram(id, process.env) === null);
  if (still.length > 0) {
    console.error('The tests need a real browser, a real Prometheus and a real nginx. Missing:');
    for (const id of still) console.error(adviceFor(id, process.env));
    process.exit(2);
  }
  const files = ids.map((id) => String(findProgram(id, process.env)));
  // On PATH as well, for what calls them by name; last, so that they bring no other Node with them.
  const path = [process.env['PATH'] ?? '', ...new Set(files.map((file) => dirname(file)))].join(delimiter);
  return { ...Object.fromEntries(ids.map((id, index) => [PROGRAMS[id].variable, String(files[index])])), PATH: path };
}

/**
 * Runs a tool of node_modules/.bin and collects what it says, both streams in the order they came.
 * @param {string[]} command
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function runTool([name = '', ...args]) {
  return new Promise((done) => {
    const child = spawn(join(root, 'node_modules/.bin', name), args, {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => done({ code: null, output: `${output}${error.message}\n` }));
    child.on('close', (code) => done({ code, output }));
  });
}
