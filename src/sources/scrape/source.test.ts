import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { endOf } from '../../core/base/grid.ts';
import { SIGNALS } from '../../core/signals/index.ts';
import { type EnginePage, pagesOf } from '../../testing/engine-pages.ts';
import { SourceError, type SourceProblem } from '../errors.ts';
import { openRecording } from '../recording/source.ts';
import type { ReadRequest, SourcePlatform } from '../source.ts';
import { openScrape, type Scraper, type ScrapeSettings } from './source.ts';
import { targetsOf } from './target.ts';

const file = fileURLToPath(new URL('../../../public/library/imbalance.om.gz', import.meta.url));
const text = gunzipSync(readFileSync(file)).toString();
const pages = await pagesOf(file);
const abort = new AbortController().signal;
const all: ReadRequest = { from: 'start', to: 'end', selector: '', knobs: {} };
const RUNNING = 'vllm:num_requests_running{engine="0",model_name="m"} 3\n';

/** A network of pages, and a clock that moves when told. */
class World implements SourcePlatform {
  time = 1_795_571_173.376;
  readonly asked: { readonly url: string; readonly init: RequestInit | undefined }[] = [];
  readonly #answer: (url: string, init?: RequestInit) => Response | Promise<Response>;
  constructor(answer: (url: string, init?: RequestInit) => Response | Promise<Response>) {
    this.#answer = answer;
  }
  readonly fetch: typeof fetch = async (input, init) => {
    this.asked.push({ url: String(input), init });
    return this.#answer(String(input), init);
  };
  readonly now = () => this.time;
}

const at = (list: readonly EnginePage[], seconds: number) =>
  list.findLast(({ timeMs }) => timeMs <= seconds * 1000 + 1) as EnginePage;

/** The two replicas of a recording, played. */
function replay(): { world: World; scraper: Scraper } {
  const world: World = new World((url) => new Response(at(pages.get(new URL(url).hostname) ?? [], world.time).text));
  return { world, scraper: openScrape({ urls: ['vllm-0', 'http://vllm-1/metrics'] }, world) };
}

async function rounds(world: World, scraper: Scraper, count: number, every = 5): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    if (i > 0) world.time += every;
    await scraper.scrape(abort);
  }
}

async function problemOf(work: Promise<unknown>): Promise<[SourceProblem, string]> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof SourceError) return [error.problem, error.message];
  throw new Error(`no SourceError but ${String(error)}`);
}

describe('pages of two replicas, scraped', () => {
  test('give what a recording of them gives', async () => {
    const { world, scraper } = replay();
    await rounds(world, scraper, 60);
    const scraped = await scraper.read(all, abort);
    const named = text.replaceAll(/instance="(vllm-\d)"/g, 'instance="$1:80"');
    const recorded = await openRecording({ name: 'r', texts: [named] }, world).read(
      { ...all, from: scraped.grid.from, to: endOf(scraped.grid) },
      abort,
    );
    expect(scraped.replicas).toEqual(recorded.replicas);
    expect(scraped.window).toBe(recorded.window);
    const tail = (values: readonly (number | null)[]) => values.slice(-40);
    for (const { id } of SIGNALS) {
      // How long a page took is the scraper's own, and replicas were scraped up to a second apart in the recording.
      if (id === 'scrape-duration' || id === 'sample-age') continue;
      const lines = scraped.readings[id]?.lines.map((line) => [line.replica, line.part, tail(line.values).length]);
      expect(lines, id).toEqual(
        recorded.readings[id]?.lines.map((line) => [line.replica, line.part, tail(line.values).length]),
      );
    }
    const running = (evidence: typeof scraped) =>
      evidence.readings.running?.lines.map(({ values }) => tail(values).reduce<number>((a, b) => a + (b ?? 0), 0));
    for (const [i, sum] of (running(scraped) ?? []).entries())
      expect(Math.abs(sum - (running(recorded)?.[i] ?? 0))).toBeLessThan(0.15 * sum + 20);
  });

  test('saved, they open as a recording with the same evidence', async () => {
    const { world, scraper } = replay();
    await rounds(world, scraper, 30);
    const scraped = await scraper.read(all, abort);
    const opened = openRecording({ name: 'saved', texts: [[...scraper.recording()].join('')] }, world);
    const recorded = await opened.read({ ...all, to: endOf(scraped.grid), from: scraped.grid.from }, abort);
    expect(opened.warnings).toEqual([]);
    expect(recorded.replicas).toEqual(scraped.replicas);
    const settled = scraped.grid.count - 1 - scraped.window / scraped.grid.step;
    for (const { id } of SIGNALS) {
      const [one, other] = [scraped.readings[id], recorded.readings[id]];
      expect(other?.state, id).toBe(one?.state);
      expect(other?.labels, id).toEqual(one?.labels);
      const lines = (reading: typeof one) => reading?.lines.map((l) => [l.replica, l.part, l.values.slice(-settled)]);
      expect(lines(other), id).toEqual(lines(one));
      const buckets = (reading: typeof one) =>
        reading?.histograms.map((h) => [h.replica, h.bounds, h.cumulative.map((values) => values.slice(-settled))]);
      expect(buckets(other), id).toEqual(buckets(one));
    }
  });

  test('no rate is told of a time nobody looked at', async () => {
    let count = 1e6;
    const world = new World(
      () => new Response(`${RUNNING}vllm:prompt_tokens_total{engine="0",model_name="m"} ${count}`),
    );
    const scraper = openScrape({ urls: ['http://a:8000'] }, world);
    for (let i = 0; i < 12; i += 1) {
      await scraper.scrape(abort);
      const { readings, grid } = await scraper.read({ ...all, to: 'now' }, abort);
      for (const value of readings['prompt-tokens']?.lines[0]?.values ?? [])
        if (value !== null) expect(value, `after ${i} rounds, ${grid.count} times`).toBeCloseTo(100, 5);
      if (i > 2) expect(readings['prompt-tokens']?.lines[0]?.values.at(-1)).toBeCloseTo(100, 5);
      count += 500;
      world.time += 5;
    }
  });

  test('a live read ends on a lattice and looks back as far as asked', async () => {
    const { world, scraper } = replay();
    await rounds(world, scraper, 40);
    const first = await scraper.read({ ...all, to: 'now' }, abort);
    await rounds(world, scraper, 2);
    const second = await scraper.read({ ...all, to: 'now', range: 60 }, abort);
    expect((endOf(second.grid) - endOf(first.grid)) % first.grid.step).toBe(0);
    expect(endOf(second.grid)).toBeLessThanOrEqual(world.time);
    expect(second.grid.count).toBe(13);
  });
});

describe('pages that fail', () => {
  test('one of two: up at 0 for it, a warning, and the other goes on', async () => {
    const { world, scraper } = replay();
    await rounds(world, scraper, 10);
    const broken = openScrape(
      { urls: ['vllm-0', 'vllm-1'] },
      {
        now: world.now,
        fetch: async (input, init) => {
          if (String(input).includes('vllm-1') && world.time > 1_795_571_240) throw new TypeError('fetch failed');
          return world.fetch(input, init);
        },
      },
    );
    await rounds(world, broken, 20);
    const evidence = await broken.read(all, abort);
    const up = evidence.readings.up?.lines.map(({ replica, values }) => [replica, values.at(-1)]);
    expect(up).toEqual([
      ['vllm-0:80', 1],
      ['vllm-1:80', 0],
    ]);
    expect(evidence.readings.running?.lines.find((line) => line.replica === 'vllm-1:80')?.values.at(-1)).toBeNull();
    expect(evidence.warnings).toContain('http://vllm-1/metrics cannot be reached.');
  });

  test.each<[string, Response | Error, SourceProblem, string]>([
    [
      'a login page',
      new Response('<html>Sign in</html>', { headers: { 'content-type': 'text/html' } }),
      'unreadable',
      'a web page',
    ],
    ['JSON', new Response('{"status": "ok"}'), 'unreadable', 'is no /metrics page'],
    ['401', new Response('', { status: 401 }), 'unauthorized', 'who is asking'],
    ['403', new Response('', { status: 403 }), 'forbidden', 'does not allow'],
    ['404', new Response('', { status: 404 }), 'unreadable', '404'],
    [
      'a gateway without its server',
      new Response('engine-7 is down.', { status: 502 }),
      'unreachable',
      '(502): engine-7 is down.',
    ],
    ['another exporter', new Response('node_load1 1\n'), 'empty', 'found node_load1'],
    ['an empty page', new Response(''), 'empty', 'found nothing'],
    [
      'nobody there',
      new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }),
      'unreachable',
      'ECONNREFUSED',
    ],
  ])('%s', async (_, answer, problem, words) => {
    const world = new World(() => {
      if (answer instanceof Error) throw answer;
      return answer.clone();
    });
    const [found, message] = await problemOf(openScrape({ urls: ['http://a:8000/metrics'] }, world).read(all, abort));
    expect(found).toBe(problem);
    expect(message).toContain(words);
    expect(message).toContain('http://a:8000/metrics');
  });

  test('an answer the browser hides is told from no answer', async () => {
    const world = new World((_, init) => {
      if (init?.mode === 'no-cors') return new Response('');
      throw new TypeError('Failed to fetch');
    });
    expect((await problemOf(openScrape({ urls: ['a:8000'] }, world).read(all, abort)))[0]).toBe('cors');
  });

  test('a page that hangs is given up, and is not asked again meanwhile', async () => {
    const world = new World(
      (_, init) => new Promise((__, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('off')))),
    );
    const scraper = openScrape({ urls: ['a:8000'], timeout: 0.2 }, world);
    const first = scraper.scrape(abort);
    expect((await scraper.scrape(abort)).pages).toEqual([]);
    expect((await first).pages[0]?.error?.problem).toBe('timeout');
    expect(world.asked.length).toBe(1);
  });

  test('a read that was called off says so, and the next one reads', async () => {
    const world = new World(() => new Response(RUNNING));
    const scraper = openScrape({ urls: ['a:8000'] }, world);
    expect((await problemOf(scraper.read(all, AbortSignal.abort())))[0]).toBe('aborted');
    expect((await scraper.read(all, abort)).replicas.length).toBe(1);
  });
});

describe('how pages are asked for', () => {
  const asked = async (settings: ScrapeSettings) => {
    const world = new World(() => new Response(RUNNING));
    await openScrape(settings, world).scrape(abort);
    return world.asked;
  };

  test('no header unless one is given, which a browser would have to ask for', async () => {
    expect((await asked({ urls: ['a:8000'] }))[0]?.init?.headers).toBeUndefined();
  });

  test('headers and a password in the address', async () => {
    const urls = ['http://me:secret@a:8000/metrics'];
    const [one] = await asked({ urls, headers: async () => ({ 'X-Team': 'a' }) });
    expect(one?.url).toBe('http://a:8000/metrics');
    expect(one?.init?.headers).toEqual({ Authorization: `Basic ${btoa('me:secret')}`, 'X-Team': 'a' });
  });
});

describe('addresses', () => {
  test.each<[string, string, string]>([
    ['vllm-0:8000', 'http://vllm-0:8000/metrics', 'vllm-0:8000'],
    ['http://vllm-0:8000/', 'http://vllm-0:8000/metrics', 'vllm-0:8000'],
    [
      'https://vllm.example/prod/metrics?format=prometheus',
      'https://vllm.example/prod/metrics?format=prometheus',
      'vllm.example:443',
    ],
    ['http://[::1]:8000/metrics', 'http://[::1]:8000/metrics', '[::1]:8000'],
    ['/proxy/metrics', '/proxy/metrics', '/proxy/metrics'],
  ])('%s', (given, url, instance) => {
    expect(targetsOf([given])).toMatchObject([{ url, instance }]);
  });

  test('pages behind one gateway keep their paths', () => {
    const [one, other] = targetsOf(['http://gw/a/metrics', 'http://gw/b/metrics']);
    expect([one?.instance, other?.instance]).toEqual(['gw:80/a/metrics', 'gw:80/b/metrics']);
  });

  test.each([[['ftp://a/metrics']], [['http://']], [['a:8000', 'http://a:8000/metrics']]])('%j is refused', (urls) => {
    expect(() => targetsOf(urls)).toThrow(SourceError);
  });
});
