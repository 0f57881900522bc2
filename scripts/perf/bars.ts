import { table } from '../evaluation/report/markdown.ts';
import type { FleetFigures } from './measure.ts';
import { allOf, bytes, count, type JudgedSize, ms, pageOf, ratio, seconds } from './report.ts';

/** What the page has to keep to at a thousand replicas, and whether it does; `null` where it was not measured. */
export interface Bar {
  readonly title: string;
  readonly limit: string;
  readonly measured: string;
  readonly holds: boolean | null;
}

const LARGE = 1000;
/** Seconds of the page's own to a verdict, beyond the slowest single query. */
const VERDICT_SECONDS = 1;
const REFRESH_MS = 300;
const BYTES_SHARE = 1 / 10;
const TIMES_FASTER = 5;
const GROWTH = 3;
const DIAGNOSE_MS = 150;

/** The bars, on Prometheus. */
export function barsOf(fleets: readonly FleetFigures[], judged: readonly JudgedSize[]): Bar[] {
  const of = (size: number) => fleets.find((one) => one.server === 'prometheus' && one.size === size);
  const [one, large] = [of(1), of(LARGE)];
  const first = one ? pageOf(one) : null;
  const page = large ? pageOf(large) : null;
  const why = typeof large?.page === 'string' ? large.page : 'not measured';
  const unmeasured = (title: string, limit: string, reason = why): Bar => ({
    title,
    limit,
    measured: reason,
    // A page that came to no verdict has missed its bars.
    holds: reason === 'not measured' ? null : false,
  });
  const bar = (title: string, limit: string, measured: string, holds: boolean): Bar => ({
    title,
    limit,
    measured,
    holds,
  });
  const bare = large?.bare;
  const board = large?.boards?.replicas;
  const diagnosed = judged.find(({ size }) => size === LARGE)?.figures;

  const titles = {
    verdict: `address to verdict, ${count(LARGE)} replicas`,
    refresh: `page work of a refresh, ${count(LARGE)} replicas`,
    bytes: 'JSON against (a)',
    panels: 'to all panels against (a)',
    growth: `page work until all panels, 1 to ${count(LARGE)} replicas`,
    diagnose: `\`diagnose\` of ${count(LARGE)} replicas in Node`,
  };
  const slowest = bare?.alone.slowestSeconds;
  const toVerdict = (large?.unwatched ?? page)?.verdictSeconds ?? Number.NaN;
  return [
    page && slowest !== undefined
      ? bar(
          titles.verdict,
          `≤ ${seconds(VERDICT_SECONDS)} + slowest query ${seconds(slowest)}`,
          seconds(toVerdict),
          toVerdict <= VERDICT_SECONDS + slowest,
        )
      : unmeasured(titles.verdict, `≤ ${seconds(VERDICT_SECONDS)} + slowest query`),
    page?.refresh
      ? bar(titles.refresh, `≤ ${ms(REFRESH_MS)}`, ms(allOf(page.refresh.work)), allOf(page.refresh.work) <= REFRESH_MS)
      : unmeasured(titles.refresh, `≤ ${ms(REFRESH_MS)}`),
    bare && board
      ? bar(
          titles.bytes,
          '≤ 1/10',
          `${ratio(bare.together.bytes, board.bytes)}: ${bytes(bare.together.bytes)} of ${bytes(board.bytes)}`,
          bare.together.bytes <= BYTES_SHARE * board.bytes,
        )
      : unmeasured(titles.bytes, '≤ 1/10'),
    page && board
      ? bar(
          titles.panels,
          `≥ ${TIMES_FASTER} times faster`,
          `${ratio(board.panelsSeconds, page.panelsSeconds)} times: ${seconds(page.panelsSeconds)} for ${seconds(board.panelsSeconds)}`,
          board.panelsSeconds >= TIMES_FASTER * page.panelsSeconds,
        )
      : unmeasured(titles.panels, `≥ ${TIMES_FASTER} times faster`),
    first && page
      ? bar(
          titles.growth,
          `≤ ${GROWTH} times`,
          `${ratio(allOf(page.opening), allOf(first.opening))} times: ${ms(allOf(first.opening))} to ${ms(allOf(page.opening))}`,
          allOf(page.opening) <= GROWTH * allOf(first.opening),
        )
      : unmeasured(titles.growth, `≤ ${GROWTH} times`),
    typeof diagnosed === 'object'
      ? bar(titles.diagnose, `≤ ${ms(DIAGNOSE_MS)}`, ms(diagnosed.middle.wall), diagnosed.middle.wall <= DIAGNOSE_MS)
      : unmeasured(titles.diagnose, `≤ ${ms(DIAGNOSE_MS)}`, diagnosed ?? 'not measured'),
  ];
}

export function barsTable(bars: readonly Bar[]): string {
  const answer = (holds: boolean | null) => (holds === null ? 'not measured' : holds ? 'holds' : '**missed**');
  return table(
    ['bar', 'limit', 'measured', ''],
    bars.map(({ title, limit, measured, holds }) => [title, limit, measured, answer(holds)]),
    0,
  );
}
