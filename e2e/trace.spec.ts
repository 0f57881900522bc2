import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import AxeBuilder from '@axe-core/playwright';
import initSqlJs from 'sql.js/dist/sql-wasm-inline.js';
import { kinetoText, type Shape } from '../src/core/traces/testing/kineto-text.ts';
import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';
import { StartPage } from './pages/start-page.ts';

const SHAPE: Shape = { steps: 17, layers: 4, rank: 0, world: 2, hostEvents: 3 };
const profile = (more: Partial<Shape> = {}): Buffer => Buffer.from([...kinetoText({ ...SHAPE, ...more })].join(''));
const REAL = readFileSync(new URL('../src/core/traces/samples/vllm-0.32-cpu.pt.trace.json.gz', import.meta.url));

/** Somebody has a profile of a GPU, and wants to know where its time goes. */
test('dropped on the start page, two ranks show shares that add up, steps told apart, and a strip to walk through by keys', async ({
  page,
}) => {
  const start = new StartPage(page);
  await start.open();
  await start.pick([
    { name: 'rank0.pt.trace.json', buffer: profile() },
    { name: 'rank1.pt.trace.json.gz', buffer: gzipSync(profile({ rank: 1, hostDelay: 900 })) },
  ]);
  await expect(page).toHaveURL(/\?trace=1$/);
  const shares = page.getByTestId('trace-shares');
  await expect(shares).toContainText('100 %');
  const percents = await shares.locator('tbody td:nth-child(2)').allTextContents();
  const sum = percents.reduce((total, text) => total + Number.parseFloat(text), 0);
  expect(Math.abs(sum - 100)).toBeLessThan(4);
  await expect(shares.locator('[data-state="host-wait"]')).not.toContainText(/^Idle: host wait0 %/);
  await expect(page.getByRole('region', { name: 'By GPU' }).getByRole('row')).toHaveCount(3);
  const kinds = page.getByRole('region', { name: 'Mean step by kind' });
  for (const kind of ['Prefill', 'Prefill and decode', 'Decode'])
    await expect(kinds.getByRole('rowheader', { name: kind, exact: true })).toBeVisible();
  await expect(page.getByTestId('trace-kernels')).toContainText('Custom all-reduce');
  await expect(page.getByTestId('trace-textbook')).toContainText('“nccl” or “all_reduce”');

  const strip = page.getByRole('slider', { name: 'Timeline of the profile' });
  await strip.focus();
  await page.keyboard.press('n');
  await expect(page.getByTestId('trace-moment')).toContainText('rank 0');
  await expect(page.getByTestId('trace-moment')).toContainText('execute_context_0(0)_generation_32(32)');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByTestId('trace-moment')).toContainText('rank 1');
  const before = await page.getByTestId('trace-view').textContent();
  await page.keyboard.press('+');
  await expect(page.getByTestId('trace-view')).not.toHaveText(before ?? '');
  await page.keyboard.press('0');
  await expect(page.getByTestId('trace-view')).toHaveText(before ?? '');
});

test('a second profile is set beside the first, the difference on top', async ({ page }) => {
  await page.goto('/?trace=1');
  await page
    .getByTestId('trace-picker')
    .setInputFiles({ name: 'now.json', mimeType: '', buffer: profile({ hostDelay: 900 }) });
  await page.getByTestId('trace-before').setInputFiles({ name: 'before.json', mimeType: '', buffer: profile() });
  const decode = page.getByRole('region', { name: /mean step, decode/ });
  await expect(decode.getByRole('row').nth(1)).toContainText(/Idle: host wait/);
  await page.getByRole('button', { name: 'stop comparing' }).click();
  await expect(decode).toHaveCount(0);
});

test('beside an open incident it says in one sentence whether it agrees, and commands fit what runs there', async ({
  page,
}) => {
  const incident = new IncidentPage(page);
  await incident.open('?recording=seats');
  await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'seat-ceiling');
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Type a command').fill('GPU profile');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/recording=seats&trace=1/);
  await page.getByTestId('trace-picker').setInputFiles({ name: 'a.json', mimeType: '', buffer: profile() });
  const agreement = page.getByTestId('trace-agreement');
  await expect(agreement).toHaveAttribute('data-stands', 'silent');
  await expect(agreement).toContainText('the GPU waits for the host');
  await expect(page.locator('[data-way="torch"]')).toContainText('--profiler-config');
  await expect(page.locator('[data-way="torch-variables"]')).toHaveCount(0);
  await page.getByRole('button', { name: 'Back to the incident' }).click();
  await expect(incident.verdict).toBeVisible();
});

test('a real profile of a CPU build says that no GPU is in it; a cut one says so and shows what was read', async ({
  page,
}) => {
  await page.goto('/?trace=1');
  const pick = (name: string, buffer: Buffer) =>
    page.getByTestId('trace-picker').setInputFiles({ name, mimeType: '', buffer });
  await pick('rank0.pt.trace.json.gz', REAL);
  await expect(page.getByText('holds no GPU events')).toBeVisible();
  await expect(page.getByTestId('trace-host-steps').getByRole('listitem')).toHaveCount(8);
  await expect(page.getByTestId('trace-shares')).toHaveCount(0);
  await expect(page.getByText('For vLLM 0.32.0, as the open profile says.')).toBeVisible();

  const packed = gzipSync(profile({ steps: 200 }));
  await pick('cut.json.gz', packed.subarray(0, Math.floor(packed.length * 0.6)));
  await expect(page.getByText('cut.json.gz ends in the middle')).toBeVisible();
  await expect(page.getByTestId('trace-shares')).toContainText('100 %');

  await pick('notes.txt', Buffer.from('nothing of the kind'));
  await expect(page.getByRole('alert')).toContainText('notes.txt is no profile');
});

test('reading a large one can be stopped, and a table of nsys is read in its place', async ({ page }, info) => {
  await page.goto('/?trace=1');
  const round = profile({ steps: 400 }).toString();
  const [head, tail] = [round.indexOf('  {\n    "ph"'), round.indexOf('\n  ],\n  "traceName"')];
  const large = info.outputPath('large.json');
  // Enough of it that there is something to stop.
  await writeFile(large, [
    round.slice(0, tail),
    ...Array<string>(20).fill(`,\n${round.slice(head, tail)}`),
    round.slice(tail),
  ]);
  await page.getByTestId('trace-picker').setInputFiles(large);
  await page.getByRole('button', { name: 'stop', exact: true }).click();
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  await expect(page.getByTestId('trace-shares')).toHaveCount(0);
  const table = [
    'Time (%),Total Time (ns),Instances,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),Name',
    '75.0,300000,3,100000.0,100000.0,90000,110000,8.0,nvjet_tst_192x192',
    '25.0,100000,1,100000.0,100000.0,100000,100000,0.0,"void flash::flash_fwd_splitkv_kernel<a, b>(flash::Params)"',
    '',
  ].join('\n');
  await page.getByTestId('trace-picker').setInputFiles({ name: 'sum.csv', mimeType: '', buffer: Buffer.from(table) });
  await expect(page.getByTestId('trace-summed')).toContainText('75 %');
  await expect(page.getByText('without a timeline')).toBeVisible();

  const SQL = await initSqlJs();
  const db = new SQL.Database();
  db.run(`
    CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT NOT NULL);
    INSERT INTO StringIds VALUES (1, 'nvjet_tst_192x192');
    CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INT, end INT, deviceId INT, streamId INT, correlationId INT, globalPid INT, demangledName INT);
    INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (1000, 1750, 0, 7, 1, 16777216, 1), (1900, 2000, 0, 7, 2, 16777216, 1);
  `);
  await page
    .getByTestId('trace-picker')
    .setInputFiles({ name: 'vllm.sqlite', mimeType: '', buffer: Buffer.from(db.export()) });
  await expect(page.getByTestId('trace-shares').locator('[data-state="gemm"]')).toContainText('85 %');
  await expect(page.getByTestId('trace-shares').locator('[data-state="unexplained"]')).toContainText('15 %');
});

// Each width and each theme once: what fits and what can be read do not hang on one another.
for (const [width, height, theme] of [
  [375, 800, 'light'],
  [1280, 800, 'dark'],
  [1920, 1080, 'light'],
] as const) {
  test(`the profile at ${width} px, ${theme}: nothing sticks out, nothing is hard to read`, async ({ page }, info) => {
    await page.setViewportSize({ width, height });
    await page.goto(`/?recording=seats&trace=1&theme=${theme}`);
    await page.getByTestId('trace-picker').setInputFiles([
      { name: 'rank0.pt.trace.json', mimeType: '', buffer: profile({ hostDelay: 120 }) },
      { name: 'rank1.pt.trace.json', mimeType: '', buffer: profile({ rank: 1, hostDelay: 60 }) },
    ]);
    await page.getByTestId('trace-before').setInputFiles({ name: 'before.json', mimeType: '', buffer: profile() });
    await expect(page.getByTestId('trace-comparison').first()).toBeVisible();
    await expect(page.getByTestId('trace-agreement')).toBeVisible();
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(over).toBeLessThanOrEqual(0);
    await page.screenshot({ path: info.outputPath(`trace-${width}-${theme}.png`), fullPage: true });
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa']).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
  });
}
