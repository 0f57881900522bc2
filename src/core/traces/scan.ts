import { TraceError } from './trace.ts';

/**
 * Chrome trace event format, as the profiler of PyTorch writes it: an object whose `traceEvents` is an array of objects, or that
 * array alone. This splits a stream of bytes into the events and what stands beside them, without ever holding the whole text,
 * which may be longer than the longest string of an engine.
 */
export interface ScanTo {
  /** One event: `bytes[from]` is its `{`, `bytes[to - 1]` its `}`. Valid during the call only. */
  event(bytes: Uint8Array, from: number, to: number): void;
  /** A member of the outer object beside `traceEvents`, up to 64 KiB of JSON. */
  member(key: string, json: string): void;
}

const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, COLON, COMMA] = [34, 92, 123, 125, 91, 93, 58, 44];
/** A member beside the events that is longer is of no use here. */
const LONGEST_MEMBER = 65_536;
/** No profiler writes an event of this length: whoever gets here reads something else. */
const LONGEST_EVENT = 1 << 26;

type Place = 'before' | 'outer' | 'list' | 'event' | 'value' | 'after';

export class EventScanner {
  private place: Place = 'before';
  private depth = 0;
  private inString = false;
  private escaped = false;
  /** Bytes of an event that began in an earlier chunk. */
  private carried = new Uint8Array(4096);
  private held = 0;
  private key = '';
  private text: number[] = [];
  private listAlone = false;

  private readonly to: ScanTo;

  constructor(to: ScanTo) {
    this.to = to;
  }

  /** @throws TraceError where the text is no JSON object or array */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      switch (this.place) {
        case 'before':
          at = this.before(chunk, at);
          break;
        case 'list':
          at = this.list(chunk, at);
          break;
        case 'event':
          at = this.event(chunk, at, at);
          break;
        case 'outer':
          at = this.outer(chunk, at);
          break;
        case 'value':
          at = this.value(chunk, at);
          break;
        case 'after':
          return;
        default:
          this.place satisfies never;
      }
    }
  }

  /** @returns whether the text ended before it was complete */
  end(): boolean {
    return this.place !== 'after';
  }

  private before(chunk: Uint8Array, at: number): number {
    const c = chunk[at] as number;
    if (c === OPEN) this.place = 'outer';
    else if (c === OPEN_LIST) {
      this.place = 'list';
      this.listAlone = true;
    } else if (!isBlank(c) && c !== 0xef && c !== 0xbb && c !== 0xbf)
      throw new TraceError('This is no JSON: a profile begins with { or [.');
    return at + 1;
  }

  /** Between two events. */
  private list(chunk: Uint8Array, at: number): number {
    for (let i = at; i < chunk.length; i++) {
      const c = chunk[i];
      if (c === OPEN) {
        this.place = 'event';
        this.depth = 0;
        return this.event(chunk, i, i);
      }
      if (c === CLOSE_LIST) {
        this.place = this.listAlone ? 'after' : 'outer';
        this.key = '';
        return i + 1;
      }
    }
    return chunk.length;
  }

  private event(chunk: Uint8Array, from: number, at: number): number {
    let { depth, inString, escaped } = this;
    const end = chunk.length;
    for (let i = at; i < end; i++) {
      const c = chunk[i];
      if (inString) {
        if (escaped) escaped = false;
        else if (c === QUOTE) inString = false;
        else if (c === BACKSLASH) escaped = true;
      } else if (c === QUOTE) inString = true;
      else if (c === OPEN || c === OPEN_LIST) depth++;
      else if ((c === CLOSE || c === CLOSE_LIST) && --depth === 0) {
        this.inString = false;
        this.escaped = false;
        this.place = 'list';
        if (this.held === 0) this.to.event(chunk, from, i + 1);
        else {
          this.carry(chunk, from, i + 1);
          const length = this.held;
          this.held = 0;
          this.to.event(this.carried, 0, length);
        }
        return i + 1;
      }
    }
    this.carry(chunk, from, end);
    this.depth = depth;
    this.inString = inString;
    this.escaped = escaped;
    return end;
  }

  private carry(chunk: Uint8Array, from: number, to: number): void {
    const length = this.held + to - from;
    if (length > LONGEST_EVENT) throw new TraceError('This is no profile: one of its events is longer than 64 MiB.');
    if (length > this.carried.length) {
      const wider = new Uint8Array(length * 2);
      wider.set(this.carried.subarray(0, this.held));
      this.carried = wider;
    }
    this.carried.set(chunk.subarray(from, to), this.held);
    this.held = length;
  }

  /** Keys of the outer object. */
  private outer(chunk: Uint8Array, at: number): number {
    const c = chunk[at] as number;
    if (this.inString) {
      if (!this.escaped && c === QUOTE) {
        this.inString = false;
        this.key = textOf(this.text);
      } else this.text.push(c);
      this.escaped = !this.escaped && c === BACKSLASH;
      if (this.text.length > LONGEST_MEMBER) throw new TraceError('This is no profile: a key of it has no end.');
      return at + 1;
    }
    if (c === QUOTE) {
      this.inString = true;
      this.text = [];
    } else if (c === COLON) {
      this.place = 'value';
      this.depth = 0;
      this.text = [];
    } else if (c === CLOSE) this.place = 'after';
    else if (c !== COMMA && !isBlank(c))
      throw new TraceError('This is no JSON: a key was expected where something else stands.');
    return at + 1;
  }

  /** The value of a member; that of `traceEvents` is where the events are. */
  private value(chunk: Uint8Array, at: number): number {
    for (let i = at; i < chunk.length; i++) {
      const c = chunk[i] as number;
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (c === QUOTE) this.inString = false;
        else if (c === BACKSLASH) this.escaped = true;
      } else if (c === QUOTE) this.inString = true;
      else if (c === OPEN_LIST && this.depth === 0 && this.key === 'traceEvents') {
        this.place = 'list';
        return i + 1;
      } else if (c === OPEN || c === OPEN_LIST) this.depth++;
      else if (this.depth === 0 && (c === COMMA || c === CLOSE)) {
        if (this.text.length <= LONGEST_MEMBER) this.to.member(this.key, textOf(this.text));
        this.place = c === COMMA ? 'outer' : 'after';
        return i + 1;
      } else if (c === CLOSE || c === CLOSE_LIST) this.depth--;
      if (this.text.length <= LONGEST_MEMBER) this.text.push(c);
    }
    return chunk.length;
  }
}

function isBlank(c: number): boolean {
  return c === 32 || (c >= 9 && c <= 13);
}

/** Members beside the events are ASCII in what profilers write; anything else would only spoil a name shown. */
function textOf(bytes: readonly number[]): string {
  let text = '';
  for (const c of bytes) text += String.fromCharCode(c);
  return text;
}
