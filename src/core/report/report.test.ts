import { describe, expect, test } from 'vitest';
import { buildScene } from '../evidence/notation.ts';
import { judgedOf } from '../evidence/judged.ts';
import { targetsOf } from '../verdict/profiles.ts';
import { booksOf } from './books.ts';
import { sayHeadroom, toReportJson, toReportMarkdown, toReportText } from './format.ts';
import { healthReport } from './report.ts';

const chat = targetsOf('chat');

/** 2 requests/s, each 5 s inside, a token every 50 ms: 10 run and write 200 tokens/s. */
const STEADY = {
  running: '10',
  waiting: '0',
  'finished{stop}': '2x60',
  'output-tokens': '200',
  'prompt-tokens': '1000',
  'kv-cache-usage': '0.1',
};
const HISTOGRAMS = {
  ttft: '0.1*2x60',
  itl: '0.05*200x60',
  e2e: '5*2x60',
  'queue-time': '0.001*2x60',
  'prompt-length': '500*2x60',
  'output-length': '100*2x60',
};
const LABELS = { 'cache-config': { block_size: '16', num_gpu_blocks: '3438' } };

function books(lines: Readonly<Record<string, string>>, histograms: Readonly<Record<string, string>> = HISTOGRAMS) {
  const scene = buildScene({ lines: { ...STEADY, ...lines }, histograms, labels: LABELS });
  const judged = judgedOf(scene, chat, false);
  return Object.fromEntries(booksOf(judged.engines[0] as never, scene.grid).map((book) => [book.id, book]));
}

describe('books', () => {
  test('balance on a fleet in its stride', () => {
    const all = books({});
    expect(Object.values(all).map(({ balances }) => balances)).toEqual([true, true, true, true]);
    expect(all['seats']?.ratio).toBeCloseTo(1, 1);
    expect(all['tokens']?.says).toBe('200 tokens/s; 10 ÷ 50 ms = 200 tokens/s');
  });

  test('say what it means where they do not', () => {
    expect(books({ running: '30' })['seats']).toMatchObject({
      balances: false,
      reading: expect.stringContaining('more run than finish'),
    });
    expect(books({ waiting: '40' }, { ...HISTOGRAMS, 'queue-time': '1*2x60' })['queue']?.reading).toContain(
      'the queue grows',
    );
    expect(books({ 'kv-cache-usage': '0.3' })['memory']?.reading).toContain('blocks are not given back');
    expect(books({ 'output-tokens': '20' })['tokens']?.reading).toContain('write nothing');
  });

  test('cannot tell where a side is not measured', () => {
    const { ttft, itl } = HISTOGRAMS;
    const some = books({}, { ttft, itl });
    expect(some['seats']).toMatchObject({ balances: null, reading: expect.stringContaining('needs') });
    expect(some['memory']?.balances).toBeNull();
  });
});

describe('the report', () => {
  test('of nothing is no health', () => {
    const empty = healthReport({ ...buildScene({ lines: STEADY }), replicas: [], readings: {} }, chat);
    expect(empty.models).toEqual([]);
    expect(toReportText(empty)).toContain('Cannot tell');
    expect(toReportMarkdown(empty)).toContain('Cannot tell');
  });

  test('burns as fast as requests miss: a fifth of them late is four times what is allowed', () => {
    const scene = buildScene({
      lines: STEADY,
      histograms: { ...HISTOGRAMS, ttft: '0.1*1.6,2*0.4x60' },
      labels: LABELS,
    });
    const [ttft] = healthReport(scene, chat).models[0]?.service ?? [];
    expect(ttft?.burn?.low).toBeCloseTo(4, 0);
  });

  test('names what is not visible', () => {
    const scene = buildScene({ lines: { ...STEADY, 'kv-cache-usage': null }, histograms: HISTOGRAMS });
    expect(healthReport(scene, chat).models[0]?.notVisible.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['KV cache usage', 'Version of vLLM']),
    );
    expect(healthReport(scene, chat).models[0]?.headroom).toHaveProperty('because');
  });

  test('lets no name break out of a table or become markup', () => {
    const scene = buildScene({
      replicas: ['<img src=x>|`a`'],
      models: { '<img src=x>|`a`': '**m**|<b>' },
      lines: STEADY,
      histograms: HISTOGRAMS,
    } as never);
    const markdown = toReportMarkdown(healthReport(scene, chat));
    expect(markdown).not.toMatch(/(^|[^\\])<(img|b)/);
    for (const line of markdown.split('\n').filter((one) => one.startsWith('|')))
      expect(line.replace(/\\\|/g, '').split('|').length, line).toBeGreaterThan(3);
    expect(JSON.stringify(toReportJson(healthReport(scene, chat), '1'))).toContain('health-report/1');
  });
});

test('headroom says cannot tell, a range, or that no limit was seen', () => {
  expect(sayHeadroom({ because: 'too little traffic' })).toBe('Headroom: cannot tell, too little traffic.');
  expect(sayHeadroom({ now: 2, low: 3, high: 4, limit: 'seats', extrapolated: true })).toBe(
    'Headroom: 2 requests/s arrive, targets hold up to 3 to 4 requests/s; seats (max-num-seqs) give way first. Beyond the loads that were measured: an extrapolation.',
  );
  expect(sayHeadroom({ now: 2, low: 8, high: null, limit: 'none-seen', extrapolated: false })).toContain(
    'no limit up to four times',
  );
});
