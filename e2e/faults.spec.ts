import type { Page } from '@playwright/test';
import { silence } from '../src/testing/faults/acts.ts';
import { FAULTS, type Fault } from '../src/testing/faults/faults.ts';
import { type Fleet, SICK, startFleet } from '../src/testing/faults/fleet.ts';
import { type Act, type FaultProxy, pass, type Place, startFaultProxy } from '../src/testing/faults/proxy.ts';
import { expect, test } from './fixtures/app.ts';

/** The present of servers, and of pages where a story does not move it on. */
const NOW = 1_795_573_800;
const PRIMARY = SICK['kv-thrash-a'].primary;

/** What a page says of a fleet. */
interface Told {
  readonly status: string | null;
  readonly primary: string | null;
  /** Unix seconds the verdict is of. */
  readonly at: number | null;
  /** All that is said of a source that cannot be read; `null` where it can. */
  readonly failing: string | null;
  readonly lastGood: string | null;
  readonly old: boolean;
  readonly title: string;
  readonly icon: string;
  readonly text: string;
}

function tell(page: Page): Promise<Told> {
  return page.evaluate(() => {
    const banner = document.querySelector('[data-verdict-status]');
    const textOf = (id: string) => document.querySelector(`[data-testid="${id}"]`)?.textContent ?? null;
    return {
      status: banner?.getAttribute('data-verdict-status') ?? null,
      primary: banner?.getAttribute('data-verdict-primary') ?? null,
      at: banner ? Number(banner.getAttribute('data-verdict-at')) : null,
      failing: textOf('source-failing'),
      lastGood: textOf('last-good'),
      old: document.body.textContent.includes('Everything below is as of'),
      title: document.title,
      icon: document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.href ?? '',
      text: document.body.innerText,
    };
  });
}

/** Whether a page passes for one that knows a fleet to be healthy now. */
function calm({ status, failing, old, title, icon }: Told): boolean {
  return (status === 'healthy' && failing === null && !old) || /^Healthy/.test(title) || icon.includes('icon-healthy');
}

let fleet: Fleet;
let proxy: FaultProxy;
let count = 0;
/** Every cell played, and those in which health was claimed of what was not known to be healthy. */
const cells = { played: 0, lies: [] as string[] };

test.beforeAll(async () => {
  fleet = await startFleet(NOW);
  proxy = await startFaultProxy({ clock: NOW });
});
test.afterAll(async () => {
  await proxy?.close();
  await fleet?.stop();
});

function placeOf(behind: 'healthy' | 'sick', act: Act = pass): Place {
  count += 1;
  const place = proxy.place(`place-${count}-end`, behind === 'healthy' ? fleet.healthy : fleet.sick['kv-thrash-a']);
  place.act(act);
  return place;
}

/** Goes to a source as a link within the page would, and waits for what is said of it. */
async function goTo(page: Page, place: Place, more = 'live=off'): Promise<void> {
  const search = `/?prometheus=${place.url}&${more}`;
  if (page.url() === 'about:blank') await page.goto(search);
  else
    await page.evaluate((to) => {
      history.pushState(null, '', to);
      dispatchEvent(new PopStateEvent('popstate'));
    }, search);
  const name = place.url.split('/').at(-1) as string;
  await page.waitForFunction(
    (label) =>
      document.body.innerText.includes(label) &&
      document.querySelector('[data-verdict-status]:not([data-verdict-status=""]), [data-testid="source-failing"]'),
    name,
  );
}

/** Somebody comes back to the window, so that it reads at once. */
async function lookAgain(page: Page): Promise<void> {
  await page.evaluate(() => dispatchEvent(new Event('visibilitychange')));
}

/** Waits until a read that began after this call is over and drawn. */
async function readAnew(page: Page, place: Place): Promise<void> {
  const { begun } = place;
  await lookAgain(page);
  await expect.poll(() => place.begun, { intervals: [50] }).toBeGreaterThan(begun);
  let quiet = 0;
  await expect
    .poll(() => (quiet = place.open === 0 ? quiet + 1 : 0), { intervals: [100], timeout: 30_000 })
    .toBeGreaterThan(4);
}

function played(cell: string, told: Told, mayBeCalm: boolean): void {
  cells.played += 1;
  if (calm(told) && !mayBeCalm) cells.lies.push(cell);
}

function expectLeadsTo(cell: string, fault: Fault, told: Told, behind: 'healthy' | 'sick'): void {
  played(cell, told, behind === 'healthy' && (fault.leads === 'same' || fault.leads === 'doubt'));
  if (fault.says) expect.soft(fault.says.test(told.text), `${cell} says ${fault.says}`).toBe(true);
  switch (fault.leads) {
    case 'blind':
    case 'empty':
      expect.soft(told.failing, cell).not.toBeNull();
      break;
    case 'unknown':
      expect.soft(told.status, cell).toBe('unknown');
      break;
    case 'same':
      expect.soft(told.primary, cell).toBe(behind === 'sick' ? PRIMARY : '');
      break;
    case 'doubt':
      if (behind === 'sick') expect.soft(told.status, cell).not.toBe('healthy');
      else expect.soft(['critical', 'degraded'], cell).not.toContain(told.status);
      break;
    default:
      fault.leads satisfies never;
  }
}

test('a fault at the first read: named, and never taken for health', async ({ page }) => {
  test.setTimeout(400_000);
  await page.clock.setFixedTime(NOW * 1000);
  for (const behind of ['sick', 'healthy'] as const)
    for (const fault of FAULTS) {
      // Where nothing can be read it does not matter what is behind it.
      if (behind === 'healthy' && fault.leads === 'blind') continue;
      await goTo(page, placeOf(behind, fault.act));
      const told = await tell(page);
      expectLeadsTo(`${fault.id} before ${behind}`, fault, told, behind);
      if (told.failing !== null) expect.soft(told.status, fault.id).toBeNull();
    }
});

/** Refusals that differ in their words alone, which are held against each at the first read; 401, 429 and 503 stand for them here. */
const ALIKE = /^status-(?!401|429|503)/;

/**
 * Those after which a reader can be as before at once. An engine that bore another name for one read is an engine that came and
 * went: while it stands in the window the page rightly says that one is missing.
 */
const PASSING = FAULTS.filter(({ id }) => !id.startsWith('label-') && !ALIKE.test(id));

/** Seconds from one read to the next, and how long both recordings go on as they are. */
const STEP = 5;
const GOES_ON = 80;

const clockOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(11, 19);

test('a fault while it is watched: what was known stays, dated, and comes back without a reload', async ({ page }) => {
  test.setTimeout(400_000);
  /** Looks until what a read of this moment or later says is drawn, or that it failed; anew where that read began too early. */
  const look = async (cell: string, expected: (told: Told) => void) => {
    let looked = 0;
    await expect(async () => {
      if (Date.now() - looked > 2000) {
        looked = Date.now();
        await lookAgain(page);
      }
      expected(await tell(page));
    }, cell).toPass({ intervals: [50], timeout: 20_000 });
  };
  for (const behind of ['healthy', 'sick'] as const) {
    let now = NOW;
    const open = async () => {
      now = NOW;
      await page.clock.setFixedTime(now * 1000);
      const place = placeOf(behind);
      await goTo(page, place, 'live=15s');
      return place;
    };
    let place = await open();
    const { status, primary, at } = await tell(page);
    expect({ status, at }).toEqual({ status: behind === 'healthy' ? 'healthy' : 'critical', at: NOW });
    const moveTo = async (time: number) => {
      now = time;
      await page.clock.setFixedTime(now * 1000);
    };
    const lookAsBefore = (cell: string) =>
      look(cell, (told) => expect(told).toMatchObject({ status, primary, at: now, failing: null, lastGood: null }));
    for (const fault of PASSING) {
      // It matters what is behind it where something can still be judged, and not as before.
      if (behind === 'sick' && fault.leads !== 'doubt') continue;
      const cell = `live ${fault.id} before ${behind}`;
      const good = now;
      place.act(fault.act);
      await moveTo(now + STEP);
      await look(cell, (told) => expect(told.failing !== null || told.at === now).toBe(true));
      const told = await tell(page);
      expectLeadsTo(cell, fault, told, behind);
      if (told.failing !== null) {
        expect.soft(told.old, cell).toBe(true);
        expect.soft(told.title, cell).toMatch(/^No fresh data/);
      }
      // One whose answers were all in before the fault is dated when it was judged.
      const dated = new RegExp(
        `Last good verdict, (${clockOf(good)}|${clockOf(now)}).*${behind === 'healthy' ? 'Healthy' : 'Critical'}`,
      );
      if (told.failing !== null || told.status === 'unknown') expect.soft(told.lastGood, cell).toMatch(dated);
      place.act(pass);
      await moveTo(now + STEP);
      await lookAsBefore(cell);
      if (now + 2 * STEP <= NOW + GOES_ON) continue;
      place = await open();
      await lookAsBefore('opened anew where it began');
    }
  }
});

test('whatever stalls is given half a minute; until then what was read before is marked as old', async ({
  context,
}) => {
  test.setTimeout(240_000);
  // These servers tell their own time, and it goes on.
  const live = await startFleet(Date.now() / 1000);
  const truth = await startFaultProxy();
  try {
    const watched = truth.place('watched', live.healthy);
    const [first, second] = [await context.newPage(), await context.newPage()];
    await goTo(second, watched, 'live=5s');
    expect((await tell(second)).status).toBe('healthy');
    watched.act(silence);
    await first.goto(`/?prometheus=${placeOf('sick', silence).url}&live=off`);
    await expect.poll(async () => (await tell(second)).old, { timeout: 60_000 }).toBe(true);
    const old = await tell(second);
    played('live silence', old, false);
    await expect(second.getByTestId('source-failing')).toContainText('did not answer within 30 s', { timeout: 90_000 });
    await expect(first.getByTestId('source-failing')).toContainText('did not answer within 30 s', { timeout: 90_000 });
    played('silence', await tell(first), false);
    played('live silence, over', await tell(second), false);
  } finally {
    await truth.close();
    await live.stop();
  }
});

test('clocks that differ by ten minutes: the present of the server is judged, and it is said', async ({ page }) => {
  const live = await startFleet(Date.now() / 1000);
  const truth = await startFaultProxy();
  try {
    for (const off of [600, -600]) {
      await page.clock.setFixedTime(Date.now() + off * 1000);
      await goTo(page, truth.place(`skew${off}`, live.sick['kv-thrash-a']), 'live=15s');
      const told = await tell(page);
      played(`skew ${off}`, told, false);
      expect(told.primary).toBe(PRIMARY);
      expect(told.text).toMatch(
        off < 0 ? /clock here is 10 min( \d+ s)? behind/i : /clock here is (10|9) min( \d+ s)? ahead/i,
      );
    }
  } finally {
    await truth.close();
    await live.stop();
  }
});

test('a store that lost everything, a network that went, a laptop that slept', async ({ page, context }) => {
  await page.clock.setFixedTime(NOW * 1000);
  const place = placeOf('sick');
  await goTo(page, place, 'live=15s');
  const known = async () => expect.poll(async () => (await tell(page)).failing).toBeNull();

  place.lead(fleet.empty);
  await lookAgain(page);
  await expect(page.getByTestId('source-failing')).toContainText('holds no vLLM metric');
  played('restarted empty', await tell(page), false);
  expect((await tell(page)).lastGood).toContain('Last good verdict, 02:30:00');
  place.lead(fleet.sick['kv-thrash-a']);
  await page.getByRole('button', { name: 'Try now' }).click();
  await known();

  await context.setOffline(true);
  await lookAgain(page);
  await expect(page.getByTestId('source-failing')).toContainText('cannot be reached');
  played('offline', await tell(page), false);
  await context.setOffline(false);
  // By itself: nobody has to press anything.
  await known();
  expect((await tell(page)).primary).toBe(PRIMARY);

  await context.setOffline(true);
  await page.clock.setFixedTime((NOW + 70) * 1000);
  await expect.poll(async () => (await tell(page)).old).toBe(true);
  const asleep = await tell(page);
  played('woken', asleep, false);
  expect(asleep.icon).toContain('icon-unknown');
  await context.setOffline(false);
  await lookAgain(page);
  await expect.poll(async () => (await tell(page)).old, { timeout: 30_000 }).toBe(false);
  expect((await tell(page)).primary).toBe(PRIMARY);
});

test('the source is changed while another is read: what comes late is not taken for it', async ({ page }) => {
  await page.clock.setFixedTime(NOW * 1000);
  const slowly: Act = async (exchange) => {
    await new Promise((resolve) => setTimeout(resolve, 150));
    await pass(exchange);
  };
  for (const [late, wanted] of [
    ['healthy', 'sick'],
    ['sick', 'healthy'],
  ] as const) {
    const slow = placeOf(late, slowly);
    await page.goto(`/?prometheus=${slow.url}&live=off`);
    await expect.poll(() => slow.begun).toBeGreaterThan(0);
    await goTo(page, placeOf(wanted));
    for (let i = 0; i < 4; i += 1) {
      const told = await tell(page);
      played(`${late} changed for ${wanted}`, told, wanted === 'healthy');
      expect(told.status).toBe(wanted === 'healthy' ? 'healthy' : 'critical');
      await page.waitForTimeout(300);
    }
  }
});

test('on a wall and in other people’s pages as well', async ({ page }) => {
  test.setTimeout(200_000);
  await page.clock.setFixedTime(NOW * 1000);
  const ids = ['reset', 'status-401', 'status-503', 'page', 'cut', 'no-names', 'half-fails', 'nan'];
  const faults = FAULTS.filter(({ id }) => ids.includes(id));
  expect(faults).toHaveLength(ids.length);
  for (const part of ['wall=1', 'embed=1']) {
    const place = placeOf('healthy');
    await page.goto(`/?prometheus=${place.url}&live=15s&${part}`);
    const status = () => tell(page).then((told) => told.status);
    await expect.poll(status).toBe('healthy');
    for (const fault of faults) {
      place.act(fault.act);
      await readAnew(page, place);
      await expect.poll(async () => calm(await tell(page)), `${part} ${fault.id}`).toBe(false);
      played(`${part} ${fault.id}`, await tell(page), false);
      place.act(pass);
      await readAnew(page, place);
      await expect.poll(async () => calm(await tell(page)), `${part} after ${fault.id}`).toBe(true);
    }
  }
});

test('over the whole matrix no page was calm without evidence', () => {
  expect(cells.lies).toEqual([]);
  expect(cells.played).toBeGreaterThan(120);
});
