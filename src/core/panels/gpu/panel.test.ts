import { expect, it } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import { targetsOf } from '../../verdict/profiles.ts';
import { gpu } from './panel.ts';

it('keeps its place without an exporter and says what it would tell', () => {
  const data = gpu.build(buildScene({ steps: 12 }), targetsOf('chat'));
  expect(data.state).toBe('absent');
  expect(data.note).toBe('vLLM does not export it');
  expect(data.missing[0]).toEqual({
    signal: 'gpu-sm-active',
    title: 'GPU SM activity',
    decides: 'a slow or idle GPU',
    problem: null,
  });
});

it('prefers SM activity, with the levels of the textbook', () => {
  const scene = (lines: Record<string, string>) => gpu.build(buildScene({ steps: 12, lines }), targetsOf('chat'));
  const both = scene({ 'gpu-sm-active': '0.4', 'gpu-utilization': '1', 'gpu-memory-used': '8e10' });
  expect(both.lead).toBe('active');
  expect(both.thresholds.map((t) => t.value)).toEqual([0.8, 0.5]);
  expect(both.readouts[0]?.values[11]).toBe(8e10);
  // Utilisation is no load, so it has no levels.
  const one = scene({ 'gpu-utilization': '1' });
  expect([one.lead, one.state, one.thresholds.length]).toEqual(['utilization', 'partial', 0]);
});
