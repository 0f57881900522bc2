import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';
import { StartPage } from './pages/start-page.ts';

test.describe('what is seen is in the address', () => {
  test('a link, a reload and the back button show the same', async ({ page }) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=seats&profile=rag&theme=dark');
    await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'seat-ceiling');
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await expect(page.getByRole('button', { name: 'profile RAG' })).toBeVisible();

    await page.getByRole('button', { name: 'profile RAG' }).click();
    await page.getByRole('menuitemradio', { name: /Batch/ }).click();
    await expect(page).toHaveURL(/profile=batch/);
    await page.reload();
    await expect(page.getByRole('button', { name: 'profile Batch' })).toBeVisible();
    await page.goBack();
    await expect(page).toHaveURL(/profile=rag/);
    await expect(page.getByRole('button', { name: 'profile RAG' })).toBeVisible();
  });

  test('own targets stand in the address and count', async ({ page }) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=kv-thrash-a&profile=custom&ttft=900&e2e=9000');
    await expect(page.getByRole('button', { name: 'profile Custom' })).toBeVisible();
    await expect(page.getByRole('region', { name: 'Numbers now' })).not.toContainText('0.5 s');
  });

  test('what is not understood becomes a default and a notice', async ({ page }) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=seats&profile=fast&from=yesterday&live=1ms');
    await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'seat-ceiling');
    for (const part of ['profile=fast', 'from=yesterday', 'live=1ms'])
      await expect(incident.notices).toContainText(part);
    await incident.notices.getByRole('button', { name: 'Close notices' }).click();
    await expect(incident.notices).toHaveCount(0);

    const start = new StartPage(page);
    await start.open('?prometheus=javascript:alert(1)');
    await expect(page.getByRole('heading', { level: 1, name: 'Why is vLLM slow?' })).toBeVisible();
    await expect(incident.notices).toContainText('is no http or https address');
  });

  test('a recording that does not exist says so', async ({ page }) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=nowhere');
    await expect(incident.failing).toContainText('no recording named nowhere');
  });

  test('embed shows the verdict alone', async ({ page }) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=seats&embed=1');
    await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'seat-ceiling');
    await expect(page.getByRole('banner')).toHaveCount(0);
    await expect(page.getByRole('contentinfo')).toHaveCount(0);
    await expect(page.getByRole('link', { name: /Open in vLLM Triage/ })).toHaveAttribute('href', /recording=seats$/);
  });

  test('one panel alone, and an unknown one named', async ({ page }) => {
    await page.goto('/?recording=seats&panel=waiting&embed=1');
    await expect(page.getByText('Waiting').first()).toBeVisible();
    await expect(page.getByRole('region', { name: 'Verdict' })).toHaveCount(0);
    await page.goto('/?recording=seats&panel=nothing');
    await expect(page.getByRole('alert')).toContainText('There is no panel named nothing');
  });
});
