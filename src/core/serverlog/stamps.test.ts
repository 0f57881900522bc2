import { describe, expect, test } from 'vitest';
import { resolveStamps, type Stamp } from './stamps.ts';

const NOW = Date.UTC(2026, 10, 26, 12) / 1000;
const at = (text: string) => Date.parse(`${text}Z`) / 1000;
const second = (time: string) => {
  const [h = 0, m = 0, s = 0] = time.split(':').map(Number);
  return h * 3600 + m * 60 + s;
};
const day = (date: string, time: string): Stamp => {
  const [month = 1, d = 1] = date.split('-').map(Number);
  return { year: null, month, day: d, second: second(time), offset: null };
};
const bare = (time: string): Stamp => ({ year: null, month: null, day: null, second: second(time), offset: null });
const resolved = (stamps: readonly (Stamp | null)[], now = NOW) => resolveStamps(stamps, now);

describe('the year that is not there', () => {
  test.each<[string, Stamp[], string[]]>([
    ['this year', [day('11-25', '01:46:22')], ['2026-11-25T01:46:22']],
    ['last year, since December is still to come', [day('12-24', '12:00:00')], ['2025-12-24T12:00:00']],
    ['a day ahead: a zone east of here', [day('11-27', '01:00:00')], ['2026-11-27T01:00:00']],
    [
      'over New Year',
      [day('12-31', '23:59:55'), day('01-01', '00:00:05')],
      ['2025-12-31T23:59:55', '2026-01-01T00:00:05'],
    ],
    [
      'two logs in a row, the later one first',
      [day('01-01', '00:00:05'), day('12-31', '23:59:55')],
      ['2026-01-01T00:00:05', '2025-12-31T23:59:55'],
    ],
    [
      'the 29th of February',
      [day('02-28', '10:00:00'), day('02-29', '10:00:00')],
      ['2024-02-28T10:00:00', '2024-02-29T10:00:00'],
    ],
  ])('%s', (_, stamps, expected) => {
    expect(resolved(stamps)).toEqual(expected.map(at));
  });

  test('a year that is told counts, and speaks for those that follow', () => {
    const told: Stamp = { year: 2024, month: 12, day: 31, second: 86_399, offset: 0 };
    expect(resolved([told, day('01-01', '00:00:01')])).toEqual([at('2024-12-31T23:59:59'), at('2025-01-01T00:00:01')]);
  });

  test('a day that does not exist has no time', () => {
    expect(resolved([day('02-30', '10:00:00'), day('11-25', '10:00:00')])).toEqual([null, at('2026-11-25T10:00:00')]);
  });
});

describe('times of day alone', () => {
  test('over midnight', () => {
    expect(resolved([bare('23:59:50'), bare('00:00:10'), null, bare('00:00:20')])).toEqual([
      at('2026-11-25T23:59:50'),
      at('2026-11-26T00:00:10'),
      null,
      at('2026-11-26T00:00:20'),
    ]);
  });

  test('yesterday, if it would be later than now', () => {
    expect(resolved([bare('13:00:00')])).toEqual([at('2026-11-25T13:00:00')]);
    expect(resolved([bare('11:00:00')])).toEqual([at('2026-11-26T11:00:00')]);
  });

  test('a date before them goes on', () => {
    expect(resolved([day('11-20', '23:59:00'), bare('00:01:00')])).toEqual([
      at('2026-11-20T23:59:00'),
      at('2026-11-21T00:01:00'),
    ]);
  });
});
