/**
 * What container runtimes, service managers and log shippers put in front of a line: Docker (json-file and plain with
 * `--timestamps`), Kubernetes (CRI files, `kubectl logs --timestamps --prefix`), Compose, journald and syslog, JSON lines of
 * shippers; and terminal colours. Each layer is peeled off in turn, so they may be stacked.
 */
import { monthOf, offsetOf, secondOf, type Stamp } from './stamps.ts';

export interface Peeled {
  /** The line as the process wrote it. */
  readonly text: string;
  /** Pod, container, service or host the prefix names; `null` where there is none. */
  readonly source: string | null;
  /** Time the prefix gives. */
  readonly stamp: Stamp | null;
  /** The runtime cut a long line here: the next piece of the same source belongs to it. */
  readonly partial: boolean;
}

/** Layers that may be stacked: shipper, pod, container stamp, stream. */
const MOST_LAYERS = 6;
const ESCAPE = String.fromCharCode(27);
/** Colours and other terminal orders; the escape byte is often lost, or spelt out, on the way into a bug report. */
const COLOURS = new RegExp(`(?:${ESCAPE}|\\u241b|\\^\\[|#033|\\\\x1b|\\\\u001b)?\\[[0-9;]{1,12}m`, 'g');
const CONTROLS = new RegExp(`${ESCAPE}\\[[0-9;?]{0,12}[A-Za-z]`, 'g');

const POD = /\[(?:pod\/)?([\w.-]{1,253})(?:\/[\w.-]{1,253})?\] /y;
const COMPOSE = /([A-Za-z0-9][\w.@/-]{0,120}) {0,60}\| ?/y;
const RFC3339 = /(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\d{0,9} ?(Z|[+-]\d\d:?\d\d)?(?: |$)/y;
const CRI = /(?:stdout|stderr) ([FP])(?: |$)/y;
const SYSLOG = /([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? /y;
/** `host program[pid]: ` behind a stamp of journald or syslog. */
const UNIT = /([\w.-]{1,253}) [\w.:@/ -]{1,80}\[\d{1,10}\]: ?/y;

const TEXT_KEYS = ['log', 'message', 'msg', 'textPayload', 'MESSAGE', 'line'] as const;
const TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts'] as const;

/** Takes a line apart into what was put in front of it and what the process wrote. */
export function peel(line: string): Peeled {
  let text = plain(line);
  let source: string | null = null;
  let stamp: Stamp | null = null;
  let partial = false;
  for (let layer = 0; layer < MOST_LAYERS; layer += 1) {
    const before = text;
    const json = text.startsWith('{') ? shipped(text) : null;
    if (json) {
      text = plain(json.text);
      source = json.source ?? source;
      stamp = json.stamp ?? stamp;
      partial ||= json.partial;
      continue;
    }
    const stamped = match(RFC3339, text);
    if (stamped) {
      stamp = rfc3339(stamped);
      text = text.slice(stamped[0].length);
      const cri = match(CRI, text);
      if (cri) {
        partial ||= cri[1] === 'P';
        text = text.slice(cri[0].length);
      }
    } else {
      const syslog = match(SYSLOG, text);
      const month = syslog ? monthOf(syslog[1] as string) : null;
      if (syslog && month !== null) {
        const [, , day = '', hours = '', minutes = '', seconds = '', fraction] = syslog;
        const second = secondOf(hours, minutes, seconds, fraction);
        stamp = { year: null, month, day: Number(day), second, offset: null };
        text = text.slice(syslog[0].length);
      }
    }
    if (text !== before) {
      const unit = match(UNIT, text);
      if (unit) {
        source = unit[1] as string;
        text = text.slice(unit[0].length);
      }
    }
    const named = match(POD, text) ?? match(COMPOSE, text);
    if (named) {
      source = named[1] as string;
      text = text.slice(named[0].length);
    }
    if (text === before) break;
  }
  return { text, source, stamp, partial };
}

function match(pattern: RegExp, text: string): RegExpExecArray | null {
  pattern.lastIndex = 0;
  return pattern.exec(text);
}

function plain(line: string): string {
  const coloured = line.includes('[') ? line.replace(COLOURS, '').replace(CONTROLS, '') : line;
  return coloured.endsWith('\r') ? coloured.slice(0, -1) : coloured;
}

function rfc3339(found: RegExpExecArray): Stamp {
  const [, year, month, day, hours = '', minutes = '', seconds = '', fraction, zone] = found;
  return {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    second: secondOf(hours, minutes, seconds, fraction),
    offset: offsetOf(zone),
  };
}

/** A line wrapped in JSON by Docker or a shipper; `null` if it is something else. */
function shipped(line: string): Peeled | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const record = value as Record<string, unknown>;
  const key = TEXT_KEYS.find((name) => typeof record[name] === 'string');
  if (key === undefined) return null;
  const text = record[key] as string;
  const time = TIME_KEYS.map((name) => record[name]).find((found) => typeof found === 'string');
  const stamped = typeof time === 'string' ? match(RFC3339, time) : null;
  return {
    text: text.replace(/\n$/, ''),
    source: podOf(record.kubernetes),
    stamp: stamped ? rfc3339(stamped) : null,
    // Docker cuts lines at 16 KiB and leaves the line feed to the last piece.
    partial: key === 'log' && 'stream' in record && !text.endsWith('\n'),
  };
}

function podOf(kubernetes: unknown): string | null {
  if (typeof kubernetes !== 'object' || kubernetes === null) return null;
  const pod = (kubernetes as Record<string, unknown>).pod_name;
  return typeof pod === 'string' ? pod : null;
}
