import { describe, expect, test } from 'vitest';
import { peel } from './prefixes.ts';

const LINE =
  '(APIServer pid=1) INFO 05-12 08:01:39 [loggers.py:271] Engine 000: Avg prompt throughput: 6335.3 tokens/s';
const ESC = String.fromCharCode(27);

describe('what runtimes put in front', () => {
  test.each<[string, string, string | null, number | null]>([
    ['nothing', LINE, null, null],
    ['kubectl --timestamps, docker logs -t', `2026-05-12T08:01:39.331095044Z ${LINE}`, null, 2026],
    ['CRI file', `2026-05-12T08:01:39.331095044+02:00 stdout F ${LINE}`, null, 2026],
    ['kubectl --prefix', `[pod/vllm-0/vllm] ${LINE}`, 'vllm-0', null],
    ['kubectl --prefix --timestamps', `[pod/vllm-0/vllm] 2026-05-12T08:01:39.331Z ${LINE}`, 'vllm-0', 2026],
    ['Compose', `vllm-1  | ${LINE}`, 'vllm-1', null],
    ['Compose with timestamps', `vllm-1  | 2026-05-12T08:01:39.331Z ${LINE}`, 'vllm-1', 2026],
    ['Swarm', `llm_vllm.1.x2y@node-3    | ${LINE}`, 'llm_vllm.1.x2y@node-3', null],
    ['journald', `May 12 08:01:39 gpu-7 vllm[4242]: ${LINE}`, 'gpu-7', null],
    ['journald, short-iso', `2026-05-12T08:01:39+0000 gpu-7 vllm[4242]: ${LINE}`, 'gpu-7', 2026],
    [
      'Docker json-file',
      JSON.stringify({ log: `${LINE}\n`, stream: 'stderr', time: '2026-05-12T08:01:39.3Z' }),
      null,
      2026,
    ],
    [
      'Fluent Bit around CRI',
      JSON.stringify({ log: `2026-05-12T08:01:39Z stdout F ${LINE}`, kubernetes: { pod_name: 'vllm-0' } }),
      'vllm-0',
      2026,
    ],
    ['colours', `${ESC}[1;36m(APIServer pid=1)${ESC}[0;0m${LINE.slice(17)}`, null, null],
    ['colours that lost their escape', `[1;36m(APIServer pid=1)[0;0m${LINE.slice(17)}`, null, null],
    ['a Windows line end', `${LINE}\r`, null, null],
  ])('%s', (_, line, source, year) => {
    const peeled = peel(line);
    expect(peeled.text).toBe(LINE);
    expect(peeled.source).toBe(source);
    expect(peeled.stamp?.year ?? null).toBe(year);
    expect(peeled.partial).toBe(false);
  });

  test.each([
    ['CRI', `2026-05-12T08:01:39Z stdout P ${LINE}`],
    ['Docker', JSON.stringify({ log: LINE, stream: 'stdout', time: '2026-05-12T08:01:39Z' })],
  ])('%s cuts long lines and says so', (_, line) => {
    expect(peel(line)).toMatchObject({ text: LINE, partial: true });
  });

  test('zones count', () => {
    expect(peel('2026-05-12T08:01:39.5+02:00 x').stamp).toMatchObject({ second: 28_899.5, offset: 7200 });
    expect(peel('2026-05-12 08:01:39,500 x').stamp).toMatchObject({ second: 28_899.5, offset: null });
  });

  test.each(['{not json', '{"a": 1}', '', '|', '[W1125 01:58:50.772938958 utils.cpp:68] Warning: NUMA'])(
    'leaves %s alone',
    (line) => {
      expect(peel(line)).toEqual({ text: line, source: null, stamp: null, partial: false });
    },
  );
});
