import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import initSqlJs from 'sql.js/dist/sql-wasm-inline.js';
import { servedSources } from '../src/cli/serve/sources.ts';
import { expect, test as base } from './fixtures/app.ts';
import { servePage } from './fixtures/served.ts';
import { TOKEN, watch } from './fixtures/witness.ts';
import { IncidentPage } from './pages/incident-page.ts';
import { StartPage } from './pages/start-page.ts';

const LIBRARY = fileURLToPath(new URL('../public/library/kv-thrash-a.om.gz', import.meta.url));
const RANGE = 'from=2026-11-25T01:49:59Z&to=2026-11-25T01:57:50Z';
const COOKIE = 'planted-cookie-of-a-portal';

interface Gateway {
  readonly url: string;
  readonly asked: readonly IncomingMessage[];
  /** From now on it refuses, and repeats in its answer what it was given. */
  refuse(): void;
}

interface Guarded {
  /** A gateway in front of a real Prometheus that wants the token. */
  readonly gateway: Gateway;
  /** Another that wants nothing and would take everything. */
  readonly other: Gateway;
}

/** A gateway that lets any page read, in front of a real Prometheus. */
async function startGateway(upstream: string, wanted: string | null) {
  const asked: IncomingMessage[] = [];
  let refusing = false;
  const server = createServer((request, response) => {
    asked.push(request);
    response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*');
    response.setHeader('Access-Control-Allow-Credentials', 'true');
    response.setHeader('Access-Control-Allow-Headers', 'authorization, x-scope-orgid');
    if (request.method === 'OPTIONS') return response.end();
    const given = request.headers.authorization;
    if (refusing || (wanted !== null && given !== `Bearer ${wanted}`)) {
      response.writeHead(refusing ? 422 : 401, { 'Content-Type': 'application/json' });
      return response.end(JSON.stringify({ status: 'error', errorType: 'execution', error: `no rights for ${given}` }));
    }
    const { host: _, origin: __, 'accept-encoding': ___, ...headers } = request.headers;
    const onward = ask(`${upstream}${request.url}`, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, { 'Content-Type': answer.headers['content-type'] ?? 'text/plain' });
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    return request.pipe(onward);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    refuse: () => {
      refusing = true;
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const test = base.extend<Guarded>({
  gateway: async ({ prometheus }, use) => {
    const gateway = await startGateway((await prometheus('kv-thrash-a')).url, TOKEN);
    await use(gateway);
    gateway.stop();
  },
  other: async ({ prometheus }, use) => {
    const gateway = await startGateway((await prometheus('kv-thrash-a')).url, null);
    await use(gateway);
    gateway.stop();
  },
});

/** As a person who has a token. */
async function connect(page: Page, url: string, keep = false): Promise<void> {
  const start = new StartPage(page);
  await start.open(`?${RANGE}`);
  await page.getByRole('button', { name: 'add headers' }).click();
  await page.getByRole('textbox', { name: /^Headers/ }).fill(`Authorization: Bearer ${TOKEN}\nX-Scope-OrgID: team`);
  if (keep) await page.getByRole('checkbox', { name: /through a reload/ }).check();
  await start.connect(url);
}

const thrashes = (page: Page) =>
  expect(new IncidentPage(page).verdict).toHaveAttribute('data-verdict-primary', 'kv-cache-thrashing', {
    timeout: 45_000,
  });
const dialog = (page: Page, host: string) => page.getByRole('alertdialog', { name: `Read from ${host}?` });
const withCredentials = ({ asked }: Gateway) =>
  asked.filter(({ headers }) => headers.authorization ?? headers.cookie ?? headers['x-scope-orgid']);

test('a token that was typed goes to its source alone, and no output of the page holds it', async ({
  page,
  context,
  gateway,
  app,
  witness,
}) => {
  test.setTimeout(180_000);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const origins = new Set<string>();
  context.on('request', (request) => origins.add(new URL(request.url()).origin));
  await connect(page, gateway.url);
  await page.waitForURL(/prometheus=/);
  await page.goto(`/?prometheus=${gateway.url}&${RANGE}`);
  // Memory ends with the page: nobody sent it now.
  await expect(new IncidentPage(page).failing).toContainText('wants to know who is asking');
  await connect(page, gateway.url);
  const incident = new IncidentPage(page);
  // The form keeps no range; in the address it can be put without a reload.
  await page.evaluate((search) => {
    history.replaceState(null, '', search);
    dispatchEvent(new PopStateEvent('popstate'));
  }, `?prometheus=${gateway.url}&${RANGE}`);
  await thrashes(page);
  await incident.judged();

  await page.getByRole('button', { name: 'Copy incident note' }).click();
  const note = page.getByRole('region', { name: 'Incident note' });
  await expect(note).toContainText('Copied');
  const archive = page.waitForEvent('download');
  await note.getByRole('button', { name: 'Save the archive' }).click();
  await (await archive).path();
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const sheet = page.getByRole('dialog', { name: 'Share this incident' });
  for (const carrier of ['File', 'Page', 'Picture of the verdict', 'Verdict as JSON', 'Measurements as CSV']) {
    const coming = page.waitForEvent('download', { timeout: 45_000 });
    await sheet.getByRole('button', { name: `Save: ${carrier}` }).click({ timeout: 30_000 });
    await (await coming).path();
  }
  for (const carrier of ['Full link', 'Chat link']) {
    await sheet.getByRole('button', { name: `Copy: ${carrier}` }).click();
    await expect(sheet.getByRole('button', { name: `Copied: ${carrier}` })).toBeVisible();
  }
  await page.keyboard.press('Escape');

  gateway.refuse();
  await page.getByRole('button', { name: /^range/ }).click();
  await page.getByLabel('From', { exact: true }).fill('2026-11-25T01:50:30');
  await page.getByLabel('To', { exact: true }).fill('2026-11-25T01:57:00');
  await page.getByRole('button', { name: 'Read this range' }).click();
  await expect(incident.failing).toContainText('no rights for [hidden]');

  expect([...origins].filter((origin) => origin.startsWith('http')).sort()).toEqual([app.url, gateway.url].sort());
  expect(gateway.asked.filter(({ headers }) => headers.authorization === `Bearer ${TOKEN}`).length).toBeGreaterThan(20);
  expect(witness.counts.outputs).toBeGreaterThan(100);
});

test('kept on request, a token outlives a reload; a link to another host asks first and takes nothing along', async ({
  page,
  context,
  gateway,
  other,
  app,
}) => {
  await context.addCookies([{ name: 'session', value: COOKIE, url: app.url, httpOnly: true }]);
  await connect(page, gateway.url, true);
  await page.waitForURL(/prometheus=/);
  await page.goto(`/?prometheus=${gateway.url}&${RANGE}`);
  await thrashes(page);

  const { host } = new URL(other.url);
  for (const source of [`prometheus=${other.url}`, `metrics=${other.url}/metrics`, `tune=1&prometheus=${other.url}`]) {
    await page.goto(`/?${source}&${RANGE}`);
    await expect(dialog(page, host)).toBeVisible();
    await expect(dialog(page, host).getByRole('button', { name: 'Do not read' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Why is vLLM slow?');
  }
  expect(other.asked).toEqual([]);

  await page.goto(`/?prometheus=${other.url}&${RANGE}`);
  await dialog(page, host)
    .getByRole('button', { name: `Read from ${host}` })
    .click();
  await thrashes(page);
  expect(other.asked.length).toBeGreaterThan(5);
  expect(withCredentials(other)).toEqual([]);
  // Each reload asks again, since nothing of it is written down.
  await page.reload();
  await expect(dialog(page, host)).toBeVisible();
  // Another tab knows no token, has nothing to lose, and opens links at once.
  const fresh = await context.newPage();
  await fresh.goto(`${app.url}/?prometheus=${other.url}&${RANGE}`);
  await thrashes(fresh);
  expect(withCredentials(other)).toEqual([]);
});

test('a page whose server relays sources asks before it reads another host', async ({ page, other, prometheus }) => {
  const served = await servePage({
    sources: servedSources({
      prometheus: [`prod=${(await prometheus('kv-thrash-a')).url}`],
      metrics: [],
      header: { Authorization: `Bearer ${TOKEN}` },
    }),
  });
  const { host } = new URL(other.url);
  await page.goto(`${served.url}/?prometheus=${other.url}&${RANGE}`);
  await expect(dialog(page, host)).toBeVisible();
  await page.getByRole('button', { name: 'Do not read' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Why is vLLM slow?');
  expect(other.asked).toEqual([]);
  // What the viewer types is chosen.
  await page.getByRole('button', { name: /^Prometheus/ }).click();
  await new StartPage(page).connect(other.url);
  await expect(new IncidentPage(page).verdict.or(new IncidentPage(page).failing).first()).toBeVisible();
  expect(other.asked.length).toBeGreaterThan(0);
  expect(withCredentials(other)).toEqual([]);
  await page.goto(`${served.url}/?prometheus=/-/prometheus/prod&${RANGE}`);
  await thrashes(page);
  await served.stop();
});

/** What a name may hold that means something in markup, style, a picture made of markup, or a table. */
const NAMES = {
  instance: `"></span></foreignObject></svg><img src=//evil.test/a onerror="ran=1"><script>ran=1</script>`,
  model_name: `=cmd|' /C calc'!A0 ]]>--><style>@import url(//evil.test/b)</style>\u202e&lt;b&gt;`,
};

test('names full of markup are letters, on the page and in the pictures and files made of it', async ({ page }) => {
  test.setTimeout(180_000);
  const escaped = (text: string) => text.replace(/["\\]/g, '\\$&');
  const recording = gunzipSync(readFileSync(LIBRARY))
    .toString()
    .replaceAll('instance="vllm-0"', () => `instance="${escaped(NAMES.instance)}"`)
    .replaceAll(/model_name="[^"]*"/g, () => `model_name="${escaped(NAMES.model_name)}"`);
  const start = new StartPage(page);
  await start.open();
  await start.pick([{ name: '"><img src=x onerror=ran=1>.om', buffer: Buffer.from(recording) }]);
  await thrashes(page);
  await expect(page.getByText('foreignObject').first()).toBeAttached();
  const save = async (press: () => Promise<void>): Promise<Buffer> => {
    const coming = page.waitForEvent('download', { timeout: 45_000 });
    await press();
    return readFileSync(await (await coming).path());
  };
  const panel = page.getByRole('region', { name: 'Waiting', exact: true });
  await panel.scrollIntoViewIfNeeded();
  await panel.getByRole('button', { name: /copy or save/ }).click();
  const chart = await save(() => page.getByRole('menuitem', { name: 'Save PNG' }).click());
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const sheet = page.getByRole('dialog', { name: 'Share this incident' });
  const saved = async (carrier: string) =>
    save(() => sheet.getByRole('button', { name: `Save: ${carrier}` }).click({ timeout: 30_000 }));
  for (const picture of [chart, await saved('Picture of the verdict')]) {
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    expect(picture.readUInt32BE(16)).toBeGreaterThan(500);
  }
  const table = (await saved('Measurements as CSV')).toString();
  expect(table).toContain('foreignObject');
  expect(table.split('\n').filter((line) => /(^|,)"?[=+@]/.test(line))).toEqual([]);
  const file = await saved('Page');
  // Nothing was asked for: the witness of the story objects to strangers.
  expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false);
  expect(file.toString()).not.toContain('evil.test/b)</style>');
});

test('under the policy of the served page no text becomes script, style or markup', async ({ page }) => {
  const served = await servePage();
  // A context of its own: the one of the story objects to what is stopped.
  const context = await page.context().browser()?.newContext();
  if (!context) throw new Error('no browser');
  const attacked = await context.newPage();
  await attacked.goto(served.url);
  await expect(attacked.getByRole('heading', { level: 1 })).toBeVisible();
  const outcome = await attacked.evaluate(async () => {
    const ran: string[] = [];
    (window as unknown as { ran: string[] }).ran = ran;
    const attempts: Record<string, () => unknown> = {
      eval: () => (0, eval)('ran.push("eval")'),
      function: () => new Function('ran.push("function")')(),
      timer: () => setTimeout('ran.push("timer")' as unknown as () => void),
      'inline script': () => {
        const script = document.createElement('script');
        script.append('ran.push("inline script")');
        document.head.append(script);
      },
      'script of another server': () => {
        const script = document.createElement('script');
        script.src = 'http://127.0.0.1:9/x.js';
        document.head.append(script);
      },
      markup: () => {
        document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="ran.push(\'markup\')">');
      },
      handler: () => {
        const button = document.createElement('button');
        button.setAttribute('onclick', 'ran.push("handler")');
        document.body.append(button);
        button.click();
      },
      worker: () => new Worker('http://127.0.0.1:9/x.js'),
      'worker of text': () => new Worker(URL.createObjectURL(new Blob(['postMessage(1)']))),
      'a policy of its own': () =>
        (
          window as unknown as { trustedTypes: { createPolicy(name: string, rules: object): void } }
        ).trustedTypes.createPolicy('mine', { createHTML: (text: string) => text }),
    };
    // Not in the turn of the evaluation, which the browser lets evaluate.
    await new Promise((later) => setTimeout(later));
    const thrown: string[] = [];
    for (const [name, attempt] of Object.entries(attempts)) {
      try {
        attempt();
      } catch {
        thrown.push(name);
      }
    }
    const style = document.createElement('style');
    style.textContent = 'body { --inline: 1 }';
    document.head.append(style);
    document.body.setAttribute('style', '--attribute: 1');
    const frame = document.createElement('iframe');
    frame.src = 'http://127.0.0.1:9/';
    document.body.append(frame);
    await new Promise((later) => setTimeout(later, 500));
    const seen = getComputedStyle(document.body);
    return {
      ran,
      thrown,
      inline: seen.getPropertyValue('--inline'),
      attribute: seen.getPropertyValue('--attribute'),
      base: (() => {
        const element = document.createElement('base');
        element.href = 'http://127.0.0.1:9/';
        document.head.append(element);
        return document.baseURI;
      })(),
    };
  });
  expect(outcome).toEqual({
    ran: [],
    // By Trusted Types; the inline script is only passed over.
    thrown: [
      'eval',
      'function',
      'timer',
      'script of another server',
      'markup',
      'handler',
      'worker',
      'worker of text',
      'a policy of its own',
    ],
    inline: '',
    attribute: '',
    base: `${served.url}/`,
  });
  await context.close();

  // Of a worker the header of its own file counts; this one compiles SQLite.
  const SQL = await initSqlJs();
  const database = new SQL.Database();
  database.run('CREATE TABLE things (a)');
  await page.goto(served.url);
  await new StartPage(page).pick([{ name: 'export.sqlite', buffer: Buffer.from(database.export()) }]);
  await expect(page.getByText(/CUPTI_ACTIVITY_KIND_KERNEL|no table|nsys/i).first()).toBeVisible({ timeout: 20_000 });
  await served.stop();
});

test('whoever looks on sees what there is to see', async ({ browser, app }) => {
  const context = await browser.newContext({ baseURL: app.url });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const witness = await watch(context);
  const page = await context.newPage();
  await page.goto('/?recording=seats');
  await new IncidentPage(page).verdict.waitFor();
  expect(await witness.leaks()).toEqual([]);
  expect([...witness.strangers, ...witness.stopped]).toEqual([]);
  await page.evaluate(async (token) => {
    localStorage.setItem('a', `${token}-local`);
    sessionStorage.setItem('a', `${token}-session`);
    console.log(`${token}-console`);
    await navigator.clipboard.writeText(`${token}-clipboard`);
    history.replaceState(`${token}-state`, '', `?recording=seats&model=${token}-address`);
    void fetch(`/?q=${token}-request`);
    void fetch('http://stranger.test/').catch(() => undefined);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([`${token}-file`]));
    link.download = 'file.txt';
    link.click();
    setTimeout(() => {
      throw new Error(`${token}-error`);
    });
    document.body.append(Object.assign(document.createElement('i'), { textContent: `${token}-text` }));
    document.head.append(Object.assign(document.createElement('style'), { textContent: 'b { color: red }' }));
    await new Promise((later) => setTimeout(later, 500));
  }, TOKEN);
  const leaks = (await witness.leaks()).join('\n');
  for (const where of ['console', 'clipboard', 'address', 'request', 'download', 'error', 'page'])
    expect(leaks, where).toContain(`${where}: `);
  expect(witness.strangers).toEqual(['http://stranger.test/']);
  expect(witness.stopped.join()).toContain('style-src');
  await context.close();
});

test('what a worker asks is seen as well', async ({ page, witness, other }) => {
  await page.goto(`/?metrics=${other.url}/metrics`);
  await expect.poll(() => other.asked.length, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(witness.requestsTo(new URL(other.url).host)).toBeGreaterThan(0);
});
