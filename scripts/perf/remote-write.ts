import type { FleetSeries } from './fleet.ts';

/** Bytes of one request before it is sent: large enough to be quick, a third of what VictoriaMetrics takes. */
const REQUEST_BYTES = 8_000_000;
/** Bytes a label or a sample may take beside its texts. */
const SLACK = 64;

/** What a server was given. */
export interface Filled {
  readonly series: number;
  readonly samples: number;
  readonly seconds: number;
}

/**
 * Gives samples to a server that takes Prometheus' remote write: no text is written and nothing is kept, so that fifty million
 * samples need neither disk nor memory here. One request is sent while the next is made.
 * @throws an Error with what the server said if it refuses
 * Source: https://prometheus.io/docs/specs/prw/remote_write_spec, version 0.1.0
 */
export async function fill(url: string, fleet: Iterable<FleetSeries>): Promise<Filled> {
  const started = performance.now();
  let series = 0;
  let samples = 0;
  let body = new WriteRequest(REQUEST_BYTES);
  let sending: Promise<void> = Promise.resolve();
  const send = async () => {
    const full = body;
    body = new WriteRequest(REQUEST_BYTES);
    await sending;
    sending = post(url, full.bytes());
    // Waited for before the next one; until then nobody listens.
    sending.catch(() => undefined);
  };
  for (const one of fleet) {
    if (!body.fits(one)) await send();
    body.add(one);
    series += 1;
    samples += one.times.length;
  }
  await send();
  await sending;
  return { series, samples, seconds: (performance.now() - started) / 1000 };
}

async function post(url: string, request: Uint8Array): Promise<void> {
  const answer = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    },
    body: snappy(request),
  });
  if (!answer.ok) throw new Error(`${url} takes no samples: ${answer.status} ${await answer.text()}`);
}

/** Series as the protobuf message `WriteRequest`: labels as texts, samples as a double and milliseconds. */
export class WriteRequest {
  private readonly buffer: Buffer;
  private at = 0;

  constructor(size: number) {
    this.buffer = Buffer.allocUnsafe(size);
  }

  fits({ labels, times }: FleetSeries): boolean {
    const texts = labels.reduce((sum, [name, value]) => sum + 3 * (name.length + value.length) + SLACK, SLACK);
    return this.at + texts + times.length * SLACK < this.buffer.length;
  }

  add({ labels, times, values }: FleetSeries): void {
    this.message(1, () => {
      for (const [name, value] of labels) {
        this.message(1, () => {
          this.text(1, name);
          this.text(2, value);
        });
      }
      times.forEach((time, i) => {
        this.message(2, () => {
          this.key(1, 1);
          this.at = this.buffer.writeDoubleLE(values[i] as number, this.at);
          this.key(2, 0);
          this.varint(time);
        });
      });
    });
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.at);
  }

  private key(field: number, type: 0 | 1 | 2): void {
    this.buffer[this.at++] = (field << 3) | type;
  }

  private varint(value: number): void {
    let rest = value;
    // Times need more than the 32 bits of the shift operators.
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.buffer[this.at++] = (rest % 128) | 128;
    this.buffer[this.at++] = rest;
  }

  private text(field: number, text: string): void {
    this.key(field, 2);
    this.varint(Buffer.byteLength(text));
    this.at += this.buffer.write(text, this.at);
  }

  /** Its length is known afterwards, so four bytes are kept for it; a varint may be longer than it needs to be. */
  private message(field: number, content: () => void): void {
    this.key(field, 2);
    const place = this.at;
    this.at += 4;
    content();
    const length = this.at - place - 4;
    for (let i = 0; i < 4; i += 1) this.buffer[place + i] = ((length >> (7 * i)) & 127) | (i < 3 ? 128 : 0);
  }
}

/** Most bytes a literal of three length bytes holds. */
const LITERAL = 1 << 24;

/**
 * The block format without looking for anything that repeats: what is sent stays on this machine.
 * Source: https://github.com/google/snappy/blob/main/format_description.txt
 */
export function snappy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const preamble: number[] = [];
  for (let rest = bytes.length; ; rest = Math.floor(rest / 128)) {
    preamble.push(rest >= 128 ? (rest % 128) | 128 : rest);
    if (rest < 128) break;
  }
  const parts: Uint8Array[] = [Uint8Array.from(preamble)];
  for (let from = 0; from < bytes.length; from += LITERAL) {
    const literal = bytes.subarray(from, from + LITERAL);
    const length = literal.length - 1;
    parts.push(Uint8Array.of(62 << 2, length & 255, (length >> 8) & 255, length >> 16), literal);
  }
  return Uint8Array.from(Buffer.concat(parts));
}
