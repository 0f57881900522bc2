import type { Request } from '@playwright/test';
import { pass, startFaultProxy } from '../src/testing/faults/proxy.ts';
import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';

const RANGE = 'from=2026-11-25T01:49:59Z&to=2026-11-25T01:57:50Z';
/** What browsers send by themselves; anything else would cost a preflight, and some servers answer none. */
const SIMPLE = ['accept', 'accept-language', 'content-type', 'origin', 'referer', 'user-agent'];

test.describe('a platform team looks at what the page asks of their Prometheus', () => {
  test('simple requests only, six at once, and nobody else is asked', async ({ page, prometheus, app }) => {
    // At once is what stands open at the server: what the browser tells of a worker's requests comes in no order.
    const proxy = await startFaultProxy();
    const place = proxy.place('seen', (await prometheus('kv-thrash-a')).url);
    const { url } = place;
    const asked: Request[] = [];
    const hosts = new Set<string>();
    let most = 0;
    place.act((exchange) => {
      most = Math.max(most, place.open);
      return pass(exchange);
    });
    const isApi = (request: Request) => request.url().startsWith(`${url}/api/`);
    page.on('request', (request) => {
      hosts.add(new URL(request.url()).host);
      if (isApi(request)) asked.push(request);
    });
    const incident = new IncidentPage(page);
    await incident.open(`?prometheus=${url}&selector={job="vllm"}&${RANGE}`);
    await incident.markAt('vllm-triage:panels');

    expect(asked.length).toBeGreaterThan(20);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(6);
    for (const request of asked) {
      expect(['GET', 'POST']).toContain(request.method());
      const own = Object.keys(request.headers()).filter((name) => !SIMPLE.includes(name) && !name.startsWith('sec-'));
      expect(own).toEqual([]);
      if (request.method() === 'POST') {
        expect(request.headers()['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
      }
    }
    expect([...hosts].sort()).toEqual([new URL(app.url).host, new URL(url).host].sort());

    // Another profile is another judgement of the same evidence.
    const before = asked.length;
    await page.getByRole('button', { name: /profile/i }).click();
    await page.getByRole('menuitemradio', { name: /batch/i }).click();
    await expect(page).toHaveURL(/profile=batch/);
    await page.waitForTimeout(500);
    expect(asked.length).toBe(before);
    await proxy.close();
  });

  test('while live, it asks for the tail only', async ({ page, prometheus }) => {
    const { url } = await prometheus('kv-thrash-a');
    await page.clock.install({ time: new Date('2026-11-25T01:57:30Z') });
    const spans: number[] = [];
    page.on('request', (request) => {
      const asked = new URLSearchParams(new URL(request.url()).search || (request.postData() ?? ''));
      const [start, end] = [asked.get('start'), asked.get('end')];
      if (!request.url().includes('/query_range') || start === null || end === null) return;
      const seconds = (text: string) => (Number.isNaN(Number(text)) ? Date.parse(text) / 1000 : Number(text));
      spans.push(seconds(end) - seconds(start));
    });
    const incident = new IncidentPage(page);
    await incident.open(`?prometheus=${url}&from=now-7m&live=5s`);
    await expect(incident.verdict).toHaveAttribute('data-verdict-primary', 'kv-cache-thrashing');
    const first = spans.splice(0);
    expect(Math.max(...first)).toBeGreaterThan(400);
    await page.clock.runFor(6000);
    await expect.poll(() => spans.length, { timeout: 10_000 }).toBeGreaterThan(2);
    expect(Math.max(...spans)).toBeLessThan(100);
  });
});
