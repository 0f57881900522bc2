/**
 * One recogniser per kind of line, from vLLM 0.4 (V0) to 0.33: vllm/engine/metrics.py, vllm/v1/metrics/loggers.py,
 * vllm/v1/spec_decode/metrics.py, vllm/v1/core/kv_cache_utils.py, vllm/core/scheduler.py, and uvicorn's access lines.
 */
import { NO_SETTINGS, settingsIn } from './arguments.ts';
import type { LogEvent, TroubleKind } from './events.ts';
import type { LogRecord } from './records.ts';

interface Recogniser {
  /** Text every such line contains: a cheap look before the rest. */
  readonly sign: string | RegExp;
  read(text: string, record: LogRecord): readonly LogEvent[];
}

/** In the order of frequency. The first that finds something in a line has read it. */
const RECOGNISERS: readonly Recogniser[] = [
  { sign: ' HTTP/', read: readAnswer },
  { sign: /^(?:Engine |Avg |\d+ Engines)/, read: readStatistics },
  { sign: /^Spec(?:Decoding|ulative) ?metrics/, read: readSpeculation },
  { sign: /^KV Transfer metrics/, read: readTransfer },
  {
    sign: /^non-default args|^args: /,
    read: (text) => [start('arguments'), { kind: 'settings', settings: settingsIn(text) }],
  },
  { sign: /^vLLM API server version|[█▄▀] {1,3}version/, read: readBanner },
  { sign: /^Initializing an? (?:V1 )?LLM engine/, read: readConfiguration },
  { sign: /^Started server process \[\d+\]/, read: (text) => [start('process', Number(/\d+/.exec(text)?.[0]))] },
  {
    sign: /^Shutting down|^Finished server process|^Shutdown initiated|^Application shutdown/,
    read: () => [{ kind: 'shutdown' }],
  },
  {
    sign: /^Chunked prefill is enabled with max_num_batched_tokens=/,
    read: (text) => [{ kind: 'settings', settings: settingsIn(text) }],
  },
  { sign: /^Using max model len \d/, read: (text) => knobs({ 'max-model-len': Number(/\d+/.exec(text)?.[0]) }) },
  { sign: /KV cache size: /, read: readCacheSize },
  { sign: /^# (?:GPU|cuda|cpu|CPU) blocks: /, read: readCacheBlocks },
  { sign: /^Abort(?:ed|ing) request/, read: () => [{ kind: 'aborted' }] },
  { sign: 'total_num_cumulative_preemption=', read: readPreemption },
  { sign: /rror|emory|lock found|illed|NCCL|unexpectedly|expired|failed|Exception/, read: readTrouble },
];

const NOTHING: readonly LogEvent[] = [];

/** What a line says; nothing for most. */
export function eventsIn(record: LogRecord): readonly LogEvent[] {
  const { text } = record;
  // Requests are quoted in full; their words are not the server's.
  if (/^(?:Received|Added) request/.test(text)) return NOTHING;
  for (const { sign, read } of RECOGNISERS) {
    if (typeof sign === 'string' ? !text.includes(sign) : !sign.test(text)) continue;
    const found = read(text, record);
    if (found.length > 0) return found;
  }
  return NOTHING;
}

function start(sign: 'version' | 'arguments' | 'process', pid: number | null = null): LogEvent {
  return { kind: 'start', sign, pid };
}

function knobs(known: Readonly<Record<string, number>>): LogEvent[] {
  return [{ kind: 'settings', settings: { ...NO_SETTINGS, knobs: known } }];
}

/** `10.0.0.1:1234 - "POST /v1/chat/completions HTTP/1.1" 200 OK`. Written when the answer begins. */
function readAnswer(text: string): LogEvent[] {
  const found = / - "[A-Z]{3,7} (\S{1,2000}) HTTP\/[\d.]{1,3}" (\d{3})(?:\D|$)/.exec(text);
  return found
    ? [{ kind: 'answer', path: (found[1] as string).split('?')[0] as string, status: Number(found[2]) }]
    : [];
}

/** A number counts only with its unit behind it: in a cut line `Running: 1` may have been 12. */
function readStatistics(text: string): LogEvent[] {
  const bare = squeeze(text);
  const head =
    /^(?:Engine(\d{1,5}):|(\d{1,5})EnginesAggregated:)?Avgpromptthroughput:([\d.]{1,15})tokens\/s(?:,Avggenerationthroughput:([\d.]{1,15})tokens\/s)?/.exec(
      bare,
    );
  if (!head) return [];
  const number = (pattern: RegExp): number | null => {
    const found = pattern.exec(bare);
    return found ? Number(found[1]) : null;
  };
  const share = (pattern: RegExp): number | null => {
    const percent = number(pattern);
    return percent === null ? null : percent / 100;
  };
  const pending = number(/Pending:(\d{1,9})reqs/);
  const swapped = number(/Swapped:(\d{1,9})reqs/);
  return [
    {
      kind: 'statistics',
      engine: head[1] === undefined ? '' : String(Number(head[1])),
      aggregated: head[2] === undefined ? null : Number(head[2]),
      prompt: Number(head[3]),
      output: head[4] === undefined ? null : Number(head[4]),
      running: number(/Running:(\d{1,9})reqs/),
      waiting: number(/Waiting:(\d{1,9})reqs/) ?? (pending === null ? null : pending + (swapped ?? 0)),
      deferred: number(/Deferred:(\d{1,9})reqs/),
      preemptions: number(/Preemptions:(\d{1,9}),/),
      // V0 shows its swap space as the CPU's; the CPU build of V1 shows the cache itself so.
      usage: share(/GPUKVcacheusage:([\d.]{1,9})%/) ?? share(/CPUKVcacheusage:([\d.]{1,9})%/),
      hitRate: share(/(?:^|,)Prefixcachehitrate:([\d.]{1,9})%/),
      dialect: swapped === null && pending === null ? 'v1' : 'v0',
    },
  ];
}

function readSpeculation(text: string): LogEvent[] {
  const bare = squeeze(text);
  const number = (pattern: RegExp): number | null => {
    const found = pattern.exec(bare);
    return found ? Number(found[1]) : null;
  };
  const v0 = { accepted: number(/acceptedtokens:(\d{1,12})[,.]/), drafted: number(/drafttokens:(\d{1,12})[,.]/) };
  const accepted = v0.accepted ?? number(/Accepted:(\d{1,12})tokens/);
  const drafted = v0.drafted ?? number(/Drafted:(\d{1,12})tokens/);
  if (accepted === null || drafted === null) return [];
  const positions = /Per-positionacceptancerate:((?:[\d.]{1,9},){1,64})/.exec(bare)?.[1];
  return [
    {
      kind: 'speculation',
      cumulative: v0.accepted !== null,
      accepted,
      drafted,
      acceptanceLength: number(/Meanacceptancelength:([\d.]{1,9}),/),
      byPosition: positions === undefined ? [] : positions.split(',').filter(Boolean).map(Number),
    },
  ];
}

/** `Num successful transfers=1, Avg xfer time (ms)=9.862, …, Avg MB per transfer=70.0`; a MB is 2^20 bytes there. */
function readTransfer(text: string): LogEvent[] {
  const bare = squeeze(text);
  const number = (pattern: RegExp): number | null => {
    const found = pattern.exec(bare);
    return found ? Number(found[1]) : null;
  };
  const count = number(/Numsuccessfultransfers=(\d{1,9}),/);
  const ms = number(/Avgxfertime\(ms\)=([\d.]{1,12}),/);
  const size = number(/AvgMBpertransfer=([\d.]{1,12}),/);
  if (count === null || ms === null) return [];
  return [{ kind: 'transfer', count, seconds: ms / 1000, bytes: size === null ? null : size * 2 ** 20 }];
}

function readBanner(text: string): LogEvent[] {
  const version = /version {1,3}v?(\d{1,4}\.\d{1,4}\.\d{1,4})/.exec(text)?.[1];
  return version === undefined ? [] : [start('version'), { kind: 'version', version }];
}

function readConfiguration(text: string): LogEvent[] {
  const version = /\(v(\d{1,4}\.\d{1,4}\.\d{1,4})/.exec(text)?.[1];
  // Its block size and seats may be another part's; the start-up arguments give those.
  const { knobs: all, model, prefixCaching } = settingsIn(text);
  const longest = all['max-model-len'];
  const told = {
    ...NO_SETTINGS,
    knobs: (longest === undefined ? {} : { 'max-model-len': longest }) as Readonly<Record<string, number>>,
    model: /served_model_name=/.test(text) ? model : null,
    prefixCaching,
  };
  return [
    ...(version === undefined ? [] : [{ kind: 'version', version } as const]),
    { kind: 'settings', settings: told } as const,
  ];
}

/** `GPU KV cache size: 299,584 tokens[, Maximum concurrency for 8,192 tokens per request: 36.57x]` */
function readCacheSize(text: string): LogEvent[] {
  const found = /KVcachesize:([\d,]{1,20})tokens/.exec(squeeze(text));
  return found ? [{ kind: 'cache-tokens', tokens: Number((found[1] as string).replaceAll(',', '')) }] : [];
}

function readCacheBlocks(text: string): LogEvent[] {
  const blocks = Number(/blocks: (\d{1,9})/.exec(text)?.[1] ?? 'NaN');
  return blocks > 0 ? [{ kind: 'cache-blocks', blocks }] : [];
}

function readPreemption(text: string): LogEvent[] {
  const total = /total_num_cumulative_preemption=(\d{1,12})/.exec(squeeze(text))?.[1];
  return total === undefined ? [] : [{ kind: 'preempted', total: Number(total) }];
}

const TROUBLES: readonly (readonly [TroubleKind, RegExp, string])[] = [
  ['start-failed', /Engine core initialization failed|EngineCore failed to start/, 'the engine failed to start'],
  [
    'engine-died',
    /EngineDeadError|EngineCore encountered a fatal error|Engine core proc \S{1,60} died unexpectedly|Background loop has errored/,
    'the engine died',
  ],
  ['out-of-memory', /OutOfMemoryError|(?:CUDA|HIP|XPU) out of memory/, 'CUDA out of memory'],
  [
    'cache-too-small',
    /No available memory for the cache blocks|larger than the (?:available KV cache memory|maximum number of tokens that can be stored in KV cache)/,
    'the KV cache is too small for --max-model-len',
  ],
  [
    'gpu-error',
    /CUDA error: |HIP error: |NCCL (?:error|WARN)|collective operation timeout|illegal memory access/,
    'a GPU error',
  ],
  [
    'workers-silent',
    /No available (?:shared memory broadcast )?block found in \d{1,6} second/,
    'the engine waits for a worker that takes nothing from shared memory',
  ],
  [
    'transfer',
    /KV (?:load|transfer)(?:s|ring)? (?:failed|error)|[Rr]eleasing expired KV blocks/,
    'a KV transfer failed',
  ],
  ['killed', /^Killed$|SIGKILL|signal 9\b/, 'the process was killed'],
  ['port-taken', /\[Errno 98\]|[Aa]ddress already in use/, 'its port is taken by another process'],
  // The last line of a traceback. One that was called off is none.
  [
    'error',
    /^(?:[a-z_][\w.]{0,120}\.)?(?!CancelledError|HTTPException)[A-Z]\w{0,60}(?:Error|Exception)(?=: |$)/,
    'an error',
  ],
];

/** Characters of an error that are kept: the sizes it names stand within these. */
const KEPT = 400;
/** And of one that is said in a sentence. */
const SAID = 140;

function readTrouble(text: string): LogEvent[] {
  const found = TROUBLES.find(([, pattern]) => pattern.test(text));
  if (!found) return [];
  const [trouble, , says] = found;
  // `torch.OutOfMemoryError: …`: where an error lives tells nothing.
  const words = text.replace(/^(?:\w{1,60}\.){1,12}(?=[A-Z])/, '').trim();
  return [{ kind: 'trouble', trouble, says: detailOf(trouble, words, says), words: cut(words, KEPT) }];
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** The part of an error that tells which: `CUDA error: an illegal memory access was encountered`. */
function detailOf(trouble: TroubleKind, text: string, says: string): string {
  switch (trouble) {
    case 'out-of-memory': {
      const other = /HIP|XPU/.exec(text)?.[0];
      return other ? `${other} out of memory` : says;
    }
    case 'gpu-error':
      return /(?:CUDA|HIP|NCCL) [eE]rror: [\w ]{1,60}/.exec(text)?.[0].trim() ?? says;
    case 'error':
      return cut(text, SAID);
    default:
      return says;
  }
}

/** Wrapping puts line ends anywhere and drops blanks at them, so these lines are read without any. */
function squeeze(text: string): string {
  return text.replace(/\s+/g, '');
}
