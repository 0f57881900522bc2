/** What every dashboard made of the panels shares: variables in the place of a scope, and what a panel asks and draws. */
import type { Evidence } from '../evidence/evidence.ts';
import type { Panel } from '../panels/panel.ts';
import { formatSelector, type Matcher } from '../signals/selector.ts';
import type { Targets } from '../verdict/profiles.ts';
import { type ExportScope, intervalOf, matchersOf, namesOf } from './scope.ts';

export interface BoardOptions extends ExportScope {
  /** Whose limits are drawn as thresholds. */
  readonly targets: Targets;
}

/** The variable for the model as a matcher: Grafana and Perses both put a regular expression in its place. */
export const OF_MODEL: Matcher = { label: 'model_name', op: '=~', value: '$model' };
const OF_INSTANCE: Matcher = { label: 'instance', op: '=~', value: '$instance' };

/**
 * Matchers of the scope as Grafana and Perses leave them alone: they put variables of their own wherever `$name`, `${name}` or `[[name]]`
 * stands in a query, in a model's name as well. As a pattern the same value has none of these in it.
 */
function withoutVariables(matchers: readonly Matcher[]): readonly Matcher[] {
  return matchers.map((one) => {
    if (!/[$]|\[\[/.test(one.value)) return one;
    const pattern = one.op === '=' || one.op === '!=' ? one.value.replace(/[.*+?^{}()|[\]\\]/g, '\\$&') : one.value;
    return {
      label: one.label,
      op: one.op === '=' || one.op === '=~' ? '=~' : '!~',
      value: pattern.replaceAll('$', one.op === '=' || one.op === '!=' ? '[$]' : '(?:$)').replaceAll('[[', '[\\['),
    };
  });
}

/**
 * What the panels make their queries from: the source's evidence, or none, with the variables in the selector.
 * @throws SelectorError if the selector cannot be read
 */
export function evidenceFor(options: BoardOptions): Evidence {
  const selector = formatSelector([...withoutVariables(matchersOf(options)), OF_MODEL, OF_INSTANCE]);
  const interval = intervalOf(options);
  const blank: Evidence = {
    grid: { from: 0, step: interval, count: 1 },
    window: 4 * interval,
    scrapeInterval: interval,
    source: { kind: 'none', label: '', flavour: null },
    selector,
    replicas: [],
    readings: {},
    knobs: {},
    warnings: [],
  };
  return options.evidence === null ? blank : { ...options.evidence, selector };
}

/** @returns a series that every engine has, in scope: the values of its labels are what a variable may take */
export function seriesOf(options: BoardOptions, ...more: readonly Matcher[]): string {
  const [name] = namesOf(options)('running');
  const all = [...withoutVariables(matchersOf(options)), ...more];
  return `${name?.metric ?? ''}${all.length > 0 ? formatSelector(all) : ''}`;
}

export function titleOf(panel: Panel): string {
  return panel.measure === '' ? panel.title : `${panel.title}, ${panel.measure}`;
}

/** @returns bounds of the axis (`null`: by the data) and the limits drawn, ascending, in the unit of the panel */
export function drawnOf(
  panel: Panel,
  evidence: Evidence,
  targets: Targets,
): { range: ReturnType<Panel['build']>['range']; steps: number[] } {
  const { range, thresholds } = panel.build(evidence, targets);
  const steps = thresholds
    .filter(({ tone }) => tone === 'target' || tone === 'textbook')
    .map(({ value }) => value)
    .sort((a, b) => a - b);
  return { range, steps };
}

/** A query that keeps replicas apart is told by them, one that adds them up by what it is. */
export function legendOf(query: string, title: string): string {
  const by = /^\w+ by \(([^)]*)\)/.exec(query)?.[1]?.split(', ') ?? [];
  if (by.includes('instance')) return `${title} {{instance}}`;
  return by.length > 0 && !by.includes('le') ? `${title} {{${by[0]}}}` : title;
}
