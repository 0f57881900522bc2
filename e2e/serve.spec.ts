import { fileURLToPath } from 'node:url';
import { pagesOf, startEngine } from '../src/testing/engine-pages.ts';
import { servedSources } from '../src/cli/serve/sources.ts';
import { expect, test } from './fixtures/app.ts';
import { servePage } from './fixtures/served.ts';
import { IncidentPage } from './pages/incident-page.ts';

const RANGE = 'from=2026-11-25T01:49:59Z&to=2026-11-25T01:57:50Z';
const TOKEN = 'a-token-nobody-may-see';

test('somebody runs serve: its source opens at once, and the token stays on the server', async ({
  page,
  prometheus,
}) => {
  const troubles: string[] = [];
  const { url } = await prometheus('kv-thrash-a');
  const served = await servePage({
    sources: servedSources({
      prometheus: [`prod=${url}`],
      metrics: [],
      header: { Authorization: `Bearer ${TOKEN}` },
    }),
    log: (line) => void troubles.push(line),
  });
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
  const seen: string[] = [];
  page.on('response', async (response) => {
    seen.push(JSON.stringify([response.url(), response.headers(), await response.text().catch(() => '')]));
  });

  await page.goto(`${served.url}/?${RANGE}`);
  const incident = new IncidentPage(page);
  await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'kv-cache-thrashing', { timeout: 45_000 });
  await expect(page).toHaveURL(/\?prometheus=\/-\/prometheus\/prod&from=/);
  await incident.markAt('vllm-triage:panels');
  expect(troubles).toEqual([]);
  expect(seen.length).toBeGreaterThan(10);
  expect(seen.join('\n')).toContain('/-/prometheus/prod/api/v1/query_range');
  expect(seen.join('\n')).not.toContain(TOKEN);

  // The way back to the first screen is open, and names the source.
  await page.getByRole('link', { name: 'vLLM Triage' }).click();
  await page.getByRole('list', { name: 'Sources of this server' }).getByRole('link', { name: 'prod' }).click();
  await expect(page).toHaveURL(/\?prometheus=\/-\/prometheus\/prod$/);
  await served.stop();
});

test('serve has scraped before anybody looked: the page opens with a verdict', async ({ page }) => {
  const [pages = []] = (
    await pagesOf(fileURLToPath(new URL('../public/library/kv-thrash-a.om.gz', import.meta.url)))
  ).values();
  const engine = await startEngine(pages.slice(Math.floor(pages.length * 0.6)));
  const served = await servePage({
    sources: servedSources({ prometheus: [], metrics: [engine.url], header: {} }),
    interval: 1,
  });
  await expect.poll(() => engine.requests.length, { timeout: 60_000 }).toBeGreaterThan(35);
  await page.goto(served.url);
  const incident = new IncidentPage(page);
  await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'kv-cache-thrashing');
  await expect(page).toHaveURL(/\?metrics=\/-\/metrics\/vllm$/);
  await served.stop();
  await engine.stop();
});
