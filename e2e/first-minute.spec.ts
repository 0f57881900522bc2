import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';
import { StartPage } from './pages/start-page.ts';

interface Truth {
  readonly name: string;
  readonly primary: readonly string[];
  readonly start: number;
  readonly onset: number | null;
  readonly lasts: number | null;
}

const TRUTH = JSON.parse(
  readFileSync(fileURLToPath(new URL('../public/library/truth.json', import.meta.url)), 'utf8'),
) as Truth[];

/** Milliseconds from opening a recording to its verdict. */
const VERDICT_WITHIN = 1000;
/** Two cores shared with other work are slower than a person's machine. */
const SLACK = 5;

test.describe('somebody opens the page at three in the morning', () => {
  test('the library lists every recording with its story', async ({ page }) => {
    const start = new StartPage(page);
    await start.open();
    await expect(page.getByRole('heading', { level: 1, name: 'Why is vLLM slow?' })).toBeVisible();
    await expect(start.library.getByRole('link')).toHaveCount(TRUTH.length);
    for (const { name } of TRUTH) await expect(start.recording(name)).toBeVisible();
  });

  for (const truth of TRUTH.filter((one) => one.lasts === null)) {
    test(`${truth.name} is told from its end: ${truth.primary.join(' or ')}`, async ({ page }) => {
      const start = new StartPage(page);
      const incident = new IncidentPage(page);
      await start.open();
      const row = start.recording(truth.name);
      await row.waitFor();
      const clicked = await page.evaluate(() => performance.now());
      await row.click();
      await expect(incident.verdict).toBeVisible();
      expect((await incident.markAt('vllm-triage:verdict')) - clicked).toBeLessThan(VERDICT_WITHIN * SLACK);
      const healthy = truth.primary.includes('healthy');
      if (healthy) expect(await incident.status()).toBe('healthy');
      else {
        expect(truth.primary).toContain(await incident.primary());
        expect(['degraded', 'critical']).toContain(await incident.status());
      }
    });
  }

  for (const truth of TRUTH.filter((one) => one.lasts !== null)) {
    test(`${truth.name} is told from inside the trouble`, async ({ page }) => {
      const incident = new IncidentPage(page);
      const inside = truth.start + (truth.onset as number) + 100;
      await incident.open(`?recording=${truth.name}&at=${inside * 1000}`);
      await expect(incident.verdict).toHaveAttribute('data-verdict-primary', truth.primary[0] as string);
      await expect(page.getByRole('slider', { name: 'Judged at' }).first()).toBeVisible();
      await page.getByRole('button', { name: 'to the end' }).click();
      await expect(page).not.toHaveURL(/at=/);
    });
  }

  test('title, lede and flag stand on one screen with only the source bar above', async ({ page }) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=kv-thrash-a');
    await expect(incident.flag).toBeInViewport({ ratio: 1 });
    await expect(page.getByRole('heading', { level: 1 })).toBeInViewport({ ratio: 1 });
    const bar = await page.getByRole('banner').boundingBox();
    const verdict = await incident.verdict.boundingBox();
    expect(Math.round(verdict?.y ?? -1)).toBe(Math.round((bar?.y ?? 0) + (bar?.height ?? 0)));
  });

  test('scrubbing back shows what was known then', async ({ page }) => {
    const incident = new IncidentPage(page);
    const truth = TRUTH.find((one) => one.name === 'kv-thrash-a') as Truth;
    const calm = truth.start + (truth.onset as number) - 30;
    await incident.open(`?recording=${truth.name}&at=${calm * 1000}`);
    await expect(incident.verdict).toHaveAttribute('data-verdict-status', 'healthy');
    await page.getByRole('button', { name: 'to the end' }).click();
    await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'kv-cache-thrashing');
  });

  test('a recording of the viewer’s own takes the same path', async ({ page }) => {
    const start = new StartPage(page);
    const incident = new IncidentPage(page);
    await start.open();
    const file = fileURLToPath(new URL('../public/library/seats.om.gz', import.meta.url));
    await start.pick([{ name: 'mine.om.gz', buffer: readFileSync(file) }]);
    await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'seat-ceiling');
    await expect(page).toHaveURL(/file=mine\.om\.gz/);
    await page.reload();
    await expect(incident.failing).toContainText('Drop it here once more');
  });
});
