import type { Engine, Judged } from './judged.ts';

/**
 * Whether as many responses ended as requests ran at the moment the gauges stopped, without finishing: then clients hung up at
 * once, and the gauges may just be left over until the next step (pathologies.md F8).
 * @param from grid index of the first sample without movement
 * @returns `false` where no HTTP counter tells
 */
export function leftOver(judged: Judged, engine: Engine, from: number): boolean {
  const ended = judged.evidence.readings['http-requests']?.lines.filter((l) => l.replica === engine.id) ?? [];
  if (ended.length === 0) return false;
  const running = engine.trace.running?.[from] ?? 0;
  const steps = Math.max(1, Math.round(judged.evidence.window / judged.grid.step));
  const burst =
    ended.reduce((sum, line) => sum + (line.values[Math.min(from, line.values.length - 1)] ?? 0), 0) *
    judged.evidence.window;
  const finished = engine.trace.finishes?.[Math.max(0, from - 1)] ?? 0;
  return burst > 0 && burst >= 0.8 * running && finished * steps < burst * 0.2;
}
