import { stepsIn, timeAt, type Values } from '../../base/grid.ts';
import { all, clamp, fall, ramp } from '../../base/score.ts';
import { sayBytes, sayDuration, sayShare, sig } from '../../base/say.ts';
import { known, mean, median, minOf, theilSen } from '../../base/statistics.ts';
import { restartsIn } from '../../evidence/departures.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { replicaLine } from '../../evidence/lines.ts';
import type { SignalId } from '../../signals/index.ts';
import { fact } from '../finding.ts';
import { gaugeOf } from '../trace-back.ts';
import { type Leak, secondsLeft } from './leak.ts';
import { bendOf, type Points, trendOf } from './trend.ts';

/** Hours that make a trend: a slice of a day looks like a leak to any test (pathologies.md §12). */
export const MIN_HOURS = 6;
/** Seconds after a start in which caches fill: for a trend of hours, and for a leak so fast that it shows at once. */
const WARM_UP = 7200;
const FAST_WARM_UP = 1800;
/** Seconds of growth without which a fast leak is not called one. */
const FAST_SECONDS = 1200;
/** Seconds to the limit within which a leak is a fast one, and from which it is not. */
const FAST_LEFT = [6 * 3600, 16 * 3600] as const;
/** Without a limit: growth an hour as a share of the level, from none to fast. */
const FAST_SHARE = [0.04, 0.15] as const;
/** What half an hour can prove at best, and what it can without the limit. */
const FAST_CAP = 0.6;
const UNLIMITED_CAP = 0.5;
/** Without the start of the process, growth may be caches filling after it (pathologies.md §6). */
const NO_START_CAP = 0.6;
const TREND_CAP = 0.85;
/** Running late ÷ early from which memory may just follow the traffic. */
const MORE_TRAFFIC = [1.25, 1.6] as const;

type Grown = 'host' | 'gpu';

/** Where the memory of an engine is read, and where it ends. */
interface Gauge {
  readonly variant: Grown;
  readonly id: SignalId;
  readonly line: Values;
  /** Bytes at which it ends; `null` if nobody exports it. */
  readonly limit: number | null;
  /** How the limit is known. */
  readonly limitSays: string;
}

/**
 * (b) host memory: the container's where cAdvisor is there, else the API server's process alone; (c) GPU memory beside the
 * pool, which is allocated at start.
 */
export function gaugesOf(judged: Judged, engine: Engine): Gauge[] {
  const line = (id: SignalId) => replicaLine(judged.evidence, id, engine.id);
  const container = line('container-memory');
  const host = container ?? line('process-memory');
  const gpu = line('gpu-memory-used');
  const spec = known(line('container-memory-limit') ?? []).at(-1) ?? null;
  const out: Gauge[] = [];
  if (host) {
    const limit = container && spec !== null && spec > 0 ? spec : null;
    out.push({
      variant: 'host',
      id: container ? 'container-memory' : 'process-memory',
      line: host,
      limit,
      limitSays: limit === null ? '' : `limit of the container ${sayBytes(limit)}`,
    });
  }
  if (gpu) {
    const share = utilizationOf(judged, engine);
    const floor = minOf(gpu);
    const total = share !== null && floor !== null ? floor / share : null;
    out.push({
      variant: 'gpu',
      id: 'gpu-memory-used',
      line: gpu,
      limit: total,
      limitSays:
        total === null || share === null
          ? ''
          : `about ${sayBytes(total)} in all, from ${sayBytes(floor as number)} at a utilization of ${share}`,
    });
  }
  return out;
}

/** `--gpu-memory-utilization` as the cache configuration tells it; `null` if it does not. */
export function utilizationOf(judged: Judged, engine: Engine): number | null {
  const labels = judged.evidence.readings['cache-config']?.labels.find((l) => l.replica === engine.id)?.labels;
  const share = Number(labels?.gpu_memory_utilization);
  return Number.isFinite(share) && share > 0 && share <= 1 ? share : null;
}

/** @returns the leaks that grow in bytes; empty where memory is not measured, or not for long enough */
export function growth(judged: Judged, engine: Engine): Leak[] {
  return gaugesOf(judged, engine).flatMap((gauge) => {
    const leak = sawtooth(judged, engine, gauge) ?? slow(judged, engine, gauge) ?? fast(judged, engine, gauge);
    return leak ? [leak] : [];
  });
}

/** Grid index from which this process has been warm; 0 where its start is not known. */
function warmFrom(judged: Judged, engine: Engine, seconds: number): { from: number; known: boolean } {
  const starts = replicaLine(judged.evidence, 'process-start', engine.id);
  const started = known(starts ?? []).at(-1) ?? null;
  if (started === null) return { from: 0, known: false };
  return { from: Math.max(0, Math.ceil((started + seconds - judged.grid.from) / judged.grid.step)), known: true };
}

/** Whether this gauge was watched long enough to be called steady. */
export function watchedLong(judged: Judged, engine: Engine, gauge: Pick<Gauge, 'line'>): boolean {
  const { from } = warmFrom(judged, engine, WARM_UP);
  return (judged.grid.count - from) * judged.grid.step >= MIN_HOURS * 3600 && known(gauge.line.slice(from)).length >= 8;
}

/** Lowest values of equal stretches: what load adds on top does not count. */
function floorsOf(judged: Judged, line: Values, from: number, to: number, seconds: number): Points {
  const chunk = stepsIn(judged.grid, seconds);
  const xs: number[] = [];
  const ys: number[] = [];
  for (let i = from; i + chunk - 1 <= to; i += chunk) {
    const low = minOf(line.slice(i, i + chunk));
    if (low === null) continue;
    xs.push(timeAt(judged.grid, i));
    ys.push(low);
  }
  return { xs, ys };
}

/** Six hours and more beyond warm-up: floors of half hours. */
function slow(judged: Judged, engine: Engine, gauge: Gauge): Leak | null {
  const { from, known: dated } = warmFrom(judged, engine, WARM_UP);
  if ((judged.grid.count - from) * judged.grid.step < MIN_HOURS * 3600) return null;
  const points = floorsOf(judged, gauge.line, from, judged.end, 1800);
  const trend = trendOf(points);
  const level = median(points.ys);
  if (!trend || level === null || level <= 0 || points.ys.length < 8) return null;
  const perDay = (trend.slope * 86_400) / level;
  const least = gauge.variant === 'gpu' ? ([0.005, 0.03] as const) : ([0.02, 0.12] as const);
  return grown(judged, engine, gauge, {
    score: all(ramp(perDay, least[0], least[1]), ramp(trend.rises, 0.55, 0.8)),
    cap: dated ? TREND_CAP : NO_START_CAP,
    because: dated ? '' : 'Without the start of the process, caches that fill after it would look the same.',
    perHour: trend.slope * 3600,
    from,
    since: bendOf(points),
    rises: `in ${sayShare(trend.rises)} of half hours`,
  });
}

/** Less than six hours: only growth that reaches its end within hours, that never pauses, and that no traffic explains. */
function fast(judged: Judged, engine: Engine, gauge: Gauge): Leak | null {
  const { grid, end } = judged;
  const { from, known: dated } = warmFrom(judged, engine, FAST_WARM_UP);
  const seconds = (end - from + 1) * grid.step;
  if (seconds < FAST_SECONDS) return null;
  const scrape = Math.max(grid.step, judged.evidence.scrapeInterval ?? 0);
  const whole = floorsOf(judged, gauge.line, from, end, Math.max(seconds / 24, 2 * scrape));
  const bend = bendOf(whole);
  // Growth that began in the window counts from there on.
  const start = bend === null ? from : Math.round((bend - grid.from) / grid.step);
  const lasted = (end - start + 1) * grid.step;
  if (lasted < FAST_SECONDS) return null;
  const points = floorsOf(judged, gauge.line, start, end, Math.max(lasted / 12, 2 * scrape));
  const trend = trendOf(points);
  const level = known(gauge.line).at(-1) ?? null;
  if (!trend || level === null || level <= 0 || trend.slope <= 0) return null;
  const perHour = trend.slope * 3600;
  const left = secondsLeft({ limit: gauge.limit, level, perHour });
  const running = engine.trace.running?.slice(start) ?? [];
  const half = Math.floor(running.length / 2);
  const traffic = (mean(running.slice(half)) ?? 0) / Math.max(0.5, mean(running.slice(0, half)) ?? 0);
  const score =
    all(
      left === null ? ramp(perHour / level, ...FAST_SHARE) : fall(left, ...FAST_LEFT),
      ramp(trend.rises, 0.85, 0.95),
      ramp((trend.slope * lasted) / level, 0.005, 0.02),
    ) *
    ramp(trend.goesOn, dated ? 0.4 : 0.6, 0.8) *
    fall(traffic, ...MORE_TRAFFIC);
  return grown(judged, engine, gauge, {
    score,
    hint: true,
    cap: gauge.limit === null ? UNLIMITED_CAP : FAST_CAP,
    because: `${sayDuration(lasted)} of growth prove a fast leak at best; six hours tell it from a busy morning.`,
    perHour,
    from: start,
    since: bend,
    rises: `in ${sayShare(trend.rises)} of ${points.ys.length - 1} stretches of ${sayDuration(lasted / points.ys.length)}`,
  });
}

/** A tooth counts from this many seconds on; and what must be gone after it. */
const TOOTH_SECONDS = 300;
const DROP = 0.1;
/** Part of the limit a tooth ends at. */
const NEAR_LIMIT = 0.85;

/** Memory that climbs, ends with its process and climbs again: near-proof, above all where the kernel killed it. */
function sawtooth(judged: Judged, engine: Engine, gauge: Gauge): Leak | null {
  if (gauge.variant !== 'host') return null;
  const { grid, evidence } = judged;
  const cuts = restartsIn(replicaLine(evidence, 'process-start', engine.id));
  if (cuts.length === 0) return null;
  const teeth: { slope: number; from: number; last: number; first: number }[] = [];
  let from = 0;
  for (const cut of cuts) {
    const part = gauge.line.slice(from, cut);
    const xs = part.map((_, i) => timeAt(grid, from + i));
    const slope = theilSen(xs, part);
    const values = known(part);
    const next = known(gauge.line.slice(cut))[0] ?? null;
    const last = Math.max(...values.slice(-3), 0);
    if (
      slope !== null &&
      slope > 0 &&
      values.length * grid.step >= TOOTH_SECONDS &&
      next !== null &&
      next < (1 - DROP) * last &&
      (trendOf({ xs: xs.filter((_, i) => part[i] !== null), ys: values })?.order ?? 0) > 0.85
    )
      teeth.push({ slope, from, last, first: values[0] as number });
    from = cut;
  }
  const killed = (replicaLine(evidence, 'container-last-end', engine.id, 'OOMKilled') ?? [])
    .slice(cuts[0])
    .some((v) => v === 1);
  const near = gauge.limit === null ? null : Math.max(...teeth.map((t) => t.last), 0) / gauge.limit;
  if (teeth.length < (killed ? 1 : 2) || (near !== null && near < NEAR_LIMIT)) return null;
  // Several teeth of equal height are a limit, even if nobody exports it.
  const slope = median(teeth.map((t) => t.slope)) as number;
  const top = Math.max(...teeth.map((t) => t.last));
  return grown(
    judged,
    engine,
    { ...gauge, limit: gauge.limit ?? top, limitSays: gauge.limitSays || `it ended at ${sayBytes(top)} last time` },
    {
      score: killed ? 0.95 : 0.8,
      cap: killed ? 0.9 : 0.75,
      because: killed ? '' : 'Nobody exports why the process ended.',
      perHour: slope * 3600,
      from: teeth[0]?.from ?? 0,
      since: null,
      rises: `and ended with its process ${teeth.length === 1 ? 'once' : `${teeth.length} times`}${killed ? ', killed for memory' : ''}`,
    },
  );
}

interface Growth {
  readonly score: number;
  readonly hint?: boolean;
  readonly cap: number;
  readonly because: string;
  readonly perHour: number;
  readonly from: number;
  readonly since: number | null;
  readonly rises: string;
}

function grown(judged: Judged, engine: Engine, gauge: Gauge, g: Growth): Leak | null {
  const level = known(gauge.line).at(-1);
  if (level === undefined) return null;
  const whose =
    gauge.variant === 'gpu' ? 'GPU memory' : gauge.id === 'container-memory' ? 'container memory' : 'process memory';
  const left = secondsLeft({ limit: gauge.limit, level, perHour: g.perHour });
  const says = `${whose} grows ${sayBytes(g.perHour)} an hour, ${g.rises}`;
  return {
    variant: gauge.variant,
    engine,
    score: clamp(g.score),
    hint: g.hint ?? false,
    cap: g.cap,
    because: g.because,
    level,
    perHour: g.perHour,
    limit: gauge.limit,
    since: g.since,
    from: g.from,
    says,
    trend: gauge.line,
    facts: [
      fact({
        signal: gauge.id,
        says,
        figure: `${sig(g.perHour / 2 ** 20)} MiB/h`,
        label: `growth of ${whose}`,
        compared: 'steady 0',
        detail: `at ${sayBytes(level)} now; ${g.rises}`,
        observed: g.perHour,
        expected: 0,
        unit: 'bytes',
        query: `deriv((${gaugeOf(judged, [engine], gauge.id)})[1h:1m]) * 3600`,
        trend: gauge.line,
      }),
      ...(gauge.limit === null || left === null
        ? []
        : [
            fact({
              signal: gauge.id,
              says: `${sayBytes(level)} of ${sayBytes(gauge.limit)}: full in ${sayDuration(left)} at this pace`,
              figure: sayDuration(left),
              label: 'until it is full at this pace',
              compared: gauge.limitSays,
              detail: `(${sayBytes(gauge.limit)} − ${sayBytes(level)}) ÷ ${sayBytes(g.perHour)} an hour`,
              observed: left,
              expected: null,
              unit: 'seconds',
              query: gaugeOf(judged, [engine], gauge.id),
              trend: gauge.line,
              limit: gauge.limit,
            }),
          ]),
    ],
  };
}
