import { parser } from '@prometheus-io/lezer-promql';
import { expect, describe, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { buildScene } from '../core/evidence/notation.ts';
import { alertFile } from '../core/exports/alert-rules.ts';
import { grafanaDashboard } from '../core/exports/grafana.ts';
import { recordingRules } from '../core/exports/recorded.ts';
import { PANELS } from '../core/panels/index.ts';
import { healthReport } from '../core/report/report.ts';
import { toReportMarkdown } from '../core/report/format.ts';
import { formatSelector, type Matcher, matcherTest, parseSelector } from '../core/signals/selector.ts';
import { diagnose } from '../core/verdict/diagnose.ts';
import { toNote } from '../core/verdict/note.ts';
import { targetsOf } from '../core/verdict/profiles.ts';
import { fillPage } from '../sources/snapshot/offline.ts';
import { CARRIED_ID } from '../sources/snapshot/offline.ts';
import { takeSnapshot } from '../core/snapshot/snapshot.ts';
import { writeSnapshot, readSnapshot } from '../sources/snapshot/carry.ts';
import { HOSTILE_NAMES } from './hostile.ts';
import { checkRules } from './promtool.ts';

const targets = targetsOf('chat');
/** YAML as the exports are written. */
const YAML = { lineWidth: 0, aliasDuplicateObjects: false } as const;
const matcher = (value: string): Matcher => ({ label: 'job', op: '=', value });

/** Matchers in a query, by Prometheus' own grammar. @throws Error where it is no PromQL */
function matchersIn(query: string): readonly Matcher[] {
  const found: Matcher[] = [];
  parser.parse(query).iterate({
    enter: (node) => {
      if (node.type.isError) throw new Error(`no PromQL: ${query}`);
      if (node.name === 'UnquotedLabelMatcher') found.push(...parseSelector(query.slice(node.from, node.to)));
    },
  });
  return found;
}

const scopeOf = (value: string) => ({
  selector: formatSelector([matcher(value)]),
  model: value,
  evidence: null,
  targets,
  knobs: {},
  page: 'https://triage.example/',
  prometheus: 'http://prometheus.example',
});

const exprsOf = (file: { groups: readonly { rules: readonly { expr: string }[] }[] }) =>
  file.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));

describe.each(HOSTILE_NAMES.map((name) => [JSON.stringify(name), name] as const))('%s as a label value', (_, value) => {
  const scope = scopeOf(value);

  test('stands in alert and recording rules as an equal matcher, and survives their YAML', () => {
    for (const file of [alertFile(scope).file, recordingRules(scope)]) {
      const exprs = exprsOf(file).filter((expr) => expr.includes('{'));
      expect(exprs.length).toBeGreaterThan(5);
      for (const expr of exprs) {
        const jobs = matchersIn(expr).filter(({ label }) => label === 'job');
        for (const one of jobs) expect(one).toEqual(matcher(value));
      }
      expect(exprs.some((expr) => matchersIn(expr).some(({ label }) => label === 'job'))).toBe(true);
      expect(parse(stringify(file, YAML))).toEqual(JSON.parse(JSON.stringify(file)));
    }
  });

  test('opens no template in an alert, and is the parameter it was in its link', () => {
    for (const { rules } of alertFile(scope).file.groups)
      for (const rule of rules) {
        if (!('annotations' in rule)) continue;
        const { link = '', ...others } = rule.annotations;
        // Templates of ours ask for the time and the labels of the alert, nothing else.
        const templates = (link.match(/\{\{[^}]*\}\}/g) ?? []).join('\n');
        if (value.includes('{{')) expect(templates + Object.values(others).join('\n')).not.toContain('query "up"');
        const plain = link.replace(/\{\{.*?\}\}/g, '');
        const { searchParams } = new URL(plain);
        expect(searchParams.get('selector')).toBe(scope.selector);
        expect(searchParams.get('model')).toBe(value);
      }
  });

  test('is no variable of Grafana, and matches what it matched', () => {
    const { panels, templating } = grafanaDashboard(scope);
    const queries = panels.flatMap((panel) => ('targets' in panel ? panel.targets.map(({ expr }) => expr) : []));
    expect(queries.length).toBeGreaterThan(10);
    for (const query of queries) {
      for (const one of matchersIn(query).filter(({ label }) => label === 'job')) {
        const matches = matcherTest([one]);
        expect(matches({ job: value })).toBe(true);
        expect(matches({ job: `${value}x` })).toBe(false);
      }
      // The variables the dashboard defines, and no other: grafana/public/app/features/variables/utils.ts, variableRegex.
      const variables =
        query.match(/\$(\w+)|\[\[([\s\S]+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g) ?? [];
      expect(variables.filter((name) => name !== '$model' && name !== '$instance')).toEqual([]);
    }
    expect(JSON.parse(JSON.stringify(templating))).toEqual(templating);
  });

  test('stands in every query the panels offer to copy as an equal matcher', () => {
    const scene = { ...buildScene({ lines: { running: '3x2' } }), selector: scope.selector };
    const queries = PANELS.flatMap((panel) => panel.queries(scene).map(({ query }) => query));
    for (const query of queries)
      for (const one of matchersIn(query).filter(({ label }) => label === 'job')) expect(one).toEqual(matcher(value));
    expect(queries.some((query) => matchersIn(query).some(({ label }) => label === 'job'))).toBe(true);
  });

  test('as instance and model of a fleet it makes no tag, link, image or column of note and report', () => {
    const scene = buildScene({
      replicas: [`${value}:8000`, 'vllm-1'],
      model: value,
      lines: { running: '8x20', waiting: '40x20', 'kv-cache-usage': '0.99x20', preemptions: '5x20' },
    });
    const verdict = diagnose(scene, targets);
    const note = toNote({ verdict, chapters: [], link: null, version: '1' });
    const report = toReportMarkdown(healthReport(scene, targets));
    // Code stands as it is; what is around it must not hold markup.
    const bare = (text: string) => text.replace(/(`+)[\s\S]*?[^`]\1(?!`)/g, '');
    for (const text of [bare(note), bare(report)]) {
      expect(text).not.toMatch(/<(?:script|img|svg|!--)/i);
      expect(text).not.toMatch(/(?<!\\)\]\(javascript:/);
      expect(text).not.toContain('\u001b');
    }
    const columns = (line: string) => line.replace(/\\\|/g, '').split('|').length;
    const rows = report.split('\n').filter((line) => line.startsWith('|'));
    for (const [i, row] of rows.entries()) if (/^\|-/.test(row)) expect(columns(rows[i + 1] ?? row)).toBe(columns(row));
  });

  test('in a page saved as one file it is text in letters that mean nothing, and comes back', async () => {
    const scene = buildScene({ replicas: [value], model: value, lines: { running: '3x2' } });
    const snapshot = takeSnapshot(scene, targets, diagnose(scene, targets), { version: '1', takenAt: 1 });
    const page = fillPage(`<script type="text/plain" id="${CARRIED_ID}"></script>`, await writeSnapshot(snapshot));
    const [, carried = ''] = /^<script type="text\/plain" id="[\w-]+">([\w.-]+)<\/script>$/.exec(page) ?? [];
    const { snapshot: back } = await readSnapshot(carried);
    expect(back.evidence.replicas[0]?.model).toBe(value);
  });
});

test('promtool takes the rules of all of them', () => {
  for (const value of HOSTILE_NAMES) {
    const told = checkRules(alertFile(scopeOf(value)).file);
    expect(told.ok, `${JSON.stringify(value)}: ${told.says}`).toBe(true);
  }
});
