import { cpus } from 'node:os';
import type { Idle } from './idle.ts';
import { type Growth, growthOf, missed, type Verdicts } from './judge.ts';
import type { Run } from './run.ts';

interface Lived {
  readonly run: Run;
  readonly errors: readonly string[];
  /** Seconds of real time. */
  readonly took: number;
}

export interface Figures {
  readonly hours: number;
  readonly every: number;
  readonly seed: number;
  readonly samples: number;
  readonly clean: Lived;
  readonly faulty: Lived | null;
  readonly verdicts: Verdicts | null;
}

/** Seconds at the start of a run that are not compared: code is compiled, everything is drawn for the first time. */
const SETTLE = 900;

/** Seconds until every scene of the day was shown, and the tab hidden, asleep and set wrong, once each. */
const ALL_SEEN = 21_600;

/** The day in a table, with what was asked for beside what was found. */
export function renderDay({ hours, every, seed, samples, clean, faulty, verdicts }: Figures): string {
  const head = `${hours} simulated hours, a read every ${every} s, ${samples.toLocaleString('en-US')} samples in a real Prometheus; ${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}.\n\n`;
  const columns = faulty ? ['clean', `with faults, seed ${seed}`] : ['clean'];
  const runs = faulty ? [clean, faulty] : [clean];
  const rows: readonly (readonly [string, (one: Lived) => string])[] = [
    ['reads, and requests', ({ run }) => `${run.ticks.length}, ${sum(run.ticks.map(({ requests }) => requests))}`],
    ['real time', ({ took, run }) => `${(took / 60).toFixed(1)} min, ${(run.ticks.length / took).toFixed(1)} reads/s`],
    ['ticks missed (bar: 0)', ({ run }) => String(missed(run))],
    ['reads spoilt', ({ run }) => String(run.ticks.filter(({ fault }) => fault !== null).length)],
    [
      'heap after collection: first, last, growth (bar: 5 %)',
      ({ run }) => grown(run, 'heap', (x) => `${(x / 2 ** 20).toFixed(1)} MiB`),
    ],
    [
      'the same once all has happened once, after six hours',
      ({ run }) => grown(run, 'heap', (x) => `${(x / 2 ** 20).toFixed(1)} MiB`, ALL_SEEN),
    ],
    [
      'heaps of its workers: first, last, growth',
      ({ run }) => grown(run, 'workers', (x) => `${(x / 2 ** 20).toFixed(1)} MiB`),
    ],
    [
      'memory of the process, what the browser keeps for its driver included: first, last, growth',
      ({ run }) => grown(run, 'resident', (x) => `${(x / 2 ** 20).toFixed(0)} MiB`),
    ],
    ['DOM nodes: first, last, growth', ({ run }) => grown(run, 'nodes', String)],
    ['event listeners: first, last, growth', ({ run }) => grown(run, 'listeners', String)],
    [
      'hidden, slept, clock set: times, and what went wrong',
      ({ run }) =>
        `${run.incidents.length}; ${run.incidents.flatMap(({ what, says }) => (says === null ? [] : [`${what}: ${says}`])).join('; ') || 'nothing'}`,
    ],
    [
      'verdicts that differ from the one before',
      ({ run }) =>
        String(run.ticks.filter(({ shown }, i) => i > 0 && shown.primary !== run.ticks[i - 1]?.shown.primary).length),
    ],
    [
      'errors nobody caught, crashes (bar: 0)',
      ({ errors }) => `${errors.length}${errors[0] === undefined ? '' : `: ${errors[0]}`}`,
    ],
  ];
  const table = `| | ${columns.join(' | ')} |\n|---|${columns.map(() => '---').join('|')}|\n${rows
    .map(([title, of]) => `| ${title} | ${runs.map(of).join(' | ')} |\n`)
    .join('')}`;
  if (!verdicts) return head + table;
  return `${head}${table}
| faults against the clean run | |
|---|---|
| reads nobody spoilt that were compared with the clean run at the same moment | ${verdicts.compared} |
| of them, another status or primary finding (bar: 0) | ${verdicts.different.length} |
| health shown that the clean run did not see (bar: 0) | ${verdicts.wrongHealthy.length} |
| an old verdict not said to be old (bar: 0) | ${verdicts.passedForNew.length} |
`;
}

function grown(run: Run, what: keyof Growth, say: (x: number) => string, settle = SETTLE): string {
  const from = (run.weighed[0]?.now ?? 0) + settle;
  const counted = run.weighed.filter(({ now }) => now >= from);
  if (counted.length < 2) return '–';
  const [first, last] = [counted[0]?.[what] ?? 0, counted.at(-1)?.[what] ?? 0];
  return `${say(first)}, ${say(last)}, ${(100 * growthOf(run, settle)[what]).toFixed(1)} %`;
}

/** Seconds between the reads of the tab that is measured. */
const IDLE_EVERY = 5;

/** An idle tab under a title, and seconds between two scrapes of what it showed. */
export interface IdleRow {
  readonly scraped: number;
  readonly title: string;
  readonly idle: Idle;
}

/**
 * What an idle tab costs, of one core and of all. A machine that is busy with other things gives it fewer reads than one every five
 * seconds, and less to do: so the time is told per read, and the share is that of one read every five seconds.
 */
export function renderIdle(measured: readonly IdleRow[], cores: number): string {
  const head =
    '\n| an idle tab in sight, a read every 5 s | scraped every | reads, and requests | processor time per read: page and workers | painting | rest of the browser | all of it: of one core | of ' +
    `${cores} cores (bar: 2 %) |\n|---|---|---|---|---|---|---|---|\n`;
  const rows = measured.map(({ scraped, title, idle: { reads, requests, seconds, renderer, gpu, rest } }) => {
    const perRead = (share: number) => (share * seconds) / Math.max(1, reads);
    const ms = (share: number) => `${Math.round(1000 * perRead(share))} ms`;
    const of = (n: number) => `${((100 * perRead(renderer + gpu + rest)) / IDLE_EVERY / n).toFixed(1)} %`;
    return `| ${title} | ${scraped} s | ${reads} in ${seconds.toFixed(0)} s, ${requests} | ${ms(renderer)} | ${ms(gpu)} | ${ms(rest)} | ${of(1)} | ${of(cores)} |\n`;
  });
  return head + rows.join('');
}

function sum(list: readonly number[]): number {
  return list.reduce((a, b) => a + b, 0);
}
