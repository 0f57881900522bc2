import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';
import { StartPage } from './pages/start-page.ts';

test.describe('somebody asks what it was before it was this', () => {
  test('the headline lane ends in the verdict on screen, and began otherwise', async ({ page }) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=kv-thrash-a');
    await incident.judged();
    await expect(incident.headlines.last()).toHaveAttribute('data-pathology', 'kv-cache-thrashing');
    await expect(incident.headlines.last()).toHaveAttribute('data-status', (await incident.status()) ?? '');
    await expect(incident.headlines.last()).toContainText('KV cache thrashing');
    expect(await incident.said()).toContain('healthy');
    await expect(incident.timeline).toContainText(/KV cache thrashing since \d\d:\d\d:\d\d\./);
  });

  test('scrubbing walks along it: verdict and lane say the same, and the lane stays', async ({ page }) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=kv-thrash-a');
    await incident.judged();
    const said = await incident.said();
    await incident.headlines.and(page.locator('[data-status="healthy"]')).last().click();
    await expect(page).toHaveURL(/at=/);
    await expect(incident.verdict).toHaveAttribute('data-verdict-status', 'healthy');
    await expect(incident.timeline.getByRole('slider')).toHaveAttribute('aria-valuetext', /, Healthy$/);
    expect(await incident.said()).toEqual(said);
    await page.getByRole('button', { name: 'to the end' }).click();
    await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'kv-cache-thrashing');
    expect(await incident.said()).toEqual(said);
  });

  test('other targets and another recording are judged anew, on a phone too', async ({ page }) => {
    await page.setViewportSize({ width: 375, height: 800 });
    const start = new StartPage(page);
    const incident = new IncidentPage(page);
    await start.open();
    const file = fileURLToPath(new URL('../public/library/seats.om.gz', import.meta.url));
    await start.pick([{ name: 'mine.om.gz', buffer: readFileSync(file) }]);
    await incident.judged();
    await expect(incident.headlines.last()).toHaveAttribute('data-pathology', 'seat-ceiling');
    expect(await incident.overhang()).toBeLessThanOrEqual(0);
    await incident.open('?recording=healthy-steady&profile=rag');
    await incident.judged();
    await expect(incident.timeline).toContainText('Healthy throughout.');
  });
});
