import { sig } from '../base/say.ts';
import { median } from '../base/statistics.ts';
import { FIGURES, type FigureId, type Figures, playedFigures, type Span } from './figures.ts';
import type { Ground } from './ground.ts';
import { type Moves, settingsWith, trafficFactor } from './moves.ts';
import { type Pace, play, type Played } from './scheduler.ts';
import { asksLike } from './traffic.ts';

export interface Prediction {
  readonly figures: Figures;
  /** Where the play left what was observed: sentences; each makes the prediction an extrapolation. */
  readonly beyond: readonly string[];
  /** Share of requests refused. */
  readonly refused: number;
}

/** Plays: which of the paces, which seed, and whether cached tokens are shared with other running requests or held by each. */
const PLAYS = [
  { pace: 0, seed: 1, sharing: 1 },
  { pace: 0, seed: 2, sharing: 0 },
  { pace: 0, seed: 3, sharing: 1 },
  { pace: 1, seed: 4, sharing: 0 },
  { pace: 2, seed: 5, sharing: 1 },
  { pace: 3, seed: 6, sharing: 0 },
  { pace: 4, seed: 7, sharing: 1 },
] as const;

/** Seven normal numbers spread over 2.7 standard deviations on average: half of it, times this, is two of them. */
const WIDEN = 1.5;

/**
 * What the loop leaves out and what buckets hide of the lengths, as a share of the figure. Without it, played and measured figures
 * of the recordings differ by up to this much more than chance explains; the test holds them together.
 */
const LEFT_OUT = 0.1;

/** The same requests with these moves; without moves, as things are. */
export function predict(ground: Ground, moves: Moves): Prediction {
  const settings = settingsWith(ground, moves);
  const factor = trafficFactor(ground, moves);
  const played: Played[] = PLAYS.map(({ pace, seed, sharing }) => {
    const { asks, underway } = asksLike(ground.traffic, factor, sharing, seed);
    return play(settings, ground.paces[pace] as Pace, asks, underway, ground.traffic.seconds);
  });
  const each = played.map(playedFigures);
  const figures: Partial<Record<FigureId, Span>> = {};
  for (const { id } of FIGURES) {
    const band = bandOf(each.map((one) => one[id]?.mid ?? null));
    if (band) figures[id] = id === 'usage' ? { ...band, high: Math.min(1, band.high ?? 1) } : band;
  }
  const load = median(played.map((one) => one.load)) ?? 0;
  const seen = ground.loads[1];
  const asked = ground.traffic.arrivals * factor * ground.traffic.seconds + ground.traffic.waiting;
  return {
    figures,
    beyond:
      load > seen * 1.1
        ? [`Steps of up to ${sig(Math.round(load))} tokens; the measured ones had at most ${sig(Math.round(seen))}.`]
        : [],
    refused: asked > 0 ? (median(played.map((one) => one.refused)) ?? 0) / asked : 0,
  };
}

function bandOf(values: readonly (number | null)[]): Span | null {
  const there = values.filter((x) => x !== null);
  const mid = median(there);
  if (mid === null || there.length < PLAYS.length) return null;
  return {
    low: Math.max(0, (mid - WIDEN * (mid - Math.min(...there))) * (1 - LEFT_OUT)),
    mid,
    high: (mid + WIDEN * (Math.max(...there) - mid)) * (1 + LEFT_OUT),
  };
}
