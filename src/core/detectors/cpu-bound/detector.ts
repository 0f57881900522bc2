import { stepsIn, type Values } from '../../base/grid.ts';
import { all, any, fall, ramp } from '../../base/score.ts';
import { sayDuration, sayShare, sig } from '../../base/say.ts';
import { maxOf, median } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { isSilent } from '../../evidence/admission.ts';
import type { Stretch } from '../../evidence/stretch.ts';
import { replicaLine } from '../../evidence/lines.ts';
import { countOf } from '../../evidence/stand-in.ts';
import { meanOver } from '../../evidence/trace.ts';
import type { SignalId } from '../../signals/index.ts';
import type { Detector, Fact, Finding, NoHelp, Remedy } from '../detector.ts';
import { atLeast, cannotTell, confidenceOf, detected, fact, missingOf } from '../finding.ts';
import { ENTER } from '../signature.ts';
import { type Found, type Signature, study } from '../study.ts';
import { hurtsOf } from '../story.ts';
import { gaugeOf, meanOf, rateOf } from '../trace-back.ts';
import { type Processor, processorOf, since } from './processor.ts';

/** Front-end time against the target for a first token: 50 ms of 500 ms is how a healthy server is, two thirds is the incident. */
const FRONT = [0.1, 0.6] as const;
/** Part of the whole wait for a first token that is spent outside the engine. */
const OF_THE_WAIT = [0.1, 0.3] as const;
/** A scrape is answered by the same event loop: so many times its usual time, and at least this much longer. */
const SCRAPE = { times: [3, 8], longer: 0.04, slow: [0.3, 1.5] } as const;
/** Cores of the API server process at which its one event loop is the limit. */
const CORE = [0.8, 0.97] as const;
/** Share of CPU periods cut short by the limit. */
const THROTTLED = [0.05, 0.3] as const;
/** Steps longer by this much, while the GPU idles more. */
const SLOWER = [1.15, 1.5] as const;
/** Steps this much longer are worth a warning even within the target: people are used to the old pace. */
const NOTICED = 1.5;
/** Confidence where only one witness of several could be heard. */
const ONE_WITNESS = 0.6;

type Variant = 'front-end' | 'engine';

export const cpuBound: Detector = {
  id: 'cpu-bound',
  title: 'CPU-bound front end or engine',
  mechanism:
    'Reading prompts, templates, images and writing out tokens share one event loop per API server, and the scheduler is another single thread: when either is late, the GPU waits.',
  needs: ['running'],
  judge(judged) {
    const missing = missingOf(judged, this.needs);
    if (missing.length > 0) return cannotTell(this, missing, 'Scrape vllm:num_requests_running.');
    const lines = new Map(judged.engines.map((engine) => [engine, processorOf(judged, engine)]));
    const of = (engine: Engine) => lines.get(engine) ?? processorOf(judged, engine);
    const parts = new Map(judged.engines.map((e) => [e, partsOf(judged, e, of(e))]));
    const signature: Signature = {
      ask: '',
      strength: (_, engine) => parts.get(engine)?.whole ?? [],
      early: (_, engine) => earlySign(judged, engine, of(engine)),
      whyNot: () => whyNot(judged, judged.engines.map(of)),
    };
    const finding = study(this, judged, signature, (found) =>
      tell(this, judged, found, of(found.one), parts.get(found.one)),
    );
    if (finding.state !== 'ruled-out') return finding;
    return open(this, judged, judged.engines.map(of), finding.strength) ?? finding;
  },
};

interface Parts {
  readonly front: Values;
  readonly engine: Values;
  readonly whole: Values;
}

/**
 * How busy the event loop is by everything that shows it. A quick scrape proves that it is not; few cores or an unthrottled
 * container prove nothing, since a process that is kept from running uses few.
 * @returns `null` where nobody can testify
 */
function loopBusy(p: Processor, i: number): number | null {
  const scrape = p.scrape[i] ?? null;
  const usual = p.usual.scrape[i] ?? null;
  const cores = p.cores[i] ?? null;
  const throttled = p.throttled[i] ?? null;
  const others = any(cores === null ? 0 : ramp(cores, ...CORE), throttled === null ? 0 : ramp(throttled, ...THROTTLED));
  if (scrape === null) return others >= ENTER ? others : null;
  const longer =
    usual === null || scrape - usual < SCRAPE.longer ? 0 : ramp(scrape / Math.max(usual, 0.002), ...SCRAPE.times);
  return any(longer, ramp(scrape, ...SCRAPE.slow), others);
}

/** Seconds of a request outside the engine, by those that finished or, where that is more, by those that began. */
function outsideOf(p: Processor, i: number): number | null {
  const front = p.front[i] ?? null;
  const entry = p.entry[i] ?? null;
  return front === null ? entry : Math.max(front, entry ?? 0);
}

/** A scrape failed after a wait: somebody listens and does not get round to it. A process that is gone refuses within milliseconds. */
function isUnanswered({ trace }: Engine, p: Processor, i: number): boolean {
  return (trace.running?.[i] ?? null) === null && trace.up?.[i] === 0 && (p.scrape[i] ?? 0) >= SCRAPE.slow[1];
}

/** While scrapes run into their timeout, a front end that was late when it was last seen is as late as it was then. */
function carried(engine: Engine, p: Processor, front: Values): Values {
  let last: number | null = null;
  return front.map((now, i) => {
    if (isUnanswered(engine, p, i)) return last !== null && last >= ENTER ? Math.max(last, now ?? 0) : now;
    if ((engine.trace.running?.[i] ?? null) !== null) last = now;
    return now;
  });
}

function partsOf(judged: Judged, engine: Engine, p: Processor): Parts {
  const { grid } = judged;
  const still = (i: number) => isSilent(engine.trace, i) && (engine.trace.running?.[i] ?? 0) >= 1;
  const seen = Array.from({ length: grid.count }, (_, i) => {
    const time = outsideOf(p, i);
    if (time === null) return null;
    // What piled up before an engine that stood still, or whose process is gone, is not the front end's.
    if (still(i)) return 0;
    const busy = loopBusy(p, i);
    // Beside a wait inside the engine a busy front end is a footnote (measured: 0.2 s of 26 s behind a seat cap).
    const ttft = meanOver(engine.trace.ttft, grid, i, judged.main);
    const matters = ttft === null || ttft <= 0 ? 1 : ramp(time / ttft, ...OF_THE_WAIT);
    const late = ramp(time / judged.limits.ttft, ...FRONT) * matters;
    // Without any witness the time alone must do, and must be plain.
    return busy === null ? 0.8 * ramp(time / judged.limits.ttft, 0.3, 1) * matters : all(late, busy);
  });
  const front = carried(engine, p, seen);
  // A step that lasted as long as a standstill, and a GPU that idled meanwhile, are the standstill's.
  const smear = stepsIn(grid, judged.fast + judged.evidence.window);
  let stood = -Infinity;
  const inner = Array.from({ length: grid.count }, (_, i) => {
    if (still(i)) stood = i;
    if (i - stood <= smear) return 0;
    const gap = p.gap[i] ?? null;
    const usual = p.usual.gap[i] ?? null;
    const running = p.running[i] ?? null;
    const before = p.usual.running[i] ?? null;
    if (gap === null || usual === null || running === null || before === null || running < 1) return null;
    const gpu = p.gpu[i] ?? null;
    const gpuUsual = p.usual.gpu[i] ?? null;
    const throttled = p.throttled[i] ?? null;
    if (gpu === null && throttled === null) return null;
    // More requests in a step are more work for the GPU: if it idles more nonetheless, something keeps it waiting.
    const idles =
      gpu === null || gpuUsual === null || running < 0.9 * before
        ? 0
        : fall(gpu, 0.4, 0.65) * fall(gpu / Math.max(gpuUsual, 0.01), 0.6, 0.85);
    const held = throttled === null ? 0 : ramp(throttled - 1.5 * (p.usual.throttled[i] ?? 0), ...THROTTLED);
    return all(ramp(gap / usual, ...SLOWER), any(idles, gpu === null || gpu < 0.65 ? held : 0));
  });
  return {
    front,
    engine: inner,
    whole: front.map((f, i) => {
      const e = inner[i] ?? null;
      return f === null ? e : e === null ? f : Math.max(f, e);
    }),
  };
}

/** The event loop answers late, or a finished request spent its time outside the engine: whichever shows first. */
function earlySign(judged: Judged, engine: Engine, p: Processor): Values {
  const scrape = replicaLine(judged.evidence, 'scrape-duration', engine.id);
  const usual = p.usual.scrape[judged.end] ?? null;
  const gap = p.usual.gap[judged.end] ?? null;
  const gpu = p.usual.gpu[judged.end] ?? null;
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const taken = scrape?.[i] ?? null;
    const slow = taken !== null && usual !== null && taken - usual >= SCRAPE.longer && taken >= SCRAPE.times[0] * usual;
    const time = outsideOf(p, i);
    const late = time !== null && time >= 0.2 * judged.limits.ttft;
    const steps = engine.trace.itl;
    const count = steps?.count[i] ?? 0;
    const now = steps && count > 0 ? (steps.sum[i] ?? 0) / count : null;
    const idle = gpu !== null && (p.gpu[i] ?? 1) < 0.85 * gpu && now !== null && gap !== null && now > SLOWER[0] * gap;
    const throttled = p.throttled[i] ?? null;
    const held = throttled !== null && throttled >= THROTTLED[0] + 1.5 * (p.usual.throttled[judged.end] ?? 0);
    if (taken === null && time === null && now === null) return null;
    return slow || late || idle || held ? 1 : 0;
  });
}

function tell(about: Detector, judged: Judged, found: Found, p: Processor, parts: Parts | undefined): Finding {
  const { sighting, engines, split, then, now, standing } = found;
  const last = (line: Values | undefined) =>
    maxOf(line?.slice(-Math.max(1, Math.round(judged.fast / judged.grid.step))) ?? []) ?? 0;
  const variant: Variant = last(parts?.front) >= last(parts?.engine) ? 'front-end' : 'engine';
  const front = since(p.front, split) ?? since(p.entry, split);
  const wanted: SignalId[] =
    variant === 'front-end' ? ['process-cpu', 'container-cpu-throttled'] : ['gpu-sm-active', 'container-cpu-throttled'];
  const unheard = missingOf(judged, variant === 'front-end' ? ['scrape-duration', ...wanted] : wanted);
  const witnesses = variant === 'front-end' ? [p.scrape, p.cores, p.throttled] : [p.gpu, p.throttled];
  const heard = witnesses.filter((line) => line.some((v) => v !== null)).length;
  const sure =
    variant === 'front-end'
      ? p.front.some((_, i) => i >= split && loopBusy(p, i) !== null)
      : p.gpu.some((v) => v !== null);
  const unanswered = engines.every((engine) => isUnanswered(engine, p, judged.end));
  const slower = now.itl !== null && then.itl !== null && then.itl > 0 ? now.itl / then.itl : 1;
  return detected(about, {
    ...standing,
    variant: unanswered ? 'unanswered' : variant,
    severity: unanswered
      ? 'critical'
      : variant === 'engine' && slower >= NOTICED
        ? atLeast(standing.severity, 'warning')
        : standing.severity,
    confidence: confidenceOf(
      sighting.score,
      Math.max(0.7, sighting.persistence),
      heard >= 2 ? 1 : 0.92,
      0.97,
      sure ? 0.95 : ONE_WITNESS,
    ),
    lede:
      variant === 'front-end'
        ? `A request spends ${sayDuration(front ?? 0)} outside the engine, in the API server${unanswered ? `, which by now does not even answer a scrape within ${sayDuration(p.scrape[judged.end] ?? 0)}` : p.scrape[judged.end] ? `, which takes ${sayDuration(since(p.scrape, split) ?? 0)} to answer a scrape` : ''}. Seats and the GPU wait for it.`
        : `Steps take ${sayDuration(now.itl ?? 0)}${then.itl === null ? '' : `, before ${sayDuration(then.itl)}`}, while the GPU idles: the processor does not prepare them in time.`,
    facts: factsOf(judged, engines, variant, p, split, then, now),
    story: {
      changed: null,
      broke: {
        at: standing.since,
        title: variant === 'front-end' ? 'The event loop fell behind' : 'The scheduler fell behind the GPU',
        says:
          variant === 'front-end'
            ? `${sayDuration(front ?? 0)} of a request outside the engine; ${sig(now.running ?? 0)} running and ${sig(now.waiting ?? 0)} waiting inside it`
            : `${sig(now.running ?? 0)} running, a step every ${sayDuration(now.itl ?? 0)}`,
      },
      hurts: hurtsOf(judged, engines, now),
    },
    remedies: remediesOf(engines, variant, p, split, now),
    willNotHelp: noHelpOf(now),
    missing: unheard,
  });
}

function factsOf(
  judged: Judged,
  engines: readonly Engine[],
  variant: Variant,
  p: Processor,
  split: number,
  then: Stretch,
  now: Stretch,
): Fact[] {
  const before = (line: Values) => median(line.slice(0, Math.max(0, split)));
  const compared = (value: number | null, say: (x: number) => string) => (value === null ? '' : `before ${say(value)}`);
  const front = since(p.front, split);
  const scrape = since(p.scrape, split);
  const cores = since(p.cores, split);
  const throttled = since(p.throttled, split);
  const gpu = since(p.gpu, split);
  const mean = (id: SignalId) => meanOf(judged, engines, id, now.seconds);
  const outer: Fact[] = [
    ...(front === null
      ? []
      : [
          fact({
            signal: 'e2e',
            says: `${sayDuration(front)} of a request is spent in the API server`,
            figure: sayDuration(front),
            label: 'of a request outside the engine',
            compared:
              compared(before(p.front), sayDuration) || `healthy below ${sayDuration(FRONT[0] * judged.limits.ttft)}`,
            detail: `whole − queue − inference of the same finished requests, less one step of ${sayDuration(now.itl ?? 0)}`,
            observed: front,
            expected: before(p.front),
            unit: 'seconds',
            query: `${mean('e2e')} - ${mean('queue-time')} - ${mean('inference-time')}`,
            trend: p.front,
          }),
        ]),
    ...(scrape === null
      ? []
      : [
          fact({
            signal: 'scrape-duration',
            says: `a scrape takes ${sayDuration(scrape)}`,
            figure: sayDuration(scrape),
            label: 'to answer a scrape, by the same event loop',
            compared: compared(before(p.scrape), sayDuration),
            detail: 'median over the short window',
            observed: scrape,
            expected: before(p.scrape),
            unit: 'seconds',
            query: gaugeOf(judged, engines, 'scrape-duration'),
            trend: p.scrape,
          }),
        ]),
    ...(cores === null
      ? []
      : [
          fact({
            signal: 'process-cpu',
            says: `the API server uses ${sig(cores)} cores`,
            figure: sig(cores),
            label: 'cores used by the API server process',
            compared: compared(before(p.cores), sig) || 'one event loop uses at most 1',
            detail:
              cores >= CORE[0] ? 'its event loop never rests' : 'less than a core: it is kept from running, or waits',
            observed: cores,
            expected: before(p.cores),
            unit: 'count',
            query: rateOf(judged, engines, 'process-cpu', now.seconds),
            trend: p.cores,
            limit: 1,
          }),
        ]),
  ];
  const inner: Fact[] = [
    ...(gpu === null
      ? []
      : [
          fact({
            signal: 'gpu-sm-active',
            says: `the GPU has work on ${sayShare(gpu)} of its multiprocessors`,
            figure: sayShare(gpu),
            label: 'of the multiprocessors have work',
            compared: compared(before(p.gpu), sayShare),
            detail: `${sig(now.running ?? 0)} running, before ${sig(then.running ?? 0)}`,
            observed: gpu,
            expected: before(p.gpu),
            unit: 'ratio',
            query: gaugeOf(judged, engines, 'gpu-sm-active'),
            trend: p.gpu,
          }),
        ]),
    ...(now.itl === null
      ? []
      : [
          fact({
            signal: 'itl',
            says: `a step takes ${sayDuration(now.itl)}`,
            figure: sayDuration(now.itl),
            label: 'between two steps',
            compared: compared(then.itl, sayDuration),
            detail: '',
            observed: now.itl,
            expected: then.itl,
            unit: 'seconds',
            query: mean('itl'),
            trend: p.gap,
          }),
        ]),
  ];
  const limit: Fact[] =
    throttled === null
      ? []
      : [
          fact({
            signal: 'container-cpu-throttled',
            says: `the CPU limit stopped the container in ${sayShare(throttled)} of periods`,
            figure: sayShare(throttled),
            label: 'of CPU periods were cut short by the limit',
            compared: compared(before(p.throttled), sayShare),
            detail: '',
            observed: throttled,
            expected: before(p.throttled),
            unit: 'ratio',
            query: `${rateOf(judged, engines, 'container-cpu-throttled', now.seconds)} / ${rateOf(judged, engines, 'container-cpu-periods', now.seconds)}`,
            trend: p.throttled,
          }),
        ];
  return variant === 'front-end' ? [...outer, ...limit] : [...inner, ...limit];
}

const VERIFY =
  'Within 5 min: less than 50 ms of a request outside the engine, scrapes as quick as before, first tokens on target.';
/** Load of an event loop to aim at: above it requests queue in front of it. */
const LOOP_LOAD = 0.6;
/** Output tokens a second from which writing each of them out alone is work. */
const MANY_TOKENS = 2000;

function remediesOf(engines: readonly Engine[], variant: Variant, p: Processor, split: number, now: Stretch): Remedy[] {
  const cores = since(p.cores, split);
  const throttled = since(p.throttled, split);
  const lift: Remedy = {
    title: 'Take the CPU limit away, and give it cores of its own',
    knob: null,
    from: null,
    to: null,
    flag: null,
    why: 'An API server, the engine core and each GPU worker need one physical core each. A limit stops them in the middle of a step.',
    steps: [
      { sum: '1 API server + 1 engine core + 1 for each GPU', result: 'the least number of whole cores' },
      ...(throttled === null ? [] : [{ sum: 'periods cut short today', result: sayShare(throttled) }]),
    ],
    expect:
      variant === 'front-end'
        ? 'Requests reach the engine at once, scrapes are quick again.'
        : 'Steps as short as the GPU allows.',
    risk: 'Neighbours on the node get less.',
    verify: VERIFY,
    needsRestart: true,
  };
  const servers = cores === null ? 2 : Math.min(4, Math.max(2, Math.ceil(cores / LOOP_LOAD)));
  const more: Remedy = {
    title: `Run ${servers} API servers`,
    knob: 'api-server-count',
    from: 1,
    to: servers,
    flag: `--api-server-count ${servers}`,
    why: 'Each has an event loop of its own; the engine stays one.',
    steps: [
      cores === null
        ? { sum: 'cores used by the API server are not measured', result: '2, then look again' }
        : { sum: `${sig(cores)} cores ÷ ${LOOP_LOAD} of an event loop`, result: `${servers} API servers` },
    ],
    expect: 'Prompts are read and tokens written side by side.',
    risk: 'The process_* metrics vanish, gauges come from the latest of them, and images are cached per server.',
    verify: VERIFY,
    needsRestart: true,
  };
  const perReplica = (now.output ?? 0) / countOf(engines);
  const chunks: Remedy | null =
    perReplica >= MANY_TOKENS
      ? {
          title: 'Write out tokens in groups of 4',
          knob: 'stream-interval',
          from: 1,
          to: 4,
          flag: '--stream-interval 4',
          why: 'Each streamed token is a message to write.',
          steps: [{ sum: `${sig(perReplica)} tokens/s ÷ 4`, result: `${sig(perReplica / 4)} messages/s` }],
          expect: 'A quarter of the messages for the same tokens.',
          risk: 'Text appears in small jumps.',
          verify: VERIFY,
          needsRestart: true,
        }
      : null;
  if (variant === 'engine') return [lift];
  const loopFull = cores !== null && cores >= CORE[0];
  const limited = throttled !== null && throttled >= THROTTLED[0];
  const order = loopFull && !limited ? [more, chunks, lift] : [lift, more, chunks];
  return order.filter((r): r is Remedy => r !== null);
}

function noHelpOf(now: Stretch): NoHelp[] {
  return [
    { title: 'More or larger GPUs', why: 'the GPU waits for the processor' },
    { title: 'More seats', why: `${sig(now.running ?? 0)} run and ${sig(now.waiting ?? 0)} wait inside the engine` },
    { title: 'More KV cache', why: `at most ${sig(now.usageMax ?? 0)} of it is held` },
  ];
}

/** Signs of a late processor that cannot be followed up: said, rather than ruled out. */
function open(about: Detector, judged: Judged, lines: readonly Processor[], strength: Values): Finding | null {
  const slowScrape = lines.some((p) => {
    const now = p.scrape[judged.end] ?? null;
    const usual = p.usual.scrape[judged.end] ?? null;
    const plain =
      now !== null && usual !== null && now - usual >= SCRAPE.longer && now / Math.max(usual, 0.002) >= SCRAPE.times[1];
    return plain && p.front.every((v) => v === null);
  });
  if (slowScrape)
    return cannotTell(
      about,
      missingOf(judged, ['inference-time', 'e2e', 'queue-time']),
      'Scrapes have become slow; how long requests spend in the API server needs vllm:e2e_request_latency_seconds, vllm:request_queue_time_seconds and vllm:request_inference_time_seconds.',
      { strength },
    );
  return null;
}

function whyNot(judged: Judged, lines: readonly Processor[]): string {
  const front = maxOf(lines.map((p) => p.front[judged.end] ?? null));
  const scrape = maxOf(lines.map((p) => p.scrape[judged.end] ?? null));
  const gpu = maxOf(lines.map((p) => p.gpu[judged.end] ?? null));
  const told = [
    front === null ? '' : `${sayDuration(front)} of a request is spent outside the engine`,
    scrape === null ? '' : `a scrape takes ${sayDuration(scrape)}`,
    gpu === null ? '' : `the GPU has work on ${sayShare(gpu)} of its multiprocessors`,
  ].filter(Boolean);
  if (told.length === 0) return 'too few requests finish to show where their time goes';
  const unseen = lines.every((p) => p.gpu.every((v) => v === null) && p.throttled.every((v) => v === null));
  return `${told.join(', ')}${unseen ? ' (whether the GPU waits for the scheduler shows only with DCGM or cAdvisor)' : ''}`;
}
