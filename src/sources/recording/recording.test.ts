import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { endOf } from '../../core/base/grid.ts';
import { SourceError, type SourceProblem } from '../errors.ts';
import type { ReadRequest } from '../source.ts';
import { gunzipIfNeeded, unpack } from './decompress.ts';
import { openRecording } from './source.ts';

const library = join(dirname(fileURLToPath(import.meta.url)), '../../../public/library');
const bytes = readFileSync(join(library, 'imbalance.om.gz'));
const text = gunzipSync(bytes).toString();
const platform = { fetch, now: () => 0 };
const open = (name: string, ...texts: string[]) => openRecording({ name, texts }, platform);
const abort = new AbortController().signal;
const all: ReadRequest = { from: 'start', to: 'end', selector: '', knobs: {} };

const problemOf = async (work: () => unknown): Promise<[SourceProblem, string]> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof SourceError) return [error.problem, error.message];
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('a whole recording', () => {
  const recording = open('imbalance.om.gz', text);

  test('says what it covers', () => {
    const { from, to } = recording.extent();
    expect(from).toBeCloseTo(1795571173.376, 3);
    expect(to - from).toBeGreaterThan(470);
    expect(recording.warnings).toEqual([]);
  });

  test('reads from first to last scrape at the pace of the scrapes', async () => {
    const evidence = await recording.read(all, abort);
    expect(evidence.grid.step).toBe(5);
    expect(evidence.window).toBe(20);
    expect(evidence.replicas.map((replica) => replica.id)).toEqual(['vllm-0', 'vllm-1']);
    expect(endOf(evidence.grid)).toBeGreaterThanOrEqual(recording.extent().to);
    expect(endOf(evidence.grid)).toBeLessThan(recording.extent().to + 1.2);
    expect(evidence.readings.running?.state).toBe('present');
    expect(evidence.readings['gpu-utilization']?.state).toBe('absent');
    expect(evidence.readings['cache-config']?.labels[0]?.labels.num_gpu_blocks).toBe('1500');
  });

  test('counters over the recording add up to what the page counted', async () => {
    const evidence = await recording.read(all, abort);
    const line = evidence.readings['output-tokens']?.lines.find(({ replica }) => replica === 'vllm-0')?.values ?? [];
    const total = line.reduce<number>((sum, value) => sum + (value ?? 0) * 5, 0);
    const counts = [...text.matchAll(/^vllm:generation_tokens_total\{[^}]*vllm-0[^}]*\} (\S+)/gm)].map((m) =>
      Number(m[1]),
    );
    const counted = (counts.at(-1) as number) - (counts[0] as number);
    expect(Math.abs(total / counted - 1)).toBeLessThan(0.05);
  });

  test('a selector, a model, a range, a step', async () => {
    const one = await recording.read({ ...all, selector: '{instance="vllm-1"}', step: 10 }, abort);
    expect(one.replicas.map((replica) => replica.id)).toEqual(['vllm-1']);
    expect(one.grid.step).toBe(10);
    const part = await recording.read({ ...all, from: 1795571300, to: 1795571400, model: 'tiny' }, abort);
    expect(part.grid).toEqual({ from: 1795571300, step: 5, count: 21 });
  });

  test.each<[string, Partial<ReadRequest>, SourceProblem]>([
    ['a range before it', { from: 1000, to: 2000 }, 'empty'],
    ['a selector nothing matches', { selector: '{job="other"}' }, 'empty'],
    ['a model nobody serves', { model: 'other' }, 'empty'],
    ['a selector that is none', { selector: '{job=' }, 'bad-query'],
    ['a regular expression that is none', { selector: '{job=~"("}' }, 'bad-query'],
    ['a range that ends before it begins', { from: 1795571400, to: 1795571300 }, 'bad-query'],
  ])('%s', async (_, change, problem) => {
    expect((await problemOf(() => recording.read({ ...all, ...change }, abort)))[0]).toBe(problem);
  });
});

describe('damaged recordings', () => {
  test('cut in half: reads what is whole and says so', async () => {
    const half = open('half.om', text.slice(0, text.length / 2));
    expect(half.warnings.join(' ')).toContain('ends early');
    const evidence = await half.read(all, abort);
    expect(evidence.warnings).toEqual(half.warnings);
    expect(evidence.readings.ttft?.state).toBe('absent');
    expect(evidence.readings.e2e?.histograms.length).toBe(2);
  });

  test('cut anywhere: no half number and no half timestamp is believed', () => {
    const small = text
      .split('\n')
      .filter((line) => line.startsWith('vllm:num_requests_running{'))
      .join('\n');
    const { from, to } = open('whole.om', `${small}\n`).extent();
    for (let cut = small.length / 2; cut < small.length / 2 + 200; cut += 1) {
      const part = open('cut.om', small.slice(0, cut)).extent();
      expect(part.from).toBe(from);
      expect(part.to).toBeLessThanOrEqual(to);
    }
  });

  test('cut after a line: the missing end mark is noticed', () => {
    const lines = text.split('\n');
    expect(open('cut.om', `${lines.slice(0, 60_000).join('\n')}\n`).warnings.join(' ')).toContain('# EOF');
  });

  test('a few broken lines in between', () => {
    const broken = text.replace('# TYPE http_requests', '}}} what\n# TYPE http_requests');
    expect(open('broken.om', broken).warnings).toEqual([
      expect.stringMatching(/^One line of broken.om is no metric sample and was skipped: line \d+: }}} what$/),
    ]);
  });

  test.each<[string, string, SourceProblem, string]>([
    ['a web page', '<html>\n<body>Sign in</body>', 'unreadable', 'no metrics text'],
    ['one line of JSON', '{"error": "no such file"}', 'unreadable', 'no metrics text'],
    ['nothing', '', 'empty', 'no samples'],
    ['metrics of something else', 'node_load1{instance="a"} 1 1795571173\n', 'empty', 'vllm:num_requests_running'],
    ['a single page', 'vllm:num_requests_running{engine="0",model_name="m"} 1\n', 'unreadable', 'timestamps'],
  ])('%s', async (_, content, problem, words) => {
    const [found, message] = await problemOf(() => open('file', content));
    expect(found).toBe(problem);
    expect(message).toContain(words);
  });
});

test('a recording without instance is one target by the name of the file', async () => {
  const lines = [0, 5, 10].map((t) => `vllm:num_requests_running{engine="0",model_name="m"} 3 ${1795571173 + t}`);
  const evidence = await open('mine.om', `${lines.join('\n')}\n# EOF\n`).read(all, abort);
  expect(evidence.replicas.map((replica) => replica.id)).toEqual(['mine.om']);
});

test('several files are one recording', async () => {
  const of = (name: string) =>
    text.split('\n').filter((line) => !line.includes('{') || line.includes(`instance="${name}"`));
  const evidence = await open('both', of('vllm-0').join('\n'), of('vllm-1').join('\n')).read(all, abort);
  expect(evidence).toEqual({ ...(await open('both', text).read(all, abort)) });
});

test('a read that was called off says so', async () => {
  const off = AbortSignal.abort();
  expect((await problemOf(() => open('a', text).read(all, off)))[0]).toBe('aborted');
});

describe('unpacking', () => {
  test('gzip by its bytes, plain text as it is', async () => {
    expect(await gunzipIfNeeded(gzipSync('a 1\n'))).toBe('a 1\n');
    expect(await gunzipIfNeeded(new TextEncoder().encode('ä 1\n'))).toBe('ä 1\n');
    expect((await unpack(bytes)).text).toBe(text);
  });

  test('a gzip cut short gives its readable part up to a whole line, with a warning', async () => {
    const { text: part, warnings } = await unpack(bytes.subarray(0, bytes.length / 2));
    expect(part.length).toBeGreaterThan(text.length / 4);
    expect(text.startsWith(part)).toBe(true);
    expect(part.endsWith('\n')).toBe(true);
    expect(warnings.length).toBe(1);
  });
});

describe('several files without an instance label', () => {
  const of = (name: string) =>
    text
      .split('\n')
      .filter((line) => line.includes(`instance="${name}"`))
      .map((line) => line.replaceAll(/instance="[^"]*",?/g, ''));
  const named = (texts: string[][], names: string[]) =>
    openRecording(
      { name: names.join(' + '), texts: texts.map((one) => `${one.join('\n')}\n# EOF\n`), names },
      platform,
    );

  test('are replicas called by their files, in any order, and that is said', async () => {
    const recording = named([of('vllm-1'), of('vllm-0')], ['b.om.gz', 'a.om.gz']);
    const evidence = await recording.read(all, abort);
    expect(evidence.replicas.map((replica) => replica.id)).toEqual(['a', 'b']);
    expect(evidence.warnings.join(' ')).toContain('without an instance label: the replicas are called b, a');
  });

  test('are one replica where one process goes on in the next file', async () => {
    const lines = of('vllm-0');
    const early = lines.filter((line) => Number(line.slice(line.lastIndexOf(' '))) < 1795571400);
    const late = lines.filter((line) => !early.includes(line));
    const evidence = await named([late, early], ['two.om', 'one.om']).read(all, abort);
    expect(evidence.replicas.map((replica) => replica.id)).toEqual(['two']);
  });
});
