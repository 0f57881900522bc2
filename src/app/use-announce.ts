import { useEffect, useRef } from 'react';
import type { Verdict } from '../core/verdict/verdict.ts';
import { blindStand, standOf } from '../core/watch/stand.ts';
import { type Change, look, type Memory } from '../core/watch/watch.ts';
import { usePreferences } from '../state/preferences.ts';
import { chime } from './chime.ts';

interface Looked {
  readonly verdict: Verdict | null;
  /** Why the newest read failed, one sentence; `null` where it did not. */
  readonly trouble: string | null;
  /** When the newest read ended, well or badly: each is one look. Unix milliseconds; `null` before the first. */
  readonly at: number | null;
  /** Only what goes on by itself is announced. */
  readonly live: boolean;
}

/**
 * Tells a viewer who asked for it when the verdict changes, by the same damping as `vllm-triage watch`: a notification of the browser,
 * a short sound, or both. Nothing is told of the first look, nor while somebody walks through the past.
 */
export function useAnnounce({ verdict, trouble, at, live }: Looked): void {
  const { notify, sound } = usePreferences();
  const memory = useRef<Memory | null>(null);
  useEffect(() => {
    if (!live || at === null || (verdict === null && trouble === null)) return;
    const stand = trouble !== null || verdict === null ? blindStand(trouble ?? '') : standOf(verdict);
    const seen = look(memory.current, stand, at / 1000);
    memory.current = seen.memory;
    if (!seen.change || seen.change.turn === 'start') return;
    if (notify) showNotification(seen.change);
    if (sound) chime(seen.change.turn === 'better' ? 'calm' : 'alarm');
    // One look per read: what else is drawn anew meanwhile is none.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [at, live]);
}

function showNotification({ after }: Change): void {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  const shown = new Notification(after.headline, {
    body: after.lede,
    icon: `./icon-${after.status}.svg`,
    // The newest takes the place of the one before it.
    tag: 'vllm-triage',
  });
  shown.onclick = () => {
    window.focus();
    shown.close();
  };
}

/** Asks the browser where it has not been asked. @returns whether notifications will be shown */
export async function mayNotify(): Promise<boolean> {
  if (!('Notification' in window)) return false;
  if (Notification.permission === 'default') return (await Notification.requestPermission()) === 'granted';
  return Notification.permission === 'granted';
}
