import { type Browser, chromium } from '@playwright/test';
import { type Plugin, preview } from 'vite';
import { adviceFor, findProgram } from './programs.js';

/** The built page, served, and a Chromium to open it in. */
export interface BuiltPage {
  /** Address of the page, without a slash at its end. */
  readonly app: string;
  /** Does something in a browser of its own, so that nothing is left of what was done before. */
  inBrowser<T>(work: (browser: Browser) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Serves what `npm run build` made, on a free port.
 * @throws an Error with what to install if there is no Chromium
 */
export async function openBuiltPage(root: string, plugins: Plugin[] = []): Promise<BuiltPage> {
  const executablePath = findProgram('chromium', process.env);
  if (!executablePath) throw new Error(`This needs a real Chromium. ${adviceFor('chromium', process.env)}`);
  const server = await preview({
    root,
    logLevel: 'silent',
    preview: { host: '127.0.0.1', port: 8790, strictPort: false },
    plugins,
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
