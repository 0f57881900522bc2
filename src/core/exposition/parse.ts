/**
 * Text of a /metrics page, or of a recording, into series. Reads Prometheus text format 0.0.4 and OpenMetrics 1.0:
 * samples with labels, escapes, trailing commas, timestamps, NaN and infinities, CRLF, exemplars (skipped), `# EOF`.
 * HELP, TYPE and UNIT lines are skipped: what a metric means is the catalogue's business.
 *
 * One pass over the text, without a regular expression per line; the text of name and labels is parsed once per series,
 * since in a recording it comes back with every scrape.
 */

/** Samples of one label set, in the order of the text. */
export interface ParsedSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Unix milliseconds, whole; NaN where the text gave none. */
  readonly times: number[];
  readonly values: number[];
}

export interface Parsed {
  readonly series: readonly ParsedSeries[];
  readonly samples: number;
  /** Lines that are no sample and no comment. */
  readonly malformed: number;
  /** The first of them, 1-based, with its beginning. */
  readonly firstMalformed: { readonly line: number; readonly text: string } | null;
  /** Whether `# EOF` was seen: OpenMetrics that is whole. */
  readonly ended: boolean;
}

/** Nothing in the text could be read as a sample. */
export class ExpositionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExpositionError';
  }
}

/**
 * A timestamp above this is in milliseconds: as seconds it would lie beyond the year 5000, as milliseconds this is 1973.
 * Magnitude tells the two formats apart even where a recording was cut before its `# EOF`.
 */
const MILLISECONDS_FROM = 1e11;

/** The last millisecond of the year 9999: a later one is no time of a scrape, and no date can be written of it. */
const LAST_MILLISECOND = 253_402_300_799_999;

const CARRIAGE_RETURN = 13;
const SPACE = 32;
const TAB = 9;
const HASH = 35;
const QUOTE = 34;
const BACKSLASH = 92;
const BRACE_OPEN = 123;
const BRACE_CLOSE = 125;

/**
 * Reads a page or a recording. Malformed lines are counted, never fatal: a text cut in half gives what is whole of it.
 * A last line without a newline is read like any other; whoever may hold a cut text leaves it out, since half a number reads
 * like a smaller one.
 * @throws ExpositionError if there is not one sample in a text that is not blank
 */
export function parseExposition(text: string): Parsed {
  const series: ParsedSeries[] = [];
  const known = new Map<string, Known>();
  let samples = 0;
  let malformed = 0;
  let firstMalformed: Parsed['firstMalformed'] = null;
  let ended = false;
  let lineNumber = 0;
  let start = 0;

  while (start < text.length) {
    lineNumber += 1;
    const newline = text.indexOf('\n', start);
    let end = newline === -1 ? text.length : newline;
    const next = end + 1;
    if (end > start && text.charCodeAt(end - 1) === CARRIAGE_RETURN) end -= 1;
    let at = start;
    while (at < end && isBlank(text.charCodeAt(at))) at += 1;
    start = next;
    if (at === end) continue;
    if (text.charCodeAt(at) === HASH) {
      if (text.startsWith('# EOF', at)) ended = true;
      continue;
    }

    // A recording says the same names and labels at every scrape. The first `} ` is nearly always where they end; whether
    // it is, the list of known ones tells, since each was scanned properly once and a line beginning with it scans alike.
    const guess = text.slice(at, end).indexOf('} ') + 1;
    let one = guess > 0 ? known.get(text.slice(at, at + guess)) : undefined;
    if (!one) {
      const key = text.slice(at, endOfKey(text, at, end));
      one = known.get(key);
      if (!one && key !== '') {
        one = { key, series: parseKey(key) };
        known.set(key, one);
        if (one.series) series.push(one.series);
      }
    }

    let good = false;
    if (one?.series) {
      const valueStart = skipBlanks(text, at + one.key.length, end);
      const valueEnd = skipWord(text, valueStart, end);
      const value = valueEnd > valueStart ? numberIn(text, valueStart, valueEnd) : null;
      const time = parseTime(text, valueEnd, end);
      if (value !== null && time !== null) {
        one.series.times.push(time);
        one.series.values.push(value);
        samples += 1;
        good = true;
      }
    }
    if (!good) {
      malformed += 1;
      firstMalformed ??= { line: lineNumber, text: text.slice(at, Math.min(end, at + 80)) };
    }
  }

  if (samples === 0 && malformed > 0) {
    throw new ExpositionError(`no metric sample in the text; it begins with "${firstMalformed?.text ?? ''}"`);
  }
  return { series: series.filter((one) => one.values.length > 0), samples, malformed, firstMalformed, ended };
}

/** The text of name and labels, and the series it names; `null` if it names none. */
interface Known {
  readonly key: string;
  readonly series: ParsedSeries | null;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function skipBlanks(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

function skipWord(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && !isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

/** Where name and labels end; `from` itself if a brace or a quote is left open. */
function endOfKey(text: string, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === BRACE_OPEN) break;
    if (isBlank(code)) {
      // A space may stand between name and brace; then the key goes on.
      const brace = skipBlanks(text, at, end);
      if (text.charCodeAt(brace) !== BRACE_OPEN || brace >= end) return at;
      at = brace;
      break;
    }
    at += 1;
  }
  if (at >= end) return at;
  let quoted = false;
  for (at += 1; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) quoted = false;
    } else if (code === QUOTE) quoted = true;
    else if (code === BRACE_CLOSE) return at + 1;
  }
  return from;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
// Unrolled, so that a value of megabytes needs no room for ways back.
const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"([^"\\]*(?:\\.[^"\\]*)*)"\s*(,|$)/y;

/** Name and labels of a series, `null` if the text is neither. */
function parseKey(key: string): ParsedSeries | null {
  const brace = key.indexOf('{');
  const name = (brace === -1 ? key : key.slice(0, brace)).trim();
  if (!NAME.test(name)) return null;
  const labels: [string, string][] = [];
  if (brace !== -1) {
    const body = key.slice(brace + 1, -1);
    let at = 0;
    while (at < body.length) {
      LABEL.lastIndex = at;
      const match = LABEL.exec(body);
      if (!match) {
        if (body.slice(at).trim() === '') break;
        return null;
      }
      labels.push([match[1] as string, unescape(match[2] as string)]);
      at += match[0].length;
    }
  }
  // Made of entries, where `__proto__` is a name like any other.
  return { name, labels: Object.fromEntries(labels), times: [], values: [] };
}

function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.)/g, (whole, char: string) =>
    char === 'n' ? '\n' : char === '"' || char === '\\' ? char : whole,
  );
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

const ZERO = 48;
const POINT = 46;
/** Digits that fit a double exactly: up to here digits ÷ power of ten is correctly rounded, as the slow way is. */
const EXACT_DIGITS = 15;
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/** The number a stretch of text spells, `null` if none. Plain short decimals, nearly all there are, without a copy. */
function numberIn(text: string, from: number, end: number): number | null {
  if (end - from > EXACT_DIGITS + 1) return parseNumber(text.slice(from, end));
  let digits = 0;
  let mantissa = 0;
  let point = -1;
  for (let at = from; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= ZERO + 9) {
      mantissa = mantissa * 10 + (code - ZERO);
      digits += 1;
    } else if (code === POINT && point === -1) point = at;
    else return parseNumber(text.slice(from, end));
  }
  if (digits === 0 || digits > EXACT_DIGITS) return parseNumber(text.slice(from, end));
  return point === -1 ? mantissa : mantissa / (POWERS[end - point - 1] as number);
}

/** A value as Go writes or reads it; `null` if it is no number. */
function parseNumber(text: string): number | null {
  if (DECIMAL.test(text)) return Number(text);
  switch (text.toLowerCase()) {
    case 'nan':
      return Number.NaN;
    case 'inf':
    case '+inf':
    case 'infinity':
    case '+infinity':
      return Infinity;
    case '-inf':
    case '-infinity':
      return -Infinity;
    default:
      return null;
  }
}

/** Whole unix milliseconds of the timestamp after a value; NaN if there is none, `null` if what stands there is no number. */
function parseTime(text: string, from: number, end: number): number | null {
  const start = skipBlanks(text, from, end);
  if (start === end || text.charCodeAt(start) === HASH) return Number.NaN;
  const stop = skipWord(text, start, end);
  const number = numberIn(text, start, stop);
  if (number === null || !Number.isFinite(number)) return null;
  const rest = skipBlanks(text, stop, end);
  if (rest < end && text.charCodeAt(rest) !== HASH) return null;
  // Cut down, not rounded, as promtool reads OpenMetrics: the same millisecond, so that both give the same rates.
  const ms = Math.abs(number) >= MILLISECONDS_FROM ? Math.trunc(number) : Math.trunc(number * 1000);
  return Math.abs(ms) > LAST_MILLISECOND ? null : ms;
}

/** The text of one sample line, the inverse of parsing; for tests and for writing recordings. Times in unix milliseconds. */
export function formatSample(
  name: string,
  labels: Readonly<Record<string, string>>,
  value: number,
  timeMs?: number,
): string {
  const pairs = Object.entries(labels).map(([label, text]) => {
    const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    return `${label}="${escaped}"`;
  });
  const shown = Number.isNaN(value)
    ? 'NaN'
    : value === Infinity
      ? '+Inf'
      : value === -Infinity
        ? '-Inf'
        : String(value);
  const key = pairs.length > 0 ? `${name}{${pairs.join(',')}}` : name;
  return timeMs === undefined ? `${key} ${shown}` : `${key} ${shown} ${timeMs / 1000}`;
}
