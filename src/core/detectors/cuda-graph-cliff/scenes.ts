/**
 * One engine whose decode batches are captured up to 24: a step takes 20 ms and 0.4 ms for each running request, and half as
 * long again from 25 on. Traffic goes up and down in stretches of 40 s; each batch makes running ÷ step tokens a second.
 */
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { buildScene, type SceneText } from '../../evidence/notation.ts';

/** Running per stretch: below the edge, over it, back, over it for good. */
const BATCHES = [6, 9, 12, 15, 18, 14, 10, 20, 40, 46, 52, 44, 18, 12, 19, 44, 50, 56, 52, 48, 56, 60] as const;
const LENGTH = 8;

/** A fleet that runs these batches with this step time. */
function engineOf(
  batches: readonly number[],
  stepOf: (running: number) => number,
): SceneText & {
  readonly lines: Record<string, string>;
} {
  const item = (text: (running: number) => string) => batches.map((r) => `${text(r)}x${LENGTH - 1}`).join(' ');
  const tokens = (r: number) => r / stepOf(r);
  const requests = (r: number) => tokens(r) / 150;
  const short = (x: number) => String(Number(x.toFixed(4)));
  return {
    lines: {
      running: item((r) => String(r)),
      waiting: '0',
      'kv-cache-usage': '0.2',
      preemptions: '0',
      'finished{stop}': item((r) => short(requests(r))),
      'output-tokens': item((r) => short(tokens(r))),
      'prompt-tokens': item((r) => short(100 * requests(r))),
      'prefix-cache-queries': item((r) => short(100 * requests(r))),
      'prefix-cache-hits': '0',
    },
    histograms: {
      ttft: item((r) => `0.1*${short(requests(r))}`),
      itl: item((r) => `${short(stepOf(r))}*${short(tokens(r))}`),
      'time-per-output-token': item((r) => `${short(stepOf(r))}*${short(requests(r))}`),
      e2e: item((r) => `${short(150 * stepOf(r))}*${short(requests(r))}`),
      'queue-time': item((r) => `0.001*${short(requests(r))}`),
      'prefill-time': item((r) => `0.09*${short(requests(r))}`),
      'prompt-length': item((r) => `80..120*${short(requests(r))}`),
      'output-length': item((r) => `120..180*${short(requests(r))}`),
      'step-tokens': item((r) => `${r}..${r + 60}*${short(1 / stepOf(r))}`),
    },
    labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '8000', enable_prefix_caching: 'True' } },
  };
}

const smooth = (r: number): number => 0.02 + 0.0004 * r;
const cliff = (r: number): number => smooth(r) * (r > 24 ? 1.5 : 1);
const SICK = engineOf(BATCHES, cliff);
const { running: _, ...UNSEEN } = SICK.lines;

export const SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence> = {
  /** Over the edge twice, the second time to stay. */
  sick: buildScene(SICK),
  /** The same engine, and traffic that never takes it over the edge. */
  healthy: buildScene(
    engineOf(
      BATCHES.map((r) => Math.min(20, r)),
      cliff,
    ),
  ),
  /** As slow at the end, but evenly so: each request adds as much as the one before. Decode slow-down. */
  lookAlike: buildScene(engineOf(BATCHES, (r) => 0.006 + 0.0011 * r)),
  /** The engine over the edge without the gauge of running requests. */
  blind: buildScene({ ...SICK, lines: UNSEEN }),
};

/** Never between 19 and 64 running. */
const LEAP = [15, 17, 18, 16, 19, 17, 14, 18, 16, 19, 17, 18, 64, 64, 64, 64, 64, 64, 64, 64] as const;
const THROWN = engineOf(LEAP, (r) => smooth(r) * (r > 24 ? 2.2 : 1));
/** What 19 running make, made by 64: a machine that got slower, and as many requests as before. */
const SLOWED = engineOf(LEAP, (r) => (r > 24 ? 64 / (19 / smooth(19)) : smooth(r)));

/** At once from 19 to 34. */
const SHORT_LEAP = LEAP.map((r) => Math.min(34, r));

export const VARIANTS: Record<
  'backBelow' | 'partialGroup' | 'leap' | 'proportional' | 'slowed' | 'open' | 'straight',
  Evidence
> = {
  /** A quarter longer than a line through the smaller batches, which an edge makes, and a bend as well. */
  open: buildScene(engineOf(SHORT_LEAP, (r) => smooth(r) * (r > 24 ? 1.25 : 1))),
  /** The same batches, on the line. */
  straight: buildScene(engineOf(SHORT_LEAP, smooth)),
  /** A burst takes all of 64 seats and a queue stands for more: 100 ms a step, where 19 running took 28 and so many take 93 at most. */
  leap: buildScene({
    ...THROWN,
    lines: { ...THROWN.lines, waiting: `0x${12 * LENGTH - 1} 10+10x${8 * LENGTH - 1}` },
    knobs: { 'max-num-seqs': 64 },
  }),
  /** The same, with steps as long as a smooth engine's. */
  proportional: buildScene({
    ...engineOf(LEAP, smooth),
    lines: { ...engineOf(LEAP, smooth).lines, waiting: `0x${12 * LENGTH - 1} 10+10x${8 * LENGTH - 1}` },
    knobs: { 'max-num-seqs': 64 },
  }),
  slowed: buildScene({ ...SLOWED, knobs: { 'max-num-seqs': 64 } }),
  /** Over the edge in the middle, below it for the last six minutes. */
  backBelow: buildScene(engineOf([...BATCHES.slice(0, 13), 12, 15, 11, 14, 17, 15, 13, 12, 10], cliff)),
  /** No jump, but a cap that is no multiple of 8, and batches in its last group. */
  partialGroup: buildScene({
    ...engineOf(
      BATCHES.map((r) => Math.min(29, r)),
      smooth,
    ),
    knobs: { 'max-num-seqs': 29 },
  }),
};

/** Unix seconds at which the batch first goes over the edge; the short spell below it does not end the episode. */
export const ONSET = timeAt(SCENES.sick.grid, 8 * LENGTH);
