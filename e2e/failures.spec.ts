import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { startPrometheus } from '../src/testing/prometheus.ts';
import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';
import { StartPage } from './pages/start-page.ts';

const SOURCE = 'http://prometheus.test';
const LIBRARY = fileURLToPath(new URL('../public/library/', import.meta.url));

/** Every answer of the source is this one. */
async function answers(page: Page, status: number, contentType: string, body: string): Promise<void> {
  await page.route(`${SOURCE}/**`, (route) =>
    route.fulfill({ status, contentType, body, headers: { 'access-control-allow-origin': '*' } }),
  );
}

const FAILURES: readonly {
  readonly when: string;
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headline: string;
  readonly says: RegExp;
}[] = [
  {
    when: 'a web page answers instead of a Prometheus',
    status: 200,
    type: 'text/html',
    body: '<!doctype html><title>Sign in</title>',
    headline: 'Not a Prometheus at this address',
    says: /not.*Prometheus|HTML/i,
  },
  {
    when: 'reading is forbidden',
    status: 403,
    type: 'text/plain',
    body: 'forbidden',
    headline: 'No data from Prometheus',
    says: /403|refuse|forbid|may not/i,
  },
  {
    when: 'the answer is cut in the middle',
    status: 200,
    type: 'application/json',
    body: '{"status":"success","data":{"resultType":"matr',
    headline: 'No data from Prometheus',
    says: /cut|broke|ends|incomplete|truncated|JSON/i,
  },
];

test.describe('a source fails: a clear sentence, never healthy, nothing lost', () => {
  for (const { when, status, type, body, headline, says } of FAILURES) {
    test(when, async ({ page }) => {
      await answers(page, status, type, body);
      const incident = new IncidentPage(page);
      await incident.open(`?prometheus=${SOURCE}&live=off`);
      await expect(incident.failing.getByRole('heading', { level: 1 })).toHaveText(headline);
      await expect(incident.failing).toContainText(says);
      await expect(incident.failing).toContainText('Do now');
      await expect(incident.verdict).toHaveCount(0);
    });
  }

  test('nobody answers at all', async ({ page }) => {
    await page.route(`${SOURCE}/**`, (route) => route.abort('connectionrefused'));
    const incident = new IncidentPage(page);
    await incident.open(`?prometheus=${SOURCE}&live=off`);
    await expect(incident.failing.getByRole('heading', { level: 1 })).toHaveText('No data from Prometheus');
    await expect(incident.failing).toContainText('curl -sS');
    await expect(incident.verdict).toHaveCount(0);
    await page.unroute(`${SOURCE}/**`);
    await answers(page, 403, 'text/plain', 'forbidden');
    await incident.failing.getByRole('button', { name: 'Try now' }).click();
    await expect(incident.failing).toContainText(/403|forbid|may not/i);
  });

  test('the range is empty', async ({ page, prometheus }) => {
    const { url } = await prometheus('kv-thrash-a');
    const incident = new IncidentPage(page);
    await incident.open(`?prometheus=${url}&from=2026-11-20T00:00:00Z&to=2026-11-20T01:00:00Z`);
    await expect(incident.failing.or(incident.verdict).first()).toContainText(/no vLLM/i);
    if (await incident.verdict.count()) expect(await incident.status()).toBe('unknown');
  });

  test('a file holds metrics, but none of vLLM', async ({ page }) => {
    const start = new StartPage(page);
    const incident = new IncidentPage(page);
    await start.open();
    const text = '# TYPE node_load1 gauge\nnode_load1 0.5 1795571399\nnode_load1 0.6 1795571404\n# EOF\n';
    await start.pick([{ name: 'node.om', buffer: Buffer.from(text) }]);
    await expect(incident.failing.getByRole('heading', { level: 1 })).toHaveText('No vLLM metrics in this file');
    await expect(incident.verdict).toHaveCount(0);
  });

  test('a file is no recording', async ({ page }) => {
    const start = new StartPage(page);
    const incident = new IncidentPage(page);
    await start.open();
    await start.pick([{ name: 'photo.prom', buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]) }]);
    await expect(incident.failing).toContainText('photo.prom');
    await expect(incident.verdict).toHaveCount(0);
  });

  test('a recording is cut in half: what is whole of it is judged, and it says so', async ({ page }) => {
    const start = new StartPage(page);
    const incident = new IncidentPage(page);
    await start.open();
    const whole = readFileSync(`${LIBRARY}kv-thrash-a.om.gz`);
    await start.pick([{ name: 'half.om.gz', buffer: whole.subarray(0, whole.length / 2) }]);
    await expect(incident.verdict).toBeVisible();
    await expect(page.getByText(/ends early|damaged/).first()).toBeVisible();
    expect(await incident.status()).not.toBe('healthy');
  });

  test('the source stops while it is watched: the last good verdict stays, dated', async ({ page }) => {
    const server = await startPrometheus({ recordings: [`${LIBRARY}kv-thrash-a.om.gz`] });
    try {
      await page.clock.setFixedTime(new Date('2026-11-25T01:57:50Z'));
      const incident = new IncidentPage(page);
      await incident.open(`?prometheus=${server.url}&live=5s`);
      await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'kv-cache-thrashing');
      await server.stop();
      await expect(incident.failing.getByRole('heading', { level: 1 })).toHaveText('No fresh data from Prometheus', {
        timeout: 20_000,
      });
      await expect(incident.lastGood).toContainText('Last good verdict, 01:57:50');
      await expect(incident.lastGood).toContainText('KV cache thrashing');
      await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'kv-cache-thrashing');
      await expect(incident.flag).toBeVisible();
    } finally {
      await server.stop().catch(() => undefined);
    }
  });

  test('a range without anything keeps the verdict of the one before', async ({ page }) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=seats');
    await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'seat-ceiling');
    await page.getByRole('button', { name: /^range/ }).click();
    await page.getByLabel('From', { exact: true }).fill('2026-11-20T00:00:00');
    await page.getByLabel('To', { exact: true }).fill('2026-11-20T00:10:00');
    await page.getByRole('button', { name: 'Read this range' }).click();
    await expect(incident.failing).toBeVisible();
    await expect(incident.lastGood).toBeVisible();
  });
});
