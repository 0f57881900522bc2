import { sayCount, sig } from '../base/say.ts';
import { configOf } from '../report/report.ts';
import { formatInstant } from '../verdict/format.ts';
import { changesOf } from '../verdict/changes.ts';
import type { Row } from './comparison.ts';
import type { Side } from './side.ts';

/** What the engines were started with and how many there are, before and after. Labels of the cache that agree are left out. */
export function configurationRows(before: Side, after: Side): Row[] {
  const pair = (id: string, title: string, of: (side: Side) => string | null, note = '') => {
    const [was, is] = [of(before), of(after)];
    return words(id, title, was, is, was === null || is === null ? note : '');
  };
  const each = (pick: (config: ReturnType<typeof configOf>) => string | null) => (side: Side) =>
    distinct(side.judged.engines.map((engine) => pick(configOf(engine, side.evidence))));
  return [
    pair('model', 'Served model', ({ evidence }) => distinct(evidence.replicas.map(({ model }) => model))),
    words('version', 'Version of vLLM', null, null, 'no metric carries it'),
    ...renamedRows(before, after),
    pair('replicas', 'Replicas', ({ evidence }) => String(evidence.replicas.length)),
    pair(
      'process-start',
      'Processes started',
      each(({ started }) => (started === null ? null : formatInstant(started))),
      'no process start is exposed',
    ),
    pair('restarts', 'Restarts within the window', ({ judged, evidence }) =>
      evidence.readings['process-start']?.lines.length
        ? sig(changesOf(judged).restarts.reduce((sum, { times }) => sum + times, 0))
        : null,
    ),
    pair(
      'seats',
      'Seats (max-num-seqs)',
      each(({ seats }) => (seats === null ? null : `${seats.count}${seats.inferred ? ' (read off)' : ''}`)),
      'no metric carries it; read off only while a queue for seats stands',
    ),
    pair(
      'kv-cache',
      'KV cache of a replica',
      each(({ kvTokens }) => (kvTokens === null ? null : `${sig(kvTokens)} tokens`)),
      'no label tells',
    ),
    ...labelRows(before, after),
    ...knobRows(before, after),
  ];
}

function words(id: string, title: string, before: string | null, after: string | null, note: string): Row {
  const difference = before === null || after === null ? 'unknown' : before === after ? 'none' : 'changed';
  return { id, title, unit: null, before, after, difference, better: null, z: null, normalised: null, note };
}

/** Names of a reading on both sides: another name of the same thing is another release. */
function renamedRows(before: Side, after: Side): Row[] {
  const [was, is] = [before.evidence.readings, after.evidence.readings];
  const renamed = Object.values(was).flatMap(({ signal, metrics: [name] }) => {
    const now = is[signal]?.metrics[0];
    return name === undefined || now === undefined || name === now ? [] : [[name, now] as const];
  });
  const [first] = renamed;
  return first
    ? [
        words(
          'metric-names',
          'Names of metrics',
          first[0],
          first[1],
          `${sayCount(renamed.length, 'signal')} under another name: another release, or another exporter`,
        ),
      ]
    : [];
}

/** Labels of the KV cache's configuration on which the sides differ, whatever they are called. */
function labelRows(before: Side, after: Side): Row[] {
  const [was, is] = [labelsOf(before), labelsOf(after)];
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((label) => {
    const row = words(`label ${label}`, label, was.get(label) ?? null, is.get(label) ?? null, '');
    return row.difference === 'none' ? [] : [row];
  });
}

/** Labels of `vllm:cache_config_info`, each with the values its replicas have. */
export function labelsOf({ evidence }: Side): ReadonlyMap<string, string> {
  const labels = evidence.readings['cache-config']?.labels ?? [];
  const names = new Set(labels.flatMap((one) => Object.keys(one.labels)));
  return new Map([...names].map((name) => [name, distinct(labels.map((one) => one.labels[name] ?? null)) ?? '']));
}

function knobRows(before: Side, after: Side): Row[] {
  const [was, is] = [before.evidence.knobs, after.evidence.knobs];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].map((id) => {
    const given = (value: number | undefined) => (value === undefined ? null : String(value));
    return words(`knob ${id}`, `${id}, as given`, given(was[id]), given(is[id]), '');
  });
}

function distinct(values: readonly (string | null)[]): string | null {
  const known = [...new Set(values.filter((value): value is string => value !== null))].sort();
  return known.length === 0 ? null : known.join(', ');
}
