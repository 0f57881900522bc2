import type { AlertRule } from '../detectors/alert.ts';
import { ALERTS } from '../detectors/alerts.ts';
import { formatDuration } from '../promql/compile.ts';
import { type AlertExport, alertScope } from './alert-scope.ts';
import { deepLink, type LinkTarget } from './deep-link.ts';
import type { AlertingRule, RuleFile } from './rule-file.ts';
import { formatRunbook } from './runbook.ts';
import { runbookOf } from './runbooks.ts';
import { sloAlerts } from './slo-alerts.ts';
import { textbookAlerts } from './textbook-alerts.ts';

export interface AlertFileOptions extends AlertExport {
  readonly page: string | null;
  readonly prometheus: string | null;
}

export interface AlertFile {
  readonly file: RuleFile;
  /** Pathologies without a rule in this scope, each with the reason. */
  readonly left: readonly { readonly pathology: string; readonly because: string }[];
}

/** How often rules are evaluated: the windows behind them are a minute and more. */
export const EVALUATE_SECONDS = 15;

/**
 * Alert rules of a scope in three groups: the detectors' conditions, the profile's burn rates, and the textbook's four as they
 * stand. @throws SelectorError if the selector cannot be read
 */
export function alertFile(options: AlertFileOptions): AlertFile {
  const scope = alertScope(options);
  const link: LinkTarget = options;
  const left: { pathology: string; because: string }[] = [];
  const own = ALERTS.flatMap(({ pathology, coarser, rules }) => {
    const made = rules(scope);
    if (typeof made === 'string') {
      left.push({ pathology, because: made });
      return [];
    }
    const runbook = runbookOf(pathology);
    return made.map((rule) =>
      alerting(
        rule,
        link,
        { pathology, origin: 'vllm-triage' },
        {
          description: coarser,
          ...(runbook === null
            ? {}
            : { runbook: escaped(formatRunbook(runbook, ['What it is', 'What to do', 'What it cannot see'])) }),
        },
      ),
    );
  });
  const slo = sloAlerts(scope, options.targets).map((rule) =>
    alerting(
      rule,
      link,
      { profile: options.targets.profile, origin: 'vllm-triage' },
      {
        description: 'The page says what causes it; the alerts named after a pathology fire beside it.',
      },
    ),
  );
  const textbook = textbookAlerts(scope.ask).map((rule) =>
    alerting(rule, link, { origin: 'textbook' }, { description: `Textbook rule. See ${rule.ours}: ${rule.differs}` }),
  );
  const interval = formatDuration(EVALUATE_SECONDS);
  return {
    file: {
      groups: [
        { name: 'vllm-triage', interval, rules: own },
        { name: `vllm-triage-slo-${options.targets.profile}`, interval, rules: slo },
        { name: 'vllm-textbook', interval, rules: textbook },
      ],
    },
    left,
  };
}

function alerting(
  rule: AlertRule,
  target: LinkTarget,
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>>,
): AlertingRule {
  const link = deepLink(target, rule.holds);
  return {
    alert: rule.name,
    expr: rule.condition.text,
    ...(rule.holds === 0 ? {} : { for: formatDuration(rule.holds) }),
    labels: { severity: rule.severity, ...labels },
    annotations: { summary: rule.summary, ...annotations, ...(link === null ? {} : { link }) },
  };
}

/** Text that a template shall leave alone. */
function escaped(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}
