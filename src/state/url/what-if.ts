import { MOVES, type MoveId, type Moves } from '../../core/whatif/moves.ts';

/** In place of a list of moves: the panel is open and nothing is moved. */
const NOTHING_MOVED = 'today';

/**
 * `max-num-seqs:24,arrivals:1.5`, or `today` for an open panel with nothing moved.
 * @returns `null`: the panel is closed; what is not understood is left out, with a notice
 */
export function readMoves(text: string | null, note: (id: string, says: string) => void): Moves | null {
  if (text === null) return null;
  const moves: Partial<Record<MoveId, number>> = {};
  for (const part of text.split(',').map((one) => one.trim())) {
    if (part === '' || part === NOTHING_MOVED) continue;
    const [id, raw = ''] = part.split(':');
    const move = MOVES.find((one) => one.id === id);
    const value = raw === '' ? Number.NaN : Number(raw);
    if (!move) note('whatif', `whatif: ${part.slice(0, 60)} is none of ${MOVES.map((one) => one.id).join(', ')}.`);
    else if (!(value >= move.min && value <= move.max) || (move.unit !== 'times' && !Number.isInteger(value)))
      note(
        'whatif',
        `whatif: ${move.id} takes a ${move.unit === 'times' ? '' : 'whole '}number from ${move.min} to ${move.max}.`,
      );
    else moves[move.id] = value;
  }
  return moves;
}

/** @returns the value for the address; `undefined` while the panel is closed */
export function formatMoves(moves: Moves | null): string | undefined {
  if (moves === null) return undefined;
  const parts = MOVES.flatMap(({ id }) => (moves[id] === undefined ? [] : [`${id}:${moves[id]}`]));
  return parts.length === 0 ? NOTHING_MOVED : parts.join(',');
}
