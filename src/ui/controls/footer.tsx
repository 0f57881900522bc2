import type { ReactNode } from 'react';
import { Key } from './key.tsx';
import { zoneName } from './moment.tsx';

export function Footer({
  version,
  says,
  hints,
  onHelp,
}: {
  readonly version: string;
  readonly says?: ReactNode;
  readonly hints: readonly { readonly keys: readonly string[]; readonly does: string }[];
  readonly onHelp: () => void;
}) {
  return (
    <footer className="mt-auto flex flex-wrap items-center gap-x-5 gap-y-2 border-t border-hairline px-4 py-4 text-[12px] text-ink-3 sm:px-8">
      <span>vLLM Triage {version}</span>
      <span>Times in {zoneName()}</span>
      {says && <span>{says}</span>}
      <span className="ml-auto flex flex-wrap items-center gap-x-4 gap-y-1 max-sm:hidden">
        {hints.map((hint) => (
          <span key={hint.does} className="inline-flex items-center gap-1">
            {hint.keys.map((cap) => (
              <Key key={cap}>{cap}</Key>
            ))}
            {hint.does}
          </span>
        ))}
      </span>
      <button
        type="button"
        onClick={onHelp}
        className="inline-flex items-center gap-1 rounded hover:text-ink max-sm:ml-auto"
      >
        <Key>?</Key> help
      </button>
    </footer>
  );
}
