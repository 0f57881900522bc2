import type { Evidence } from '../core/evidence/evidence.ts';
import { type HealthReport, healthReport } from '../core/report/report.ts';
import type { Targets } from '../core/verdict/profiles.ts';

export interface ReportAsk {
  readonly evidence: Evidence;
  readonly targets: Targets;
}

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

scope.onmessage = ({ data: { evidence, targets } }: MessageEvent<ReportAsk>) => {
  const report: HealthReport = healthReport(evidence, targets);
  scope.postMessage(report);
};
