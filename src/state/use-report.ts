import { useEffect, useState } from 'react';
import type { Evidence } from '../core/evidence/evidence.ts';
import type { HealthReport } from '../core/report/report.ts';
import type { ReportAsk, WrittenAsk } from './report-worker.ts';

/**
 * The health report of the evidence at the moment it was asked for, worked out in a worker: its headroom plays the window some
 * dozen times. A later read does not disturb whoever reads. @param asked `null` while nobody does
 * @returns `null` while it is worked out, `'failed'` if the worker did not start or broke off
 */
export function useReport(asked: ReportAsk | null): HealthReport | 'failed' | null {
  const [report, setReport] = useState<{ for: Evidence; is: HealthReport | 'failed' } | null>(null);
  useEffect(() => {
    if (!asked) return;
    const worker = new Worker(new URL('./report-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<HealthReport>) => setReport({ for: asked.evidence, is: data });
    worker.onerror = () => setReport({ for: asked.evidence, is: 'failed' });
    worker.postMessage({ do: 'report', ask: asked } satisfies WrittenAsk);
    return () => worker.terminate();
  }, [asked]);
  return asked && report?.for === asked.evidence ? report.is : null;
}
