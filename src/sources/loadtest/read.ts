import { parseAllDocuments } from 'yaml';
import type { Json } from '../../core/loadtest/json.ts';
import { isObject } from '../../core/loadtest/json.ts';
import { readLoadRecords } from '../../core/loadtest/read.ts';
import { readRecords, type Records } from '../../core/loadtest/records.ts';
import type { LoadRun } from '../../core/loadtest/run.ts';
import { type Saturation, saturationOf } from '../../core/loadtest/saturation.ts';
import { SourceError } from '../errors.ts';
import { unpack } from '../recording/decompress.ts';

/** A run with what follows from its single requests, which are left behind: a file may hold a hundred thousand. */
export interface LoadTest {
  readonly run: Omit<LoadRun, 'requests'> & { readonly requests: null };
  readonly saturation: Saturation | null;
}

export interface LoadTests {
  readonly tests: readonly LoadTest[];
  readonly warnings: readonly string[];
}

/** Keys and phrases that stand near the beginning of the results we read. */
const SIGNATURES =
  /"?(vllm-triage\/bench\/|request_throughput|tokenizer_id|mean_ttft_ms|mean_e2e_latency_ms|guidellm_version|generative_benchmark|load_summary|time_to_first_token|request_performance|aiperf_version|benchmark_id|input_config|request_start_ns|results_ttft_s|results_inter_token_latency_s|num_concurrent_requests|total_input_tokens|best_configurations|server_args)\b"?/;

/**
 * Whether a text may be a load-test result, by its first characters: JSON or YAML with a key of one. GuideLLM up to 0.3 begins with
 * `benchmarks` alone.
 */
export function looksLikeLoadTest(head: string): boolean {
  const text = head.slice(0, HEAD).trimStart();
  if (/^(\{\s*"benchmarks"\s*:\s*\[|benchmarks:\s*\n\s*-)/.test(text)) return true;
  if (!/^[[{]/.test(text) && !YAML_START.test(text)) return false;
  return SIGNATURES.test(text);
}

/** Characters that are looked at. */
export const HEAD = 65_536;
const YAML_START = /^(---|results:|version:|metadata:|benchmarks:|scenario:|config:|metrics:|args:|run:)/;

/**
 * Reads one file of results, packed or not, JSON or YAML.
 * @throws SourceError 'unreadable' where there is no run in it
 */
export async function readLoadFile(name: string, bytes: Uint8Array): Promise<LoadTests> {
  const { text, warnings: unpacking } = await unpack(bytes, undefined, 'end');
  const records = /^\s*[[{]/.test(text) ? readRecords(text) : readYaml(text);
  const { runs, warnings } = readLoadRecords(records, name);
  const all = [...unpacking.map((says) => `${name}: ${says}`), ...warnings];
  if (runs.length === 0)
    throw new SourceError('unreadable', [`${name} holds no load-test result we know.`, ...all].join(' '));
  const tests = runs.map((run) => ({ run: { ...run, requests: null }, saturation: saturationOf(run) }));
  return { tests, warnings: all };
}

function readYaml(text: string): Records {
  const documents = parseAllDocuments(text);
  const list = Array.isArray(documents) ? documents : [];
  const damaged = list.flatMap(({ errors }) => errors.map((error) => error.linePos?.[0].line ?? 1));
  const values = list.map((document) => document.toJS({ maxAliasCount: 100 }) as Json);
  return { records: values.filter(isObject), unreadable: damaged.slice(0, 1), cut: false };
}
