import { readFile } from 'node:fs/promises';
import { strFromU8, unzipSync } from 'fflate';
import { leftovers } from '../src/core/snapshot/redact.ts';
import { readSnapshot } from '../src/sources/snapshot/carry.ts';
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

test('somebody hands the incident over: one archive with all that is asked first, in other names if it must be', async ({
  page,
}) => {
  const incident = new IncidentPage(page);
  await incident.open('?recording=kv-thrash-a');
  await incident.judged();
  const note = page.getByRole('region', { name: 'Incident note' });
  const archive = async (): Promise<Record<string, string>> => {
    const downloaded = page.waitForEvent('download');
    await note.getByRole('button', { name: 'Save the archive' }).click();
    const file = await downloaded;
    expect(file.suggestedFilename()).toBe('incident.zip');
    const files = unzipSync(new Uint8Array(await readFile(await file.path())));
    return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]));
  };

  const texts = await archive();
  expect(Object.keys(texts)).toEqual([
    ...['note.md', 'verdict.json', 'health-report.md', 'arguments.txt', 'versions.txt', 'lengths.json'],
    ...['topology.json', 'metrics.prom', 'incident.snapshot'],
  ]);
  const headline = await page.getByRole('heading', { level: 1 }).textContent();
  expect(texts['note.md']).toContain(`# critical: ${headline}\n`);
  expect(texts['note.md']).toMatch(/## Timeline\n\n(- .*\n)*- \S+Z to \S+Z: KV cache thrashing \(critical/);
  expect(JSON.parse(texts['verdict.json'] as string)).toMatchObject({ status: 'critical', headline });
  expect(texts['health-report.md']).toContain('vllm-0');
  expect(texts['arguments.txt']).toContain('num_gpu_blocks=600');
  expect(texts['versions.txt']).toContain('running: vllm:num_requests_running');
  expect(JSON.parse(texts['lengths.json'] as string).lengths[0].signal).toBe('prompt-length');
  expect(JSON.parse(texts['topology.json'] as string).replicas[0].instance).toBe('vllm-0');
  expect(texts['metrics.prom']).toMatch(/^# Not a page as a server wrote it/);
  await expect(note.getByRole('status')).toHaveText(/^Saved 9 files, \d+ kB\.$/);

  await note.getByRole('checkbox', { name: 'archive with names replaced' }).check();
  const bare = await archive();
  const { snapshot } = await readSnapshot(bare['incident.snapshot'] as string, '');
  expect(leftovers(JSON.stringify([bare, snapshot]), ['vllm-0', 'kv-thrash-a'])).toEqual([]);
  expect(bare['note.md']).toContain('replica-1');
  await expect(note.getByRole('status')).toContainText('names replaced');
});
