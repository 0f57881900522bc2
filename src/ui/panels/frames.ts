import { useEffect, useState } from 'react';

interface Job {
  readonly key: string;
  /** Lowest first; infinite while it need not be done yet. */
  readonly rank: () => number;
  readonly run: () => void;
}

/**
 * Applies updates one panel per animation frame, so that sixteen charts never land in one long task: 11 ms a frame instead
 * of 107 to 139 ms at once (ecosystem.md §4). Frames pause in a hidden tab, and so do the updates.
 */
export class FrameQueue {
  readonly #jobs = new Map<string, Job>();
  #settled: (() => void) | undefined;
  #frame: number | null = null;

  /** Called whenever everything asked for has been drawn, but for what need not be yet. */
  whenSettled(settled: (() => void) | undefined): void {
    this.#settled = settled;
  }

  /** A newer job of the same key replaces the older one: only the newest data is worth drawing. */
  add(job: Job): void {
    this.#jobs.set(job.key, job);
    this.wake();
  }

  /** A rank may have become finite. */
  wake(): void {
    if (this.#jobs.size > 0) this.#frame ??= requestAnimationFrame(this.#next);
  }

  drop(key: string): void {
    this.#jobs.delete(key);
  }

  readonly #next = (): void => {
    this.#frame = null;
    let first: Job | null = null;
    let best = Infinity;
    for (const job of this.#jobs.values()) {
      const rank = job.rank();
      if (rank < best) {
        best = rank;
        first = job;
      }
    }
    if (!first) {
      this.#settled?.();
      return;
    }
    this.#jobs.delete(first.key);
    first.run();
    this.#frame = requestAnimationFrame(this.#next);
  };
}

/** @returns the value once it is this key's turn, `null` before the first. */
export function useStaggered<T>(queue: FrameQueue, key: string, value: T, rank: () => number): T | null {
  const [shown, setShown] = useState<{ readonly value: T } | null>(null);
  useEffect(() => {
    queue.add({ key, rank, run: () => setShown({ value }) });
    return () => queue.drop(key);
  }, [queue, key, value, rank]);
  return shown?.value ?? null;
}
