/**
 * Evidence written as text, so that a scene of a test can be read aloud. promtool's series notation, one line per signal:
 *
 *     buildScene({
 *       step: 5, window: 20, replicas: ['vllm-0', 'vllm-1'],
 *       lines: {
 *         'kv-cache-usage': '0.90+0.02x4 1x20',          // 0.90 0.92 0.94 0.96 0.98, then 1 twenty-one times
 *         'preemptions': '0x4 0.5 ...',                  // ... holds the last value to the end of the scene
 *         'running@vllm-1': '12',                        // one replica alone; a single value is held throughout
 *         'finished{stop}': '2x25',                      // one part of a signal kept by a label
 *         'finished{stop}@vllm-1': '1x25',               // both
 *         'waiting': '_x5 3x20',                         // five gaps, then 3
 *         'up': null,                                    // absent
 *       },
 *       histograms: {
 *         'ttft': '0.2*5x9 0.2*4,3*1 ...',               // observed values × their rate per second, at each step
 *         'itl@vllm-1': '0.02..0.04*300 ...',            // spread evenly between two values
 *         'queue-time': '- ...',                         // nothing observed: rates of 0
 *         'prompt-length': { bounds: [100, 1000], series: '400*2 ...' },
 *       },
 *       labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '600' } },
 *       knobs: { 'max-num-seqs': 64 },
 *     })
 *
 * As in promtool `axn` is a repeated, n + 1 values in all; `a+bxn` and `a-bxn` climb and fall; `_xn` is n gaps. A histogram
 * item takes the same endings (`xn`, `_xn`, `...`). A rate left out is 1 per second. Counters are written as rates, as
 * evidence holds them.
 *
 * All lines of a scene have the length of the longest; a shorter one that is no single value and does not end in `...` is a
 * slip of the pen and throws. `name@replica` beats `name`. What is not written is absent, except telemetry: targets are up
 * and samples fresh (`up` 1, `sample-age` 1, `scrape-duration` 0.01) unless written otherwise. Stale values are blanked by
 * the rule all evidence obeys (`maskStale`). The scene ends at `end`, by default 1800000000.
 */
import type { Grid, Values } from '../base/grid.ts';
import { defaultBounds } from '../signals/bounds.ts';
import { isSignalId, type SignalId, SIGNALS, signalById } from '../signals/index.ts';
import { maskStale } from './build.ts';
import type { Evidence, Histogram, InfoLabels, Line, Reading, Replica } from './evidence.ts';

/** A scene that cannot be read; the message names the line. */
export class NotationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotationError';
  }
}

/** A histogram line with bounds of its own. */
export interface HistogramText {
  readonly bounds: readonly number[];
  readonly series: string;
}

export interface SceneText {
  /** Grid spacing in seconds; default 5. */
  readonly step?: number;
  /** Rate window in seconds; default the larger of 20 and four steps. */
  readonly window?: number;
  /** Default: one, `vllm-0`. An id with a slash is instance and engine: `vllm-0/1`. */
  readonly replicas?: readonly string[];
  /** Served model of all replicas, or of each by id; default `m`. */
  readonly model?: string | Readonly<Record<string, string>>;
  /** Unix seconds of the last step. */
  readonly end?: number;
  /** Steps of the scene, where no line tells. */
  readonly steps?: number;
  readonly lines?: Readonly<Record<string, string | null>>;
  readonly histograms?: Readonly<Record<string, string | HistogramText | null>>;
  readonly labels?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly knobs?: Readonly<Record<string, number>>;
  readonly selector?: string;
  readonly warnings?: readonly string[];
  /** Seconds between scrapes; default the step. */
  readonly scrapeInterval?: number | null;
}

const DEFAULT_END = 1_800_000_000;
const TELEMETRY: Readonly<Record<string, string>> = { up: '1', 'sample-age': '1', 'scrape-duration': '0.01' };

/** What stands at one step: the item's text, `null` for a gap. */
interface Steps {
  readonly items: readonly (string | null)[];
  /** Whether the last item may be held to the end of the scene. */
  readonly open: boolean;
}

/** Takes `xn`, `_xn` and `...` apart; what an item means is the caller's business. */
function stepsOf(text: string, name: string, expand: (item: string, times: number) => string[]): Steps {
  const items: (string | null)[] = [];
  const words = text.trim().split(/\s+/);
  let open = false;
  for (const [index, word] of words.entries()) {
    if (word === '...') {
      if (index === 0 || index < words.length - 1) throw new NotationError(`${name}: ... belongs at the end`);
      open = true;
      continue;
    }
    const [, item, times] = /^(.*?)(?:x(\d+))?$/.exec(word) as unknown as [string, string, string | undefined];
    if (item === '_') items.push(...Array.from({ length: Number(times ?? 1) }, () => null));
    else if (item === '') throw new NotationError(`${name}: "${word}" is no item`);
    else items.push(...expand(item, Number(times ?? 0)));
  }
  return { items, open: open || items.length === 1 };
}

const NUMBER = '-?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:e[+-]?\\d+)?';
const CLIMB = new RegExp(`^(${NUMBER})(?:([+-])(${NUMBER}))?$`);

function lineSteps(text: string, name: string): Steps {
  return stepsOf(text, name, (item, times) => {
    const match = CLIMB.exec(item);
    if (!match) throw new NotationError(`${name}: "${item}" is no number`);
    const start = Number(match[1]);
    const slope = Number(match[3] ?? 0) * (match[2] === '-' ? -1 : 1);
    // Ten decimals: 0.9+0.02x4 shall end at 0.98, not at 0.9800000000000001.
    return Array.from({ length: times + 1 }, (_, i) => String(Number((start + slope * i).toFixed(10))));
  });
}

/**
 * Values out of promtool's series notation: `0.9+0.02x4 1x20 _x5`. Gaps are `null`.
 * @throws NotationError if it cannot be read, or ends in `...`, which only means something within a scene
 */
export function parseValues(text: string): (number | null)[] {
  if (text.includes('...')) throw new NotationError('... needs a scene to end with');
  return lineSteps(text, 'values').items.map((item) => (item === null ? null : Number(item)));
}

interface Share {
  readonly low: number;
  readonly high: number;
  readonly rate: number;
}

const OBSERVED = new RegExp(`^(${NUMBER})(?:\\.\\.(${NUMBER}))?(?:\\*(${NUMBER}))?$`);

function sharesOf(item: string, name: string): Share[] {
  if (item === '-') return [];
  return item.split(',').map((share) => {
    const match = OBSERVED.exec(share);
    if (!match) throw new NotationError(`${name}: "${share}" is no observed value with its rate`);
    const low = Number(match[1]);
    return { low, high: Number(match[2] ?? low), rate: Number(match[3] ?? 1) };
  });
}

function atOrBelow({ low, high, rate }: Share, bound: number): number {
  if (bound >= high) return rate;
  if (bound < low) return 0;
  return (rate * (bound - low)) / (high - low);
}

/** `finished{stop}@vllm-1` → signal, part, replica. */
function addressOf(key: string): { id: SignalId; part: string; replica: string | null } {
  const match = /^([a-z0-9-]+)(?:\{([^}]*)\})?(?:@(.+))?$/.exec(key);
  const id = match?.[1] ?? '';
  if (!match || !isSignalId(id)) throw new NotationError(`${key}: no signal is called so`);
  const by = signalById(id).by;
  if ((match[2] !== undefined) !== (by !== undefined)) {
    throw new NotationError(by === undefined ? `${key}: ${id} has no parts` : `${key}: write the part, ${id}{…}`);
  }
  return { id, part: match[2] ?? '', replica: match[3] ?? null };
}

interface Entry<T> {
  readonly id: SignalId;
  readonly part: string;
  readonly replica: string;
  readonly key: string;
  readonly value: T;
}

/** Keys spread over the replicas they mean; the more exact key wins. */
function spread<T>(texts: Readonly<Record<string, T>>, replicas: readonly Replica[]): Entry<T>[] {
  const found = new Map<string, Entry<T> & { exact: boolean }>();
  for (const [key, value] of Object.entries(texts)) {
    const { id, part, replica } = addressOf(key);
    const meant = replicas.filter((r) => replica === null || r.id === replica);
    if (meant.length === 0) throw new NotationError(`${key}: the scene has no replica ${replica}`);
    for (const r of meant) {
      const place = JSON.stringify([id, part, r.id]);
      const exact = replica !== null;
      if (found.get(place)?.exact && !exact) continue;
      found.set(place, { id, part, replica: r.id, key, value, exact });
    }
  }
  return [...found.values()];
}

function replicasOf(scene: SceneText): Replica[] {
  const model = scene.model ?? 'm';
  return (scene.replicas ?? ['vllm-0']).map((id) => {
    const [instance, engine] = id.split('/') as [string, string | undefined];
    return { id, instance, engine: engine ?? '0', model: typeof model === 'string' ? model : (model[id] ?? 'm') };
  });
}

/**
 * Evidence out of a scene written as text, see the top of the file.
 * @throws NotationError for a line that cannot be read, an unknown signal or replica, or lines of different length
 */
export function buildScene(scene: SceneText): Evidence {
  const step = scene.step ?? 5;
  const replicas = replicasOf(scene);
  const lineEntries = spread({ ...TELEMETRY, ...scene.lines }, replicas);
  const histogramEntries = spread(scene.histograms ?? {}, replicas);
  const labelEntries = spread(scene.labels ?? {}, replicas);

  const lines = lineEntries
    .filter((entry) => entry.value !== null)
    .map((entry) => ({ ...entry, steps: lineSteps(entry.value as string, entry.key) }));
  const histograms = histogramEntries
    .filter((entry) => entry.value !== null)
    .map((entry) => {
      const text = typeof entry.value === 'string' ? entry.value : (entry.value as HistogramText).series;
      const bounds = typeof entry.value === 'string' ? defaultBounds(entry.id) : (entry.value as HistogramText).bounds;
      const repeat = (item: string, times: number) => Array.from({ length: times + 1 }, () => item);
      return { ...entry, bounds, steps: stepsOf(text, entry.key, repeat) };
    });
  const count = Math.max(scene.steps ?? 1, ...[...lines, ...histograms].map((entry) => entry.steps.items.length));

  const fill = (steps: Steps, key: string): (string | null)[] => {
    const { items, open } = steps;
    if (items.length < count && !open) {
      throw new NotationError(`${key}: ${items.length} steps in a scene of ${count}; end it with ... to hold the last`);
    }
    return Array.from({ length: count }, (_, i) => items[Math.min(i, items.length - 1)] ?? null);
  };

  const grid: Grid = { from: (scene.end ?? DEFAULT_END) - (count - 1) * step, step, count };
  const readLines: (Line & { id: SignalId })[] = lines.map(({ id, replica, part, key, steps }) => {
    if (signalById(id).kind === 'histogram') throw new NotationError(`${key}: a histogram, write it under histograms`);
    return { id, replica, part, values: fill(steps, key).map((item) => (item === null ? null : Number(item))) };
  });
  const readHistograms: (Histogram & { id: SignalId })[] = histograms.map(({ id, replica, key, bounds, steps }) => {
    if (signalById(id).kind !== 'histogram') throw new NotationError(`${key}: no histogram, write it under lines`);
    const shares = fill(steps, key).map((item) => (item === null ? null : sharesOf(item, key)));
    const total = (of: (share: Share) => number): Values =>
      shares.map((list) => list?.reduce((sum, share) => sum + of(share), 0) ?? null);
    return {
      id,
      replica,
      bounds,
      cumulative: bounds.map((bound) => total((share) => atOrBelow(share, bound))),
      count: total((share) => share.rate),
      sum: total((share) => (share.rate * (share.low + share.high)) / 2),
    };
  });
  const readLabels: (InfoLabels & { id: SignalId })[] = labelEntries.map(({ id, replica, value }) => ({
    id,
    replica,
    labels: value,
  }));

  const readings: Partial<Record<SignalId, Reading>> = {};
  for (const signal of SIGNALS) {
    const of = <T extends { id: SignalId; replica: string }>(list: readonly T[]) =>
      list.filter((one) => one.id === signal.id).map(({ id: _, ...rest }) => rest);
    const reading = { lines: of(readLines), histograms: of(readHistograms), labels: of(readLabels) };
    const covered = new Set([...reading.lines, ...reading.histograms, ...reading.labels].map((one) => one.replica));
    const present = covered.size > 0;
    readings[signal.id] = {
      signal: signal.id,
      state: !present ? 'absent' : covered.size < replicas.length ? 'partial' : 'present',
      metrics: present ? [signal.names[0]?.metric ?? ''] : [],
      query: null,
      ...reading,
    } as Reading;
  }
  return maskStale({
    grid,
    window: scene.window ?? Math.max(20, 4 * step),
    scrapeInterval: scene.scrapeInterval === undefined ? step : scene.scrapeInterval,
    source: { kind: 'scene', label: 'a scene', flavour: null },
    selector: scene.selector ?? '{}',
    replicas,
    readings,
    knobs: scene.knobs ?? {},
    warnings: scene.warnings ?? [],
  });
}
