import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildScene } from '../evidence/notation.ts';
import { diagnose } from '../verdict/diagnose.ts';
import { targetsOf } from '../verdict/profiles.ts';
import { asciiJson, ByteReader, BytesError, ByteWriter, parseAsciiJson } from './bytes.ts';
import { checksum } from './checksum.ts';
import { HostileError, pack, unpack } from './pack.ts';
import { readSeries, type Row, writeSeries } from './series.ts';
import { takeSnapshot } from './snapshot.ts';

const evidence = buildScene({
  replicas: ['vllm-0', 'vllm-1'],
  lines: { running: '3x30', 'kv-cache-usage': '0.3+0.02x30', preemptions: '0x10 0.7x18 _' },
  histograms: { ttft: '0.2*5x30' },
});
const targets = targetsOf('chat');
const snapshot = takeSnapshot(evidence, targets, diagnose(evidence, targets), { version: '1.0.0', takenAt: 1.8e9 });

/** What JSON can hold: no -0, nothing infinite. */
const double = fc
  .oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.integer({ min: 0, max: 999 }).map((n) => (n * 1.0003333) / 20),
    fc.integer({ min: 0, max: 999 }).map((n) => n * 0.05003333),
    fc.integer({ min: -9999, max: 9999 }).map((n) => n / 1000),
  )
  .map((value) => (value === 0 ? 0 : value));
const rows = fc.integer({ min: 1, max: 12 }).chain((length) =>
  fc.array(
    fc.record({
      group: fc.integer({ min: 0, max: 3 }),
      values: fc.array(fc.option(double, { nil: null }), { minLength: length, maxLength: length }),
    }),
    { minLength: 1, maxLength: 12 },
  ),
);

describe('series', () => {
  test('every double comes back bit by bit, every gap as a gap', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom(1, 20, 60), (given: Row[], window) => {
        const length = given[0]?.values.length as number;
        // A line that repeats the one above is what most buckets are.
        const all = given.flatMap((row) => [row, { ...row, values: [...row.values] }]);
        const out = new ByteWriter();
        writeSeries(out, all, length, window);
        const bytes = new ByteReader(out.done());
        expect(
          readSeries(
            bytes,
            all.map((row) => row.group),
            length,
          ),
        ).toEqual(all.map((row) => row.values));
        expect(bytes.left).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test('rates of one scrape cost about a byte each', () => {
    const factors = Array.from({ length: 50 }, (_, i) => 1 + Math.sin(i) / 500);
    const given = Array.from({ length: 40 }, (_, k) => ({
      group: 0,
      values: factors.map((factor, i) => (((k * 7 + i) % 60) * factor) / 20),
    }));
    const out = new ByteWriter();
    writeSeries(out, given, 50, 20);
    expect(out.length).toBeLessThan(40 * 50 * 1.7);
  });
});

test('JSON of any text comes back', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect(parseAsciiJson(asciiJson(json))).toEqual(JSON.parse(JSON.stringify(json)));
    }),
  );
});

describe('packing', () => {
  test('a snapshot comes back as it was', () => {
    expect(unpack(pack(snapshot))).toEqual({ whole: true, snapshot });
  });

  test('cut anywhere: the front or nothing, never an exception, never half a number', () => {
    const bytes = pack(snapshot);
    const { evidence: _, ...front } = snapshot;
    let fronts = 0;
    for (let cut = 0; cut < bytes.length; cut += 101) {
      const read = unpack(bytes.subarray(0, cut));
      expect(read.whole).toBe(false);
      if (!read.whole && read.front !== null) {
        expect(read.front).toEqual(front);
        fronts += 1;
      }
    }
    expect(fronts).toBeGreaterThan(3);
  });

  test('a byte changed in the front: none of it is believed', () => {
    const bytes = pack(snapshot);
    bytes[200] = (bytes[200] as number) ^ 1;
    expect(unpack(bytes)).toMatchObject({ whole: false, front: null });
  });

  test('any bytes end in an answer or in a sentence', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          expect(unpack(bytes).whole).toBe(false);
        } catch (error) {
          expect(error).toBeInstanceOf(HostileError);
        }
      }),
    );
  });
});

describe('made to do harm', () => {
  const json = (text: string): Uint8Array => {
    const out = new ByteWriter();
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    out.whole(bytes.length);
    out.bytes(bytes);
    out.bytes(Uint8Array.from(checksum(bytes), (char) => char.charCodeAt(0)));
    return out.done();
  };

  test.each<[string, string, RegExp]>([
    ['nested without end', `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`, /nested/],
    ['nested objects', `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`, /nested/],
    ['a key that reaches for the prototype', '{"evidence":{"__proto__":{"status":"healthy"}}}', /__proto__/],
    ['a key that reaches for the constructor', '{"constructor":{"prototype":{}}}', /constructor|prototype/],
    ['a part that is too large', `["${'x'.repeat(8_000_001)}"]`, /8 MB/],
  ])('%s', (_, text, why) => {
    const bytes = json(text);
    const started = performance.now();
    expect(() => unpack(bytes)).toThrow(why);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(({} as { status?: string }).status).toBeUndefined();
  });

  test('a number that never ends', () => {
    expect(() => new ByteReader(new Uint8Array(20).fill(255)).whole()).toThrow(BytesError);
  });

  test('lines without numbers are not made room for', () => {
    const groups = new Array<number>(1000).fill(0);
    expect(() => readSeries(new ByteReader(new Uint8Array(100)), groups, 11_000)).toThrow('fewer numbers');
  });
});
