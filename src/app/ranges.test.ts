import { describe, expect, it } from 'vitest';
import { presetAt, presetBeside, presetsOf, rangeWords } from './ranges.ts';

const LIVE = presetsOf(null);
const FILE = presetsOf({ from: 1000, to: 1480 });

describe('ranges', () => {
  it.each([
    [LIVE, { from: null, to: null }, '1800'],
    [LIVE, { from: { ago: 3600 }, to: null }, '3600'],
    [LIVE, { from: 5, to: 9 }, ''],
    [FILE, { from: null, to: null }, 'all'],
    [FILE, { from: 1360, to: null }, '120'],
  ])('the preset in use is known', (presets, session, id) => {
    expect(presetAt(presets, session)).toBe(id);
  });

  it('a recording offers only what is shorter than itself', () => {
    expect(FILE.map((preset) => preset.id)).toEqual(['120', '300', 'all']);
  });

  it('keys step to the next shorter and longer one, and stop at the ends', () => {
    expect(presetBeside(FILE, { from: null, to: null }, -1)?.id).toBe('300');
    expect(presetBeside(FILE, { from: null, to: null }, 1)).toBeNull();
    expect(presetBeside(FILE, { from: 1, to: 2 }, 1)?.id).toBe('all');
  });

  it('a live range is named, a fixed one is told in times', () => {
    expect(rangeWords(LIVE, { from: null, to: null }, { from: 0, to: 1800 }, true)).toBe('last 30 min');
    expect(rangeWords(LIVE, { from: 0, to: 60 }, { from: 0, to: 60 }, true)).toMatch(/^\d\d:00:00–\d\d:01:00$/);
  });
});
