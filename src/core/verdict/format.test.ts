import { describe, expect, test } from 'vitest';
import { DETECTORS } from '../detectors/index.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { diagnose } from './diagnose.ts';
import { formatInstant, sayConfidence, toJson, toLine, toText } from './format.ts';
import { toMarkdown } from './note.ts';
import { targetsOf } from './profiles.ts';
import type { Verdict } from './verdict.ts';

const CHAT = targetsOf('chat');
type Scenes = {
  SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence>;
  VARIANTS?: Record<string, Evidence>;
};
const scenes: [string, Evidence][] = (
  await Promise.all(
    DETECTORS.map(async ({ id }) => {
      const { SCENES, VARIANTS } = (await import(`../detectors/${id}/scenes.ts`)) as Scenes;
      return Object.entries({ ...SCENES, ...VARIANTS }).map(([name, e]): [string, Evidence] => [`${id} ${name}`, e]);
    }),
  )
).flat();
const verdicts = new Map(scenes.map(([name, evidence]) => [name, diagnose(evidence, CHAT)]));
const verdict = (name: string): Verdict => {
  const found = verdicts.get(name);
  if (!found) throw new Error(name);
  return found;
};
const names = [...verdicts.keys()];
const thrash = verdict('kv-cache-thrashing sick');

/** contract.md §3 as a shape: what each key may hold. A change adds keys and never renames, so others may stand beside them. */
type Shape = ((value: unknown) => boolean) | { readonly [key: string]: Shape } | readonly [Shape];
const text = (v: unknown) => typeof v === 'string' && v !== '';
const anyText = (v: unknown) => typeof v === 'string';
const number = (v: unknown) => typeof v === 'number' && Number.isFinite(v);
const flag = (v: unknown) => typeof v === 'boolean';
const oneOf =
  (...words: string[]) =>
  (v: unknown) =>
    words.includes(v as string);
const orNull = (test: (v: unknown) => boolean) => (v: unknown) => v === null || test(v);
const instant = (v: unknown) => typeof v === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(v);
const id = (v: unknown) => typeof v === 'string' && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(v);

const FACT = {
  signal: orNull(id),
  says: text,
  observed: orNull(number),
  expected: orNull(number),
  unit: id,
  query: orNull(text),
} as const;
const CONTRACT: Shape = {
  schema: (v) => v === 'vllm-triage/verdict/1',
  generatedBy: { name: (v) => v === 'vllm-triage', version: text },
  at: instant,
  range: { from: instant, to: instant, stepSeconds: number },
  scope: { selector: text, models: [text], instances: [text] },
  profile: oneOf('chat', 'code-completion', 'batch', 'rag', 'agentic', 'custom'),
  status: oneOf('healthy', 'degraded', 'critical', 'unknown'),
  headline: text,
  findings: [
    {
      pathology: id,
      variant: orNull(id),
      role: oneOf('primary', 'contributing'),
      severity: oneOf('critical', 'warning', 'info'),
      confidence: (v) => number(v) && (v as number) >= 0 && (v as number) <= 0.95,
      scope: { kind: oneOf('fleet', 'instances', 'telemetry'), instances: [text], model: anyText },
      since: orNull(instant),
      facts: [FACT],
      explains: [id],
      remedies: [
        {
          title: text,
          knob: orNull(id),
          from: orNull(number),
          to: orNull(number),
          flag: orNull((v) => typeof v === 'string' && v.startsWith('--')),
          why: text,
          arithmetic: anyText,
          expect: text,
          risk: text,
          verify: text,
          needsRestart: flag,
        },
      ],
      willNotHelp: [{ title: text, why: text }],
    },
  ],
  ruledOut: [{ pathology: id, because: text, facts: [FACT] }],
  cannotTell: [{ pathology: id, missing: [id], ask: text }],
  textbook: [{ pathology: id, fires: flag, because: text }],
  signals: {
    present: [id],
    renamed: [{ signal: id, as: text }],
    absent: [id],
    stale: [{ signal: id, instances: [text] }],
    frozen: [{ signal: id, instances: [text] }],
    disabled: [{ signal: id, pathologies: [text] }],
  },
  warnings: [text],
};

/** Paths at which a value is not what the contract says. */
function departures(value: unknown, shape: Shape, path = ''): string[] {
  if (typeof shape === 'function') return shape(value) ? [] : [`${path} = ${JSON.stringify(value)}`];
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return value.flatMap((one, i) => departures(one, (shape as readonly [Shape])[0], `${path}[${i}]`));
  }
  if (value === null || typeof value !== 'object') return [`${path} is no object`];
  return Object.entries(shape as { readonly [key: string]: Shape }).flatMap(([key, inner]) =>
    key in value
      ? departures((value as Record<string, unknown>)[key], inner, `${path}.${key}`)
      : [`${path}.${key} is missing`],
  );
}

describe('JSON', () => {
  test.each(names)('%s: keys and types of the contract', (name) => {
    const json: unknown = JSON.parse(JSON.stringify(toJson(verdict(name), '1.0.0')));
    expect(departures(json, CONTRACT)).toEqual([]);
  });

  test('the contract’s keys come in the contract’s order', () => {
    const keys = Object.keys(toJson(thrash, '1.0.0'));
    const ordered = Object.keys(CONTRACT);
    expect(keys.filter((k) => ordered.includes(k))).toEqual(ordered);
  });

  test('arithmetic in one line, no lines over time', () => {
    const json = JSON.stringify(toJson(thrash, '1.0.0'));
    expect(json).toContain('64,000 tokens × 0.92 = 58,880 tokens usable; ');
    expect(json).not.toContain('"trend"');
    expect(json).not.toContain('"strength"');
  });

  test('a rule that cannot run does not fire, and says that it could not', () => {
    const json = toJson(thrash, '1.0.0') as unknown as { textbook: Record<string, unknown>[] };
    expect(json.textbook.find((t) => t.pathology === 'memory-leak')).toMatchObject({ fires: false, evaluable: false });
  });
});

describe('text', () => {
  test('the answer first, then since and how sure, the proof, what to do, what it was not', () => {
    const lines = toText(thrash).split('\n');
    expect(lines[0]).toBe('CRITICAL  KV cache thrashing on vllm-0');
    expect(lines[1]).toMatch(/^since 2027-01-15T07:\d\d:\d\dZ \(.+\) · very likely \(0\.95\)$/);
    const heads = ['because', 'do now', 'instead', 'will not help', 'ruled out, because', 'cannot tell'];
    const at = heads.map((head) => lines.findIndex((line) => line.startsWith(head)));
    expect(at).not.toContain(-1);
    expect([...at].sort((a, b) => a - b)).toEqual(at);
    expect(toText(thrash)).toMatch(/ {2}--max-num-seqs \d+ .* was 256\n/);
  });

  test.each(names)('%s: no NaN, undefined or null in text, markdown or line', (name) => {
    const said = verdict(name);
    for (const form of [toText(said), toMarkdown(said), toLine(said)]) {
      expect(form).not.toMatch(/NaN|Infinity|undefined|\bnull\b|\[object/);
    }
    expect(toText(said).endsWith('\n')).toBe(true);
  });

  test('healthy: what it rests on', () => {
    const said = toText(verdict('overload healthy'));
    expect(said).toMatch(/^HEALTHY {2}/);
    expect(said).toContain('nobody waited in any scrape');
    expect(said).not.toContain('do now');
  });
});

test('a line of a replay', () => {
  expect(toLine(thrash)).toBe('2027-01-15T08:00:00Z  critical  kv-cache-thrashing 0.95');
  expect(toLine(verdict('overload healthy'))).toBe('2027-01-15T08:00:00Z  healthy   Calm, and nobody waits');
});

test.each([
  [0, '1970-01-01T00:00:00Z'],
  [1_800_000_000, '2027-01-15T08:00:00Z'],
  [1_800_000_000.4, '2027-01-15T08:00:00Z'],
  [1_800_000_000.5, '2027-01-15T08:00:01Z'],
])('instant %d', (seconds, said) => {
  expect(formatInstant(seconds)).toBe(said);
});

test.each([
  [0.95, 'very likely'],
  [0.8, 'very likely'],
  [0.79, 'likely'],
  [0.6, 'likely'],
  [0.4, 'possible'],
  [0.39, 'a guess'],
])('confidence %d', (confidence, word) => {
  expect(sayConfidence(confidence)).toBe(word);
});
