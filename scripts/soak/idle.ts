import type { Browser, Page } from '@playwright/test';

/** Processor time of a tab nobody touches, in seconds per second of one core. */
export interface Idle {
  readonly seconds: number;
  /** The process that runs the page with its workers, the one that paints, and everything else of the browser. */
  readonly renderer: number;
  readonly gpu: number;
  readonly rest: number;
  readonly reads: number;
  /** In all: a read that finds nothing new asks two, one that does some fifty. */
  readonly requests: number;
  /** Charts within the window. */
  readonly charts: number;
}

export interface IdleOptions {
  readonly app: string;
  readonly prometheus: string;
  readonly seconds: number;
  readonly viewport: { readonly width: number; readonly height: number };
  /** Whether the charts are scrolled into sight. */
  readonly charts: boolean;
}

/** Seconds left to the page until it is idle: caches warm, code compiled, of which the browser does most when it runs often. */
const SETTLE = 90;

/** Real time, a live tab in sight: what the browser's own account of its processes says was used. */
export async function measureIdle(browser: Browser, options: IdleOptions): Promise<Idle> {
  const { app, prometheus, seconds, viewport, charts } = options;
  const page = await browser.newPage({ viewport, timezoneId: 'UTC' });
  try {
    let [reads, requests] = [0, 0];
    page.on('request', (request) => {
      requests += 1;
      if (request.url().includes('/label/__name__/values')) reads += 1;
    });
    await page.goto(`${app}/?prometheus=${encodeURIComponent(prometheus)}&live=5s`);
    await page.waitForFunction(() => performance.getEntriesByName('vllm-triage:panels').length > 0, null, {
      timeout: 60_000,
    });
    if (charts) await page.locator('[data-row="latency"]').evaluate((row) => row.scrollIntoView({ block: 'start' }));
    await page.waitForTimeout(SETTLE * 1000);
    const cdp = await browser.newBrowserCDPSession();
    const used = async () => {
      const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
      const of = (type: string) =>
        processInfo.filter((one) => one.type === type).reduce((sum, { cpuTime }) => sum + cpuTime, 0);
      return { renderer: of('renderer'), gpu: of('GPU'), all: processInfo.reduce((sum, one) => sum + one.cpuTime, 0) };
    };
    [reads, requests] = [0, 0];
    const [before, began] = [await used(), performance.now()];
    await page.waitForTimeout(seconds * 1000);
    const [after, took] = [await used(), (performance.now() - began) / 1000];
    const renderer = (after.renderer - before.renderer) / took;
    const gpu = (after.gpu - before.gpu) / took;
    return {
      seconds: took,
      renderer,
      gpu,
      rest: (after.all - before.all) / took - renderer - gpu,
      reads,
      requests,
      charts: await chartsInSight(page),
    };
  } finally {
    await page.close();
  }
}

function chartsInSight(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      [...document.querySelectorAll('[data-panel]')].filter((one) => {
        const { top, bottom } = one.getBoundingClientRect();
        return bottom > 0 && top < window.innerHeight;
      }).length,
  );
}
