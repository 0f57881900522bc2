import { compare } from '../core/compare/compare.ts';
import type { Comparison } from '../core/compare/comparison.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import { type HealthReport, healthReport } from '../core/report/report.ts';
import type { Targets } from '../core/verdict/profiles.ts';
import { type Archive, type ArchiveAsk, writeArchive } from '../sources/snapshot/archive.ts';

export interface ReportAsk {
  readonly evidence: Evidence;
  readonly targets: Targets;
}

export interface CompareAsk {
  readonly before: Evidence;
  readonly after: Evidence;
  readonly targets: Targets;
}

/** One worker for all that is worked out of whole verdicts: a page that travels as one file carries every worker it starts. */
export type WrittenAsk =
  | { readonly do: 'report'; readonly ask: ReportAsk }
  | { readonly do: 'compare'; readonly ask: CompareAsk }
  | { readonly do: 'archive'; readonly ask: ArchiveAsk };

export type ArchiveAnswer = Archive | { readonly failed: string };

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

scope.onmessage = ({ data }: MessageEvent<WrittenAsk>) => {
  if (data.do === 'report') {
    const report: HealthReport = healthReport(data.ask.evidence, data.ask.targets);
    scope.postMessage(report);
    return;
  }
  if (data.do === 'compare') {
    const { before, after, targets } = data.ask;
    const comparison: Comparison = compare(before, after, targets);
    scope.postMessage(comparison);
    return;
  }
  writeArchive(data.ask).then(
    (archive) => scope.postMessage(archive satisfies ArchiveAnswer, [archive.bytes.buffer]),
    (error: unknown) =>
      scope.postMessage({ failed: error instanceof Error ? error.message : String(error) } satisfies ArchiveAnswer),
  );
};
