import { startTransition, useEffect, useState } from 'react';
import type { Targets } from '../core/verdict/profiles.ts';
import type { ReadResult } from './queries.ts';
import type { Judgement } from './reader/messages.ts';

/** What is to be judged, and against what. */
export interface JudgeAsk {
  readonly read: ReadResult;
  readonly targets: Targets;
  /** Unix seconds; `null` for the end of the read. */
  readonly at: number | null;
}

export type Judged = JudgeAsk & Judgement;

/**
 * Judged in the worker that holds the read. The last answer stays until the next is there, together with what it was an answer to;
 * of questions that come faster than answers only the newest is asked.
 * @param ask `null` while there is nothing to judge; compared by its parts
 * @param onGone called where the worker has forgotten the read, which then has to be read again
 * @throws while drawing, if judging has a fault
 */
export function useJudgement(ask: JudgeAsk | null, onGone: () => void): Judged | null {
  const [judged, setJudged] = useState<Judged | null>(null);
  const [desk] = useState(() => judgeInOrder());
  const { read = null, targets = null, at = null } = ask ?? {};
  useEffect(() => desk.close, [desk]);
  useEffect(() => {
    if (read === null || targets === null) return;
    desk.ask({ read, targets, at }, (answer) => {
      if (answer === null) onGone();
      else if (answer instanceof Error)
        setJudged(() => {
          throw answer;
        });
      else startTransition(() => setJudged(answer));
    });
    // onGone is another function at each drawing and always does the same.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [desk, read, targets, at]);
  return judged;
}

/** One question under way, and the newest one behind it. */
function judgeInOrder() {
  let busy = false;
  let open = true;
  let waiting: (() => void) | null = null;
  const ask = (what: JudgeAsk, tell: (answer: Judged | Error | null) => void): void => {
    if (busy) {
      waiting = () => ask(what, tell);
      return;
    }
    busy = true;
    const { read, targets, at } = what;
    const done = (answer: Judged | Error | null) => {
      busy = false;
      const next = waiting;
      waiting = null;
      if (open) tell(answer);
      next?.();
    };
    read.judge(targets, at, read.frozen !== null).then(
      (answer) => done(answer && { ...what, ...answer }),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
  };
  return {
    ask: (...given: Parameters<typeof ask>): void => {
      open = true;
      ask(...given);
    },
    close: (): void => {
      open = false;
      waiting = null;
    },
  };
}
