import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';

test('somebody takes the incident to a ticket: one press copies it as Markdown', async ({ page, context, app }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const incident = new IncidentPage(page);
  await incident.open('?recording=kv-thrash-a');
  const headline = await page.getByRole('heading', { level: 1 }).textContent();
  await incident.judged();
  await page.getByRole('button', { name: 'Copy incident note' }).click();
  await expect(page.getByRole('region', { name: 'Incident note' })).toContainText('Copied');
  const note = await page.evaluate(() => navigator.clipboard.readText());
  expect(note).toContain(`# critical: ${headline}\n`);
  expect(note).toMatch(/## Timeline\n\n(- .*\n)*- \S+Z to \S+Z: KV cache thrashing \(critical/);
  expect(note).toContain(await incident.flag.innerText().then((flag) => flag.split(/\s+/)[0] as string));
  expect(note).toContain(`- ${app.url}/?recording=kv-thrash-a&from=2026-11-25T01:49:59Z&to=2026-11-25T01:57:59Z`);
});
