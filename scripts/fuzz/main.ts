// Gives every reader of untrusted text a million changed inputs, and says which of them it could not take. Run by `npm run fuzz`.
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { readFile, writeFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { corpusOf } from './corpus.ts';
import { withResult } from './page.ts';
import type { FuzzedParser } from './parser.ts';
import { PARSERS } from './parsers/index.ts';
import { attempt, caseOf, type Failure, type Tally } from './run.ts';
import type { Watched } from './watched.ts';

const HELP = `npm run fuzz -- [--parser ID]… [--cases N] [--seed S] [--write] [--case I]

  --parser ID   one of ${PARSERS.map(({ id }) => id).join(', ')}; repeatable; default all
  --cases N     cases of each parser, default 1000000
  --seed S      default 1: equal seeds give equal cases
  --write       puts the results into docs/fuzzing.md
  --case I      runs one case and prints its input, for a failure that was reported
`;

/** Microseconds of CPU a thread may spend in one case, or in those it has under way together, before it is given up. */
const GIVEN_UP = 20e6;
/** Cases that hang or end the whole thread, after which a parser is left alone. */
const MOST_HANGS = 3;
/** MiB: who needs more for 16 KiB of input is broken. */
const MEMORY = 1024;

const { values } = parseArgs({
  options: {
    parser: { type: 'string', multiple: true },
    cases: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    case: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const cases = Number(values.cases);
const seed = Number(values.seed);
const wanted = PARSERS.filter(({ id }) => values.parser === undefined || values.parser.includes(id));
const unknown = (values.parser ?? []).filter((id) => !PARSERS.some((one) => one.id === id));
if (values.help || unknown.length > 0 || !Number.isInteger(seed) || !(cases >= 1)) {
  process.stderr.write(HELP);
  process.exit(values.help ? 0 : 2);
}
if (values.case !== undefined) await one(wanted, Number(values.case));
else process.exitCode = (await all(wanted)) > 0 ? 1 : 0;

async function one(parsers: readonly FuzzedParser[], index: number): Promise<void> {
  for (const parser of parsers) {
    const input = caseOf(parser, parser.seeds(), seed, index);
    process.stdout.write(`${JSON.stringify(input)}\n`);
    process.stderr.write(`${parser.id} ${index}: ${await attempt(parser, input)}\n`);
  }
}

async function all(parsers: readonly FuzzedParser[]): Promise<number> {
  let failed = 0;
  for (const parser of parsers) {
    const before = process.cpuUsage();
    const failures: Failure[] = [];
    for (const { name, text } of corpusOf(parser.id)) {
      const outcome = await attempt(parser, text);
      if (outcome !== 'read' && outcome !== 'refused')
        failures.push({ parser: parser.id, index: -1, input: name, says: `${name}: ${outcome}` });
    }
    const tally = await watched(parser);
    failures.push(...tally.failures);
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    failed += failures.length;
    const share = Math.round((100 * tally.accepted) / tally.cases);
    process.stdout.write(
      `${parser.id.padEnd(18)} ${tally.cases} cases, ${share} % read, ${seconds.toFixed(0)} s CPU, slowest ${tally.worst.toFixed(1)} ms (case ${tally.worstIndex}), ${failures.length} failures\n`,
    );
    for (const { index, says, input } of failures)
      process.stdout.write(`  case ${index}: ${says}\n    ${JSON.stringify(input).slice(0, 300)}\n`);
    if (values.write) {
      const path = fileURLToPath(new URL('../../docs/fuzzing.md', import.meta.url));
      await writeFile(
        path,
        withResult(await readFile(path, 'utf8'), { parser, tally, seconds, seed, failures: failures.length }),
      );
    }
  }
  return failed;
}

/** Runs the cases in threads of their own; one that stands still or runs out of memory is ended, and the cases behind go on. */
async function watched(parser: FuzzedParser): Promise<Tally> {
  const failures: Failure[] = [];
  let [from, accepted, worst, worstIndex, hangs] = [0, 0, 0, 0, 0];
  while (from < cases && hangs < MOST_HANGS) {
    const outcome = await thread(parser, from);
    if ('cases' in outcome) {
      accepted += outcome.accepted;
      if (outcome.worst > worst) [worst, worstIndex] = [outcome.worst, outcome.worstIndex];
      failures.push(...outcome.failures);
      return { cases, accepted, worst, worstIndex, failures };
    }
    hangs += 1;
    const input = caseOf(parser, parser.seeds(), seed, outcome.index);
    failures.push({ parser: parser.id, index: outcome.index, input, says: outcome.says });
    from = outcome.index + (parser.together ?? 1);
  }
  return { cases: Math.min(from, cases), accepted, worst, worstIndex, failures };
}

function thread(
  parser: FuzzedParser,
  from: number,
): Promise<Tally | { readonly index: number; readonly says: string }> {
  const at = new SharedArrayBuffer(4);
  const place = new Int32Array(at);
  const data: Watched = { parser: parser.id, seed, from, to: cases, at };
  const worker = new Worker(new URL('./thread.js', import.meta.url), {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY },
  });
  return new Promise((resolve) => {
    let seen = -1;
    let since = process.cpuUsage();
    const end = (outcome: Tally | { readonly index: number; readonly says: string }) => {
      clearInterval(timer);
      resolve(outcome);
      void worker.terminate();
    };
    const timer = setInterval(() => {
      const index = Atomics.load(place, 0);
      if (index !== seen) [seen, since] = [index, process.cpuUsage()];
      else if (process.cpuUsage(since).user > GIVEN_UP)
        end({ index, says: `hangs: not done after ${GIVEN_UP / 1e6} s` });
    }, 500);
    worker.on('message', (tally: Tally) => end(tally));
    worker.on('error', (error) => end({ index: Atomics.load(place, 0), says: `ends the thread: ${error.message}` }));
  });
}
