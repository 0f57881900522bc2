import { stepsIn, type Values } from '../../base/grid.ts';
import { all, any, clamp, fall, ramp } from '../../base/score.ts';
import { sayCount, sayDuration, sayShare, sig } from '../../base/say.ts';
import { known, maxOf, median, quantile } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { fleetLine, smooth } from '../../evidence/lines.ts';
import { countOf, standsFor } from '../../evidence/stand-in.ts';
import { type Stretch, stretchOf } from '../../evidence/stretch.ts';
import { over } from '../../evidence/trace.ts';
import { type Abandonment, abandonmentOf, behindOnePort, shareAt, usualShare } from '../abandonment.ts';
import type { Detector, Fact, Finding, Remedy } from '../detector.ts';
import {
  cannotTell,
  confidenceOf,
  detected,
  fact,
  missingOf,
  ruledOut,
  sayDrain,
  scopeOf,
  severityOf,
  sight,
  sinceOf,
  splitOf,
} from '../finding.ts';
import { shed } from '../shedding.ts';
import { ENTER } from '../signature.ts';
import { gaugeOf, rateOf } from '../trace-back.ts';

/** Share given up, for certain (P16: 5 to 30 %). */
const GIVEN_UP = [0.05, 0.3] as const;
/** Attempts against the quietest minute before (P16: 1.2 to 2). */
const MORE = [1.2, 2] as const;
/** Rise of the prefix cache hit rate: whoever asks again hits what was computed for the attempt before (P16: 0.05 to 0.3). In a deep queue most attempts are never computed, and what comes again hits little. */
const REHIT = [0.03, 0.25] as const;
/**
 * Growth of arrivals since the first began to leave: whoever leaves in numbers without coming back stops arrivals from growing,
 * retries feed them. A demand that happens to rise at that very time looks the same, so that it counts for less than a re-hit.
 */
const ECHO: readonly [number, number] = [1.2, 1.7];
const ECHO_WEIGHT = 0.8;
/** With a rate window longer than this the jump itself is smeared over minutes; then growth must be larger than any plausible rest of it. */
const SETTLED = 60;
/** Part of a rate window by which a rate shows a jump late. */
const SMEAR = 0.4;
const SMEARED_ECHO: readonly [number, number] = [2, 4];
/** Times the usual load that no demand reaches within minutes, and that clients who try again once per patience easily do. */
const MANY = [4, 8] as const;
/** Share given up, and over the usual, from which the first began to leave; and seconds below it that do not end a run. */
const BEGAN = 0.1;
const BEGAN_TIMES = 2;
const PAUSE = 20;
/**
 * Of those given up, the part that had got a first token, over which growth stops counting: their blocks are in the cache, so
 * that they would hit if they came again.
 */
const COMPUTED = [0.2, 0.5] as const;
/** Attempts at the engines per request at the gateway: retries of the gateway itself. */
const PER_REQUEST = [1.1, 1.5] as const;
/** Prompts of another length are other work; within this factor they may be the same prompts again. */
const SAME_PROMPT = 1.6;
/** Without a count of requests that is not a count of attempts, heavier demand cannot be excluded (pathologies.md §6). */
const WITHOUT_GATEWAY = 0.55;
/** A minute and this many requests before a stretch says what is usual. */
const USUAL_SECONDS = 60;
const USUAL_EVENTS = 20;
/** Share of attempts that end without one finishing, from which nothing comes out at all. */
const LIVE_LOCK = 0.98;
/**
 * Attempts that clients make of a request at most, first one included (OpenAI's SDKs retry twice). Where the usual load could not
 * make so many, and what came before anybody left could, it is still there.
 */
const ATTEMPTS = 3;
/** Seconds somebody queued before the first left: what came meanwhile was demand, and no retries. */
const QUEUED_FIRST = 45;
/** Attempts against the most of the last minutes, below which it is dying down. */
const HOLDS = 0.8;
/** Seconds for which a queue that has stood ever since is still the storm's, as it is a stall's (../engine-stall). */
const AFTERMATH = 300;
/** Waiting up to this part of running are let in with the next step, and no queue. */
const PASSENGERS = 0.1;
/** Load to let in while it recovers: below what it can do, so that the backlog of retries dies out. */
const RECOVERY = 0.5;

export const retryStorm: Detector = {
  id: 'retry-storm',
  title: 'Retry storm',
  mechanism:
    'Answers came later than clients wait, so they asked again. Abandoned work still costs, the retries keep the load above capacity, and it lasts after its trigger is gone.',
  needs: ['ttft', 'finished', 'prefix-cache-queries', 'prefix-cache-hits'],
  judge(judged) {
    const missing = missingOf(judged, this.needs);
    if (missing.length > 0) {
      return cannotTell(
        this,
        missing,
        'Overload or retries: scrape the prefix cache counters, or the attempts a gateway counts per request.',
      );
    }
    const views = new Map(
      portsOf(judged).flatMap((engines) => engines.map((e) => [e, viewOf(judged, engines)] as const)),
    );
    const view = (engine: Engine) => views.get(engine) as View;
    const { sighting, strength } = sight(
      judged,
      (engine) => view(engine).strength,
      (engine) => queueSign(judged, engine, view(engine).strength),
    );
    if (!sighting) {
      const blind = [...views.values()].find((v) => v.unseen);
      return blind
        ? cannotTell(
            this,
            ['gateway-requests'],
            `${sayShare(blind.now?.share ?? 0)} of requests are given up, and with prefix caching off nothing shows whether they come again: overload or retries; the attempts a gateway counts per request would tell.`,
            { strength },
          )
        : ruledOut(this, whyNot([...views.values()]), { strength });
    }
    const { engines } = sighting;
    const split = splitOf(sighting);
    const then = stretchOf(engines, judged.grid, 0, split - 1);
    const now = stretchOf(engines, judged.grid, split, judged.end);
    const worst = view(engines[0] as Engine);
    const sum = totalOf([...new Set(engines.map(view))]);
    const gateway = missingOf(judged, ['gateway-requests']).length === 0;
    const lock = sum.share >= LIVE_LOCK;
    const repeats = `hit rate ${sig(worst.rehit.usual ?? 0)} → ${sig(worst.rehit.now ?? 0)}`;
    const byGateway = worst.perRequest !== null && worst.perRequest >= PER_REQUEST[0];
    const rehits = (worst.rehit.now ?? 0) - (worst.rehit.usual ?? 0) >= REHIT[0];
    const again = byGateway
      ? `the gateway sends each request ${sig(worst.perRequest)} times`
      : rehits
        ? `the same prompts come again: ${repeats}`
        : (worst.grown ?? 1) >= ECHO[0]
          ? `arrivals grew ${sig(worst.grown ?? 1)} times since the first left, as if they came again`
          : `attempts are ${sig(sum.attempts / Math.max(1e-6, sum.usual ?? sum.attempts))} times the usual, as if the same came again`;
    const shown = byGateway || rehits;
    const dying = sum.share < GIVEN_UP[0];
    const hangUps = `${sayShare(sum.share)} of ${sig(sum.attempts)} attempts/s are given up`;
    return detected(this, {
      variant: lock ? 'live-lock' : worst.demanded ? 'after-overload' : 'storm',
      score: sighting.score,
      confidence: confidenceOf(sighting.score, sighting.persistence, 1, 1, gateway && shown ? 0.95 : WITHOUT_GATEWAY),
      severity:
        sum.share < GIVEN_UP[0]
          ? severityOf(judged, engines)
          : lock || sum.share >= 0.5
            ? 'critical'
            : severityOf(judged, engines) === 'critical'
              ? 'critical'
              : 'warning',
      scope: scopeOf(judged, engines),
      since: sinceOf(judged, sighting),
      strength: sighting.strength,
      lede: dying
        ? `Few leave by now, ${sayShare(sum.share)}, and ${sayCount(now.waitingLast ?? 0, 'request')} wait from the storm.${sayDrain(judged, engines)}`
        : `${hangUps}, and ${again}. ${
            sum.usual === null ? '' : `The load was ${sig(sum.usual)}/s before. `
          }${lock ? 'Next to nothing is finished. ' : ''}It does not end by itself.${gateway && shown ? '' : ' Overload or retries: attempts counted per request would make it certain.'}`,
      facts: factsOf(judged, engines, worst, sum, then, now),
      story: {
        changed:
          sum.peak !== null && sum.usual !== null && sum.peak > 1.25 * sum.usual
            ? {
                at: sinceOf(judged, sighting),
                title: 'More came than could be answered in time',
                says: `${sig(sum.usual)} → ${sig(sum.peak)} attempts/s at its worst; how many of them are new nobody counted`,
              }
            : null,
        broke: {
          at: sinceOf(judged, sighting),
          title: 'Whoever gave up asked again',
          says: `${sig(sum.attempts)} attempts/s, ${sig(sum.attempts * (1 - sum.share))}/s finish; ${byGateway || !rehits ? again : repeats}`,
        },
        hurts: {
          at: null,
          title: lock ? 'Hardly anybody gets an answer' : 'Most work is done for nobody',
          says: `${sayCount(now.waitingLast ?? 0, 'request')} wait${now.ttft === null ? '' : `, first tokens after ${sayDuration(now.ttft)}`}`,
        },
      },
      remedies: remediesOf(judged, engines, sum, now),
      missing: gateway ? [] : ['gateway-requests'],
      ask: gateway ? '' : 'Overload or retries: scrape the gateway, whose requests and attempts tell them apart.',
      willNotHelp: [
        { title: 'Waiting', why: 'retries keep the load where it is after its trigger is gone' },
        { title: 'Restarting replicas', why: 'the clients ask again, and meet a cold cache' },
        { title: 'More seats', why: 'they fill with requests whose clients leave' },
      ],
    });
  },
};

interface View {
  readonly engines: readonly Engine[];
  readonly strength: Values;
  readonly now: { readonly share: number; readonly least: number } | null;
  /** Attempts that end per second: now, in a usual minute, at the worst; and as a line. */
  readonly attempts: {
    readonly now: number | null;
    readonly usual: number | null;
    readonly peak: number | null;
    readonly line: Values;
  };
  /** Hit rate: now, usual, and as a line. */
  readonly rehit: { readonly now: number | null; readonly usual: number | null; readonly line: Values };
  /** Engine attempts per gateway request; `null` without a gateway. */
  readonly perRequest: number | null;
  /** Many leave and nothing could show whether they come again. */
  readonly unseen: boolean;
  /** Arrivals over those when the first began to leave; `null` if unknown. */
  readonly grown: number | null;
  /** More than can be served came before anybody left, and still does. */
  readonly demanded: boolean;
  /** Mean prompt against the usual one, as a factor; 1 where unknown. */
  readonly length: number;
}

function isSame(length: number): boolean {
  return length <= SAME_PROMPT && length >= 1 / SAME_PROMPT;
}

function portsOf(judged: Judged): (readonly Engine[])[] {
  const seen = new Set<string>();
  return judged.engines.flatMap((engine) => {
    if (seen.has(engine.trace.replica.instance)) return [];
    seen.add(engine.trace.replica.instance);
    return [behindOnePort(judged, engine)];
  });
}

function viewOf(judged: Judged, engines: readonly Engine[]): View {
  const { grid } = judged;
  const abandonment = abandonmentOf(judged, engines);
  const ids = engines.map((e) => e.id);
  const queried = fleetLine(judged.evidence, 'prefix-cache-queries', ids);
  const hits = fleetLine(judged.evidence, 'prefix-cache-hits', ids);
  const prompts = promptLine(judged, engines);
  const fast = stepsIn(grid, judged.fast);
  const nothing: Values = Array.from({ length: grid.count }, () => null);
  const attempts = abandonment ? smooth(abandonment.ended, fast) : nothing;
  const q = queried ? smooth(queried, fast) : nothing;
  const h = hits ? smooth(hits, fast) : nothing;
  const rehit = q.map((of, i) =>
    of === null || of <= 1e-6 || (h[i] ?? null) === null ? null : Math.min(1, (h[i] as number) / of),
  );
  const usual = usualOf(judged, abandonment, attempts, rehit, prompts);
  const perRequest = perRequestLine(judged);
  const off = engines.some((e) => e.trace.prefixCaching === false);
  const since = abandonment ? growthSince(judged, engines, abandonment) : null;
  const grown = since?.grown ?? nothing;
  const begun = abandonment ? begunOf(engines, abandonment, fast) : nothing;
  const shares = Array.from({ length: grid.count }, (_, i) => (abandonment ? shareAt(judged, abandonment, i) : null));
  const lengthAt = (i: number) => {
    const before = usual[i]?.prompt ?? null;
    return before !== null && prompts[i] ? (prompts[i] as number) / before : 1;
  };
  const echo = judged.evidence.window > SETTLED ? SMEARED_ECHO : ECHO;
  const storm = Array.from({ length: grid.count }, (_, i) => {
    const share = shares[i] ?? null;
    const before = usual[i] ?? null;
    if (share === null || abandonment === null) return null;
    const again = perRequest ? ramp(perRequest[i] ?? 1, ...PER_REQUEST) : 0;
    if (before === null) return again > 0 ? all(ramp(share.least, ...GIVEN_UP), again) : 0;
    const same = isSame(lengthAt(i)) ? 1 : 0;
    const seen = rehit[i] ?? before.rehit ?? 0;
    const hit = off || before.rehit === null ? 0 : same * ramp(seen - before.rehit, ...REHIT);
    const more = before.least > 0 ? (attempts[i] ?? 0) / before.least : 1;
    return all(
      ramp(share.least, ...GIVEN_UP),
      ramp(more, ...MORE),
      any(
        hit,
        again,
        ECHO_WEIGHT *
          Math.max(ramp(grown[i] ?? 1, ...echo), ramp(more, ...MANY)) *
          (off ? 1 : fall(begun[i] ?? 0, ...COMPUTED)),
      ),
    );
  });
  const strength = withAftermath(judged, engines, storm);
  const last = Math.max(
    0,
    strength.findLastIndex((s) => s !== null),
  );
  return {
    engines,
    strength,
    now: shares[last] ?? null,
    attempts: {
      now: attempts[last] ?? null,
      usual: usual[last]?.attempts ?? null,
      peak: maxOf(attempts),
      line: attempts,
    },
    rehit: { now: rehit[last] ?? null, usual: usual[last]?.rehit ?? null, line: rehit },
    perRequest: perRequest?.[last] ?? null,
    grown: grown[last] ?? null,
    demanded: isDemand(judged, engines, {
      from: since?.from[last] ?? null,
      grown: grown[last] ?? null,
      attempts: attempts.slice(0, last + 1),
      usual: usual[last]?.attempts ?? null,
    }),
    length: lengthAt(last),
    unseen: off && perRequest === null && (shares[last]?.least ?? 0) >= GIVEN_UP[1],
  };
}

/**
 * The queue that a storm leaves behind is its doing until it is empty once: nobody who waits in it would, had the others not come
 * again. @returns the strength, and no less than what enters a finding while that queue stands
 */
function withAftermath(judged: Judged, engines: readonly Engine[], storm: Values): Values {
  const { grid } = judged;
  let since: number | null = null;
  return storm.map((s, i) => {
    if (s === null) return null;
    if (s >= ENTER && (storm[i - 1] ?? 0) >= ENTER) since = i;
    const isEmpty = ({ trace }: Engine) =>
      (trace.waiting?.[i] ?? 1) < Math.max(1, PASSENGERS * (trace.running?.[i] ?? 0));
    if (engines.every(isEmpty)) since = null;
    return since !== null && (i - since) * grid.step <= AFTERMATH ? Math.max(s, ENTER) : s;
  });
}

/** Mean prompt per first token over the fast window. */
function promptLine(judged: Judged, engines: readonly Engine[]): Values {
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const sum = (pick: (e: Engine) => Values | null) =>
      engines.reduce((s, e) => s + standsFor(e.trace.replica) * (over(pick(e), judged.grid, i, judged.fast) ?? 0), 0);
    const first = sum((e) => e.trace.firstTokens);
    return first > 1e-6 ? sum((e) => e.trace.prompt) / first : null;
  });
}

/** Requests that arrive per second: the gateway's count; else what ends and what piles up, over the rate window. */
function arrivalsOf(judged: Judged, engines: readonly Engine[], abandonment: Abandonment): Values {
  const gateway = fleetLine(judged.evidence, 'gateway-requests');
  if (gateway) return gateway;
  const steps = stepsIn(judged.grid, judged.evidence.window);
  const inside = insideOf(judged, engines);
  return abandonment.ended.map((ended, i) => {
    const a = inside[i - steps] ?? null;
    const b = inside[i] ?? null;
    return ended === null || a === null || b === null
      ? null
      : Math.max(0, ended + (b - a) / (steps * judged.grid.step));
  });
}

/** Of those given up, the part that had got a first token: first tokens less finishes, over hang-ups. */
function begunOf(engines: readonly Engine[], abandonment: Abandonment, steps: number): Values {
  const add = (pick: (e: Engine) => Values | null) =>
    smooth(
      abandonment.ended.map((_, i) => {
        const at = engines.map((e) => pick(e)?.[i] ?? null);
        return at.includes(null) ? null : at.reduce<number>((sum, v) => sum + (v ?? 0), 0);
      }),
      steps,
    );
  const first = add((e) => e.trace.firstTokens);
  const finished = add((e) => e.trace.finishes);
  const given = smooth(abandonment.given, steps);
  return given.map((g, i) =>
    g === null || g <= 1e-9 || (first[i] ?? null) === null || (finished[i] ?? null) === null
      ? null
      : clamp(((first[i] as number) - (finished[i] as number)) / g),
  );
}

/**
 * Arrivals now over the most that arrived until one rate window after the first began to leave: the jump that made them leave
 * is in that. @returns `null` while few leave, or where that began with the window
 */
function growthSince(
  judged: Judged,
  engines: readonly Engine[],
  abandonment: Abandonment,
): { readonly grown: Values; readonly from: Values } {
  const { grid } = judged;
  const arrivals = arrivalsOf(judged, engines, abandonment);
  const lately = smooth(arrivals, stepsIn(grid, judged.fast));
  const usual = usualShare(judged, abandonment);
  const pause = stepsIn(grid, PAUSE);
  const settle = stepsIn(grid, Math.min(judged.evidence.window, SETTLED));
  let from: number | null = null;
  let high = 0;
  let seen = -1;
  const began: (number | null)[] = [];
  const grown = Array.from({ length: grid.count }, (_, i) => {
    const ended = abandonment.ended[i] ?? null;
    const share = ended === null || ended <= 1e-9 ? null : (abandonment.given[i] ?? 0) / ended;
    if (share !== null && share >= Math.max(BEGAN, BEGAN_TIMES * (usual[i] ?? 0))) {
      if (from === null || i - seen > pause) {
        from = i;
        high = Math.max(...known(arrivals.slice(Math.max(0, i - settle), i + 1)), 0);
      }
      seen = i;
    }
    const none = from === null || from === 0 || i - seen > pause;
    began.push(none ? null : from);
    if (none || from === null) return null;
    if (i <= from + settle) {
      high = Math.max(high, arrivals[i] ?? 0);
      return null;
    }
    const now = lately[i] ?? null;
    return now === null || high <= 0 ? null : now / high;
  });
  return { grown, from: began };
}

/**
 * Whether overload came first and lasts: a queue stood before anybody left, what came then could make all the attempts of now in a
 * few tries each, the usual load could not, and they are not dying down. Then the retries only add to it.
 */
function isDemand(
  judged: Judged,
  engines: readonly Engine[],
  {
    from,
    grown,
    attempts,
    usual,
  }: {
    readonly from: number | null;
    readonly grown: number | null;
    readonly attempts: Values;
    readonly usual: number | null;
  },
): boolean {
  const now = attempts.at(-1) ?? null;
  if (from === null || grown === null || now === null || usual === null) return false;
  const waits = (i: number) => engines.some((e) => (e.trace.waiting?.[i] ?? 0) >= 1);
  let queued = 0;
  while (queued <= from && waits(from - queued)) queued++;
  // Where rates are smeared the first left earlier than they show, and at a scrape or two nobody sees how long a queue had stood.
  const { step } = judged.grid;
  const { window } = judged.evidence;
  const stood = queued * step - (window > SETTLED ? SMEAR * window + 2 * step : 0);
  const peak = maxOf(attempts.slice(-stepsIn(judged.grid, judged.main))) ?? now;
  return stood >= QUEUED_FIRST && grown <= ATTEMPTS && now > ATTEMPTS * usual && now >= HOLDS * peak;
}

/**
 * Attempts at the engines per request at the gateway over two minutes, a queue that fills or drains allowed for; `null` where
 * either is not counted.
 */
function perRequestLine(judged: Judged): Values | null {
  const gateway = fleetLine(judged.evidence, 'gateway-requests');
  const answers = fleetLine(judged.evidence, 'http-requests');
  if (!gateway || !answers) return null;
  const steps = stepsIn(judged.grid, judged.main);
  const g = smooth(gateway, steps);
  const a = smooth(answers, steps);
  const inside = smooth(insideOf(judged, judged.engines), stepsIn(judged.grid, judged.evidence.window));
  return a.map((x, i) => {
    const back = Math.max(0, i - steps + 1);
    const piled = ((inside[i] ?? 0) - (inside[back] ?? inside[i] ?? 0)) / (steps * judged.grid.step);
    return x === null || (g[i] ?? 0) <= 1e-6 ? null : (x + piled) / (g[i] as number);
  });
}

/** Requests running and waiting on all of these; `null` where one is not seen. */
function insideOf(judged: Judged, engines: readonly Engine[]): Values {
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const at = engines.map((e) => e.trace.running?.[i] ?? null);
    return at.includes(null)
      ? null
      : engines.reduce(
          (sum, e) => sum + standsFor(e.trace.replica) * ((e.trace.running?.[i] ?? 0) + (e.trace.waiting?.[i] ?? 0)),
          0,
        );
  });
}

interface Usual {
  /** Of the quietest minute, and of the middle one. */
  readonly least: number;
  readonly attempts: number;
  readonly rehit: number | null;
  readonly prompt: number | null;
}

/** What was usual before each grid time: from minutes in which few left. The quietest of them for the load, the middle one for the hit rate. */
function usualOf(
  judged: Judged,
  abandonment: Abandonment | null,
  attempts: Values,
  rehit: Values,
  prompts: Values,
): (Usual | null)[] {
  const { grid } = judged;
  const minute = stepsIn(grid, Math.max(USUAL_SECONDS, judged.fast));
  const lag = stepsIn(grid, judged.fast);
  const calm: Calm[] = [];
  let from = 0;
  for (let i = 0; i < grid.count && abandonment; i++) {
    if (i - from + 1 < minute) continue;
    const seconds = (i - from + 1) * grid.step;
    const e = abandonment.over(i, seconds);
    if (e && e.ended < USUAL_EVENTS && i + 1 < grid.count) continue;
    if (e && e.ended > 0 && e.given / e.ended < GIVEN_UP[1]) {
      calm.push({
        at: i,
        attempts: median(attempts.slice(from, i + 1)) ?? 0,
        rehit: median(rehit.slice(from, i + 1)),
        prompt: median(prompts.slice(from, i + 1)),
      });
    }
    from = i + 1;
  }
  let known = 0;
  let usual: Usual | null = null;
  return Array.from({ length: grid.count }, (_, i) => {
    const before = known;
    while (known < calm.length && (calm[known] as Calm).at <= i - lag) known++;
    if (known > before) usual = summedUp(calm.slice(0, known));
    return usual;
  });
}

/** A stretch in which few left, by the grid index at which it ended. */
interface Calm {
  readonly at: number;
  readonly attempts: number;
  readonly rehit: number | null;
  readonly prompt: number | null;
}

function summedUp(calm: readonly Calm[]): Usual {
  return {
    least: Math.min(...calm.map((c) => c.attempts)),
    attempts: median(calm.map((c) => c.attempts)) ?? 0,
    rehit: median(calm.map((c) => c.rehit)),
    prompt: median(calm.map((c) => c.prompt)),
  };
}

/**
 * A queue beyond what is usual here: what made the first clients give up is where a storm begins. Usual is what nine of ten
 * scrapes showed until a minute and more before it was complete.
 */
function queueSign(judged: Judged, engine: Engine, strength: Values): Values {
  const waiting = engine.trace.waiting ?? [];
  const complete = strength.findIndex((s) => (s ?? 0) >= ENTER);
  // It is complete a rate window and the smoothing of it after it began.
  const lag = Math.max(USUAL_SECONDS, judged.evidence.window + judged.fast);
  const calm = waiting.slice(0, Math.max(0, complete - stepsIn(judged.grid, lag)));
  const level = 1 + 2 * (quantile(calm, 0.9) ?? 0);
  return waiting.map((w) => (w === null ? null : w >= level ? 1 : 0));
}

interface Total {
  readonly attempts: number;
  readonly usual: number | null;
  readonly peak: number | null;
  readonly share: number;
}

function totalOf(views: readonly View[]): Total {
  const add = (pick: (v: View) => number | null) => {
    const xs = views.map(pick).filter((x): x is number => x !== null);
    return xs.length === 0 ? null : xs.reduce((a, b) => a + b, 0);
  };
  const attempts = add((v) => v.attempts.now) ?? 0;
  const given = add((v) => (v.now?.share ?? 0) * (v.attempts.now ?? 0)) ?? 0;
  return {
    attempts,
    usual: add((v) => v.attempts.usual),
    peak: add((v) => v.attempts.peak),
    share: attempts > 0 ? given / attempts : 0,
  };
}

function factsOf(
  judged: Judged,
  engines: readonly Engine[],
  worst: View,
  sum: Total,
  then: Stretch,
  now: Stretch,
): Finding['facts'] {
  const seconds = judged.main;
  const http = missingOf(judged, ['http-requests']).length === 0;
  const ended = rateOf(judged, engines, http ? 'http-requests' : 'ttft', seconds);
  const facts: Fact[] = [
    fact({
      signal: 'prefix-cache-hits',
      says: `prefix cache hit rate ${sig(worst.rehit.usual ?? 0)} → ${sig(worst.rehit.now ?? 0)}: the same prompts come again`,
      figure: sig(worst.rehit.now ?? 0),
      label: 'prefix cache hit rate: the same prompts come again',
      compared: worst.rehit.usual === null ? 'before unknown' : `before ${sig(worst.rehit.usual)}`,
      detail: `prompts of ${sig(now.prompt ?? 0)} tokens${then.prompt === null ? '' : `, before ${sig(then.prompt)}`}`,
      observed: worst.rehit.now,
      expected: worst.rehit.usual,
      unit: 'ratio',
      query: `${rateOf(judged, engines, 'prefix-cache-hits', seconds)} / ${rateOf(judged, engines, 'prefix-cache-queries', seconds)}`,
      trend: worst.rehit.line,
      limit: worst.rehit.usual,
    }),
    fact({
      signal: http ? 'http-requests' : 'ttft',
      says: `${sig(sum.attempts)} attempts/s${sum.usual === null ? '' : `, before ${sig(sum.usual)}`}`,
      figure: sig(sum.attempts),
      label: 'attempts/s end, finished or not',
      compared: sum.usual === null ? 'before unknown' : `before ${sig(sum.usual)}`,
      detail: sum.peak === null ? '' : `${sig(sum.peak)}/s at the worst`,
      observed: sum.attempts,
      expected: sum.usual,
      unit: 'requests-per-second',
      query: ended,
      trend: worst.attempts.line,
      limit: worst.attempts.usual,
    }),
    fact({
      signal: 'finished',
      says: `${sayShare(sum.share)} of attempts are given up`,
      figure: sayShare(sum.share),
      label: 'of attempts are given up',
      compared: 'a storm feeds on them; normal near 0',
      detail: `${sig(sum.attempts * (1 - sum.share))}/s finish`,
      observed: sum.share,
      expected: 0,
      unit: 'ratio',
      query: `1 - ${rateOf(judged, engines, 'finished', seconds)} / ${ended}`,
      trend: engines[0]?.trace.finishes ?? null,
    }),
    fact({
      signal: 'waiting',
      says: `${sayCount(now.waitingLast ?? 0, 'request')} waiting, ${sig(now.running ?? 0)} running on average`,
      figure: sig(now.waitingLast ?? 0),
      label: 'requests wait',
      compared: `before ${sig(then.waiting ?? 0)}`,
      detail: `${sig(now.running ?? 0)} running on average`,
      observed: now.waitingLast,
      expected: then.waiting,
      unit: 'requests',
      query: gaugeOf(judged, engines, 'waiting'),
      trend: engines[0]?.trace.waiting ?? null,
    }),
  ];
  if (worst.perRequest !== null) {
    facts.splice(
      1,
      0,
      fact({
        signal: 'gateway-requests',
        says: `${sig(worst.perRequest)} attempts at the engines per request at the gateway`,
        figure: sig(worst.perRequest),
        label: 'attempts per request at the gateway',
        compared: 'without retries of its own 1',
        detail:
          worst.perRequest >= PER_REQUEST[0]
            ? 'the gateway itself tries again'
            : 'the gateway does not try again; its clients do',
        observed: worst.perRequest,
        expected: 1,
        unit: 'ratio',
        query: `${ended} / ${rateOf(judged, judged.engines, 'gateway-requests', seconds)}`,
        trend: null,
      }),
    );
  }
  return facts;
}

/** Most requests finished per second over any minute of the window: what these engines have shown they can do. */
function shownCapacity(judged: Judged, engines: readonly Engine[]): number | null {
  const minute = stepsIn(judged.grid, Math.max(USUAL_SECONDS, judged.fast));
  const lines = engines.map((e) => (e.trace.finishes ? smooth(e.trace.finishes, minute) : null));
  return maxOf(
    Array.from({ length: judged.grid.count }, (_, i) => {
      const at = lines.map((l) => l?.[i] ?? null).filter((v): v is number => v !== null);
      return at.length === 0 ? null : at.reduce((a, b) => a + b, 0);
    }),
  );
}

function remediesOf(judged: Judged, engines: readonly Engine[], sum: Total, now: Stretch): Remedy[] {
  const capacity = shownCapacity(judged, engines);
  const admit = capacity === null ? null : capacity * RECOVERY;
  const finish = sum.attempts * (1 - sum.share);
  const amplified = finish > 0.01 ? sum.attempts / finish : null;
  const verify = 'Within 2 min: hang-ups below 5 %, hit rate as before, attempts fall to what finishes.';
  return [
    {
      title: admit === null ? 'Cut the load below capacity for a minute' : `Let in ${sig(admit)}/s for a minute`,
      knob: null,
      from: `${sig(sum.attempts)}/s`,
      to: admit === null ? null : `${sig(admit)}/s`,
      flag: null,
      why: 'A storm ends only when what is let in is less than what can be done; then waits fall below patience, and nobody asks again.',
      steps:
        capacity === null || admit === null
          ? []
          : [
              { sum: 'most that finished in any minute here', result: `${sig(capacity)}/s` },
              { sum: `× ${RECOVERY}`, result: `${sig(admit)}/s let in` },
              {
                sum: `1 − ${sig(admit)} ÷ ${sig(sum.attempts)}`,
                result: `${sayShare(Math.max(0, 1 - admit / Math.max(admit, sum.attempts)))} turned away at the gateway`,
              },
            ],
      expect: 'The queue is empty within a minute; then open up step by step.',
      risk: 'Those turned away are refused at once, instead of after their patience. Opened at once, it comes again.',
      verify,
      needsRestart: false,
    },
    {
      title: 'Give clients a retry budget',
      knob: null,
      from: amplified === null ? null : `${sig(amplified)} attempts per answer`,
      to: '1.1 attempts per request',
      flag: null,
      why: 'At most one retry in ten requests, exponential back-off with full jitter, in one layer only. Otherwise the next burst does the same.',
      steps: [
        ...(amplified === null
          ? []
          : [
              {
                sum: `${sig(sum.attempts)} attempts/s ÷ ${sig(finish)} finished/s`,
                result: `${sig(amplified)} per answer`,
              },
            ]),
        { sum: '1 + 0.1', result: '1.1 at most' },
      ],
      expect: 'A burst costs its own length and a tenth.',
      risk: 'A few requests fail that a second try would have saved.',
      verify,
      needsRestart: false,
    },
    {
      ...shed(judged, now, {
        arrivals: sum.attempts,
        served: capacity ?? Math.max(now.firstTokens ?? 0, finish),
        replicas: countOf(engines),
        verify,
        source: 'attempts that end',
      }),
      title: 'Refuse early instead of queueing',
    },
  ];
}

function whyNot(views: readonly View[]): string {
  const worst = [...views].sort((a, b) => (b.now?.share ?? 0) - (a.now?.share ?? 0))[0];
  if (!worst?.now) return 'fewer than 1 request ended lately';
  if (worst.now.least < GIVEN_UP[0])
    return `${sayShare(worst.now.share)} of requests are given up; a storm lives on those who ask again`;
  const { usual, now } = worst.rehit;
  if (!isSame(worst.length) && (now ?? 0) - (usual ?? 0) >= REHIT[0])
    return `${sayShare(worst.now.share)} of requests are given up, but prompts are ${sig(worst.length)} times as long as before: other work, not the same again`;
  return `${sayShare(worst.now.share)} of requests are given up, and they do not come again: hit rate ${sig(now ?? 0)}${usual === null ? '' : `, before ${sig(usual)}`}`;
}
