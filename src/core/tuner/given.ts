import { INPUT_IDS, type InputId, NAMES } from './inputs.ts';

/** The text is no input, or its value makes no sense; the message names what was expected. */
export class GivenError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'GivenError';
  }
}

/** Smallest and largest value that makes sense, in base units. */
const LIMITS: Readonly<Record<InputId, readonly [min: number, max: number]>> = {
  'gpu-memory': [2 ** 30, 2 ** 42],
  utilisation: [0.05, 1],
  weights: [1, 2 ** 43],
  overhead: [0, 2 ** 40],
  'block-size': [1, 4096],
  'kv-tokens': [16, 1e10],
  'prompt-tokens': [1, 1e8],
  'prompt-spread': [0, 10],
  'answer-tokens': [1, 1e8],
  'answer-spread': [0, 10],
  'hit-rate': [0, 0.99],
  'held-tokens': [1, 1e8],
  'request-rate': [1e-6, 1e6],
  'step-empty': [1e-6, 60],
  'step-per-token': [1e-9, 1],
  'step-per-resident': [1e-12, 1],
};

/** Units an input may be typed in, and what one of them is in base units; the first one is meant by a bare number. */
const UNITS: Readonly<Partial<Record<(typeof NAMES)[InputId]['unit'], readonly (readonly [string, number])[]>>> = {
  bytes: [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['B', 1],
  ],
  seconds: [
    ['s', 1],
    ['ms', 1e-3],
    ['us', 1e-6],
    ['µs', 1e-6],
    ['ns', 1e-9],
  ],
  ratio: [
    ['', 1],
    ['%', 0.01],
  ],
};

/**
 * Reads one input as people type it: `800`, `3.5GiB`, `12ms`, `30%`. A bare number of bytes is GiB, of time seconds.
 * @returns base units. @throws GivenError
 */
export function parseGiven(id: InputId, text: string): number {
  const { name, unit } = NAMES[id];
  const units = UNITS[unit] ?? [['', 1] as const];
  const [, digits, suffix = ''] = /^([\d.,]+(?:e[+-]?\d+)?)\s*([a-zµ%]*)$/i.exec(text.trim()) ?? [];
  const found = suffix === '' ? units[0] : units.find(([word]) => word.toLowerCase() === suffix.toLowerCase());
  const value = digits === undefined || !found ? Number.NaN : Number(digits.replaceAll(',', '')) * found[1];
  const [min, max] = LIMITS[id];
  if (!(value >= min && value <= max)) {
    const [word, one] = units[0] as readonly [string, number];
    const bound = (x: number) => `${Number((x / one).toPrecision(3))}${word}`;
    throw new GivenError(`${name}: expected ${bound(min)} to ${bound(max)}; got ${text.trim() || 'nothing'}.`);
  }
  return value;
}

/** Writes an input so that `parseGiven` reads it back: `3.5GiB`, `0.012s`, `800`. */
export function formatGiven(id: InputId, value: number): string {
  const [word, one] = (UNITS[NAMES[id].unit]?.[0] ?? ['', 1]) as readonly [string, number];
  return `${value / one}${word}`;
}

/** Reads `prompt-tokens=800`, with `:` or `=`. @throws GivenError */
export function parseGivenPair(text: string): { readonly id: InputId; readonly value: number } {
  const at = text.search(/[=:]/);
  const name = (at < 0 ? text : text.slice(0, at)).trim();
  const id = INPUT_IDS.find((one) => one === name);
  if (id === undefined) throw new GivenError(`expected one of ${INPUT_IDS.join(', ')}; got ${name || 'nothing'}.`);
  return { id, value: parseGiven(id, at < 0 ? '' : text.slice(at + 1)) };
}
