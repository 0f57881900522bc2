import { timeAt, type Values } from '../base/grid.ts';
import type { Evidence, Reading } from '../evidence/evidence.ts';
import { formatSample } from '../exposition/parse.ts';
import { SIGNALS, signalById } from '../signals/index.ts';
import type { MetricName, Signal } from '../signals/signal.ts';
import { spellingsOf } from '../signals/spellings.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * The newest value of every series of the evidence as Prometheus text, in the exported unit, with its own time. Evidence holds
 * no totals: counters and histograms are rates over its window, so they are not called by the name of the total but as a recording
 * rule would be, `name:rate20s`. The first lines say so. Where a signal was found under several names the first stands for all.
 */
export function metricsText(evidence: Evidence): string {
  const lines = SIGNALS.flatMap((signal) => {
    const reading = evidence.readings[signal.id];
    return reading === undefined ? [] : samplesOf(evidence, signal, reading);
  });
  return [
    '# Not a page as a server wrote it: the last sample of every series read, written from the evidence of vllm-triage.',
    `# Counters and histograms are rates per second over ${evidence.window} s, called NAME:rate${evidence.window}s, since totals were not kept.`,
    ...lines,
    '',
  ].join('\n');
}

function samplesOf(evidence: Evidence, signal: Signal, reading: Reading): string[] {
  const [metric] = reading.metrics;
  // The age of a sample is no series: it was worked out from others.
  if (metric === undefined || signal.kind === 'age') return [];
  const name = spellingsOf(signal).find((one) => one.metric === metric);
  const scale = name?.scale ?? 1;
  const rate = `:rate${evidence.window}s`;
  const sample = (suffix: string, labels: Labels, values: Values, factor = scale): string[] => {
    const index = values.findLastIndex((value) => value !== null);
    if (index < 0) return [];
    const text = formatSample(`${metric}${suffix}`, labels, (values[index] as number) / factor);
    return [`${text} ${Math.round(timeAt(evidence.grid, index) * 1000)}`];
  };
  const told = (replica: string) => ({ ...identityOf(evidence, replica), ...whereOf(name) });
  return [
    ...reading.lines.flatMap(({ replica, part, values }) => {
      const by = signal.by === undefined || part === '' ? {} : { [name?.by ?? signal.by]: part };
      return sample(signal.kind === 'counter' ? rate : '', { ...told(replica), ...by }, values);
    }),
    ...reading.histograms.flatMap(({ replica, bounds, cumulative, count, sum }) => [
      ...bounds.flatMap((bound, i) =>
        sample(`_bucket${rate}`, { ...told(replica), le: String(bound / scale) }, cumulative[i] ?? [], 1),
      ),
      ...sample(`_bucket${rate}`, { ...told(replica), le: '+Inf' }, count, 1),
      ...sample(`_count${rate}`, told(replica), count, 1),
      ...sample(`_sum${rate}`, told(replica), sum),
    ]),
    ...reading.labels.map(({ replica, labels }) =>
      formatSample(metric, { ...identityOf(evidence, replica), ...labels }, 1),
    ),
  ];
}

/** The labels that name an engine; of a gateway or a neighbour that was joined to none, nothing. */
function identityOf({ replicas }: Evidence, id: string): Labels {
  const replica = replicas.find((one) => one.id === id);
  if (replica === undefined) return id === '' ? {} : { instance: id };
  const { instance, engine, model } = replica;
  return Object.fromEntries(
    Object.entries({ instance, engine, model_name: model }).filter(([, value]) => value !== ''),
  );
}

/** Matchers that belong to the meaning; a pattern names no one value. */
function whereOf(name: MetricName | undefined): Labels {
  return Object.fromEntries(Object.entries(name?.where ?? {}).filter(([, value]) => !value.startsWith('~')));
}

/** Every name the evidence was read under, by signal, for whoever asks which release speaks so. */
export function namesFound({ readings }: Evidence): { readonly signal: string; readonly names: readonly string[] }[] {
  return Object.values(readings)
    .filter(({ metrics }) => metrics.length > 0)
    .map(({ signal, metrics }) => ({ signal: signalById(signal).id, names: metrics }));
}
