import { fileURLToPath } from 'node:url';
import { startPrometheus } from '../src/testing/prometheus.ts';
import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';

const seats = fileURLToPath(new URL('../public/library/seats.om.gz', import.meta.url));
/** 400 s into the recording a queue has stood for three minutes. */
const SICK = 1795571937 + 400;

test.describe('somebody leaves the page open on a fleet that is served now', () => {
  test('the tab carries the state, and losing the source is told by a notification', async ({ page }) => {
    const prometheus = await startPrometheus({ recordings: [seats], moved: Math.round(Date.now() / 1000) - SICK });
    try {
      await page.addInitScript(() => {
        const shown: string[] = [];
        Object.assign(window, { shown });
        window.Notification = class {
          static permission = 'granted';
          onclick = null;
          constructor(title: string) {
            shown.push(title);
          }
        } as unknown as typeof Notification;
        localStorage.setItem('vllm-triage/preferences', JSON.stringify({ state: { notify: true }, version: 1 }));
      });
      const incident = new IncidentPage(page);
      const icon = page.locator('link[rel="icon"]');
      const shown = () => page.evaluate(() => (window as unknown as { shown: string[] }).shown);
      await incident.open(`?prometheus=${prometheus.url}&live=5s`);
      await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'seat-ceiling');
      await expect(icon).toHaveAttribute('href', /icon-(critical|degraded)\.svg$/);
      await expect(page).toHaveTitle(/ceiling/i);
      expect(await shown()).toEqual([]);
      await prometheus.stop();
      await expect(icon).toHaveAttribute('href', /icon-unknown\.svg$/, { timeout: 20_000 });
      await expect.poll(shown, { timeout: 30_000 }).toEqual(['Cannot tell: the source cannot be read']);
      await expect(page).toHaveTitle(/^No fresh data/);
    } finally {
      await prometheus.stop().catch(() => {});
    }
  });

  test('on a wall the verdict fills the screen, and an old one does not pass for news', async ({ page }) => {
    await page.setViewportSize({ width: 1920, height: 1080 });
    const prometheus = await startPrometheus({ recordings: [seats], moved: Math.round(Date.now() / 1000) - SICK });
    try {
      await page.goto(`/?prometheus=${prometheus.url}&live=5s&wall=1`);
      const wall = page.getByRole('main');
      await expect(wall).toHaveAttribute('data-verdict-primary', 'seat-ceiling');
      const headline = page.getByRole('heading', { level: 1 });
      const known = (await headline.textContent()) as string;
      expect((await headline.boundingBox())?.height).toBeGreaterThan(100);
      expect(await page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight)).toBeLessThanOrEqual(
        0,
      );
      await prometheus.stop();
      await expect(headline).toHaveText('The source cannot be read', { timeout: 20_000 });
      await expect(wall).toContainText(`Last known: `);
      await expect(wall).toContainText(known);
    } finally {
      await prometheus.stop().catch(() => {});
    }
  });
});
