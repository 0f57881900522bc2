import { useCallback, useEffect, useRef, useState } from 'react';
import { copyText } from '../ui/panels/clipboard.ts';

const SHOWN_MS = 1600;

/** Copies text and remembers for a moment which one, so that the control beside it can say so. */
export function useCopied(): { readonly copied: string | null; readonly copy: (text: string) => void } {
  const [copied, setCopied] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = useCallback((text: string) => {
    void copyText(text).then((done) => {
      if (!done) return;
      setCopied(text);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => setCopied(null), SHOWN_MS);
    });
  }, []);
  return { copied, copy };
}
