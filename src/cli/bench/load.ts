import type { RequestRecord } from '../../core/loadtest/bench.ts';
import { type Arrivals, arrivalTimes } from '../../core/loadtest/scenarios.ts';
import type { Answer } from './client.ts';
import { pause } from '../pause.ts';

export interface Progress {
  readonly sent: number;
  readonly running: number;
  readonly ok: number;
  readonly failed: number;
}

export interface LoadPlan {
  readonly arrivals: Arrivals;
  readonly requests: number;
  readonly random: () => number;
  readonly send: (index: number) => Promise<Answer>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * Sends requests as the arrivals say until all are sent or the signal ends it, and waits for the answers that are on their way.
 * @returns records in the order of sending; `at` counts from the start of the run
 */
export async function runLoad({
  arrivals,
  requests,
  random,
  send,
  signal,
  onProgress,
}: LoadPlan): Promise<RequestRecord[]> {
  const records: RequestRecord[] = [];
  const started = performance.now();
  const since = () => (performance.now() - started) / 1000;
  let running = 0;
  let failed = 0;
  let ok = 0;
  let next = 0;
  const sendNext = async () => {
    const index = next++;
    const at = since();
    running += 1;
    onProgress({ sent: next, running, ok, failed });
    const record = { at, ...(await send(index)) };
    running -= 1;
    records[index] = record;
    if (record.error === null) ok += 1;
    else if (record.error.kind !== 'stopped') failed += 1;
    onProgress({ sent: next, running, ok, failed });
  };
  const goOn = () => next < requests && !signal.aborted;
  const keepBusy = async () => {
    while (goOn()) await sendNext();
  };

  if (arrivals.kind === 'closed') {
    await Promise.all(Array.from({ length: Math.min(arrivals.concurrency, requests) }, keepBusy));
    return records;
  }
  const flights: Promise<void>[] = [];
  const limit = arrivals.concurrency ?? Infinity;
  for (const at of arrivalTimes(requests, arrivals.rate, random)) {
    // Those whose time has passed go at once, without a turn of the clock between them.
    const early = at - since();
    if (early > 0) await pause(early, signal);
    // Beyond its limit an arrival waits for a seat; the clock of the request starts when it is sent.
    while (running >= limit && goOn()) await Promise.race(flights);
    if (!goOn()) break;
    const flight = sendNext().finally(() => void flights.splice(flights.indexOf(flight), 1));
    flights.push(flight);
  }
  await Promise.all(flights);
  return records;
}
