import type { Ground } from '../../core/whatif/ground.ts';
import type { MoveId, Moves } from '../../core/whatif/moves.ts';

/** Values a slider stops at, in order. `null` stands for no limit, which is the end on the right. */
export interface Ladder {
  readonly stops: readonly (number | null)[];
  /** As things are, and as chosen. */
  readonly today: number | null;
  readonly chosen: number | null;
}

const SEATS = [1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024];
const TOKENS = [256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768];
const STOPS: Readonly<Record<MoveId, readonly number[]>> = {
  'max-num-seqs': SEATS,
  'max-num-batched-tokens': TOKENS,
  'long-prefill-token-threshold': [128, 256, 512, 1024, 2048, 4096],
  'max-model-len': [1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072],
  'max-new-tokens': [64, 128, 256, 512, 1024, 2048, 4096, 8192],
  'kv-cache': [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4],
  replicas: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64],
  arrivals: [0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 2, 3],
};

/** What a move is today; `null`: no limit, or none that was reached. */
export function todayOf({ settings, seats, engines }: Ground, id: MoveId): number | null {
  switch (id) {
    case 'max-num-seqs':
      return seats === 'assumed' ? null : settings.seats;
    case 'max-num-batched-tokens':
      return settings.budget;
    case 'long-prefill-token-threshold':
      return settings.bite === 0 ? null : settings.bite;
    case 'max-model-len':
      return settings.longest;
    case 'max-new-tokens':
      return settings.answers;
    case 'kv-cache':
    case 'arrivals':
      return 1;
    case 'replicas':
      return engines;
    default:
      return id satisfies never;
  }
}

/** Every value that is or was chosen is a stop, so that a link shows exactly what it says. */
export function ladderOf(ground: Ground, id: MoveId, moves: Moves): Ladder {
  const today = todayOf(ground, id);
  const moved = moves[id];
  // A bite of 0 is how the flag spells off.
  const chosen = moved === undefined ? today : id === 'long-prefill-token-threshold' && moved === 0 ? null : moved;
  const stops = new Set<number>(STOPS[id]);
  for (const value of [today, chosen]) if (value !== null) stops.add(value);
  const sorted: (number | null)[] = [...stops].sort((a, b) => a - b);
  if (today === null || chosen === null) sorted.push(null);
  return { stops: sorted, today, chosen };
}

/** @returns the moves with this one at a stop; the stop of today takes it back */
export function movedTo(moves: Moves, id: MoveId, { today }: Ladder, stop: number | null): Moves {
  const { [id]: _, ...rest } = moves;
  return stop === today || stop === null ? rest : { ...rest, [id]: stop };
}
