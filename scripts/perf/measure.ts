import type { Browser } from '@playwright/test';
import { PANELS } from '../../src/core/panels/index.ts';
import { targetsOf } from '../../src/core/verdict/profiles.ts';
import type { Evidence } from '../../src/core/evidence/evidence.ts';
import { formatSelector, type Matcher } from '../../src/core/signals/selector.ts';
import { openPrometheus } from '../../src/sources/prometheus/source.ts';
import { startPrometheus } from '../../src/testing/prometheus.ts';
import { startVictoriaMetrics } from '../../src/testing/victoria-metrics.ts';
import { askBare, type Bare } from './bare.ts';
import { type BoardFigures, measureBoard, measureDrawing } from './board-page.ts';
import { fleetBoard, replicaBoard } from './board.ts';
import { fleetOf, instanceOf } from './fleet.ts';
import { addressOf, MARKS, measurePage, type PageFigures } from './page.ts';
import { openUnwatched, type Unwatched } from './unwatched.ts';
import { type Filled, fill } from './remote-write.ts';
import { tellStory } from './story.ts';
import type { Work } from './trace.ts';

/** What is measured; everything unless some of it is asked for alone. */
export const PARTS = ['page', 'boards', 'library', 'diagnose'] as const;
export type Part = (typeof PARTS)[number];

export const SERVERS = ['prometheus', 'victoria-metrics'] as const;
export type ServerKind = (typeof SERVERS)[number];

/** Seconds of data before the page is opened: its usual range, and what the first rates look back over. */
const BEHIND = 1920;
/** Seconds of data that lie in the future when filling starts. Servers take no more than ten minutes. */
const AHEAD = 480;
/** Requests in flight at once, as browsers allow. */
const AT_ONCE = 6;
/** Seconds an opening nobody watches is given, beyond twice what one takes that is watched. */
const PATIENCE = 3;
/** Samples above which the lines of the panels are not read once more only to be drawn by uPlot. */
const READ_AGAIN = 5_000_000;

const ONE_REPLICA: Matcher = { label: 'instance', op: '=', value: instanceOf(0) };

/** Everything measured of one fleet on one server. */
export interface FleetFigures {
  readonly server: ServerKind;
  readonly size: number;
  readonly filled: Filled;
  /** `null` if it was not asked for; a sentence where the page had no verdict to show. */
  readonly page: PageFigures | string | null;
  /** The page in a browser nobody watches; on Prometheus, `null` elsewhere and where the page had no verdict. */
  readonly unwatched: Unwatched | null;
  /** The page's requests again, unread: as many at once as a browser has in flight, and one after the other. */
  readonly bare: { readonly together: Bare; readonly alone: Bare } | null;
  readonly boards: { readonly replicas: BoardFigures; readonly fleet: BoardFigures } | null;
  /** The lines of the page's panels drawn by uPlot. */
  readonly uplot: Work | null;
}

export interface Wanted {
  readonly server: ServerKind;
  readonly size: number;
  readonly parts: readonly Part[];
  readonly refreshes: number;
}

/** Fills a server of its own with a fleet, measures, and removes it. @param tell what is being done, a line each */
export async function measureFleet(
  browser: Browser,
  app: string,
  { server: kind, size, parts, refreshes }: Wanted,
  tell: (line: string) => void,
): Promise<FleetFigures> {
  const server = await start(kind);
  try {
    const text = tellStory(BEHIND, AHEAD, Math.floor(Date.now() / 1000) - BEHIND);
    const filled = await fill(server.url, fleetOf(text, size));
    // VictoriaMetrics searches fresh series once they are on disk.
    if (kind === 'victoria-metrics') await fetch(`${server.url}/internal/force_flush`);
    tell(`${filled.series} series, ${millions(filled.samples)} samples in ${filled.seconds.toFixed(0)} s`);

    let page: PageFigures | string | null = null;
    let unwatched: Unwatched | null = null;
    let bare: FleetFigures['bare'] = null;
    if (parts.includes('page')) {
      page = await measurePage(browser, app, server.url, refreshes);
      tell(
        typeof page === 'string'
          ? `page: ${page}`
          : `page: ${page.said}, ${page.verdictSeconds.toFixed(2)} s to the verdict`,
      );
      if (typeof page !== 'string') {
        if (kind === 'prometheus') {
          unwatched = await openUnwatched(addressOf(app, server.url), MARKS, PATIENCE + 2 * page.panelsSeconds);
          tell(`unwatched: ${unwatched?.verdictSeconds.toFixed(2) ?? 'not in'} s to the verdict`);
        }
        bare = { together: await askBare(page.asked, AT_ONCE), alone: await askBare(page.asked, 1) };
        tell(`bare: ${millions(bare.together.samples)} samples in ${bare.together.seconds.toFixed(2)} s`);
      }
    }
    if (!parts.includes('boards'))
      return { server: kind, size, filled, page, unwatched, bare, boards: null, uplot: null };

    const uplot =
      bare && bare.together.samples < READ_AGAIN
        ? await drawingLimit(browser, app, await read(server.url, 1800))
        : null;
    // Names and windows are those of any replica; a board asks for all of them.
    const names = { ...(await read(server.url, 300, formatSelector([ONE_REPLICA]))), selector: '{}' };
    const to = Math.floor(Date.now() / 1000 / names.grid.step) * names.grid.step;
    const grid = { from: to - 1800, step: names.grid.step, count: 1800 / names.grid.step + 1 };
    const replicas = await measureBoard(browser, app, server.url, grid, replicaBoard(names));
    tell(`board by replica: ${millions(replicas.samples)} samples in ${replicas.panelsSeconds.toFixed(2)} s`);
    const fleet = await measureBoard(browser, app, server.url, grid, fleetBoard(names));
    tell(`board of the fleet: ${millions(fleet.samples)} samples in ${fleet.panelsSeconds.toFixed(2)} s`);
    return { server: kind, size, filled, page, unwatched, bare, boards: { replicas, fleet }, uplot };
  } finally {
    await server.stop();
  }
}

function start(kind: ServerKind) {
  switch (kind) {
    case 'prometheus':
      return startPrometheus({ recordings: [], flags: ['--web.enable-remote-write-receiver'] });
    case 'victoria-metrics':
      // Without its cache of answers, so that asking again costs what asking costs; and as patient as Prometheus is by itself.
      return startVictoriaMetrics(
        [],
        [
          '-maxLabelsPerTimeseries=60',
          '-search.disableCache',
          '-search.maxQueryDuration=2m',
          '-search.maxQueueDuration=2m',
        ],
      );
    default:
      return kind satisfies never;
  }
}

function read(url: string, range: number, selector = ''): Promise<Evidence> {
  const platform = { fetch, now: () => Date.now() / 1000 };
  return openPrometheus({ url, timeout: 120 }, platform).read(
    { from: 'start', to: 'now', range, selector, knobs: {} },
    new AbortController().signal,
  );
}

/** What uPlot takes for the lines the page draws: edges of intervals, layers and lines alike. */
function drawingLimit(browser: Browser, app: string, evidence: Evidence): Promise<Work> {
  const targets = targetsOf('chat');
  const panels = PANELS.map((panel) => {
    const { lines, bands, stacks } = panel.build(evidence, targets);
    return {
      title: panel.title,
      lines: [
        ...lines.map(({ values }) => values),
        ...bands.flatMap(({ low, high }) => [low, high]),
        ...stacks.map(({ values }) => values),
      ].filter((values) => values.length === evidence.grid.count),
    };
  });
  return measureDrawing(browser, app, evidence.grid, panels);
}

function millions(samples: number): string {
  return samples < 1e6 ? `${samples}` : `${(samples / 1e6).toFixed(1)} million`;
}
