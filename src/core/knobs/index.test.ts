import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { KNOBS, parseKnob } from './index.ts';

describe('knobs', () => {
  test('list and directory agree', () => {
    const files = readdirSync(import.meta.dirname).filter((f) => f.endsWith('.ts') && !f.endsWith('.test.ts'));
    const entries = files.filter((f) => f !== 'knob.ts' && f !== 'index.ts').map((f) => f.replace('.ts', ''));
    expect(KNOBS.map((k) => k.id).sort()).toEqual(entries.sort());
  });

  test.each([
    ['max-num-seqs=64', { id: 'max-num-seqs', value: 64 }],
    ['--max_num_seqs=64', { id: 'max-num-seqs', value: 64 }],
    ['max-num-batched-tokens:2048', { id: 'max-num-batched-tokens', value: 2048 }],
    ['shared-prefix-tokens=0', { id: 'shared-prefix-tokens', value: 0 }],
  ])('reads %s', (text, expected) => {
    expect(parseKnob(text)).toEqual(expected);
  });

  test.each([
    ['max-num-seq=64', /expected one of max-num-seqs/],
    ['max-num-seqs', /whole number from 1/],
    ['max-num-seqs=', /whole number/],
    ['max-num-seqs=0', /whole number from 1/],
    ['max-num-seqs=1e99', /whole number/],
    ['max-num-seqs=NaN', /whole number/],
    ['', /got nothing/],
  ])('refuses %s and names what was expected', (text, message) => {
    expect(() => parseKnob(text)).toThrow(message);
  });
});
