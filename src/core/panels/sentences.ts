import { timeAt, type Values } from '../base/grid.ts';
import { quantileInterval } from '../base/histogram.ts';
import { sayCount, sayDuration, sig } from '../base/say.ts';
import { maxOf } from '../base/statistics.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { fleetHistogram, fleetLine } from '../evidence/lines.ts';
import { bucketsBetween, meanOver, over } from '../evidence/trace.ts';
import type { SignalId } from '../signals/index.ts';
import type { Targets } from '../verdict/profiles.ts';
import { chosen, trailingSteps } from './drawing.ts';
import type { PanelRow } from './panel.ts';
import { stepTimes } from './step-time/panel.ts';

/** Seconds averaged for "now", and for "before" up to the onset. */
const NOW = 60;
const BEFORE = 120;
/** A change by less than a fifth is not called one. */
const CHANGED = 1.2;

/** What a row is read against: the instant, the onset if there is one, the targets. */
export interface Reading {
  readonly evidence: Evidence;
  readonly targets: Targets;
  /** Unix seconds judged at. */
  readonly at: number;
  /** Unix seconds of the onset, `null` without one. */
  readonly since: number | null;
  readonly replicas?: readonly string[] | undefined;
}

/** One sentence that sums up a row, with the numbers it compares. Empty where nothing was measured. */
export function sentenceOf(row: PanelRow, reading: Reading): string {
  switch (row) {
    case 'latency':
      return latency(reading);
    case 'health':
      return health(reading);
    case 'queue':
      return queue(reading);
    case 'cache':
      return cache(reading);
    default:
      return row satisfies never;
  }
}

function indexOf({ evidence }: Reading, time: number): number {
  const { grid } = evidence;
  return Math.max(0, Math.min(grid.count - 1, Math.round((time - grid.from) / grid.step)));
}

/** Index of the last time before the onset, `null` if there is too little of it to speak of. */
function beforeIndex(reading: Reading): number | null {
  if (reading.since === null) return null;
  const i = indexOf(reading, reading.since) - 1;
  return timeAt(reading.evidence.grid, i) - reading.evidence.grid.from >= NOW / 2 ? i : null;
}

function gauge(reading: Reading, id: SignalId): { now: number | null; before: number | null } {
  return pair(reading, fleetLine(reading.evidence, id, reading.replicas));
}

function pair(reading: Reading, values: Values | null): { now: number | null; before: number | null } {
  const { grid } = reading.evidence;
  const b = beforeIndex(reading);
  return {
    now: over(values, grid, indexOf(reading, reading.at), NOW),
    before: b === null ? null : over(values, grid, b, BEFORE),
  };
}

function latency(reading: Reading): string {
  const { evidence, targets, replicas } = reading;
  const { grid } = evidence;
  const end = indexOf(reading, reading.at);
  const ttft = fleetHistogram(evidence, 'ttft', replicas);
  const waiting = fleetLine(evidence, 'waiting', replicas)?.[end] ?? null;
  const said: string[] = [];
  if (ttft) {
    const { bounds, cumulative, count } = bucketsBetween(ttft, end - trailingSteps(evidence, NOW) + 1, end);
    const p95 = quantileInterval(bounds, cumulative, count, 0.95);
    if (!p95) {
      if ((waiting ?? 0) > 0)
        said.push(`No first token in the last minute, while ${sayCount(waiting ?? 0, 'request')} wait.`);
      else said.push('No first token in the last minute, and nobody waits for one.');
    } else {
      const when =
        p95.high === null
          ? `more than ${sayEdge(p95.low)}`
          : p95.low <= 0
            ? `less than ${sayEdge(p95.high)}`
            : between(p95.low, p95.high);
      const target = sayDuration(targets.ttft);
      const judged =
        p95.high !== null && p95.high <= targets.ttft * (1 + 1e-9)
          ? `inside the target of ${target}`
          : p95.low >= targets.ttft
            ? `target ${target}`
            : `around the target of ${target}`;
      said.push(`The slowest first tokens come ${when} after the request, ${judged}.`);
    }
  }
  const itl = meanOver(fleetHistogram(evidence, 'itl', replicas), grid, end, trailingSteps(evidence, NOW) * grid.step);
  if (itl !== null) {
    const met = itl <= targets.tbt;
    const hurt = said[0]?.includes(', target ') ?? false;
    const lead =
      hurt && met ? 'Once they flow, tokens still meet theirs' : met ? 'Tokens follow at' : 'Tokens follow at';
    said.push(
      hurt && met
        ? `${lead}: ${sayDuration(itl)} each.`
        : `${lead} ${sayDuration(itl)} each, target ${sayDuration(targets.tbt)}.`,
    );
  }
  return said.join(' ');
}

/** Bucket edges as they are written on the axis: seconds, not minutes. */
function sayEdge(seconds: number): string {
  return seconds >= 1 && seconds < 1000 ? `${sig(seconds)} s` : sayDuration(seconds);
}

function between(low: number, high: number): string {
  const [a, b] = [sayEdge(low), sayEdge(high)];
  const unit = b.slice(b.lastIndexOf(' '));
  return a.endsWith(unit) && !a.slice(0, -unit.length).includes(' ')
    ? `${a.slice(0, -unit.length)} to ${b}`
    : `${a} to ${b}`;
}

function health(reading: Reading): string {
  const { evidence, replicas } = reading;
  const { now, before } = pair(reading, stepTimes(evidence, replicas));
  const running = gauge(reading, 'running').now;
  const steps = fleetHistogram(evidence, 'step-tokens', replicas);
  const rate = over(steps?.count ?? null, evidence.grid, indexOf(reading, reading.at), NOW / 2);
  if (rate === 0 && (running ?? 0) > 0)
    return `The engine has ${sig(Math.round(running ?? 0))} requests and does not step.`;
  if (now === null) return steps ? 'The batch was empty at times, so there is no step time to compare.' : '';
  if (before === null) return `A step takes ${sayDuration(now)}.`;
  const compared = `A step takes ${sayDuration(now)}, ${sayDuration(before)} before`;
  if (now > before * CHANGED) return `${compared}: the engine does more per step, or does it slower.`;
  if (now < before / CHANGED) return `${compared}: the engine is not the slow part.`;
  return `${compared}: the engine is as fast as it was.`;
}

function queue(reading: Reading): string {
  const { evidence, replicas } = reading;
  const end = indexOf(reading, reading.at);
  const waiting = fleetLine(evidence, 'waiting', replicas)?.[end] ?? null;
  const running = gauge(reading, 'running').now;
  const perEngine = evidence.knobs['max-num-seqs'];
  const seats = perEngine === undefined ? null : perEngine * Math.max(1, chosen(evidence, replicas).length);
  const preempted = gauge(reading, 'preemptions').now;
  if (waiting === null && running === null) return '';
  const use =
    running === null
      ? ''
      : seats === null
        ? `about ${sig(Math.round(running))} run`
        : `about ${sig(Math.round(running))} of ${sig(seats)} seats are in use`;
  const line =
    waiting === null
      ? ''
      : Math.round(waiting) === 0
        ? 'Nobody waits'
        : `${sayCount(waiting, 'request')} wait${Math.round(waiting) === 1 ? 's' : ''}`;
  const thrown = preempted !== null && preempted > 0.005 ? ` ${sig(preempted)} preemptions a second.` : '';
  const first = [line, use].filter((part) => part !== '').join('; ');
  return `${first.charAt(0).toUpperCase()}${first.slice(1)}.${thrown}`;
}

function cache(reading: Reading): string {
  const { evidence, replicas } = reading;
  const kv = gauge(reading, 'kv-cache-usage');
  const said: string[] = [];
  if (kv.now !== null) {
    const many = chosen(evidence, replicas).length > 1;
    const who = many ? 'The fullest replica uses' : 'Live requests hold';
    said.push(`${who} ${sig(kv.now)} of the KV cache${kv.before === null ? '' : `, ${sig(kv.before)} before`}.`);
  }
  const hits = gauge(reading, 'prefix-cache-hits');
  const queries = gauge(reading, 'prefix-cache-queries');
  const rate = ratio(hits.now, queries.now);
  const was = ratio(hits.before, queries.before);
  const ever = maxOf(fleetLine(evidence, 'prefix-cache-hits', replicas) ?? []);
  if (rate !== null) {
    if (ever === 0) said.push('No prompt token was found in the prefix cache.');
    else
      said.push(`The prefix cache serves ${sig(rate)} of prompt tokens${was === null ? '' : `, ${sig(was)} before`}.`);
  }
  return said.join(' ');
}

function ratio(a: number | null, b: number | null): number | null {
  return a === null || b === null || b <= 1e-9 ? null : a / b;
}
