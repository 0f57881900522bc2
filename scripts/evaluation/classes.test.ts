import { expect, test } from 'vitest';
import { DETECTORS } from '../../src/core/detectors/index.ts';
import { ACUTE } from './acute.ts';
import { CLASSES } from './classes.ts';
import { PAIRS } from './pairs.ts';

test('every detector, acute class and look-alike is one of the classes', () => {
  const named = [...DETECTORS.map(({ id }) => id), ...ACUTE, ...PAIRS.flat()];
  expect(named.filter((id) => !CLASSES.includes(id))).toEqual([]);
  expect(CLASSES).toHaveLength(25);
});
