import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FleetSeries } from './fleet.ts';
import { snappy, WriteRequest } from './remote-write.ts';

/** Reads what was written, by the text of the two formats. */
class Reader {
  at = 0;
  readonly bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes);
  }

  get more(): boolean {
    return this.at < this.bytes.length;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.bytes[this.at++] as number;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  take(length: number): Buffer {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** One field: its number and content, by wire type. */
  field(): [number, Buffer | number] {
    const key = this.varint();
    switch (key & 7) {
      case 0:
        return [key >> 3, this.varint()];
      case 1:
        return [key >> 3, this.take(8).readDoubleLE()];
      case 2:
        return [key >> 3, this.take(this.varint())];
      default:
        throw new Error(`wire type ${key & 7}`);
    }
  }

  fields(): [number, Buffer | number][] {
    const all: [number, Buffer | number][] = [];
    while (this.more) all.push(this.field());
    return all;
  }
}

const fieldsOf = (content: Buffer | number) => new Reader(content as Buffer).fields();

function readRequest(bytes: Uint8Array) {
  return new Reader(bytes).fields().map(([, series]) => {
    const parts = fieldsOf(series);
    const of = (field: number) => parts.filter(([number]) => number === field).map(([, content]) => fieldsOf(content));
    return {
      labels: of(1).map((label) => label.map(([, text]) => String(text))),
      times: of(2).map((sample) => sample.find(([field]) => field === 2)?.[1]),
      values: of(2).map((sample) => sample.find(([field]) => field === 1)?.[1]),
    };
  });
}

const series: fc.Arbitrary<FleetSeries> = fc
  .record({
    labels: fc.array(fc.tuple(fc.string(), fc.string({ unit: 'grapheme' })), { maxLength: 6 }),
    samples: fc.array(fc.tuple(fc.nat(4_000_000_000_000), fc.double({ noNaN: true })), { maxLength: 20 }),
  })
  .map(({ labels, samples }) => ({
    labels,
    times: samples.map(([time]) => time),
    values: Float64Array.from(samples, ([, value]) => value),
  }));

test('a request holds what was added, whatever the labels, times and values are', () => {
  fc.assert(
    fc.property(fc.array(series, { maxLength: 5 }), (all) => {
      const request = new WriteRequest(1_000_000);
      for (const one of all) {
        expect(request.fits(one)).toBe(true);
        request.add(one);
      }
      expect(readRequest(request.bytes())).toEqual(
        all.map(({ labels, times, values }) => ({ labels, times: [...times], values: [...values] })),
      );
    }),
  );
});

test('what is said to fit does', () => {
  fc.assert(
    fc.property(series, fc.integer({ min: 1, max: 4000 }), (one, size) => {
      const request = new WriteRequest(size);
      if (!request.fits(one)) return;
      request.add(one);
      expect(readRequest(request.bytes())).toHaveLength(1);
    }),
  );
});

test('packed bytes are literals that give the bytes again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1000 }), (bytes) => {
      const reader = new Reader(snappy(bytes));
      const length = reader.varint();
      const parts: Buffer[] = [];
      while (reader.more) {
        expect(reader.take(1)[0]).toBe(62 << 2);
        parts.push(reader.take(reader.take(3).readUIntLE(0, 3) + 1));
      }
      expect(length).toBe(bytes.length);
      expect(Buffer.concat(parts)).toEqual(Buffer.from(bytes));
    }),
  );
});
