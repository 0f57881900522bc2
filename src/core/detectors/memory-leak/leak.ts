import type { Values } from '../../base/grid.ts';
import type { Engine } from '../../evidence/judged.ts';
import type { Fact } from '../detector.ts';

export type Variant = 'kv-blocks' | 'host' | 'gpu';

/** One engine that loses memory, of one kind. */
export interface Leak {
  readonly variant: Variant;
  readonly engine: Engine;
  /** 0 to 1: how strongly the signature is there. */
  readonly score: number;
  /** Growth of less than six hours: worth a word, and no rival to what hurts right now. */
  readonly hint: boolean;
  /** Highest confidence this kind of evidence allows, and the reason in a sentence; empty where nothing is missing. */
  readonly cap: number;
  readonly because: string;
  /** What has leaked by now, or the level: share of the pool, or bytes. */
  readonly level: number;
  /** Growth an hour in the same unit; `null` where it cannot be told. */
  readonly perHour: number | null;
  /** Level at which it ends: 1 for the pool, else bytes; `null` if nobody exports it. */
  readonly limit: number | null;
  /** Unix seconds at which it began; `null` before the window. */
  readonly since: number | null;
  /** Grid index from which it counts. */
  readonly from: number;
  /** Reads on its own. */
  readonly says: string;
  readonly facts: readonly Fact[];
  readonly trend: Values | null;
}

/** Seconds until the limit at this pace; `null` where limit or pace is not known. */
export function secondsLeft(leak: Pick<Leak, 'limit' | 'level' | 'perHour'>): number | null {
  const { limit, level, perHour } = leak;
  if (limit === null || perHour === null || perHour <= 0) return null;
  return (Math.max(0, limit - level) / perHour) * 3600;
}
