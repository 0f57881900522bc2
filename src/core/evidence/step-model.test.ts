import { describe, expect, test } from 'vitest';
import { fitSteps, residualsOf, stepLinesOf, type StepPoint, stepPoints } from './step-model.ts';
import { judgedOf } from './judged.ts';
import { buildScene } from './notation.ts';

/** A repeatable stand-in for noise: −1 to 1. */
function noise(seed: number): () => number {
  let x = seed;
  return () => {
    x = (x * 16807) % 2147483647;
    return (x / 2147483647) * 2 - 1;
  };
}

const ALPHA = 0.02;
const BETA = 0.0001;
const GAMMA = 2e-7;

/** Arrivals set the rates; the step time follows: t = α ÷ (1 − β · w − γ · κ). */
function open(rate: number, reads: number, factor = 1): StepPoint {
  return { seconds: (factor * ALPHA) / (1 - factor * (BETA * rate + GAMMA * reads)), rate, reads, waits: false };
}

describe('fit', () => {
  test('finds α, β and γ where rate and context vary apart', () => {
    const next = noise(7);
    const points = Array.from({ length: 60 }, () => open(2000 + 1500 * next(), 8e5 + 6e5 * next(), 1 + 0.02 * next()));
    const model = fitSteps(points);
    expect(model?.kind).toBe('fitted');
    expect(model?.alpha).toBeCloseTo(ALPHA, 3);
    expect((model?.beta ?? 0) / BETA).toBeCloseTo(1, 0);
    expect((model?.gamma ?? 0) / GAMMA).toBeCloseTo(1, 0);
    expect(model?.spread).toBeLessThan(0.05);
  });

  test('a slow spell does not pass for load: noise in step time alone gives no slope', () => {
    const next = noise(3);
    // The rates hardly vary, the machine does: by Little's law running follows step time exactly.
    const points = Array.from({ length: 60 }, () => open(2000 + 60 * next(), 1e6, 1 + 0.3 * next()));
    const model = fitSteps(points);
    expect(model?.kind).toBe('level');
    expect(model?.beta).toBe(0);
  });

  test('where requests wait it is fitted per step: seats set the batch', () => {
    const points = Array.from({ length: 20 }, (_, i): StepPoint => {
      const tokens = 100 + 20 * i;
      const seconds = ALPHA + BETA * tokens;
      return { seconds, rate: tokens / seconds, reads: null, waits: true };
    });
    const model = fitSteps(points);
    expect(model?.kind).toBe('fitted');
    expect(model?.alpha).toBeCloseTo(ALPHA, 4);
    expect(model?.beta).toBeCloseTo(BETA, 5);
    expect(model?.atLoad(300, null).mid).toBeCloseTo(ALPHA + BETA * 300, 4);
  });

  test('a tenth of stray points does not move it', () => {
    const points = Array.from({ length: 40 }, (_, i) => open(1000 + 50 * i, 1e6));
    const stray = points.map((p, i) => (i % 10 === 0 ? { ...p, seconds: p.seconds * 5 } : p));
    expect(fitSteps(stray)?.atRate(2000, 1e6).mid).toBeCloseTo(open(2000, 1e6).seconds, 3);
  });

  test('says when it cannot be fitted, and where it ends', () => {
    expect(fitSteps([])).toBeNull();
    expect(fitSteps([open(1000, 0), open(1000, 0)])).toBeNull();
    const model = fitSteps(Array.from({ length: 20 }, (_, i) => open(1000 + 10 * i, 1e6)));
    expect(model).toMatchObject({ kind: 'level', points: 20, rates: [1000, 1190] });
    expect(model?.atRate(1100, null).high).not.toBeNull();
    expect(model?.atRate(5000, null).high).toBeNull();
    // Less work never takes longer.
    expect(model?.atRate(100, null).high).toBe(model?.atRate(1100, null).high);
  });
});

describe('lines', () => {
  const scene = buildScene({
    lines: {
      running: '8',
      waiting: '0',
      'kv-cache-usage': '0.25',
      'prompt-tokens': '600',
      'spec-draft-tokens': '100',
      'finished{stop}': '2',
    },
    histograms: { itl: '0.03*300x19 0.06*300x19 0.06*0.1x9' },
    labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '1000' } },
  });
  const [engine] = judgedOf(scene, { ttft: 0.5, tbt: 0.05, e2e: 10 }, false).engines;
  if (!engine) throw new Error('no engine');
  const lines = stepLinesOf(scene, engine, 40);

  test('tokens scheduled: one per output, guesses of speculation, prompts computed', () => {
    expect(lines.seconds[15]).toBeCloseTo(0.03);
    expect(lines.rate[15]).toBeCloseTo(300 + 100 + 600);
    expect(lines.reads[15]).toBeCloseTo((0.25 * 16000) / 0.03);
  });

  test('hardly any output is no step time', () => {
    expect(lines.seconds[49]).toBeNull();
  });

  test('neighbours that share a stretch count as one', () => {
    const points = stepPoints(lines, 0, 39);
    expect(points).toHaveLength(40);
    expect(fitSteps(points, 8)?.points).toBe(5);
    expect(fitSteps(points, 20)).toBeNull();
  });

  test('one that waits for the next step is no queue', () => {
    const waiting = (w: number) => ({
      ...lines,
      waiting: lines.waiting.map(() => w),
      running: lines.running.map(() => 40),
    });
    expect(stepPoints(waiting(2), 0, 39).every((p) => !p.waits)).toBe(true);
    expect(stepPoints(waiting(5), 0, 39).every((p) => p.waits)).toBe(true);
  });

  test('residual: how much longer than the model says', () => {
    const model = fitSteps(stepPoints(lines, 0, 19));
    if (!model) throw new Error('no model');
    expect(residualsOf(model, lines)[39]).toBeCloseTo(Math.log(2), 1);
    expect(residualsOf(model, lines)[49]).toBeNull();
  });
});
