import { endOf, timeAt, timesOf, type Values } from '../../base/grid.ts';
import { all, ramp } from '../../base/score.ts';
import { sayDuration, sayShare, sig } from '../../base/say.ts';
import { known, median, theilSen } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { replicaLine } from '../../evidence/lines.ts';
import type { Detector, Finding } from '../detector.ts';
import { cannotTell, confidenceOf, detected, fact, missingOf, ruledOut, untold } from '../finding.ts';
import { gaugeOf } from '../trace-back.ts';

/** A trend needs hours: a diurnal slice looks like a leak to any test (pathologies.md §12). */
const MIN_HOURS = 6;
/** The first two hours after a start are caches filling. */
const WARM_UP = 7200;

/** Three leaks that have nothing to do with each other: KV blocks never released, host memory, GPU memory outside the pool. */
export const memoryLeak: Detector = {
  id: 'memory-leak',
  title: 'Memory leak',
  mechanism:
    'Something is allocated and never given back: KV blocks (the pool shrinks for all), host memory (ends in an OOM kill), or GPU memory outside the pool (ends in CUDA out of memory).',
  needs: ['kv-cache-usage', 'running'],
  judge(judged) {
    const missing = missingOf(judged, this.needs);
    if (missing.length > 0)
      return cannotTell(this, missing, 'Scrape KV usage and running, and the process or container memory.');
    const found = [
      ...judged.engines.map((e) => blocksLeak(judged, e)),
      ...judged.engines.flatMap((e) => growth(judged, e)),
    ]
      .filter((f): f is Leak => f !== null)
      .sort((a, b) => b.score - a.score);
    const best = found[0];
    if (best && best.score >= 0.5) return report(judged, best);
    const hours = (judged.grid.count * judged.grid.step) / 3600;
    if (hours < MIN_HOURS) {
      return cannotTell(
        this,
        [],
        `A trend needs ${MIN_HOURS} h beyond warm-up; this window has ${sayDuration(hours * 3600)}.${idleResidue(judged)}`,
        { missing: missingMemory(judged) },
      );
    }
    // Steady is said only of what was measured for long enough.
    const tracked = (['process-memory', 'gpu-memory-used'] as const).filter((id) =>
      judged.engines.every((e) => found.some((f) => f.engine === e && MEMORY[f.variant] === id)),
    );
    if (tracked.length < 2) {
      return cannotTell(
        this,
        missingMemory(judged),
        `${missingMemory(judged).length > 0 ? 'Scrape process or container memory and GPU memory (DCGM).' : `A trend needs ${MIN_HOURS} h beyond warm-up of every replica.`}${idleResidue(judged)}`,
      );
    }
    return ruledOut(this, `host and GPU memory steady over ${sayDuration(hours * 3600)}.${idleResidue(judged)}`);
  },
};

/** The signal behind each kind of leak that shows as growth. */
const MEMORY = { 'kv-blocks': null, host: 'process-memory', gpu: 'gpu-memory-used' } as const;

interface Leak {
  readonly variant: 'kv-blocks' | 'host' | 'gpu';
  readonly engine: Engine;
  readonly score: number;
  readonly observed: number;
  readonly says: string;
  readonly trend: Values;
  readonly perHour: number;
  readonly level: number;
  readonly strength: readonly (number | null)[];
}

/** (a) KV usage that stays above zero at rest, in several separate rests, after the engine has stepped in between (F8). */
function blocksLeak(judged: Judged, engine: Engine): Leak | null {
  const { trace } = engine;
  const floors: { at: number; usage: number }[] = [];
  let stepped = true;
  for (let i = 0; i < judged.grid.count; i++) {
    const r = trace.running?.[i] ?? null;
    const w = trace.waiting?.[i] ?? null;
    const u = trace.usage?.[i] ?? null;
    if (r === null || w === null || u === null) continue;
    if (r > 0 || (trace.steps?.[i] ?? 0) > 0) {
      stepped = true;
      continue;
    }
    if (r === 0 && w === 0 && stepped) {
      floors.push({ at: i, usage: u });
      stepped = false;
    }
  }
  const last = floors[floors.length - 1];
  const first = floors[0];
  if (!last || !first || floors.length < 3) return null;
  const rising =
    floors.slice(1).filter((f, k) => f.usage >= (floors[k] as { usage: number }).usage - 1e-6).length /
    (floors.length - 1);
  const score = all(ramp(last.usage, 0.005, 0.05), ramp(floors.length, 2, 4), ramp(rising, 0.5, 0.9));
  const hours = Math.max(judged.grid.step, (last.at - first.at) * judged.grid.step) / 3600;
  return {
    variant: 'kv-blocks',
    engine,
    score,
    observed: last.usage,
    says: `KV usage stays at ${sig(last.usage)} with nothing running or waiting, in ${floors.length} rests, rising from ${sig(first.usage)}`,
    trend: trace.usage ?? [],
    perHour: (last.usage - first.usage) / hours,
    level: 1,
    strength: laneFrom(judged, first.at, score),
  };
}

/** (b) host, (c) GPU memory: Theil–Sen over the hours after warm-up, on floors per half hour so that load does not count. */
function growth(judged: Judged, engine: Engine): Leak[] {
  const out: Leak[] = [];
  const started = known(replicaLine(judged.evidence, 'process-start', engine.id) ?? [])[0] ?? null;
  for (const [variant, id] of [
    ['host', 'process-memory'],
    ['gpu', 'gpu-memory-used'],
  ] as const) {
    const line = replicaLine(judged.evidence, id, engine.id);
    if (!line) continue;
    const from =
      started === null ? 0 : Math.max(0, Math.ceil((started + WARM_UP - judged.grid.from) / judged.grid.step));
    const span = (judged.grid.count - from) * judged.grid.step;
    if (span < MIN_HOURS * 3600) continue;
    const chunk = Math.max(1, Math.round(1800 / judged.grid.step));
    const times = timesOf(judged.grid);
    const xs: number[] = [];
    const ys: number[] = [];
    for (let i = from; i + chunk <= judged.grid.count; i += chunk) {
      const part = known(line.slice(i, i + chunk));
      if (part.length === 0) continue;
      xs.push(times[i] as number);
      ys.push(Math.min(...part));
    }
    const slope = theilSen(xs, ys);
    const level = median(ys);
    if (slope === null || level === null || level <= 0 || ys.length < 8) continue;
    const rises = ys.slice(1).filter((y, k) => y > (ys[k] as number)).length / (ys.length - 1);
    const perDay = (slope * 86_400) / level;
    const score = all(
      ramp(perDay, variant === 'gpu' ? 0.005 : 0.02, variant === 'gpu' ? 0.03 : 0.12),
      ramp(rises, 0.55, 0.8),
    );
    out.push({
      variant,
      engine,
      score,
      observed: slope * 3600,
      says: `${variant === 'host' ? 'process memory' : 'GPU memory'} grows ${sig((slope * 3600) / 2 ** 20)} MiB an hour, ${sayShare(perDay)} a day, in ${sayShare(rises)} of half hours`,
      trend: line,
      perHour: slope * 3600,
      level,
      strength: laneFrom(judged, from, score),
    });
  }
  return out;
}

function laneFrom(judged: Judged, from: number, score: number): (number | null)[] {
  return Array.from({ length: judged.grid.count }, (_, i) =>
    i < from ? 0 : (score * (i - from + 1)) / Math.max(1, judged.grid.count - from),
  );
}

function report(judged: Judged, leak: Leak): Finding {
  const { engine } = leak;
  const words = {
    'kv-blocks': {
      title: 'KV blocks',
      where: 'the KV pool shrinks for everyone',
      remedy: 'Drain and restart the replica; upgrade past the connector fix',
      why: 'Blocks leak almost only through KV connectors: aborted remote loads, lost notifications.',
    },
    host: {
      title: 'host memory',
      where: 'the process ends in an OOM kill',
      remedy: 'Restart the replica before it reaches its limit, and find the process',
      why: 'Compare the API server, the engine core and the workers; prefix-cache objects and multimodal caches are known growers.',
    },
    gpu: {
      title: 'GPU memory',
      where: 'it ends in CUDA out of memory',
      remedy: 'Lower --gpu-memory-utilization by the growth plus 0.02',
      why: 'The KV pool is allocated at start, so growth is something beside it: late CUDA graphs, NCCL, adapters, another process.',
    },
  }[leak.variant];
  const unit = leak.variant === 'kv-blocks' ? 'ratio' : 'bytes';
  const left = leak.variant === 'kv-blocks' && leak.perHour > 0 ? (1 - leak.observed) / leak.perHour : null;
  return detected(memoryLeak, {
    variant: leak.variant,
    score: leak.score,
    confidence: confidenceOf(
      leak.score,
      1,
      0.9,
      0.9,
      // Without the start of the process, growth may be caches filling after it.
      leak.variant === 'kv-blocks' ? 0.85 : Math.min(0.85, untold(judged, ['process-start']).cap),
    ),
    severity: leak.variant === 'kv-blocks' && leak.observed > 0.2 ? 'critical' : 'warning',
    scope: { kind: judged.engines.length === 1 ? 'fleet' : 'instances', instances: [engine.id] },
    since: null,
    strength: leak.strength,
    lede: `${leak.says}; ${words.where}.`,
    facts: [
      fact({
        signal:
          leak.variant === 'kv-blocks'
            ? 'kv-cache-usage'
            : leak.variant === 'host'
              ? 'process-memory'
              : 'gpu-memory-used',
        says: leak.says,
        figure: leak.variant === 'kv-blocks' ? sig(leak.observed) : `${sig(leak.perHour / 2 ** 20)} MiB/h`,
        label: leak.variant === 'kv-blocks' ? 'of the KV cache stays held at rest' : `growth of ${words.title}`,
        compared: leak.variant === 'kv-blocks' ? 'at rest 0' : 'steady 0',
        detail:
          leak.variant === 'kv-blocks'
            ? `over ${sayDuration(endOf(judged.grid) - timeAt(judged.grid, 0))}`
            : `level ${sig(leak.level / 2 ** 20)} MiB`,
        observed: leak.observed,
        expected: 0,
        unit,
        query: gaugeOf(
          judged,
          [engine],
          leak.variant === 'kv-blocks'
            ? 'kv-cache-usage'
            : leak.variant === 'host'
              ? 'process-memory'
              : 'gpu-memory-used',
        ),
        trend: leak.trend,
      }),
    ],
    remedies: [
      {
        title: words.remedy,
        knob: leak.variant === 'gpu' ? 'gpu-memory-utilization' : null,
        from: null,
        to: null,
        flag: null,
        why: words.why,
        steps:
          left === null
            ? []
            : [
                {
                  sum: `(1 − ${sig(leak.observed)}) ÷ ${sig(leak.perHour)} an hour`,
                  result: `pool gone in ${sayDuration(left * 3600)}`,
                },
              ],
        expect: 'The level returns to where it started.',
        risk: 'A restart empties the prefix cache; do one replica at a time.',
        verify: leak.variant === 'kv-blocks' ? 'KV usage is 0 at rest.' : 'No rise over the next 6 h after warm-up.',
        needsRestart: true,
      },
    ],
    willNotHelp:
      leak.variant === 'kv-blocks'
        ? [{ title: 'Watching GPU memory', why: 'the pool is allocated at start; a block leak never shows there' }]
        : [{ title: 'Lowering --max-num-seqs', why: 'the KV pool is not what grows' }],
    missing: missingMemory(judged),
  });
}

function missingMemory(judged: Judged): Finding['missing'] {
  return (['process-memory', 'gpu-memory-used'] as const).filter((id) => {
    const state = judged.evidence.readings[id]?.state ?? 'absent';
    return state === 'absent' || state === 'failed';
  });
}

function idleResidue(judged: Judged): string {
  const rests = judged.engines.flatMap((e) =>
    (e.trace.usage ?? []).filter((u, i) => u !== null && e.trace.running?.[i] === 0 && e.trace.waiting?.[i] === 0),
  );
  return rests.length === 0
    ? ''
    : Math.max(...(rests as number[])) <= 0
      ? ' At rest the KV cache is empty.'
      : ` At rest the KV cache is ${sayShare(Math.max(...(rests as number[])))} full.`;
}
