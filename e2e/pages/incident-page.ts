import type { Locator, Page } from '@playwright/test';

/** One incident. */
export class IncidentPage {
  readonly page: Page;
  readonly verdict: Locator;
  readonly failing: Locator;
  readonly lastGood: Locator;
  readonly notices: Locator;
  readonly flag: Locator;
  readonly timeline: Locator;
  /** What the headline was, in order of time. */
  readonly headlines: Locator;

  constructor(page: Page) {
    this.page = page;
    this.verdict = page.getByRole('region', { name: 'Verdict' });
    this.failing = page.getByRole('region', { name: 'Source not readable' });
    this.lastGood = page.getByTestId('last-good');
    this.notices = page.getByRole('status').filter({ has: page.getByRole('button', { name: 'Close notices' }) });
    this.flag = page.getByTestId('flag');
    this.timeline = page.getByRole('region', { name: 'Timeline' });
    this.headlines = this.timeline.locator('[data-lane="headline"] [data-status]');
  }

  async open(search: string): Promise<void> {
    await this.page.goto(`/${search}`);
    await this.verdict.or(this.failing).first().waitFor();
  }

  async primary(): Promise<string | null> {
    return this.verdict.getAttribute('data-verdict-primary');
  }

  async status(): Promise<string | null> {
    return this.verdict.getAttribute('data-verdict-status');
  }

  /** Waits until every moment of the range is judged. */
  async judged(): Promise<void> {
    await this.timeline.getByText(/^Headline judged every/).waitFor({ timeout: 45_000 });
  }

  /** Statuses along the headline lane. */
  async said(): Promise<(string | null)[]> {
    return this.headlines.evaluateAll((segments) => segments.map((one) => one.getAttribute('data-status')));
  }

  /** Milliseconds from the start of the page to a mark of the contract; waits until it is set. */
  async markAt(name: 'vllm-triage:verdict' | 'vllm-triage:panels' | 'vllm-triage:evidence'): Promise<number> {
    const handle = await this.page.waitForFunction(
      (mark) => performance.getEntriesByName(mark, 'mark')[0]?.startTime,
      name,
    );
    return (await handle.jsonValue()) as number;
  }

  /** How far the page sticks out to the right of the window, in pixels. */
  async overhang(): Promise<number> {
    return this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  }
}
