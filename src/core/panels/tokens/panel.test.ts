import { expect, it } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import { targetsOf } from '../../verdict/profiles.ts';
import { tokens } from './panel.ts';

it('adds the replicas up, or draws the chosen one', () => {
  const scene = buildScene({
    steps: 12,
    replicas: ['a', 'b'],
    lines: { 'output-tokens@a': '100', 'output-tokens@b': '300', 'prompt-tokens': '50' },
  });
  const line = (replicas?: string[]) =>
    tokens.build(scene, targetsOf('chat'), replicas).lines.find((l) => l.id === 'output');
  expect(line()?.values[11]).toBe(400);
  expect(line(['a'])?.values[11]).toBe(100);
});

it('stays linear however far a rate falls', () => {
  const scene = buildScene({ lines: { 'output-tokens': '1000x5 1x5', 'prompt-tokens': '10x11' } });
  expect(tokens.build(scene, targetsOf('chat')).scale).toBe('linear');
});
