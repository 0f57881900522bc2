import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from '@playwright/test';
import type { Plugin } from 'vite';
import type { Grid, Values } from '../../src/core/base/grid.ts';
import type { BoardPanel } from './board.ts';
import { type Trace, traced, type Work, workBetween } from './trace.ts';

/** What a board of the same panels costs. */
export interface BoardFigures {
  readonly queries: number;
  readonly series: number;
  readonly samples: number;
  /** JSON as it is before it is packed for the way. */
  readonly bytes: number;
  readonly panelsSeconds: number;
  readonly work: Work;
}

/** What in-browser.js puts into the page. */
interface InBrowser {
  runBoard(
    server: string,
    grid: Grid,
    panels: readonly BoardPanel[],
  ): Promise<{ bytes: number; samples: number; series: number; panelsMs: number }>;
  runDrawing(grid: Grid, panels: readonly DrawnPanel[]): Promise<void>;
}

/** Served beside the page, so that a browser treats the requests of both alike: a made-up answer may ask no server of this machine. */
const EMPTY_PAGE = '/empty-page';

/** Serves it. */
export const emptyPage: Plugin = {
  name: 'empty-page',
  configurePreviewServer: ({ middlewares }) => {
    middlewares.use(EMPTY_PAGE, (_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>Board</title>');
    });
  },
};

export interface DrawnPanel {
  readonly title: string;
  readonly lines: readonly Values[];
}

/** Asks and draws a board in the browser the page is measured in. */
export async function measureBoard(
  browser: Browser,
  app: string,
  server: string,
  grid: Grid,
  panels: readonly BoardPanel[],
): Promise<BoardFigures> {
  return inEmptyPage(browser, app, async (page) => {
    let drawn = { bytes: 0, samples: 0, series: 0, panelsMs: 0 };
    const trace = await traced(browser, page, async () => {
      drawn = await page.evaluate(([url, on, what]) => (globalThis as unknown as InBrowser).runBoard(url, on, what), [
        server,
        grid,
        panels,
      ] as const);
    });
    const { panelsMs, ...sums } = drawn;
    return {
      ...sums,
      queries: panels.reduce((sum, { queries }) => sum + queries.length, 0),
      panelsSeconds: panelsMs / 1000,
      work: boardWork(trace),
    };
  });
}

/** What drawing alone costs with the quickest library there is for it. */
export async function measureDrawing(
  browser: Browser,
  app: string,
  grid: Grid,
  panels: readonly DrawnPanel[],
): Promise<Work> {
  return inEmptyPage(browser, app, async (page) => {
    const trace = await traced(browser, page, () =>
      page.evaluate(([on, what]) => (globalThis as unknown as InBrowser).runDrawing(on, what), [grid, panels] as const),
    );
    return boardWork(trace);
  });
}

function boardWork(trace: Trace): Work {
  const at = (name: string) => trace.marks.get(name)?.[0] ?? Number.NaN;
  return workBetween(trace, at('board:start'), at('board:end'));
}

async function inEmptyPage<T>(browser: Browser, app: string, work: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    await page.goto(`${app}${EMPTY_PAGE}`);
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('uplot/dist/uPlot.iife.min.js') });
    await page.addScriptTag({ path: fileURLToPath(new URL('in-browser.js', import.meta.url)) });
    return await work(page);
  } finally {
    await context.close();
  }
}
