import type { Evidence } from '../core/evidence/evidence.ts';
import { type HealthReport, healthReport } from '../core/report/report.ts';
import type { Targets } from '../core/verdict/profiles.ts';
import { type Archive, type ArchiveAsk, writeArchive } from '../sources/snapshot/archive.ts';

export interface ReportAsk {
  readonly evidence: Evidence;
  readonly targets: Targets;
}

/** One worker for both, since the archive holds the report: a page that travels as one file carries every worker it starts. */
export type WrittenAsk =
  | { readonly do: 'report'; readonly ask: ReportAsk }
  | { readonly do: 'archive'; readonly ask: ArchiveAsk };

export type ArchiveAnswer = Archive | { readonly failed: string };

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

scope.onmessage = ({ data }: MessageEvent<WrittenAsk>) => {
  if (data.do === 'report') {
    const report: HealthReport = healthReport(data.ask.evidence, data.ask.targets);
    scope.postMessage(report);
    return;
  }
  writeArchive(data.ask).then(
    (archive) => scope.postMessage(archive satisfies ArchiveAnswer, [archive.bytes.buffer]),
    (error: unknown) =>
      scope.postMessage({ failed: error instanceof Error ? error.message : String(error) } satisfies ArchiveAnswer),
  );
};
