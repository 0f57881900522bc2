import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { openUndriven } from '../tools/undriven.ts';

/** Seconds from the address to what is on screen, in a browser that is neither driven nor traced. */
export interface Unwatched {
  readonly verdictSeconds: number;
  readonly panelsSeconds: number;
}

const OPENINGS = 3;
/** Seconds a browser is given to start before it is told the address, so that its own start is not in it. */
const STARTS = 4;

/**
 * Opens an address, each time in a new browser with nothing in its caches; asks what the page noted when all is over.
 * @param marks what the page calls the verdict and its panels
 * @param patience seconds until all is over for sure
 * @returns the middle opening; `null` where one showed no verdict by then
 */
export async function openUnwatched(
  address: string,
  marks: { readonly verdict: string; readonly panels: string },
  patience: number,
): Promise<Unwatched | null> {
  const openings: Unwatched[] = [];
  for (let n = 0; n < OPENINGS; n += 1) {
    const one = await openOnce(address, marks, patience);
    if (one === null) return null;
    openings.push(one);
  }
  return openings.sort((a, b) => a.verdictSeconds - b.verdictSeconds)[Math.floor(OPENINGS / 2)] ?? null;
}

async function openOnce(
  address: string,
  { verdict, panels }: { readonly verdict: string; readonly panels: string },
  patience: number,
): Promise<Unwatched | null> {
  const size = { width: 1280, height: 800 };
  const { folder, close } = await openUndriven('about:blank', size, ['--remote-debugging-port=0']);
  try {
    await sleep(STARTS);
    const [port] = (await readFile(join(folder, 'DevToolsActivePort'), 'utf8')).split('\n');
    const at = `http://127.0.0.1:${port}`;
    await fetch(`${at}/json/new?${encodeURIComponent(address)}`, { method: 'PUT' });
    await sleep(patience);
    const browser = await chromium.connectOverCDP(at);
    const page = browser
      .contexts()
      .flatMap((context) => context.pages())
      .find((one) => one.url() !== 'about:blank');
    const found = await page?.evaluate(
      (names) => names.map((name) => performance.getEntriesByName(name)[0]?.startTime ?? null),
      [verdict, panels],
    );
    const [verdictMs = null, panelsMs = null] = found ?? [];
    return verdictMs === null || panelsMs === null
      ? null
      : { verdictSeconds: verdictMs / 1000, panelsSeconds: panelsMs / 1000 };
  } finally {
    await close();
  }
}

const sleep = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1000));
