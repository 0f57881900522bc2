import { TraceBuilder } from './builder.ts';
import type { KernelKind } from './kernels.ts';
import { EventScanner } from './scan.ts';
import { isStepMark } from './steps.ts';
import type { Trace } from './trace.ts';

/**
 * The profile `torch.profiler` writes (Kineto, libkineto/src/output_json.cpp): Chrome trace events, times in microseconds with up
 * to three decimals. Of the complete events (`ph` X) are read: kernels, copies and fills (what ran on a GPU), calls of the runtime and
 * the driver (when it was asked for, by correlation id) and user annotations (where a step begins). Operators of PyTorch, Python frames,
 * flows and counters are passed over; `cuda_sync` is the host waiting and no work of a GPU.
 */
type EventKind = 'kernel' | 'copy' | 'launch' | 'host-mark' | 'gpu-mark';

/** Categories as old (`Kernel`, 2021) and new releases write them. */
const KINDS: Readonly<Record<string, EventKind>> = {
  kernel: 'kernel',
  Kernel: 'kernel',
  gpu_memcpy: 'copy',
  Memcpy: 'copy',
  gpu_memset: 'copy',
  Memset: 'copy',
  cuda_runtime: 'launch',
  Runtime: 'launch',
  cuda_driver: 'launch',
  user_annotation: 'host-mark',
  gpu_user_annotation: 'gpu-mark',
};

const COPY: KernelKind = { id: 'copies', title: 'Copies and fills', category: 'memory' };

export interface KinetoReader {
  /** @throws TraceError where the text is no profile */
  push(chunk: Uint8Array): void;
  /** @throws TraceError where no event was read */
  end(): Trace;
  /** Events read so far. */
  readonly events: number;
}

/** @param decode UTF-8 bytes → text, which the bare language does not have */
export function readKineto(name: string, decode: (bytes: Uint8Array) => string): KinetoReader {
  const builder = new TraceBuilder(name, 'torch-profiler');
  const names = new ByteNames(decode);
  const kernelOf = new Map<number, number>();
  const clock = new Clock();
  const fields = new Fields();
  const scanner = new EventScanner({
    event(bytes, from, to) {
      builder.events++;
      fields.read(bytes, from, to, names);
      const kind = fields.kind;
      if (kind === null) return;
      const start = clock.at(bytes, fields.tsFrom, fields.tsTo);
      if (start === null) return;
      if (kind === 'launch') {
        if (fields.correlation !== null) builder.addLaunch(fields.correlation, start);
        return;
      }
      const duration = clock.length(bytes, fields.durFrom, fields.durTo) ?? 0;
      const id = names.idOf(bytes, fields.nameFrom, fields.nameTo);
      if (kind === 'kernel' || kind === 'copy') {
        let kernel = kernelOf.get(id);
        if (kernel === undefined) {
          kernel = builder.kernelId(names.textOf(id), kind === 'copy' ? COPY : undefined);
          kernelOf.set(id, kernel);
        }
        builder.addActivity(kernel, start, duration, fields.device ?? fields.pid ?? 0, fields.correlation);
        return;
      }
      const text = names.textOf(id);
      if (isStepMark(text))
        builder.marks.push(
          kind === 'gpu-mark'
            ? { name: text, on: 'gpu', device: fields.pid, start, end: start + duration }
            : { name: text, on: 'host', device: null, start, end: start + duration },
        );
    },
    member(key, json) {
      readMember(builder, key, json);
    },
  });
  return {
    push: (chunk) => scanner.push(chunk),
    end() {
      builder.truncated = scanner.end();
      return builder.build();
    },
    get events() {
      return builder.events;
    },
  };
}

function readMember(builder: TraceBuilder, key: string, json: string): void {
  if (key !== 'deviceProperties' && key !== 'distributedInfo' && key !== 'vllm_version') return;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    builder.notes.push(`${key} is no JSON and was passed over.`);
    return;
  }
  if (key === 'vllm_version' && typeof value === 'string') builder.vllm = value;
  if (key === 'deviceProperties' && Array.isArray(value)) {
    const name: unknown = (value[0] as { name?: unknown } | undefined)?.name;
    if (typeof name === 'string') builder.gpu = name;
  }
  if (key === 'distributedInfo' && typeof value === 'object' && value !== null) {
    const { rank, world_size: world } = value as { rank?: unknown; world_size?: unknown };
    if (typeof rank === 'number') builder.rank = rank;
    if (typeof world === 'number') builder.world = world;
  }
}

/** Names as bytes → ids, so that a name which comes a hundred thousand times becomes a string once. */
class ByteNames {
  private readonly byHash = new Map<number, number[]>();
  private readonly bytes: Uint8Array[] = [];
  private readonly texts: string[] = [];

  private readonly decode: (bytes: Uint8Array) => string;

  constructor(decode: (bytes: Uint8Array) => string) {
    this.decode = decode;
  }

  /** @param from after the opening quote · @param to before the closing one */
  idOf(bytes: Uint8Array, from: number, to: number): number {
    // FNV-1a; equality is checked byte by byte.
    let hash = 0x811c9dc5;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
    let same = this.byHash.get(hash);
    if (same === undefined) {
      same = [];
      this.byHash.set(hash, same);
    }
    for (const id of same) if (equal(this.bytes[id] as Uint8Array, bytes, from, to)) return id;
    const kept = bytes.slice(from, to);
    const id = this.bytes.push(kept) - 1;
    this.texts.push(unescape(this.decode(kept)));
    same.push(id);
    return id;
  }

  textOf(id: number): string {
    return this.texts[id] as string;
  }
}

function equal(kept: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (kept.length !== to - from) return false;
  for (let i = 0; i < kept.length; i++) if (kept[i] !== bytes[from + i]) return false;
  return true;
}

/** The inside of a JSON string; one that is not well formed is shown as it stands. */
function unescape(raw: string): string {
  if (!raw.includes('\\')) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}

/** Text of microseconds → whole nanoseconds. Moments are counted from the whole microsecond of the first, which keeps them exact. */
class Clock {
  private base: number | null = null;

  at(bytes: Uint8Array, from: number, to: number): number | null {
    if (!parseMicros(bytes, from, to)) return null;
    this.base ??= parsed.whole;
    return (parsed.whole - this.base) * 1000 + parsed.nanos;
  }

  length(bytes: Uint8Array, from: number, to: number): number | null {
    return parseMicros(bytes, from, to) ? parsed.whole * 1000 + parsed.nanos : null;
  }
}

/** What `parseMicros` found: kept in one place, since it is called for every event. */
const parsed = { whole: 0, nanos: 0 };

function parseMicros(bytes: Uint8Array, from: number, to: number): boolean {
  let i = from;
  const negative = bytes[i] === 45;
  if (negative) i++;
  if (i >= to) return false;
  let whole = 0;
  for (; i < to; i++) {
    const digit = (bytes[i] as number) - 48;
    if (digit < 0 || digit > 9) break;
    whole = whole * 10 + digit;
  }
  let nanos = 0;
  if (bytes[i] === 46 && i < to) {
    i++;
    let scale = 100;
    for (; i < to; i++) {
      const digit = (bytes[i] as number) - 48;
      if (digit < 0 || digit > 9) break;
      if (scale >= 1) nanos += digit * scale;
      else if (scale === 0.1 && digit >= 5) nanos++;
      scale = scale === 1 ? 0.1 : scale === 0.1 ? 0 : scale / 10;
    }
  }
  if (i < to) {
    // 1.6e+15, as scripts write that read a profile and write it again.
    let text = '';
    for (let k = from; k < to; k++) text += String.fromCharCode(bytes[k] as number);
    const value = text === '' || /[^0-9eE+.-]/.test(text) ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) return false;
    parsed.whole = Math.floor(value);
    parsed.nanos = Math.round((value - parsed.whole) * 1000);
    return true;
  }
  parsed.whole = negative ? -whole : whole;
  parsed.nanos = negative ? -nanos : nanos;
  return true;
}

const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, COLON, COMMA] = [34, 92, 123, 125, 91, 93, 58, 44];

/**
 * The fields of one event that count. Walks its members once and stops as soon as the category says that nothing in it is wanted,
 * which the profiler writes first.
 */
class Fields {
  kind: EventKind | null = null;
  tsFrom = 0;
  tsTo = 0;
  durFrom = 0;
  durTo = 0;
  nameFrom = 0;
  nameTo = 0;
  pid: number | null = null;
  device: number | null = null;
  correlation: number | null = null;

  private readonly kinds = new Map<number, EventKind | null>();

  read(bytes: Uint8Array, from: number, to: number, names: ByteNames): void {
    this.kind = null;
    this.tsFrom = this.tsTo = this.durFrom = this.durTo = this.nameFrom = this.nameTo = 0;
    this.pid = this.device = this.correlation = null;
    let complete = false;
    let kind: EventKind | null = null;
    let i = from + 1;
    for (;;) {
      i = skipTo(bytes, i, to, QUOTE);
      if (i >= to) break;
      const keyFrom = i + 1;
      const keyTo = endOfString(bytes, keyFrom, to);
      i = skipTo(bytes, keyTo + 1, to, COLON) + 1;
      while (i < to && (bytes[i] as number) <= 32) i++;
      const valueFrom = i;
      i = endOfValue(bytes, i, to);
      const isText = bytes[valueFrom] === QUOTE;
      switch (keyTo - keyFrom) {
        case 2:
          if (is(bytes, keyFrom, 'ph')) {
            if (!isText || bytes[valueFrom + 1] !== 88) return;
            complete = true;
          } else if (is(bytes, keyFrom, 'ts')) {
            this.tsFrom = valueFrom;
            this.tsTo = i;
          }
          break;
        case 3:
          if (is(bytes, keyFrom, 'cat')) {
            kind = this.kindOf(bytes, valueFrom + 1, i - 1, names);
            if (kind === null) return;
          } else if (is(bytes, keyFrom, 'dur')) {
            this.durFrom = valueFrom;
            this.durTo = i;
          } else if (is(bytes, keyFrom, 'pid')) this.pid = whole(bytes, valueFrom, i);
          break;
        case 4:
          if (is(bytes, keyFrom, 'name') && isText) {
            this.nameFrom = valueFrom + 1;
            this.nameTo = i - 1;
          } else if (is(bytes, keyFrom, 'args') && bytes[valueFrom] === OPEN) this.readArguments(bytes, valueFrom, i);
          break;
        default:
      }
      i = skipTo(bytes, i, to, COMMA);
    }
    if (complete) this.kind = kind;
  }

  private readArguments(bytes: Uint8Array, from: number, to: number): void {
    let i = from + 1;
    for (;;) {
      i = skipTo(bytes, i, to, QUOTE);
      if (i >= to) return;
      const keyFrom = i + 1;
      const keyTo = endOfString(bytes, keyFrom, to);
      i = skipTo(bytes, keyTo + 1, to, COLON) + 1;
      while (i < to && (bytes[i] as number) <= 32) i++;
      const valueFrom = i;
      i = endOfValue(bytes, i, to);
      if (keyTo - keyFrom === 6 && is(bytes, keyFrom, 'device')) this.device = whole(bytes, valueFrom, i);
      else if (keyTo - keyFrom === 11 && is(bytes, keyFrom, 'correlation'))
        this.correlation = whole(bytes, valueFrom, i);
      i = skipTo(bytes, i, to, COMMA);
    }
  }

  private kindOf(bytes: Uint8Array, from: number, to: number, names: ByteNames): EventKind | null {
    const id = names.idOf(bytes, from, to);
    let kind = this.kinds.get(id);
    if (kind === undefined) {
      kind = Object.hasOwn(KINDS, names.textOf(id)) ? (KINDS[names.textOf(id)] as EventKind) : null;
      this.kinds.set(id, kind);
    }
    return kind;
  }
}

function is(bytes: Uint8Array, from: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word.charCodeAt(i)) return false;
  return true;
}

function skipTo(bytes: Uint8Array, from: number, to: number, wanted: number): number {
  let i = from;
  while (i < to && bytes[i] !== wanted) i++;
  return i;
}

/** @param from after the opening quote @returns where the closing one stands */
function endOfString(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  while (i < to && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1;
  return i;
}

/** @returns the place after the value that begins at `from` */
function endOfValue(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from] === QUOTE) return endOfString(bytes, from + 1, to) + 1;
  let depth = 0;
  for (let i = from; i < to; i++) {
    const c = bytes[i] as number;
    if (c === QUOTE) i = endOfString(bytes, i + 1, to);
    else if (c === OPEN || c === OPEN_LIST) depth++;
    else if (c === CLOSE || c === CLOSE_LIST) {
      if (depth === 0) return trimmed(bytes, from, i);
      if (--depth === 0) return i + 1;
    } else if (c === COMMA && depth === 0) return trimmed(bytes, from, i);
  }
  return to;
}

/** Without the blanks a pretty printer leaves behind a number. */
function trimmed(bytes: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from && (bytes[end - 1] as number) <= 32) end--;
  return end;
}

/** A whole number, quoted or not; `null` for anything else. */
function whole(bytes: Uint8Array, from: number, to: number): number | null {
  const quoted = bytes[from] === QUOTE;
  let value = 0;
  const [first, last] = quoted ? [from + 1, to - 1] : [from, to];
  if (first >= last) return null;
  for (let i = first; i < last; i++) {
    const digit = (bytes[i] as number) - 48;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  return value;
}
