import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';

test('somebody asks on a calm day how it stands, and carries the answer off', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const incident = new IncidentPage(page);
  await incident.open('?recording=healthy-steady');
  await incident.judged();
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('dialog').getByRole('combobox').fill('health report');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Health report' });
  await expect(dialog).toContainText('Headroom: 1.95 requests/s arrive', { timeout: 30_000 });
  await expect(dialog.getByRole('region', { name: 'Books' }).getByRole('row')).toHaveCount(5);
  await expect(dialog).toContainText('no metric carries it');
  await dialog.getByRole('button', { name: 'Copy as Markdown' }).click();
  await expect(dialog.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('# Health report');
});
