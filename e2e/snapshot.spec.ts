import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContext, Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';

/** The sheet behind “Share”. */
class ShareSheet {
  readonly page: Page;
  readonly sheet: Locator;

  constructor(page: Page) {
    this.page = page;
    this.sheet = page.getByRole('dialog', { name: 'Share this incident' });
  }

  async open(): Promise<void> {
    await this.page.getByRole('button', { name: 'Share', exact: true }).click();
    await this.written();
  }

  /** Waits until every carrier is written. */
  async written(): Promise<void> {
    await expect(this.sheet.getByRole('button', { name: 'Save: File' })).toBeVisible({ timeout: 30_000 });
  }

  async copy(carrier: string): Promise<string> {
    await this.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await this.sheet.getByRole('button', { name: `Copy: ${carrier}` }).click();
    await expect(this.sheet.getByRole('button', { name: `Copied: ${carrier}` })).toBeVisible();
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  async save(carrier: string, folder: string): Promise<string> {
    const coming = this.page.waitForEvent('download');
    await this.sheet.getByRole('button', { name: `Save: ${carrier}` }).click();
    const download = await coming;
    const file = join(folder, download.suggestedFilename());
    await download.saveAs(file);
    return file;
  }
}

/** Opens an address where nothing was opened before, and counts what is asked of any server beside the page's own files. */
async function openFresh(
  browser: Browser,
  address: string,
): Promise<{ incident: IncidentPage; asked: string[]; context: BrowserContext }> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname, protocol } = new URL(request.url());
    if (/^(blob|data|file):$/.test(protocol)) return;
    if (pathname !== '/' && !/^\/(assets\/|icon(-\w+)?\.svg$|favicon)/.test(pathname)) asked.push(request.url());
    // The fragment is the browser's own; a server that saw it would have the incident.
    if (request.url().includes('snapshot=')) asked.push(request.url());
  });
  await page.goto(address);
  return { incident: new IncidentPage(page), asked, context };
}

const headline = (incident: IncidentPage): Locator => incident.verdict.getByRole('heading', { level: 1 });
const stripe = (incident: IncidentPage): Locator => incident.page.getByRole('region', { name: 'Frozen' });

test.describe('somebody passes an incident on', () => {
  test('as a full link: the same verdict, judged again, and nobody is asked anything', async ({ page, browser }) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=kv-thrash-a');
    const said = await headline(incident).innerText();
    const share = new ShareSheet(page);
    await share.open();
    await expect(share.sheet).toContainText('A chat cuts it');
    const link = await share.copy('Full link');
    expect(link.length).toBeLessThan(60_000);

    const { incident: theirs, asked, context } = await openFresh(browser, link);
    await expect(headline(theirs)).toHaveText(said);
    await expect(stripe(theirs)).toContainText('the rules of today agree');
    await theirs.markAt('vllm-triage:panels');
    await theirs.judged();
    await expect(theirs.page.getByRole('button', { name: /^live|Go live/ })).toHaveCount(0);
    expect(asked).toEqual([]);

    // What is cut says so, and shows what is left.
    await theirs.page.goto('about:blank');
    await theirs.page.goto(link.slice(0, Math.floor(link.length * 0.7)));
    await expect(headline(theirs)).toHaveText(said);
    await expect(stripe(theirs)).toContainText('cut short: the verdict is whole');
    await theirs.page.goto('about:blank');
    await theirs.page.goto(link.slice(0, link.indexOf('#snapshot=') + 60));
    await expect(theirs.failing).toContainText('too little of it is left');
    expect(asked).toEqual([]);
    await context.close();
  });

  test('as a chat link: it fits, says what it lacks, and claims nothing of that', async ({ page, browser }) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=imbalance');
    const said = await headline(incident).innerText();
    const share = new ShareSheet(page);
    await share.open();
    const link = await share.copy('Chat link');
    expect(link.length).toBeLessThanOrEqual(3900);
    const { incident: theirs, asked, context } = await openFresh(browser, link);
    await expect(headline(theirs)).toHaveText(said);
    await expect(stripe(theirs)).toContainText(/Reduced to fit a chat.*signals that were read are not in it/);
    await theirs.markAt('vllm-triage:panels');
    await expect(theirs.page.getByText('not measured')).toHaveCount(0);
    expect(asked).toEqual([]);
    await context.close();
  });

  test('with names replaced and a passphrase: neither link nor page holds a name', async ({ page, browser }) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=seats');
    const share = new ShareSheet(page);
    await share.open();
    await share.sheet.getByRole('button', { name: 'Replace all names' }).click();
    await expect(share.sheet).toContainText(/names? replaced/);
    await share.sheet.getByLabel('Passphrase').fill('correct horse');
    await share.written();
    const link = await share.copy('Full link');
    expect(link).toContain('#snapshot=1e.');

    const { incident: theirs, asked, context } = await openFresh(browser, link);
    const locked = theirs.page.getByRole('region', { name: 'Locked snapshot' });
    await locked.getByLabel('Passphrase').fill('battery staple');
    await locked.getByRole('button', { name: 'Open' }).click();
    await expect(locked).toContainText('does not open');
    await locked.getByLabel('Passphrase').fill('correct horse');
    await locked.getByRole('button', { name: 'Open' }).click();
    await expect(theirs.verdict).toHaveAttribute('data-verdict-primary', 'seat-ceiling');
    await theirs.markAt('vllm-triage:panels');
    const text = await theirs.page.locator('body').innerText();
    expect(text).toContain('replica-1');
    expect(text).not.toMatch(/vllm-0|seats\.om/);
    expect(asked).toEqual([]);
    await context.close();
  });

  test('as one file that opens from a disk without a network', async ({ page, browser }, info) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=kv-thrash-a');
    const said = await headline(incident).innerText();
    const share = new ShareSheet(page);
    await share.open();
    const file = await share.save('Page', info.outputDir);
    expect(statSync(file).size).toBeLessThanOrEqual(1_500_000);

    const context = await browser.newContext({ offline: true });
    const theirs = new IncidentPage(await context.newPage());
    const wrong: string[] = [];
    theirs.page.on('console', (line) => line.type() === 'error' && wrong.push(line.text()));
    theirs.page.on('pageerror', (error) => wrong.push(error.message));
    await theirs.page.goto(pathToFileURL(file).href);
    await expect(headline(theirs)).toHaveText(said);
    await expect(stripe(theirs)).toContainText('the rules of today agree');
    await theirs.markAt('vllm-triage:panels');
    await theirs.judged();
    await theirs.page.reload();
    await expect(headline(theirs)).toHaveText(said);
    expect(wrong).toEqual([]);
    await context.close();
  });

  test('as file, picture, JSON and CSV', async ({ page }, info) => {
    const incident = new IncidentPage(page);
    await incident.open('?recording=seats');
    const said = await headline(incident).innerText();
    const share = new ShareSheet(page);
    await share.open();
    const json = JSON.parse(readFileSync(await share.save('Verdict as JSON', info.outputDir), 'utf8')) as object;
    expect(json).toMatchObject({ schema: 'vllm-triage/verdict/1' });
    const csv = readFileSync(await share.save('Measurements as CSV', info.outputDir), 'utf8');
    expect(csv.split('\n')[0]).toMatch(/^signal,unit,replica,part,what,query,2026-/);
    expect(csv).toContain('kv-cache-usage,ratio,');
    const png = readFileSync(await share.save('Picture of the verdict', info.outputDir));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.readUInt32BE(16)).toBeGreaterThan(1000);
    const file = await share.save('File', info.outputDir);
    await page.goto('/');
    await page.locator('input[type="file"]').first().setInputFiles(file);
    await expect(headline(incident)).toHaveText(said);
    await expect(stripe(incident)).toContainText('the rules of today agree');
  });
});
