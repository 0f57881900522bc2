import type { SignalId } from './index.ts';

/**
 * How a replica is measured against its peers.
 * level: a gauge's mean or a counter's rate, over the last minutes; mean: of a histogram's observations over them; ratio: of
 * two rates or levels; changes: how often a gauge changed within the window; growth: of a gauge, as a share of itself per hour;
 * gaps: share of the window in which it is not there.
 */
export type Measure =
  | { readonly how: 'level' | 'mean' | 'changes' | 'growth' | 'gaps'; readonly of: SignalId; readonly parts?: string }
  | { readonly how: 'ratio'; readonly of: SignalId; readonly to: SignalId };

/** One way in which a replica of a large fleet may stand out, so that it is looked at by itself. */
export interface Criterion {
  readonly id: string;
  /** Why it was taken, behind its name. */
  readonly because: string;
  /** What many of them are called, behind their number: "12 others that queue". */
  readonly others: string;
  readonly worse: 'more' | 'less';
  readonly measure: Measure;
  /** What a calm engine shows, where it is one number: then only the others are asked for. */
  readonly usual?: number;
  /** A difference below this is none, whatever the peers' scatter; in the unit of the measure. */
  readonly least: number;
}

/** Seconds at the end of the window over which levels, means and ratios are taken: no flicker, and an incident shows in it. */
export const RECENT = 300;

/**
 * What a sick replica shows at a glance, whatever it suffers from: each pathology that can sit on one replica alone (edges of
 * reference/pathologies.md §4) moves at least one of these. The order is that of precedence where places are few.
 */
export const CRITERIA: readonly Criterion[] = [
  {
    id: 'down',
    because: 'its scrapes fail',
    others: 'whose scrapes fail',
    worse: 'less',
    measure: { how: 'level', of: 'up' },
    usual: 1,
    least: 0.05,
  },
  {
    id: 'gaps',
    because: 'it was away or joined within the window',
    others: 'that were away or joined',
    worse: 'more',
    measure: { how: 'gaps', of: 'running' },
    least: 0.04,
  },
  {
    id: 'restarts',
    because: 'it restarted',
    others: 'that restarted',
    worse: 'more',
    measure: { how: 'changes', of: 'process-start' },
    usual: 0,
    least: 0.2,
  },
  {
    id: 'waiting',
    because: 'the longest queues',
    others: 'that queue',
    worse: 'more',
    measure: { how: 'level', of: 'waiting' },
    usual: 0,
    least: 0.5,
  },
  {
    id: 'preemptions',
    because: 'the most preemptions',
    others: 'that preempt',
    worse: 'more',
    measure: { how: 'level', of: 'preemptions' },
    usual: 0,
    least: 0.02,
  },
  {
    id: 'failures',
    because: 'the most failed or aborted requests',
    others: 'that fail requests',
    worse: 'more',
    measure: { how: 'level', of: 'finished', parts: 'abort|error' },
    usual: 0,
    least: 0.02,
  },
  {
    id: 'itl',
    because: 'the slowest tokens',
    others: 'with slow tokens',
    worse: 'more',
    measure: { how: 'mean', of: 'itl' },
    least: 0.002,
  },
  {
    id: 'ttft',
    because: 'the latest first tokens',
    others: 'with late first tokens',
    worse: 'more',
    measure: { how: 'mean', of: 'ttft' },
    least: 0.05,
  },
  {
    id: 'pace',
    because: 'the fewest tokens for what runs on it',
    others: 'with few tokens for what runs',
    worse: 'less',
    measure: { how: 'ratio', of: 'output-tokens', to: 'running' },
    least: 0.5,
  },
  {
    id: 'usage',
    because: 'the fullest KV caches',
    others: 'with full KV caches',
    worse: 'more',
    measure: { how: 'level', of: 'kv-cache-usage' },
    least: 0.05,
  },
  {
    id: 'running',
    because: 'the most requests running',
    others: 'with many requests',
    worse: 'more',
    measure: { how: 'level', of: 'running' },
    least: 2,
  },
  {
    id: 'hit-rate',
    because: 'the fewest prefix cache hits',
    others: 'with few prefix cache hits',
    worse: 'less',
    measure: { how: 'ratio', of: 'prefix-cache-hits', to: 'prefix-cache-queries' },
    least: 0.05,
  },
  {
    id: 'acceptance',
    because: 'the fewest draft tokens accepted',
    others: 'with few draft tokens accepted',
    worse: 'less',
    measure: { how: 'ratio', of: 'spec-accepted-tokens', to: 'spec-draft-tokens' },
    least: 0.05,
  },
  {
    id: 'memory',
    because: 'memory that grows fastest',
    others: 'whose memory grows',
    worse: 'more',
    measure: { how: 'growth', of: 'process-memory' },
    least: 0.05,
  },
];
