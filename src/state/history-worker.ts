import { historyJudge, type HistoryAsk } from './history-judge.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

const judge = historyJudge({
  send: (answer) => scope.postMessage(answer),
  breathe: () => new Promise((resolve) => setTimeout(resolve, 0)),
  now: () => performance.now(),
});

scope.onmessage = ({ data }: MessageEvent<HistoryAsk>) => judge(data);

// The page hears of errors, and not of promises that break.
scope.onunhandledrejection = ({ reason }) => {
  setTimeout(() => {
    throw reason;
  });
};
