import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** A file of the repository as text, unpacked where it is packed. @param path from its root */
export function sample(path: string): string {
  const bytes = readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)));
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString();
}

/**
 * The first lines of a text up to so many characters, of each metric or kind of line a few.
 * @param kindOf what a line is one of; `null` leaves it out
 */
export function thinned(
  text: string,
  characters: number,
  kindOf: (line: string) => string | null = (line) => line,
): string {
  const out: string[] = [];
  const seen = new Map<string, number>();
  let length = 0;
  for (const line of text.split('\n')) {
    const kind = kindOf(line);
    const before = seen.get(kind ?? '') ?? 0;
    if (kind === null || before >= 4) continue;
    if (length + line.length + 1 > characters) continue;
    length += line.length + 1;
    seen.set(kind, before + 1);
    out.push(line);
  }
  return `${out.join('\n')}\n`;
}

/** The text of a JSON value with long lists cut: what a tool writes a thousand times says no more than three of it. */
export function shortened(json: unknown, longest = 3, letters = 200): unknown {
  if (typeof json === 'string') return json.slice(0, letters);
  if (Array.isArray(json)) return json.slice(0, longest).map((one) => shortened(one, longest, letters));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([key, one]) => [key, shortened(one, longest, letters)]));
}
