import { BENCH_SCHEMA } from '../bench.ts';
import { type Definition, DEFINITIONS } from '../definitions.ts';
import { percentilesOf } from '../distribution.ts';
import { amountAt, at, isObject, type Json, type JsonObject, listAt, numberAt, objectAt, textAt } from '../json.ts';
import type { Latency, Load, LoadRun, Measure, RequestTimes } from '../run.ts';
import { type LoadFormat, momentOf, UNKNOWN } from './format.ts';

/** What `vllm-triage bench` writes; `../bench.ts`. */
export const own: LoadFormat = {
  id: 'own',
  title: 'vllm-triage bench',
  recognises: (record) =>
    (textAt(record, 'schema') ?? '').startsWith(`${BENCH_SCHEMA.split('/').slice(0, 2).join('/')}/`),
  read: (records, { file, cut }) =>
    records.flatMap((record) =>
      listAt(record, 'runs').flatMap((run) => (isObject(run) ? [runOf(run, record, file, cut)] : [])),
    ),
};

const WHAT: readonly (readonly [string, Measure, string, Definition])[] = [
  ['ttft', 'ttft', 'TTFT', 'ttft-client'],
  ['itl', 'itl', 'ITL', 'gaps-pooled'],
  ['tpot', 'tpot', 'TPOT', 'tpot-per-request'],
  ['e2e', 'e2e', 'E2E', 'e2e-client'],
];

function runOf(run: JsonObject, whole: JsonObject, file: string, cut: boolean): LoadRun {
  const schema = textAt(whole, 'schema');
  const version = textAt(whole, 'generatedBy', 'version');
  const warnings = listAt(run, 'warnings').filter((one) => typeof one === 'string');
  if (schema !== BENCH_SCHEMA)
    warnings.push(`The file is in ${schema}; this version knows ${BENCH_SCHEMA} and reads what is the same.`);
  if (at(run, 'interrupted') === true) warnings.push('Ended by Ctrl-C; it holds what was measured until then.');
  return {
    ...UNKNOWN,
    format: 'own',
    tool: version === null ? 'vllm-triage bench' : `vllm-triage bench ${version}`,
    file,
    name: textAt(run, 'scenario') ?? 'one run',
    model: textAt(whole, 'target', 'model'),
    started: momentOf(at(run, 'startedAt')),
    duration: amountAt(run, 'seconds', 'wall'),
    load: loadOf(objectAt(run, 'settings', 'arrivals')),
    counts: {
      ok: amountAt(run, 'counts', 'ok'),
      failed: amountAt(run, 'counts', 'failed'),
      incomplete: amountAt(run, 'counts', 'stopped'),
    },
    lengths: { input: amountAt(run, 'lengths', 'prompt', 'mean'), output: amountAt(run, 'lengths', 'output', 'mean') },
    throughput: {
      requests: amountAt(run, 'throughput', 'requestsPerSecond'),
      outputTokens: amountAt(run, 'throughput', 'outputTokensPerSecond'),
      totalTokens: amountAt(run, 'throughput', 'totalTokensPerSecond'),
    },
    latencies: WHAT.flatMap(([key, measure, called, usual]) =>
      latency(objectAt(run, 'latencies', key), measure, called, usual),
    ),
    requests: cut ? null : requestsOf(listAt(run, 'requests')),
    warnings,
  };
}

function latency(stated: JsonObject, measure: Measure, called: string, usual: Definition): Latency[] {
  const of = (key: string) => numberAt(stated, key);
  const percentiles = percentilesOf(Object.keys(stated).map((key) => [key, of(key)] as const));
  const mean = of('mean');
  if (mean === null && percentiles.length === 0) return [];
  const chunks = textAt(stated, 'definition') === DEFINITIONS['gaps-chunks'];
  return [
    {
      measure,
      called,
      definition: chunks ? 'gaps-chunks' : usual,
      mean,
      std: of('std'),
      min: of('min'),
      max: of('max'),
      count: amountAt(stated, 'count'),
      percentiles,
    },
  ];
}

function loadOf(arrivals: JsonObject): Load {
  const concurrency = amountAt(arrivals, 'concurrency');
  const rate = amountAt(arrivals, 'rate');
  if (textAt(arrivals, 'kind') === 'open' && rate !== null) return { kind: 'rate', value: rate, max: concurrency };
  return concurrency === null ? UNKNOWN.load : { kind: 'concurrency', value: concurrency, max: null };
}

function requestsOf(list: readonly Json[]): RequestTimes[] | null {
  if (list.length === 0) return null;
  return list.flatMap((one) => {
    const start = amountAt(one, 'at');
    if (start === null) return [];
    const ok = !isObject(at(one, 'error'));
    const lasted = amountAt(one, 'e2e') ?? amountAt(one, 'end');
    return [{ start, end: lasted === null ? null : start + lasted, ttft: amountAt(one, 'ttft'), ok }];
  });
}
