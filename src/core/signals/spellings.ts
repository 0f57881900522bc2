import type { MetricName, Signal } from './signal.ts';

/**
 * Prefixes under which vLLM's names arrive, native first: `vllm:` itself; converters that allow no colon; Ray Serve from
 * 0.11 (`ray_vllm_`) and before (`ray_vllm:`); KServe. Source: reference/metrics.md §0.1, pathologies.md §1.
 */
export const VLLM_PREFIXES = ['vllm:', 'vllm_', 'ray_vllm_', 'ray_vllm:', 'kserve_vllm:'] as const;

const NATIVE = VLLM_PREFIXES[0];

/**
 * Every name a signal may be exposed under, in order of preference: dialect by dialect, newest first, and within a dialect
 * prefix by prefix. Names that do not begin with `vllm:` stand alone.
 */
export function spellingsOf(signal: Signal): readonly MetricName[] {
  return signal.names.flatMap((name) =>
    name.metric.startsWith(NATIVE)
      ? VLLM_PREFIXES.map((prefix) => ({ ...name, metric: prefix + name.metric.slice(NATIVE.length) }))
      : [name],
  );
}

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
 * @param exists whether any series has that metric name
 */
export function foundSpellings(signal: Signal, exists: (metric: string) => boolean): readonly MetricName[] {
  return spellingsOf(signal).filter((name) => exists(probeName(signal, name)));
}
