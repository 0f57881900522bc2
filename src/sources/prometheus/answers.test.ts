import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SourceError } from '../errors.ts';
import { matrixOnGrid, nativeOnGrid } from './answers.ts';

const grid = { from: 1000, step: 5, count: 4 };

test('native histograms say at every bound what the classic ones said', () => {
  const bounds = [0.01, 0.1, 1, 10];
  const counts = fc.array(fc.nat(50), { minLength: bounds.length + 1, maxLength: bounds.length + 1 });
  fc.assert(
    fc.property(fc.array(counts, { minLength: grid.count, maxLength: grid.count }), (steps) => {
      const histograms = steps.map((each, i) => {
        const buckets = each.map((n, k) => [
          0,
          String(bounds[k - 1] ?? 0),
          k < bounds.length ? String(bounds[k]) : '+Inf',
          String(n),
        ]);
        const count = each.reduce((a, b) => a + b, 0);
        // The API leaves empty buckets out.
        return [
          grid.from + i * grid.step,
          { count: String(count), sum: '1', buckets: buckets.filter(([, , , n]) => n !== '0') },
        ];
      });
      const { buckets } = nativeOnGrid({ resultType: 'matrix', result: [{ metric: {}, histograms }] }, grid);
      for (const { labels, values } of buckets) {
        const upTo = labels.le === '+Inf' ? bounds.length + 1 : bounds.indexOf(Number(labels.le)) + 1;
        expect(values).toEqual(steps.map((each) => each.slice(0, upTo).reduce((a, b) => a + b, 0)));
      }
      const kept = buckets.map(({ labels }) => Number(labels.le)).filter(Number.isFinite);
      expect(kept).toEqual(bounds.filter((_, k) => steps.some((each) => (each[k] ?? 0) > 0)));
    }),
  );
});

test('series of plain numbers under the name of a histogram are none', () => {
  const result = [{ metric: {}, values: [[1000, '1']] }];
  expect(nativeOnGrid({ resultType: 'matrix', result }, grid)).toEqual({ buckets: [], sums: [] });
});

test('whatever a server sends, it is read or refused', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (metric, points) => {
      for (const read of [matrixOnGrid, nativeOnGrid]) {
        for (const data of [
          points,
          { resultType: 'matrix', result: [{ metric: {}, values: [points], histograms: [points] }] },
          { resultType: 'matrix', result: [metric] },
        ]) {
          try {
            read(data, grid);
          } catch (error) {
            expect(error).toBeInstanceOf(SourceError);
          }
        }
      }
    }),
  );
});
