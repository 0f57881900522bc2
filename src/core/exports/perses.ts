/**
 * The panels as a Perses dashboard (API v1, Perses 0.50 and newer): the four rows of the page, each panel with the queries the
 * page offers to copy. https://perses.dev/perses/docs/api/dashboard. The plugins it names come with Perses: TimeSeriesChart,
 * PrometheusTimeSeriesQuery, PrometheusLabelValuesVariable.
 */
import type { Unit } from '../base/units.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { PANELS } from '../panels/index.ts';
import { type Panel, PANEL_ROWS, ROW_TITLES } from '../panels/panel.ts';
import type { Targets } from '../verdict/profiles.ts';
import { type BoardOptions, drawnOf, evidenceFor, legendOf, OF_MODEL, seriesOf, titleOf } from './board.ts';

const COLUMNS = 24;
const PER_ROW = 4;
const HEIGHT = 8;

/** Units as Perses calls them; hertz and watts are none of its units and stay numbers, with the unit as the axis' label. */
const UNITS: Readonly<Record<Unit, string>> = {
  seconds: 'seconds',
  bytes: 'bytes',
  ratio: 'percent-decimal',
  count: 'decimal',
  requests: 'decimal',
  tokens: 'decimal',
  'per-second': 'counts/sec',
  'requests-per-second': 'requests/sec',
  'tokens-per-second': 'counts/sec',
  'steps-per-second': 'counts/sec',
  hertz: 'decimal',
  watts: 'decimal',
};
const LABELS: Readonly<Partial<Record<Unit, string>>> = { hertz: 'Hz', watts: 'W' };

/** A plugin of Perses: what it is called, and what it is told. */
export interface Plugin<Kind extends string, Spec> {
  readonly kind: Kind;
  readonly spec: Spec;
}

/** A dashboard as its JSON reads; the parts that are written here. */
export interface PersesDashboard {
  readonly kind: 'Dashboard';
  readonly metadata: { readonly name: string; readonly project: string };
  readonly spec: {
    readonly display: { readonly name: string; readonly description: string };
    readonly duration: string;
    readonly refreshInterval: string;
    readonly variables: PersesVariable[];
    readonly panels: Readonly<Record<string, PersesPanel>>;
    readonly layouts: PersesRow[];
  };
}

export type PersesVariable = Plugin<
  'ListVariable',
  {
    readonly name: string;
    readonly display: { readonly name: string };
    readonly allowMultiple: boolean;
    readonly allowAllValue: boolean;
    readonly customAllValue: string;
    readonly defaultValue: string;
    readonly sort: string;
    readonly plugin: Plugin<
      'PrometheusLabelValuesVariable',
      { readonly labelName: string; readonly matchers: string[] }
    >;
  }
>;

export type PersesPanel = Plugin<
  'Panel',
  {
    readonly display: { readonly name: string; readonly description: string };
    readonly plugin: Plugin<'TimeSeriesChart', Chart>;
    readonly queries: Plugin<
      'TimeSeriesQuery',
      {
        readonly plugin: Plugin<
          'PrometheusTimeSeriesQuery',
          { readonly query: string; readonly seriesNameFormat: string }
        >;
      }
    >[];
  }
>;

interface Chart {
  readonly legend: { readonly position: 'bottom'; readonly mode: 'list' };
  readonly yAxis: {
    readonly format: { readonly unit: string; readonly shortValues?: boolean };
    readonly label?: string;
    readonly min?: number;
    readonly max?: number;
  };
  readonly thresholds?: { readonly steps: { readonly value: number; readonly color: string }[] };
  readonly visual: { readonly lineWidth: number; readonly connectNulls: boolean };
}

export type PersesRow = Plugin<
  'Grid',
  {
    readonly display: { readonly title: string; readonly collapse: { readonly open: boolean } };
    readonly items: {
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly content: { readonly $ref: string };
    }[];
  }
>;

/**
 * The dashboard for a project named `vllm`, which `percli apply --project` overrides.
 * @throws SelectorError if the selector cannot be read
 */
export function persesDashboard(options: BoardOptions): PersesDashboard {
  const evidence = evidenceFor(options);
  const width = COLUMNS / PER_ROW;
  return {
    kind: 'Dashboard',
    metadata: { name: 'vllm-triage', project: 'vllm' },
    spec: {
      display: {
        name: 'vLLM Triage',
        description: `The panels of vLLM Triage. Rates look back over ${evidence.window} s, four scrapes; percentiles over a minute and more.`,
      },
      duration: '30m',
      refreshInterval: '15s',
      variables: [
        variable('model', 'Model', 'model_name', seriesOf(options)),
        variable('instance', 'Instance', 'instance', seriesOf(options, OF_MODEL)),
      ],
      panels: Object.fromEntries(PANELS.map((panel) => [panel.id, chart(panel, evidence, options.targets)])),
      layouts: PANEL_ROWS.map((row) => ({
        kind: 'Grid',
        spec: {
          display: { title: ROW_TITLES[row], collapse: { open: true } },
          items: PANELS.filter((one) => one.row === row).map(({ id }, k) => ({
            x: (k % PER_ROW) * width,
            y: Math.floor(k / PER_ROW) * HEIGHT,
            width,
            height: HEIGHT,
            content: { $ref: `#/spec/panels/${id}` },
          })),
        },
      })),
    },
  };
}

function chart(panel: Panel, evidence: Evidence, targets: Targets): PersesPanel {
  const { range, steps } = drawnOf(panel, evidence, targets);
  const label = LABELS[panel.unit];
  return {
    kind: 'Panel',
    spec: {
      display: { name: titleOf(panel), description: panel.help },
      plugin: {
        kind: 'TimeSeriesChart',
        spec: {
          legend: { position: 'bottom', mode: 'list' },
          yAxis: {
            format: { unit: UNITS[panel.unit], ...(UNITS[panel.unit] === 'decimal' ? { shortValues: true } : {}) },
            ...(label === undefined ? {} : { label }),
            ...(range.low === null ? {} : { min: range.low }),
            ...(range.high === null ? {} : { max: range.high }),
          },
          ...(steps.length === 0
            ? {}
            : {
                thresholds: {
                  steps: steps.map((value, k) => ({ value, color: k === steps.length - 1 ? '#d92d20' : '#dc8b04' })),
                },
              }),
          visual: { lineWidth: 1, connectNulls: false },
        },
      },
      queries: panel.queries(evidence).map(({ title, query }) => ({
        kind: 'TimeSeriesQuery',
        spec: {
          plugin: {
            kind: 'PrometheusTimeSeriesQuery',
            spec: { query, seriesNameFormat: legendOf(query, title) },
          },
        },
      })),
    },
  };
}

function variable(name: string, title: string, labelName: string, of: string): PersesVariable {
  return {
    kind: 'ListVariable',
    spec: {
      name,
      display: { name: title },
      allowMultiple: true,
      allowAllValue: true,
      customAllValue: '.*',
      defaultValue: '$__all',
      sort: 'alphabetical-asc',
      plugin: { kind: 'PrometheusLabelValuesVariable', spec: { labelName, matchers: [of] } },
    },
  };
}
