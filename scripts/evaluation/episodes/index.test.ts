import { describe, expect, it } from 'vitest';
import { openRecording } from '../../../src/sources/recording/source.ts';
import { EPISODE_KINDS, episodesOf } from './index.ts';

/** Contract §1. */
const PATHOLOGIES = `kv-cache-thrashing prefill-starvation gpu-underutilization memory-leak prefix-cache-misses
  long-request-spike overload seat-ceiling kv-bound-queueing prefill-decode-interference decode-slowdown cuda-graph-cliff
  load-imbalance slow-replica request-failures retry-storm workload-shift prefix-cache-collapse spec-decode-collapse
  cpu-bound engine-stall crash-loop kv-transfer-stall deferred-admission telemetry-gap`.split(/\s+/);

const kind = (id: string) => {
  const found = EPISODE_KINDS.find((one) => one.id === id);
  if (!found) throw new Error(`no kind ${id}`);
  return found;
};

describe('the list of episodes', () => {
  it('has every pathology, each mild and strong', () => {
    const ids = EPISODE_KINDS.filter(({ group }) => group === 'pathology').map(({ id }) => id);
    expect([...ids].sort()).toEqual([...PATHOLOGIES].sort());
    for (const id of ids) expect(kind(id).strengths).toEqual(['mild', 'strong']);
    expect(new Set(EPISODE_KINDS.map(({ id }) => id)).size).toBe(EPISODE_KINDS.length);
  });

  it('gives every id once, and builds nothing before it is asked', () => {
    const ids = [...episodesOf(1, 2)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const of = (group: string) => ids.filter((id) => kind(id.split('/')[0] ?? '').group === group).length;
    expect(of('composite') / ids.length).toBeGreaterThan(0.14);
    expect(of('healthy') / ids.length).toBeGreaterThan(0.35);
  });
});

describe('an episode', () => {
  it('is the same for the same seed, is read without a warning and carries its proof', () => {
    const episode = kind('prefix-cache-misses').build(2, 'strong');
    expect(kind('prefix-cache-misses').build(2, 'strong')).toEqual(episode);
    const recording = openRecording(
      { name: episode.id, texts: episode.texts },
      { fetch: globalThis.fetch, now: () => 0 },
    );
    expect(recording.warnings).toEqual([]);
    expect(episode.truth.quiet).toBe(true);
    expect(episode.truth.shows).toBeGreaterThan(episode.truth.onset ?? Infinity);
    expect(episode.truth.books['hit share']).toBeLessThan(0.02);
    expect(episode.knobs['shared-prefix-tokens']).toBeGreaterThan(100);
  });

  it('is healthy throughout where nothing is wrong', () => {
    const { truth } = kind('healthy-idle').build(1, 'none');
    expect([truth.primary, truth.onset, truth.end]).toEqual([null, null, null]);
    expect(truth.books['late share']).toBeLessThan(0.05);
  });
});
