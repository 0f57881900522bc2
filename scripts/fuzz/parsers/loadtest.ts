import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readStreamEvent } from '../../../src/core/loadtest/stream.ts';
import { SourceError } from '../../../src/sources/errors.ts';
import { readLoadFile } from '../../../src/sources/loadtest/read.ts';
import { looksLikeLoadTest } from '../../../src/sources/loadtest/recognise.ts';
import type { FuzzedParser } from '../parser.ts';
import { sample, shortened } from './samples.ts';

const folder = 'src/core/loadtest/samples';
const names = readdirSync(fileURLToPath(new URL(`../../../${folder}`, import.meta.url))).filter((name) =>
  /\.jsonl?(\.gz)?$/.test(name),
);
// Single requests of two are no run: what is read for certain comes first.
const ordered = [...names.filter((name) => name.includes('vllm')), ...names.filter((name) => !name.includes('vllm'))];

function seedOf(name: string): string {
  const text = sample(`${folder}/${name}`);
  const lines = name.includes('jsonl') ? text.trim().split('\n').slice(0, 2) : [text];
  return lines
    .map((line) => {
      try {
        return small(JSON.parse(line));
      } catch {
        // Python's NaN.
        return line.slice(0, 4000);
      }
    })
    .join('\n');
}

/** As much of a result as stays below the length of a case. */
function small(json: unknown): string {
  for (const [list, letters] of [
    [3, 200],
    [1, 60],
    [1, 8],
  ] as const) {
    const text = JSON.stringify(shortened(json, list, letters));
    if (text.length < 8000) return text;
  }
  return '';
}

const read = (text: string) => {
  looksLikeLoadTest(text);
  return readLoadFile('a.json', new TextEncoder().encode(text));
};
const refuses = (error: unknown) => error instanceof SourceError;
const KEYS = [
  '"request_throughput"',
  '"mean_ttft_ms"',
  '"benchmarks"',
  '"percentiles"',
  '"p99"',
  '"median"',
  'NaN',
  '-Infinity',
  '\n',
  '\n{',
  '{',
  '}',
  '[',
  ']',
  '\\"',
  ',',
];

export const loadtestJson: FuzzedParser = {
  id: 'loadtest-json',
  title: 'load-test results (JSON, JSON Lines)',
  seeds: () => ordered.map(seedOf).filter((text) => text !== ''),
  words: KEYS,
  read,
  refuses,
};

export const loadtestYaml: FuzzedParser = {
  id: 'loadtest-yaml',
  title: 'load-test results (YAML)',
  seeds: () => [
    sample(`${folder}/llm-d-0.2-by-schema.yaml`).slice(0, 1200),
    'version: "0.1"\nmetrics:\n  latency:\n    time_to_first_token: {units: ms, mean: 12.5, p99: 40}\n  requests: {total: 10, failures: 0}\n---\nversion: "0.1"\nmetrics: &a {x: *a}\n',
  ],
  words: [
    '&a ',
    '*a',
    '*b',
    '<<: *a',
    '!!binary ',
    '!!js/function ',
    '!x ',
    '? ',
    '- ',
    ': ',
    '---\n',
    '...\n',
    '|\n',
    '>\n',
    '%YAML 1.1\n',
    '[',
    ']',
    '{',
    '}',
    '\t',
    '"',
    "'",
    '#',
    '\n  ',
  ],
  read,
  refuses,
};

/** Events of a server under test. It refuses nothing: what is no event is one that says so. */
export const streamEvent: FuzzedParser = {
  id: 'stream-event',
  title: 'streamed answers of a server under test',
  seeds: () => [
    '{"choices":[{"delta":{"content":"a","tool_calls":[]},"finish_reason":null}],"usage":{"prompt_tokens":3,"completion_tokens":1}}',
    '{"error":{"message":"too long","code":400}}',
    '{"choices":[{"text":"","finish_reason":"stop"}]}',
    '[DONE]',
  ],
  words: ['"delta"', '"choices"', '"usage"', '"error"', 'null'],
  read: (text) => readStreamEvent(text),
  refuses: () => false,
};
