import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dashboard as GrafanaDashboard } from '@grafana/schema';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { PANELS } from '../core/panels/index.ts';
import { PANEL_ROWS, ROW_TITLES } from '../core/panels/panel.ts';
import { titleOf } from '../core/exports/board.ts';
import type { Dashboard, TimeSeries } from '../core/exports/grafana.ts';
import type { PersesDashboard } from '../core/exports/perses.ts';
import type { RuleFile } from '../core/exports/rule-file.ts';
import type { RuleTestFile } from '../core/exports/rule-tests.ts';
import { startCommand } from '../testing/command.ts';
import { type RunningPrometheus, startPrometheus } from '../testing/prometheus.ts';
import { checkRules, promtool } from '../testing/promtool.ts';

const library = (name: string) => new URL(`../../public/library/${name}.om.gz`, import.meta.url).pathname;
const RECORDING = 'kv-thrash-a';
/** A command from its source takes a second, and a minute on a machine with other work. */
const START_MS = 300_000;
/** Unix seconds within the trouble of that recording. */
const AT = 1795571399 + 400;

/** A type as its JSON reads: the words of an enum, not its members. */
type Plain<T> = T extends string ? `${T}` : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;

let prometheus: RunningPrometheus;
beforeAll(async () => {
  prometheus = await startPrometheus({ recordings: [library(RECORDING)] });
}, START_MS);
afterAll(() => prometheus.stop());

const run = (...args: string[]) => startCommand(['export', ...args]).ended;

async function ask(query: string): Promise<{ status: string; error?: string; data?: { result: unknown[] } }> {
  const body = new URLSearchParams({ query, time: String(AT) });
  return (await (await fetch(`${prometheus.url}/api/v1/query`, { method: 'POST', body })).json()) as never;
}

describe('grafana-dashboard', { timeout: START_MS }, () => {
  let made: Dashboard;
  beforeAll(async () => {
    const { code, stdout, stderr } = await run('grafana-dashboard', '--recording', library(RECORDING));
    expect(code, stderr).toBe(0);
    made = JSON.parse(stdout) as Dashboard;
  }, START_MS);
  const panels = () => made.panels.filter((panel): panel is TimeSeries => panel.type === 'timeseries');

  test('four rows, every panel, none over another', () => {
    expect(made.panels.filter(({ type }) => type === 'row')).toHaveLength(PANEL_ROWS.length);
    expect(panels()).toHaveLength(PANELS.length);
    const cells = new Set(made.panels.map(({ gridPos: { x, y } }) => `${x},${y}`));
    expect(cells.size).toBe(made.panels.length);
    for (const { gridPos } of made.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    expect(new Set(made.panels.map(({ id }) => id)).size).toBe(made.panels.length);
  });

  test('it is a dashboard by the types Grafana publishes', () => {
    // The compiler is the check: what is written assigns to Grafana's own type.
    const theirs: Plain<GrafanaDashboard> = made;
    expect(theirs.templating?.list?.map(({ name }) => name)).toEqual(['datasource', 'model', 'instance']);
    expect(theirs.schemaVersion).toBeGreaterThanOrEqual(39);
  });

  test('a real Prometheus answers every query, and has data wherever the recording does', async () => {
    const empty: string[] = [];
    for (const panel of panels()) {
      for (const { expr, refId } of panel.targets) {
        expect(expr).toContain(expr.includes('DCGM') ? 'DCGM' : 'instance=~"$instance"');
        const answer = await ask(expr.replaceAll('$instance', '.*').replaceAll('$model', '.*'));
        expect(answer.status, `${panel.title} ${refId}: ${answer.error}`).toBe('success');
        if (answer.data?.result.length === 0) empty.push(`${panel.title} ${expr}`);
      }
    }
    // The recording holds no GPU exporter.
    expect(empty.filter((name) => !name.includes('DCGM'))).toEqual([]);
    expect(empty.length).toBeGreaterThan(0);
  });

  test('its variables list the model and the instance', async () => {
    for (const variable of made.templating.list.filter(({ type }) => type === 'query')) {
      const { query } = variable.query as { query: string };
      const [, series, label] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
      const answer = await ask(`count by (${label}) (${series?.replaceAll('$model', '.*')})`);
      expect(answer.data?.result, query).toHaveLength(1);
    }
  });
});

describe('perses-dashboard', { timeout: START_MS }, () => {
  let made: PersesDashboard;
  let beside: Dashboard;
  beforeAll(async () => {
    const asked = ['--recording', library(RECORDING)] as const;
    const [perses, grafana] = await Promise.all([
      run('perses-dashboard', ...asked),
      run('grafana-dashboard', ...asked),
    ]);
    expect(perses.code, perses.stderr).toBe(0);
    made = JSON.parse(perses.stdout) as PersesDashboard;
    beside = JSON.parse(grafana.stdout) as Dashboard;
  }, START_MS);

  test('asks what the Grafana dashboard asks, panel by panel', () => {
    const theirs = beside.panels.filter((panel): panel is TimeSeries => panel.type === 'timeseries');
    const ours = Object.values(made.spec.panels);
    expect(ours.map(({ spec }) => spec.display.name)).toEqual(PANELS.map(titleOf));
    for (const { spec } of ours)
      expect(spec.queries.map((query) => query.spec.plugin.spec.query)).toEqual(
        theirs.find(({ title }) => title === spec.display.name)?.targets.map(({ expr }) => expr),
      );
  });

  test('every panel stands once in one of four rows, none over another, none beyond 24 columns', () => {
    expect(made.spec.layouts.map(({ spec }) => spec.display.title)).toEqual(PANEL_ROWS.map((row) => ROW_TITLES[row]));
    const items = made.spec.layouts.flatMap(({ spec }) => spec.items);
    expect(items.map(({ content }) => content.$ref.replace('#/spec/panels/', '')).sort()).toEqual(
      Object.keys(made.spec.panels).sort(),
    );
    for (const { spec } of made.spec.layouts) {
      expect(new Set(spec.items.map(({ x, y }) => `${x},${y}`)).size).toBe(spec.items.length);
      for (const { x, width } of spec.items) expect(x + width).toBeLessThanOrEqual(24);
    }
  });

  test('its variables list the model and the instance', async () => {
    for (const { spec } of made.spec.variables) {
      const [series] = spec.plugin.spec.matchers;
      const answer = await ask(`count by (${spec.plugin.spec.labelName}) (${series?.replaceAll('$model', '.*')})`);
      expect(answer.data?.result, spec.name).toHaveLength(1);
    }
  });
});

test('recording rules: promtool takes them, their names follow the convention, and each gives data', {
  timeout: START_MS,
}, async () => {
  const { code, stdout, stderr } = await run('recording-rules', '--recording', library(RECORDING));
  expect(code, stderr).toBe(0);
  const file = parse(stdout) as RuleFile;
  const told = checkRules(file);
  expect(told.ok, told.says).toBe(true);
  const rules = file.groups.flatMap(({ rules: list }) => list.flatMap((rule) => ('record' in rule ? [rule] : [])));
  expect(stdout).toContain('record: model:vllm_ttft_seconds_bucket:rate1m');
  expect(new Set(rules.map(({ record }) => record)).size).toBe(rules.length);
  for (const { record } of rules) expect(record).toMatch(/^(engine|model):vllm_[a-z0-9_]+:(rate1m|max|sum|mean|min)$/);
  const data: string[] = [];
  for (const { record, expr } of rules.filter((rule) => rule.record.startsWith('engine:'))) {
    const answer = await ask(expr);
    expect(answer.status, `${record}: ${answer.error}`).toBe('success');
    if ((answer.data?.result.length ?? 0) > 0) data.push(record);
  }
  expect(data).toEqual(expect.arrayContaining(['engine:vllm_ttft_seconds_bucket:rate1m', 'engine:vllm_waiting:sum']));
});

describe('alert-rules', { timeout: START_MS }, () => {
  test('from a real Prometheus: rules and tests that promtool runs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vllm-triage-export-'));
    try {
      const tests = join(folder, 'alert-tests.yml');
      const { code, stdout, stderr } = await run(
        'alert-rules',
        ...['--recording', library(RECORDING), '--selector', '{job="vllm"}', '--page-url', 'http://127.0.0.1:8686'],
        ...['--tests', tests],
      );
      expect(code, stderr).toBe(0);
      expect(stderr).toContain('no rule for cuda-graph-cliff');
      const written = await readFile(tests, 'utf8');
      // A few: all of them are run rule by rule in core/exports/alert-rules.test.ts.
      const all = parse(written) as RuleTestFile;
      const told = promtool(['test', 'rules', 'alert-tests.yml'], {
        'alert-rules.yml': stdout,
        'alert-tests.yml': { ...all, tests: all.tests.slice(0, 2) },
      });
      expect(told.ok, told.says).toBe(true);
      expect(all.tests.length).toBeGreaterThan(40);
      expect(await readFile(join(folder, 'alert-tests-hours.yml'), 'utf8')).toContain('gpu-underutilization');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('without a source, and refusing what it cannot read', async () => {
    const { code, stdout } = await run('alert-rules', '--profile', 'rag');
    expect(code).toBe(0);
    expect(stdout).toContain('vllm:kv_cache_usage_perc');
    expect(stdout).not.toContain('link:');
    const broken = await run('alert-rules', '--selector', '{job=');
    expect([broken.code, broken.stdout]).toEqual([2, '']);
    const nowhere = await run('grafana-dashboard', '--recording', '/nowhere.om');
    expect(nowhere.code).toBe(2);
    const unknown = await run('alert-rules', '--page-uri', 'x');
    expect(unknown.stderr).toContain('--page-url');
  });
});
