import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endOf } from '../../core/base/grid.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { fleetLine } from '../../core/evidence/lines.ts';
import { countReplicas } from '../../core/evidence/stand-in.ts';
import { diagnose } from '../../core/verdict/diagnose.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { copied, later } from '../../testing/copies.ts';
import { type RunningPrometheus, startPrometheus } from '../../testing/prometheus.ts';
import { startVictoriaMetrics } from '../../testing/victoria-metrics.ts';
import type { ReadRequest } from '../source.ts';
import { openPrometheus } from './source.ts';

/**
 * A large fleet on a real server, read engine by engine and as chosen engines beside means: the verdict is the same, sums are,
 * and far less was asked for. Copies of one recorded engine are as like as no real ones are; how the choice fares with engines
 * that differ is tested on simulated fleets, see scripts/evaluation.
 */
const library = join(import.meta.dirname, '../../../public/library');
const never = new AbortController().signal;
/** Engines up to which these reads take each; low, so that a server of test size holds a large fleet. */
const FEW = 18;
/** Enough for all. */
const MANY = 1000;

const recording = async (name: string) => gunzipSync(await readFile(join(library, `${name}.om.gz`))).toString();

const timesOf = (text: string): [number, number] => {
  const all = [...text.matchAll(/ (\d+(?:\.\d+)?)$/gm)].map(([, time]) => Number(time));
  return [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
};

interface Read {
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly bytes: number;
  readonly queries: readonly string[];
}

/**
 * Status, headline, and what else is wrong. What the headline explains is left out: the recorded engine's steps are half as long again as
 * its load explains for four scrapes, right at the edge of "slow", and a mean of several engines falls on the other side of it.
 */
const said = ({ status, findings }: Verdict) => [
  status,
  ...findings
    .filter(({ pathology }) => !(findings[0]?.explains ?? []).includes(pathology))
    .map(({ role, pathology, variant, severity }) => `${role} ${pathology} ${variant ?? ''} ${severity}`),
];

async function read(url: string, oneByOne: number, request: ReadRequest): Promise<Read> {
  let bytes = 0;
  const queries: string[] = [];
  const counted: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const text = await response.text();
    bytes += text.length;
    const sent = init?.body instanceof URLSearchParams ? init.body : new URL(String(input)).searchParams;
    queries.push(sent.get('query') ?? '');
    return new Response(text, response);
  };
  const source = openPrometheus({ url, timeout: 120 }, { fetch: counted, now: () => Date.now() / 1000 }, oneByOne);
  const evidence = await source.read(request, never);
  return { evidence, verdict: diagnose(evidence, targetsOf('chat'), MANY), bytes, queries };
}

interface Fleet {
  readonly title: string;
  readonly text: () => Promise<string>;
  readonly start: (files: readonly string[]) => Promise<RunningPrometheus>;
  readonly primary: string;
  /** Share of the bytes of the whole that may be read. */
  readonly share: number;
}

const prometheus = (recordings: readonly string[]) => startPrometheus({ recordings });
const victoria = (recordings: readonly string[]) => startVictoriaMetrics(recordings);

/** So many that of the others a sample is read. */
const hot = async () => copied(await recording('imbalance'), { 'vllm-1': 47 });
const thrashing = async () => copied(await recording('kv-thrash-a'), { 'vllm-0': 28 });
/** Two models at the same time: one thrashes, the other is well. */
const two = async () => {
  const [sick, well] = await Promise.all([recording('kv-thrash-a'), recording('healthy-steady')]);
  const moved = later(well, timesOf(sick)[1] - timesOf(well)[1]);
  const named = (line: string) =>
    line.replace(/model_name="[^"]*"/, 'model_name="other"').replace(/instance="/, 'instance="w-');
  return `${copied(sick, { 'vllm-0': 16 })}\n${copied(moved, { 'vllm-0': 16 }, named)}`;
};

const FLEETS: readonly Fleet[] = [
  { title: 'one hot of 48', text: hot, start: prometheus, primary: 'load-imbalance', share: 0.5 },
  { title: 'all of 28', text: thrashing, start: prometheus, primary: 'kv-cache-thrashing', share: 0.8 },
  { title: 'one model of two', text: two, start: prometheus, primary: 'kv-cache-thrashing', share: 0.9 },
  { title: 'all of 28, VictoriaMetrics', text: thrashing, start: victoria, primary: 'kv-cache-thrashing', share: 0.8 },
];

describe.each(FLEETS)('$title', ({ text, start, primary, share }) => {
  let folder: string;
  let server: RunningPrometheus;
  let request: ReadRequest;
  let whole: Read;
  let part: Read;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vllm-triage-large-'));
    const made = await text();
    const file = join(folder, 'fleet.om');
    await writeFile(file, `${made}\n# EOF\n`);
    server = await start([file]);
    const [from, to] = timesOf(made);
    request = { from: Math.floor(from), to: Math.floor(to) - 10, step: 10, selector: '{job="vllm"}', knobs: {} };
    whole = await read(server.url, MANY, request);
    part = await read(server.url, FEW, request);
  }, 600_000);
  afterAll(async () => {
    await server?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  test('gives the same verdict', () => {
    expect(said(part.verdict)).toEqual(said(whole.verdict));
    expect(part.verdict.findings[0]?.pathology).toBe(primary);
  });

  test('holds every engine, by name or in a mean, and says so', () => {
    expect(part.evidence.replicas.length).toBeLessThan(whole.evidence.replicas.length);
    expect(countReplicas(part.evidence.replicas)).toBe(whole.evidence.replicas.length);
    expect(part.evidence.coverage?.engines).toBe(whole.evidence.replicas.length);
    const said = part.evidence.warnings.find((warning) => warning.includes('read one by one'));
    const sampled = part.evidence.coverage?.means.flatMap((mean) => mean.sampled ?? []) ?? [];
    expect(said).toBeDefined();
    if (sampled.length > 0) expect(said).toContain(`those of ${sampled[0]}, evenly chosen`);
    expect(sampled.length > 0).toBe(whole.evidence.replicas.length === 48);
    expect(whole.evidence.coverage).toBeUndefined();
  });

  test.each(['running', 'output-tokens', 'finished', 'http-requests'] as const)('sums of %s are the same', (id) => {
    const [was, is] = [fleetLine(whole.evidence, id), fleetLine(part.evidence, id)];
    expect(is?.some((value) => value !== null && value > 0)).toBe(true);
    for (const [i, value] of (is ?? []).entries()) {
      const expected = was?.[i] ?? null;
      if (expected === null) expect(value).toBe(null);
      else expect(Math.abs((value ?? Number.NaN) - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, expected));
    }
  });

  test('every reading can be had again by its query, and none failed', () => {
    for (const reading of Object.values(part.evidence.readings)) {
      expect(reading.state, reading.problem).not.toBe('failed');
      if (reading.query !== null) expect(part.queries).toContain(reading.query);
    }
  });

  test('asks for less', () => expect(part.bytes).toBeLessThan(share * whole.bytes));

  test('one replica alone is read as it is', async () => {
    const { id } = part.evidence.replicas[0] as Evidence['replicas'][number];
    const one = await read(server.url, FEW, { ...request, selector: `{job="vllm",instance="${id}"}` });
    expect(one.evidence.coverage).toBeUndefined();
    expect(one.evidence.replicas.map((replica) => replica.id)).toEqual([id]);
  });

  test('a live view goes on with the same replicas, by the tail alone', async () => {
    const source = openPrometheus({ url: server.url, timeout: 120 }, { fetch, now: () => Date.now() / 1000 }, FEW);
    const end = request.to as number;
    const first = await source.read({ ...request, to: end - 30 }, never);
    const next = await source.read({ ...request, to: end, previous: first }, never);
    expect(next.replicas).toEqual(first.replicas);
    expect(endOf(next.grid)).toBe(end);
    const [was, is] = [fleetLine(whole.evidence, 'running'), fleetLine(next, 'running')];
    for (const back of [1, 4, 8, 20]) expect(is?.at(-back)).toBeCloseTo(was?.at(-back) as number, 6);
  });
});
