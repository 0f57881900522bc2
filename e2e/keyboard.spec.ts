import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';
import { StartPage } from './pages/start-page.ts';

test.describe('without a mouse', () => {
  test('choose a recording and open it', async ({ page }) => {
    const start = new StartPage(page);
    const incident = new IncidentPage(page);
    await start.open();
    await start.recording('kv-bound').waitFor();
    await page.keyboard.press('j');
    await expect(start.recording('kv-bound')).toHaveAttribute('aria-current', 'true');
    await page.keyboard.press('Enter');
    await expect(incident.verdict).toBeVisible();
    await expect(page).toHaveURL(/recording=kv-bound/);
  });

  test('every key does what the help says', async ({ page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const incident = new IncidentPage(page);
    await incident.open('?recording=kv-thrash-a');
    await incident.markAt('vllm-triage:panels');

    await page.keyboard.press('?');
    await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
    await page.keyboard.press('Escape');
    await page.keyboard.press('r');
    await expect(page.getByRole('dialog', { name: /^Ruled out/ })).toContainText('Engine stalled');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);

    await page.keyboard.press('c');
    await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('--max-num-seqs');
    await page.keyboard.press('s');
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('?recording=kv-thrash-a');

    await page.keyboard.press('4');
    await expect(page.getByRole('heading', { name: 'Cache efficiency' })).toBeInViewport();
    await page.keyboard.press('ArrowLeft');
    await expect(page).toHaveURL(/at=2026-/);
    await page.keyboard.press('ArrowRight');
    await expect(page).not.toHaveURL(/at=/);
    await page.keyboard.press('[');
    await expect(page).toHaveURL(/from=/);
    await page.keyboard.press(']');
    await expect(page).not.toHaveURL(/from=/);
    const theme = await page.locator('html').getAttribute('data-theme');
    await page.keyboard.press('t');
    await page.keyboard.press('t');
    await expect(page.locator('html')).not.toHaveAttribute('data-theme', theme as string);

    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').fill('seats');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/recording=seats/);
  });

  test('space plays the recording, and judging follows', async ({ page }) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=seats');
    await page.keyboard.press(' ');
    await expect(incident.verdict).not.toHaveAttribute('data-verdict-primary', 'seat-ceiling');
    await expect(page.getByRole('slider', { name: 'Judged at' }).first()).toBeVisible();
    const then = page.url();
    await expect.poll(() => page.url()).not.toBe(then);
    await page.keyboard.press(' ');
  });

  test('letters typed into a field stay letters', async ({ page }) => {
    const start = new StartPage(page);
    await start.open();
    await page.getByRole('textbox', { name: 'Prometheus URL' }).pressSequentially('jkt?');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(page.getByRole('textbox', { name: 'Prometheus URL' })).toHaveValue('jkt?');
  });
});

for (const theme of ['light', 'dark'] as const) {
  test(`no serious hurdle, ${theme}`, async ({ page }) => {
    const start = new StartPage(page);
    await start.open(`?theme=${theme}`);
    await start.recording('seats').waitFor();
    expect(await hurdles(page)).toEqual([]);
    const incident = new IncidentPage(page);
    await incident.open(`?recording=kv-thrash-a&theme=${theme}`);
    await incident.markAt('vllm-triage:panels');
    expect(await hurdles(page)).toEqual([]);
  });
}

/** Violations that keep people out, as axe ranks them. */
async function hurdles(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
}
