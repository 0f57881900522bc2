import type { Finding, Remedy } from '../../core/detectors/detector.ts';
import type { SignalId } from '../../core/signals/index.ts';
import { signalById } from '../../core/signals/index.ts';
import { DoNow } from './do-now.tsx';
import { sentence } from './words.tsx';

/** Everything that is out of the question, each with the number that killed it. */
export function RuledOutList({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <dl className="divide-y divide-hairline">
      {findings.map((finding) => (
        <div key={finding.pathology} className="grid gap-x-4 py-2.5 sm:grid-cols-[200px_minmax(0,1fr)]">
          <dt className="font-[620]">{finding.title}</dt>
          <dd className="text-ink-2">{sentence(finding.because)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What nobody could look at, which signals would have told, and how to get them. */
export function CannotTellList({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <dl className="divide-y divide-hairline">
      {findings.map((finding) => (
        <div key={finding.pathology} className="grid gap-x-4 py-2.5 sm:grid-cols-[200px_minmax(0,1fr)]">
          <dt className="font-[620]">{finding.title}</dt>
          <dd className="text-ink-2">
            {sentence(finding.ask)}
            {finding.missing.length > 0 && (
              <div className="mt-0.5 text-[12.5px] text-ink-3">missing: {finding.missing.map(titleOf).join(', ')}</div>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function titleOf(id: SignalId): string {
  return signalById(id).title;
}

/** Remedies beyond the first, whole. */
export function RemedyList({
  remedies,
  confidence,
  copied,
  onCopy,
  tryOf,
}: {
  readonly remedies: readonly Remedy[];
  readonly confidence: number;
  readonly copied: string | null;
  readonly onCopy: (flag: string) => void;
  readonly tryOf: (remedy: Remedy) => (() => void) | null;
}) {
  return (
    <div className="flex flex-col gap-4">
      {remedies.map((remedy) => (
        <DoNow
          key={remedy.title}
          remedy={remedy}
          confidence={confidence}
          lead="Or"
          copied={copied !== null && copied === remedy.flag}
          onCopy={() => remedy.flag !== null && onCopy(remedy.flag)}
          onTry={tryOf(remedy)}
        />
      ))}
    </div>
  );
}
