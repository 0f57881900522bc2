import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type EnginePage, pagesOf, startEngine } from '../src/testing/engine-pages.ts';
import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';
import { StartPage } from './pages/start-page.ts';

/** The /metrics pages of a server whose KV cache thrashes, out of the middle of it. */
async function sickPages(): Promise<readonly EnginePage[]> {
  const file = fileURLToPath(new URL('../public/library/kv-thrash-a.om.gz', import.meta.url));
  const [pages = []] = (await pagesOf(file)).values();
  return pages.slice(Math.floor(pages.length * 0.6));
}

test.describe('somebody has no Prometheus', () => {
  // Rates need half a minute of scrapes, and they come at their own pace.
  test.setTimeout(120_000);

  test('the page reads /metrics itself and comes to a verdict, which can be saved and opened again', async ({
    page,
  }) => {
    const engine = await startEngine(await sickPages(), { 'Access-Control-Allow-Origin': '*' });
    const incident = new IncidentPage(page);
    await new StartPage(page).open();
    await page.getByRole('button', { name: /^One server’s/ }).click();
    await page.getByRole('textbox', { name: 'Addresses of /metrics pages' }).fill(engine.url);
    await page.getByRole('button', { name: /^Scrape/ }).click();
    await expect(page).toHaveURL(/\?metrics=http:\/\/127\.0\.0\.1:\d+$/);
    await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'kv-cache-thrashing', { timeout: 90_000 });

    await page.getByRole('button', { name: 'Commands' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('option', { name: /^Save what was scraped/ }).click();
    const saved = await (await download).path();
    await engine.stop();
    const text = gunzipSync(await readFile(saved)).toString();
    // A rate needs two, and somebody who judges it one more.
    expect(text.match(/^vllm:num_requests_running\{/gm)?.length).toBeGreaterThan(2);

    const start = new StartPage(page);
    await start.open();
    await start.pick([{ name: 'saved.om.gz', buffer: await readFile(saved) }]);
    await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'kv-cache-thrashing');
  });

  test('a server that answers no other origin: the page says so and gives the flag', async ({ page, app }) => {
    const engine = await startEngine(await sickPages());
    const incident = new IncidentPage(page);
    await incident.open(`?metrics=${engine.url}`);
    await expect(incident.failing).toContainText('does not let this page read the answer');
    await expect(incident.failing).toContainText(`--allowed-origins '["${app.url}"]'`);
    await engine.stop();
  });

  test('two pages out of a ticket are enough', async ({ page }) => {
    const pages = await sickPages();
    const incident = new IncidentPage(page);
    await new StartPage(page).open();
    await page.getByRole('button', { name: /^Two pasted pages/ }).click();
    await page.getByRole('textbox', { name: 'Earlier page' }).fill(pages[0]?.text ?? '');
    await page.getByRole('textbox', { name: 'Later page' }).fill(pages[12]?.text ?? '');
    await page.getByRole('button', { name: 'Judge' }).click();
    await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'kv-cache-thrashing');
  });
});
