import type { Values } from '../../base/grid.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { replicaLine } from '../../evidence/lines.ts';
import { bucketsBetween, countOver, meanOver, over } from '../../evidence/trace.ts';
import { quantileInterval } from '../../base/histogram.ts';
import type { Histogram } from '../../evidence/evidence.ts';
import { usualLine } from '../baseline.ts';
import { type Deferral, deferralOf } from '../deferral.ts';

/** KV transfers of one engine over the window, per grid time. */
export interface Transfer {
  readonly deferral: Deferral;
  /** Requests whose remote KV is still to come; `null` where nobody tells. */
  readonly parked: Values | null;
  /** Mean seconds of one transfer, `null` where fewer than five ended. */
  readonly time: Values;
  /** What it used to be: the better quarter of before. */
  readonly usualTime: Values;
  /** Bytes per second within one transfer. */
  readonly speed: Values;
  /** Transfers that ended, over the long window. */
  readonly ended: Values;
  /** Failures among failed and ended, over the long window; `null` without the counter. */
  readonly failed: Values;
  /** How many failed, over the long window. */
  readonly failures: Values;
  /** Requests whose KV the prefill side gave up keeping, over the long window. */
  readonly expired: Values;
}

/** Transfers that make a mean worth quoting. */
const MIN_TRANSFERS = 5;

/** @returns the transfers of one engine; lines are `null` where a signal is not there */
export function transferOf(judged: Judged, engine: Engine): Transfer {
  const { grid, evidence } = judged;
  const deferral = deferralOf(judged, engine);
  const times = histogramOf(judged, engine, 'kv-transfer-time');
  const bytes = histogramOf(judged, engine, 'kv-transfer-bytes');
  const failures = replicaLine(evidence, 'kv-transfer-failures', engine.id);
  const expired = replicaLine(evidence, 'kv-transfer-expired', engine.id);
  const at = (of: (i: number) => number | null): Values => Array.from({ length: grid.count }, (_, i) => of(i));
  const seconds = (i: number) =>
    (countOver(times?.count ?? null, grid, i, judged.fast) ?? 0) >= MIN_TRANSFERS ? judged.fast : judged.main;
  const mean = (i: number) =>
    (countOver(times?.count ?? null, grid, i, seconds(i)) ?? 0) >= MIN_TRANSFERS
      ? meanOver(times, grid, i, seconds(i))
      : null;
  const time = at(mean);
  const ended = at((i) => countOver(times?.count ?? null, grid, i, judged.main));
  const lost = at((i) => countOver(failures, grid, i, judged.main));
  return {
    deferral,
    parked: parkedOf(deferral),
    time,
    usualTime: usualLine(time, judged, 0.25),
    speed: at((i) => {
      const size = meanOver(bytes, grid, i, seconds(i));
      const took = mean(i);
      return size === null || took === null || took <= 0 ? null : size / took;
    }),
    ended,
    failed: at((i) => {
      const bad = lost[i] ?? null;
      const good = ended[i] ?? null;
      return bad === null || (good ?? 0) + bad < 1 ? null : bad / ((good ?? 0) + bad);
    }),
    failures: lost,
    expired: at((i) => countOver(expired, grid, i, judged.main)),
  };
}

function histogramOf(judged: Judged, engine: Engine, id: 'kv-transfer-time' | 'kv-transfer-bytes'): Histogram | null {
  return judged.evidence.readings[id]?.histograms.find((h) => h.replica === engine.id) ?? null;
}

/** By stage where it is told (0.32); else all deferred of an engine with a connector and without adapters. */
function parkedOf(deferral: Deferral): Values | null {
  if (deferral.fetching) return deferral.fetching;
  return deferral.connector && deferral.adapters === null ? deferral.deferred : null;
}

/** Where the `q`-quantile of transfer times lies from index `from` on: its upper bucket edge; `null` without transfers. */
export function slowTransfer(judged: Judged, engine: Engine, from: number, q: number): number | null {
  const h = histogramOf(judged, engine, 'kv-transfer-time');
  if (!h) return null;
  const b = bucketsBetween(h, from, judged.end);
  const at = quantileInterval(b.bounds, b.cumulative, b.count, q);
  return at ? (at.high ?? at.low) : null;
}

/** Mean bytes of one transfer from index `from` on. */
export function sizeOf(judged: Judged, engine: Engine, from: number): number | null {
  const h = histogramOf(judged, engine, 'kv-transfer-bytes');
  if (!h) return null;
  const b = bucketsBetween(h, from, judged.end);
  return b.count > 1e-9 ? b.sum / b.count : null;
}

/** Mean of the parked over the trailing short window. */
export function parkedNow(judged: Judged, t: Transfer, i: number): number | null {
  return over(t.parked, judged.grid, i, judged.fast);
}
