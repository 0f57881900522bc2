import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext, CDPSession, Page } from '@playwright/test';
import type { SoakProxy } from './proxy.ts';

/** What the page shows at one moment. */
export interface Shown {
  /** Unix seconds of the verdict on screen, `null` before the first. */
  readonly at: number | null;
  readonly status: string;
  readonly primary: string;
  /** Whether the page says that the newest read failed. */
  readonly failing: boolean;
}

/** What an open tab holds, after the garbage was collected. */
export interface Held {
  /** Bytes of the page's own heap, and of its workers'. */
  readonly heap: number;
  readonly workers: number;
  /**
   * Bytes of the browser's page processes in memory, drawings included, and all that the browser keeps of each request for the tool that
   * drives it; NaN where the system does not tell.
   */
  readonly resident: number;
  readonly nodes: number;
  readonly listeners: number;
}

export interface Tab {
  readonly page: Page;
  /** Errors nobody caught, and crashes: sentences. */
  readonly errors: readonly string[];
  /** Unix seconds on the page's clock. */
  readonly now: number;
  /** Lets the page's clock run on by so many seconds, timers and frames included, and waits for the read that begins in it. */
  tick(seconds: number, spoilt: boolean): Promise<Shown>;
  /** The clock stands elsewhere at once, as after sleep (`fired`: a timer that came due fires once) or when somebody sets it. */
  jump(seconds: number, fired: boolean): Promise<void>;
  setHidden(hidden: boolean): Promise<void>;
  shown(): Promise<Shown>;
  /** Lets the clock run on, waiting for nothing. */
  rest(seconds: number): Promise<void>;
  /** What is shown once nothing is under way any more. */
  settled(): Promise<Shown>;
  held(): Promise<Held>;
  close(): Promise<void>;
}

export interface TabOptions {
  readonly app: string;
  readonly proxy: SoakProxy;
  /** Unix seconds the page believes it is when it opens. */
  readonly start: number;
  readonly live: '5s' | '15s';
}

/** Milliseconds without a request after which a spoilt read is over. */
const QUIET_MS = 60;
/** Milliseconds the page's clock is let run on while a read is waited for, in one go and in all. */
const FLUSH_MS = 20;
const MOST_AHEAD_MS = 4000;
/** Times in a row nothing may be under way until all is settled. */
const CALM = 3;
/** Milliseconds a read may take before it counts as lost. */
const LOST_MS = 30_000;

/**
 * Opens the built page on a clock of ours: timers, frames and dates move only when told to, the network is real. So a day of live
 * refresh takes as long as its reads and drawings take, without the waiting between them.
 */
export async function openTab(browser: Browser, options: TabOptions): Promise<Tab> {
  const { app, proxy, start, live } = options;
  const context: BrowserContext = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('crash', () => errors.push('the tab crashed'));
  let nowMs = start * 1000;
  // What turns this TypeScript into JavaScript names functions by a helper that no page has.
  await context.addInitScript({ content: 'globalThis.__name ??= (named) => named;' });
  await context.addInitScript(watchScreen);
  await page.clock.install({ time: nowMs });
  await page.goto(`${app}/?prometheus=${encodeURIComponent(proxy.url)}&live=${live}`);
  await page.locator('[data-verdict-at]').waitFor({ timeout: LOST_MS });
  nowMs += 60_000;
  await page.clock.pauseAt(nowMs);
  const cdp = await context.newCDPSession(page);
  const whole = await browser.newBrowserCDPSession();
  await cdp.send('HeapProfiler.enable');
  await cdp.send('Performance.enable');
  const workersOf = await watchWorkers(cdp);

  const runFor = async (ms: number) => {
    nowMs += ms;
    await page.clock.runFor(ms);
  };
  /** Milliseconds since the tick: what was read is handed on by timers, which are ours too. */
  let ahead = 0;
  const flush = async () => {
    await runFor(FLUSH_MS);
    ahead += FLUSH_MS;
  };
  const shown = (): Promise<Shown> => page.evaluate(() => soak.shown());
  const settled = async (): Promise<Shown> => {
    const until = Date.now() + LOST_MS;
    for (
      let calm = 0;
      calm < CALM && Date.now() < until && ahead < MOST_AHEAD_MS;
      calm = isQuiet(proxy) ? calm + 1 : 0
    ) {
      await flush();
      await sleep(QUIET_MS);
    }
    return shown();
  };
  await settled();

  return {
    page,
    errors,
    shown,
    get now() {
      return nowMs / 1000;
    },
    rest: async (seconds) => {
      await runFor(seconds * 1000);
      ahead = 0;
    },
    settled,
    tick: async (seconds, spoilt) => {
      const before = await shown();
      // Whole, from where the last one ended: the page reads again so long after a read, however long that took.
      await runFor(seconds * 1000);
      ahead = 0;
      let seen: Shown | null = null;
      if (!spoilt) void page.evaluate((at) => soak.moved(at), before.at).then((one) => (seen = one), ignored);
      const until = Date.now() + LOST_MS;
      // What a spoilt read leaves behind is told by timers as well, the next read among it: they run once more when all is quiet.
      for (let calm = 0; calm < CALM && Date.now() < until && ahead < MOST_AHEAD_MS; ) {
        if (seen !== null) return seen;
        if (proxy.underWay === 0) await flush();
        calm = spoilt && proxy.asked > 0 && isQuiet(proxy) ? calm + 1 : 0;
        await sleep(5);
      }
      return shown();
    },
    jump: async (seconds, fired) => {
      nowMs += seconds * 1000;
      if (fired) await page.clock.fastForward(seconds * 1000);
      else await page.clock.setSystemTime(nowMs);
    },
    setHidden: (hidden) =>
      page.evaluate((is) => {
        Object.defineProperty(document, 'visibilityState', {
          configurable: true,
          get: () => (is ? 'hidden' : 'visible'),
        });
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => is });
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
      }, hidden),
    held: () => held(cdp, whole, workersOf),
    close: () => context.close(),
  };
}

interface Screen {
  readonly shown: () => Shown;
  /** Resolves when another moment is judged than the one given. */
  readonly moved: (before: number | null) => Promise<Shown>;
}

/** Runs in the page, before anything of it. */
function watchScreen(): void {
  const shown = (): Shown => {
    const banner = document.querySelector<HTMLElement>('[data-verdict-at]');
    const at = banner?.dataset['verdictAt'] ?? '';
    return {
      at: at === '' ? null : Number(at),
      status: banner?.dataset['verdictStatus'] ?? '',
      primary: banner?.dataset['verdictPrimary'] ?? '',
      failing: document.title.startsWith('No fresh data'),
    };
  };
  const moved = (before: number | null): Promise<Shown> =>
    new Promise((resolve) => {
      const look = (): boolean => {
        const now = shown();
        if (now.at === null || now.at === before) return false;
        resolve(now);
        return true;
      };
      if (look()) return;
      const observer = new MutationObserver(() => {
        if (look()) observer.disconnect();
      });
      observer.observe(document, {
        subtree: true,
        childList: true,
        attributes: true,
        attributeFilter: ['data-verdict-at'],
      });
    });
  Object.assign(globalThis, { soak: { shown, moved } satisfies Screen });
}

declare const soak: Screen;

function isQuiet(proxy: SoakProxy): boolean {
  return proxy.underWay === 0 && Date.now() - proxy.movedAt >= QUIET_MS;
}

async function held(cdp: CDPSession, whole: CDPSession, workersOf: () => Promise<number>): Promise<Held> {
  // Twice: what the first pass finalises, the second frees.
  await cdp.send('HeapProfiler.collectGarbage');
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return {
    heap: of('JSHeapUsedSize'),
    workers: await workersOf(),
    resident: await residentOf(whole),
    nodes: of('Nodes'),
    listeners: of('JSEventListeners'),
  };
}

/** @returns what asks each worker of a page to collect its garbage and adds up the bytes of their heaps */
async function watchWorkers(cdp: CDPSession): Promise<() => Promise<number>> {
  const workers = new Set<string>();
  const waiting = new Map<string, (result: unknown) => void>();
  cdp.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.type === 'worker') workers.add(sessionId);
  });
  cdp.on('Target.detachedFromTarget', ({ sessionId }) => workers.delete(sessionId));
  cdp.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
    const { id, result } = JSON.parse(message) as { id?: number; result?: unknown };
    waiting.get(`${sessionId} ${id}`)?.(result);
  });
  await cdp.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  let asked = 0;
  const ask = async (sessionId: string, method: string): Promise<unknown> => {
    const id = ++asked;
    const answer = new Promise((resolve) => waiting.set(`${sessionId} ${id}`, resolve));
    await cdp.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
    return answer.finally(() => waiting.delete(`${sessionId} ${id}`));
  };
  return async () => {
    const used = await Promise.all(
      [...workers].map(async (session) => {
        await ask(session, 'HeapProfiler.collectGarbage');
        await ask(session, 'HeapProfiler.collectGarbage');
        return (await ask(session, 'Runtime.getHeapUsage')) as { readonly usedSize: number };
      }),
    );
    return used.reduce((sum, { usedSize }) => sum + usedSize, 0);
  };
}

const PAGE_BYTES = 4096;

/** As Linux counts it: the second field of /proc/PID/statm, in pages. */
async function residentOf(whole: CDPSession): Promise<number> {
  const { processInfo } = await whole.send('SystemInfo.getProcessInfo');
  const pages = await Promise.all(
    processInfo
      .filter(({ type }) => type === 'renderer')
      .map(async ({ id }) => Number((await readFile(`/proc/${id}/statm`, 'utf8').catch(() => '')).split(' ')[1])),
  );
  return PAGE_BYTES * pages.reduce((sum, one) => sum + one, 0);
}

const ignored = () => undefined;
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
