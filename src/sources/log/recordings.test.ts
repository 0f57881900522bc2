import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { diagnose } from '../../core/verdict/diagnose.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { openLog } from './source.ts';

const root = join(import.meta.dirname, '../../..');
const truth = JSON.parse(readFileSync(join(root, 'public/library/truth.json'), 'utf8')) as {
  name: string;
  primary: string[];
  start: number;
  onset: number | null;
}[];

async function judged(name: string): Promise<Verdict> {
  const text = gunzipSync(readFileSync(join(root, `e2e/fixtures/logs/${name}.log.gz`))).toString();
  const files = [{ name: `${name}.log`, text }];
  const source = openLog({ name, files }, { fetch, now: () => Date.UTC(2026, 10, 26, 12) / 1000 });
  const request = { from: 'start', to: 'end', selector: '', knobs: {} } as const;
  return diagnose(await source.read(request, new AbortController().signal), targetsOf('chat'));
}

/** What the log alone lets be said of nine incidents whose cause is known. */
const TABLE: readonly {
  name: string;
  status: Verdict['status'];
  primary: string | null;
  headline: string;
  /** The most that may be claimed. */
  confidence: number;
  /** Why it is not the id of the truth, where it is not. */
  because?: string;
}[] = [
  {
    name: 'healthy-steady',
    status: 'unknown',
    primary: null,
    headline: 'Cannot tell: vital signals are missing',
    confidence: 0,
    because: 'a log has no latency, and no health is claimed without it',
  },
  {
    name: 'seats',
    status: 'critical',
    primary: 'seat-ceiling',
    headline: 'max_num_seqs ceiling on seats.log',
    confidence: 0.95,
  },
  { name: 'overload', status: 'critical', primary: 'overload', headline: 'Overload on overload.log', confidence: 0.6 },
  {
    name: 'kv-bound',
    status: 'critical',
    primary: 'kv-bound-queueing',
    headline: 'KV-bound queueing or thrashing on kv-bound.log',
    confidence: 0.6,
  },
  {
    name: 'kv-thrash-a',
    status: 'critical',
    primary: 'kv-bound-queueing',
    headline: 'KV-bound queueing or thrashing on kv-thrash-a.log',
    confidence: 0.6,
    because: 'V1 logs no preemptions, so the headline leaves both open',
  },
  {
    name: 'prefix-collapse',
    status: 'critical',
    primary: 'prefix-cache-collapse',
    headline: 'Prefix cache collapse on prefix-collapse.log',
    confidence: 0.6,
  },
  {
    name: 'long-spike-a',
    status: 'unknown',
    primary: null,
    headline: 'Cannot tell: vital signals are missing',
    confidence: 0,
    because: 'the length of single prompts is not in a log',
  },
  {
    name: 'imbalance',
    status: 'critical',
    primary: 'load-imbalance',
    headline: 'Load imbalance on imbalance.log (pid 8616)',
    confidence: 0.9,
  },
  {
    name: 'stall',
    status: 'critical',
    primary: 'engine-stall',
    headline: 'Engine stalled on stall.log',
    confidence: 0.7,
  },
];

describe.each(TABLE)('$name, from its log alone', ({ name, status, primary, headline, confidence, because }) => {
  const { primary: right, start, onset } = truth.find((one) => one.name === name) as (typeof truth)[number];

  test('says what the log shows, and no more', async () => {
    const verdict = await judged(name);
    expect(verdict.status).toBe(status);
    expect(verdict.headline).toBe(headline);
    expect(verdict.findings[0]?.pathology ?? null).toBe(primary);
    // By rule: calibration may find that such findings are right more often than they claim.
    expect(verdict.findings[0]?.raw ?? 0).toBeLessThanOrEqual(confidence);
    if (because === undefined) expect(right).toContain(primary);
  });

  test('says since when, to half a minute', async () => {
    const since = (await judged(name)).findings[0]?.since ?? null;
    if (primary === null || onset === null) expect(since).toBeNull();
    else expect(Math.abs((since ?? 0) - start - onset)).toBeLessThanOrEqual(30);
  });

  test('cannot tell what needs latency', async () => {
    const verdict = await judged(name);
    const open = verdict.cannotTell.map((finding) => finding.pathology);
    expect(open).toEqual(
      expect.arrayContaining(['decode-slowdown', 'prefill-decode-interference', 'request-failures']),
    );
    expect(open).toContain('kv-cache-thrashing');
  });

  test('claims nothing of numbers that are not there', async () => {
    const verdict = await judged(name);
    const said = JSON.stringify([verdict.headline, verdict.lede, verdict.findings]);
    expect(said).not.toMatch(/Nobody gets a first token|needs 0|: 0\/s|0\/s ×|a step takes 0|the 0 ×/);
  });
});

test('a log that falls from a high hit rate says so beside the verdict', async () => {
  expect((await judged('prefix-collapse')).warnings.join(' ')).toContain('from 90 % to 42 %');
});

test('a fall of the hit rate accounts for the queue behind it', async () => {
  const { findings, plan } = await judged('prefix-collapse');
  expect(findings[0]?.explains).toContain('overload');
  expect(findings[0]?.missing).toEqual(['prefix-cache-queries', 'prefix-cache-hits']);
  expect(findings[0]?.facts[0]).toMatchObject({ signal: 'prefix-cache-hit-rate', observed: 0.415 });
  expect(plan.heldBack.map(({ pathology }) => pathology)).toContain('overload');
});

test('nobody is asked to scrape a log', async () => {
  const { cannotTell } = await judged('healthy-steady');
  expect(cannotTell.length).toBeGreaterThan(5);
  for (const { ask } of cannotTell) expect(ask).not.toMatch(/[Ss]crape/);
});

test('the hit rate is drawn as the log states it', async () => {
  const text = gunzipSync(readFileSync(join(root, 'e2e/fixtures/logs/prefix-collapse.log.gz'))).toString();
  const source = openLog({ name: 'a.log', files: [{ name: 'a.log', text }] }, { fetch, now: () => 1_795_737_600 });
  const { readings } = await source.read(
    { from: 'start', to: 'end', selector: '', knobs: {} },
    new AbortController().signal,
  );
  const stated = readings['prefix-cache-hit-rate']?.lines[0]?.values.filter((value) => value !== null) ?? [];
  expect(Math.max(...stated)).toBeCloseTo(0.9, 1);
  expect(stated.at(-1)).toBeLessThan(0.5);
});
