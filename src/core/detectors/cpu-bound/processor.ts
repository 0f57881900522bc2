import { stepsIn, type Values } from '../../base/grid.ts';
import { mean, median } from '../../base/statistics.ts';
import type { Histogram } from '../../evidence/evidence.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { ownLine, replicaLine } from '../../evidence/lines.ts';
import { usualLine } from '../baseline.ts';
import { momentsOf } from '../../evidence/stretch.ts';
import { countOver, meanOver, over, recent } from '../../evidence/trace.ts';

/** What the processor side of one engine shows over the window: lines per grid time, over the short window. */
export interface Processor {
  /** Seconds of a finished request spent neither queued nor in inference, less one step; `null` where the parts are missing. */
  readonly front: Values;
  /** The same of requests that had their first token just now, while nobody waits: first token less prefill. Earlier, and blunter, since prefill is that of finished ones. */
  readonly entry: Values;
  /** Seconds a scrape takes: the same event loop answers it. Median over the short window, so that one slow scrape does not count. */
  readonly scrape: Values;
  /** Cores the API server process uses. */
  readonly cores: Values;
  /** Share of the CPU periods in which the limit stopped the container. */
  readonly throttled: Values;
  /** Share of the multiprocessors with work. */
  readonly gpu: Values;
  /** Seconds between two output steps. */
  readonly gap: Values;
  readonly running: Values;
  /** What each used to be: the better quarter of before, which a long incident does not reach at once. */
  readonly usual: Readonly<Record<'scrape' | 'throttled' | 'gpu' | 'gap' | 'running', Values>>;
}

/** Finished requests that make a front-end time worth quoting. */
const MIN_FINISHED = 10;

/** @returns the lines; all `null` where a signal is not there */
export function processorOf(judged: Judged, engine: Engine): Processor {
  const { grid, evidence } = judged;
  const { trace } = engine;
  const histogram = (id: 'inference-time' | 'decode-time'): Histogram | null =>
    evidence.readings[id]?.histograms.find((h) => h.replica === engine.id) ?? null;
  const inference = histogram('inference-time');
  const decode = histogram('decode-time');
  const periods =
    replicaLine(evidence, 'container-cpu-periods', engine.id) ?? ownLine(evidence, 'container-cpu-periods', engine.id);
  const stopped =
    replicaLine(evidence, 'container-cpu-throttled', engine.id) ??
    ownLine(evidence, 'container-cpu-throttled', engine.id);
  const scrape = replicaLine(evidence, 'scrape-duration', engine.id);
  const cores = replicaLine(evidence, 'process-cpu', engine.id);
  const gpu = replicaLine(evidence, 'gpu-sm-active', engine.id);
  const at = (of: (i: number) => number | null): Values => Array.from({ length: grid.count }, (_, i) => of(i));
  /**
   * A request is taken in between two steps, and what is left of the one under way is the engine's, not the front end's: the
   * mean step, or where steps differ widely half of E[s²] ÷ E[s], since a request is likelier to meet a long one.
   */
  const stepAt = (i: number, seconds: number): number => {
    const steps = momentsOf(trace.itl, Math.max(0, i - stepsIn(grid, seconds) + 1), i);
    if (!steps || steps.mean <= 0) return 0;
    return Math.max(steps.mean, (steps.variance + steps.mean * steps.mean) / (2 * steps.mean));
  };
  const lines = {
    front: at((i) => {
      const seconds =
        (countOver(trace.finishes, grid, i, judged.fast) ?? 0) >= MIN_FINISHED ? judged.fast : judged.main;
      if ((countOver(trace.finishes, grid, i, seconds) ?? 0) < MIN_FINISHED) return null;
      const whole = meanOver(trace.e2e, grid, i, seconds);
      const queue = meanOver(trace.queueTime, grid, i, seconds);
      const prefill = meanOver(trace.prefillTime, grid, i, seconds);
      const answer = meanOver(decode, grid, i, seconds);
      const engineTime =
        meanOver(inference, grid, i, seconds) ?? (prefill === null || answer === null ? null : prefill + answer);
      if (whole === null || queue === null || engineTime === null) return null;
      return Math.max(0, whole - queue - engineTime - stepAt(i, seconds));
    }),
    entry: at((i) => {
      if ((countOver(trace.firstTokens, grid, i, judged.fast) ?? 0) < MIN_FINISHED) return null;
      const ttft = meanOver(trace.ttft, grid, i, judged.fast);
      const prefill = meanOver(trace.prefillTime, grid, i, judged.main);
      const waiting = over(trace.waiting, grid, i, judged.fast);
      if (ttft === null || prefill === null || waiting === null || waiting >= 0.5) return null;
      return Math.max(0, ttft - prefill - stepAt(i, judged.fast));
    }),
    scrape: at((i) => median(recent(scrape, grid, i, judged.fast))),
    cores: at((i) => over(cores, grid, i, judged.fast)),
    throttled: at((i) => {
      const all = over(periods, grid, i, judged.fast);
      const some = over(stopped, grid, i, judged.fast);
      return all === null || some === null || all <= 1e-9 ? null : Math.min(1, some / all);
    }),
    gpu: at((i) => over(gpu, grid, i, judged.fast)),
    gap: at((i) => meanOver(trace.itl, grid, i, judged.fast)),
    running: at((i) => over(trace.running, grid, i, judged.fast)),
  };
  return {
    ...lines,
    usual: {
      scrape: usualLine(lines.scrape, judged, 0.25),
      throttled: usualLine(lines.throttled, judged, 0.25),
      gap: usualLine(lines.gap, judged, 0.25),
      gpu: usualLine(lines.gpu, judged, 0.75),
      running: usualLine(lines.running, judged),
    },
  };
}

/** Mean of a line from index `from` to the end. */
export function since(line: Values, from: number): number | null {
  return mean(line.slice(Math.max(0, from)));
}
