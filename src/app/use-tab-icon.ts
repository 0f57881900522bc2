import { useEffect } from 'react';
import type { Status } from '../core/verdict/verdict.ts';

/** The tab carries the state as a shape of its own, for whoever has twenty tabs open. @param status `null`: no verdict yet */
export function useTabIcon(status: Status | null): void {
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (!icon) return;
    icon.href = status === null ? './icon.svg' : `./icon-${status}.svg`;
    return () => {
      icon.href = './icon.svg';
    };
  }, [status]);
}
