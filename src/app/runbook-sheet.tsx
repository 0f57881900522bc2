import { formatRunbook } from '../core/exports/runbook.ts';
import { runbookOf } from '../core/exports/runbooks.ts';
import { Markdown } from '../ui/diagnosis/runbook.tsx';

/** The runbook of a pathology, the text its alert carries. In a chunk of its own. */
export default function RunbookSheet({ pathology }: { readonly pathology: string }) {
  const runbook = runbookOf(pathology);
  return runbook && <Markdown text={formatRunbook(runbook)} />;
}
