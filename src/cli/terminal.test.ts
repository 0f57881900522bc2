import { expect, test } from 'vitest';
import { buildScene } from '../core/evidence/notation.ts';
import { diagnose } from '../core/verdict/diagnose.ts';
import { toText } from '../core/verdict/format.ts';
import { targetsOf } from '../core/verdict/profiles.ts';
import { HOSTILE_NAMES } from '../testing/hostile.ts';
import { guardTerminal, printable } from './terminal.ts';

/** A stream that keeps what reaches it. */
function streamOf(isTTY: boolean) {
  const got: unknown[] = [];
  const stream = { isTTY, write: (chunk: unknown) => got.push(chunk) > 0 };
  guardTerminal(stream as unknown as NodeJS.WriteStream);
  return { stream, got };
}

test.each(HOSTILE_NAMES.map((name) => [JSON.stringify(name), name]))(
  'a replica called %s gives a terminal no order',
  (_, name) => {
    const scene = buildScene({
      replicas: [name, 'vllm-1'],
      model: name,
      lines: { running: '8x20', waiting: '40x20', 'kv-cache-usage': '0.99x20', preemptions: '5x20' },
    });
    const { stream, got } = streamOf(true);
    stream.write(toText(diagnose(scene, targetsOf('chat'))));
    expect(got.join('')).not.toMatch(/(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
  },
);

test('progress lines keep the order they are made of, and nobody else adds one', () => {
  expect(printable('\r\u001b[K12 requests of a\u001b[Kb\rc')).toBe('\r\u001b[K12 requests of a\ufffd[Kb\ufffdc');
});

test('what goes to a file or a pipe is data', () => {
  const { stream, got } = streamOf(false);
  stream.write('a\u001b[31m');
  expect(got).toEqual(['a\u001b[31m']);
});
