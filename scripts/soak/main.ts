/**
 * `npm run soak`: a day in an open tab. The built page in the real Chromium, on a clock of ours, reads live from a real Prometheus
 * that holds the day; once as it is, once with answers spoilt at random; then what an idle tab costs in real time. Prints the
 * figures and, with `-- --write`, puts them into docs/soak.md. Build first (`npm run build`).
 */
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openBuiltPage } from '../tools/built-page.ts';
import { measureIdle } from './idle.ts';
import { compare } from './judge.ts';
import { type Figures, type IdleRow, renderDay, renderIdle } from './report.ts';
import { type Run, run } from './run.ts';
import { openStage, type Stage } from './stage.ts';
import { openTab } from './tab.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Any date: the clock is ours. */
const START = 1_790_000_000 - (1_790_000_000 % 60);
/** Seconds of data before the page opens, and after it is closed. */
const BEFORE = 1800;
const AFTER = 300;
const HOUR = 3600;

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '24' },
    every: { type: 'string', default: '15' },
    seed: { type: 'string', default: '1' },
    idle: { type: 'string', default: '90' },
    scrapes: { type: 'string', default: '15,5' },
    only: { type: 'string', default: 'clean,faults,idle' },
    write: { type: 'boolean', default: false },
  },
});
const hours = Number(values.hours);
const every = Number(values.every) as 5 | 15;
const seed = Number(values.seed);
const wanted = values.only.split(',');
const say = (line: string) => process.stderr.write(`${line}\n`);

const { app, inBrowser, close } = await openBuiltPage(root);
const sections: string[] = [];
try {
  if (wanted.includes('clean')) sections.push(await day());
  if (wanted.includes('idle')) sections.push(await idle());
} finally {
  await close();
}
const text = sections.join('\n');
process.stdout.write(text);
if (values.write) {
  const file = join(root, 'docs/soak.md');
  const mark = /<!-- figures -->[\s\S]*<!-- \/figures -->/;
  await writeFile(file, (await readFile(file, 'utf8')).replace(mark, `<!-- figures -->\n\n${text}\n<!-- /figures -->`));
}

async function day(): Promise<string> {
  say(`writing ${hours} h of scrapes, every ${every} s`);
  const stage = await openStage(START, hours + (BEFORE + AFTER) / HOUR, every);
  try {
    // Side by side, a core each.
    const [clean, faulty] = await Promise.all([
      live(stage, null),
      wanted.includes('faults') ? live(stage, seed) : null,
    ]);
    const figures: Figures = {
      hours,
      every,
      seed,
      samples: stage.day.samples,
      clean,
      faulty,
      verdicts: faulty && compare(clean.run, faulty.run, every),
    };
    return renderDay(figures);
  } finally {
    await stage.close();
  }
}

async function live(
  stage: Stage,
  faults: number | null,
): Promise<{ run: Run; errors: readonly string[]; took: number }> {
  return inBrowser(async (browser) => {
    const began = performance.now();
    const from = START + BEFORE;
    const proxy = await stage.proxy(seed);
    const tab = await openTab(browser, { app, proxy, start: from, live: every === 5 ? '5s' : '15s' });
    proxy.take();
    const done = await run({
      tab,
      proxy,
      to: from + hours * HOUR,
      every,
      seed: faults,
      weigh: HOUR / 4,
      tell: (now, ticks, { heap, workers, nodes }) => {
        const took = (performance.now() - began) / 1000;
        say(
          `${faults === null ? 'clean' : 'faults'}: ${((now - from) / HOUR).toFixed(2)} h, ${ticks} ticks, ${(ticks / took).toFixed(1)} a second, heap ${(heap / 2 ** 20).toFixed(1)} MiB, workers' ${(workers / 2 ** 20).toFixed(1)} MiB, ${nodes} nodes`,
        );
      },
    });
    const { errors } = tab;
    await tab.close();
    return { run: done, errors, took: (performance.now() - began) / 1000 };
  });
}

async function idle(): Promise<string> {
  const measured: IdleRow[] = [];
  for (const scraped of values.scrapes.split(',').map(Number)) measured.push(...(await idleWith(scraped)));
  return renderIdle(measured, cpus().length);
}

/** @param scraped seconds between two scrapes of the data: between those a read finds nothing new */
async function idleWith(scraped: number): Promise<IdleRow[]> {
  const seconds = Number(values.idle);
  // The data go on into the future, so that scrapes come in while it is looked at.
  const ahead = 3 * (seconds + 180);
  const now = Math.floor(Date.now() / 1000);
  say(`writing scrapes, every ${scraped} s, up to the present and beyond`);
  const stage = await openStage(now - BEFORE - 60, (BEFORE + 60 + ahead) / HOUR, scraped);
  try {
    const measured: IdleRow[] = [];
    for (const [title, height] of [
      ['as it opens', 800],
      ['all sixteen charts in sight', 2400],
    ] as const) {
      say(`idle, scraped every ${scraped} s, ${title}`);
      const proxy = await stage.proxy(seed);
      const one = await measureIdle({ app, proxy, seconds, width: 1920, height });
      measured.push({ scraped, title, idle: one });
    }
    return measured;
  } finally {
    await stage.close();
  }
}
