import { Check, Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';

/** Copies text; what was done is said in place for a moment. `copied` is held by the caller so that a key can do the same. */
export function CopyButton({
  copied,
  onCopy,
  label,
  children,
}: {
  readonly copied: boolean;
  readonly onCopy: () => void;
  readonly label: string;
  readonly children?: ReactNode;
}) {
  return (
    <Button onClick={onCopy} aria-label={copied ? 'Copied' : label}>
      {copied ? <Check size={13} aria-hidden="true" /> : <Copy size={13} aria-hidden="true" />}
      {copied ? 'Copied' : 'Copy'}
      {children}
    </Button>
  );
}
