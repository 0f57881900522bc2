import { ChevronDown } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';

/** What opens a menu. */
export function MenuButton({
  name,
  children,
  ...button
}: ComponentProps<'button'> & { readonly name: string; readonly children?: ReactNode }) {
  return (
    <button
      type="button"
      className="group inline-flex h-[27px] cursor-default items-center gap-1.5 rounded-[5px] px-1.5 text-[12.5px] whitespace-nowrap hover:bg-fill data-[state=open]:bg-fill"
      {...button}
    >
      <span className="text-ink-3">{name}</span>
      <span className="font-[560] text-ink">{children}</span>
      <ChevronDown size={12} aria-hidden="true" className="text-ink-3" />
    </button>
  );
}
