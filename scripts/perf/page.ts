import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext, Page, Request as BrowserRequest } from '@playwright/test';
import type { Request } from './bare.ts';
import { type Trace, traced, type Work, workBetween } from './trace.ts';

/** What opening the page took and what it does while it refreshes itself. */
export interface PageFigures {
  /** Status and pathology, so that a fast page that says something else is noticed. */
  readonly said: string;
  /** From the address to what is on screen, while the browser is driven and traced. */
  readonly verdictSeconds: number;
  readonly panelsSeconds: number;
  readonly slowestAnswerSeconds: number;
  /** From the end of the last answer before the verdict to the verdict: the page's own part of the wait. */
  readonly afterAnswerSeconds: number;
  /** As they came over the wire, packed. */
  readonly wireBytes: number;
  /** Until all panels are drawn, and of that from the verdict on. */
  readonly opening: Work;
  readonly drawing: Work;
  readonly refresh: Refresh | null;
  /** JavaScript heap of the page's thread after a collection; most memory its process held, `null` where no /proc tells it. */
  readonly heapBytes: number;
  readonly peakBytes: number | null;
  /** What was asked for the first verdict and panels. */
  readonly asked: readonly Request[];
}

/** The mean refresh. */
export interface Refresh {
  readonly count: number;
  readonly requests: number;
  readonly wireBytes: number;
  readonly work: Work;
}

/** What the page notes when they are on screen. */
export const MARKS = { verdict: 'vllm-triage:verdict', panels: 'vllm-triage:panels' } as const;
const { verdict: VERDICT, panels: PANELS } = MARKS;
const EVIDENCE = 'vllm-triage:evidence';
/** Seconds between two refreshes of the page: one a scrape. */
const EVERY = 15;
/** Seconds given to what follows the panels, the timeline and what changed, and to a walk to the end of the page. */
const SETTLES = 6;
const STEPS = 3;

/** How long to wait for the first verdict and its panels before it is said that there are none. */
const PATIENCE_MS = 120_000;

/** The page, live, over the last half hour of a server. */
export function addressOf(app: string, server: string): string {
  return `${app}/?prometheus=${encodeURIComponent(server)}&from=now-30m&live=15s`;
}

/**
 * Opens the page on a server and watches it.
 * @param refreshes how many refreshes to wait for
 * @returns the figures, or a sentence that says why there is no verdict
 */
export async function measurePage(
  browser: Browser,
  app: string,
  server: string,
  refreshes: number,
): Promise<PageFigures | string> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    return await open(browser, context, addressOf(app, server), refreshes);
  } finally {
    await context.close();
  }
}

async function open(
  browser: Browser,
  context: BrowserContext,
  address: string,
  refreshes: number,
): Promise<PageFigures | string> {
  const page = await context.newPage();
  const finished: BrowserRequest[] = [];
  page.on('requestfinished', (request) => {
    if (request.url().includes('/api/v1/')) finished.push(request);
  });
  const crashed = new Promise<string>((resolve) => page.once('crash', () => resolve('the browser gave the page up')));
  let trouble: string | null = null;
  let opened: readonly BrowserRequest[] = [];
  const trace = await traced(browser, page, async () => {
    await page.goto(address);
    trouble = await Promise.race([crashed, reach(page)]);
    if (trouble !== null) return;
    opened = [...finished];
    if (refreshes > 0) await watch(page, refreshes);
  });
  if (trouble !== null) return trouble;

  const at = (name: string) => trace.marks.get(name)?.[0] ?? Number.NaN;
  const { origin, verdictMs, panelsMs, said } = await page.evaluate(
    ([verdict, panels]) => ({
      origin: performance.timeOrigin,
      verdictMs: performance.getEntriesByName(verdict)[0]?.startTime ?? Number.NaN,
      panelsMs: performance.getEntriesByName(panels)[0]?.startTime ?? Number.NaN,
      said: ['status', 'primary']
        .map((what) => document.querySelector('[data-verdict-status]')?.getAttribute(`data-verdict-${what}`))
        .join(' '),
    }),
    [VERDICT, PANELS] as const,
  );
  const answers = opened.map((request) => request.timing());
  const ends = answers.map(({ startTime, responseEnd }) => startTime + responseEnd - origin);
  return {
    said,
    verdictSeconds: verdictMs / 1000,
    panelsSeconds: panelsMs / 1000,
    slowestAnswerSeconds:
      Math.max(...answers.map(({ responseEnd, requestStart }) => responseEnd - requestStart)) / 1000,
    afterAnswerSeconds: (verdictMs - Math.max(...ends.filter((end) => end <= verdictMs))) / 1000,
    wireBytes: await wireBytesOf(opened),
    opening: workBetween(trace, at(VERDICT) - verdictMs, at(PANELS)),
    drawing: workBetween(trace, at(VERDICT), at(PANELS)),
    refresh: refreshes > 0 ? await refreshOf(trace, at(PANELS), finished.slice(opened.length)) : null,
    ...(await memoryOf(browser, context, page)),
    asked: opened.map((request) => ({ url: request.url(), body: request.postData() })),
  };
}

/** Waits for verdict and panels. @returns `null`, or why there are none */
async function reach(page: Page): Promise<string | null> {
  for (const mark of [VERDICT, PANELS]) {
    try {
      await page.waitForFunction((name) => performance.getEntriesByName(name).length > 0, mark, {
        timeout: PATIENCE_MS,
      });
    } catch {
      const failing = page.getByRole('region', { name: 'Source not readable' });
      const reason = (await failing.isVisible()) ? (await failing.innerText()).split('\n')[0] : null;
      return reason ?? `no ${mark === VERDICT ? 'verdict' : 'panels'} within ${PATIENCE_MS / 1000} s`;
    }
  }
  return null;
}

/** Walks through the page, so that every panel is there to be drawn again, and lets it refresh itself. */
async function watch(page: Page, refreshes: number): Promise<void> {
  for (let step = 0; step < STEPS; step += 1) {
    await page.waitForTimeout((SETTLES * 1000) / (STEPS + 1));
    await page.mouse.wheel(0, 800);
  }
  await page.waitForTimeout((SETTLES * 1000) / (STEPS + 1) + refreshes * EVERY * 1000);
}

async function refreshOf(trace: Trace, panels: number, requests: readonly BrowserRequest[]): Promise<Refresh> {
  const from = panels + SETTLES * 1000;
  const count = (trace.marks.get(EVIDENCE) ?? []).filter((time) => time >= from).length;
  if (count === 0) throw new Error('The page did not refresh itself while it was watched.');
  const work = workBetween(trace, from, Infinity);
  return {
    count,
    requests: requests.length / count,
    wireBytes: (await wireBytesOf(requests)) / count,
    work: { ...work, main: work.main / count, workers: work.workers / count },
  };
}

async function wireBytesOf(requests: readonly BrowserRequest[]): Promise<number> {
  const sizes = await Promise.all(requests.map((request) => request.sizes()));
  return sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
}

async function memoryOf(
  browser: Browser,
  context: BrowserContext,
  page: Page,
): Promise<Pick<PageFigures, 'heapBytes' | 'peakBytes'>> {
  const session = await context.newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const { processInfo } = await (await browser.newBrowserCDPSession()).send('SystemInfo.getProcessInfo');
  // Beside the page's process there is a spare one, which has done nothing.
  const [busiest] = processInfo.filter(({ type }) => type === 'renderer').sort((a, b) => b.cpuTime - a.cpuTime);
  const status = busiest ? await readFile(`/proc/${busiest.id}/status`, 'utf8').catch(() => '') : '';
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return {
    heapBytes: metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN,
    peakBytes: peak === undefined ? null : Number(peak) * 1024,
  };
}
