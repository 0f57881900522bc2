import type { RawPage } from '../../core/escalation/contents.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import type { Targets } from '../../core/verdict/profiles.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import type { Source } from '../../sources/source.ts';
import { Desk } from './desk.ts';
import { GONE, type Judgement, type Opened, type Opening, type ReadEnd, SAME } from './messages.ts';

/** Workers by whom they read for: the page, or one mount of several in somebody else's page; then by what they are for. */
const desks = new Map<object, Map<string, Desk>>();

function deskOf(owner: object, name: string): Desk {
  const own = desks.get(owner) ?? new Map<string, Desk>();
  desks.set(owner, own);
  const desk = own.get(name) ?? new Desk();
  own.set(name, desk);
  return desk;
}

const nameOf = (urls: readonly string[]): string => `metrics ${urls.join(',')}`;

/** Ends all reading for an owner, and forgets what was seen and what was sent along. */
export function closeDesks(owner: object): void {
  for (const desk of desks.get(owner)?.values() ?? []) desk.close();
  desks.delete(owner);
}

/** Starts the worker ahead of need, so that opening a recording does not wait for its script. */
export function warmUp(owner: object): void {
  // A script that does not load now is told when a file is opened.
  deskOf(owner, '')
    .ask({ do: 'warm' })
    .catch(() => undefined);
}

/** Judges evidence that is handed over, beside the page. */
export async function diagnoseBeside(owner: object, evidence: Evidence, targets: Targets): Promise<Verdict> {
  return (await deskOf(owner, '').ask({ do: 'diagnose', evidence, targets })).value as Verdict;
}

/** What was scraped of these pages as a recording, packed; `null` where they were never opened. */
export async function recordingOf(urls: readonly string[]): Promise<Blob | null> {
  for (const own of desks.values()) {
    const desk = own.get(nameOf(urls));
    if (!desk) continue;
    const { value } = await desk.ask({ do: 'save', key: nameOf(urls) });
    return new Blob([value as ArrayBuffer], { type: 'application/gzip' });
  }
  return null;
}

/** A read that the worker keeps, to be judged without sending it back. */
export interface KeptRead {
  readonly evidence: Evidence;
  /** Milliseconds since 1970 at which the last answer of the source was in. */
  readonly answeredAt: number;
  /**
   * Judges it, at a time (unix seconds) or at its end.
   * @param again whether all of it is judged as well, for a snapshot
   * @returns `null` once the worker has forgotten it for newer ones: then read again
   */
  readonly judge: (targets: Targets, at: number | null, again: boolean) => Promise<Judgement | null>;
}

/** A source that is read and judged beside the page. */
export interface DeskSource extends Source {
  /**
   * @param as reads of one name follow each other: only the newest is kept
   * @param held what was read of this name before, to go on from; `null` for nothing
   * @param now the page's clock, unix seconds
   * @returns `null` where nothing came since `held`
   */
  readKept(
    request: Parameters<Source['read']>[0],
    as: { readonly name: string; readonly held: Evidence | null; readonly now: number },
    abort: AbortSignal,
  ): Promise<KeptRead | null>;
}

/**
 * Opens a source in a worker of its owner: one for all servers and files, since only one is looked at; one for each fleet of pages
 * that is scraped, which goes on while others are looked at.
 * @throws SourceError as the source does
 */
export async function openBeside(owner: object, key: string, what: Opening): Promise<DeskSource> {
  const name = what.kind === 'metrics' ? nameOf(what.urls) : '';
  return openAt(deskOf(owner, name), name || key, what);
}

/** Reads all that files hold, once, in a worker that ends with it. @throws SourceError for what cannot be read */
export async function readOnce(what: Opening): Promise<Source & { readonly evidence: Evidence }> {
  const desk = new Desk();
  try {
    const source = await openAt(desk, '', what);
    const everything = { from: 'start', to: 'end', selector: '', knobs: {} } as const;
    const evidence = await source.read(everything, new AbortController().signal);
    return { ...source, evidence };
  } finally {
    desk.close();
  }
}

async function openAt(desk: Desk, key: string, what: Opening): Promise<DeskSource> {
  const transfer = what.kind === 'files' ? what.files.map(({ bytes }) => bytes) : [];
  const { kind, label, frozen } = (await desk.ask({ do: 'open', key, what }, { transfer })).value as Opened;
  // Of this worker alone: one that is started anew counts anew.
  const numbers = new WeakMap<Evidence, number>();
  const readKept: DeskSource['readKept'] = async (request, { name, held, now }, abort) => {
    const number = held === null ? null : (numbers.get(held) ?? null);
    const answer = await desk.ask({ do: 'read', key, as: name, request, held: number, now }, { abort });
    if (answer.value === SAME) return null;
    const { read, head, answeredAt } = answer.value as ReadEnd;
    const evidence = { ...head, readings: answer.readings };
    numbers.set(evidence, read);
    return {
      evidence,
      answeredAt,
      judge: async (targets, at, again) => {
        const { value } = await desk.ask({ do: 'judge', key, as: name, read, targets, at, again });
        return value === GONE ? null : (value as Judgement);
      },
    };
  };
  return {
    kind,
    label,
    ...(frozen === null ? {} : { frozen }),
    readKept,
    read: async (request, abort) => {
      const all = await readKept(request, { name: '', held: null, now: Date.now() / 1000 }, abort);
      // Only what goes on from something can find nothing new.
      return (all as KeptRead).evidence;
    },
    pages: async () => (await desk.ask({ do: 'pages', key })).value as readonly RawPage[],
  };
}
