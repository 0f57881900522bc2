import type { Page } from '@playwright/test';
import { startPrometheus } from '../src/testing/prometheus.ts';
import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';

/** The state of every step that was taken, by its id. */
async function taken(page: Page): Promise<Record<string, string | null>> {
  const doctor = page.getByTestId('doctor');
  await expect(doctor.getByRole('button', { name: 'Check again' })).toBeEnabled({ timeout: 20_000 });
  const steps = await doctor
    .locator('[data-step]')
    .evaluateAll((all) => all.map((one) => [one.getAttribute('data-step'), one.getAttribute('data-state')]));
  return Object.fromEntries(steps) as Record<string, string | null>;
}

test.describe('a source that cannot be read: the doctor walks to the first broken step and names the line to change', () => {
  test('the answers may not be read from this origin', async ({ page, app }) => {
    const prometheus = await startPrometheus({
      recordings: [],
      flags: ['--web.cors.origin=https://elsewhere\\.example'],
    });
    try {
      const incident = new IncidentPage(page);
      await incident.open(`?prometheus=${prometheus.url}&live=off`);
      expect(await taken(page)).toEqual({ 'mixed-content': 'ok', reachable: 'ok', cors: 'failed' });
      await expect(page.getByTestId('doctor')).toContainText('Not reached: the browser may send the headers');
      const origin = app.url.replaceAll('.', '\\.');
      await expect(incident.failing).toContainText(`--web.cors.origin='${origin}'`);
    } finally {
      await prometheus.stop();
    }
  });

  test('the path is wrong: the one that answers is found and given to copy', async ({ page, prometheus }) => {
    const { url } = await prometheus('kv-thrash-a');
    const incident = new IncidentPage(page);
    await incident.open(`?prometheus=${url}/monitoring&live=off`);
    expect((await taken(page)).path).toBe('failed');
    await expect(page.getByTestId('doctor')).toContainText(`but ${url}/api/v1 answers`);
    await expect(incident.failing.getByRole('button', { name: `Copy ${url}`, exact: true })).toBeVisible();
  });

  test('in an embedded view there is room for its one sentence, and a link to all steps', async ({
    page,
    prometheus,
  }) => {
    const { url } = await prometheus('kv-thrash-a');
    await page.goto(`/?prometheus=${url}/monitoring&live=off&embed=1`);
    const sentence = page.getByTestId('doctor-sentence');
    await expect(sentence).toContainText(`but ${url}/api/v1 answers`, { timeout: 20_000 });
    await expect(page.getByTestId('doctor')).toHaveCount(0);
    const href = (await sentence.getByRole('link', { name: 'Open in vLLM Triage' }).getAttribute('href')) ?? '';
    expect(new URL(href, page.url()).searchParams.get('embed')).toBeNull();
    await page.goto(href);
    await expect(page.getByTestId('doctor')).toBeVisible();
  });

  test('a Prometheus without vLLM gets the scrape job to add', async ({ page }) => {
    const prometheus = await startPrometheus({ recordings: [] });
    try {
      const incident = new IncidentPage(page);
      await incident.open(`?prometheus=${prometheus.url}&live=off`);
      const steps = await taken(page);
      expect(steps).toMatchObject({ path: 'ok', prometheus: 'ok', series: 'failed' });
      expect(steps.fresh).toBeUndefined();
      await expect(incident.failing).toContainText('job_name: "vllm"');
      await expect(incident.failing).toContainText('scrape_interval: 5s');
      await expect(incident.verdict).toHaveCount(0);
    } finally {
      await prometheus.stop();
    }
  });

  test('on demand, beside a verdict: from the address in the bar and by name in the palette', async ({
    page,
    prometheus,
  }) => {
    const { url } = await prometheus('kv-thrash-a');
    const incident = new IncidentPage(page);
    await incident.open(`?prometheus=${url}&from=2026-11-25T01:52:50Z&to=2026-11-25T01:57:50Z`);
    await expect(page.getByRole('banner')).toContainText('Prometheus 2.');
    await page.getByRole('button', { name: /check the connection/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Check the connection' });
    const steps = await taken(page);
    expect(Object.values(steps)).not.toContain('failed');
    expect(steps).toMatchObject({ fresh: 'ok', interval: 'ok', clock: 'ok', points: 'ok' });
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await page.getByRole('button', { name: 'Commands' }).click();
    await page.getByRole('option', { name: 'Check the connection' }).click();
    await expect(dialog).toContainText('They are fresh');
  });
});
