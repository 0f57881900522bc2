import type { Remedy } from '../detectors/detector.ts';
import { parseFlags } from '../knobs/render.ts';
import { type MoveId, MOVES, type Moves } from './moves.ts';

/** Twice the tokens fit, since a number in the cache takes one byte in place of two. */
const FP8 = 2;

/**
 * @param engines engines there are today
 * @returns the moves that make up a remedy; `null` where it is none of them
 */
export function movesOf(
  remedy: Pick<Remedy, 'knob' | 'flag' | 'from' | 'to' | 'title'>,
  engines: number,
): Moves | null {
  const moves: Partial<Record<MoveId, number>> = {};
  if (remedy.flag !== null) {
    for (const { id, value } of parseFlags(remedy.flag)) {
      const known = MOVES.find((move) => move.id === id);
      if (known && typeof value === 'number') moves[known.id] = value;
      else if (id === 'override-generation-config' && typeof value === 'object' && 'max_new_tokens' in value) {
        const most = value.max_new_tokens;
        if (typeof most === 'number') moves['max-new-tokens'] = most;
      } else if (id === 'kv-cache-dtype' && String(value).startsWith('fp8')) moves['kv-cache'] = FP8;
      // A flag that is not modelled: half a remedy would be another one.
      else return null;
    }
  } else if (/\breplicas\b/.test(remedy.title) && typeof remedy.from === 'number' && typeof remedy.to === 'number') {
    moves.replicas = engines + remedy.to - remedy.from;
  }
  return Object.keys(moves).length > 0 ? moves : null;
}
