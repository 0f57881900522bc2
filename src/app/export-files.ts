import { stringify } from 'yaml';
import type { Evidence } from '../core/evidence/evidence.ts';
import { alertFile } from '../core/exports/alert-rules.ts';
import { grafanaDashboard } from '../core/exports/grafana.ts';
import { persesDashboard } from '../core/exports/perses.ts';
import { recordingRules } from '../core/exports/recorded.ts';
import type { Targets } from '../core/verdict/profiles.ts';

/** What is on the screen, as far as an export needs it. */
export interface ExportSubject {
  readonly evidence: Evidence;
  readonly targets: Targets;
  readonly model: string | undefined;
  /** Address of the page itself, for the links in alerts. */
  readonly page: string;
  /** Address of the Prometheus that is open; `null` for another source. */
  readonly prometheus: string | null;
}

export interface ExportFile {
  readonly id: string;
  readonly title: string;
  readonly says: string;
  readonly file: string;
  readonly type: string;
  readonly make: (subject: ExportSubject) => string;
}

const YAML = { lineWidth: 0, aliasDuplicateObjects: false } as const;
const scopeOf = ({ evidence, targets, model }: ExportSubject) => ({
  selector: evidence.selector,
  model,
  evidence,
  targets,
  knobs: evidence.knobs,
});

/** The same files the command line writes, for the source and scope on the screen. */
export const EXPORT_FILES: readonly ExportFile[] = [
  {
    id: 'alert-rules',
    title: 'Alert rules',
    says: 'For Prometheus: a rule for each pathology, burn rates of this profile, and the textbook’s four. Each alert carries its runbook and a link to this page.',
    file: 'vllm-alert-rules.yml',
    type: 'application/yaml',
    make: (subject) =>
      stringify(alertFile({ ...scopeOf(subject), page: subject.page, prometheus: subject.prometheus }).file, YAML),
  },
  {
    id: 'recording-rules',
    title: 'Recording rules',
    says: 'For Prometheus, where many replicas make dashboards slow: rates per engine and per model.',
    file: 'vllm-recording-rules.yml',
    type: 'application/yaml',
    make: (subject) => stringify(recordingRules(scopeOf(subject)), YAML),
  },
  {
    id: 'grafana-dashboard',
    title: 'Grafana dashboard',
    says: 'The four rows of this page with the same queries; data source, model and instance are variables.',
    file: 'vllm-triage-grafana.json',
    type: 'application/json',
    make: (subject) => `${JSON.stringify(grafanaDashboard(scopeOf(subject)), null, 2)}\n`,
  },
  {
    id: 'perses-dashboard',
    title: 'Perses dashboard',
    says: 'The same rows and queries for Perses; model and instance are variables.',
    file: 'vllm-triage-perses.json',
    type: 'application/json',
    make: (subject) => `${JSON.stringify(persesDashboard(scopeOf(subject)), null, 2)}\n`,
  },
];
