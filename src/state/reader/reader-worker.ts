import type { HistoryAsk } from '../history-judge.ts';
import type { Call } from './messages.ts';
import { reader } from './reader.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

const call = reader({ fetch: (input, init) => fetch(input, init) }, (answer, transfer = []) =>
  scope.postMessage(answer, transfer),
);

let judging: Promise<(ask: HistoryAsk) => void> | null = null;

/** Loaded when a history is asked for: then this worker does nothing else, and shares only the script that judges. */
function judgeHistory(ask: HistoryAsk): void {
  judging ??= import('../history-judge.ts').then(({ historyJudge }) =>
    historyJudge({
      send: (answer) => scope.postMessage(answer),
      breathe: () => new Promise((resolve) => setTimeout(resolve, 0)),
      now: () => performance.now(),
    }),
  );
  void judging.then((judge) => judge(ask));
}

scope.onmessage = ({ data }: MessageEvent<Call>) => ('history' in data ? judgeHistory(data.history) : call(data));

// The page hears of errors, and not of promises that break.
scope.onunhandledrejection = ({ reason }) => {
  setTimeout(() => {
    throw reason;
  });
};
