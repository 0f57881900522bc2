import { sayDuration, sig } from '../base/say.ts';
import { fitLine, median } from '../base/statistics.ts';
import type { LoadRun, RequestTimes } from './run.ts';

/** Whether more was asked of the server than it could do, so that the queue grew while the run lasted. */
export interface Saturation {
  readonly state: 'over' | 'within' | 'cannot-tell';
  readonly because: string;
}

/** Sends that make a trend. */
const ENOUGH = 20;
/** Growth of what is in flight over the sending time, against its mean, that is no ramp-up and no chance. */
const GROWTH = 0.5;
/** TTFT at the end of sending against its beginning. */
const SLOWER = 1.5;
/** Samples of what is in flight. */
const SAMPLES = 60;
/** Completed below this share of what was offered. */
const SHORTFALL = 0.9;
/** Sending time against the length of a request: a run that is shorter is mostly ramp-up and run-off. */
const LONG_ENOUGH = 4;

/**
 * In an open loop the queue grows when more arrives than is done: what is in flight climbs through the run and TTFT with it. A
 * closed loop cannot be overrun, since it sends only when something has come back.
 * Source: GuideLLM docs/guides/over_saturation_stopping.md, growing concurrency and growing TTFT; its margins are ours.
 */
export function saturationOf({ load, requests, throughput, duration, counts, latencies }: LoadRun): Saturation | null {
  if (load.kind !== 'rate') return null;
  if (requests !== null) return byRequests(requests);
  const { ok } = counts;
  const e2e = latencies.find((one) => one.measure === 'e2e')?.mean ?? null;
  if (load.value === null || throughput.requests === null || ok === null || duration === null)
    return { state: 'cannot-tell', because: 'the file holds neither single requests nor rates' };
  const rates = `${sig(load.value)}/s offered, ${sig(throughput.requests)}/s completed`;
  if (throughput.requests >= SHORTFALL * load.value) return { state: 'within', because: rates };
  const sending = (ok + (counts.failed ?? 0)) / load.value;
  if (e2e === null || sending < LONG_ENOUGH * e2e)
    return {
      state: 'cannot-tell',
      because: `${rates}, but sending took ${sayDuration(sending)} only, so the end of the run may explain it`,
    };
  return { state: 'over', because: rates };
}

function byRequests(requests: readonly RequestTimes[]): Saturation {
  const sent = [...requests].sort((a, b) => a.start - b.start);
  const until = sent.at(-1)?.start ?? 0;
  const lasted = median(sent.map(({ start, end }) => (end === null ? null : end - start)));
  if (sent.length < ENOUGH || lasted === null || until <= 0)
    return { state: 'cannot-tell', because: `${sent.length} requests are too few` };
  // Until the first answers are back every run climbs; what follows is the trend.
  const from = Math.min(lasted, until / 3);
  const times = Array.from({ length: SAMPLES }, (_, i) => from + ((until - from) * i) / (SAMPLES - 1));
  const inFlight = times.map((t) => sent.filter(({ start, end }) => start <= t && (end === null || end > t)).length);
  const line = fitLine(times, inFlight);
  const average = inFlight.reduce((a, b) => a + b, 0) / SAMPLES;
  const growth = line === null ? 0 : line.slope * (until - from);
  const third = Math.floor(sent.length / 3);
  const early = median(sent.slice(0, third).map(({ ttft }) => ttft));
  const late = median(sent.slice(-third).map(({ ttft }) => ttft));
  const first = inFlight[0] as number;
  const words = `in flight ${first} → ${inFlight.at(-1)} while sending`;
  const times2 = early !== null && late !== null ? `, TTFT ${sayDuration(early)} → ${sayDuration(late)}` : '';
  const slower = early !== null && late !== null && late > SLOWER * early;
  if (growth > GROWTH * average && slower) return { state: 'over', because: words + times2 };
  return { state: 'within', because: words + times2 };
}
