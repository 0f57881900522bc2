/**
 * `npm run perf`: what the page costs, measured in the real Chromium by its own trace and clocks, against a real Prometheus
 * whose data go on into the future, so that a live page sees new scrapes. Prints the figures and, with `-- --write`, puts
 * them into docs/performance.md. Build first (`npm run build`). Absolute times depend on the machine; the shape does not.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { chromium, type Page } from '@playwright/test';
import { preview } from 'vite';
import { startPrometheus } from '../src/testing/prometheus.ts';
import { findProgram } from './tools/programs.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const RECORDINGS = ['kv-thrash-a', 'imbalance'] as const;
/** Seconds of live refresh that are traced. */
const LIVE_SECONDS = 60;
/** Seconds of recorded data that lie in the future when the page opens. */
const AHEAD = 150;

interface Figures {
  readonly name: string;
  readonly openMs: number;
  readonly slowestAnswerMs: number;
  readonly verdictAfterAnswerMs: number;
  readonly panelsMs: number;
  readonly requests: number;
  readonly kilobytes: number;
  readonly refreshes: number;
  /** Wall time, which other work on the machine stretches, and the thread's own time. */
  readonly longestTaskMs: number;
  readonly longestBusyMs: number;
  readonly tasksOver50: number;
  readonly tasksOver100: number;
  readonly libraryVerdictMs: number;
}

const folder = await mkdtemp(join(tmpdir(), 'vllm-triage-perf-'));
const server = await preview({
  root,
  logLevel: 'silent',
  preview: { host: '127.0.0.1', port: 8790, strictPort: false },
});
const app = (server.resolvedUrls?.local[0] ?? '').replace(/\/$/, '');
const executablePath = findProgram('chromium', process.env);
if (!executablePath) throw new Error('This needs Chromium.');
const browser = await chromium.launch({
  executablePath,
  args: ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});
const figures: Figures[] = [];
try {
  for (const name of RECORDINGS) figures.push(await measure(name));
} finally {
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
}
const table = render(figures);
process.stdout.write(table);
if (process.argv.includes('--write')) {
  const file = join(root, 'docs/performance.md');
  const text = await readFile(file, 'utf8');
  const mark = /<!-- figures -->[\s\S]*<!-- \/figures -->/;
  await writeFile(file, text.replace(mark, `<!-- figures -->\n\n${table}\n<!-- /figures -->`));
}

async function measure(name: string): Promise<Figures> {
  const prometheus = await startPrometheus({ recordings: [await intoTheFuture(name)] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    let bytes = 0;
    page.on('response', (response) => {
      if (response.url().includes('/api/v1/'))
        void response.body().then(
          (body) => (bytes += body.length),
          () => undefined,
        );
    });
    await page.goto(`${app}/?prometheus=${encodeURIComponent(prometheus.url)}&from=now-8m&live=5s`);
    await page.waitForFunction(() => performance.getEntriesByName('vllm-triage:panels').length > 0, null, {
      timeout: 60_000,
    });
    const opened = await page.evaluate(() => {
      const answers = performance
        .getEntriesByType('resource')
        .filter((r) => r.name.includes('/api/v1/')) as PerformanceResourceTiming[];
      const verdict = performance.getEntriesByName('vllm-triage:verdict')[0]?.startTime ?? Number.NaN;
      const panels = performance.getEntriesByName('vllm-triage:panels')[0]?.startTime ?? Number.NaN;
      const before = answers.filter((a) => a.responseEnd <= verdict);
      return {
        verdict,
        panels,
        last: Math.max(...before.map((a) => a.responseEnd)),
        slowest: Math.max(...before.map((a) => a.duration)),
        requests: before.length,
      };
    });
    const kilobytes = bytes / 1024;
    const tasks = await trace(page, LIVE_SECONDS);
    await page.close();
    return {
      name,
      openMs: opened.verdict,
      slowestAnswerMs: opened.slowest,
      verdictAfterAnswerMs: opened.verdict - opened.last,
      panelsMs: opened.panels,
      requests: opened.requests,
      kilobytes,
      refreshes: tasks.refreshes,
      longestTaskMs: Math.max(0, ...tasks.durations),
      longestBusyMs: Math.max(0, ...tasks.busy),
      tasksOver50: tasks.durations.filter((d) => d > 50).length,
      tasksOver100: tasks.durations.filter((d) => d > 100).length,
      libraryVerdictMs: await fromLibrary(name),
    };
  } finally {
    await prometheus.stop();
  }
}

/** Main-thread tasks while the page refreshes by itself, from the browser's own trace. */
async function trace(page: Page, seconds: number): Promise<{ durations: number[]; busy: number[]; refreshes: number }> {
  let refreshes = 0;
  page.on('requestfinished', (request) => {
    const asked = decodeURIComponent(request.url() + (request.postData() ?? ''));
    // One of the questions of each refresh; the age of the samples names the same series.
    if (/query_range/.test(asked) && /num_requests_running/.test(asked) && !/timestamp/.test(asked)) refreshes++;
  });
  await page.waitForTimeout(3000);
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', '__metadata'] });
  // Every panel must be drawn, so the page is walked through while it refreshes.
  for (let i = 0; i < seconds; i++) {
    await page.waitForTimeout(1000);
    if (i === Math.floor(seconds / 3)) await page.mouse.wheel(0, 900);
    if (i === Math.floor((2 * seconds) / 3)) await page.mouse.wheel(0, 900);
  }
  const text = (await browser.stopTracing()).toString('utf8');
  const { traceEvents } = JSON.parse(text) as {
    traceEvents: {
      name: string;
      ph: string;
      dur?: number;
      tdur?: number;
      pid: number;
      tid: number;
      args?: { name?: string };
    }[];
  };
  const mains = new Set(
    traceEvents
      .filter((e) => e.name === 'thread_name' && e.args?.name === 'CrRendererMain')
      .map((e) => `${e.pid}/${e.tid}`),
  );
  const run = traceEvents.filter(
    (e) => e.ph === 'X' && e.dur !== undefined && mains.has(`${e.pid}/${e.tid}`) && /RunTask$/.test(e.name),
  );
  if (run.length === 0) throw new Error('The trace holds no main-thread task: nothing was measured.');
  return {
    durations: run.map((e) => (e.dur as number) / 1000),
    busy: run.map((e) => (e.tdur ?? (e.dur as number)) / 1000),
    refreshes,
  };
}

/** From the click in the incident library to the verdict on screen. */
async function fromLibrary(name: string): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(app);
  const link = page.locator(`a[href*="recording=${name}"], button:has-text("${name}")`).first();
  await link.waitFor();
  const started = await page.evaluate(() => performance.now());
  await link.click();
  await page.waitForFunction(() => performance.getEntriesByName('vllm-triage:verdict').length > 0, null, {
    timeout: 60_000,
  });
  const at = await page.evaluate(() => performance.getEntriesByName('vllm-triage:verdict')[0]?.startTime ?? Number.NaN);
  await page.close();
  return at - started;
}

/** A copy of a recording moved so that its last AHEAD seconds are still to come. */
async function intoTheFuture(name: string): Promise<string> {
  const text = gunzipSync(await readFile(join(root, `public/library/${name}.om.gz`))).toString('utf8');
  const lines = text.split('\n');
  const stamp = (line: string) => Number(line.slice(line.lastIndexOf(' ') + 1));
  const last = lines.reduce(
    (most, line) => (line === '' || line.startsWith('#') ? most : Math.max(most, stamp(line))),
    0,
  );
  const shift = Date.now() / 1000 + AHEAD - last;
  const moved = lines.map((line) =>
    line === '' || line.startsWith('#')
      ? line
      : `${line.slice(0, line.lastIndexOf(' '))} ${(stamp(line) + shift).toFixed(3)}`,
  );
  const file = join(folder, `${name}.om`);
  await writeFile(file, moved.join('\n'));
  return file;
}

function render(all: readonly Figures[]): string {
  const rows: readonly (readonly [string, (f: Figures) => string])[] = [
    ['library: click to verdict on screen', (f) => `${Math.round(f.libraryVerdictMs)} ms`],
    ['Prometheus: address opened to verdict on screen', (f) => `${Math.round(f.openMs)} ms`],
    ['slowest single answer', (f) => `${Math.round(f.slowestAnswerMs)} ms`],
    ['last answer to verdict on screen (bar: 300 ms)', (f) => `${Math.round(f.verdictAfterAnswerMs)} ms`],
    ['address opened to all panels', (f) => `${Math.round(f.panelsMs)} ms`],
    ['requests and JSON of the first read', (f) => `${f.requests}, ${Math.round(f.kilobytes)} kB`],
    [`refreshes traced in ${LIVE_SECONDS} s`, (f) => String(f.refreshes)],
    ['longest main-thread task while refreshing (bar: 100 ms)', (f) => `${f.longestTaskMs.toFixed(0)} ms`],
    ['the same in time of that thread alone', (f) => `${f.longestBusyMs.toFixed(0)} ms`],
    ['tasks above 50 ms, above 100 ms', (f) => `${f.tasksOver50}, ${f.tasksOver100}`],
  ];
  const head = `| ${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'} | ${all.map((f) => f.name).join(' | ')} |\n|---|${all.map(() => '---').join('|')}|\n`;
  return head + rows.map(([label, value]) => `| ${label} | ${all.map(value).join(' | ')} |\n`).join('');
}
