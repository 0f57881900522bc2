import { fileURLToPath } from 'node:url';
import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';

const cure = fileURLToPath(new URL('./fixtures/cures/seats.om.gz', import.meta.url));

test('somebody asks what was different before, and then whether the flag helped', async ({ page }) => {
  const incident = new IncidentPage(page);
  await incident.open('?recording=seats');
  await incident.judged();
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('dialog').getByRole('combobox').fill('before the onset');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Compare' });
  await expect(dialog.getByRole('heading', { name: 'Worse tiny' })).toBeVisible({ timeout: 30_000 });
  await expect(dialog.getByRole('region', { name: 'Load', exact: true })).toContainText('Arrivals');

  await dialog.getByTestId('compare-after').setInputFiles(cure);
  await expect(dialog.getByRole('heading', { name: 'Helped tiny' })).toBeVisible({ timeout: 30_000 });
  await expect(dialog.getByRole('region', { name: 'What was advised before' })).toContainText(
    'up to 24 ran at once, more than the 8 of before',
  );
  await expect(dialog).toContainText('what the page shows → seats.om.gz, after');

  await dialog.getByTestId('compare-before').setInputFiles({
    name: 'nothing.om',
    mimeType: 'text/plain',
    buffer: Buffer.from('no metrics at all'),
  });
  await expect(dialog.getByRole('heading', { name: /tiny/ })).toBeHidden();
  await expect(dialog).toContainText('nothing.om');
});
