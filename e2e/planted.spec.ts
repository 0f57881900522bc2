import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type PreviewServer, preview } from 'vite';
import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The page built once more, with a fault in it: the ITL panel throws as long as nobody says that it is mended. */
const PLANTED = `
const { build } = itl;
itl.build = (...args) => {
  if (!globalThis.mended) throw new Error('planted in a test build');
  return build(...args);
};`;

let folder: string;
let server: PreviewServer;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  folder = mkdtempSync(join(tmpdir(), 'vllm-triage-planted-'));
  await build({
    root,
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, minify: false },
    plugins: [
      {
        name: 'vllm-triage:planted',
        enforce: 'pre',
        transform: (code, id) => (id.endsWith('/src/core/panels/itl/panel.ts') ? `${code}${PLANTED}` : null),
      },
    ],
  });
  server = await preview({
    root,
    logLevel: 'silent',
    build: { outDir: folder },
    preview: { host: '127.0.0.1', port: 8780, strictPort: false },
  });
});
test.afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a panel that throws takes down itself alone: the verdict and all other panels stand, and it comes back', async ({
  page,
}) => {
  await page.goto(`${server.resolvedUrls?.local[0]}?recording=kv-thrash-a`);
  const incident = new IncidentPage(page);
  await incident.verdict.waitFor();
  expect(await incident.primary()).toBe('kv-cache-thrashing');
  const region = (name: string) => page.getByRole('region', { name, exact: true });
  const [itl, ttft] = [region('ITL'), region('TTFT')];
  await itl.scrollIntoViewIfNeeded();
  await expect(itl.getByRole('alert')).toContainText('planted in a test build');
  await expect(ttft.locator('svg.recharts-surface').first()).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(1);
  await page.evaluate(() => Object.assign(globalThis, { mended: true }));
  await itl.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(itl.locator('svg.recharts-surface').first()).toBeVisible();
});
