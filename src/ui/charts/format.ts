import { sayDuration } from '../../core/base/say.ts';
import type { Unit } from '../../core/base/units.ts';

/** A number as it is shown: the figure, and the unit that goes smaller beside it (empty where there is none). */
export interface Formatted {
  readonly figure: string;
  readonly unit: string;
}

const UNIT_WORDS: Readonly<Record<Exclude<Unit, 'seconds' | 'bytes'>, string>> = {
  ratio: '',
  count: '',
  requests: 'requests',
  tokens: 'tokens',
  'per-second': '/s',
  'requests-per-second': 'req/s',
  'tokens-per-second': 'tok/s',
  'steps-per-second': 'steps/s',
  hertz: 'Hz',
  watts: 'W',
};

/** Unit of a y axis: the word after the title, and the factor from base units to it. */
export interface AxisUnit {
  readonly word: string;
  readonly factor: number;
}

/** @returns what the axis counts in, so that its largest value reads without a string of zeros. */
export function axisUnit(unit: Unit, largest: number): AxisUnit {
  switch (unit) {
    case 'seconds':
      return largest < 1 ? { word: 'ms', factor: 1000 } : { word: 's', factor: 1 };
    case 'bytes':
      return largest < 1e9 ? { word: 'MB', factor: 1e-6 } : { word: 'GB', factor: 1e-9 };
    case 'per-second':
    case 'requests-per-second':
    case 'tokens-per-second':
    case 'steps-per-second':
      return { word: 'per s', factor: 1 };
    case 'ratio':
    case 'count':
    case 'requests':
    case 'tokens':
    case 'hertz':
    case 'watts':
      return { word: UNIT_WORDS[unit], factor: 1 };
    default:
      return unit satisfies never;
  }
}

/** Three significant digits, no exponent, no trailing zeros; SI prefix from 10,000 on. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  for (const [factor, prefix] of [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
  ] as const) {
    if (size >= factor * 0.9995) return `${trim(value / factor)}${prefix}`;
  }
  if (size >= 9999.5) return `${trim(value / 1e3)}k`;
  if (size >= 999.5) return Math.round(value).toLocaleString('en-US');
  return trim(value);
}

/** For axis ticks: the prefix already from 1,000 on. */
export function formatTick(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${trim(value / 1e9)}G`;
  if (size >= 1e6) return `${trim(value / 1e6)}M`;
  if (size >= 1e3) return `${trim(value / 1e3)}k`;
  return trim(value);
}

function trim(value: number): string {
  const size = Math.abs(value);
  if (size < 1e-9) return '0';
  if (size >= 100) return String(Math.round(value));
  if (size >= 10) return String(Number(value.toFixed(1)));
  if (size >= 1) return String(Number(value.toFixed(2)));
  // Below one, two digits are enough for a reader at 3 a.m.
  return String(Number(value.toFixed(Math.min(8, 1 - Math.floor(Math.log10(size))))));
}

/** Prefix that suits a size: the word, and what to divide by. Seconds become ms below one second, minutes from a thousand. */
function prefixFor(size: number, unit: Unit): { readonly word: string; readonly divisor: number } {
  switch (unit) {
    case 'seconds':
      if (size === 0) return { word: 's', divisor: 1 };
      if (size < 0.9995) return { word: 'ms', divisor: 0.001 };
      if (size < 1000) return { word: 's', divisor: 1 };
      return size < 7200 ? { word: 'min', divisor: 60 } : { word: 'h', divisor: 3600 };
    case 'bytes':
      return size < 1e9 ? { word: 'MB', divisor: 1e6 } : { word: 'GB', divisor: 1e9 };
    case 'ratio':
    case 'count':
    case 'requests':
    case 'tokens':
    case 'per-second':
    case 'requests-per-second':
    case 'tokens-per-second':
    case 'steps-per-second':
    case 'hertz':
    case 'watts':
      return { word: UNIT_WORDS[unit], divisor: 1 };
    default:
      return unit satisfies never;
  }
}

/** @returns the number in the prefix that suits it; `–` for a gap. */
export function formatValue(value: number | null, unit: Unit): Formatted {
  if (value === null || !Number.isFinite(value)) return { figure: '–', unit: '' };
  const { word, divisor } = prefixFor(Math.abs(value), unit);
  return { figure: unit === 'ratio' ? ratioFigure(value) : formatNumber(value / divisor), unit: word };
}

/** Two digits after the point down to a hundredth, then one significant one. */
function ratioFigure(value: number): string {
  if (value === 0) return '0';
  return Math.abs(value) >= 0.0095 ? value.toFixed(2) : String(Number(value.toPrecision(1)));
}

/** Figure and unit in one text: `4.2 s`, `0.8/s`, `0.97`. */
export function formatText(value: number | null, unit: Unit): string {
  return inWords(formatValue(value, unit));
}

/** Figure and unit with the right space between them. */
export function inWords({ figure, unit: word }: Formatted): string {
  if (word === '') return figure;
  return word.startsWith('/') ? `${figure}${word}` : `${figure} ${word}`;
}

/** An interval in the unit of its upper edge: `80–160 s`; above the last bucket `over 2,560 s`; from zero `under 10 ms`. */
export function formatInterval(low: number | null, high: number | null, unit: Unit): Formatted {
  if (low === null) return { figure: '–', unit: '' };
  if (high === null) {
    const edge = formatValue(low, unit);
    return { figure: `over ${edge.figure}`, unit: edge.unit };
  }
  const top = formatValue(high, unit);
  if (low === high) return top;
  if (low <= 0) return { figure: `under ${top.figure}`, unit: top.unit };
  const { divisor } = prefixFor(Math.abs(high), unit);
  const bottom = unit === 'ratio' ? ratioFigure(low) : formatNumber(low / divisor);
  return { figure: `${bottom}–${top.figure}`, unit: top.unit };
}

/** Where a time is told: the viewer's own zone, or UTC. */
export type TimeZone = 'local' | 'utc';

/** `01:56:28` of unix seconds. */
export function formatTime(unixSeconds: number, zone: TimeZone = 'local'): string {
  const { hours, minutes, seconds } = clock(unixSeconds, zone);
  return `${two(hours)}:${two(minutes)}:${two(seconds)}`;
}

/** `01:56`, for axes; with seconds where the spacing asks for them. */
export function formatAxisTime(unixSeconds: number, spacing: number, zone: TimeZone = 'local'): string {
  const { hours, minutes, seconds, day, month } = clock(unixSeconds, zone);
  if (spacing >= 86_400) return `${day} ${MONTHS[month] ?? ''}`;
  return spacing < 60 ? `${two(hours)}:${two(minutes)}:${two(seconds)}` : `${two(hours)}:${two(minutes)}`;
}

/** For a title on hover: date, local time and UTC, so that nobody has to add hours at night. */
export function formatTimeLong(unixSeconds: number): string {
  const local = clock(unixSeconds, 'local');
  const date = `${local.day} ${MONTHS[local.month] ?? ''} ${local.year}`;
  return `${date} ${formatTime(unixSeconds)} local, ${formatTime(unixSeconds, 'utc')} UTC`;
}

/** `01:53:34–59`: a range without what both ends share. */
export function formatTimeRange(from: number, to: number, zone: TimeZone = 'local'): string {
  const a = formatTime(from, zone);
  const b = formatTime(to, zone);
  if (a === b) return a;
  if (a.slice(0, 5) === b.slice(0, 5)) return `${a}–${b.slice(6)}`;
  return `${a}–${b}`;
}

/** `36 ms`, `4.2 s`, `3 min 55 s`, `2 h 10 min`. */
export function formatDuration(seconds: number): string {
  return sayDuration(seconds);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function clock(unixSeconds: number, zone: TimeZone) {
  const date = new Date(Math.round(unixSeconds) * 1000);
  return zone === 'utc'
    ? {
        hours: date.getUTCHours(),
        minutes: date.getUTCMinutes(),
        seconds: date.getUTCSeconds(),
        day: date.getUTCDate(),
        month: date.getUTCMonth(),
        year: date.getUTCFullYear(),
      }
    : {
        hours: date.getHours(),
        minutes: date.getMinutes(),
        seconds: date.getSeconds(),
        day: date.getDate(),
        month: date.getMonth(),
        year: date.getFullYear(),
      };
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
