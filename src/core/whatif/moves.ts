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
