import type { ReactNode } from 'react';

/** A key cap. Decoration: what it does is said by the control beside it. */
export function Key({ children }: { readonly children: ReactNode }) {
  return (
    <kbd
      aria-hidden="true"
      className="inline-flex h-[18px] min-w-[18px] items-center justify-center rounded border border-strong bg-surface px-1 font-mono text-[10.5px] leading-none text-ink-2"
    >
      {children}
    </kbd>
  );
}
