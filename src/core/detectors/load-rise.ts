import type { Values } from '../base/grid.ts';
import { stepsIn } from '../base/grid.ts';
import { median, quantile } from '../base/statistics.ts';
import type { Engine, Judged } from '../evidence/judged.ts';
import { stepLinesOf } from '../evidence/step-model.ts';

/**
 * The cause comes before the harm: the load began to rise. Per grid time, 1 once tokens scheduled, tokens read or step time are
 * 40 % of the way from the lower end of the range to what they are now.
 */
export function loadRise(judged: Judged, engine: Engine): Values {
  const sharp = stepLinesOf(judged.evidence, engine, judged.grid.step, 8);
  const span = stepsIn(judged.grid, judged.main);
  const marks = [sharp.rate, sharp.reads, sharp.seconds].flatMap((line) => {
    const low = quantile(line, 0.2);
    const now = median(line.slice(-span));
    return low !== null && now !== null && now >= 1.15 * low ? [{ line, mark: low + 0.4 * (now - low) }] : [];
  });
  return sharp.seconds.map((t, i) =>
    t === null || marks.length === 0 ? null : marks.some(({ line, mark }) => (line[i] ?? 0) >= mark) ? 1 : 0,
  );
}
