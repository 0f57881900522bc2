import { cpus } from 'node:os';
import { table } from '../evaluation/report/markdown.ts';
import type { DiagnoseFigures } from './diagnose.ts';
import type { FleetFigures, ServerKind } from './measure.ts';
import type { PageFigures } from './page.ts';
import type { Work } from './trace.ts';

export const TITLES: Readonly<Record<ServerKind, string>> = {
  prometheus: 'Prometheus',
  'victoria-metrics': 'VictoriaMetrics',
};

/** A fleet judged alone: its figures, or why there are none. */
export interface JudgedSize {
  readonly size: number;
  readonly figures: DiagnoseFigures | string;
}

/** Said where a figure was not asked for, or could not be had. */
const NONE = '–';

/** A row: its title, and the figure of one fleet, `null` where there is none. */
type Row = readonly [title: string, figure: (fleet: FleetFigures) => string | null];

/** The page of a fleet, if it had a verdict. */
export function pageOf({ page }: FleetFigures): PageFigures | null {
  return page === null || typeof page === 'string' ? null : page;
}

/** Work of the page's own thread and its workers, in milliseconds. */
export const allOf = ({ main, workers }: Work): number => main + workers;

const ofPage =
  (figure: (page: PageFigures) => string | null) =>
  (fleet: FleetFigures): string | null => {
    const page = pageOf(fleet);
    return page && figure(page);
  };
const ofRefresh = (figure: (refresh: NonNullable<PageFigures['refresh']>) => string) =>
  ofPage(({ refresh }) => refresh && figure(refresh));
const ofBare = (figure: (bare: NonNullable<FleetFigures['bare']>) => string) => (fleet: FleetFigures) =>
  fleet.bare && figure(fleet.bare);
const ofBoards = (figure: (boards: NonNullable<FleetFigures['boards']>) => string) => (fleet: FleetFigures) =>
  fleet.boards && figure(fleet.boards);

const PAGE_ROWS: readonly Row[] = [
  ['series in the server', ({ filled }) => count(filled.series)],
  ['the page says', (fleet) => (typeof fleet.page === 'string' ? fleet.page : (pageOf(fleet)?.said ?? null))],
  ['requests for it', ofPage(({ asked }) => count(asked.length))],
  ['samples fetched', ofBare(({ together }) => count(together.samples))],
  ['JSON of them', ofBare(({ together }) => bytes(together.bytes))],
  ['packed, over the wire', ofPage(({ wireBytes }) => bytes(wireBytes))],
  ['address to verdict', ({ unwatched }) => unwatched && seconds(unwatched.verdictSeconds)],
  ['address to all panels', ({ unwatched }) => unwatched && seconds(unwatched.panelsSeconds)],
  ['watched: address to verdict', ofPage(({ verdictSeconds }) => seconds(verdictSeconds))],
  ['watched: last answer to verdict', ofPage(({ afterAnswerSeconds }) => seconds(afterAnswerSeconds))],
  ['watched: address to all panels', ofPage(({ panelsSeconds }) => seconds(panelsSeconds))],
  ['slowest answer as the page had it', ofPage((page) => seconds(page.slowestAnswerSeconds))],
  ['page work until all panels', ofPage(({ opening }) => ms(allOf(opening)))],
  ['of it in workers', ofPage(({ opening }) => ms(opening.workers))],
  ['longest task until then, tasks over 50 ms', ofPage(({ opening }) => `${ms(opening.longest)}, ${opening.over50}`)],
  ['page work of a refresh', ofRefresh(({ work }) => ms(allOf(work)))],
  ['of it in workers', ofRefresh(({ work }) => ms(work.workers))],
  [
    'requests, packed bytes of a refresh',
    ofRefresh((one) => `${count(Math.round(one.requests))}, ${bytes(one.wireBytes)}`),
  ],
  ['longest task while refreshing, tasks over 50 ms', ofRefresh(({ work }) => `${ms(work.longest)}, ${work.over50}`)],
  ['refreshes watched', ofRefresh((one) => `${one.count}`)],
  ['JavaScript heap afterwards', ofPage(({ heapBytes }) => bytes(heapBytes))],
  ['most memory of its process', ofPage(({ peakBytes }) => (peakBytes === null ? null : bytes(peakBytes)))],
];

const BESIDE_ROWS: readonly Row[] = [
  ['(a) by replica: queries, lines drawn', ofBoards(({ replicas: a }) => `${count(a.queries)}, ${count(a.series)}`)],
  ['(a) samples', ofBoards(({ replicas: a }) => count(a.samples))],
  ['(a) JSON', ofBoards(({ replicas: a }) => bytes(a.bytes))],
  ['(a) to all panels', ofBoards(({ replicas: a }) => seconds(a.panelsSeconds))],
  ['(a) page work', ofBoards(({ replicas: a }) => ms(allOf(a.work)))],
  ['(a′) of the fleet: JSON', ofBoards(({ fleet: a }) => bytes(a.bytes))],
  ['(a′) to all panels', ofBoards(({ fleet: a }) => seconds(a.panelsSeconds))],
  ['(a′) page work', ofBoards(({ fleet: a }) => ms(allOf(a.work)))],
  ['(b) uPlot draws the page’s lines', ({ uplot }) => uplot && ms(allOf(uplot))],
  ['(c) the page’s requests bare, six at once', ofBare(({ together }) => seconds(together.seconds))],
  ['(c) the slowest of them, asked alone', ofBare(({ alone }) => seconds(alone.slowestSeconds))],
];

const RATIO_ROWS: readonly Row[] = [
  ['JSON, page ÷ (a)', (fleet) => ratio(fleet.bare?.together.bytes, fleet.boards?.replicas.bytes)],
  ['to all panels, (a) ÷ page', (fleet) => ratio(fleet.boards?.replicas.panelsSeconds, pageOf(fleet)?.panelsSeconds)],
  ['page work, (a) ÷ page', (fleet) => ratio(work(fleet.boards?.replicas.work), work(pageOf(fleet)?.opening))],
  ['JSON, page ÷ (a′)', (fleet) => ratio(fleet.bare?.together.bytes, fleet.boards?.fleet.bytes)],
  ['to all panels, (a′) ÷ page', (fleet) => ratio(fleet.boards?.fleet.panelsSeconds, pageOf(fleet)?.panelsSeconds)],
  ['verdict to all panels, page work ÷ (b)', (fleet) => ratio(work(pageOf(fleet)?.drawing), work(fleet.uplot))],
  [
    'address to verdict ÷ (c)',
    (fleet) => ratio((fleet.unwatched ?? pageOf(fleet))?.verdictSeconds, fleet.bare?.together.seconds),
  ],
];

const work = (of: Work | null | undefined): number | undefined => (of ? allOf(of) : undefined);

/** The tables of one server, a column a fleet. Empty where nothing of it was measured. */
export function tablesOf(server: ServerKind, all: readonly FleetFigures[]): string {
  const fleets = all.filter((one) => one.server === server).sort((a, b) => a.size - b.size);
  if (fleets.length === 0) return '';
  const columns = fleets.map(({ size }) => (size === 1 ? '1 replica' : `${count(size)} replicas`));
  const part = (title: string, rows: readonly Row[]) => {
    const cells = rows
      .map(([name, figure]) => [name, ...fleets.map((fleet) => figure(fleet) ?? NONE)])
      .filter(([, ...figures]) => figures.some((figure) => figure !== NONE));
    return cells.length === 0 ? [] : [table([title, ...columns], cells)];
  };
  return [
    `### ${TITLES[server]}`,
    ...part('the page', PAGE_ROWS),
    ...part('beside it', BESIDE_ROWS),
    ...part('ratios', RATIO_ROWS),
  ].join('\n\n');
}

/** Recordings opened from the library. */
export function libraryTable(all: readonly { readonly name: string; readonly seconds: number }[]): string {
  if (all.length === 0) return '';
  return `### Incident library\n\n${table(
    ['recording', 'click to verdict'],
    all.map((one) => [one.name, seconds(one.seconds)]),
  )}`;
}

/** Judging alone, a row a fleet. */
export function diagnoseTable(all: readonly JudgedSize[]): string {
  if (all.length === 0) return '';
  return `### Judging alone\n\n${table(
    ['`diagnose` in Node', 'signals × points', 'says', 'first run', 'middle run', 'its CPU time'],
    all.map(({ size, figures }) =>
      typeof figures === 'string'
        ? [count(size), NONE, figures, NONE, NONE, NONE]
        : [
            count(size),
            `${figures.signals} × ${figures.points}`,
            figures.said,
            ms(figures.first.wall),
            ms(figures.middle.wall),
            ms(figures.middle.cpu),
          ],
    ),
  )}`;
}

/** On what it was measured. */
export function machine(): string {
  const own = cpus();
  return `${own.length} cores, ${own[0]?.model.trim() ?? 'unknown'}`;
}

export const count = (n: number): string => Math.round(n).toLocaleString('en');

export function ms(value: number): string {
  return `${count(value)} ms`;
}

export function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

/** 1,000 to the kB, as networks count. */
export function bytes(value: number): string {
  return value < 1e6 ? `${count(value / 1e3)} kB` : `${(value / 1e6).toFixed(value < 1e7 ? 1 : 0)} MB`;
}

/** `0.08`, `12`: two figures; `null` where one of both was not measured. */
export function ratio(of: number | undefined, to: number | undefined): string | null {
  if (of === undefined || to === undefined || to === 0) return null;
  const value = of / to;
  return value >= 10 ? count(value) : value.toPrecision(2);
}
