import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';

test.describe('somebody asks what was different', () => {
  test('since the onset answers grew long, before anything followed from it', async ({ page }) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=kv-thrash-a');
    await incident.judged();
    const changed = page.locator('section[aria-labelledby="changed"]');
    await expect(changed.getByRole('row')).toHaveCount(0);
    await changed.getByRole('button', { name: 'compare' }).click();
    const first = changed.getByRole('row').nth(1);
    await expect(first).toContainText('Output length');
    await expect(first).toContainText('× 8');
    await expect(changed).toContainText(/z-score rule would have called at \d+ looks/);
    expect(await incident.overhang()).toBeLessThanOrEqual(0);
  });

  test('a fleet at rest has nothing to tell, and says so', async ({ page }) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=healthy-steady');
    await incident.judged();
    const changed = page.locator('section[aria-labelledby="changed"]');
    await changed.getByRole('button', { name: 'compare' }).click();
    await expect(changed).toContainText(/Nothing moved by more than chance: \d+ lines compared/);
  });
});
