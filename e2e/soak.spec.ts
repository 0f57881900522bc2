import { compare, growthOf, missed } from '../scripts/soak/judge.ts';
import { run, type Run } from '../scripts/soak/run.ts';
import { openStage } from '../scripts/soak/stage.ts';
import { openTab } from '../scripts/soak/tab.ts';
import { expect, test } from './fixtures/app.ts';

const START = 1_790_000_000 - (1_790_000_000 % 60);
/** Seconds of data before the page opens, and of live refresh. */
const BEFORE = 1800;
const LIVE = 480;
const EVERY = 15;

test.describe('the page stays open, live, on a clock that runs ahead', () => {
  test('no tick is missed and nothing grows; with answers spoilt it says what it said without, or that it cannot', async ({
    browser,
    app,
  }) => {
    test.setTimeout(240_000);
    const stage = await openStage(START, (BEFORE + LIVE + 300) / 3600, EVERY);
    try {
      const live = async (seed: number | null): Promise<Run> => {
        const proxy = await stage.proxy(1);
        const tab = await openTab(browser, { app: app.url, proxy, start: START + BEFORE, live: '15s' });
        try {
          const done = await run({
            tab,
            proxy,
            to: tab.now + LIVE,
            every: EVERY,
            seed,
            weigh: 60,
            troubles: { every: 120, hidden: 60, asleep: 60, wrong: 60 },
            faultsBegin: 0.12,
            tell: () => undefined,
          });
          expect(tab.errors).toEqual([]);
          return done;
        } finally {
          await tab.close();
        }
      };
      const [clean, faulty] = await Promise.all([live(null), live(3)]);
      expect(missed(clean)).toBe(0);
      expect(clean.incidents.filter(({ says }) => says !== null)).toEqual([]);
      expect(new Set(clean.incidents.map(({ what }) => what)).size).toBe(5);
      // A few minutes say nothing of leaks that are slow; nodes and listeners that pile up show at once.
      const { nodes, listeners } = growthOf(clean, 120);
      expect(Math.max(nodes, listeners)).toBeLessThan(0.1);

      expect(faulty.ticks.filter(({ fault }) => fault !== null).length).toBeGreaterThan(5);
      const { compared, different, wrongHealthy, passedForNew } = compare(clean, faulty, EVERY);
      expect(compared).toBeGreaterThan(5);
      expect({ different, wrongHealthy, passedForNew }).toEqual({ different: [], wrongHealthy: [], passedForNew: [] });
    } finally {
      await stage.close();
    }
  });

  test('read thrice as often as it is scraped, it asks for news alone, and sees at once when scrapes stop', async ({
    browser,
    app,
  }) => {
    test.setTimeout(240_000);
    const [last, often] = [45, 5];
    const stage = await openStage(START, (BEFORE + LIVE) / 3600, EVERY);
    try {
      const end = stage.day.parts.at(-1)?.to ?? Number.NaN;
      const proxy = await stage.proxy(1);
      const tab = await openTab(browser, { app: app.url, proxy, start: end - last - 60, live: '5s' });
      try {
        proxy.take();
        const seen: { readonly after: number; readonly status: string; readonly at: number | null }[] = [];
        const asked: number[] = [];
        while (tab.now < end + 100) {
          // Two of three ticks move nothing, so that no move is waited for.
          await tab.tick(often, true);
          const { status, at } = await tab.settled();
          seen.push({ after: tab.now - end, status, at: at === null ? null : at - end });
          const { reads, requests } = proxy.take();
          if (tab.now <= end && reads === 1) asked.push(requests);
        }
        expect(tab.errors).toEqual([]);
        // A few for all the signals where something came; which names there are and how old the samples are where nothing did.
        expect(asked.filter((requests) => requests > 5 && requests < 20).length).toBeGreaterThan(1);
        expect(asked.filter((requests) => requests === 2).length).toBeGreaterThan(2);
        for (const { after, at } of seen) expect(after - (at ?? Number.NaN)).toBeLessThan(2 * EVERY);
        expect(seen.findLast(({ after }) => after <= 0)?.status).not.toBe('unknown');
        // By the moment judged, since a busy machine shows it a tick later.
        const stopped = seen.filter(({ at }) => at !== null && at >= 5 * EVERY);
        expect(new Set(stopped.map(({ status }) => status))).toEqual(new Set(['unknown']));
      } finally {
        await tab.close();
      }
    } finally {
      await stage.close();
    }
  });
});
