import { DIALECTS } from './dialects/index.ts';
import type { SignalId } from './index.ts';
import type { MetricName, Signal } from './signal.ts';

/** How a name of vLLM's arrives: under another beginning, and with labels that tell engines behind one target apart. */
interface Transport {
  readonly prefix: string;
  readonly engines?: readonly string[];
}

/** One node's agent shows every replica on it. A worker is one replica; how much of either label is exported is a setting of Ray. */
const RAY = ['WorkerId', 'ReplicaId'];

/**
 * Prefixes under which vLLM's names arrive, native first: `vllm:` itself; converters that allow no colon; Ray Serve from
 * 0.11 (`ray_vllm_`) and before (`ray_vllm:`); KServe. Source: reference/metrics.md §0.1, pathologies.md §1.
 */
const TRANSPORTS: readonly Transport[] = [
  { prefix: 'vllm:' },
  { prefix: 'vllm_' },
  { prefix: 'ray_vllm_', engines: RAY },
  { prefix: 'ray_vllm:', engines: RAY },
  { prefix: 'kserve_vllm:' },
];

const NATIVE = 'vllm:';

/** Beginnings of the names of every engine that is known; names without one (NIM) are in `BARE_NAMES`. */
export const ENGINE_PREFIXES: readonly string[] = [
  ...TRANSPORTS.map(({ prefix }) => prefix),
  ...DIALECTS.flatMap(({ prefixes }) => prefixes),
];

const remembered = new WeakMap<Signal, readonly MetricName[]>();

/**
 * Every name a signal may be exposed under, in order of preference: vLLM's own, release by release, newest first, and within
 * a release transport by transport; then those of other engines. Names that do not begin with `vllm:` are carried by no
 * transport.
 */
export function spellingsOf(signal: Signal): readonly MetricName[] {
  const known = remembered.get(signal);
  if (known) return known;
  const own = signal.names.flatMap((name) =>
    name.metric.startsWith(NATIVE)
      ? TRANSPORTS.map(({ prefix, ...rest }) => ({
          ...name,
          ...rest,
          metric: prefix + name.metric.slice(NATIVE.length),
        }))
      : [name],
  );
  const foreign = DIALECTS.flatMap(({ names }) => names[signal.id as SignalId] ?? []);
  const all = [...own, ...foreign];
  remembered.set(signal, all);
  return all;
}

/** Series names that count as an engine's only where their `where` holds, with it. */
export const BARE_NAMES: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map(
  DIALECTS.flatMap(({ names }) =>
    Object.entries(names).flatMap(([, list]) =>
      list.flatMap((name) =>
        name.bare ? ['', '_bucket', '_sum'].map((end) => [`${name.metric}${end}`, name.where ?? {}] as const) : [],
      ),
    ),
  ),
);

/** The series name by which a spelling is recognised: `…_bucket` for a histogram, else the name itself. */
export function probeName(signal: Signal, name: MetricName): string {
  return signal.kind === 'histogram' ? `${name.metric}_bucket` : name.metric;
}

/**
 * The spellings under which a server keeps a histogram as native histograms: the name is there, its `_bucket` is not.
 * @param exists whether any series has that metric name
 */
export function nativeSpellings(signal: Signal, exists: (metric: string) => boolean): readonly MetricName[] {
  if (signal.kind !== 'histogram') return [];
  return spellingsOf(signal).filter((name) => exists(name.metric) && !exists(probeName(signal, name)));
}

/**
 * The spellings of a signal that exist, in order of preference; empty if the signal is absent.
 * @param exists whether any series has that metric name; of bare names, whether any series of an engine has
 */
export function foundSpellings(signal: Signal, exists: (metric: string) => boolean): readonly MetricName[] {
  return spellingsOf(signal).filter((name) => exists(probeName(signal, name)));
}

/** Whether a name is an engine's, under any transport or dialect. */
export function isEngineName(metric: string): boolean {
  return BARE_NAMES.has(metric) || ENGINE_PREFIXES.some((prefix) => metric.startsWith(prefix));
}
