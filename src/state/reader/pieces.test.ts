import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Evidence, Histogram, Line } from '../../core/evidence/evidence.ts';
import { joinPieces, type Piece, piecesOf } from './pieces.ts';

const values = (count: number) =>
  fc.array(fc.option(fc.double({ noNaN: true })), { minLength: count, maxLength: count });

const line = values(4).map((v): Line => ({ replica: 'vllm-0', part: '', values: v }));

const histogram = fc.tuple(fc.array(values(4), { maxLength: 5 }), values(4), values(4)).map(
  ([cumulative, count, sum]): Histogram => ({
    replica: 'vllm-0',
    bounds: cumulative.map((_, i) => i),
    cumulative,
    count,
    sum,
  }),
);

const readings: fc.Arbitrary<Evidence['readings']> = fc.dictionary(
  fc.constantFrom('running', 'waiting', 'ttft', 'cache-config'),
  fc.record({
    signal: fc.constant('running' as const),
    state: fc.constantFrom('present', 'partial', 'absent', 'failed'),
    metrics: fc.array(fc.string(), { maxLength: 2 }),
    query: fc.option(fc.string()),
    lines: fc.array(line, { maxLength: 6 }),
    histograms: fc.array(histogram, { maxLength: 4 }),
    labels: fc.constant([{ replica: 'vllm-0', labels: { block_size: '16' } }]),
  }),
);

function numbersOf({ lines, histograms }: Piece): number {
  return (
    lines.reduce((sum, one) => sum + one.values.length, 0) +
    histograms.reduce((sum, one) => sum + (one.bounds.length + 2) * one.count.length, 0)
  );
}

it('joins what it took apart, through a channel, whatever the size of a piece', () => {
  fc.assert(
    fc.property(readings, fc.integer({ min: 1, max: 60 }), (whole, most) => {
      const pieces = [...piecesOf(whole, most)].map((piece) => structuredClone(piece));
      expect(joinPieces(pieces)).toEqual(whole);
      expect(Object.keys(joinPieces(pieces))).toEqual(Object.keys(whole));
    }),
  );
});

it('makes no piece larger than asked, but for a single line or histogram that is', () => {
  fc.assert(
    fc.property(readings, fc.integer({ min: 1, max: 60 }), (whole, most) => {
      for (const piece of piecesOf(whole, most))
        if (piece.lines.length + piece.histograms.length > 1) expect(numbersOf(piece)).toBeLessThanOrEqual(most);
    }),
  );
});
