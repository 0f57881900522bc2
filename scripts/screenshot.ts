/** `npx tsx scripts/screenshot.ts`: takes docs/screenshot.png, the first screen of a recording, from the built page. */
import { fileURLToPath } from 'node:url';
import { openBuiltPage } from './tools/built-page.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { app, inBrowser, close } = await openBuiltPage(root);
try {
  await inBrowser(async (browser) => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
    await page.goto(`${app}/?recording=kv-thrash-a`);
    await page.waitForFunction(() => performance.getEntriesByName('vllm-triage:panels').length > 0);
    await page.waitForTimeout(500);
    await page.screenshot({ path: `${root}docs/screenshot.png` });
  });
} finally {
  await close();
}
