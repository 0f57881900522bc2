/**
 * Regular expressions as PromQL has them (RE2, https://github.com/google/re2/wiki/Syntax), matched against a whole label value in
 * time that grows with pattern and value alone. JavaScript's own take years over `(a+)+$`, and a link can carry such a selector;
 * and they know back references and look-around, which Prometheus refuses. Simulates the automaton (Thompson 1968, Pike's machine
 * without captures: https://swtch.com/~rsc/regexp/regexp2.html).
 */

/** The text is no regular expression of RE2; the message says where it stops being one. */
export class RegexError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RegexError';
  }
}

/** Instructions of the longest program; RE2 has a limit of its own, and refuses repetitions above 1000. */
const MOST_INSTRUCTIONS = 5000;
const MOST_REPEATED = 1000;
/** Groups within groups, as RE2 has it. */
const MOST_DEPTH = 1000;

type Is = (char: string) => boolean;

type Instruction =
  | { readonly does: 'char'; readonly is: Is }
  | { readonly does: 'split'; one: number; other: number }
  | { readonly does: 'at'; readonly holds: (before: string, after: string) => boolean }
  | { readonly does: 'end' };

/** What a part of a pattern says, before it is written as instructions. */
type Part =
  | { readonly kind: 'char'; readonly is: Is }
  | { readonly kind: 'at'; readonly holds: (before: string, after: string) => boolean }
  | { readonly kind: 'row'; readonly parts: readonly Part[] }
  | { readonly kind: 'either'; readonly parts: readonly Part[] }
  | { readonly kind: 'repeat'; readonly part: Part; readonly least: number; readonly most: number };

/**
 * A test for whole values. As in Prometheus a dot stands for line ends as well.
 * @throws RegexError
 */
export function wholeMatch(pattern: string): (text: string) => boolean {
  const program: Instruction[] = [];
  write(new PatternReader(pattern).read(), program, { written: 0 });
  program.push({ does: 'end' });
  // The same few values come back with every signal.
  const known = new Map<string, boolean>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const matches = run(program, text);
    known.set(text, matches);
    return matches;
  };
}

function run(program: readonly Instruction[], text: string): boolean {
  const chars = [...text];
  const marked = new Int32Array(program.length).fill(-1);
  let here: number[] = [];
  /** Adds a place and all that are reached from it without a character. */
  const add = (list: number[], from: number, at: number): void => {
    const open = [from];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      if (marked[place] === at) continue;
      marked[place] = at;
      const one = program[place] as Instruction;
      if (one.does === 'split') open.push(one.other, one.one);
      else if (one.does === 'at') {
        if (one.holds(chars[at - 1] ?? '', chars[at] ?? '')) open.push(place + 1);
      } else list.push(place);
    }
  };
  add(here, 0, 0);
  for (const [at, char] of chars.entries()) {
    const next: number[] = [];
    for (const place of here) {
      const one = program[place] as Instruction;
      if (one.does === 'char' && one.is(char)) add(next, place + 1, at + 1);
    }
    if (next.length === 0) return false;
    here = next;
  }
  return here.some((place) => program[place]?.does === 'end');
}

/** @param work parts written so far, those that need no instruction among them: thousands of nothing take time as well */
function write(part: Part, out: Instruction[], work: { written: number }): void {
  work.written += 1;
  if (work.written > MOST_INSTRUCTIONS) throw new RegexError('it is too large');
  switch (part.kind) {
    case 'char':
      out.push({ does: 'char', is: part.is });
      return;
    case 'at':
      out.push({ does: 'at', holds: part.holds });
      return;
    case 'row':
      for (const one of part.parts) write(one, out, work);
      return;
    case 'either': {
      const ends: { one: number; other: number }[] = [];
      for (const [i, one] of part.parts.entries()) {
        if (i === part.parts.length - 1) {
          write(one, out, work);
          break;
        }
        const split = branch(out);
        split.one = out.length;
        write(one, out, work);
        ends.push(branch(out));
        split.other = out.length;
      }
      for (const end of ends) end.one = end.other = out.length;
      return;
    }
    case 'repeat': {
      for (let n = 0; n < part.least; n += 1) write(part.part, out, work);
      if (part.most === Number.POSITIVE_INFINITY) {
        const split = branch(out);
        const start = out.length - 1;
        split.one = out.length;
        write(part.part, out, work);
        const back = branch(out);
        back.one = back.other = start;
        split.other = out.length;
        return;
      }
      const ends: { one: number; other: number }[] = [];
      for (let n = part.least; n < part.most; n += 1) {
        const split = branch(out);
        split.one = out.length;
        write(part.part, out, work);
        ends.push(split);
      }
      for (const end of ends) end.other = out.length;
      return;
    }
    default:
      part satisfies never;
  }
}

function branch(out: Instruction[]): { one: number; other: number } {
  const split = { does: 'split' as const, one: 0, other: 0 };
  out.push(split);
  return split;
}

interface Flags {
  readonly i: boolean;
  readonly s: boolean;
  readonly m: boolean;
}

const PUNCTUATION = /^[!-/:-@[-`{-~]$/;
const WORD = /^[0-9A-Za-z_]$/;
const REPEATED = /^\{(\d{1,4})(?:(,)(\d{0,4}))?\}/;
const GROUP = /^\((?:\?(?:P?<[A-Za-z_]\w{0,60}>|([imsU]{0,8})(?:-([imsU]{1,8}))?([:)])))?/;
/** Classes in words, and what they hold (https://github.com/google/re2/wiki/Syntax, ASCII character classes). */
const IN_WORDS: ReadonlyMap<string, string> = new Map([
  ['alnum', '0-9A-Za-z'],
  ['alpha', 'A-Za-z'],
  ['ascii', '\\x00-\\x7F'],
  ['blank', '\\t '],
  ['cntrl', '\\x00-\\x1F\\x7F'],
  ['digit', '0-9'],
  ['graph', '!-~'],
  ['lower', 'a-z'],
  ['print', ' -~'],
  ['punct', '!-\\/:-@\\[-`\\{-~'],
  ['space', '\\t\\n\\v\\f\\r '],
  ['upper', 'A-Z'],
  ['word', '0-9A-Za-z_'],
  ['xdigit', '0-9A-Fa-f'],
]);
/** Escapes that stand for one of several characters or for one that is not seen; RE2's `\s` knows no vertical tab. */
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['d', '[0-9]'],
  ['D', '[^0-9]'],
  ['w', '[0-9A-Za-z_]'],
  ['W', '[^0-9A-Za-z_]'],
  ['s', '[\\t\\n\\f\\r ]'],
  ['S', '[^\\t\\n\\f\\r ]'],
  ['a', '\\x07'],
  ['f', '\\f'],
  ['t', '\\t'],
  ['n', '\\n'],
  ['r', '\\r'],
  ['v', '\\v'],
]);
const CODE = /^\\(?:x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\})/;
const PROPERTY = /^\\([pP])(?:([A-Z])|\{(\^?)(\w{1,40})\})/;

/** Reads a pattern from left to right. */
class PatternReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Part {
    const part = this.#either({ i: false, s: true, m: false });
    if (this.#at < this.#text.length) throw new RegexError('a closing bracket has no opening one');
    return part;
  }

  #rest(): string {
    return this.#text.slice(this.#at);
  }

  #either(given: Flags): Part {
    this.#depth += 1;
    if (this.#depth > MOST_DEPTH) throw new RegexError('its groups are nested too deep');
    let flags = given;
    let row: Part[] = [];
    const rows: Part[] = [];
    for (let char = this.#text[this.#at]; char !== undefined && char !== ')'; char = this.#text[this.#at]) {
      if (char === '|') {
        this.#at += 1;
        rows.push({ kind: 'row', parts: row });
        row = [];
        continue;
      }
      if (char === '(') {
        const [whole, on, off = '', end] = GROUP.exec(this.#rest()) as RegExpExecArray;
        if (end === undefined && this.#text[this.#at + 1] === '?' && whole === '(')
          throw new RegexError('Prometheus knows no such group');
        this.#at += whole.length;
        const inner = on === undefined ? flags : flagsOf(flags, on, off);
        if (end === ')') {
          flags = inner;
          continue;
        }
        const part = this.#either(inner);
        if (this.#text[this.#at] !== ')') throw new RegexError('a group has no closing bracket');
        this.#at += 1;
        row.push(this.#repeated(part));
        continue;
      }
      row.push(this.#repeated(this.#atom(flags)));
    }
    this.#depth -= 1;
    rows.push({ kind: 'row', parts: row });
    return rows.length === 1 ? (rows[0] as Part) : { kind: 'either', parts: rows };
  }

  #repeated(part: Part): Part {
    const char = this.#text[this.#at] ?? '';
    const counted = char === '{' ? REPEATED.exec(this.#rest()) : null;
    if (counted === null && !(char !== '' && '*+?'.includes(char))) return part;
    const [whole, from = '', comma, to = ''] = counted ?? [char];
    const least = counted === null ? (char === '+' ? 1 : 0) : Number(from);
    const most =
      counted === null
        ? char === '?'
          ? 1
          : Number.POSITIVE_INFINITY
        : comma === undefined
          ? least
          : to === ''
            ? Number.POSITIVE_INFINITY
            : Number(to);
    if (least > MOST_REPEATED || most < least || (most > MOST_REPEATED && most !== Number.POSITIVE_INFINITY))
      throw new RegexError(`${whole} is no number of repetitions`);
    this.#at += whole.length;
    // Which of several ways is taken makes no difference to whether there is one.
    if (this.#text[this.#at] === '?') this.#at += 1;
    const behind = this.#text[this.#at] ?? '';
    if (behind !== '' && '*+?'.includes(behind)) throw new RegexError(`${whole}${behind} repeats a repetition`);
    return { kind: 'repeat', part, least, most };
  }

  #atom(flags: Flags): Part {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at) as number);
    switch (char) {
      case '.':
        this.#at += 1;
        return { kind: 'char', is: flags.s ? () => true : (one) => one !== '\n' };
      case '^':
        this.#at += 1;
        return { kind: 'at', holds: (before) => before === '' || (flags.m && before === '\n') };
      case '$':
        this.#at += 1;
        return { kind: 'at', holds: (_, after) => after === '' || (flags.m && after === '\n') };
      case '*':
      case '+':
      case '?':
        throw new RegexError(`nothing stands before ${char}`);
      case '[':
        return { kind: 'char', is: this.#class(flags) };
      case '\\':
        return this.#escape(flags);
      default:
        this.#at += char.length;
        return { kind: 'char', is: flags.i ? oneOf(exactly(char), flags) : (one) => one === char };
    }
  }

  #escape(flags: Flags): Part {
    const next = this.#text[this.#at + 1] ?? '';
    const place = PLACES.get(next);
    if (place !== undefined) {
      this.#at += 2;
      return { kind: 'at', holds: place };
    }
    return { kind: 'char', is: oneOf(this.#escaped(), flags) };
  }

  /** An escape as a piece of a JavaScript pattern for one character. */
  #escaped(): string {
    const rest = this.#text.slice(this.#at, this.#at + 50);
    const code = CODE.exec(rest);
    const property = PROPERTY.exec(rest);
    const next = rest[1] ?? '';
    const known = ESCAPED.get(next);
    if (code !== null) {
      this.#at += code[0].length;
      const value = Number.parseInt(code[1] ?? code[2] ?? '', 16);
      if (value > 0x10ffff) throw new RegexError(`${code[0]} is no character`);
      return exactly(String.fromCodePoint(value));
    }
    if (property !== null) {
      this.#at += property[0].length;
      const [, sign = 'p', letter, not = '', word = ''] = property;
      const name = letter ?? word;
      const turned = not === '^' ? (sign === 'p' ? 'P' : 'p') : sign;
      return `\\${turned}{${name.length > 2 ? `Script=${name}` : name}}`;
    }
    if (known !== undefined || PUNCTUATION.test(next)) {
      this.#at += 2;
      return known ?? exactly(next);
    }
    throw new RegexError(`\\${next} is no escape Prometheus knows`);
  }

  #class(flags: Flags): Is {
    this.#at += 1;
    const not = this.#text[this.#at] === '^';
    if (not) this.#at += 1;
    const pieces: string[] = [];
    for (let first = true; ; first = false) {
      const char = this.#text[this.#at];
      if (char === undefined) throw new RegexError('a class has no closing bracket');
      if (char === ']' && !first) break;
      const [words, turned = '', name = ''] = /^\[:(\^?)([a-z]{1,10}):\]/.exec(this.#rest().slice(0, 20)) ?? [];
      if (words !== undefined) {
        const held = IN_WORDS.get(name);
        if (held === undefined) throw new RegexError(`${words} is no class`);
        this.#at += words.length;
        pieces.push(`[${turned}${held}]`);
        continue;
      }
      const from = this.#member();
      if (this.#text[this.#at] === '-' && !']'.includes(this.#text[this.#at + 1] ?? ']') && from.length > 0) {
        this.#at += 1;
        const to = this.#member();
        if (!isOne(from) || !isOne(to)) throw new RegexError(`${from}-${to} is no range`);
        pieces.push(`[${from}-${to}]`);
      } else pieces.push(from);
    }
    this.#at += 1;
    const is = pieces.map((piece) => oneOf(piece, flags));
    return (char) => is.some((one) => one(char)) !== not;
  }

  #member(): string {
    if (this.#text[this.#at] === '\\') return this.#escaped();
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    this.#at += char.length;
    return exactly(char);
  }
}

const isWord = (char: string) => WORD.test(char);
/** Escapes that stand for a place between two characters. */
const PLACES: ReadonlyMap<string, (before: string, after: string) => boolean> = new Map([
  ['A', (before: string) => before === ''],
  ['z', (_: string, after: string) => after === ''],
  ['b', (before: string, after: string) => isWord(before) !== isWord(after)],
  ['B', (before: string, after: string) => isWord(before) === isWord(after)],
]);

function flagsOf(before: Flags, on: string, off: string): Flags {
  const of = (flag: 'i' | 's' | 'm') => (before[flag] || on.includes(flag)) && !off.includes(flag);
  return { i: of('i'), s: of('s'), m: of('m') };
}

/** A character as a piece of a JavaScript pattern. */
function exactly(char: string): string {
  return `\\u{${(char.codePointAt(0) as number).toString(16)}}`;
}

const isOne = (piece: string): boolean => piece.startsWith('\\u{') || /^\\[xftnrv]/.test(piece);

/** One character, by JavaScript's own expressions, which cannot take long over one. */
function oneOf(piece: string, { i }: Flags): Is {
  let regex: RegExp;
  try {
    regex = new RegExp(`^${piece}$`, i ? 'iu' : 'u');
  } catch {
    throw new RegexError(`${piece} is no class of characters`);
  }
  return (char) => regex.test(char);
}
