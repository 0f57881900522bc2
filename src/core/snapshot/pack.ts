import type { Values } from '../base/grid.ts';
import { asciiJson, ByteReader, BytesError, ByteWriter, parseAsciiJson } from './bytes.ts';
import { checksum } from './checksum.ts';
import { forbiddenKey, monstrous } from './hostile.ts';
import { readSeries, type Row, writeSeries } from './series.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * Packed form of a snapshot, before it is compressed: first everything but the evidence, so that a link that was cut still
 * tells its verdict; then the evidence without its numbers; then the numbers.
 *
 *     length of front · front (ASCII JSON) · its checksum · the same of the rest · numbers (series.ts)
 *
 * Every list in it that is as long as the grid and holds nothing but numbers and `null` is a line of numbers. In the JSON its
 * place is kept by `{"~": group}`; lines of one replica are one group. Nothing else of the shape of a snapshot is known here,
 * so that upgraders work on plain JSON.
 */
export function pack(snapshot: Snapshot): Uint8Array {
  const { evidence, ...front } = snapshot;
  const { count } = evidence.grid;
  const rows: Row[] = [];
  const groups = new Map<string, number>();
  const lift = (value: unknown, owner: string): unknown => {
    if (isLine(value, count)) {
      const group = groups.get(owner) ?? groups.size;
      groups.set(owner, group);
      rows.push({ group, values: value });
      return { '~': group };
    }
    if (Array.isArray(value)) return value.map((one) => lift(one, owner));
    if (typeof value !== 'object' || value === null) return value;
    const { replica } = value as { replica?: unknown };
    const inside = typeof replica === 'string' ? replica : owner;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, lift(one, inside)]));
  };
  const out = new ByteWriter();
  for (const part of [lift(front, ''), { length: count, evidence: lift(evidence, '') }]) {
    const json = asciiJson(part);
    out.whole(json.length);
    out.bytes(json);
    out.bytes(asciiOf(checksum(json)));
  }
  writeSeries(out, rows, count, evidence.window);
  return out.done();
}

const asciiOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

function isLine(value: unknown, count: number): value is Values {
  return Array.isArray(value) && value.length === count && value.every((one) => one === null || Number.isFinite(one));
}

/** Most numbers a snapshot may hold: a day and a half of 64 replicas at the usual spacing. */
const MOST_NUMBERS = 16_000_000;
/** Bytes of JSON in one part: a hundred times what the largest fleet seen needs, and read within a second. */
const MOST_JSON = 8_000_000;
/** Grid times a line may have, as Prometheus allows. */
const MOST_TIMES = 11_000;

/** What could be read of packed bytes: plain JSON nobody has checked yet. */
export type Unpacked =
  | { readonly whole: true; readonly snapshot: unknown }
  /** The end is missing or damaged: all but the evidence, with gaps where its lines were. `null` if not even that is there. */
  | { readonly whole: false; readonly front: unknown; readonly because: string };

/**
 * Reads what `pack` wrote, from bytes nobody vouches for.
 * @throws BytesError with a sentence for bytes that are made to do harm: too much of them, nested too deep, forbidden keys
 */
export function unpack(bytes: Uint8Array): Unpacked {
  const reader = new ByteReader(bytes);
  let front: unknown = null;
  try {
    front = readJson(reader);
    const rest = readJson(reader);
    const { length, evidence } = rest as { readonly length?: unknown; readonly evidence?: unknown };
    if (typeof length !== 'number' || !Number.isInteger(length) || length < 1 || length > MOST_TIMES)
      throw new BytesError(`its lines should have 1 to ${MOST_TIMES} numbers`);
    const groups = groupsIn([front, evidence]);
    if (groups.length * length > MOST_NUMBERS)
      throw new HostileError(`It holds more than ${MOST_NUMBERS / MILLION} million numbers.`);
    const lines = readSeries(reader, groups, length);
    let next = 0;
    const take = (): Values => lines[next++] as Values;
    return { whole: true, snapshot: { ...(lower(front, take) as object), evidence: lower(evidence, take) } };
  } catch (error) {
    if (error instanceof HostileError) throw error;
    if (!(error instanceof BytesError) && !(error instanceof SyntaxError)) throw error;
    return { whole: false, front: front === null ? null : lower(front, () => null), because: error.message };
  }
}

const MILLION = 1e6;

/** Bytes made to do harm; the message is a sentence. */
export class HostileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'HostileError';
  }
}

function readJson(reader: ByteReader): unknown {
  const length = reader.whole();
  if (length > MOST_JSON) throw new HostileError(`A part of it is larger than ${MOST_JSON / MILLION} MB.`);
  const bytes = reader.bytes(length);
  const sum = checksum(bytes);
  if (!reader.bytes(8).every((code, i) => code === sum.charCodeAt(i)))
    throw new BytesError('a part of it was changed on its way');
  const monster = monstrous(bytes);
  if (monster !== null) throw new HostileError(monster);
  const json = parseAsciiJson(bytes);
  const key = forbiddenKey(json);
  if (key !== null) throw new HostileError(`It holds the key ${key}, which no snapshot has.`);
  if (typeof json !== 'object' || json === null) throw new BytesError('a part of it is no object');
  return json;
}

function groupOf(value: object): number | null {
  const group = (value as Record<string, unknown>)['~'];
  return typeof group === 'number' ? group : null;
}

/** Groups of the lines in the order `pack` met them. The depth is bounded by then. */
function groupsIn(value: unknown): number[] {
  if (typeof value !== 'object' || value === null) return [];
  const group = groupOf(value);
  return group === null ? Object.values(value).flatMap(groupsIn) : [group];
}

function lower(value: unknown, take: () => Values | null): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (groupOf(value) !== null) return take();
  if (Array.isArray(value)) return value.map((one) => lower(one, take));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, lower(one, take)]));
}
