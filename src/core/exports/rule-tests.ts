import type { AlertRule, AlertScope } from '../detectors/alert.ts';
import { ALERTS } from '../detectors/alerts.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { formatDuration } from '../promql/compile.ts';
import { askOf } from '../promql/condition.ts';
import { PROFILES } from '../verdict/profiles.ts';
import { EVALUATE_SECONDS } from './alert-rules.ts';
import { type AlertExport, alertScope, sharedCapacity } from './alert-scope.ts';
import { scenesOf } from './scenes.ts';
import { edgeOf, intervalOf, matchersOf, namesOf } from './scope.ts';
import { type InputSeries, testSeries } from './test-series.ts';

/** promtool's unit tests. https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules */
export interface RuleTestFile {
  readonly rule_files: readonly string[];
  readonly evaluation_interval: string;
  readonly tests: readonly RuleTest[];
}

export interface RuleTest {
  readonly name: string;
  readonly interval: string;
  readonly input_series: readonly InputSeries[];
  readonly promql_expr_test: readonly ExpressionTest[];
}

export interface ExpressionTest {
  readonly expr: string;
  readonly eval_time: string;
  readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
}

/** Seconds between two samples of a test at most: what the windows of the rules are made for. */
const FINEST = 15;
/** Scenes beyond this stand in a file of their own that is evaluated once a minute; promtool takes minutes for them otherwise. */
const HOUR = 3600;
const EVALUATE_HOURS = 60;

/**
 * A unit test for each rule of `alertFile` out of its detector's scenes: it fires on the sick one and not before the onset, and
 * is silent on the healthy one. Scenes are written for the chat targets and settings of their own: a rule that reads otherwise for
 * the scope at hand is tested on the healthy scene alone.
 * @param rules name of the file the rules are in
 * @param length which scenes: those of minutes, or those of hours
 * @param pathologies leaves out all others
 * @throws UnwritableSelectorError if no series can be made up that the selector lets pass
 */
export function ruleTests(
  options: AlertExport,
  rules: string,
  length: 'minutes' | 'hours',
  pathologies: readonly string[] = ALERTS.map(({ pathology }) => pathology),
): RuleTestFile {
  const scope = alertScope(options);
  const hours = length === 'hours';
  const tests = ALERTS.filter(({ pathology }) => pathologies.includes(pathology)).flatMap((alert) => {
    const own = alert.rules(scope);
    if (typeof own === 'string') return [];
    const { scenes, onset } = scenesOf(alert.pathology);
    return own.flatMap((rule) => {
      const name = rule.fires ?? 'sick';
      const [sick, healthy] = [scenes[name] as Evidence, scenes.healthy as Evidence];
      const made = alert.rules(scopeOfScene(options, scope, sick));
      const same = typeof made !== 'string' && made.some(({ condition }) => condition.text === rule.condition.text);
      const before = name === 'sick' && onset !== null ? [fired(rule.name, onset - sick.grid.from, false)] : [];
      return [
        {
          rule,
          says: `fires on "${name}"`,
          scene: sick,
          expected: [...before, fired(rule.name, lengthOf(sick), true)],
          same,
        },
        {
          rule,
          says: 'silent on "healthy"',
          scene: healthy,
          expected: [fired(rule.name, lengthOf(healthy), false)],
          same: true,
        },
      ];
    });
  });
  return {
    rule_files: [rules],
    evaluation_interval: formatDuration(hours ? EVALUATE_HOURS : EVALUATE_SECONDS),
    tests: tests
      .filter(({ scene, same }) => same && lengthOf(scene) > HOUR === hours)
      .map(({ rule, says, scene, expected }) => ({
        name: `${rule.name}: ${says}`,
        interval: formatDuration(scene.grid.step / repeatOf(scene)),
        input_series: testSeries(scene, namesOf(options), matchersOf(options), repeatOf(scene)).filter(({ series }) =>
          asksFor(rule, series),
        ),
        promql_expr_test: expected,
      })),
  };
}

/** What the rules would be written for had the scene told its settings, under the targets it was written for. */
function scopeOfScene(options: AlertExport, scope: AlertScope, scene: Evidence): AlertScope {
  const interval = Math.min(intervalOf(options), FINEST);
  return {
    ...scope,
    ask: askOf({ matchers: matchersOf(options), names: namesOf(options), interval }),
    limits: PROFILES.chat,
    planned: false,
    knobs: scene.knobs,
    capacity: sharedCapacity({ ...options, evidence: scene }),
    edge: edgeOf({ ...options, evidence: scene }),
  };
}

/** Whether an alert has fired at any time up to then. */
export function fired(alert: string, until: number, wanted: boolean): ExpressionTest {
  const window = formatDuration(Math.max(EVALUATE_SECONDS, until));
  return {
    expr: `count(count_over_time(ALERTS{alertname="${alert}",alertstate="firing"}[${window}])) > bool 0`,
    eval_time: formatDuration(until),
    exp_samples: wanted ? [{ labels: '{}', value: 1 }] : [],
  };
}

/** Series that no part of the rule names are left out: promtool evaluates every rule on all there is. */
function asksFor(rule: AlertRule, series: string): boolean {
  return rule.condition.text.includes(series.slice(0, series.indexOf('{')));
}

const lengthOf = ({ grid }: Evidence): number => (grid.count - 1) * grid.step;
const repeatOf = ({ grid }: Evidence): number => Math.max(1, Math.round(grid.step / FINEST));
