import { type Browser, chromium } from '@playwright/test';
import { type Plugin, preview } from 'vite';
import { adviceFor, findProgram } from '../tools/programs.js';
import { EMPTY_PAGE } from './board-page.ts';

/** The built page, served, and a Chromium to open it in. */
export interface Stage {
  /** Address of the page. */
  readonly app: string;
  /** Does something in a browser of its own, so that nothing is left of what was done before. */
  inBrowser<T>(work: (browser: Browser) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** @throws an Error with what to install if there is no Chromium */
export async function openStage(root: string): Promise<Stage> {
  const executablePath = findProgram('chromium', process.env);
  if (!executablePath) throw new Error(`This needs a real Chromium. ${adviceFor('chromium', process.env)}`);
  const server = await preview({
    root,
    logLevel: 'silent',
    preview: { host: '127.0.0.1', port: 8790, strictPort: false },
    plugins: [emptyPage],
  });
  return {
    app: (server.resolvedUrls?.local[0] ?? '').replace(/\/$/, ''),
    inBrowser: async (work) => {
      const browser = await chromium.launch({
        executablePath,
        args: ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
      });
      try {
        return await work(browser);
      } finally {
        await browser.close();
      }
    },
    close: () => server.close(),
  };
}

const emptyPage: Plugin = {
  name: 'empty-page',
  configurePreviewServer: ({ middlewares }) => {
    middlewares.use(EMPTY_PAGE, (_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>Board</title>');
    });
  },
};
