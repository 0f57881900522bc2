import { compileSignal } from '../promql/compile.ts';
import { groupLabels } from '../signals/grouping.ts';
import { type CatalogueSignal, SIGNALS } from '../signals/index.ts';
import { type ExportScope, intervalOf, matchersOf, namesOf } from './scope.ts';
import type { RecordingRule, RuleFile } from './rule-file.ts';

/**
 * Names of recorded series, `level:metric:operation` as Prometheus' own practice has it; the one place they are made.
 * https://prometheus.io/docs/practices/rules
 */
export type Level = 'engine' | 'model';

/** Seconds behind a recorded rate, said in its name. */
const WINDOW = 60;

/** What a signal is recorded as: `engine:vllm_ttft_seconds_bucket:rate1m`. @param part `bucket` or `sum` of a histogram */
export function recordedName(
  signal: CatalogueSignal,
  level: Level,
  part?: 'bucket' | 'sum',
  window: number = WINDOW,
): string {
  const unit = { seconds: '_seconds', bytes: '_bytes', ratio: '_ratio' }[signal.unit as string] ?? '';
  const id = signal.id.replaceAll('-', '_');
  const metric = `vllm_${id}${id.endsWith(unit) ? '' : unit}${part === undefined ? '' : `_${part}`}`;
  return `${level}:${metric}:${signal.kind === 'gauge' ? signal.across : `rate${window % 60 === 0 ? `${window / 60}m` : `${window}s`}`}`;
}

/** Signals every engine of a fleet gives at each scrape, and which the page and the alerts read most. */
const RECORDED = SIGNALS.filter(
  ({ level, kind, worth }) => level === 'engine' && kind !== 'info' && kind !== 'age' && worth < 3,
);

/**
 * Recording rules for large fleets: per engine what the page asks for, per model what a dashboard shows of a hundred replicas.
 * @throws SelectorError if the selector cannot be read
 */
export function recordingRules(scope: ExportScope): RuleFile {
  const names = namesOf(scope);
  const window = Math.max(WINDOW, 4 * intervalOf(scope));
  const rules = RECORDED.flatMap((signal): RecordingRule[] => {
    const { main, sum } = compileSignal(signal, names(signal.id), { matchers: matchersOf(scope), window });
    const both = (expr: string, part?: 'bucket' | 'sum'): RecordingRule[] => {
      const engine = recordedName(signal, 'engine', part, window);
      return [
        { record: engine, expr },
        { record: recordedName(signal, 'model', part, window), expr: ofModelKeeping(signal, engine, part) },
      ];
    };
    return sum === null ? both(main) : [...both(main, 'bucket'), ...both(sum, 'sum')];
  });
  return { groups: [{ name: 'vllm-triage-recorded', interval: '15s', rules }] };
}

/** Replicas of a model together; buckets and parts stay apart. */
function ofModelKeeping(signal: CatalogueSignal, series: string, part?: 'bucket' | 'sum'): string {
  const operator = signal.across === 'mean' ? 'avg' : signal.across;
  const by = groupLabels(signal).filter((label) => label !== 'instance' && label !== 'engine');
  return `${operator} by (${[...by, ...(part === 'bucket' ? ['le'] : [])].join(', ')}) (${series})`;
}
