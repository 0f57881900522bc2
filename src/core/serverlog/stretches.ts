/**
 * Statistics lines → stretches of time with what was measured over them. A line holds the averages since the line before, and
 * vLLM's rule for being silent makes some silences readable: a line is left out while nothing has come out since the last one
 * and that one had said zero already (vllm/v1/metrics/loggers.py, `engine_is_idle`). So silence after a zero line is zero for
 * as long as the log goes on, and silence after a busy line is an unknown.
 */
import type { Life, Point } from './lives.ts';

/** VLLM_LOG_STATS_INTERVAL where the lines do not tell it. */
const USUAL_INTERVAL = 10;
/** A gap after a busy line longer than this many intervals is lost lines, not one long interval. */
const LOST_AFTER = 3;
/** And a gap after a zero line longer than this many holds intervals that were left out. */
const LEFT_OUT_AFTER = 1.5;

/** One statistics line and the time its averages speak for. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly point: Point;
  /** Stands for lines that were left out after this point, because nothing came out. */
  readonly silent: boolean;
}

/** @returns whether nothing came out since the line before; unknown counts as something. */
export function isZero({ stats }: Point): boolean {
  return stats.prompt === 0 && stats.output === 0;
}

/** Seconds between the lines of these lives: the median of the gaps that follow a busy line; 10 where there is none. */
export function intervalOf(lives: readonly Life[]): number {
  const gaps = lives
    .flatMap((life) => [...life.points.values()])
    .flatMap((points) =>
      points.flatMap((point, i) => {
        const before = points[i - 1];
        return before && !isZero(before) ? [point.at - before.at] : [];
      }),
    )
    .sort((a, b) => a - b);
  if (gaps.length === 0) return USUAL_INTERVAL;
  return Math.max(1, Math.round(gaps[Math.floor((gaps.length - 1) / 2)] as number));
}

/** The stretches of one engine in one life, in time and without overlap. */
export function stretchesOf(points: readonly Point[], life: Life, interval: number): Stretch[] {
  const out: Stretch[] = [];
  points.forEach((point, i) => {
    const before = points[i - 1];
    const gap = before ? point.at - before.at : interval;
    const leftOut = before !== undefined && readsSilence(before, life) && gap > LEFT_OUT_AFTER * interval;
    const length = leftOut || gap > LOST_AFTER * interval ? Math.min(gap, interval) : gap;
    if (before && leftOut && point.at - length > before.at)
      out.push({ from: before.at, to: point.at - length, point: before, silent: true });
    out.push({ from: point.at - length, to: point.at, point, silent: false });
  });
  const last = points.at(-1);
  const until = Math.min(life.last ?? -Infinity, life.shutdown ?? Infinity, life.died ?? Infinity);
  if (last && readsSilence(last, life) && until > last.at)
    out.push({ from: last.at, to: until, point: last, silent: true });
  return out;
}

/**
 * V0 is believed only while nothing runs: before 0.7 it wrote every line, so that silence with requests is a stop of the writer.
 * One request alone may be a long prompt that is being read, which gives no token for minutes (pathologies.md F9) and which
 * nothing in a log tells from a stall, unless the engine complains about its workers; of several, one would be writing.
 */
function readsSilence(point: Point, life: Life): boolean {
  const { dialect, running, waiting } = point.stats;
  if (!isZero(point)) return false;
  if (running === 0 && waiting === 0) return true;
  if (dialect === 'v0' || running === null) return false;
  return (
    running !== 1 || life.troubles.some(({ kind, at }) => kind === 'workers-silent' && at !== null && at > point.at)
  );
}
