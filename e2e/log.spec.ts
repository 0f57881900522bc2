import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';
import { StartPage } from './pages/start-page.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`./fixtures/logs/${name}.log.gz`, import.meta.url));
const logOf = (name: string): string => gunzipSync(fixture(name)).toString();

test.describe('somebody has nothing but the server’s log', () => {
  test('pasted, it names the cap it started with', async ({ page }) => {
    const start = new StartPage(page);
    await start.open();
    await start.pasteLog(logOf('seats'));
    const incident = new IncidentPage(page);
    await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'seat-ceiling');
    await expect(incident.verdict).toHaveAttribute('data-verdict-status', 'critical');
  });

  test('dropped as kubectl printed it and packed, it reads the same', async ({ page }) => {
    const lines = logOf('seats').split('\n');
    const prefixed = lines.map((line) => `[pod/vllm-0/server] ${line}`).join('\n');
    const start = new StartPage(page);
    await start.open();
    await start.pick([{ name: 'kubectl.log', buffer: Buffer.from(prefixed) }]);
    await expect(new IncidentPage(page).verdict).toHaveAttribute('data-verdict-primary', 'seat-ceiling');
  });

  test('of a calm server it says what a log cannot show, and never that all is well', async ({ page }) => {
    const start = new StartPage(page);
    await start.open();
    await start.pick([{ name: 'healthy-steady.log.gz', buffer: fixture('healthy-steady') }]);
    await expect(new IncidentPage(page).verdict).toHaveAttribute('data-verdict-status', 'unknown');
  });

  test('a text that is no log of vLLM is refused with what was expected', async ({ page }) => {
    const start = new StartPage(page);
    await start.open();
    await start.pasteLog('listening on port 80\nGET / 200\n');
    const incident = new IncidentPage(page);
    await expect(incident.failing.getByRole('heading', { level: 1 })).toHaveText('This file cannot be read');
  });
});
