import type { Grid, Values } from '../base/grid.ts';
import { stepsIn } from '../base/grid.ts';
import { maxOf } from '../base/statistics.ts';
import type { SignalId } from '../signals/index.ts';
import type { Evidence, Histogram, Replica } from './evidence.ts';
import { ownLine, replicaLine, smooth } from './lines.ts';

/** One scheduler over the window: seats, blocks, token budget, step time. `null` lines are signals that are not there. */
export interface Trace {
  readonly replica: Replica;
  readonly grid: Grid;
  readonly up: Values | null;
  /** Seconds since the newest sample. */
  readonly age: Values | null;
  readonly awake: Values | null;
  readonly running: Values | null;
  readonly waiting: Values | null;
  /** Part of `waiting` that is deferred (adapters, remote KV, grammar); `null` where the build does not split it. */
  readonly deferred: Values | null;
  /** KV cache usage, ratio. */
  readonly usage: Values | null;
  /** KV capacity in tokens; `null` if no label tells. */
  readonly capacity: number | null;
  readonly blockSize: number | null;
  readonly prefixCaching: boolean | null;
  /** Rates per second over the rate window. */
  readonly firstTokens: Values | null;
  readonly finishes: Values | null;
  readonly output: Values | null;
  readonly prompt: Values | null;
  /** Prompt tokens really computed, not served from a cache. */
  readonly computed: Values | null;
  readonly queried: Values | null;
  readonly hits: Values | null;
  readonly steps: Values | null;
  readonly preemptions: Values | null;
  readonly ttft: Histogram | null;
  readonly itl: Histogram | null;
  readonly tpot: Histogram | null;
  readonly e2e: Histogram | null;
  readonly queueTime: Histogram | null;
  readonly prefillTime: Histogram | null;
  readonly promptLength: Histogram | null;
  readonly outputLength: Histogram | null;
  readonly computedLength: Histogram | null;
}

/** @returns the traces of all replicas in the evidence, in its order. */
export function tracesOf(evidence: Evidence): Trace[] {
  return evidence.replicas.map((replica) => traceOf(evidence, replica));
}

function traceOf(evidence: Evidence, replica: Replica): Trace {
  const line = (id: SignalId, part = '') => replicaLine(evidence, id, replica.id, part);
  const total = (id: SignalId) => ownLine(evidence, id, replica.id);
  const histogram = (id: SignalId): Histogram | null =>
    evidence.readings[id]?.histograms.find((h) => h.replica === replica.id) ?? null;
  const labels = evidence.readings['cache-config']?.labels.find((l) => l.replica === replica.id)?.labels ?? {};
  const ttft = histogram('ttft');
  const stepTokens = histogram('step-tokens');
  const prompt = line('prompt-tokens');
  const size = countedInBlocks(evidence, labels, prompt, line('prefix-cache-queries')) ?? 1;
  const queried = times(line('prefix-cache-queries'), size);
  const hits = times(line('prefix-cache-hits'), size);
  return {
    replica,
    grid: evidence.grid,
    up: line('up'),
    age: line('sample-age'),
    awake: line('engine-awake'),
    running: line('running'),
    waiting: line('waiting'),
    deferred: line('waiting-by-reason', 'deferred'),
    usage: line('kv-cache-usage'),
    capacity: capacityOf(labels, evidence, replica),
    blockSize: numberIn(labels.block_size),
    prefixCaching: labels.enable_prefix_caching === undefined ? null : /^true$/i.test(labels.enable_prefix_caching),
    firstTokens: ttft?.count ?? null,
    finishes: total('finished'),
    output: line('output-tokens'),
    prompt,
    computed: line('computed-prompt-tokens') ?? computedFrom(prompt, queried, hits),
    queried,
    hits,
    steps: stepTokens?.count ?? null,
    preemptions: line('preemptions'),
    ttft,
    itl: histogram('itl'),
    tpot: histogram('time-per-output-token'),
    e2e: histogram('e2e'),
    queueTime: histogram('queue-time'),
    prefillTime: histogram('prefill-time'),
    promptLength: histogram('prompt-length'),
    outputLength: histogram('output-length'),
    computedLength: histogram('computed-prompt-length'),
  };
}

function numberIn(label: string | undefined): number | null {
  if (label === undefined || label === '' || label === 'None') return null;
  const n = Number(label);
  return Number.isFinite(n) && n > 0 ? n : null;
}

/**
 * KV capacity of one engine in tokens. The label `kv_cache_size_tokens` (0.24+) is right for hybrid models too; otherwise
 * blocks × block size, where internal data parallelism repeats the *sum* of all engines on each (metrics.md §1.2).
 */
function capacityOf(labels: Readonly<Record<string, string>>, evidence: Evidence, replica: Replica): number | null {
  const tokens = numberIn(labels.kv_cache_size_tokens);
  if (tokens !== null) return tokens;
  const blocks = numberIn(labels.num_gpu_blocks);
  const size = numberIn(labels.block_size);
  if (blocks === null || size === null) return null;
  const engines = evidence.replicas.filter((r) => r.instance === replica.instance && r.model === replica.model).length;
  return (blocks * size) / Math.max(1, engines);
}

/** V1 before 0.9 counted look-ups and hits in blocks, under a name that 0.9 and 0.10 kept for tokens (metrics.md §1.1). */
const ONCE_BLOCKS = /gpu_prefix_cache_queries_total$/;
/** Block size on GPUs where no label tells. */
const USUAL_BLOCK = 16;
/** Whole blocks of prompts: at least half of their tokens, unless they are shorter than a block, and no more than all. */
const WHOLE_BLOCKS = [0.5, 1.05] as const;

/**
 * Tokens behind one look-up, where these are blocks; `null` where they are tokens. Told by the name and by the numbers: times
 * the block size they come to the prompt tokens.
 */
function countedInBlocks(
  evidence: Evidence,
  labels: Readonly<Record<string, string>>,
  prompt: Values | null,
  queried: Values | null,
): number | null {
  if (!evidence.readings['prefix-cache-queries']?.metrics.some((name) => ONCE_BLOCKS.test(name))) return null;
  const sum = (values: Values | null) => (values ?? []).reduce<number>((total, value) => total + (value ?? 0), 0);
  const size = numberIn(labels.block_size) ?? USUAL_BLOCK;
  const share = (sum(queried) * size) / sum(prompt);
  return share >= WHOLE_BLOCKS[0] && share <= WHOLE_BLOCKS[1] ? size : null;
}

function times(values: Values | null, factor: number): Values | null {
  return factor === 1 ? values : (values?.map((value) => (value === null ? null : value * factor)) ?? null);
}

/** Without the by-source counter: prompt tokens less the share the prefix cache served. */
function computedFrom(prompt: Values | null, queried: Values | null, hits: Values | null): Values | null {
  if (!prompt) return null;
  return prompt.map((p, i) => {
    if (p === null) return null;
    const q = queried?.[i] ?? null;
    const h = hits?.[i] ?? null;
    return q !== null && h !== null && q > 0 ? p * (1 - Math.min(1, h / q)) : p;
  });
}

/** Mean of the known values over the `seconds` that end at index `i`; `null` if there are none. */
export function over(values: Values | null, grid: Grid, i: number, seconds: number): number | null {
  if (!values) return null;
  let sum = 0;
  let n = 0;
  for (let j = Math.max(0, i - stepsIn(grid, seconds) + 1); j <= i; j++) {
    const v = values[j] ?? null;
    if (v !== null) {
      sum += v;
      n++;
    }
  }
  return n === 0 ? null : sum / n;
}

/** The values of the `seconds` that end at index `i`. */
export function recent(values: Values | null, grid: Grid, i: number, seconds: number): Values {
  if (!values) return [];
  return values.slice(Math.max(0, i - stepsIn(grid, seconds) + 1), i + 1);
}

/** How many events a rate stands for over the `seconds` that end at index `i`; `null` if the rate is not there. */
export function countOver(rate: Values | null, grid: Grid, i: number, seconds: number): number | null {
  const m = over(rate, grid, i, seconds);
  return m === null ? null : m * Math.min(seconds, (i + 1) * grid.step);
}

/** Histogram mean over the `seconds` that end at index `i`; `null` where nothing was observed. */
export function meanOver(histogram: Histogram | null, grid: Grid, i: number, seconds: number): number | null {
  if (!histogram) return null;
  const sum = over(histogram.sum, grid, i, seconds);
  const count = over(histogram.count, grid, i, seconds);
  return sum === null || count === null || count <= 1e-9 ? null : sum / count;
}

/** Mean of the known values over the index range [from, to]; 0 if there are none. */
export function averageBetween(values: Values, from: number, to: number): number {
  let sum = 0;
  let n = 0;
  for (let i = Math.max(0, from); i <= to; i++) {
    const v = values[i] ?? null;
    if (v !== null) {
      sum += v;
      n++;
    }
  }
  return n === 0 ? 0 : sum / n;
}

/** Buckets of a histogram averaged over the index range [from, to], ready for `quantileInterval` and `shareAtOrBelow`. */
export function bucketsBetween(
  histogram: Histogram,
  from: number,
  to: number,
): { bounds: readonly number[]; cumulative: number[]; count: number; sum: number } {
  return {
    bounds: histogram.bounds,
    cumulative: histogram.cumulative.map((values) => averageBetween(values, from, to)),
    count: averageBetween(histogram.count, from, to),
    sum: averageBetween(histogram.sum, from, to),
  };
}

/** Ratio of two rates over trailing windows, e.g. hits ÷ queries; carried as `null` where the divisor is 0. */
export function ratioLine(over: Values | null, under: Values | null, steps: number): Values | null {
  if (!over || !under) return null;
  const a = smooth(over, steps);
  const b = smooth(under, steps);
  return a.map((x, i) => {
    const y = b[i] ?? null;
    return x === null || y === null || y <= 1e-9 ? null : x / y;
  });
}

/** Last index with any engine value, -1 if none: what "now" means for this replica. */
export function lastSeen(trace: Trace): number {
  for (let i = trace.grid.count - 1; i >= 0; i--) {
    if ((trace.running?.[i] ?? null) !== null || (trace.usage?.[i] ?? null) !== null) return i;
  }
  return -1;
}

/** The most requests ever seen running in the window up to index `i`. */
export function mostRunning(trace: Trace, i: number): number | null {
  return trace.running ? maxOf(trace.running.slice(0, i + 1)) : null;
}
