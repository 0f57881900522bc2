import type { Evidence, Histogram, Line, Reading } from '../../core/evidence/evidence.ts';
import type { SignalId } from '../../core/signals/index.ts';

/** Part of a reading. */
export interface Piece {
  /** Key of the reading. */
  readonly signal: SignalId;
  /** All of it but its numbers, with its first piece; `null` with the others. */
  readonly reading: Omit<Reading, 'lines' | 'histograms'> | null;
  readonly lines: readonly Line[];
  readonly histograms: readonly Histogram[];
}

/**
 * Numbers in one piece, unless one histogram alone has more. A message is unpacked in one go by the thread that gets it, at some
 * 20 million numbers a second; between two of them it can draw and take keys.
 */
export const MOST_NUMBERS = 40_000;

/** The readings of an evidence as messages of bounded size. */
export function* piecesOf(readings: Evidence['readings'], most = MOST_NUMBERS): Generator<Piece> {
  for (const [signal, { lines, histograms, ...reading }] of Object.entries(readings) as [SignalId, Reading][]) {
    let head: Piece['reading'] = reading;
    for (const part of bounded(lines, (line) => line.values.length, most)) {
      yield { signal, reading: head, lines: part, histograms: [] };
      head = null;
    }
    for (const part of bounded(histograms, (one) => (one.bounds.length + 2) * one.count.length, most)) {
      yield { signal, reading: head, lines: [], histograms: part };
      head = null;
    }
    if (head !== null) yield { signal, reading: head, lines: [], histograms: [] };
  }
}

function* bounded<T>(list: readonly T[], sizeOf: (one: T) => number, most: number): Generator<readonly T[]> {
  let part: T[] = [];
  let size = 0;
  for (const one of list) {
    const more = sizeOf(one);
    if (part.length > 0 && size + more > most) {
      yield part;
      part = [];
      size = 0;
    }
    part.push(one);
    size += more;
  }
  if (part.length > 0) yield part;
}

/** Readings from their pieces, in the order they were made. A piece whose first one is missing is left out. */
export function joinPieces(pieces: readonly Piece[]): Evidence['readings'] {
  const readings = new Map<SignalId, Reading & { readonly lines: Line[]; readonly histograms: Histogram[] }>();
  for (const { signal, reading, lines, histograms } of pieces) {
    if (reading !== null) readings.set(signal, { ...reading, lines: [], histograms: [] });
    const whole = readings.get(signal);
    whole?.lines.push(...lines);
    whole?.histograms.push(...histograms);
  }
  return Object.fromEntries(readings);
}
