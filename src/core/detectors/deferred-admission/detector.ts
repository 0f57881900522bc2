import type { Values } from '../../base/grid.ts';
import { all, any, ramp } from '../../base/score.ts';
import { sayCount, sayDuration, sayList, sayShare, sig } from '../../base/say.ts';
import { maxOf, shareOf } from '../../base/statistics.ts';
import type { Binding } from '../../evidence/admission.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { countOf } from '../../evidence/stand-in.ts';
import type { Stretch } from '../../evidence/stretch.ts';
import { over, recent } from '../../evidence/trace.ts';
import { type Adapters, type Deferral, deferralOf, deferredQuery } from '../deferral.ts';
import type { Detector, Fact, NoHelp, Remedy } from '../detector.ts';
import { cannotTell, confidenceOf, detected, fact, missingOf, ruledOut, sayDrain, severityOf } from '../finding.ts';
import { type Signature, study } from '../study.ts';
import { changedOf, hurtsOf } from '../story.ts';
import { gaugeOf, meanOf } from '../trace-back.ts';

/** Share of the queue that is deferred, from "a few grammars compile" to "the queue is this" (pathologies.md P24). */
const SHARE = [0.3, 0.7] as const;
/** Seconds a deferred queue must stand: twenty seconds of new schemas or of adapters being loaded heal themselves. */
const STAND = 60;
/** Mean of waiting requests below which nobody is said to wait. */
const SOMEBODY = 0.5;
/** Confidence where the adapters' names are the only sign, or a KV connector could be what defers. */
const INDIRECT = 0.6;

export const deferredAdmission: Detector = {
  id: 'deferred-admission',
  title: 'Deferred admission',
  mechanism:
    'The scheduler skips requests whose adapter does not fit into the step or whose grammar is not compiled yet, so they wait although seats, memory and engine time are free.',
  needs: ['running', 'waiting'],
  judge(judged) {
    const missing = missingOf(judged, this.needs);
    if (missing.length > 0) return cannotTell(this, missing, SIGNATURE.ask);
    const cases = new Map(judged.engines.map((engine) => [engine, deferralOf(judged, engine)]));
    const deferralFor = (engine: Engine) => cases.get(engine) ?? deferralOf(judged, engine);
    const signature: Signature = {
      ...SIGNATURE,
      strength: (_, engine) => strengthOf(judged, engine, deferralFor(engine)),
      early: (_, engine) => earlySign(judged, engine, deferralFor(engine)),
      whyNot: () => whyNot(judged, deferralFor),
    };
    const finding = study(this, judged, signature, ({ sighting, engines, one, then, now, standing }) => {
      const deferral = deferralFor(one);
      const { adapters } = deferral;
      const direct = deferral.deferred !== null && !(deferral.connector && deferral.fetching === null);
      const skipped = skippedOf(judged, engines, deferralFor);
      return detected(this, {
        ...standing,
        variant: adapters ? 'adapters' : 'grammar',
        confidence: confidenceOf(
          sighting.score,
          sighting.persistence,
          adapters ? 1 : 0.9,
          0.98,
          direct ? 0.95 : INDIRECT,
        ),
        severity: severityOf(judged, engines, false),
        lede: `${skipped === null ? sayCount(now.waitingLast ?? 0, 'request') : `${sayCount(skipped, 'request')} of ${sig(now.waitingLast ?? 0)}`} ${skipped === 1 ? 'waits' : 'wait'} for ${adapters ? `an adapter${adapters.fit === null ? '' : `: ${adapters.fit} fit into a step`}` : 'something other than capacity, as a rule a grammar that is being compiled'}. ${sig(now.running ?? 0)} run, with the KV cache at ${sig(now.usage ?? 0)}.${sayDrain(judged, engines)}`,
        facts: factsOf(judged, engines, deferral, skipped, then, now),
        story: {
          changed: changedOf(then, now) ?? {
            at: null,
            title: adapters ? 'More adapters are asked for than fit' : 'Requests came that cannot start at once',
            says: adapters ? sayAdapters(adapters) : 'no adapters and no remote KV are in use, which leaves grammars',
          },
          broke: {
            at: standing.since,
            title: 'Requests are skipped',
            says: `${skipped === null ? 'how many is not told by this build' : `${sig(skipped)} deferred`}; ${sig(now.running ?? 0)} running, before ${sig(then.running ?? now.running ?? 0)}`,
          },
          hurts: hurtsOf(judged, engines, now),
        },
        remedies: adapters
          ? adapterRemedies(judged, engines, adapters, now)
          : grammarRemedies(judged, engines, skipped, now),
        missing: deferral.deferred === null ? ['waiting-by-reason'] : [],
        willNotHelp: noHelpOf(now),
      });
    });
    if (finding.state !== 'ruled-out') return finding;
    // A queue whose reasons nobody tells is not ruled out to be a deferred one.
    const dark = judged.engines.filter(
      (e) => waitsNow(judged, e) && deferralFor(e).deferred === null && !capacityBinds(judged, e),
    );
    if (dark.length > 0)
      return cannotTell(
        this,
        ['waiting-by-reason'],
        'Requests wait and this build does not say what for: vllm:num_requests_waiting_by_reason comes with vLLM 0.20.',
        { strength: finding.strength },
      );
    const remote = judged.engines.filter((e) => remoteOnly(judged, deferralFor(e)));
    return remote.length > 0
      ? ruledOut(
          this,
          `no adapters are in use and a KV connector is: the ${sig(maxOf(remote.map((e) => over(e.trace.deferred, judged.grid, judged.end, judged.fast))) ?? 0)} deferred wait for remote KV`,
          { strength: finding.strength },
        )
      : finding;
  },
};

const SIGNATURE: Signature = {
  ask: 'Scrape vllm:num_requests_running, vllm:num_requests_waiting and vllm:num_requests_waiting_by_reason.',
  strength: () => [],
  early: () => [],
  whyNot: () => '',
};

/** Deferred requests less those whose remote KV is still to come; `null` where the queue is not split. */
function othersOf(deferral: Deferral): Values | null {
  return deferral.deferred?.map((d, i) => (d === null ? null : Math.max(0, d - (deferral.fetching?.[i] ?? 0)))) ?? null;
}

/** A connector without stages, and no adapters: what is deferred waits for remote KV, which kv-transfer-stall looks at. */
function remoteOnly(judged: Judged, deferral: Deferral): boolean {
  const ambiguous = deferral.connector && deferral.fetching === null && deferral.adapters === null;
  return ambiguous && (over(deferral.deferred, judged.grid, judged.end, judged.fast) ?? 0) >= SOMEBODY;
}

/** As many adapters run as fit. */
function adaptersFull(adapters: Adapters): boolean {
  return adapters.fit !== null && adapters.running.length >= adapters.fit;
}

/** Names that wait and are not among the running: all there is to see on builds that do not split the queue. */
function adaptersWait(adapters: Adapters | null): boolean {
  return (
    adapters !== null && adaptersFull(adapters) && adapters.waiting.some((name) => !adapters.running.includes(name))
  );
}

/** Somebody waits, most of the queue is deferred and not for remote KV, neither seats nor memory bind, and it lasts. */
function strengthOf(judged: Judged, engine: Engine, deferral: Deferral): Values {
  const { trace, admission, harm } = engine;
  const { grid } = judged;
  const others = othersOf(deferral);
  // A connector that does not tell its stages may be what defers; then only full adapters speak for themselves.
  const clouded = deferral.connector && deferral.fetching === null;
  const speaks = others === null ? adaptersWait(deferral.adapters) : !clouded || adaptersWait(deferral.adapters);
  const binds: Binding = others === null ? 'engine' : 'deferred';
  const stand = Math.max(STAND, judged.fast);
  return Array.from({ length: grid.count }, (_, i) => {
    const waiting = over(trace.waiting, grid, i, judged.fast);
    const running = over(trace.running, grid, i, judged.fast);
    if (waiting === null || running === null) return null;
    if (waiting < SOMEBODY) return others === null ? 0 : recurringOf(judged, engine, others, i);
    const skipped = over(others, grid, i, judged.fast);
    if (!speaks) return others === null ? null : 0;
    const share = others === null ? 1 : skipped === null ? null : skipped / waiting;
    if (share === null) return null;
    const wait = harm.wait[i] ?? null;
    const pressure = any(
      ramp(waiting / (running + 1), 0.1, 1),
      wait === null ? 0 : ramp(wait / judged.limits.ttft, 0.5, 4),
    );
    const queue = all(
      ramp(share, ...SHARE),
      ramp(standing(judged, admission.binding, i, stand, binds), 0.45, 0.8),
      pressure,
    );
    return Math.max(queue, others === null ? 0 : recurringOf(judged, engine, others, i));
  });
}

/**
 * No queue that stands, but requests that are skipped again and again: most of the waiting is theirs, Little's law says how long
 * they wait, and first tokens are late. One burst lies within a part of the long window, these in three of its four quarters.
 */
function recurringOf(judged: Judged, { trace, admission, harm }: Engine, others: Values, i: number): number {
  const { grid } = judged;
  const waiting = over(trace.waiting, grid, i, judged.main);
  const skipped = over(others, grid, i, judged.main);
  const pace = over(trace.firstTokens, grid, i, judged.main);
  const late = over(harm.lateTtft, grid, i, judged.main);
  if (!waiting || skipped === null || !pace || late === null) return 0;
  const quarter = Math.max(1, Math.round(judged.main / 4 / grid.step));
  let quarters = 0;
  for (let q = 0; q < 4; q++) {
    const to = i - q * quarter;
    for (let j = Math.max(0, to - quarter + 1); j <= to; j++) {
      if ((others[j] ?? 0) >= 1 && admission.binding[j] === 'deferred') {
        quarters++;
        break;
      }
    }
  }
  return quarters < 3
    ? 0
    : all(
        ramp(skipped / waiting, ...SHARE),
        ramp(skipped / pace / judged.limits.ttft, 0.2, 0.8),
        ramp(late, 0.05, 0.2),
      );
}

/** Share of the grid times of the trailing `seconds` at which this is what binds: unlike `bindingShare` also of those without a queue. */
function standing(
  judged: Judged,
  binding: readonly (Binding | null)[],
  i: number,
  seconds: number,
  which: Binding,
): number {
  const steps = Math.max(1, Math.round(seconds / judged.grid.step));
  let n = 0;
  for (let j = Math.max(0, i - steps + 1); j <= i; j++) if (binding[j] === which) n++;
  return n / steps;
}

function earlySign(judged: Judged, engine: Engine, deferral: Deferral): Values {
  const others = othersOf(deferral);
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const waiting = engine.trace.waiting?.[i] ?? null;
    if (waiting === null) return null;
    if (others === null) return waiting >= 1 ? 1 : 0;
    const skipped = others[i] ?? null;
    return skipped === null ? null : skipped >= Math.max(1, SHARE[0] * waiting) ? 1 : 0;
  });
}

/** Deferred on these engines now, without those that wait for remote KV; `null` where no build tells. */
function skippedOf(
  judged: Judged,
  engines: readonly Engine[],
  deferralFor: (engine: Engine) => Deferral,
): number | null {
  const each = engines.map((engine) => {
    const others = othersOf(deferralFor(engine));
    return others === null
      ? null
      : (recent(others, judged.grid, judged.end, judged.fast)
          .filter((v) => v !== null)
          .at(-1) ?? null);
  });
  return each.every((n) => n === null) ? null : each.reduce<number>((sum, n) => sum + (n ?? 0), 0);
}

function factsOf(
  judged: Judged,
  engines: readonly Engine[],
  deferral: Deferral,
  skipped: number | null,
  then: Stretch,
  now: Stretch,
): Fact[] {
  const one = engines[0] as Engine;
  const waiting = now.waitingLast ?? 0;
  const { adapters } = deferral;
  return [
    skipped === null
      ? fact({
          signal: 'waiting',
          says: `${sayCount(waiting, 'request')} waiting with seats, memory and engine time free`,
          figure: sig(waiting),
          label: 'requests wait although there is room',
          compared: `before ${sig(then.waiting ?? 0)}`,
          detail: 'this build does not split the queue by reason',
          observed: now.waitingLast,
          expected: then.waiting,
          unit: 'requests',
          query: gaugeOf(judged, engines, 'waiting'),
          trend: one.trace.waiting,
        })
      : fact({
          signal: 'waiting-by-reason',
          says: `${sig(skipped)} of ${sig(waiting)} waiting requests are deferred`,
          figure: `${sig(skipped)} of ${sig(waiting)}`,
          label: 'waiting requests are skipped, not short of capacity',
          compared: `before ${sig(then.waiting ?? 0)} waiting`,
          detail: `reason "deferred"; ${sayShare(shareOf(recent(othersOf(deferral), judged.grid, judged.end, judged.main), (v) => v >= 1) ?? 0)} of the last ${sayDuration(judged.main)} with somebody deferred`,
          observed: skipped,
          expected: 0,
          unit: 'requests',
          query: deferredQuery(judged, engines),
          trend: othersOf(deferral),
        }),
    ...(adapters
      ? [
          fact({
            signal: 'lora-adapters',
            says: `adapters: ${sayAdapters(adapters)}`,
            figure:
              adapters.fit === null ? String(adapters.running.length) : `${adapters.running.length} of ${adapters.fit}`,
            label: 'adapters run in a step',
            compared: adapters.fit === null ? '' : `${adapters.fit} fit`,
            detail: sayAdapters(adapters),
            observed: adapters.running.length,
            expected: adapters.fit,
            unit: 'count',
            query: gaugeOf(judged, engines, 'lora-adapters'),
          }),
        ]
      : []),
    fact({
      signal: 'kv-cache-usage',
      says: `KV cache at most ${sig(now.usageMax ?? 0)}, ${sig(now.running ?? 0)} running: nothing is short`,
      figure: sig(now.usageMax ?? 0),
      label: 'of the KV cache at the busiest moment: memory is free',
      compared: 'full at 1',
      detail: `${sig(now.running ?? 0)} running, at most ${sig(now.runningMax ?? 0)} on one replica; before ${sig(then.running ?? 0)}`,
      observed: now.usageMax,
      expected: 1,
      unit: 'ratio',
      query: gaugeOf(judged, engines, 'kv-cache-usage'),
      trend: one.trace.usage,
    }),
    ...(now.queue === null
      ? []
      : [
          fact({
            signal: 'queue-time',
            says: `finished requests had queued ${sayDuration(now.queue)} on average`,
            figure: sayDuration(now.queue),
            label: 'mean time in the queue',
            compared: then.queue === null ? '' : `before ${sayDuration(then.queue)}`,
            detail: 'counted when a request finishes, so it comes late',
            observed: now.queue,
            expected: then.queue,
            unit: 'seconds',
            query: meanOf(judged, engines, 'queue-time', now.seconds),
          }),
        ]),
  ];
}

/** "a0, a1 and a2 run, 3 fit". */
function sayAdapters({ fit, running, waiting }: Adapters): string {
  const shown = (names: readonly string[]) =>
    names.length > 4 ? `${sayList(names.slice(0, 3))} and ${names.length - 3} more` : sayList(names);
  const others = waiting.filter((name) => !running.includes(name));
  return [
    running.length === 0 ? 'none runs at this moment' : `${shown(running)} ${running.length === 1 ? 'runs' : 'run'}`,
    others.length === 0 ? '' : `${shown(others)} ${others.length === 1 ? 'waits' : 'wait'}`,
    fit === null ? '' : `${fit} fit`,
  ]
    .filter(Boolean)
    .join(', ');
}

const VERIFY =
  'Within 5 min: less than a tenth of the queue is deferred, waiting falls to 0, time per token stays within target.';

/** Adapters that must fit at once, by Little's law: requests in service the arrivals need, at as many per adapter as run now. */
function neededAdapters(
  engines: readonly Engine[],
  adapters: Adapters,
  now: Stretch,
): { readonly to: number; readonly steps: Remedy['steps'] } | null {
  const fit = adapters.fit;
  if (fit === null || now.answer === null || now.itl === null || now.arrivals === null || !now.running) return null;
  const residence = now.answer * now.itl + (now.prefill ?? 0);
  const perReplica = now.arrivals / countOf(engines);
  const needed = perReplica * residence;
  const each = Math.max(1, now.running / countOf(engines) / fit);
  const names = new Set([...adapters.running, ...adapters.waiting]).size;
  const to = Math.max(fit + 1, Math.ceil(needed / each - 1e-9), names);
  return {
    to,
    steps: [
      { sum: `${sig(perReplica)}/s × ${sayDuration(residence)}`, result: `${sig(needed)} requests at once` },
      {
        sum: `${sig(now.running / countOf(engines))} running ÷ ${fit} adapters`,
        result: `${sig(each)} an adapter`,
      },
      {
        sum: `${sig(needed)} ÷ ${sig(each)}, at least the ${names} named and one more than today`,
        result: `${to} adapters`,
      },
    ],
  };
}

function adapterRemedies(judged: Judged, engines: readonly Engine[], adapters: Adapters, now: Stretch): Remedy[] {
  const needed = neededAdapters(engines, adapters, now);
  const fit = adapters.fit;
  const out: Remedy[] = [];
  if (fit !== null) {
    const to = needed?.to ?? fit + 1;
    out.push({
      title: `Let ${to} adapters share a step instead of ${fit}`,
      knob: 'max-loras',
      from: fit,
      to,
      flag: `--max-loras ${to} --max-cpu-loras ${to}`,
      why: 'A request whose adapter has no slot is skipped until another adapter has no running request left.',
      steps: needed?.steps ?? [{ sum: `${fit} fit today`, result: `${to}: one more, then look again` }],
      expect: `The queue of ${sig(now.waitingLast ?? 0)} drains: its requests find their adapter loaded.`,
      risk: 'Each slot takes GPU memory for the highest rank allowed, out of the KV cache; steps with more adapters are a little slower. Keep --max-cpu-loras at the number of adapters in use, if that is more. The estimate takes all adapters as equally asked for.',
      verify: VERIFY,
      needsRestart: true,
    });
  }
  const fleet = countOf(judged.engines);
  out.push({
    title: fleet > 1 ? 'Send each adapter to its own replicas' : 'Or split the adapters over two replicas',
    knob: null,
    from: null,
    to: null,
    flag: null,
    why:
      fleet > 1
        ? 'With any adapter on any replica each of them swaps all; routed by adapter each holds its share.'
        : 'Each replica then holds half of them, and none has to give way.',
    steps:
      needed === null
        ? []
        : [
            {
              sum: `${needed.to} adapters ÷ ${Math.max(2, fleet)} replicas`,
              result: `${Math.ceil(needed.to / Math.max(2, fleet))} each${fit === null ? '' : `, ${fit} fit`}`,
            },
          ],
    expect: 'Fewer adapters a replica, so their requests are admitted at once.',
    risk:
      fleet > 1
        ? 'A busy adapter can overload its replica: combine it with load.'
        : 'Costs a GPU set; takes minutes to start.',
    verify: VERIFY,
    needsRestart: false,
  });
  out.push({
    title: 'Serve the busiest adapter merged into its base model',
    knob: null,
    from: null,
    to: null,
    flag: null,
    why: 'A merged model needs no slot; the slots remain for the rare ones.',
    steps: [],
    expect: 'One adapter less competes for a slot.',
    risk: 'Needs a deployment of its own.',
    verify: VERIFY,
    needsRestart: false,
  });
  return out;
}

function grammarRemedies(judged: Judged, engines: readonly Engine[], skipped: number | null, now: Stretch): Remedy[] {
  const n = judged.evidence.knobs['max-num-seqs'] ?? null;
  const out: Remedy[] = [
    {
      title: 'Reuse schemas: send the same one in the same words',
      knob: null,
      from: null,
      to: null,
      flag: null,
      why: 'A compiled grammar is kept and found again only if its text is the same. One schema per request is compiled each time.',
      steps: [],
      expect: `The ${sig(skipped ?? now.waitingLast ?? 0)} skipped requests find their grammar ready.`,
      risk: 'None for the engine; the change is in the application.',
      verify: VERIFY,
      needsRestart: false,
    },
    {
      title: 'Give the engine more CPU cores',
      knob: null,
      from: null,
      to: null,
      flag: null,
      why: 'Grammars are compiled on CPU threads beside the scheduler. A burst of 100 took 3.2 s, and 0.7 s with more threads.',
      steps: [],
      expect: 'Compiling takes a fraction of the time.',
      risk: 'None, where the node has cores to spare.',
      verify: VERIFY,
      needsRestart: true,
    },
  ];
  const held = (now.running ?? 0) + (skipped ?? 0);
  if (n !== null && countOf(engines) === 1 && skipped !== null && Math.abs(held - n) < 1 && (now.finishes ?? 0) < 1e-3)
    out.unshift({
      title: 'Restart this replica, then upgrade',
      knob: null,
      from: null,
      to: null,
      flag: null,
      why: `Running and deferred together are the ${n} seats and nothing finishes: admission has stopped for good (vLLM issue 53130).`,
      steps: [],
      expect: 'It admits again.',
      risk: 'Requests in flight are lost; the cache is cold afterwards.',
      verify: VERIFY,
      needsRestart: true,
    });
  return out;
}

function noHelpOf(now: Stretch): NoHelp[] {
  return [
    {
      title: 'More GPUs of the same set-up',
      why: 'requests are skipped for what they wait for, not for lack of engine time',
    },
    { title: 'More seats', why: `${sig(now.running ?? 0)} run, and skipped requests take no seat` },
    { title: 'More KV cache', why: `at most ${sig(now.usageMax ?? 0)} of it is held` },
  ];
}

function waitsNow(judged: Judged, engine: Engine): boolean {
  return (over(engine.trace.waiting, judged.grid, judged.end, judged.fast) ?? 0) >= SOMEBODY;
}

/** Seats or memory are what binds now, so that nothing need be deferred for a queue to stand. */
function capacityBinds(judged: Judged, engine: Engine): boolean {
  const last = engine.admission.binding.slice(-Math.max(1, Math.round(judged.fast / judged.grid.step)));
  const told = last.filter((b) => b !== null);
  return (
    told.length > 0 && told.filter((b) => b === 'seats' || b === 'memory' || b === 'silent').length >= 0.5 * told.length
  );
}

function whyNot(judged: Judged, deferralFor: (engine: Engine) => Deferral): string {
  const waiting = maxOf(judged.engines.map((e) => over(e.trace.waiting, judged.grid, judged.end, judged.fast))) ?? 0;
  if (waiting < SOMEBODY) return `nobody waits over ${sayDuration(judged.fast)} (${sig(waiting)} on average)`;
  const busy = judged.engines.filter((e) => waitsNow(judged, e));
  const shares = busy.map((e) => {
    const skipped = over(othersOf(deferralFor(e)), judged.grid, judged.end, judged.fast);
    const queue = over(e.trace.waiting, judged.grid, judged.end, judged.fast);
    return skipped === null || queue === null ? null : skipped / queue;
  });
  const share = maxOf(shares);
  const usage = maxOf(busy.map((e) => over(e.trace.usage, judged.grid, judged.end, judged.fast)));
  if (share !== null && share >= SHARE[0] && busy.some((e) => capacityBinds(judged, e)))
    return `${sayShare(share)} of the queue is called deferred, but capacity is what it lacks: ${sig(maxOf(busy.map((e) => over(e.trace.running, judged.grid, judged.end, judged.fast))) ?? 0)} run, KV cache at ${sig(usage ?? 0)}`;
  if (share === null) return `the queue of ${sig(waiting)} stands for seats or memory (KV cache at ${sig(usage ?? 0)})`;
  return `${sayShare(share)} of the queue is deferred${share >= SHARE[0] ? ', and not for long' : ', the rest waits for capacity'}`;
}
