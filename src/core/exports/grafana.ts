/**
 * The panels as a Grafana dashboard, schema version 39 (Grafana 10.3 and newer, which migrate it forward): the four rows of the
 * page, each panel with the queries the page offers to copy, made by the same code. https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model
 */
import type { Unit } from '../base/units.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { PANELS } from '../panels/index.ts';
import { type Panel, PANEL_ROWS, ROW_TITLES } from '../panels/panel.ts';
import type { Targets } from '../verdict/profiles.ts';
import { type BoardOptions, drawnOf, evidenceFor, legendOf, OF_MODEL, seriesOf, titleOf } from './board.ts';

const SCHEMA_VERSION = 39;
const COLUMNS = 24;
const PER_ROW = 4;
const HEIGHT = 8;
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

/** Units as Grafana calls them. */
const UNITS: Readonly<Record<Unit, string>> = {
  seconds: 's',
  bytes: 'bytes',
  ratio: 'percentunit',
  count: 'short',
  requests: 'short',
  tokens: 'short',
  'per-second': 'cps',
  'requests-per-second': 'reqps',
  'tokens-per-second': 'cps',
  'steps-per-second': 'cps',
  hertz: 'hertz',
  watts: 'watt',
};

/** A dashboard as its JSON reads; the parts that are written here. */
export interface Dashboard {
  readonly title: string;
  readonly uid: string;
  readonly description: string;
  readonly tags: string[];
  readonly schemaVersion: number;
  readonly version: number;
  readonly editable: boolean;
  readonly refresh: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly templating: { readonly list: Variable[] };
  readonly panels: (Row | TimeSeries)[];
}

export interface Variable {
  readonly name: string;
  readonly label: string;
  readonly type: 'datasource' | 'query';
  readonly query: string | { readonly query: string; readonly refId: string };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly allValue?: string;
  readonly refresh?: number;
  readonly sort?: number;
}

interface Placed {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

export interface Row extends Placed {
  readonly type: 'row';
  readonly collapsed: boolean;
  readonly panels: [];
}

export interface TimeSeries extends Placed {
  readonly type: 'timeseries';
  readonly description: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly targets: {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat: string;
    readonly datasource: { readonly type: string; readonly uid: string };
  }[];
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit: string;
      readonly min?: number;
      readonly max?: number;
      readonly custom: Readonly<Record<string, unknown>>;
      readonly thresholds: {
        readonly mode: 'absolute';
        readonly steps: { readonly color: string; readonly value: number | null }[];
      };
    };
    readonly overrides: [];
  };
  readonly options: Readonly<Record<string, unknown>>;
}

/** @throws SelectorError if the selector cannot be read */
export function grafanaDashboard(options: BoardOptions): Dashboard {
  const evidence = evidenceFor(options);
  const panels: (Row | TimeSeries)[] = [];
  let y = 0;
  for (const row of PANEL_ROWS) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: ROW_TITLES[row],
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
    });
    const w = COLUMNS / PER_ROW;
    for (const [k, panel] of PANELS.filter((one) => one.row === row).entries())
      panels.push(
        timeSeries(panel, evidence, options.targets, panels.length + 1, { x: k * w, y: y + 1, w, h: HEIGHT }),
      );
    y += 1 + HEIGHT;
  }
  return {
    title: 'vLLM Triage',
    uid: 'vllm-triage',
    description: `The panels of vLLM Triage. Rates look back over ${evidence.window} s, four scrapes; percentiles over a minute and more.`,
    tags: ['vllm', 'vllm-triage'],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    refresh: '15s',
    time: { from: 'now-30m', to: 'now' },
    templating: { list: variables(options) },
    panels,
  };
}

function timeSeries(
  panel: Panel,
  evidence: Evidence,
  targets: Targets,
  id: number,
  gridPos: TimeSeries['gridPos'],
): TimeSeries {
  const { range, steps } = drawnOf(panel, evidence, targets);
  return {
    id,
    type: 'timeseries',
    title: titleOf(panel),
    description: panel.help,
    datasource: DATASOURCE,
    gridPos,
    targets: panel.queries(evidence).map(({ title, query }, k) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + k),
      expr: query,
      legendFormat: legendOf(query, title),
      datasource: DATASOURCE,
    })),
    fieldConfig: {
      defaults: {
        unit: UNITS[panel.unit],
        ...(range.low === null ? {} : { min: range.low }),
        ...(range.high === null ? {} : { max: range.high }),
        custom: {
          fillOpacity: 0,
          lineWidth: 1,
          spanNulls: false,
          thresholdsStyle: { mode: steps.length > 0 ? 'dashed' : 'off' },
        },
        thresholds: {
          mode: 'absolute',
          steps: [
            { color: 'green', value: null },
            ...steps.map((value, k) => ({ color: k === steps.length - 1 ? 'red' : 'yellow', value })),
          ],
        },
      },
      overrides: [],
    },
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  };
}

function variables(options: BoardOptions): Variable[] {
  const query = (label: string, of: string): Variable => ({
    name: label === 'model_name' ? 'model' : label,
    label: label === 'model_name' ? 'Model' : 'Instance',
    type: 'query',
    datasource: DATASOURCE,
    query: { query: `label_values(${of}, ${label})`, refId: 'variable' },
    multi: true,
    includeAll: true,
    allValue: '.*',
    // Grafana's 2: asked again whenever the range changes.
    refresh: 2,
    sort: 1,
  });
  return [
    { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
    query('model_name', seriesOf(options)),
    query('instance', seriesOf(options, OF_MODEL)),
  ];
}
