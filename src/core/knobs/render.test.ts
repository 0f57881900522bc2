import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KNOBS } from './index.ts';
import type { Knob, KnobValue } from './knob.ts';
import {
  besideFlags,
  notInPython,
  parseFlags,
  readValue,
  type Setting,
  toCompose,
  toFlags,
  toHelm,
  toPython,
} from './render.ts';

const THRASHING: readonly Setting[] = [
  { id: 'max-num-seqs', value: 24 },
  { id: 'override-generation-config', value: { max_new_tokens: 384 } },
  { id: 'kv-cache-dtype', value: 'fp8' },
  { id: 'enable-prefix-caching', value: true },
  { id: 'async-scheduling', value: false },
  { id: 'api-server-count', value: 4 },
  { id: 'nixl-abort-request-timeout', value: 60 },
];

test('as flags for a shell', () => {
  expect(toFlags(THRASHING)).toBe(
    `--max-num-seqs 24 --override-generation-config '{"max_new_tokens":384}' --kv-cache-dtype fp8 --enable-prefix-caching --no-async-scheduling --api-server-count 4`,
  );
  expect(besideFlags(THRASHING)).toEqual(['VLLM_NIXL_ABORT_REQUEST_TIMEOUT=60']);
});

test('as YAML', () => {
  const settings = THRASHING.slice(0, 2);
  expect(toHelm(settings)).toBe(`servingEngineSpec:
  modelSpec:
    - vllmConfig:
        extraArgs:
          - "--max-num-seqs"
          - "24"
          - "--override-generation-config"
          - "{\\"max_new_tokens\\":384}"
`);
  expect(toCompose(settings)).toBe(`services:
  vllm:
    command:
      - "--max-num-seqs"
      - "24"
      - "--override-generation-config"
      - "{\\"max_new_tokens\\":384}"
`);
});

test('as Python; what only the server knows is left out and named', () => {
  expect(toPython(THRASHING)).toBe(`LLM(
    max_num_seqs=24,
    override_generation_config={"max_new_tokens": 384},
    kv_cache_dtype="fp8",
    enable_prefix_caching=True,
    async_scheduling=False,
)
`);
  expect(notInPython(THRASHING)).toEqual(['api-server-count']);
  expect(toPython([], 'AsyncEngineArgs')).toBe('AsyncEngineArgs(\n)\n');
});

test('fields of a JSON flag are folded into it, in any order', () => {
  const method: Setting = { id: 'speculative-config', value: { method: 'ngram', num_speculative_tokens: 5 } };
  const fewer: Setting = { id: 'num-speculative-tokens', value: 2 };
  expect(toFlags([method, fewer])).toBe(`--speculative-config '{"method":"ngram","num_speculative_tokens":2}'`);
  expect(toFlags([fewer])).toBe(`--speculative-config '{"num_speculative_tokens":2}'`);
});

describe('reading flags', () => {
  test.each([
    ['--max-num-seqs=64 --max_num_batched_tokens 4096', { 'max-num-seqs': 64, 'max-num-batched-tokens': 4096 }],
    ['vllm serve some/model --no-async-scheduling --port 8000', { 'async-scheduling': false }],
    [
      `--speculative-config "{\\"num_speculative_tokens\\": 3}"`,
      { 'speculative-config': { num_speculative_tokens: 3 } },
    ],
    ['--max-num-seqs \\\n  32', { 'max-num-seqs': 32 }],
    ['', {}],
  ])('%s', (text, expected) => {
    expect(Object.fromEntries(parseFlags(text).map(({ id, value }) => [id, value]))).toEqual(expected);
  });

  test.each([
    ['--max-num-seqs', /max-num-seqs: expected a value/],
    ['--max-num-seqs many', /expected a whole number from 1 to 65536; got many/],
    ['--gpu-memory-utilization 92', /expected a number from 0.01 to 1; got 92/],
    ['--speculative-config ngram', /expected JSON/],
  ])('refuses %s', (text, message) => {
    expect(() => parseFlags(text)).toThrow(message);
  });
});

const FLAGGED = KNOBS.filter((k) => k.written.by === 'flag');

function valueOf(knob: Knob): fc.Arbitrary<KnobValue> {
  const { value } = knob;
  switch (value.kind) {
    case 'whole':
      return fc.integer({ min: value.min, max: Math.min(value.max, Number.MAX_SAFE_INTEGER) });
    case 'number':
      return fc.double({ min: value.min, max: value.max, noNaN: true }).map((x) => (Object.is(x, -0) ? 0 : x));
    case 'switch':
      return fc.boolean();
    case 'word':
      return fc.string({ unit: 'binary', minLength: 1 }).filter((s) => !s.startsWith('-'));
    case 'json':
      return fc
        .dictionary(fc.string(), fc.jsonValue({ noUnicodeString: false }), { noNullPrototype: true })
        .map((object) => JSON.parse(JSON.stringify(object)) as KnobValue);
    default:
      return value satisfies never;
  }
}

/** Some flags, each once, with values they can have. */
const settings: fc.Arbitrary<Setting[]> = fc
  .uniqueArray(fc.constantFrom(...FLAGGED), { maxLength: 6 })
  .chain((knobs) => fc.tuple(...knobs.map((k) => valueOf(k).map((value) => ({ id: k.id, value }) as Setting))));

const listed = (yaml: string): string[] =>
  yaml.split('\n').flatMap((line) => {
    const item = /^\s+- (".*")$/.exec(line)?.[1];
    return item === undefined ? [] : [JSON.parse(item) as string];
  });

describe('what is written reads back', () => {
  test('flags', () => {
    fc.assert(
      fc.property(settings, (some) => {
        expect(parseFlags(toFlags(some))).toEqual(some);
      }),
    );
  });

  test.each([
    ['Helm', toHelm],
    ['Compose', toCompose],
  ])('%s', (_, write) => {
    fc.assert(
      fc.property(settings, (some) => {
        const words = listed(write(some));
        const line = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
        expect(parseFlags(line)).toEqual(some);
      }),
    );
  });

  test('what a knob takes is read as it was written', () => {
    for (const knob of FLAGGED.filter((k) => k.value.kind !== 'switch'))
      fc.assert(
        fc.property(valueOf(knob), (value) => {
          const raw = typeof value === 'object' ? JSON.stringify(value) : String(value);
          expect(readValue(knob, raw)).toEqual(value);
        }),
        { numRuns: 20 },
      );
  });

  test.skipIf(!hasPython())('Python, read by Python', () => {
    const some = fc.sample(settings, { numRuns: 60, seed: 7 });
    const engine = (list: Setting[]) =>
      list.filter(({ id }) => FLAGGED.some((k) => k.id === id && k.written.by === 'flag' && k.written.engine));
    const program = `import json\ndef LLM(**kw): return kw\nprint(json.dumps([${some.map((list) => toPython(list)).join(',')}]))`;
    const read = JSON.parse(execFileSync('python3', ['-'], { input: program, encoding: 'utf8' })) as object[];
    expect(read).toEqual(
      some.map((list) => Object.fromEntries(engine(list).map(({ id, value }) => [id.replaceAll('-', '_'), value]))),
    );
  });
});

function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version']);
    return true;
  } catch {
    return false;
  }
}
