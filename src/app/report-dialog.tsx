import { useMemo } from 'react';
import { toReportMarkdown } from '../core/report/format.ts';
import type { ReportAsk } from '../state/report-worker.ts';
import { useReport } from '../state/use-report.ts';
import { Button } from '../ui/controls/button.tsx';
import { Dialog } from '../ui/controls/dialog.tsx';
import { ReportView } from '../ui/report/report-view.tsx';

/** The health report of the moment it was opened at, to be read or carried off as Markdown. */
export default function ReportDialog({
  asked,
  onClose,
  copied,
  onCopy,
}: {
  readonly asked: ReportAsk;
  readonly onClose: () => void;
  readonly copied: string | null;
  readonly onCopy: (text: string) => void;
}) {
  const report = useReport(asked);
  const markdown = useMemo(() => (report && report !== 'failed' ? toReportMarkdown(report) : null), [report]);
  return (
    <Dialog
      open
      onClose={onClose}
      title="Health report"
      help="Targets, load, headroom, books that must balance, configuration, and what is not visible."
      wide
    >
      {report === null ? (
        <p className="text-ink-3">Playing the window with more load, to find what gives way</p>
      ) : report === 'failed' ? (
        <p className="text-ink-2">The report did not start in this browser; reload to try again.</p>
      ) : (
        <>
          <ReportView report={report} />
          {markdown && (
            <Button className="mt-4" onClick={() => onCopy(markdown)}>
              {copied === markdown ? 'Copied' : 'Copy as Markdown'}
            </Button>
          )}
        </>
      )}
    </Dialog>
  );
}
