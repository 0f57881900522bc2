import { endOf, type Grid, stepsIn, timeAt, type Values } from '../../core/base/grid.ts';
import { quantileInterval } from '../../core/base/histogram.ts';
import { known } from '../../core/base/statistics.ts';
import { sayDuration } from '../../core/base/say.ts';
import type { Unit } from '../../core/base/units.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { fleetHistogram, fleetLine, partsOf } from '../../core/evidence/lines.ts';
import { fellAtOnce } from '../../core/evidence/stretch.ts';
import type { SignalId } from '../../core/signals/index.ts';
import type { Targets } from '../../core/verdict/profiles.ts';
import type { Attainment } from '../../core/verdict/verdict.ts';
import { type Formatted, formatInterval, formatText, formatValue, inWords } from '../charts/format.ts';

/** One number of the strip: what it is now, what it is compared with, and whether users are hurt by it. */
export interface Tile {
  readonly id: string;
  readonly title: string;
  readonly now: Formatted;
  /** "target 0.5 s", "was 0": never empty, a number alone says nothing. */
  readonly compared: string;
  /** Status colour belongs to harm: only tiles with a target can have one. */
  readonly harm: 'critical' | 'warning' | null;
  readonly help: string;
}

/** Seconds looked back by percentiles and rates of the strip. */
const RECENT = 60;

/** The three that surface most first (textbook §3), then the rest. A signal that is not there keeps its tile and says so. */
export function tilesOf(
  evidence: Evidence,
  targets: Targets,
  since: number | null,
  attainment: readonly Attainment[],
  replicas?: readonly string[],
): Tile[] {
  const read = new Reader(evidence, since, replicas);
  return [
    read.quantile(
      'ttft',
      'TTFT p95',
      0.95,
      targets.ttft,
      'Time to the first token of the slowest twentieth, over the last minute, as the interval its bucket allows.',
    ),
    kvTile(read),
    waitingTile(read),
    read.rate(
      'preemptions',
      'Preemptions',
      'per-second',
      'Running requests pushed out of the KV cache and computed again, per second over the last minute.',
    ),
    itlTile(read),
    read.quantile(
      'e2e',
      'E2E p95',
      0.95,
      targets.e2e,
      'Whole requests, from arrival to the last token; finished ones only.',
    ),
    read.rate('output-tokens', 'Output', 'tokens-per-second', 'Output tokens per second over the last minute.'),
    read.rate('finished', 'Finished', 'requests-per-second', 'Requests finished per second over the last minute.'),
    attainmentTile(attainment.find((one) => one.metric === 'ttft') ?? null, targets, replicas !== undefined),
  ];
}

class Reader {
  readonly evidence: Evidence;
  readonly grid: Grid;
  readonly replicas: readonly string[] | undefined;
  /** Grid index at which "before" ends; `null` where nothing began in this range. */
  readonly split: number | null;

  constructor(evidence: Evidence, since: number | null, replicas: readonly string[] | undefined) {
    this.evidence = evidence;
    this.grid = evidence.grid;
    this.replicas = replicas;
    const index = since === null ? 0 : Math.floor((since - evidence.grid.from) / evidence.grid.step);
    this.split = index >= 3 ? index : null;
  }

  line(id: SignalId, part?: string): Values | null {
    return fleetLine(this.evidence, id, this.replicas, part);
  }

  rate(id: SignalId, title: string, unit: Unit, help: string): Tile {
    const line = this.line(id);
    return {
      id,
      title,
      help,
      harm: null,
      now: formatValue(recent(line, this.grid), unit),
      compared: line ? this.was(mean(line, 0, this.split ?? 0), unit) : 'not measured',
    };
  }

  quantile(id: SignalId, title: string, q: number, target: number | null, help: string): Tile {
    const histogram = fleetHistogram(this.evidence, id, this.replicas);
    const at = (from: number, to: number) => {
      if (!histogram) return null;
      const count = mean(histogram.count, from, to);
      return count === null
        ? null
        : quantileInterval(
            histogram.bounds,
            histogram.cumulative.map((values) => mean(values, from, to) ?? 0),
            count,
            q,
          );
    };
    const last = this.grid.count;
    const now = at(last - stepsIn(this.grid, RECENT), last);
    const was = this.split === null ? null : at(0, this.split);
    const hurt = target !== null && now !== null && now.low >= target * (1 - 1e-9);
    const wasText = was ? `was ${inWords(formatInterval(was.low, was.high, 'seconds'))}` : '';
    return {
      id,
      title,
      help,
      harm: hurt ? 'critical' : null,
      now: now ? formatInterval(now.low, now.high, 'seconds') : { figure: histogram ? 'none' : '–', unit: '' },
      compared: !histogram
        ? 'not measured'
        : now === null
          ? `for ${sayDuration(silence(histogram.count, this.grid))}`
          : target === null || (!hurt && wasText !== '')
            ? wasText || 'p99 of steps'
            : `target ${sayDuration(target)}`,
    };
  }

  was(value: number | null, unit: Unit): string {
    return value === null ? 'last minute' : `was ${formatText(round(value), unit)}`;
  }
}

function kvTile(read: Reader): Tile {
  const line = read.line('kv-cache-usage');
  const now = newest(line);
  const before = line && read.split !== null ? mean(line, 0, read.split) : null;
  const most = line ? Math.max(...line.map((v) => v ?? 0)) : 0;
  return {
    id: 'kv-cache-usage',
    title: 'KV cache',
    help: 'Share of KV blocks held by live requests, the fullest replica. At 1 the scheduler waits or preempts.',
    harm: null,
    now: { figure: formatValue(now, 'ratio').figure, unit: now === null ? '' : 'of 1' },
    compared:
      line === null
        ? 'not measured'
        : (scrapeAgo(line, 'ratio', 0.05) ??
          (before === null ? `at most ${formatText(most, 'ratio')}` : `was ${formatText(before, 'ratio')}`)),
  };
}

function waitingTile(read: Reader): Tile {
  const line = read.line('waiting');
  const deferred = partsOf(read.evidence, 'waiting-by-reason').includes('deferred')
    ? newest(read.line('waiting-by-reason', 'deferred'))
    : null;
  const before = line && read.split !== null ? mean(line, 0, read.split) : null;
  const now = newest(line);
  const parts = [
    before === null ? '' : `was ${formatText(Math.round(before), 'count')}`,
    deferred === null || deferred < 1 ? '' : `${formatText(deferred, 'count')} of them deferred`,
  ].filter(Boolean);
  return {
    id: 'waiting',
    title: 'Waiting',
    help: 'Requests in the queue, all replicas. Deferred ones wait for an adapter, a grammar or remote KV.',
    harm: null,
    now: formatValue(now, 'requests'),
    compared:
      line === null
        ? 'not measured'
        : (scrapeAgo(line, 'count', 5) ??
          (parts.length > 0 ? parts.join(', ') : now === 0 ? 'nobody queues' : 'in the queue now')),
  };
}

function itlTile(read: Reader): Tile {
  const tile = read.quantile(
    'itl',
    'ITL p99',
    0.99,
    null,
    'Gap between two output tokens, the longest hundredth of them. A target is set per request, not per gap: some steps carry a prefill on a calm engine, too.',
  );
  const per = fleetHistogram(read.evidence, 'time-per-output-token', read.replicas);
  if (!per) return tile;
  const last = read.grid.count;
  const from = last - stepsIn(read.grid, RECENT);
  const count = mean(per.count, from, last);
  const sum = mean(per.sum, from, last);
  return count && sum !== null && count > 1e-9
    ? { ...tile, compared: `per token ${formatText(sum / count, 'seconds')}` }
    : tile;
}

function attainmentTile(attainment: Attainment | null, targets: Targets, scoped: boolean): Tile {
  const now = attainment?.now ?? null;
  const before = attainment?.before ?? null;
  const short = now !== null && now.high < targets.objective;
  return {
    id: 'ttft-attainment',
    title: scoped ? 'TTFT in target, fleet' : 'TTFT in target',
    help: `Share of first tokens within ${sayDuration(targets.ttft)}, over the last two minutes. The profile asks for ${Math.round(targets.objective * 100)} %.`,
    harm: short ? (now.high < 0.5 ? 'critical' : 'warning') : null,
    now: shareOf(now),
    compared:
      now === null
        ? 'no first tokens'
        : before === null
          ? `wanted ${Math.round(targets.objective * 100)} %`
          : `was ${inWords(shareOf(before))}`,
  };
}

/** Percent; 99.7 never becomes 100, 0.2 never becomes 0. */
function shareOf(share: { readonly low: number; readonly high: number } | null): Formatted {
  if (share === null) return { figure: '–', unit: '' };
  const percent = (x: number) => (x >= 1 ? 100 : x <= 0 ? 0 : Math.min(99, Math.max(1, Math.round(x * 100))));
  const [low, high] = [percent(share.low), percent(share.high)];
  return { figure: low === high ? String(low) : `${low}–${high}`, unit: '%' };
}

function recent(line: Values | null, grid: Grid): number | null {
  const value = line && mean(line, grid.count - stepsIn(grid, RECENT), grid.count);
  return value === null ? null : round(value);
}

/** Rates below one in a thousand are rounding, not traffic. */
function round(value: number): number {
  return Math.abs(value) < 1e-3 ? 0 : value;
}

/** Mean of the values from index `from` up to `to` (exclusive); gaps are skipped, `null` where there is nothing. */
function mean(values: Values, from: number, to: number): number | null {
  let sum = 0;
  let n = 0;
  for (let i = Math.max(0, from); i < Math.min(values.length, to); i++) {
    const value = values[i] ?? null;
    if (value === null) continue;
    sum += value;
    n++;
  }
  return n === 0 ? null : sum / n;
}

function newest(values: Values | null): number | null {
  if (!values) return null;
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i] ?? null;
    if (value !== null) return value;
  }
  return null;
}

/**
 * A gauge is of the newest scrape alone, while the verdict waits for a second one before it believes a fall: then the tile says
 * what it was a scrape ago. @returns `null` where it did not fall at once
 */
function scrapeAgo(line: Values, unit: Unit, least: number): string | null {
  const values = known(line);
  const ago = values.at(-2);
  return ago !== undefined && fellAtOnce(values, least) ? `${formatText(ago, unit)} a scrape ago` : null;
}

/** Seconds since something was last observed. */
function silence(count: Values, grid: Grid): number {
  for (let i = count.length - 1; i >= 0; i--) if ((count[i] ?? 0) > 1e-9) return endOf(grid) - timeAt(grid, i);
  return endOf(grid) - grid.from;
}
