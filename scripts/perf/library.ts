import type { Browser } from '@playwright/test';

/** Eight minutes at 5 s, one with two replicas. */
export const RECORDINGS = ['kv-thrash-a', 'imbalance'] as const;

/** @returns seconds from the click in the incident library to the verdict on screen */
export async function measureLibrary(browser: Browser, app: string, name: string): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  try {
    await page.goto(app);
    const link = page.locator(`a[href*="recording=${name}"]`).first();
    await link.waitFor();
    const started = await page.evaluate(() => performance.now());
    await link.click();
    const verdict = await page.waitForFunction(
      () => performance.getEntriesByName('vllm-triage:verdict')[0]?.startTime,
      null,
      { timeout: 60_000 },
    );
    return (((await verdict.jsonValue()) as number) - started) / 1000;
  } finally {
    await page.close();
  }
}
