/** A point in time as an address may give it: unix seconds, or so many seconds before now. */
export type When = number | { readonly ago: number };

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})$/;
/** The year 9999: the last one RFC 3339 can write. */
const LAST = 253_402_300_799;

/**
 * Reads RFC 3339, unix milliseconds, `now` and `now-30m` (s, m, h, d, w).
 * @returns `null` if it is none of them
 */
export function parseWhen(text: string): When | null {
  if (text === 'now') return { ago: 0 };
  const relative = /^now-(\d{1,7})([smhdw])$/.exec(text);
  if (relative) return { ago: Number(relative[1]) * (UNITS[relative[2] as string] as number) };
  if (/^-?\d{1,16}$/.test(text)) return inRange(Number(text) / 1000);
  if (RFC3339.test(text)) {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? null : inRange(ms / 1000);
  }
  return null;
}

function inRange(seconds: number): number | null {
  return seconds >= 0 && seconds <= LAST ? seconds : null;
}

/** @returns the shortest form `parseWhen` reads back to the same value; times are kept to the millisecond. */
export function formatWhen(when: When): string {
  if (typeof when === 'number') return new Date(Math.round(when * 1000)).toISOString().replace('.000Z', 'Z');
  if (when.ago === 0) return 'now';
  const unit = (['w', 'd', 'h', 'm'] as const).find((u) => when.ago % (UNITS[u] as number) === 0) ?? 's';
  return `now-${when.ago / (UNITS[unit] as number)}${unit}`;
}

/** @returns unix seconds */
export function resolveWhen(when: When, now: number): number {
  return typeof when === 'number' ? when : now - when.ago;
}
