import { buildEvidence } from '../../core/evidence/build.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { type LogText, parseServerLog, type ServerLog } from '../../core/serverlog/log.ts';
import { formatSelector, SelectorError, withModel } from '../../core/signals/selector.ts';
import { SourceError } from '../errors.ts';
import { matchersOf } from '../scope.ts';
import type { ReadRequest, Source, SourcePlatform } from '../source.ts';
import { timingOf } from '../timing.ts';

export interface LogFiles {
  /** Shown in the source bar: a file name, or "pasted log". */
  readonly name: string;
  /** Decompressed; one or several, of one or several servers. */
  readonly files: readonly LogText[];
  /** What decompressing had to say. */
  readonly warnings?: readonly string[];
}

export interface LogSource extends Source {
  /** First measured moment and last line, unix seconds. */
  extent(): { readonly from: number; readonly to: number };
  /** What the log tells beside the readings, and what could not be read of it: sentences. */
  readonly warnings: readonly string[];
}

/** Characters of a text that is no log, to show what was given. */
const QUOTED = 60;
/** Characters looked at to tell what a text is: a start-up alone has a few thousand. */
const LOOKED_AT = 500_000;
/** Seconds between grid times where no statistics line was written, as far apart as these usually are. */
const UNMEASURED_STEP = 10;
/**
 * What only a vLLM server writes: its statistics, its processes' names with a level behind, its header, its first lines, or
 * an access line of its routes, or a traceback through its code.
 */
const VLLM_LINE =
  /Avg prompt throughput: [\d.]+ tokens\/s|\((?:APIServer|EngineCore|Worker)[\w -]{0,20} pid=\d+\)|(?:INFO|WARNING|ERROR) \d\d-\d\d \d\d:\d\d:\d\d \[?[\w./]+\.py:\d+\]|vLLM API server version|"POST \/v1\/(?:chat\/)?completions HTTP|File "[^"\n]{0,300}\/vllm\//;

/** Whether a text is the log of a vLLM server, told by a line only vLLM writes. */
export function looksLikeLog(text: string): boolean {
  return VLLM_LINE.test(text.slice(0, LOOKED_AT));
}

/**
 * Opens logs of vLLM servers as one incident. Reads them at once; `read` then only evaluates. Start-up arguments become knobs;
 * one that is given along wins.
 * @throws SourceError 'empty' for an empty text and for lines without any time, 'unreadable' for a text that is no vLLM log
 */
export function openLog(given: LogFiles, platform: SourcePlatform): LogSource {
  const blank = given.files.every(({ text }) => text.trim() === '');
  if (blank) throw new SourceError('empty', `${given.name} is empty.`);
  const foreign = given.files.find(({ text }) => !VLLM_LINE.test(text));
  if (foreign) {
    throw new SourceError(
      'unreadable',
      `${foreign.name} holds no line of a vLLM server; expected lines like "INFO 11-24 12:00:00 [loggers.py:335] Engine 000: Avg prompt throughput: …", got "${quoted(foreign.text)}".`,
    );
  }
  const log = parseServerLog(given.files, platform.now());
  const { extent } = log;
  if (extent === null) {
    const named = log.error === null ? '' : ` The error in it: ${withStop(log.error)}`;
    throw new SourceError('empty', `No line of ${given.name} has a time, so nothing can be put in order.${named}`);
  }
  const warnings = [...(given.warnings ?? []), ...log.notes, ...silentBecause(log, given.name)];
  return {
    kind: 'log',
    label: given.name,
    warnings,
    extent: () => extent,
    read: async (request, abort) => {
      if (abort.aborted) throw new SourceError('aborted', 'The read was called off.');
      return evaluate(log, request, { name: given.name, extent, warnings });
    },
  };
}

/** Why nothing was measured, where nothing was. */
function silentBecause(log: ServerLog, name: string): string[] {
  if (log.interval !== null) return [];
  const named = log.error === null || log.notes.length > 0 ? '' : ` The last error in it: ${withStop(log.error)}`;
  return [
    `${name} has no statistics line. vLLM writes one every ten seconds while it works, unless it was started with --disable-log-stats or ended before.${named}`,
  ];
}

function withStop(text: string): string {
  return /[.…]$/.test(text) ? text : `${text}.`;
}

interface Opened {
  readonly name: string;
  readonly extent: { readonly from: number; readonly to: number };
  readonly warnings: readonly string[];
}

function evaluate(log: ServerLog, request: ReadRequest, { name, extent, warnings }: Opened): Evidence {
  const to = typeof request.to === 'number' ? request.to : Math.ceil(extent.to);
  const from = typeof request.from === 'number' ? request.from : Math.min(to, extent.from);
  if (from > to) throw new SourceError('bad-query', 'The range ends before it begins.');
  if (to < extent.from || from > extent.to + 300) {
    throw new SourceError(
      'empty',
      `${name} has nothing in this range: it covers ${iso(extent.from)} to ${iso(extent.to)}.`,
    );
  }
  const matchers = matchersOf(request.selector);
  const { grid } = timingOf(from, to, log.interval ?? UNMEASURED_STEP, request.step);
  // A statistics line is a rate already, so one of them is window enough.
  const window = Math.max(log.interval ?? grid.step, grid.step);
  const selector = formatSelector(matchers);
  const evidence = buildEvidence({
    grid,
    window,
    scrapeInterval: log.interval,
    source: { kind: 'log', label: name, flavour: null },
    selector,
    model: request.model,
    knobs: { ...log.knobs, ...request.knobs },
    warnings,
    readouts: seriesOf(log, { grid, window, matchers: withModel(matchers, request.model) }),
  });
  if (evidence.replicas.length === 0 && log.interval !== null) {
    const model = request.model === undefined ? '' : ` and model ${request.model}`;
    throw new SourceError('empty', `${name} has no engine that matches ${selector}${model} in this range.`);
  }
  return evidence;
}

function seriesOf(log: ServerLog, options: Parameters<ServerLog['series']>[0]): ReturnType<ServerLog['series']> {
  try {
    return log.series(options);
  } catch (error) {
    if (error instanceof SelectorError)
      throw new SourceError('bad-query', `The selector cannot be used: ${error.message}.`);
    throw error;
  }
}

function quoted(text: string): string {
  const start = text.trim().replace(/\s+/g, ' ');
  return start.length <= QUOTED ? start : `${start.slice(0, QUOTED - 1)}…`;
}

function iso(seconds: number): string {
  return new Date(Math.round(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}
