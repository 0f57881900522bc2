import { KNOBS, KnobError } from './index.ts';
import type { Json, Knob, KnobValue } from './knob.ts';

/** One setting and its value. */
export interface Setting {
  readonly id: string;
  readonly value: KnobValue;
}

/** @returns one line for a shell: `--max-num-seqs 64 --kv-cache-dtype fp8`. What is no flag is left out; see `besideFlags`. */
export function toFlags(settings: readonly Setting[]): string {
  return argumentsOf(settings).map(quoted).join(' ');
}

/** The container arguments as Kubernetes and the vLLM production stack take them, one to a line. */
export function toHelm(settings: readonly Setting[]): string {
  return [
    'servingEngineSpec:',
    '  modelSpec:',
    '    - vllmConfig:',
    '        extraArgs:',
    ...listOf(settings, '          '),
    '',
  ].join('\n');
}

/** The `command` of a Compose service, whose image starts `vllm serve`. */
export function toCompose(settings: readonly Setting[]): string {
  return ['services:', '  vllm:', '    command:', ...listOf(settings, '      '), ''].join('\n');
}

/** Keyword arguments of `LLM(…)` or `AsyncEngineArgs(…)`, one to a line; those of the server alone are left out. */
export function toPython(settings: readonly Setting[], callee: 'LLM' | 'AsyncEngineArgs' = 'LLM'): string {
  const lines = whole(settings)
    .filter(({ knob }) => knob.written.by === 'flag' && knob.written.engine)
    .map(({ knob, value }) => `    ${knob.id.replaceAll('-', '_')}=${python(value)},`);
  return [`${callee}(`, ...lines, ')', ''].join('\n');
}

/** What has to be set but is no argument of `vllm serve`: environment variables, `NAME=value`. */
export function besideFlags(settings: readonly Setting[]): string[] {
  return whole(settings).flatMap(({ knob, value }) =>
    knob.written.by === 'environment' ? [`${knob.written.name}=${String(value)}`] : [],
  );
}

/** What `toPython` had to leave out, by id. */
export function notInPython(settings: readonly Setting[]): string[] {
  return whole(settings).flatMap(({ knob }) => (knob.written.by === 'flag' && !knob.written.engine ? [knob.id] : []));
}

/**
 * Reads flags as a shell would take them. Flags the catalogue does not know are skipped, since a server has many more.
 * @throws KnobError where a known flag has no value or one it cannot have
 */
export function parseFlags(text: string): Setting[] {
  const words = wordsOf(text);
  const out: Setting[] = [];
  for (let i = 0; i < words.length; i++) {
    const [, name = '', joined] = /^--([a-zA-Z][\w-]*)(?:=([\s\S]*))?$/.exec(words[i] as string) ?? [];
    const id = name.replaceAll('_', '-');
    const knob = flagged(id);
    if (!knob) {
      const off = id.startsWith('no-') ? flagged(id.slice(3)) : undefined;
      if (off?.value.kind === 'switch') out.push({ id: off.id, value: false });
      continue;
    }
    if (knob.value.kind === 'switch') {
      out.push({ id, value: true });
      continue;
    }
    const raw = joined ?? words[++i];
    if (raw === undefined) throw new KnobError(`--${id}: expected a value.`);
    out.push({ id, value: readValue(knob, raw) });
  }
  return out;
}

/** @throws KnobError that names what the knob takes */
export function readValue(knob: Knob, raw: string): KnobValue {
  const { value: kind } = knob;
  switch (kind.kind) {
    case 'whole':
    case 'number': {
      const value = raw.trim() === '' ? Number.NaN : Number(raw);
      const wrong = kind.kind === 'whole' ? !Number.isInteger(value) : !Number.isFinite(value);
      if (wrong || value < kind.min || value > kind.max) {
        const noun = kind.kind === 'whole' ? 'a whole number' : 'a number';
        throw new KnobError(`${knob.id}: expected ${noun} from ${kind.min} to ${kind.max}; got ${raw || 'nothing'}.`);
      }
      return value;
    }
    case 'switch':
      if (raw !== 'true' && raw !== 'false') throw new KnobError(`${knob.id}: expected true or false; got ${raw}.`);
      return raw === 'true';
    case 'word':
      return raw;
    case 'json': {
      let value: unknown;
      try {
        value = JSON.parse(raw);
      } catch {
        throw new KnobError(`${knob.id}: expected JSON; got ${raw}.`);
      }
      if (typeof value !== 'object' || value === null) throw new KnobError(`${knob.id}: expected JSON; got ${raw}.`);
      return value as KnobValue;
    }
    default:
      return kind satisfies never;
  }
}

interface Whole {
  readonly knob: Knob;
  readonly value: KnobValue;
}

/** Settings with their knob; fields of a JSON flag are folded into that flag. */
function whole(settings: readonly Setting[]): Whole[] {
  const out = new Map<string, Whole>();
  for (const { id, value } of settings) {
    const knob = KNOBS.find((k) => k.id === id);
    if (!knob) throw new KnobError(`${id} is no knob.`);
    if (knob.written.by !== 'field') {
      const before = out.get(id)?.value;
      out.set(id, { knob, value: isJson(before) && isJson(value) ? { ...before, ...value } : value });
      continue;
    }
    const { of, path } = knob.written;
    const host = flagged(of.slice(2)) as Knob;
    const field = path.reduceRight<Json>((inner, name) => ({ [name]: inner }), value);
    const before = out.get(host.id)?.value;
    const merged = { ...(isJson(before) ? before : {}), ...(field as Record<string, Json>) };
    out.set(host.id, { knob: host, value: merged });
  }
  return [...out.values()];
}

function isJson(value: KnobValue | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && !Array.isArray(value);
}

function flagged(id: string): Knob | undefined {
  return KNOBS.find((k) => k.written.by === 'flag' && k.written.flag === `--${id}`);
}

function argumentsOf(settings: readonly Setting[]): string[] {
  return whole(settings).flatMap(({ knob, value }) => {
    if (knob.written.by !== 'flag') return [];
    if (typeof value === 'boolean') return [value ? knob.written.flag : `--no-${knob.written.flag.slice(2)}`];
    return [knob.written.flag, typeof value === 'object' ? JSON.stringify(value) : String(value)];
  });
}

/** YAML takes any JSON string as a double-quoted one. */
function listOf(settings: readonly Setting[], indent: string): string[] {
  return argumentsOf(settings).map((argument) => `${indent}- ${JSON.stringify(argument)}`);
}

function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Splits as a shell does, as far as quotes and backslashes go. */
function wordsOf(text: string): string[] {
  const out: string[] = [];
  let word: string | null = null;
  let quote: '"' | "'" | null = null;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    const escapes = c === '\\' && quote !== "'" && (quote === null || /["\\$`]/.test(text[i + 1] ?? ''));
    if (escapes) {
      const next = text[++i] ?? '';
      // A backslash at the end of a line joins it with the next.
      if (next !== '\n') word = (word ?? '') + next;
    } else if (quote !== null) {
      if (c === quote) quote = null;
      else word = (word ?? '') + c;
    } else if (c === '"' || c === "'") {
      quote = c;
      word ??= '';
    } else if (/\s/.test(c)) {
      if (word !== null) out.push(word);
      word = null;
    } else word = (word ?? '') + c;
  }
  if (word !== null) out.push(word);
  return out;
}

/** A Python literal. JSON's string escapes are Python's as well. */
function python(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([name, inner]) => `${JSON.stringify(name)}: ${python(inner)}`)
    .join(', ')}}`;
}
