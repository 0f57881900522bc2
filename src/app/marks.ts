import { useEffect } from 'react';

/** The handles of contract §5. */
export const VERDICT_MARK = 'vllm-triage:verdict';
export const PANELS_MARK = 'vllm-triage:panels';

/** Sets a performance mark once, after the frame that shows it was handed to the screen. */
export function markOnce(name: string): void {
  if (performance.getEntriesByName(name, 'mark').length > 0) return;
  requestAnimationFrame(() => {
    if (performance.getEntriesByName(name, 'mark').length === 0) performance.mark(name);
  });
}

export function useMark(name: string, when: boolean): void {
  useEffect(() => {
    if (when) markOnce(name);
  }, [name, when]);
}
