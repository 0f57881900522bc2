import { describe, expect, it } from 'vitest';
import { total } from './books.ts';
import { lognormal, uniform } from './lengths.ts';
import type { Outcome } from './scenario.ts';
import { play } from './scenario.ts';
import { drained, planOf } from './testing.ts';

const sum = (column: Float64Array) => total(column, 0, column.length);
const first = (outcome: Outcome) => {
  const replica = outcome.fleet.replicas[0];
  if (!replica) throw new Error('no replica');
  return replica;
};

describe('a scheduler', () => {
  it('loses no request and no token', () => {
    const outcome = play(drained(), false);
    const { metrics, engine, book } = first(outcome);
    const { jobs, finished, firstTokens } = outcome.clients.book;
    expect(sum(jobs)).toBeGreaterThan(120);
    expect(sum(finished)).toBe(sum(jobs));
    expect(sum(firstTokens)).toBe(sum(jobs));
    expect(metrics.finished.stop + metrics.finished.length).toBe(sum(jobs));
    expect(metrics.generationTokens).toBe(sum(book.emitted));
    expect(metrics.generationTokens).toBe(metrics.outputLength.sum);
    expect(metrics.promptTokens).toBe(metrics.promptLength.sum);
    expect(metrics.iteration.sum).toBe(metrics.promptComputed + metrics.generationTokens);
    expect(sum(book.tokens)).toBe(metrics.promptComputed + metrics.generationTokens - sum(jobs));
    expect(engine.pool.free).toBe(engine.pool.total);
    expect([metrics.running, metrics.waiting, metrics.cacheUsage]).toEqual([0, 0, 0]);
  });

  it('computes again what a preemption throws away, and counts it nowhere', () => {
    const outcome = play(
      drained({
        seconds: 600,
        replicas: [planOf({ blocks: 260 })],
        phases: [
          { from: 0, traffic: [{ rate: 1.5, prompt: uniform(100, 300), output: lognormal(400, 0.4) }] },
          { from: 90, traffic: [] },
        ],
      }),
      false,
    );
    const { metrics, engine, book } = first(outcome);
    const jobs = sum(outcome.clients.book.jobs);
    expect(metrics.preemptions).toBeGreaterThan(20);
    expect(metrics.requestPreemptions.sum).toBe(metrics.preemptions);
    expect(sum(outcome.clients.book.finished)).toBe(jobs);
    expect(sum(book.wasted)).toBeGreaterThan(1000);
    expect(sum(book.tokens)).toBe(metrics.promptComputed + metrics.generationTokens - jobs + sum(book.wasted));
    expect(metrics.iteration.sum).toBe(metrics.promptComputed + metrics.generationTokens);
    expect(engine.pool.free).toBe(engine.pool.total);
  });

  it('finds no more in the cache than it asks for, and finds what is shared', () => {
    const prefix = { tokens: 800, groups: 2 };
    const traffic = { rate: 3, prompt: uniform(50, 150), output: uniform(20, 40), prefix };
    const { metrics } = first(play(drained({ phases: [{ from: 0, traffic: [traffic] }] }), false));
    expect(metrics.prefixHits).toBeLessThanOrEqual(metrics.prefixQueries);
    expect(metrics.prefixHits / metrics.prefixQueries).toBeGreaterThan(0.75);
    const broken = { ...traffic, prefix: { ...prefix, broken: true } };
    expect(first(play(drained({ phases: [{ from: 0, traffic: [broken] }] }), false)).metrics.prefixHits).toBe(0);
  });

  it('never runs more than it has seats, nor schedules more than its budget', () => {
    const outcome = play(drained({ replicas: [planOf({ seats: 4, budget: 256 })] }), false);
    const { book } = first(outcome);
    for (let second = 0; second < 140; second += 1) {
      const time = book.stepTime[second] as number;
      if (time > 0) expect((book.running[second] as number) / time).toBeLessThanOrEqual(4.0001);
      expect(book.tokens[second] as number).toBeLessThanOrEqual(256 * (book.steps[second] as number));
    }
    expect(sum(book.refused.seats)).toBeGreaterThan(5);
    expect(sum(book.refused.blocks)).toBe(0);
  });

  it('books aborted and failed attempts with their clients', () => {
    const traffic = {
      rate: 8,
      prompt: uniform(400, 900),
      output: uniform(60, 120),
      patience: 3,
      retries: { most: 2, pause: 1 },
    };
    const outcome = play(
      drained({
        seconds: 300,
        replicas: [planOf({ seats: 6 })],
        phases: [
          { from: 0, traffic: [traffic] },
          { from: 40, traffic: [] },
        ],
        acts: [
          { at: 20, act: (fleet, now) => fleet.replicas[0]?.die(now, 'Error') },
          { at: 40, act: (fleet, now) => fleet.replicas[0]?.start(now) },
        ],
      }),
      false,
    );
    const { attempts, finished, aborted, failed, jobs } = outcome.clients.book;
    expect(sum(attempts)).toBe(sum(finished) + sum(aborted) + sum(failed));
    expect(sum(attempts)).toBeGreaterThan(sum(jobs));
    expect(sum(failed)).toBeGreaterThan(10);
    expect(outcome.fleet.gatewayRequests).toBe(sum(attempts));
    const replica = first(outcome);
    expect(replica.inFlight).toBe(0);
    expect(replica.engine.pool.free).toBe(replica.engine.pool.total);
  });
});
