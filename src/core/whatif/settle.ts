import { maxOf, mean, minOf } from '../base/statistics.ts';
import { type FigureId, playedFigures } from './figures.ts';
import type { Ground } from './ground.ts';
import { type Pace, play } from './scheduler.ts';
import { asksLike, type Pairing, PAIRINGS } from './traffic.ts';

/** Token budgets servers start with by default (knobs: max-num-batched-tokens). */
const BUDGETS = [2048, 8192, 16_384] as const;
/** How much nearer to the measured figures a play must come (natural logarithm) for what it assumed to count as read off. */
const CLEARLY = 0.1;
/** And how near: with a bite that is set and not told, no budget has the gaps that were measured. */
const NEAR = 0.25;

/**
 * What no metric carries and the window still shows: under which token budget a play has the gaps that were measured, and which
 * answers must go with long prompts for it to hold the KV cache that was held. Told values stay.
 */
export function settle(ground: Ground): Ground {
  const withBudget = ground.budget === 'assumed' ? readBudget(ground) : ground;
  return { ...withBudget, traffic: { ...withBudget.traffic, pairing: readPairing(withBudget) } };
}

function readBudget(ground: Ground): Ground {
  const each = BUDGETS.map((budget) => ({ ...ground, settings: { ...ground.settings, budget } }));
  const off = each.map((one) => apart(one, ['itl-mean', 'itl-p95']));
  const [best, worst] = [minOf(off), maxOf(off)];
  if (best === null || worst === null || worst - best < CLEARLY || best > NEAR) return ground;
  return { ...(each[off.indexOf(best)] as Ground), budget: 'read-off' };
}

/** By chance, unless another pairing is clearly nearer. */
function readPairing(ground: Ground): Pairing {
  const off = PAIRINGS.map((pairing) => apart({ ...ground, traffic: { ...ground.traffic, pairing } }, ['usage']));
  const [best, chance] = [minOf(off), off[0] ?? null];
  return best !== null && chance !== null && chance - best >= CLEARLY
    ? (PAIRINGS[off.indexOf(best)] as Pairing)
    : 'chance';
}

/** How far one play is from the measured figures: mean of |ln(played ÷ measured)|; `null` where none was measured. */
function apart({ settings, paces, traffic, measured }: Ground, ids: readonly FigureId[]): number | null {
  const { asks, underway } = asksLike(traffic, 1, 1, 1);
  const figures = playedFigures(play(settings, paces[0] as Pace, asks, underway, traffic.seconds));
  return mean(
    ids.map((id) => {
      const a = measured[id]?.mid ?? 0;
      const b = figures[id]?.mid ?? 0;
      return a > 0 && b > 0 ? Math.abs(Math.log(b / a)) : null;
    }),
  );
}
