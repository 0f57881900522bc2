import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { EVALUATE_SECONDS } from '../core/exports/alert-rules.ts';
import type { RuleFile } from '../core/exports/rule-file.ts';
import type { RuleTestFile } from '../core/exports/rule-tests.ts';
import type { InputSeries } from '../core/exports/test-series.ts';
import { need } from './prometheus.ts';

/** How a program ended, and what it printed. */
export interface Told {
  readonly ok: boolean;
  readonly says: string;
}

const NAME = 'rules.yml';

/** Runs `promtool` on files given by name. @throws an Error with what to install if there is none */
export function promtool(args: readonly string[], files: Readonly<Record<string, unknown>>): Told {
  const folder = mkdtempSync(join(tmpdir(), 'vllm-triage-promtool-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      const text =
        typeof content === 'string' ? content : stringify(content, { lineWidth: 0, aliasDuplicateObjects: false });
      writeFileSync(join(folder, name), text);
    }
    const { status, stdout, stderr } = spawnSync(need('promtool'), args, { cwd: folder, encoding: 'utf8' });
    return { ok: status === 0, says: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const checkRules = (rules: RuleFile): Told => promtool(['check', 'rules', NAME], { [NAME]: rules });

/** Runs unit tests of rules. The tests must name the file `rules.yml`. */
export const testRules = (rules: RuleFile, tests: RuleTestFile): Told =>
  promtool(['test', 'rules', 'tests.yml'], { [NAME]: rules, 'tests.yml': tests });

/**
 * When each alert first fires on given series, in seconds from their start; alerts that never fire are missing. promtool only
 * compares, so it is asked to expect nothing and its complaint is read.
 * @param every seconds between evaluations; coarser where the series last days
 */
export function firstFirings(
  rules: RuleFile,
  series: readonly InputSeries[],
  interval: number,
  seconds: number,
  every = EVALUATE_SECONDS,
): ReadonlyMap<string, number> {
  const expr = `min by (alertname) (min_over_time((timestamp(ALERTS{alertstate="firing"}))[${seconds}s:${every}s]))`;
  const { says } = testRules(rules, {
    rule_files: [NAME],
    evaluation_interval: `${every}s`,
    tests: [
      {
        name: 'when',
        interval: `${interval}s`,
        input_series: series,
        promql_expr_test: [{ expr, eval_time: `${seconds}s`, exp_samples: [] }],
      },
    ],
  });
  const got = /got:\s*(.*)/.exec(says)?.[1];
  if (got === undefined && !says.includes('SUCCESS')) throw new Error(`promtool could not evaluate the rules: ${says}`);
  const found = [...(got ?? '').matchAll(/\{alertname="([^"]+)"\} ([0-9.E+]+)/g)];
  return new Map(found.map(([, name, at]) => [name as string, Number(at)]));
}
