import { RegexError, wholeMatch } from './regex.ts';
import type { Signal } from './signal.ts';

/** One label matcher of PromQL. */
export interface Matcher {
  readonly label: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** The text is no list of label matchers; the message says where it stops being one. */
export class SelectorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SelectorError';
  }
}

const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const OPERATOR = /=~|!~|!=|=/y;
const SPACE = /\s*/y;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
]);
/** Characters by number, as Go writes them; a byte above 7F is no character and is refused. */
const CODE = /\\(?:x([0-7][0-9a-fA-F])|u([0-9a-fA-F]{4})|U00([01][0-9a-fA-F]{5})|([01][0-7]{2}))/y;

/**
 * Reads label matchers in PromQL's form, with or without braces: `{job="vllm",pod=~"a.*"}`. An empty text means none.
 * Strings may be in double quotes, single quotes or backticks, as PromQL has them.
 * @throws SelectorError for anything else, also for a metric name in front of the braces or a matcher on `__name__`,
 * because the name is the signal's business.
 */
export function parseSelector(text: string): readonly Matcher[] {
  const source = text.trim();
  if (source === '') return [];
  const braced = source.startsWith('{');
  if (braced && !source.endsWith('}')) throw new SelectorError(`the selector ${source} has no closing brace`);
  const body = braced ? source.slice(1, -1) : source;
  const matchers: Matcher[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(body)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  take(SPACE);
  while (at < body.length) {
    const label = take(LABEL);
    if (label === null) throw new SelectorError(`expected a label name at "${body.slice(at, at + 20)}"`);
    if (label === '__name__') throw new SelectorError('a selector names labels, not metrics: leave __name__ out');
    take(SPACE);
    const op = take(OPERATOR);
    if (op === null) throw new SelectorError(`expected =, !=, =~ or !~ after ${label}`);
    take(SPACE);
    const value = takeString(body, at, label);
    at = value.end;
    matchers.push({ label, op: op as Matcher['op'], value: value.text });
    take(SPACE);
    if (at < body.length && body[at] !== ',') {
      throw new SelectorError(`expected a comma at "${body.slice(at, at + 20)}"`);
    }
    at += 1;
    take(SPACE);
  }
  return matchers;
}

function takeString(body: string, start: number, label: string): { text: string; end: number } {
  const quote = body[start];
  if (quote !== '"' && quote !== "'" && quote !== '`') throw new SelectorError(`the value of ${label} needs quotes`);
  let text = '';
  for (let at = start + 1; at < body.length; at += 1) {
    const char = body[at] as string;
    if (char === quote) return { text, end: at + 1 };
    if (char === '\n') break;
    if (char === '\\' && quote !== '`') {
      const [code, x, u, long, octal = ''] = matchAt(CODE, body, at) ?? [];
      if (code !== undefined) {
        const hex = x ?? u ?? long;
        text += String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(hex ?? octal, hex === undefined ? 8 : 16)));
        at += code.length - 1;
        continue;
      }
      at += 1;
      const escaped = ESCAPES.get(body[at] ?? '');
      if (escaped === undefined) {
        throw new SelectorError(`\\${body[at] ?? ''} in the value of ${label} is no escape PromQL knows`);
      }
      text += escaped;
    } else text += char;
  }
  throw new SelectorError(`the value of ${label} has no closing quote`);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** What no YAML file may hold, what a terminal takes for an order, and what turns the direction of what stands behind it. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu;

/** A string as PromQL writes it, in double quotes. Characters that are not seen are written by their number. */
export function quote(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('\r', '\\r')
    .replace(UNSEEN, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `"${escaped}"`;
}

/** The matchers as PromQL, `{}` for none; `parseSelector` reads it back to the same list. */
export function formatSelector(matchers: readonly Matcher[]): string {
  return `{${matchers.map((m) => `${m.label}${m.op}${quote(m.value)}`).join(',')}}`;
}

/** The matchers with the served model added, where one is asked for. */
export function withModel(matchers: readonly Matcher[], model: string | undefined): readonly Matcher[] {
  return model === undefined ? matchers : [...matchers, { label: 'model_name', op: '=', value: model }];
}

/**
 * Characters of a list of instances above which what all of them begin and end with is written once: VictoriaMetrics takes queries
 * of 16 kB, and a thousand replicas are 20. Below it people and servers are better served with whole names.
 */
const LONG_LIST = 2000;

/** Some instances, or all but these, as one matcher; names are data, so that a dot is a dot. */
export function instancesIn(op: '=~' | '!~', instances: readonly string[]): Matcher {
  const names = [...new Set(instances)].map((name) => [...name]);
  const value = either(names);
  return { label: 'instance', op, value: value.length > LONG_LIST ? eitherOnce(names) : value };
}

/** Each a list of characters, so that none is cut in two. */
type Name = readonly string[];

function either(names: readonly Name[]): string {
  return names.map((name) => name.join('').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
}

function eitherOnce(names: readonly Name[]): string {
  const [first = []] = names;
  const begin = alike(names);
  const end = alike(names.map((name) => name.slice(begin).reverse()));
  const middles = names.map((name) => name.slice(begin, name.length - end));
  return `${either([first.slice(0, begin)])}(${either(middles)})${either([first.slice(first.length - end)])}`;
}

/** How many characters all begin with. */
function alike(names: readonly Name[]): number {
  const [first = []] = names;
  const length = first.findIndex((char, i) => names.some((name) => name[i] !== char));
  return length === -1 ? first.length : length;
}

/** Labels only an engine's own series carry; a target's do not. */
const ENGINE_LABELS = new Set(['model_name', 'engine']);
/** What a GPU exporter or a gateway can share with a vLLM target: it is another job, in another pod, often in another namespace. */
const SHARED_WITH_NEIGHBOURS = new Set(['cluster', 'region', 'environment', 'env', 'datacenter']);

/**
 * The part of a selector that applies to a signal. A matcher on a label its series cannot carry would hide it, so it is left
 * out and the join to replicas narrows instead: `model_name` and `engine` for targets, `model_name` for info series (which
 * lack it), everything but the place for other exporters and gateways.
 */
export function matchersFor(signal: Signal, matchers: readonly Matcher[]): readonly Matcher[] {
  switch (signal.level) {
    case 'engine':
      return signal.kind === 'info' ? matchers.filter((m) => m.label !== 'model_name') : matchers;
    case 'target':
      return matchers.filter((m) => !ENGINE_LABELS.has(m.label));
    case 'neighbour':
    case 'gateway':
      return matchers.filter((m) => SHARED_WITH_NEIGHBOURS.has(m.label));
    default:
      return signal.level satisfies never;
  }
}

/** Matchers of a spelling's `where`; a value that starts with `~` is a regular expression. */
export function whereMatchers(where: Readonly<Record<string, string>> | undefined): readonly Matcher[] {
  return Object.entries(where ?? {}).map(([label, value]) =>
    value.startsWith('~') ? { label, op: '=~', value: value.slice(1) } : { label, op: '=', value },
  );
}

function regexOf(pattern: string): (text: string) => boolean {
  try {
    return wholeMatch(pattern);
  } catch (error) {
    if (error instanceof RegexError)
      throw new SelectorError(`${pattern.slice(0, 200)} is not a regular expression: ${error.message}`);
    throw error;
  }
}

/**
 * A test for label sets. As in PromQL a missing label is the empty string and regular expressions match the whole value.
 * @throws SelectorError for a broken regular expression
 */
export function matcherTest(matchers: readonly Matcher[]): (labels: Readonly<Record<string, string>>) => boolean {
  const tests = matchers.map(({ label, op, value }) => {
    // Own labels alone: a name such as `constructor` is a label like any other.
    const of = (labels: Readonly<Record<string, string>>) => (Object.hasOwn(labels, label) ? labels[label] : '') ?? '';
    switch (op) {
      case '=':
        return (labels: Readonly<Record<string, string>>) => of(labels) === value;
      case '!=':
        return (labels: Readonly<Record<string, string>>) => of(labels) !== value;
      case '=~':
      case '!~': {
        const matches = regexOf(value);
        const wanted = op === '=~';
        return (labels: Readonly<Record<string, string>>) => matches(of(labels)) === wanted;
      }
      default:
        return op satisfies never;
    }
  });
  return (labels) => tests.every((test) => test(labels));
}
