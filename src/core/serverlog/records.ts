/**
 * Physical lines → records: what vLLM, uvicorn or Python wrote in one go, with its time. Lines a terminal wrapped and pieces a
 * runtime cut are put together again.
 */
import { peel } from './prefixes.ts';
import { resolveStamps, secondOf, type Stamp } from './stamps.ts';

export interface LogRecord {
  /** Unix seconds; of a line without a stamp the time of the one before. `null` before the first stamp. */
  readonly at: number | null;
  /** Whether the line has a stamp of its own. */
  readonly stamped: boolean;
  /** Pod, container or host from the prefix; `null` where there is none. */
  readonly source: string | null;
  /** The process as vLLM names it: `APIServer`, `EngineCore_DP0`; empty where it does not. */
  readonly role: string;
  readonly pid: number | null;
  readonly text: string;
}

/** What stands in front of a message. A bare `INFO:` is uvicorn's. */
const ROLES = /(?:\(([\w. -]{1,60}?)(?: pid=(\d{1,10}))?(?:, ip=[\w.:-]{1,60})?\) ?)/y;
const HEADER =
  /(?:DEBUG|INFO|WARNING|ERROR|CRITICAL) (?:(?:(\d{4})-)?(\d\d)-(\d\d)[ T])?(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))? \[?[\w./<>-]{1,120}:\d{1,6}\] ?/y;
const UVICORN = /(?:DEBUG|INFO|WARNING|ERROR|CRITICAL): {1,10}/y;
/** The same further in, behind a prefix nobody knows; looked for in the first characters alone. */
const INWARD =
  /(?:\((?:APIServer|ApiServer|EngineCore|Worker|VllmWorker|RayWorker)[^()]{0,60}\) ?)?(?:(?:DEBUG|INFO|WARNING|ERROR|CRITICAL) (?:(?:\d{4}-)?\d\d-\d\d )?\d\d:\d\d:\d\d|INFO: {1,10}\d)/;
const INWARD_WITHIN = 300;
/** A pod or container name in front, as stern and similar tools write it. */
const NAME_IN_FRONT = /^\s{0,8}([a-z0-9]{1,60}(?:[-.][a-z0-9]{1,60}){1,12})(?=[\s›|:])/;

/** Messages long enough to be wrapped by a terminal, and worth putting together. */
const WRAPPABLE =
  /^(?:Engine |Avg |\d+ Engines|Spec|Prefix|KV Transfer|non-default args|args:|GPU KV|CPU KV|Maximum|Sequence group)/;
/** A bare line that says something of its own, and is no piece of the line before. */
const SAYS_SOMETHING = /Error|Traceback|Killed|Fatal|Segmentation|^Process /;
/** Pieces a wrapped line may have, and characters: arguments at the width of a phone. */
const MOST_PIECES = 200;
const MOST_CHARACTERS = 65_536;

interface Draft {
  stamp: Stamp | null;
  readonly source: string | null;
  readonly role: string;
  readonly pid: number | null;
  /** Pieces, joined at the end: appending to one string for each is slow in some engines. */
  readonly pieces: string[];
  length: number;
  readonly wrappable: boolean;
  partial: boolean;
}

/**
 * The records of one file in its order.
 * @param now unix seconds when the log is read: the year is not in the stamps
 */
export function recordsOf(text: string, now: number): LogRecord[] {
  const drafts: Draft[] = [];
  /** The last record of each source, which a further piece may belong to. */
  const last = new Map<string | null, Draft>();
  for (const line of lines(text)) {
    const peeled = peel(line);
    const before = last.get(peeled.source);
    if (before?.partial && before.length < MOST_CHARACTERS) {
      before.pieces.push(peeled.text);
      before.length += peeled.text.length;
      before.partial = peeled.partial;
      continue;
    }
    const draft = draftOf(peeled.text, peeled.source, peeled.stamp, peeled.partial);
    if (draft === null) {
      const goesOn = before?.wrappable === true && !SAYS_SOMETHING.test(peeled.text);
      if (goesOn && before.pieces.length < MOST_PIECES && before.length < MOST_CHARACTERS) {
        before.pieces.push(peeled.text);
        before.length += peeled.text.length;
      } else if (peeled.text.trim() !== '') {
        const bare = blankDraft(peeled.text, peeled.source, peeled.stamp, peeled.partial);
        drafts.push(bare);
        last.set(peeled.source, bare);
      }
      continue;
    }
    drafts.push(draft);
    last.set(draft.source, draft);
  }
  const times = resolveStamps(
    drafts.map((draft) => draft.stamp),
    now,
  );
  const latest = new Map<string | null, number>();
  return drafts.map((draft, i): LogRecord => {
    const own = times[i] ?? null;
    const at = own ?? latest.get(draft.source) ?? null;
    if (at !== null) latest.set(draft.source, at);
    const { source, role, pid } = draft;
    return { at, stamped: own !== null, source, role, pid, text: draft.pieces.join('') };
  });
}

function* lines(text: string): Generator<string> {
  let from = 0;
  while (from < text.length) {
    const end = text.indexOf('\n', from);
    const to = end < 0 ? text.length : end;
    yield text.slice(from, to);
    from = to + 1;
  }
}

function blankDraft(text: string, source: string | null, stamp: Stamp | null, partial: boolean): Draft {
  return { stamp, source, role: '', pid: null, pieces: [text], length: text.length, wrappable: false, partial };
}

/** A line that begins something new; `null` for one that may go on from the line before. */
function draftOf(whole: string, prefix: string | null, outer: Stamp | null, partial: boolean): Draft | null {
  let text = whole;
  let source = prefix;
  let head = headOf(text);
  if (head === null) {
    const inward = INWARD.exec(text.slice(0, INWARD_WITHIN));
    if (inward && inward.index > 0) {
      source ??= NAME_IN_FRONT.exec(text)?.[1] ?? null;
      text = text.slice(inward.index);
      head = headOf(text);
    }
  }
  // A stamp in front is no line of its own: runtimes stamp each piece of a wrapped line, but vLLM wraps none.
  if (head === null) return outer === null ? null : blankDraft(text, source, outer, partial);
  const message = text.slice(head.length);
  // A prefix that tells year and zone is better than vLLM's month and day; a local one is no better.
  const stamp = outer?.year != null ? outer : (head.stamp ?? outer);
  return {
    stamp,
    source,
    role: head.role,
    pid: head.pid,
    pieces: [message],
    length: message.length,
    wrappable: WRAPPABLE.test(message),
    partial,
  };
}

interface Head {
  readonly role: string;
  readonly pid: number | null;
  readonly stamp: Stamp | null;
  readonly length: number;
}

function headOf(text: string): Head | null {
  let at = 0;
  let role = '';
  let pid: number | null = null;
  for (let roles = 0; roles < 3 && text[at] === '('; roles += 1) {
    ROLES.lastIndex = at;
    const found = ROLES.exec(text);
    if (!found || (found[2] === undefined && !/^(?:APIServer|ApiServer|EngineCore|Worker)/.test(found[1] ?? ''))) break;
    if (role === '') {
      role = found[1] as string;
      pid = found[2] === undefined ? null : Number(found[2]);
    }
    at += found[0].length;
  }
  HEADER.lastIndex = at;
  const header = HEADER.exec(text);
  if (header) {
    const [, year, month, day, hours = '', minutes = '', seconds = '', fraction] = header;
    const stamp: Stamp = {
      year: year === undefined ? null : Number(year),
      month: month === undefined ? null : Number(month),
      day: day === undefined ? null : Number(day),
      second: secondOf(hours, minutes, seconds, fraction),
      offset: null,
    };
    return { role, pid, stamp, length: at + header[0].length };
  }
  UVICORN.lastIndex = at;
  const uvicorn = UVICORN.exec(text);
  if (uvicorn) return { role, pid, stamp: null, length: at + uvicorn[0].length };
  return role === '' ? null : { role, pid, stamp: null, length: at };
}
