import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable } from './printable.ts';

test.each([
  ['vllm-0:8000', 'vllm-0:8000'],
  ['модель/שלום/模型 🦙', 'модель/שלום/模型 🦙'],
  ['a\nHEALTHY', 'a\\nHEALTHY'],
  ['\u001b[2Jgone', '\\u001b[2Jgone'],
  ['\u202evllm', '\\u202evllm'],
  ['\u009b1A', '\\u009b1A'],
])('%j is shown as %s', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('nothing unseen is left of any text, and what was printable stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const shown = printable(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
      expect(printable(shown.slice(0, 300))).toBe(shown.slice(0, 300));
    }),
  );
});

test('a long name is cut, and two that differ at their ends stay two', () => {
  const [a, b] = ['a', 'b'].map((end) => printable('v'.repeat(1 << 20) + end)) as [string, string];
  expect(a.length).toBeLessThan(360);
  expect(a).toContain('1048577 characters');
  expect(a).not.toBe(b);
});
