import Papa from 'papaparse';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildScene } from '../../core/evidence/notation.ts';
import { csvText, evidenceCsv } from './table.ts';

test('no field starts a formula, and every field comes back', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 2 }), { minLength: 1 }), (rows) => {
      const read = Papa.parse<string[]>(csvText(rows), { delimiter: ',' }).data;
      expect(read.map((row) => row.map((field) => field.replace(/^'(?=[=+\-@\t\r])/, '')))).toEqual(
        rows.map((row) => row.map((field) => field.replace(/^'(?=[=+\-@\t\r])/, ''))),
      );
      for (const field of read.flat()) expect(field).not.toMatch(/^[=+\-@\t\r]/);
    }),
  );
});

test('numbers stay numbers, also below zero, and a gap is empty', () => {
  expect(csvText([[-1.5, null, '=1+1', 'a,b']])).toBe(`-1.5,,"'=1+1","a,b"`);
});

test('all evidence, one line per series, with its query and its times', () => {
  const scene = buildScene({ lines: { running: '3 4 _' }, histograms: { ttft: '0.2*5 - -' } });
  const [head, ...rows] = Papa.parse<string[]>(evidenceCsv(scene)).data as [string[], ...string[][]];
  expect(head.slice(0, 6)).toEqual(['signal', 'unit', 'replica', 'part', 'what', 'query']);
  expect(head.at(-1)).toBe('2027-01-15T08:00:00.000Z');
  const running = rows.find((row) => row[0] === 'running') as string[];
  expect(running.slice(6)).toEqual(['3', '4', '']);
  const { bounds = [] } = scene.readings.ttft?.histograms[0] ?? {};
  expect(rows.filter((row) => row[0] === 'ttft').length).toBe(bounds.length + 2);
});
