import type { HealthReport } from '../core/report/report.ts';
import type { ReportAsk } from './report-worker.ts';
import { useWritten } from './use-written.ts';

/** The health report of the evidence at the moment it was asked for; its headroom plays the window some dozen times. */
export function useReport(asked: ReportAsk | null): HealthReport | 'failed' | null {
  return useWritten<HealthReport>(asked && { do: 'report', ask: asked });
}
