import type { Remedy } from '../detectors/detector.ts';
import { parseFlags } from '../knobs/render.ts';
import type { Ground } from './ground.ts';
import type { Settings } from './scheduler.ts';

/** What can be moved. `kv-cache` and `arrivals` are factors, the rest are values. */
export const MOVES = [
  { id: 'max-num-seqs', title: 'Seats', unit: 'requests', min: 1, max: 4096 },
  { id: 'max-num-batched-tokens', title: 'Token budget of a step', unit: 'tokens', min: 64, max: 65_536 },
  { id: 'long-prefill-token-threshold', title: 'Bite of one long prompt', unit: 'tokens', min: 0, max: 65_536 },
  { id: 'max-model-len', title: 'Longest request', unit: 'tokens', min: 16, max: 16_777_216 },
  { id: 'max-new-tokens', title: 'Longest answer', unit: 'tokens', min: 1, max: 1_048_576 },
  { id: 'kv-cache', title: 'Size of the KV cache', unit: 'times', min: 0.1, max: 10 },
  { id: 'replicas', title: 'Replicas', unit: 'count', min: 1, max: 1024 },
  { id: 'arrivals', title: 'Arrivals', unit: 'times', min: 0.1, max: 10 },
] as const;

export type MoveId = (typeof MOVES)[number]['id'];
export type Moves = Readonly<Partial<Record<MoveId, number>>>;

/** @returns the settings of one engine with the moves made */
export function settingsWith({ settings }: Ground, moves: Moves): Settings {
  return {
    ...settings,
    seats: moves['max-num-seqs'] ?? settings.seats,
    budget: moves['max-num-batched-tokens'] ?? settings.budget,
    bite: moves['long-prefill-token-threshold'] ?? settings.bite,
    longest: moves['max-model-len'] ?? settings.longest,
    answers: moves['max-new-tokens'] ?? settings.answers,
    pool: settings.pool * (moves['kv-cache'] ?? 1),
  };
}

/** @returns by how much the traffic of one engine changes: more replicas share it, evenly */
export function trafficFactor({ engines }: Ground, moves: Moves): number {
  return (moves.arrivals ?? 1) * (engines / (moves.replicas ?? engines));
}

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
