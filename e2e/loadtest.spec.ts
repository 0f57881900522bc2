import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';
import { StartPage } from './pages/start-page.ts';

const sample = (name: string): Buffer => readFileSync(new URL(`../src/core/loadtest/samples/${name}`, import.meta.url));

/** A sweep as `vllm bench serve --append-result` writes it: throughput bends at 32 at a time. */
function sweep(): Buffer {
  const rows = [
    [1, 38, 60, 25],
    [4, 140, 80, 27],
    [8, 260, 110, 29],
    [16, 470, 180, 32],
    [32, 800, 350, 38],
    [64, 860, 2400, 70],
  ] as const;
  const run = ([concurrency, throughput, ttft, tpot]: (typeof rows)[number]) => ({
    date: '20261105-181000',
    backend: 'vllm',
    model_id: 'tiny',
    tokenizer_id: 'tiny',
    num_prompts: 200,
    request_rate: 'inf',
    max_concurrency: concurrency,
    duration: 60,
    completed: 200,
    failed: concurrency === 64 ? 3 : 0,
    total_input_tokens: 200 * 512,
    total_output_tokens: 200 * 256,
    request_throughput: throughput / 256,
    output_throughput: throughput,
    total_token_throughput: throughput * 3,
    mean_ttft_ms: ttft,
    median_ttft_ms: ttft,
    p95_ttft_ms: ttft * 1.2,
    mean_tpot_ms: tpot,
    median_tpot_ms: tpot,
    p95_tpot_ms: tpot * 1.1,
  });
  return Buffer.from(rows.map((row) => JSON.stringify(run(row))).join('\n'));
}

/** Drops files anywhere on the page, as from a desktop. */
async function drop(page: Page, files: readonly { readonly name: string; readonly buffer: Buffer }[]): Promise<void> {
  const transfer = await page.evaluateHandle(
    (list) => {
      const data = new DataTransfer();
      for (const { name, base64 } of list)
        data.items.add(new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], name));
      return data;
    },
    files.map(({ name, buffer }) => ({ name, base64: buffer.toString('base64') })),
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}

test.describe('somebody has load-test results', () => {
  test('alone: a curve, the limit with its method, every run in a table, the definition beside the number', async ({
    page,
  }) => {
    const start = new StartPage(page);
    await start.open();
    await start.pick([{ name: 'sweep.json', buffer: sweep() }]);
    await expect(page).toHaveURL(/\?loads=sweep\.json$/);
    const tests = page.getByTestId('load-tests');
    await expect(tests.getByTestId('limit')).toContainText('Limit 800 output tokens/s');
    await expect(tests.getByTestId('limit')).toContainText('p95 TTFT is within 500 ms');
    await expect(tests.locator('.recharts-scatter-symbol')).toHaveCount(6);
    await expect(tests.getByRole('row')).toHaveCount(7);
    await expect(tests.getByRole('row').last()).toContainText('200, 3 failed');
    await tests
      .getByLabel('Latency')
      .selectOption({ label: 'TPOT: mean time per token of a request, without the first' });
    await expect(tests.getByLabel('What the numbers are')).toContainText(
      '“TPOT” of vllm bench serve: One value per request',
    );

    // No target is met where they are tighter than any run: then the knee is the limit.
    await page.goto('/?loads=sweep.json&profile=custom&ttft=0.01');
    await expect(page.getByRole('alert')).toContainText('Drop it here once more');
    await drop(page, [{ name: 'sweep.json', buffer: sweep() }]);
    await expect(page.getByTestId('limit')).toContainText('Kneedle on load against throughput, 6 points');
  });

  test('of several tools at once, each under its own definition', async ({ page }) => {
    const start = new StartPage(page);
    await start.open();
    const names = ['guidellm-0.8.1.json.gz', 'aiperf-0.13.0-profile_export_aiperf.json', 'llm-d-0.2-by-schema.yaml'];
    await start.pick(names.map((name) => ({ name, buffer: sample(name) })));
    const tests = page.getByTestId('load-tests');
    await expect(tests.getByRole('row')).toHaveCount(5);
    await tests.getByLabel('Latency').selectOption('tpot');
    const definitions = tests.getByLabel('What the numbers are');
    await expect(definitions).toContainText('“ITL” of GuideLLM 0.8.1: One value per request');
    await expect(definitions).toContainText('long answers count as often as they have tokens');
    await expect(definitions).toContainText('“Inter token latency” of AIPerf 0.13.0');
  });

  test('dropped on an open incident they stand beside its replicas, with headroom and what differs', async ({
    page,
  }) => {
    await page.goto('/?recording=seats');
    const incident = new IncidentPage(page);
    await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'seat-ceiling');
    await drop(page, [{ name: 'sweep.json', buffer: sweep() }]);
    await expect(page).toHaveURL(/recording=seats.*&loads=sweep\.json/);
    const tests = page.getByTestId('load-tests');
    await expect(tests.getByLabel('Headroom').getByRole('listitem').first()).toContainText('the test saw');
    await expect(tests.locator('.recharts-scatter-symbol')).toHaveCount(7);
    await expect(tests.getByLabel('Other lengths')).toContainText('in the load test');
    await expect(tests.getByTestId('outside')).toContainText('the run lies outside the range that is shown');
    await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'seat-ceiling');
    await page.getByRole('button', { name: 'Close the load tests' }).click();
    await expect(tests).toHaveCount(0);
  });

  test('a file that breaks off is read as far as it goes, and says so', async ({ page }) => {
    const start = new StartPage(page);
    await start.open();
    await start.pick([{ name: 'cut.json', buffer: sweep().subarray(0, 1500) }]);
    const tests = page.getByTestId('load-tests');
    await expect(tests.getByLabel('Notes on the files')).toContainText('cut.json ends early');
  });

  for (const width of [375, 1920])
    test(`fits ${width} pixels without scrolling sideways`, async ({ page }) => {
      await page.setViewportSize({ width, height: 900 });
      const start = new StartPage(page);
      await start.open();
      await start.pick([{ name: 'sweep.json', buffer: sweep() }]);
      await expect(page.getByTestId('limit')).toBeVisible();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    });
});
