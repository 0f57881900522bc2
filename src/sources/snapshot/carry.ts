import * as v from 'valibot';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { checksum } from '../../core/snapshot/checksum.ts';
import { HostileError, pack, unpack } from '../../core/snapshot/pack.ts';
import { reductions } from '../../core/snapshot/reduce.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import { formatText, readText } from '../../core/snapshot/text.ts';
import { upgrade, VersionError } from '../../core/snapshot/upgrade.ts';
import { SourceError } from '../errors.ts';
import { deflate, inflate } from './deflate.ts';
import { lock, unlock } from './lock.ts';
import { frontSchema, snapshotSchema } from './schema.ts';

/**
 * The snapshot as text: what stands behind `#snapshot=` in a link, and in a file.
 * @param passphrase locks it; `''` leaves it open
 */
export async function writeSnapshot(snapshot: Snapshot, passphrase = ''): Promise<string> {
  const bytes = await deflate(pack(snapshot));
  return passphrase === '' ? formatText('1', bytes) : formatText('1e', await lock(bytes, passphrase));
}

/** Characters of a link that every chat takes in one piece: Slack and Teams cut or refuse beyond 4,000. */
export const MOST_CHAT = 3900;
/** Characters of a link that trackers take as text (65,536 on GitHub) and every browser opens. */
export const MOST_LINK = 60_000;

/**
 * A link short enough for a chat: the snapshot reduced as little as that takes.
 * @param page address of the page without a fragment, which counts as well
 * @returns `null` where not even the verdict alone fits
 */
export async function writeChatLink(
  snapshot: Snapshot,
  page: string,
  passphrase = '',
): Promise<{ readonly link: string; readonly snapshot: Snapshot } | null> {
  // Locking takes a quarter of a second on purpose, so that only what fits is locked.
  const lock = passphrase === '' ? 0 : LOCKED_MORE;
  for (const reduced of reductions(snapshot)) {
    const open = linkTo(page, await writeSnapshot(reduced));
    if (open.length + lock > MOST_CHAT) continue;
    return {
      link: passphrase === '' ? open : linkTo(page, await writeSnapshot(reduced, passphrase)),
      snapshot: reduced,
    };
  }
  return null;
}

/** Characters a lock adds at most: the `e`, and 48 bytes (see lock.ts) in base64. */
const LOCKED_MORE = 66;

export function linkTo(page: string, text: string): string {
  return `${page}#snapshot=${text}`;
}

export interface ReadSnapshot {
  readonly snapshot: Snapshot;
  /** What is wrong with the text, and what was read all the same; then the evidence is empty. Sentences. */
  readonly damage: readonly string[];
}

/** Characters of the longest text that is looked at: more cannot unpack to a snapshot of the allowed size. */
export const MOST_CHARACTERS = 96_000_000;

/**
 * Reads a link or a file nobody vouches for. Nothing is fetched. A text that was cut or changed on its way gives the stored
 * verdict alone, where that part is whole.
 * @param passphrase `''` for none
 * @throws SourceError 'locked' where it wants a passphrase or another one; 'unreadable' with a sentence for anything that is no
 * snapshot, or of a version to come
 */
export async function readSnapshot(given: string, passphrase = ''): Promise<ReadSnapshot> {
  if (given.length > MOST_CHARACTERS) throw unreadable('This is too large to be a snapshot.');
  const text = readText(given);
  if (text === null) throw unreadable('There is no snapshot in this text. A link has it behind “#snapshot=”.');
  if (text.wrap !== '1' && text.wrap !== '1e')
    throw unreadable(
      `This snapshot is wrapped in a way of its own (“${text.wrap}”). Open it with a newer vLLM Triage.`,
    );
  const how = text.sum === null ? 'is cut short' : 'was damaged on its way';
  if (text.wrap === '1e' && text.sum !== checksum(text.bytes))
    throw unreadable(
      `This locked snapshot ${how}, and no part of it can be opened. Ask for it again, or for the file.`,
    );
  const { bytes, end } = await inflate(text.wrap === '1e' ? await opened(text.bytes, passphrase) : text.bytes);
  if (end === 'too-large')
    throw unreadable('This unpacks to more than 64 MB, which no snapshot does. It was not opened.');
  const read = orSentence(() => unpack(bytes));
  if (!read.whole || end !== 'whole') {
    const left = read.whole ? read.snapshot : read.front;
    if (left === null)
      throw unreadable(
        `This snapshot ${how}, and too little of it is left to show anything. Ask for it again, or for the file.`,
      );
    const front = checked(frontSchema, upgraded(left));
    const evidence = nothingOf(front);
    return {
      snapshot: { ...front, evidence },
      damage: [
        `This snapshot ${how}: the verdict is whole, the measurements behind it are lost. Ask for it again, or for the file.`,
      ],
    };
  }
  return { snapshot: checked(snapshotSchema, upgraded(read.snapshot)), damage: [] };
}

async function opened(locked: Uint8Array, passphrase: string): Promise<Uint8Array> {
  if (passphrase === '') throw new SourceError('locked', 'This snapshot is locked with a passphrase.');
  const bytes = await unlock(locked, passphrase);
  if (bytes === null) throw new SourceError('locked', 'This passphrase does not open the snapshot.');
  return bytes;
}

function unreadable(message: string): SourceError {
  return new SourceError('unreadable', message);
}

/** What the core refuses becomes an error of the source, with the same sentence. */
function orSentence<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof HostileError) throw unreadable(`This is no snapshot and was not opened. ${error.message}`);
    if (error instanceof VersionError) throw unreadable(error.message);
    throw error;
  }
}

const upgraded = (json: unknown): unknown => orSentence(() => upgrade(json));

function checked<TSchema extends v.GenericSchema>(schema: TSchema, json: unknown): v.InferOutput<TSchema> {
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? '';
  throw unreadable(`This snapshot does not hold what a snapshot holds${where ? `: ${where}` : ''}. ${issue.message}`);
}

/** The evidence of a snapshot that lost it. */
function nothingOf({ verdict }: Omit<Snapshot, 'evidence'>): Evidence {
  return {
    grid: verdict.grid,
    window: verdict.grid.step,
    scrapeInterval: null,
    source: { kind: 'snapshot', label: '', flavour: null },
    selector: verdict.selector,
    replicas: [],
    readings: {},
    knobs: {},
    warnings: [],
  };
}
