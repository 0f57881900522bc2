import { expect, test } from 'vitest';
import { remember } from './remember.ts';

test('works out once per object and key, also an answer of null', () => {
  const kept = remember<object, string, number | null>();
  const asked: string[] = [];
  const ask = (owner: object, key: string, answer: number | null) =>
    kept(owner, key, () => {
      asked.push(key);
      return answer;
    });
  const [one, other] = [{}, {}];
  expect([ask(one, 'a', 1), ask(one, 'a', 2), ask(one, 'b', null), ask(one, 'b', 3), ask(other, 'a', 4)]).toEqual([
    1,
    1,
    null,
    null,
    4,
  ]);
  expect(asked).toEqual(['a', 'b', 'a']);
});
