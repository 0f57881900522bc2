import { X } from 'lucide-react';
import { ToneIcon } from './status.tsx';

/** What of the address or of a file was not understood, and what is shown instead. Stays until it is read. */
export function Notices({
  notices,
  onClose,
}: {
  readonly notices: readonly { readonly id: string; readonly says: string }[];
  readonly onClose: () => void;
}) {
  if (notices.length === 0) return null;
  return (
    <div
      role="status"
      className="flex items-start gap-3 border-b border-hairline bg-bg px-4 py-2 text-[12.5px] text-ink-2 sm:px-8"
    >
      <ToneIcon tone="info" size={14} className="mt-[3px]" />
      <ul className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        {notices.map((notice) => (
          <li key={notice.id + notice.says}>{notice.says}</li>
        ))}
      </ul>
      <button
        type="button"
        onClick={onClose}
        aria-label="Close notices"
        className="rounded p-1 text-ink-3 hover:bg-fill hover:text-ink"
      >
        <X size={14} aria-hidden="true" />
      </button>
    </div>
  );
}
