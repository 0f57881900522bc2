import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { asciiJson, ByteWriter } from '../../core/snapshot/bytes.ts';
import { checksum } from '../../core/snapshot/checksum.ts';
import { redact } from '../../core/snapshot/redact.ts';
import { formatText } from '../../core/snapshot/text.ts';
import { buildScene } from '../../core/evidence/notation.ts';
import { readSnapshot } from './carry.ts';

/** Parts of a packed snapshot with sound checksums, whatever stands in them. */
function textOf(...parts: readonly string[]): string {
  const out = new ByteWriter();
  for (const part of parts) {
    const bytes = new TextEncoder().encode(part);
    out.whole(bytes.length);
    out.bytes(bytes);
    out.bytes(asciiJson(checksum(bytes)).slice(1, -1));
  }
  return formatText('1', deflateSync(out.done()));
}

test.each([
  ['nested a hundred thousand deep', '['.repeat(100_000) + ']'.repeat(100_000)],
  ['objects nested a hundred thousand deep', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)],
  ['half a million lists', `[${'[],'.repeat(500_000)}1]`],
  ['a key that reaches for the prototype', '{"__proto__":{"polluted":true}}'],
  ['the same, deeper', '{"a":[{"constructor":{"prototype":{"polluted":true}}}]}'],
])('%s ends in a sentence', async (_, json) => {
  await expect(readSnapshot(textOf(json, '{}'))).rejects.toThrow(/This is no snapshot and was not opened/);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('64 MB packed a thousandfold are not opened', async () => {
  const text = formatText('1', deflateSync(Buffer.alloc(80_000_000)));
  await expect(readSnapshot(text)).rejects.toThrow(/more than 64 MB/);
});

test('names are replaced in a query of megabytes in no time', () => {
  const scene = buildScene({ lines: { running: '3x2' } });
  const { running } = scene.readings;
  const query = `sum({${'"{\\"'.repeat(500_000)}`;
  const evidence = { ...scene, readings: { running: { ...running, query } as NonNullable<typeof running> } };
  const before = process.cpuUsage();
  const { evidence: bare } = redact(evidence, new Set(['hosts']));
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(2);
  expect(bare.readings.running?.query).toBe(query);
});
