import { useMemo, useRef, useState } from 'react';
import type { Evidence } from '../core/evidence/evidence.ts';
import { sliceEvidence } from '../core/evidence/slice.ts';
import { formatInstant } from '../core/verdict/format.ts';
import type { Targets } from '../core/verdict/profiles.ts';
import { readFiles, useCompare } from '../state/use-compare.ts';
import { Button } from '../ui/controls/button.tsx';
import { Dialog } from '../ui/controls/dialog.tsx';
import { CompareView } from '../ui/report/compare-view.tsx';

export interface CompareGiven {
  /** What the page shows. */
  readonly evidence: Evidence;
  readonly targets: Targets;
  /** Unix seconds of the onset; `null` where nothing began in this window. */
  readonly since: number | null;
}

/** The other side: a name for it, and where what the page shows stands to it. */
interface Other {
  readonly name: string;
  readonly evidence: Evidence;
  readonly is: 'before' | 'after';
}

/** What the page shows beside the stretch before its onset, or beside a recording or snapshot of another time. */
export default function CompareDialog({
  given,
  onClose,
}: {
  readonly given: CompareGiven;
  readonly onClose: () => void;
}) {
  const { evidence, targets, since } = given;
  const onset = useMemo(
    (): Other | null =>
      since === null
        ? null
        : {
            name: `before the onset at ${formatInstant(since)}`,
            evidence: sliceEvidence(evidence, since),
            is: 'before',
          },
    [evidence, since],
  );
  const [other, setOther] = useState<Other | null>(onset);
  const [failed, setFailed] = useState<string | null>(null);
  const asked = useMemo(
    () =>
      other && {
        before: other.is === 'before' ? other.evidence : evidence,
        after: other.is === 'before' ? evidence : other.evidence,
        targets,
      },
    [other, evidence, targets],
  );
  const comparison = useCompare(asked);
  const choose = (next: Other | null, problem: string | null = null) => {
    setOther(next);
    setFailed(problem);
  };
  const pick = (is: Other['is']) => (files: readonly File[]) =>
    void readFiles(files).then(
      (read) => choose({ name: `${files.map(({ name }) => name).join(' + ')}, ${is}`, evidence: read, is }),
      (error: Error) => choose(null, error.message),
    );
  return (
    <Dialog
      open
      onClose={onClose}
      title="Compare"
      help="What was different from the start, what came of it, and whether what was advised helped. Files stay in this tab."
      wide
    >
      <div className="mb-4 flex flex-wrap items-center gap-2">
        {onset && (
          <Button aria-pressed={other === onset} onClick={() => choose(onset)}>
            With before the onset
          </Button>
        )}
        <FilePick label="With a file from before" testId="compare-before" onFiles={pick('before')} />
        <FilePick label="With a file from after" testId="compare-after" onFiles={pick('after')} />
      </div>
      <div aria-live="polite">
        {failed !== null ? (
          <p className="text-ink-2">{failed}</p>
        ) : other === null ? (
          <p className="text-ink-2">
            Nothing began within this window, so there is no “before” in it. Pick a recording, snapshot, log or saved
            page of another time.
          </p>
        ) : comparison === null ? (
          <p className="text-ink-3">Judging both sides</p>
        ) : comparison === 'failed' ? (
          <p className="text-ink-2">The comparison did not start in this browser; reload to try again.</p>
        ) : (
          <p className="mb-3 text-ink-3">
            {other.is === 'before' ? `${other.name} → what the page shows` : `what the page shows → ${other.name}`}
          </p>
        )}
      </div>
      {other && comparison && comparison !== 'failed' && <CompareView comparison={comparison} />}
    </Dialog>
  );
}

function FilePick({
  label,
  testId,
  onFiles,
}: {
  readonly label: string;
  readonly testId: string;
  readonly onFiles: (files: readonly File[]) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid={testId}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
      <Button onClick={() => input.current?.click()}>{label}</Button>
    </>
  );
}
