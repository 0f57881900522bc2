/** `npx tsx scripts/screenshot.ts`: takes docs/screenshot.png, the first screen of a recording, from the built page. */
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { preview } from 'vite';
import { findProgram } from './tools/programs.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const executablePath = findProgram('chromium', process.env);
if (!executablePath) throw new Error('This needs Chromium.');
const server = await preview({
  root,
  logLevel: 'silent',
  preview: { host: '127.0.0.1', port: 8791, strictPort: false },
});
const browser = await chromium.launch({ executablePath, args: ['--disable-background-networking'] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
  await page.goto(`${server.resolvedUrls?.local[0] ?? ''}?recording=kv-thrash-a`);
  await page.waitForFunction(() => performance.getEntriesByName('vllm-triage:panels').length > 0);
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${root}docs/screenshot.png` });
} finally {
  await browser.close();
  await server.close();
}
