import { sayDuration, sayShare, sig } from '../base/say.ts';
import { FIGURES, type FigureId, type Figures, type Span } from './figures.ts';
import type { Ground } from './ground.ts';
import type { Moves } from './moves.ts';
import { predict } from './predict.ts';
import type { Pairing } from './traffic.ts';

/** One figure: measured, played as things are, played with the moves. */
export interface Compared {
  readonly id: FigureId;
  readonly measured: Span | null;
  readonly now: Span | null;
  /** `null`: cannot tell, for the reason in `cannotTell`. */
  readonly then: Span | null;
  readonly cannotTell: string | null;
}

export interface WhatIf {
  readonly figures: readonly Compared[];
  /** Set where the play does not give today's figures, so that it tells nothing of others. */
  readonly cannotTell: string | null;
  /** Sentences; each makes the prediction an extrapolation. */
  readonly beyond: readonly string[];
  readonly notes: readonly string[];
}

/** A played figure this near to the measured one counts as the same, whatever chance there was (natural logarithm). */
const NEAR = 0.15;
/** Figures that may fail to be reproduced before nothing is believed. */
const MOST_OFF = 0.34;

/** Plays the window as it was and with the moves. The same made-up requests meet both. */
export function whatIf(ground: Ground, moves: Moves): WhatIf {
  const now = predict(ground, {});
  const moved = Object.keys(moves).length > 0;
  const then = moved ? predict(ground, moves) : now;
  const figures = FIGURES.map(({ id }) => compare(id, ground.measured, now.figures, then.figures));
  const held = figures.filter((one) => one.measured !== null && one.now !== null);
  const off = held.filter((one) => one.cannotTell !== null);
  const lost = off.length > MOST_OFF * held.length;
  return {
    figures: lost ? figures.map((one) => ({ ...one, then: null })) : figures,
    cannotTell: lost
      ? `Played as things are, ${off.length} of ${held.length} figures differ from the measured ones: something is at work that the scheduler alone does not explain.`
      : null,
    beyond: moved ? then.beyond : [],
    notes: [
      ...(then.refused > 0.001 ? [`${sayShare(then.refused)} of requests are refused, since they do not fit.`] : []),
      ...notesOf(ground),
    ],
  };
}

function compare(id: FigureId, measured: Figures, now: Figures, then: Figures): Compared {
  const m = measured[id] ?? null;
  const n = now[id] ?? null;
  const t = then[id] ?? null;
  const found = { id, measured: m, now: n };
  if (m !== null && n !== null && !reproduces(m, n))
    return { ...found, then: null, cannotTell: 'played as things are, it differs from the measured figure' };
  if (t === null) return { ...found, then: null, cannotTell: 'too few requests get that far' };
  return { ...found, then: t, cannotTell: null };
}

/** Whether the bands meet, or the middles are near each other. */
export function reproduces(measured: Span, played: Span): boolean {
  const meets =
    (measured.high ?? Number.POSITIVE_INFINITY) >= played.low &&
    measured.low <= (played.high ?? Number.POSITIVE_INFINITY);
  return meets || (measured.mid > 0 && played.mid > 0 && Math.abs(Math.log(played.mid / measured.mid)) <= NEAR);
}

function notesOf({ traffic, engines, engine }: Ground): string[] {
  return [
    `The ${sig(Math.round(traffic.arrivals * traffic.seconds))} requests of ${sayDuration(traffic.seconds)}${engines > 1 ? ` on ${engine}` : ''} at chance moments; ${SAY_PAIRING[traffic.pairing]}. Lengths are those of requests that finished.`,
    ...(traffic.hitRate > 0.05
      ? [`The prefix cache is taken to serve ${sayShare(traffic.hitRate)} of prompt tokens whatever is changed.`]
      : []),
  ];
}

const SAY_PAIRING: Readonly<Record<Pairing, string>> = {
  chance: 'which answer goes with which prompt is left to chance',
  'long-with-short': 'by the KV cache held, long prompts have the short answers',
  'long-with-long': 'by the KV cache held, long prompts have the long answers',
};
