import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Evidence } from '../core/evidence/evidence.ts';
import { type SignalId, SIGNALS } from '../core/signals/index.ts';
import { diagnose } from '../core/verdict/diagnose.ts';
import { targetsOf } from '../core/verdict/profiles.ts';
import { openRecording } from './recording/source.ts';

/**
 * One recorded engine under every name its release or its transport would have given it: the evidence, and in a fleet of all
 * of them the verdict, must not depend on the spelling. A speller rewrites one line of the recording by the documented
 * renaming (reference/metrics.md §0.1, §1) and may leave it out or write it twice.
 */
const library = join(dirname(fileURLToPath(import.meta.url)), '../../public/library');
const thrashing = gunzipSync(readFileSync(join(library, 'kv-thrash-a.om.gz'))).toString();
const abort = new AbortController().signal;

type Speller = (line: string) => readonly string[];

const prefixed =
  (prefix: string, labels = ''): Speller =>
  (line) => [line.startsWith('vllm:') ? prefix + line.slice('vllm:'.length).replace('{', `{${labels}`) : line];

const OLDER: readonly [now: RegExp, before: string][] = [
  [/^vllm:kv_cache_usage_perc/, 'vllm:gpu_cache_usage_perc'],
  [/^vllm:inter_token_latency_seconds/, 'vllm:time_per_output_token_seconds'],
  [/^vllm:prefix_cache_/, 'vllm:gpu_prefix_cache_'],
];
const older: Speller = (line) => {
  const [now, before] = OLDER.find(([name]) => name.test(line)) ?? [];
  return [now && before ? line.replace(now, before) : line];
};
/** Names that came after a release. */
const without =
  (names: RegExp): Speller =>
  (line) =>
    names.test(line) ? [] : [line];
const SINCE_0_11 =
  /^vllm:(request_num_preemptions|admission_rejections|prompt_tokens_by_source|prompt_tokens_cached|num_requests_waiting_by_reason|request_time_per_output_token|request_prefill_kv_computed|engine_sleep_state|external_prefix_cache|mm_cache|estimated_)/;
const RUST_LACKS =
  /^(vllm:(cache_config_info|engine_sleep_state|mm_cache_|admission_rejections_total|num_requests_kv_fetch|tool_call_|kv_offload_)|process_|python_)/;
const after =
  (...spellers: readonly Speller[]): Speller =>
  (line) =>
    spellers.reduce<readonly string[]>((lines, speller) => lines.flatMap(speller), [line]);

const SPELLERS: Readonly<Record<string, Speller>> = {
  'vLLM 0.32': (line) => [line],
  'vLLM 0.8': after(without(SINCE_0_11), older),
  'vLLM 0.10, both names at once': after(without(SINCE_0_11), (line) => [...new Set([line, ...older(line)])]),
  'Rust front end': without(RUST_LACKS),
  'colon converted': prefixed('vllm_'),
  'Ray Serve': prefixed('ray_vllm_', 'ReplicaId="r1",WorkerId="0123456789abcdef",'),
  'Ray Serve, older': prefixed('ray_vllm:', 'WorkerId="0123456789abcdef",'),
  KServe: prefixed('kserve_vllm:'),
};

/** The recording once per replica, each in its own words. */
function fleetOf(spellers: readonly Speller[]): string {
  const lines = thrashing.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const all = spellers.flatMap((speller, i) =>
    lines.flatMap(speller).map((line) => line.replace('instance="vllm-0"', `instance="r${i}:8000"`)),
  );
  return `${all.join('\n')}\n# EOF\n`;
}

function read(spellers: readonly Speller[]): Promise<Evidence> {
  const recording = openRecording({ name: 'fleet.om', texts: [fleetOf(spellers)] }, { fetch, now: () => 0 });
  return recording.read({ from: 'start', to: 'end', selector: '{job="vllm"}', knobs: {} }, abort);
}

const contents = (evidence: Evidence, id: SignalId) => {
  const { lines, histograms, labels } = evidence.readings[id] ?? { lines: [], histograms: [], labels: [] };
  return { lines, histograms, labels: labels.map((one) => ({ ...one.labels, WorkerId: '', ReplicaId: '' })) };
};

describe.each(Object.entries(SPELLERS))('%s', (name, speller) => {
  test('gives the numbers that the newest names give', async () => {
    const native = await read([SPELLERS['vLLM 0.32'] as Speller]);
    const other = await read([speller]);
    expect(other.replicas.map(({ id }) => id)).toEqual(['r0:8000']);
    const lacking: SignalId[] = [];
    for (const { id } of SIGNALS) {
      if (native.readings[id]?.state !== 'absent' && other.readings[id]?.state === 'absent') lacking.push(id);
      else expect(contents(other, id), id).toEqual(contents(native, id));
    }
    expect(lacking.sort().join(' ')).toBe(LACKING[name] ?? '');
  });
});

const NEWER_THAN_0_11 =
  'admission-rejections cached-prompt-tokens computed-prompt-length computed-prompt-tokens engine-awake request-preemptions time-per-output-token waiting-by-reason';

/** What a release or front end does not have; all else must be found. */
const LACKING: Readonly<Record<string, string>> = {
  'vLLM 0.8': NEWER_THAN_0_11,
  'vLLM 0.10, both names at once': NEWER_THAN_0_11,
  'Rust front end': 'admission-rejections cache-config engine-awake process-cpu process-memory process-start',
};

describe('a fleet of several releases and transports', () => {
  const summary = (evidence: Evidence) => {
    const verdict = diagnose(evidence, targetsOf('chat'));
    return {
      status: verdict.status,
      headline: verdict.headline,
      findings: verdict.findings.map((f) => [f.pathology, f.variant, f.role, f.severity, f.scope, f.since]),
      first: verdict.findings[0]?.facts.map((fact) => fact.says),
      ruledOut: verdict.ruledOut.map((f) => f.pathology),
    };
  };
  const uniform = (n: number) => Array.from({ length: n }, () => SPELLERS['vLLM 0.32'] as Speller);
  const of = (...names: readonly string[]) => names.map((name) => SPELLERS[name] as Speller);

  test('is judged as one where all are alike', async () => {
    const mixed = of('vLLM 0.8', 'vLLM 0.10, both names at once', 'vLLM 0.32', 'Ray Serve');
    const verdict = summary(await read(mixed));
    expect(verdict.findings[0]?.[0]).toBe('kv-cache-thrashing');
    expect(verdict).toEqual(summary(await read(uniform(4))));
  });

  test('sums nothing twice', async () => {
    const all = Object.values(SPELLERS);
    const [mixed, alike] = [await read(all), await read(uniform(all.length))];
    expect(mixed.replicas.length).toBe(all.length);
    for (const id of [
      'running',
      'waiting',
      'kv-cache-usage',
      'output-tokens',
      'finished',
      'prefix-cache-hits',
    ] as const)
      expect(mixed.readings[id]?.lines, id).toEqual(alike.readings[id]?.lines);
    for (const id of ['ttft', 'itl', 'e2e', 'step-tokens'] as const)
      expect(mixed.readings[id]?.histograms, id).toEqual(alike.readings[id]?.histograms);
  });

  test('is asked for in queries a GET can carry', async () => {
    const queries = Object.values((await read(Object.values(SPELLERS))).readings).map(
      (reading) => reading?.query ?? '',
    );
    expect(Math.max(...queries.map((query) => query.length))).toBeGreaterThan(500);
    expect(Math.max(...queries.map((query) => query.length))).toBeLessThan(2000);
  });
});
