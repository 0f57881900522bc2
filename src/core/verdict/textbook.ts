import { stepsIn } from '../base/grid.ts';
import { inSentence, sayDuration, sig } from '../base/say.ts';
import { median } from '../base/statistics.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { fleetHistogram, fleetLine, histogramQuantile, smooth } from '../evidence/lines.ts';
import type { RankedFinding, TextbookResult } from './verdict.ts';

interface Reading {
  readonly usage: number | null;
  readonly evictions: number | null;
  /** What stands for evictions: they themselves where the textbook's collector counts them. */
  readonly evicted: 'evictions' | 'preemptions';
  readonly ttft95: number | null;
  readonly tbt50: number | null;
  readonly queue: number | null;
  readonly gpu: number | null;
  readonly batch50: number | null;
  /** What the batch is measured by: its own histogram where the textbook's collector has one. */
  readonly batched: 'batch' | 'running';
  readonly hitRate: number | null;
  readonly cachingOn: boolean | null;
  readonly gpuMemorySlope: number | null;
}

/** A condition of a rule: name, measured value, what it asks for; `null` holds while its signal is not there. */
interface Condition {
  readonly says: string;
  readonly holds: boolean | null;
}

interface Rule {
  readonly pathology: string;
  readonly rule: string;
  readonly conditions: (r: Reading) => readonly Condition[];
  /** Why it goes wrong, for when it disagrees with the verdict. */
  readonly flaw: string;
}

const more = (name: string, value: number | null, limit: number, say: (x: number) => string = sig): Condition => ({
  says: value === null ? `${name} is not measured` : `${name} ${say(value)} (rule: > ${say(limit)})`,
  holds: value === null ? null : value > limit,
});
const less = (name: string, value: number | null, limit: number, say: (x: number) => string = sig): Condition => ({
  says: value === null ? `${name} is not measured` : `${name} ${say(value)} (rule: < ${say(limit)})`,
  holds: value === null ? null : value < limit,
});

/** The design article's rules, literally, on the nearest real signals (reference/textbook.md §3, §4). */
const RULES: readonly Rule[] = [
  {
    pathology: 'kv-cache-thrashing',
    rule: 'KV > 0.95 and evictions > 10/s and TTFT p95 > 3 s',
    conditions: (r) => [
      more('KV usage', r.usage, 0.95),
      more(`${r.evicted} per second`, r.evictions, 10),
      more('TTFT p95', r.ttft95, 3, sayDuration),
    ],
    flaw: 'an absolute 10/s misses storms in which every answer is thrown away once or twice; preemptions per finished request tell. vLLM exports no eviction counter, so preemptions stand in.',
  },
  {
    pathology: 'prefill-starvation',
    rule: 'TTFT p95 > 5 s and TBT p50 < 50 ms and queue > 20',
    conditions: (r) => [
      more('TTFT p95', r.ttft95, 5, sayDuration),
      less('TBT p50', r.tbt50, 0.05, sayDuration),
      more('waiting', r.queue, 20),
    ],
    flaw: 'it describes a queue, not a cause: seats, memory, overload and long prompts look the same to it.',
  },
  {
    pathology: 'gpu-underutilization',
    rule: 'GPU < 50 % and batch p50 < 8 and queue < 5',
    conditions: (r) => [
      less('GPU utilization', r.gpu, 0.5),
      less(`${r.batched} p50`, r.batch50, 8),
      less('waiting', r.queue, 5),
    ],
    flaw: 'GPU utilization is a duty cycle that one running request holds near 100 %.',
  },
  {
    pathology: 'memory-leak',
    rule: 'GPU memory rises steadily while requests complete normally',
    conditions: (r) => [more('GPU memory growth per hour', r.gpuMemorySlope, 0)],
    flaw: 'the KV pool is allocated at start, so a block leak never shows in GPU memory, and any rise counts as steady.',
  },
  {
    pathology: 'prefix-cache-misses',
    rule: 'hit rate < 0.1 with prefix caching on',
    conditions: (r) => [
      less('hit rate', r.hitRate, 0.1),
      {
        says: r.cachingOn === null ? 'prefix caching is not told' : `prefix caching is ${r.cachingOn ? 'on' : 'off'}`,
        holds: r.cachingOn,
      },
    ],
    flaw: '0.1 is right for prompts that share nothing and terrible for an agent; a fall from 0.9 to 0.45 never fires.',
  },
  {
    pathology: 'kv-bound-queueing',
    rule: 'alert KVCacheNearFull: KV > 0.95 for 2 min',
    conditions: (r) => [more('KV usage over 2 min', r.usage, 0.95)],
    flaw: 'a full cache with nobody waiting is healthy, and a queue for memory stands at 0.63 to 0.97 when prompts are large.',
  },
  {
    pathology: 'overload',
    rule: 'alert QueueBuildUp: waiting > 50 for 3 min',
    conditions: (r) => [more('waiting', r.queue, 50)],
    flaw: '50 requests are 50 ms of work for one model and ten minutes for another; and a queue has many causes.',
  },
];

/** @returns each rule with what it says now, and where it disagrees with our findings and why. */
export function textbookOf(evidence: Evidence, findings: readonly RankedFinding[]): TextbookResult[] {
  const reading = readingOf(evidence);
  return RULES.map((rule) => {
    const conditions = rule.conditions(reading);
    const fires = conditions.some((c) => c.holds === false)
      ? false
      : conditions.some((c) => c.holds === null)
        ? null
        : true;
    const ours = findings.some((f) => f.pathology === rule.pathology);
    const primary = findings[0];
    const disagrees =
      fires === true && !ours
        ? `fires${primary ? ` although the cause is ${inSentence(primary.title)}` : ' although nothing is wrong'}: ${rule.flaw}`
        : fires !== true && ours
          ? `${fires === null ? 'cannot run' : 'stays silent'} in the middle of it: ${rule.flaw}`
          : '';
    return {
      pathology: rule.pathology,
      rule: rule.rule,
      fires,
      because: conditions.map((c) => c.says).join('; '),
      disagrees,
    };
  });
}

function readingOf(evidence: Evidence): Reading {
  const { grid } = evidence;
  const end = grid.count - 1;
  const steps = stepsIn(grid, 120);
  const last = (values: readonly (number | null)[] | null) => values?.[end] ?? null;
  const at = (id: Parameters<typeof fleetLine>[1]) => {
    const line = fleetLine(evidence, id);
    return line ? last(smooth(line, steps)) : null;
  };
  const quantile = (id: 'ttft' | 'itl' | 'batch-size', q: number) => {
    const h = fleetHistogram(evidence, id);
    return h ? last(histogramQuantile(h, q, steps).estimate) : null;
  };
  const hits = at('prefix-cache-hits');
  const queries = at('prefix-cache-queries');
  const stated = at('prefix-cache-hit-rate');
  const evictions = at('kv-cache-evictions');
  const running = fleetLine(evidence, 'running');
  const batch = quantile('batch-size', 0.5);
  const labels =
    evidence.readings['cache-config']?.labels
      .map((l) => l.labels.enable_prefix_caching)
      .filter((x) => x !== undefined) ?? [];
  const memory = fleetLine(evidence, 'gpu-memory-used');
  const first = memory?.find((m) => m !== null) ?? null;
  const lastMemory = last(memory);
  const hours = (grid.count * grid.step) / 3600;
  return {
    usage: at('kv-cache-usage'),
    evictions: evictions ?? at('preemptions'),
    evicted: evictions === null ? 'preemptions' : 'evictions',
    ttft95: quantile('ttft', 0.95),
    tbt50: quantile('itl', 0.5),
    queue: at('waiting'),
    gpu: at('gpu-utilization'),
    batched: batch === null ? 'running' : 'batch',
    batch50: batch ?? (running ? median(running.slice(-steps)) : null),
    hitRate: hits !== null && queries !== null ? (queries > 0 ? hits / queries : null) : stated,
    cachingOn: labels.length === 0 ? null : labels.some((l) => /^true$/i.test(l ?? '')),
    gpuMemorySlope: first !== null && lastMemory !== null ? (lastMemory - first) / hours : null,
  };
}
