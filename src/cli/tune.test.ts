import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseFlags } from '../core/knobs/render.ts';
import { tuneCommand } from './tune.ts';

const RECORDING = ['--recording', 'public/library/overload.om.gz'];
const LLAMA = ['--gpu', 'h100', '--model', 'llama-3.1-8b'];

afterEach(() => void vi.restoreAllMocks());

async function run(...argv: string[]): Promise<{ exit: number; out: string; err: string }> {
  let exit = -1;
  let out = '';
  let err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  const program = new Command().exitOverride();
  program.addCommand(
    tuneCommand('0', (code) => {
      exit = code;
    }).copyInheritedSettings(program),
  );
  await program.parseAsync(['tune', ...argv], { from: 'user' }).catch(() => {
    exit = 2;
  });
  return { exit, out, err };
}

describe('without a source', () => {
  test('JSON: settings in every form, each number with what it rests on', async () => {
    const { exit, out } = await run(...LLAMA, '--ttft-p95', '500ms', '--itl-p95', '0.03', '--format', 'json');
    expect(exit).toBe(0);
    const answer = JSON.parse(out);
    expect(answer.schema).toBe('vllm-triage/tuning/1');
    expect(answer.targets).toEqual({ ttft: 0.5, itl: 0.03, e2e: 10, throughput: null });
    expect(parseFlags(answer.written.flags)).toEqual(
      answer.settings.map(({ id, value }: { id: string; value: unknown }) => ({ id, value })),
    );
    expect(answer.written.python).toMatch(/^LLM\(\n {4}max_num_seqs=\d+,/);
    const ids = answer.inputs.map((i: { id: string }) => i.id);
    for (const result of answer.results) for (const input of result.inputs) expect(ids).toContain(input);
    expect(answer.inputs.filter((i: { from: string }) => i.from === 'measured')).toEqual([]);
    expect(answer.measuredOn).toBeNull();
    expect(answer.textbook.differences.length).toBeGreaterThan(1);
  });

  test('text: flags first, then why', async () => {
    const { exit, out } = await run(...LLAMA, '--format', 'text', '--input', 'prompt-tokens=800');
    expect(exit).toBe(0);
    expect(out.split('\n').findIndex((l) => l.startsWith('--max-num-seqs'))).toBeLessThan(8);
    expect(out).toMatch(/typed in\s+mean prompt: 800 tokens; typed in/);
    expect(out).toMatch(/Assumed: .*mean answer/);
    expect(out).toMatch(/The textbook's own answer\n {2}--max-num-seqs/);
  });

  test('a config.json', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tune-'));
    const file = join(folder, 'config.json');
    writeFileSync(
      file,
      JSON.stringify({
        num_hidden_layers: 28,
        hidden_size: 3584,
        num_attention_heads: 28,
        num_key_value_heads: 4,
        vocab_size: 152_064,
      }),
    );
    const { exit, out } = await run('--gpu', '24', '--model', file, '--format', 'json');
    await rm(folder, { recursive: true });
    expect(exit).toBe(0);
    const answer = JSON.parse(out);
    expect(answer.results[0]).toMatchObject({ id: 'kv-bytes-per-token', value: 57_344 });
    expect(answer.settings.map((s: { id: string }) => s.id)).toEqual(['max-num-seqs']);
  });

  test.each([
    [['--model', 'llama-3.1-8b'], /--gpu is needed: h100/],
    [['--gpu', 'h100'], /--model is needed: llama-3.1-8b/],
    [['--gpu', 'v100', '--model', 'llama-3.1-8b'], /--gpu v100: expected one of h100/],
    [['--gpu', 'h100', '--model', 'llama-9'], /llama-9/],
    [['--gpu', 'h100', '--model', './none.json'], /cannot read .\/none.json: no such file/],
    [['--gpu', 'h100', '--model', 'package.json'], /expected num_hidden_layers/],
    [[...LLAMA, '--kv-cache-dtype', 'int4'], /expected auto or fp8/],
    [[...LLAMA, '--format', 'xml'], /expected one of text, json/],
    [[...LLAMA, '--input', 'prompt=8'], /expected one of gpu-memory/],
    [[...LLAMA, '--tp', '0'], /whole number from 1/],
    [[...LLAMA, ...RECORDING, '--prometheus', 'http://127.0.0.1:9'], /expected exactly one source/],
  ])('%j is refused', async (argv, message) => {
    const { exit, out, err } = await run(...argv);
    expect(exit).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(message);
  });
});

describe('with a source', () => {
  test('what it measures takes the place of assumptions, and is named', async () => {
    const { exit, out } = await run(...LLAMA, ...RECORDING, '--format', 'json');
    expect(exit).toBe(0);
    const answer = JSON.parse(out);
    expect(answer.measuredOn).toMatchObject({ engines: 1 });
    const from = Object.fromEntries(answer.inputs.map((i: { id: string; from: string }) => [i.id, i.from]));
    expect(from).toMatchObject({
      'kv-tokens': 'measured',
      'prompt-tokens': 'measured',
      'prompt-spread': 'measured',
      'answer-tokens': 'measured',
      'answer-spread': 'measured',
      'hit-rate': 'measured',
      'held-tokens': 'measured',
      'request-rate': 'measured',
      'step-empty': 'measured',
      'step-per-token': 'measured',
      overhead: 'assumed',
    });
    // As this recording was made: 384,000 tokens of KV cache.
    const value = (id: string) => answer.results.find((r: { id: string }) => r.id === id).value;
    expect(value('kv-tokens')).toBe(384_000);
    expect(value('replicas')).toBeGreaterThan(1);
    expect(answer.results.some((r: { id: string }) => r.id === 'kv-memory')).toBe(false);
  });

  test('a question that changes the cache is not answered with the measured size', async () => {
    const { out } = await run(...LLAMA, ...RECORDING, '--kv-cache-dtype', 'fp8', '--format', 'json');
    const answer = JSON.parse(out);
    expect(answer.inputs.some((i: { id: string }) => i.id === 'kv-tokens')).toBe(false);
    expect(answer.notMeasured.join(' ')).toMatch(/what was typed in changes it/);
  });

  test('what is typed in counts before what is measured', async () => {
    const { out } = await run(...LLAMA, ...RECORDING, '--input', 'answer-tokens=50', '--format', 'json');
    const answer = JSON.parse(out);
    expect(answer.inputs.find((i: { id: string }) => i.id === 'answer-tokens')).toMatchObject({
      value: 50,
      from: 'given',
    });
  });

  test('one that cannot be read is an error, not an assumption', async () => {
    const { exit, out, err } = await run(...LLAMA, '--recording', 'none.om');
    expect([exit, out]).toEqual([2, '']);
    expect(err).toMatch(/cannot read none.om/);
  });
});
