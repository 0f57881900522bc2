import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';

/** From a remedy to what the same minutes would have looked like with it, in a link a colleague can open. */
test('a remedy is tried on the minutes judged, moved on by keyboard, and kept in the link', async ({ page }) => {
  const incident = new IncidentPage(page);
  await incident.open('?recording=seats');
  await incident.verdict.getByRole('button', { name: 'Try it: Raise the seat cap from 8 to 24' }).click();
  await expect(page).toHaveURL(/recording=seats&whatif=max-num-seqs:24$/);

  const panel = page.getByRole('region', { name: 'What if' });
  const row = (id: string) => panel.locator(`[data-figure="${id}"]`);
  const cell = (id: string, column: number) => row(id).locator('td').nth(column);
  await expect(panel.getByTestId('what-if-result')).toBeVisible({ timeout: 30_000 });
  // Measured and played as it was: a long queue; with the seats: none.
  await expect(cell('waiting', 0)).toHaveText(/^2\d\d/);
  await expect(cell('waiting', 1)).toHaveText(/^2\d\d/);
  await expect(cell('waiting', 2)).toHaveText(/^0.*better/);
  await expect(cell('output', 2)).toContainText('better');
  await expect(cell('itl-p95', 2)).toHaveText('cannot tell');
  await expect(panel).toContainText('ITL p95: cannot tell, since played as things are, it differs');
  const seats = panel.getByRole('slider', { name: 'Seats', exact: true });
  await expect(seats).toHaveAttribute('aria-valuetext', '24, today 8');

  // Back to two seats below today's cap: the queue is longer than it was.
  await seats.focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft');
  await expect(page).toHaveURL(/whatif=max-num-seqs:4$/);
  await expect(cell('waiting', 2)).toContainText('worse');
  const worse = await cell('waiting', 2).textContent();

  await page.reload();
  await expect(cell('waiting', 2)).toHaveText(worse ?? '', { timeout: 30_000 });
  await panel.getByRole('button', { name: 'All back to today' }).click();
  await expect(page).toHaveURL(/whatif=today$/);
  await expect(panel.getByRole('columnheader', { name: 'Nothing changed' })).toBeVisible();
  await panel.getByRole('button', { name: 'Close' }).click();
  await expect(page).not.toHaveURL(/whatif/);
  await expect(panel.getByRole('table')).toHaveCount(0);
});

test('it says where it extrapolates and where it cannot tell, and drops what a link gets wrong', async ({ page }) => {
  const incident = new IncidentPage(page);
  await incident.open('?recording=seats&whatif=arrivals:3,max-num-seqs:256,seats:9');
  const panel = page.getByRole('region', { name: 'What if' });
  await expect(incident.notices).toContainText('whatif: seats:9 is none of max-num-seqs');
  await expect(panel).toContainText(/Extrapolation\. Steps of up to [\d,]+ tokens; the measured ones had at most 41/, {
    timeout: 30_000,
  });

  // A frozen engine does not follow its scheduler.
  await incident.open('?recording=stall&whatif=max-num-seqs:128');
  await expect(panel).toContainText(/Cannot tell\. Played as things are, \d of \d figures differ/, { timeout: 30_000 });
  await expect(panel.getByRole('cell', { name: 'cannot tell', exact: true })).toHaveCount(9);
});

for (const theme of ['light', 'dark'] as const) {
  test(`accessible and without sideways scroll, ${theme}`, async ({ page }) => {
    const incident = new IncidentPage(page);
    for (const width of [375, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await incident.open(
        `?recording=kv-thrash-a&theme=${theme}&whatif=max-num-seqs:24,max-new-tokens:320,arrivals:1.5`,
      );
      const panel = page.getByRole('region', { name: 'What if' });
      await expect(panel.getByTestId('what-if-result')).toBeVisible({ timeout: 30_000 });
      expect(await incident.overhang()).toBeLessThanOrEqual(0);
      const { violations } = await new AxeBuilder({ page }).include('section[aria-labelledby="what-if"]').analyze();
      expect(violations).toEqual([]);
    }
  });
}
