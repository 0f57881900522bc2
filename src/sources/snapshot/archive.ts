import { strToU8, zipSync } from 'fflate';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { contentsOf, type RawPage } from '../../core/escalation/contents.ts';
import { type Alias, leftovers, type Redaction, redact } from '../../core/snapshot/redact.ts';
import { takeSnapshot } from '../../core/snapshot/snapshot.ts';
import { diagnose } from '../../core/verdict/diagnose.ts';
import { chaptersOf } from '../../core/verdict/chapters.ts';
import { judgeMoments } from '../../core/verdict/history.ts';
import type { Targets } from '../../core/verdict/profiles.ts';
import { writeSnapshot } from './carry.ts';

/** What an archive is asked for with. */
export interface ArchiveAsk {
  readonly evidence: Evidence;
  readonly targets: Targets;
  readonly redactions: readonly Redaction[];
  /** Settings told with the question, by knob id. */
  readonly given: Readonly<Record<string, number>>;
  /** Where the same can be looked at; left out where anything is redacted, since it names source and scope. */
  readonly link: string | null;
  /** The last page of each server as it wrote it. Left out where anything is redacted: no name in it can be known for one. */
  readonly pages: readonly RawPage[];
  readonly version: string;
  /** Unix seconds. */
  readonly takenAt: number;
}

export interface Archive {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly note: string;
  readonly files: readonly string[];
  readonly aliases: readonly Alias[];
  /** Names that still stand in it, since they are ordinary words or parts of them. */
  readonly left: readonly string[];
}

/** In local time, as a zip holds it, so that the same incident gives the same bytes everywhere; the first a zip can say. */
const STAMP = new Date(1980, 0, 1);

/**
 * Everything whoever takes over an incident asks for, as one zip. In other names if asked for, and then judged in those. Equal
 * asks give equal bytes. Takes seconds on a long range: its timeline and headroom are worked out.
 */
export async function writeArchive(ask: ArchiveAsk): Promise<Archive> {
  const { targets, version, takenAt, given } = ask;
  const bare = ask.redactions.length > 0;
  const { evidence, aliases } = redact(ask.evidence, new Set(ask.redactions));
  const verdict = diagnose(evidence, targets);
  const chapters = chaptersOf([...judgeMoments(evidence, targets)]);
  const note = { verdict, chapters, link: bare ? null : ask.link, version };
  const contents = contentsOf({ evidence, targets, note, given, pages: bare ? [] : ask.pages });
  const snapshot = takeSnapshot(evidence, targets, verdict, { version, takenAt });
  const texts = new Map([...contents, ['incident.snapshot', `${await writeSnapshot(snapshot)}\n`]]);
  const files = Object.fromEntries([...texts].map(([name, text]) => [name, strToU8(text)]));
  return {
    bytes: zipSync(files, { mtime: STAMP }),
    note: contents.get('note.md') as string,
    files: [...texts.keys()],
    aliases,
    left: leftovers(
      [...contents.values(), JSON.stringify(snapshot)].join('\n'),
      aliases.map(({ name }) => name),
    ),
  };
}
