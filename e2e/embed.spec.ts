import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
// The sample portal of the documentation, as it stands there.
import { startPortal } from '../docs/portal/server.ts';
import { expect, test as base } from './fixtures/app.ts';
import { servePage } from './fixtures/served.ts';

const RANGE = { from: '2026-11-25T01:49:59Z', to: '2026-11-25T01:57:50Z' };

interface Portal {
  readonly url: string;
  readonly home: string;
  readonly asked: readonly { readonly authorization: string | null; readonly path: string }[];
  readonly tokens: ReadonlySet<string>;
}

/** The portal, the page it frames, and a real Prometheus behind the portal's gateway. */
const test = base.extend<{ portal: Portal }>({
  portal: async ({ prometheus }, use) => {
    const { url } = await prometheus('kv-thrash-a');
    const origins: string[] = [];
    const home = await servePage({
      embedOrigins: origins,
    });
    const portal = await startPortal({ prometheus: url, app: `${home.url}/`, range: RANGE });
    origins.push(portal.url);
    await use({ ...portal, home: home.url });
    await portal.stop();
    await home.stop();
  },
});

const verdictsOf = (page: Page) => ({
  module: page.locator('#module').getByRole('region', { name: 'Verdict' }),
  element: page.locator('#element').getByRole('region', { name: 'Verdict' }),
  frame: page.frameLocator('#frame').getByRole('region', { name: 'Verdict' }),
});

async function allJudged(page: Page): Promise<void> {
  for (const verdict of Object.values(verdictsOf(page)))
    await expect(verdict).toHaveAttribute('data-verdict-primary', 'kv-cache-thrashing', { timeout: 45_000 });
}

test('a portal shows the verdict in three ways, under a strict policy', async ({ page, portal }) => {
  const troubles: string[] = [];
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
  page.on('pageerror', (error) => troubles.push(error.message));
  await page.goto(`${portal.url}/`);
  await allJudged(page);
  // All three said so, too.
  const log = page.locator('#log');
  for (const from of ['module', 'element', 'frame']) {
    await expect(log.locator(`[data-event="${from} verdict"]`).first()).toContainText('critical · kv-cache-thrashing');
    await expect(log.locator(`[data-event="${from} error"]`)).toHaveCount(0);
  }
  // The frame is as tall as what it shows, without a scroll bar of its own. A browser lets one out of view rest.
  await page.locator('#frame').scrollIntoViewIfNeeded();
  await expect
    .poll(() => page.frames()[1]?.evaluate(() => document.documentElement.scrollHeight - window.innerHeight))
    .toBe(0);
  expect((await page.locator('#frame').boundingBox())?.height).toBeGreaterThan(200);
  // The host keeps its own title and address.
  await expect(page).toHaveTitle('Inference portal');
  expect(new URL(page.url()).search).toBe('');
  await expect(verdictsOf(page).module.getByRole('link', { name: /Open in vLLM Triage/ })).toHaveAttribute(
    'href',
    new RegExp(`^${portal.home}/\\?prometheus=${portal.url}/prometheus&from=2026`),
  );
  expect(troubles).toEqual([]);
});

test('the token goes to the source alone, and stands nowhere', async ({ page, portal }) => {
  const urls: string[] = [];
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  const strangers: string[] = [];
  page.on('request', (request) => {
    urls.push(request.url());
    const { pathname } = new URL(request.url());
    if (request.headers()['authorization'] !== undefined && !pathname.startsWith('/prometheus/'))
      strangers.push(request.url());
  });
  await page.goto(`${portal.url}/`);
  await allJudged(page);
  expect(portal.asked.length).toBeGreaterThan(3);
  expect(portal.asked.filter(({ authorization }) => authorization === null)).toEqual([]);
  expect(strangers).toEqual([]);
  const stored = await Promise.all(
    page
      .frames()
      .map((frame) =>
        frame.evaluate(() =>
          JSON.stringify([
            { ...localStorage },
            { ...sessionStorage },
            document.cookie,
            location.href,
            document.documentElement.outerHTML,
            [...document.querySelectorAll('*')].map((one) => one.shadowRoot?.innerHTML ?? ''),
          ]),
        ),
      ),
  );
  expect(portal.tokens.size).toBe(3);
  for (const token of portal.tokens) {
    expect([...urls, ...said, ...stored].filter((text) => text.includes(token))).toEqual([]);
  }
});

test('a token the source refuses is announced, not shown, and its successor is used', async ({ page, portal }) => {
  // The gateway repeats in its answer what it was given.
  let stale = true;
  let given = 0;
  await page.route('**/token', (route) =>
    stale ? route.fulfill({ json: { value: `stale-token-${given++}`, expires: 4e9 } }) : route.continue(),
  );
  await page.goto(`${portal.url}/`);
  const log = page.locator('#log');
  for (const from of ['module', 'element', 'frame']) {
    await expect(log.locator(`[data-event="${from} error"]`).first()).toContainText('unauthorized');
    await expect(log.locator(`[data-event="${from} token-expiring"]`).first()).toBeAttached();
  }
  stale = false;
  await allJudged(page);
  await expect(log).not.toContainText('stale-token');
});

test('a style sheet that breaks everything else leaves the mounts as they are, and they leave it alone', async ({
  page,
  portal,
}) => {
  await page.emulateMedia({ colorScheme: 'light' });
  const picture = async (path: string) => {
    await page.goto(`${portal.url}/${path}`);
    await allJudged(page);
    await page.evaluate(() => {
      document.body.style.setProperty('display', 'block', 'important');
      document.body.style.setProperty('width', '620px', 'important');
    });
    await page.waitForTimeout(200);
    return page.locator('#module').evaluate((host) => {
      const drawn = (one: Element) => one.getBoundingClientRect().height > 0;
      // What a person would see: sizes, letters, colours and borders of all there is.
      const root = host.shadowRoot as ShadowRoot;
      const { left, top } = (root.firstElementChild as Element).getBoundingClientRect();
      return [...root.querySelectorAll('*')].filter(drawn).map((one) => {
        const box = one.getBoundingClientRect();
        const style = getComputedStyle(one);
        return [
          one.tagName,
          Math.round(box.left - left),
          Math.round(box.top - top),
          Math.round(box.height),
          style.color,
          style.backgroundColor,
          style.fontSize,
          style.fontFamily,
          style.fontWeight,
          style.textAlign,
          style.textTransform,
          style.letterSpacing,
          style.borderTopWidth,
          style.borderTopStyle,
          style.display,
        ].join(' ');
      });
    });
  };
  // The sample sheet gives the page a width, which the foreign one takes away.
  const calm = await picture('?theme=light');
  await expect(page.locator('#own-button')).toHaveCSS('font-size', '13.3333px');
  const hostile = await picture('?theme=light&foreign');
  await expect(page.locator('#own-button')).toHaveCSS('color', 'rgb(255, 0, 0)');
  expect(calm.length).toBeGreaterThan(60);
  // Lines are drawn by defaults that a shadow tree has to be given on its own.
  expect(calm.filter((line) => line.includes(' 1px solid ')).length).toBeGreaterThan(5);
  expect(hostile).toEqual(calm);
});

test('one panel alone, with its tip inside the mount', async ({ page, portal }) => {
  await page.goto(`${portal.url}/?panel=kv-usage`);
  const panel = page.locator('#module').getByRole('region', { name: 'KV usage' });
  await expect(panel.locator('.recharts-surface')).toBeVisible({ timeout: 45_000 });
  await panel.getByRole('button', { name: /^KV usage/ }).hover();
  await expect(page.locator('#module').getByRole('tooltip')).toBeVisible();
  // Nothing of it lands in the host's document.
  expect(await page.evaluate(() => [...document.body.children].map((one) => one.id || one.tagName))).toEqual([
    'H1',
    'own-button',
    'H2',
    'module',
    'H2',
    'element',
    'H2',
    'frame',
    'H2',
    'log',
  ]);
});

test('unmounting stops the reading and leaves the element empty', async ({ page, portal }) => {
  await page.goto(`${portal.url}/`);
  await allJudged(page);
  await page.locator('#own-button').click();
  await expect(verdictsOf(page).module).toHaveCount(0);
  expect(await page.locator('#module').evaluate((host) => host.shadowRoot?.childElementCount)).toBe(0);
  await expect(verdictsOf(page).element).toHaveCount(1);
});

test('a page that is not on the list cannot frame, hear or steer it', async ({ page, portal, app }) => {
  // The served page forbids the frame; the preview server sets no policy, and there the page itself keeps silent.
  const evil = createServer((request, response) => {
    const inside =
      request.url === '/served'
        ? `${portal.home}/?embed=1`
        : `${app.url}/?embed=1&recording=kv-thrash-a&origin=http://${request.headers.host}`;
    response.writeHead(200, { 'Content-Type': 'text/html' });
    response.end(`<iframe src="${inside}" width="700" height="500"></iframe><script>
      window.heard = [];
      addEventListener('message', (event) => heard.push(JSON.stringify(event.data)));
      window.say = (message) => frames[0].postMessage({ schema: 'vllm-triage/embed/1', ...message }, '*');
    </script>`);
  });
  await new Promise<void>((ready) => evil.listen(0, '127.0.0.1', ready));
  const { port } = evil.address() as AddressInfo;
  try {
    await page.goto(`http://127.0.0.1:${port}/`);
    const verdict = page.frameLocator('iframe').getByRole('region', { name: 'Verdict' });
    await expect(verdict).toHaveAttribute('data-verdict-primary', 'kv-cache-thrashing');
    const steered = page.waitForRequest(/elsewhere\.test/, { timeout: 1500 }).catch(() => null);
    await page.evaluate(() =>
      (window as unknown as { say(message: unknown): void }).say({
        type: 'source',
        source: { prometheus: 'https://elsewhere.test/' },
      }),
    );
    expect(await steered).toBeNull();
    await expect(verdict).toHaveAttribute('data-verdict-primary', 'kv-cache-thrashing');
    expect(await page.evaluate(() => (window as unknown as { heard: string[] }).heard)).toEqual([]);

    const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    await page.goto(`http://127.0.0.1:${port}/served`);
    expect((await refused).text()).toContain("frame-ancestors 'self'");
  } finally {
    evil.closeAllConnections();
    evil.close();
  }
});
