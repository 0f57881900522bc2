import { clsx } from 'clsx';
import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { Boundary } from './boundary.tsx';
import type { DialogProps } from './dialog.tsx';

/** The sheet behind a `Dialog`. */
export default function DialogSheet({ open, onClose, title, help, wide = false, children }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Radix.Content
          className={clsx(
            'fixed top-[8vh] left-1/2 z-50 flex max-h-[84vh] -translate-x-1/2 flex-col rounded-lg border border-strong bg-surface text-[13.5px] leading-5 text-ink shadow-[0_16px_48px_rgb(0_0_0/0.25)]',
            wide ? 'w-[min(1180px,calc(100vw-24px))]' : 'w-[min(760px,calc(100vw-24px))]',
          )}
        >
          <div className="flex items-start gap-4 border-b border-hairline px-5 py-3.5">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-[15px] font-[620]">{title}</Radix.Title>
              <Radix.Description className="text-[12.5px] text-ink-3">{help}</Radix.Description>
            </div>
            <Radix.Close aria-label="Close" className="rounded p-1 text-ink-3 hover:bg-fill hover:text-ink">
              <X size={16} aria-hidden="true" />
            </Radix.Close>
          </div>
          {/* Scrolls, so it must be reachable by key. */}
          <div className="overflow-auto px-5 py-4" tabIndex={0} role="region" aria-label={title}>
            <Boundary name={title}>{children}</Boundary>
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
