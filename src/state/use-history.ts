import { useEffect, useState } from 'react';
import { endOf } from '../core/base/grid.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import { sayOf } from '../core/verdict/chapters.ts';
import type { History } from '../core/verdict/history.ts';
import type { Targets } from '../core/verdict/profiles.ts';
import type { Verdict } from '../core/verdict/verdict.ts';
import { HistoryDesk, type Window } from './history-desk.ts';
import type { HistoryAnswer } from './history-judge.ts';
import { startReader } from './reader/desk.ts';
import type { Call } from './reader/messages.ts';

export interface HistoryState {
  /** `null` while nothing is known of this window. */
  readonly history: History | null;
  /** The worker did not start or broke off: then nothing will come. */
  readonly failed: boolean;
}

const NOTHING: HistoryState = { history: null, failed: false };

/**
 * What the headline was over the window, judged beside the page in a worker and told as it comes.
 * @param verdict the one on screen, of the end of the window or of a moment within it
 */
export function useHistory(evidence: Evidence, targets: Targets, verdict: Verdict): HistoryState {
  const [state, setState] = useState(NOTHING);
  const [judge] = useState(() => judgeBeside(setState));
  useEffect(() => judge.close, [judge]);
  useEffect(
    () => judge.ask({ evidence, targets, said: verdict.at === endOf(evidence.grid) ? sayOf(verdict) : null }),
    [judge, evidence, targets, verdict],
  );
  return state;
}

/** A desk with a worker behind it, which is started when first asked. */
function judgeBeside(show: (state: HistoryState) => void) {
  let worker: Worker | null = null;
  const workerOf = (): Worker => {
    if (worker) return worker;
    worker = startReader();
    worker.onmessage = ({ data }: MessageEvent<HistoryAnswer>) => desk.answer(data);
    worker.onerror = () => show({ history: null, failed: true });
    return worker;
  };
  const desk = new HistoryDesk({
    post: (ask) => workerOf().postMessage({ history: ask } satisfies Call),
    later: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
    now: () => performance.now(),
    show: (history) => show({ history, failed: false }),
  });
  return {
    ask: (window: Window): void => desk.ask(window),
    close: (): void => {
      desk.stop();
      worker?.terminate();
      worker = null;
    },
  };
}
