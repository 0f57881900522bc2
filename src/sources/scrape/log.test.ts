import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExposition } from '../../core/exposition/parse.ts';
import { buildStore, type SeriesStore } from '../../core/exposition/store.ts';
import { openMetricsOf, ScrapeLog } from './log.ts';

const START = 1_795_571_173_376;
const labels = { instance: 'vllm-0:8000', job: 'vllm' };
const page = (text: string) => parseExposition(text);

function timesOf(store: SeriesStore, name: string): readonly number[] {
  return store.metrics.get(name)?.[0]?.times ?? [];
}

function valuesOf(store: SeriesStore, name: string): readonly number[] {
  return store.metrics.get(name)?.[0]?.values ?? [];
}

describe('what scraping has seen', () => {
  test('carries the labels of its target, and what Prometheus would have written beside it', () => {
    const log = new ScrapeLog();
    log.add({ labels, timeMs: START, took: 0.02, parsed: page('vllm:num_requests_running{engine="0"} 3\n') });
    log.add({ labels, timeMs: START + 5000, took: 10, parsed: null });
    expect(log.store.metrics.get('vllm:num_requests_running')).toEqual([
      { labels: { ...labels, engine: '0' }, times: [START], values: [3] },
    ]);
    expect(valuesOf(log.store, 'up')).toEqual([1, 0]);
    expect(valuesOf(log.store, 'scrape_duration_seconds')).toEqual([0.02, 10]);
    expect(log.newest).toBe(START + 5000);
  });

  test('takes one page once, and none from the past', () => {
    const log = new ScrapeLog();
    for (const [at, value] of [
      [0, 1],
      [5000, 2],
      [5000, 7],
      [2000, 9],
    ] as const)
      log.add({ labels, timeMs: START + at, took: 0, parsed: page(`a ${value}\n`) });
    expect(valuesOf(log.store, 'a')).toEqual([1, 2]);
    expect(timesOf(log.store, 'up')).toEqual([START, START + 5000]);
  });

  test('a label the page gives itself stands, and so does a time', () => {
    const log = new ScrapeLog();
    log.add({ labels, timeMs: START, took: 0, parsed: page(`a{instance="behind-a-gateway"} 1 ${START - 700}\n`) });
    expect(log.store.metrics.get('a')).toEqual([
      { labels: { instance: 'behind-a-gateway', job: 'vllm' }, times: [START - 700], values: [1] },
    ]);
  });

  test('stays the same size for days, and forgets series that ended', () => {
    const log = new ScrapeLog(60);
    const sizes: number[] = [];
    for (let i = 0; i < 20_000; i += 1) {
      log.add({ labels, timeMs: START + i * 5000, took: 0, parsed: page(`a 1\nrequest{id="${i}"} 1\n`) });
      if (i > 100) sizes.push([...log.store.metrics.values()].flat().reduce((sum, one) => sum + one.times.length, 0));
    }
    expect(Math.max(...sizes)).toBeLessThan(4 * (60 / 5 + 3));
    expect(Math.min(...timesOf(log.store, 'a'))).toBeGreaterThan(START + 20_000 * 5000 - 70_000);
  });

  test('leaves out when counters began, which is a series per series', () => {
    const log = new ScrapeLog();
    log.add({ labels, timeMs: START, took: 0, parsed: page('a_total 1\na_created 1.7e9\n') });
    expect([...log.store.metrics.keys()].sort()).toEqual(['a_total', 'scrape_duration_seconds', 'up']);
  });
});

/** Comparable: metric → label sets → samples. */
function flat(store: SeriesStore): unknown {
  return [...store.metrics]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, list]) => [
      name,
      list.map(({ labels, ...samples }) => JSON.stringify([Object.entries(labels).sort(), samples])).sort(),
    ]);
}

const label = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '}', ' ', '=', 'ü', ',') });
const value = fc.oneof(fc.double({ noNaN: true }), fc.integer());
const scrape = fc.record({
  after: fc.integer({ min: 0, max: 20_000 }),
  instance: fc.constantFrom('vllm-0:8000', 'vllm-1:8000'),
  samples: fc.option(
    fc.array(fc.record({ name: fc.constantFrom('vllm:a_total', 'b', 'up_here'), label, value }), { minLength: 1 }),
  ),
});

test('a saved recording holds every sample the log holds, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(scrape, { minLength: 1, maxLength: 12 }), (scrapes) => {
      const log = new ScrapeLog(40);
      let timeMs = START;
      for (const { after, instance, samples } of scrapes) {
        timeMs += after;
        const parsed =
          samples === null
            ? null
            : {
                series: samples.map((one) => ({
                  name: one.name,
                  labels: (one.label === '' ? {} : { x: one.label }) as Record<string, string>,
                  times: [Number.NaN],
                  values: [one.value],
                })),
                samples: samples.length,
                malformed: 0,
                firstMalformed: null,
                ended: false,
              };
        log.add({ labels: { instance, job: 'vllm' }, timeMs, took: after / 3000, parsed });
      }
      const parsed = parseExposition([...openMetricsOf(log.store)].join(''));
      expect(parsed.ended).toBe(true);
      expect(parsed.malformed).toBe(0);
      expect(flat(buildStore([{ parsed }]))).toEqual(flat(log.store));
    }),
  );
});

test('a history asked for in two parts is the history asked for at once', () => {
  const server = new ScrapeLog();
  const viewer = new ScrapeLog();
  for (let i = 0; i < 4; i += 1) {
    server.add({ labels, timeMs: START + i * 5000, took: 0.1, parsed: i === 2 ? null : page(`a ${i}\n`) });
    if (i !== 1 && i !== 3) continue;
    viewer.addHistory(parseExposition([...openMetricsOf(server.store, viewer.newest ?? undefined)].join('')));
  }
  expect(flat(viewer.store)).toEqual(flat(server.store));
});
