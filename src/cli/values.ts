import { InvalidArgumentError } from 'commander';
import { parseKnob } from '../core/knobs/index.ts';
import { type Redaction, REDACTIONS } from '../core/snapshot/redact.ts';
import { parseGivenPair } from '../core/tuner/given.ts';
import type { InputId } from '../core/tuner/inputs.ts';
import { PROFILE_IDS, type ProfileId } from '../core/verdict/profiles.ts';

/** Parsers of option values. Each throws with what was expected; commander names the option. */

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** `30m`, `15s`, `500ms`, `1h30m` → seconds; a bare number is seconds. */
export function parseDuration(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
  let seconds = 0;
  let rest = text;
  while (rest !== '') {
    const part = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)/.exec(rest);
    if (!part) throw new InvalidArgumentError('expected a duration such as 30m, 15s or 1h30m.');
    seconds += Number(part[1]) * (UNITS[part[2] as string] as number);
    rest = rest.slice(part[0].length);
  }
  if (!(seconds > 0)) throw new InvalidArgumentError('expected a duration above zero.');
  return seconds;
}

/** RFC 3339, unix seconds, or `now` → unix seconds or `'now'`. */
export function parseTime(text: string): number | 'now' {
  if (text === 'now') return 'now';
  if (/^\d{9,10}(\.\d+)?$/.test(text)) return Number(text);
  const ms = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('expected RFC 3339 (2026-11-24T12:00:00Z), unix seconds, or now.');
  return ms / 1000;
}

export function parseProfile(text: string): ProfileId {
  const found = PROFILE_IDS.find((id) => id === text);
  if (!found) throw new InvalidArgumentError(`expected one of ${PROFILE_IDS.join(', ')}.`);
  return found;
}

/** `max-num-seqs=64`, collected. */
export function collectKnob(text: string, before: Record<string, number>): Record<string, number> {
  try {
    const { id, value } = parseKnob(text);
    return { ...before, [id]: value };
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

/** `hosts,pods` → kinds of names. */
export function parseRedactions(text: string): ReadonlySet<Redaction> {
  return new Set(
    text.split(',').map((given) => {
      const found = REDACTIONS.find(({ id }) => id === given.trim());
      if (!found) throw new InvalidArgumentError(`expected some of ${REDACTIONS.map(({ id }) => id).join(', ')}.`);
      return found.id;
    }),
  );
}

/** `Name: value`, collected as text; `@FILE` values are read later. */
export function collectHeader(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf(':');
  const name = text.slice(0, at).trim();
  const value = text.slice(at + 1).trim();
  if (at <= 0 || !/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) || value === '' || /[\r\n]/.test(value)) {
    throw new InvalidArgumentError("expected 'NAME: VALUE', for example 'X-Scope-OrgID: team-a'.");
  }
  return { ...before, [name]: value };
}

/** `prompt-tokens=800`, collected. */
export function collectGiven(text: string, before: Partial<Record<InputId, number>>): Partial<Record<InputId, number>> {
  try {
    const { id, value } = parseGivenPair(text);
    return { ...before, [id]: value };
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

/** A whole number from 1 up. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 1024)
    throw new InvalidArgumentError('expected a whole number from 1 to 1024.');
  return value;
}

/** A number above zero. */
export function parsePositive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('expected a number above zero.');
  return value;
}

export function collectText(text: string, before: string[]): string[] {
  return [...before, text];
}

/** An address of the page, as links begin with it. */
export function parsePage(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('expected an address such as https://triage.example.');
  return text;
}
