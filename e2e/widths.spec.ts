import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';
import { StartPage } from './pages/start-page.ts';

for (const [width, height] of [
  [375, 800],
  [768, 1024],
  [1280, 800],
  [1920, 1080],
] as const) {
  test(`nothing sticks out at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    const start = new StartPage(page);
    await start.open();
    await start.recording('seats').waitFor();
    const incident = new IncidentPage(page);
    expect(await incident.overhang()).toBeLessThanOrEqual(0);
    for (const search of [
      '?recording=imbalance',
      '?recording=healthy-steady',
      '?recording=nowhere',
      '?recording=seats&embed=1',
    ]) {
      await incident.open(search);
      if (!search.includes('nowhere') && !search.includes('embed')) await incident.markAt('vllm-triage:panels');
      expect(await incident.overhang(), search).toBeLessThanOrEqual(0);
    }
  });
}

test('on a phone the fix stands before the proof', async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 800 });
  const incident = new IncidentPage(page);
  await incident.open('?recording=kv-thrash-a');
  const fix = await page.getByRole('heading', { name: /^Do now/ }).boundingBox();
  const proof = await page.getByRole('heading', { name: 'Because' }).boundingBox();
  expect(fix?.y ?? Infinity).toBeLessThan(proof?.y ?? 0);
});
