import { describe, expect, it } from 'vitest';
import type { Evidence, Histogram } from '../../core/evidence/evidence.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import { tilesOf } from './tiles.ts';

const COUNT = 48;
const flat = (value: number) => Array.from({ length: COUNT }, () => value);
const histogram = (share: number): Histogram => ({
  replica: 'a',
  bounds: [0.25, 0.5, 1],
  cumulative: [flat(share), flat(share), flat(1)],
  count: flat(1),
  sum: flat(0.5),
});
const reading = (signal: string, lines: readonly number[] | null, histograms: readonly Histogram[] = []) => ({
  signal,
  state: 'present',
  metrics: [signal],
  query: null,
  lines: lines === null ? [] : [{ replica: 'a', part: '', values: lines }],
  histograms,
  labels: [],
});

function evidenceOf(readings: readonly ReturnType<typeof reading>[]): Evidence {
  return {
    grid: { from: 0, step: 5, count: COUNT },
    window: 20,
    scrapeInterval: 5,
    source: { kind: 'test', label: 'test', flavour: null },
    selector: '{}',
    replicas: [{ id: 'a', instance: 'a', engine: '0', model: 'm' }],
    readings: Object.fromEntries(readings.map((one) => [one.signal, one])) as unknown as Evidence['readings'],
    knobs: {},
    warnings: [],
  };
}

const tile = (evidence: Evidence, id: string, since: number | null = null) =>
  tilesOf(evidence, targetsOf('chat'), since, []).find((one) => one.id === id);

describe('strip', () => {
  it('the three that surface most come first', () => {
    expect(
      tilesOf(evidenceOf([]), targetsOf('chat'), null, [])
        .map((one) => one.title)
        .slice(0, 3),
    ).toEqual(['TTFT p95', 'KV cache', 'Waiting']);
  });

  it('what is not measured keeps its tile and says so', () => {
    for (const one of tilesOf(evidenceOf([]), targetsOf('chat'), null, []).slice(0, 8)) {
      expect(one.now.figure).toBe('–');
      expect(one.compared).toBe('not measured');
      expect(one.harm).toBeNull();
    }
  });

  it('a percentile certainly beyond its target is harm', () => {
    expect(tile(evidenceOf([reading('ttft', null, [histogram(0.5)])]), 'ttft')).toMatchObject({
      now: { figure: '0.5–1', unit: 's' },
      harm: 'critical',
      compared: 'target 500 ms',
    });
    expect(tile(evidenceOf([reading('ttft', null, [histogram(1)])]), 'ttft')?.harm).toBeNull();
  });

  it('a cause is never coloured, and is compared with before', () => {
    const values = [...flat(2).slice(0, 24), ...flat(40).slice(24)];
    expect(tile(evidenceOf([reading('waiting', values)]), 'waiting', 120)).toMatchObject({
      now: { figure: '40', unit: 'requests' },
      compared: 'was 2',
      harm: null,
    });
  });

  it.each([
    ['waiting', 247, '247 a scrape ago'],
    ['kv-cache-usage', 0.45, '0.45 a scrape ago'],
  ])('a gauge that fell at the last scrape alone says what it was before: %s', (id, level, says) => {
    const fell = [...flat(level).slice(0, -1), 0];
    expect(tile(evidenceOf([reading(id, fell)]), id, 120)).toMatchObject({ compared: says });
    // A second scrape that says so makes it true.
    expect(tile(evidenceOf([reading(id, [...fell.slice(0, -2), 0, 0])]), id, 120)?.compared).toMatch(/^was /);
  });
});
