import { timeAt, type Values } from '../../base/grid.ts';
import { all, ramp } from '../../base/score.ts';
import { sayAbout, sayCount, sayDuration, sig } from '../../base/say.ts';
import { maxOf } from '../../base/statistics.ts';
import { isSilent } from '../../evidence/admission.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { leftOver } from '../../evidence/left-over.ts';
import type { Trace } from '../../evidence/trace.ts';
import type { Detector, Fact, Remedy } from '../detector.ts';
import { cannotTell, confidenceOf, detected, fact, missingOf, ruledOut, scopeOf, untold } from '../finding.ts';
import { gaugeOf, increaseOf } from '../trace-back.ts';

/**
 * Seconds without any step before silence means something, and until it is certain. A lone long prefill may be silent too
 * (F9), but then KV usage rises chunk by chunk; with every gauge standing still as well, 25 s is already no prefill chunk.
 */
const SILENCE = [25, 50] as const;
/** A queue left behind by a stall that ended this recently is still the stall's. */
const AFTERMATH = 300;
/** Swing of KV usage without one token that means a request is taken in, grows until the pool is full, and is thrown out again. */
const SWING = 0.6;

interface Silence {
  /** First grid index without movement, and last. */
  readonly from: number;
  readonly to: number;
  /** Unix seconds of the last movement. */
  readonly since: number;
  readonly seconds: number;
  /** No gauge moves: hung. Otherwise requests go in and out, or queue up before an empty engine, without one token. */
  readonly frozen: boolean;
  /** Nobody is let in while the queue grows: its head may be a request that can never fit. */
  readonly shutOut: boolean;
  /** Largest minus smallest KV usage. */
  readonly swing: number;
}

export const engineStall: Detector = {
  id: 'engine-stall',
  title: 'Engine stalled',
  mechanism:
    'The engine loop makes no step: a hung collective, a dead worker, a frozen process. The API server goes on answering, and /health stays 200.',
  needs: ['running', 'step-tokens', 'output-tokens'],
  judge(judged) {
    const missing = missingOf(judged, this.needs);
    // One of the two counts of tokens is enough. First tokens alone are not: some engines write them when a request ends.
    if (missing.includes('running') || missing.length > 1) {
      return cannotTell(
        this,
        missing,
        'Scrape vllm:num_requests_running and vllm:generation_tokens_total or vllm:iteration_tokens_total.',
      );
    }
    const lanes = judged.engines.map((engine) => ({ engine, silences: silencesOf(judged, engine) }));
    const strength = Array.from({ length: judged.grid.count }, (_, i) => {
      const at = lanes.map((l) => strengthAt(judged, l.engine, l.silences, i)).filter((x): x is number => x !== null);
      return at.length === 0 ? null : Math.max(...at);
    });
    const now = lanes
      .map((l) => ({ ...l, silence: l.silences[l.silences.length - 1] }))
      .filter(
        (l): l is typeof l & { silence: Silence } =>
          l.silence !== undefined && strengthNow(judged, l.engine, l.silence) >= 0.5,
      )
      .sort((a, b) => b.silence.seconds - a.silence.seconds);
    const worst = now[0];
    if (!worst)
      return ruledOut(
        this,
        whyNot(
          judged,
          lanes.flatMap((l) => l.silences),
        ),
        { strength },
      );
    const { engine, silence } = worst;
    const going = silence.to === judged.end;
    const waiting = engine.trace.waiting?.[judged.end] ?? 0;
    const running = engine.trace.running?.[silence.to] ?? 0;
    const score = strengthNow(judged, engine, silence);
    const liveLock = !silence.frozen;
    return detected(this, {
      variant: going ? (liveLock ? 'live-lock' : 'silent') : 'recovering',
      score,
      confidence: confidenceOf(
        score,
        1,
        leftOver(judged, engine, silence.from) ? 0.6 : 1,
        1,
        // Whether clients hung up at that moment is in the HTTP counters alone.
        leftOver(judged, engine, silence.from) ? 0.6 : untold(judged, ['http-requests']).cap,
      ),
      severity: going ? 'critical' : 'warning',
      scope: scopeOf(
        judged,
        now.map((l) => l.engine),
      ),
      since: silence.from <= 1 && silence.since <= timeAt(judged.grid, 0) ? null : silence.since,
      until: going ? null : timeAt(judged.grid, silence.to),
      strength,
      lede: going
        ? `${liveLock ? 'No' : 'No step and no'} token for ${sayDuration(silence.seconds)} while ${running < 1 ? `${sayCount(waiting, 'request')} wait${waiting === 1 ? 's' : ''}` : `${sayCount(running, 'request')} run${running === 1 ? 's' : ''}`}. The server still answers its scrapes, so health checks see nothing.`
        : `The engine made no step for ${sayDuration(silence.seconds)} and works again; ${sayCount(waiting, 'request')} still wait from that time.`,
      facts: factsOf(judged, engine, silence),
      story: {
        changed: null,
        broke: {
          at: silence.since,
          title: 'The engine stopped stepping',
          says: liveLock
            ? silence.swing >= SWING
              ? `KV usage swings by ${sig(silence.swing)} and not one token comes out`
              : silence.shutOut
                ? 'nobody is let in, though nothing runs: the head of the queue blocks it'
                : 'it takes requests in and out without one token'
            : `every gauge and counter has the same value since; ${sig(running)} running, KV cache ${sig(engine.trace.usage?.[silence.to] ?? 0)}`,
        },
        hurts: {
          at: silence.since,
          title: going ? 'Every answer stands still' : 'Everyone who came in that time waits',
          says: going
            ? liveLock
              ? `${waiting < 1 ? 'whoever holds a seat' : `${sayCount(waiting, 'request')} wait, and nobody`} gets ${waiting < 1 ? 'no' : 'a'} token`
              : `${sayCount(running, 'answer')} get no token; newcomers do not even show as waiting`
            : `${sayCount(waiting, 'request')} wait`,
        },
      },
      remedies: going
        ? [
            ...(silence.swing >= SWING || silence.shutOut ? [fitRemedy(judged, engine)] : []),
            {
              title: `Take ${engine.id} out of rotation, look, restart`,
              knob: null,
              from: null,
              to: null,
              flag: null,
              why: 'A stalled engine does not come back by waiting, and its clients hang until they time out.',
              steps: [
                { sum: 'first, for the bug report', result: 'py-spy dump --pid <EngineCore>; nvidia-smi' },
                { sum: 'then', result: 'restart the replica' },
              ],
              expect: `${sayCount(running + waiting, 'open request')} are lost; new requests are served by the peers or after the restart.`,
              risk: 'The restart takes minutes and starts with a cold prefix cache.',
              verify: 'Steps per second above 0 within a minute of the restart, requests finish again.',
              needsRestart: true,
            },
            {
              title: 'Make liveness look at steps, not at /health',
              knob: null,
              from: null,
              to: null,
              flag: null,
              why: 'vllm:iteration_tokens_total_count standing still for 120 s while requests run is the sign; /health only says that the process has not errored.',
              steps: [
                { sum: 'increase(vllm:iteration_tokens_total_count[2m]) == 0 and running > 0', result: 'restart' },
              ],
              expect: 'The next stall ends after two minutes.',
              risk: 'Keep the grace above the longest prefill.',
              verify: 'No restart while the engine is merely busy.',
              needsRestart: false,
            },
          ]
        : [
            {
              title: 'Let the queue drain, find out what froze it',
              knob: null,
              from: null,
              to: null,
              flag: null,
              why: 'The engine steps again; what is left is the backlog of the silence.',
              steps: drainSteps(judged, engine, waiting),
              expect: 'Waiting falls to 0 by itself.',
              risk: 'It may freeze again: look at the host (paused process, swapping), the GPU (XID) and the collectives around that time.',
              verify: 'Waiting reaches 0 and stays there.',
              needsRestart: false,
            },
          ],
      willNotHelp: [
        { title: 'More seats, cache or budget', why: 'no setting matters to an engine that makes no step' },
        { title: 'Waiting for /health', why: 'it answers 200 all the time' },
      ],
    });
  },
};

/** Stretches in which requests run or wait and nothing at all moves. */
function silencesOf(judged: Judged, engine: Engine): Silence[] {
  const { trace } = engine;
  const { grid } = judged;
  const out: Silence[] = [];
  let from = -1;
  const close = (to: number) => {
    if (from >= 0 && to >= from) out.push(describe(judged, trace, from, to));
    from = -1;
  };
  for (let i = 0; i < grid.count; i++) {
    const running = trace.running?.[i] ?? null;
    const busy = (running ?? 0) + (trace.waiting?.[i] ?? 0) >= 1;
    const asleep = (trace.awake?.[i] ?? 1) === 0;
    const counted = (trace.steps?.[i] ?? null) !== null || (trace.output?.[i] ?? null) !== null;
    if (running === null || !counted) continue; // a lost scrape neither starts nor ends a silence
    if (busy && !asleep && isSilent(trace, i)) {
      if (from < 0) from = i;
    } else close(i - 1);
  }
  close(grid.count - 1);
  return out;
}

function describe(judged: Judged, trace: Trace, from: number, to: number): Silence {
  const { grid, evidence } = judged;
  // A rate window without increase: the last movement is one window back.
  const since = timeAt(grid, from) - evidence.window;
  const still = (values: Values | null): boolean => {
    const xs = (values ?? []).slice(from, to + 1).filter((v): v is number => v !== null);
    return xs.every((x) => x === xs[0]);
  };
  const part = (values: Values | null) => (values ?? []).slice(from, to + 1).filter((v): v is number => v !== null);
  const waiting = part(trace.waiting);
  // A hung engine takes nobody in; before one that refuses its head the queue goes on growing (measured: §14b.1).
  const shutOut = part(trace.running).every((r) => r === 0) && (waiting[waiting.length - 1] ?? 0) > (waiting[0] ?? 0);
  const usage = part(trace.usage);
  return {
    from,
    to,
    since,
    seconds: timeAt(grid, to) - since,
    shutOut,
    frozen: still(trace.usage) && still(trace.running) && !shutOut,
    swing: usage.length === 0 ? 0 : Math.max(...usage) - Math.min(...usage),
  };
}

function strengthAt(judged: Judged, engine: Engine, silences: readonly Silence[], i: number): number | null {
  if ((engine.trace.running?.[i] ?? null) === null) return null;
  const silence = silences.find((s) => s.from <= i && i <= s.to);
  if (!silence) return 0;
  return strengthOf(silence, timeAt(judged.grid, i) - silence.since, engine, i);
}

function strengthOf(silence: Silence, seconds: number, engine: Engine, i: number): number {
  if (silence.frozen) return ramp(seconds, ...SILENCE);
  // Nothing runs, the queue grows, and no prompt is even looked up: no prefill looks like that, so it needs no more time.
  if (silence.shutOut && (engine.trace.queried?.[i] ?? 1) === 0) return ramp(seconds, ...SILENCE);
  // Gauges move without one token. Needs a minute, and a queue or a cache that fills and empties, since a lone prefill moves usage too.
  const waiting = engine.trace.waiting?.[i] ?? 0;
  return all(ramp(seconds, 60, 120), Math.max(ramp(waiting, 0.5, 5), ramp(silence.swing, 0.3, SWING)));
}

/** Strength at the end: of a silence that goes on, or of one whose queue is still being worked off. */
function strengthNow(judged: Judged, engine: Engine, silence: Silence): number {
  const full = strengthOf(silence, silence.seconds, engine, silence.to);
  const ago = timeAt(judged.grid, judged.end) - timeAt(judged.grid, silence.to);
  if (ago <= judged.grid.step * 1.5) return full;
  const waiting = engine.trace.waiting?.[judged.end] ?? 0;
  if (full < 0.5 || ago > AFTERMATH + silence.seconds) return 0;
  const peak = maxOf(engine.trace.waiting?.slice(silence.to) ?? []) ?? 0;
  return waiting >= 5 && waiting >= 0.02 * peak ? Math.min(full, 0.8) : 0;
}

/** What would keep out a request that can never be served: longer than the whole pool. */
function fitRemedy(judged: Judged, engine: Engine): Remedy {
  const { capacity, blockSize } = engine.trace;
  const told = judged.evidence.knobs['max-model-len'] ?? null;
  const size = blockSize ?? 16;
  const fits = capacity === null ? null : Math.floor(capacity / size) * size;
  return {
    title: fits === null ? 'Refuse requests that cannot fit the pool' : `Refuse requests above ${sig(fits)} tokens`,
    knob: 'max-model-len',
    from: told,
    to: fits,
    flag: fits === null ? null : `--max-model-len ${fits}`,
    why: 'A request whose prompt and answer exceed the whole pool is admitted, fills it, is thrown out and comes back for ever; everybody behind it waits.',
    steps: [
      {
        sum: 'prompt + answer must fit the pool',
        result: capacity === null ? 'pool size is not exported here' : `${sig(capacity)} tokens`,
      },
      ...(told === null
        ? []
        : [{ sum: `--max-model-len ${sig(told)} ÷ ${sig(capacity ?? 0)}`, result: sig(told / (capacity ?? told)) }]),
    ],
    expect: 'The impossible request is refused with an error that says so, and the queue behind it moves.',
    risk: 'Requests above that length are refused; more cache (fp8, more GPUs) would serve them.',
    verify: 'Tokens per second above 0, KV usage without the swing.',
    needsRestart: true,
  };
}

function drainSteps(judged: Judged, engine: Engine, waiting: number): { sum: string; result: string }[] {
  const values = engine.trace.waiting ?? [];
  const back = Math.max(0, judged.end - Math.max(1, Math.round(30 / judged.grid.step)));
  const fallen = (values[back] ?? waiting) - waiting;
  const span = timeAt(judged.grid, judged.end) - timeAt(judged.grid, back);
  return fallen > 0 && span > 0
    ? [
        {
          sum: `${sig(waiting)} waiting ÷ ${sig(fallen / span)}/s`,
          result: `about ${sayAbout(waiting / (fallen / span))}`,
        },
      ]
    : [];
}

function factsOf(judged: Judged, engine: Engine, silence: Silence): Fact[] {
  const { trace } = engine;
  const running = trace.running?.[silence.to] ?? 0;
  const waiting = trace.waiting?.[silence.to] ?? 0;
  const before = trace.steps?.slice(0, silence.from).filter((x): x is number => x !== null && x > 0) ?? [];
  const usual = before.length === 0 ? null : before.reduce((a, b) => a + b, 0) / before.length;
  return [
    fact({
      signal: 'step-tokens',
      says: `no engine step for ${sayDuration(silence.seconds)}`,
      figure: sayDuration(silence.seconds),
      label: 'without one engine step',
      compared: usual === null ? 'normal: many a second' : `before ${sig(usual)} steps/s`,
      detail: 'iteration counter and output tokens stand still',
      observed: silence.seconds,
      expected: 0,
      unit: 'seconds',
      query: increaseOf(
        judged,
        [engine],
        'step-tokens',
        Math.max(judged.evidence.window, silence.seconds - judged.grid.step),
      ),
      trend: trace.steps ?? trace.output,
    }),
    silence.frozen
      ? fact({
          signal: 'running',
          says: `${sayCount(running, 'request')} running all the while`,
          figure: sig(running),
          label: 'requests hold their seats and get nothing',
          compared: 'idle would be 0',
          detail: 'running and KV usage have the same value in every scrape',
          observed: running,
          expected: 0,
          unit: 'requests',
          query: gaugeOf(judged, [engine], 'running'),
          trend: trace.running,
        })
      : fact({
          signal: 'waiting',
          says: `${sayCount(waiting, 'request')} waiting, ${sig(running)} running`,
          figure: sig(waiting),
          label: 'requests wait and get nothing',
          compared: 'idle would be 0',
          detail: 'gauges move, but no token comes out',
          observed: waiting,
          expected: 0,
          unit: 'requests',
          query: gaugeOf(judged, [engine], 'waiting'),
          trend: trace.waiting,
        }),
    fact({
      signal: 'up',
      says: 'the target answers its scrapes',
      figure: String(trace.up?.[silence.to] ?? '–'),
      label: 'up: the server answers, so this is no lost target',
      compared: 'down would be 0',
      detail: 'an API server answers while its engine hangs',
      observed: trace.up?.[silence.to] ?? null,
      expected: 1,
      unit: 'count',
      query: gaugeOf(judged, [engine], 'up'),
      trend: trace.up,
    }),
  ];
}

function whyNot(judged: Judged, silences: readonly Silence[]): string {
  const still = silences.find((s) => s.to === judged.end);
  if (still) {
    return `no token for ${sayDuration(still.seconds)}, ${still.frozen ? `too short to tell before ${sayDuration(SILENCE[0])}` : 'but KV usage or running moves, as while a long prompt is read'}`;
  }
  const steps = judged.engines.map((e) => e.trace.steps?.[judged.end] ?? null).filter((x): x is number => x !== null);
  if (steps.length === 0) return 'tokens come out';
  const least = Math.min(...steps);
  const idle = judged.engines.every(
    (e) => (e.trace.running?.[judged.end] ?? 0) + (e.trace.waiting?.[judged.end] ?? 0) < 1,
  );
  return idle ? '0 requests run and 0 wait, so silence is rest' : `${sig(least)} engine steps/s on the slowest replica`;
}
