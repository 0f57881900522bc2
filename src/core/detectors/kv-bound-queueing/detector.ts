import type { Values } from '../../base/grid.ts';
import { all, fall, ramp } from '../../base/score.ts';
import { sayCount, sayDuration, sig } from '../../base/say.ts';
import { maxOf, minOf } from '../../base/statistics.ts';
import { bindingShare } from '../../evidence/admission.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { countOf } from '../../evidence/stand-in.ts';
import type { Stretch } from '../../evidence/stretch.ts';
import { countOver, over, recent } from '../../evidence/trace.ts';
import type { Detector, Finding, Remedy } from '../detector.ts';
import { confidenceOf, detected, fact, sayDrain, severityOf } from '../finding.ts';
import { TARGET_LOAD } from '../../knobs/sizing.ts';
import { type Signature, study } from '../study.ts';
import { changedOf, hurtsOf } from '../story.ts';
import { gaugeOf, increaseOf } from '../trace-back.ts';

/** Without the counter of preemptions an orderly queue and thrashing look the same (pathologies.md §6: discriminator missing). */
const UNCOUNTED_CAP = 0.6;

export const kvBoundQueueing: Detector = {
  id: 'kv-bound-queueing',
  title: 'KV-bound queueing',
  mechanism:
    'The next whole prompt does not fit the free KV blocks, so it waits in order for somebody to finish. Admission control works; memory is what is short.',
  needs: ['running', 'waiting', 'kv-cache-usage'],
  judge(judged) {
    return study(this, judged, SIGNATURE, ({ sighting, engines, one, then, now, standing }) => {
      const known = one.trace.capacity !== null;
      const counted = one.trace.preemptions !== null;
      return detected(this, {
        ...standing,
        variant: counted ? null : 'uncounted',
        confidence: confidenceOf(
          sighting.score,
          sighting.persistence,
          known ? 1 : 0.7,
          1,
          counted && known ? 0.95 : UNCOUNTED_CAP,
        ),
        severity: severityOf(judged, engines, false),
        lede: `${sayCount(now.waitingLast ?? 0, 'request')} wait ${counted ? 'in order ' : ''}for KV cache blocks${counted ? '' : ', and nobody counts whether running ones are pushed out meanwhile'}; about ${Math.max(1, Math.round(now.running ?? 0))} of this size fit at a time.${sayDrain(judged, engines)}`,
        facts: factsOf(judged, engines, then, now),
        story: {
          changed: changedOf(then, now),
          broke: {
            at: standing.since,
            title: 'The next prompt stopped fitting',
            says: known
              ? `${sig((1 - (now.usage ?? 0)) * (one.trace.capacity ?? 0))} tokens free on average${now.prompt === null ? '' : `; the next prompt needs ${sig(now.prompt)} beside the one still being written`}`
              : `KV cache at ${sig(now.usage ?? 0)}, at most ${sig(now.usageMax ?? 0)}`,
          },
          hurts: hurtsOf(judged, engines, now),
        },
        remedies: remediesOf(engines, now),
        missing: counted ? [] : ['preemptions'],
        ask: counted ? '' : 'Scrape vllm:num_preemptions_total: it tells an orderly queue from thrashing.',
        willNotHelp: [
          {
            title: 'Changing --max-num-seqs',
            why: `only ${Math.round(now.running ?? 0)} run; seats are not what binds`,
          },
          { title: 'A larger token budget', why: 'prompts wait for blocks, not for their turn in a step' },
        ],
      });
    });
  },
};

const SIGNATURE: Signature = {
  ask: 'Scrape vllm:num_requests_running, vllm:num_requests_waiting and vllm:kv_cache_usage_perc.',
  strength: strengthOf,
  early: earlySign,
  whyNot,
};

/** Somebody waits because the next prompt does not fit, and work is not thrown away: P09, with free tokens against the next prompt instead of a usage constant. */
function strengthOf(judged: Judged, engine: Engine): Values {
  const { trace, admission } = engine;
  const { grid } = judged;
  return Array.from({ length: grid.count }, (_, i) => {
    const running = over(trace.running, grid, i, judged.fast);
    const waiting = over(trace.waiting, grid, i, judged.fast);
    if (running === null || waiting === null || over(trace.usage, grid, i, judged.fast) === null) return null;
    const bound = bindingShare(trace, admission, i, judged.fast, 'memory');
    if (bound === 0) return 0;
    return (
      all(ramp(bound, 0.4, 0.8), ramp(waiting / Math.max(running, 1), 0.05, 0.5)) *
      fall(perFinish(judged, engine, i), 0.1, 0.6)
    );
  });
}

function perFinish(judged: Judged, engine: Engine, i: number): number {
  const preempted = countOver(engine.trace.preemptions, judged.grid, i, judged.main) ?? 0;
  const finished = countOver(engine.trace.finishes, judged.grid, i, judged.main) ?? 0;
  return preempted < 3 ? 0 : preempted / Math.max(1, finished);
}

function earlySign(judged: Judged, engine: Engine): Values {
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const w = engine.trace.waiting?.[i] ?? null;
    if (w === null) return null;
    const b = engine.admission.binding[i] ?? null;
    return b === 'memory' ? 1 : w >= 1 ? 0.5 : 0;
  });
}

function factsOf(judged: Judged, engines: readonly Engine[], then: Stretch, now: Stretch): Finding['facts'] {
  const one = engines[0] as Engine;
  const capacity = one.trace.capacity;
  const free = one.trace.usage?.map((u) => (u === null || capacity === null ? null : (1 - u) * capacity)) ?? null;
  const freeNow = (1 - (now.usage ?? 0)) * (capacity ?? 0);
  return [
    ...(capacity === null
      ? []
      : [
          fact({
            signal: 'kv-cache-usage',
            says: `${sig(freeNow)} KV tokens free${now.prompt === null ? ` of ${sig(capacity)}` : `, the next prompt needs ${sig(now.prompt)}`}`,
            figure: sig(freeNow),
            label: 'KV tokens are free on average',
            compared: now.prompt === null ? `of ${sig(capacity)}` : `next prompt ${sig(now.prompt)}`,
            detail: `${sig(capacity)} tokens in all; before, ${sig((1 - (then.usage ?? 0)) * capacity)} were free`,
            observed: freeNow,
            expected: now.prompt,
            unit: 'tokens',
            query: `(1 - ${gaugeOf(judged, engines, 'kv-cache-usage')}) * ${capacity}`,
            trend: free,
            limit: now.prompt,
          }),
        ]),
    ...(one.trace.preemptions === null
      ? []
      : [
          fact({
            signal: 'preemptions',
            says: `${sayCount(now.preempted, 'preemption')} for ${sig(Math.round(now.finished))} finished: orderly`,
            figure: sig(now.preempted / Math.max(1, now.finished)),
            label: 'preemptions per finished request: nothing is thrown away',
            compared: 'thrashing > 0.1',
            detail: `${sig(Math.round(now.preempted))} for ${sig(Math.round(now.finished))} finished in ${sayDuration(now.seconds)}`,
            observed: now.preempted / Math.max(1, now.finished),
            expected: 0,
            unit: 'ratio',
            query: `${increaseOf(judged, engines, 'preemptions', now.seconds)} / ${increaseOf(judged, engines, 'finished', now.seconds)}`,
            trend: one.trace.preemptions,
          }),
        ]),
    fact({
      signal: 'waiting',
      says: `${sayCount(now.waitingLast ?? 0, 'request')} waiting with ${sig(now.running ?? 0)} running`,
      figure: sig(now.waitingLast ?? 0),
      label: 'requests wait for memory',
      compared: `before ${sig(then.waiting ?? 0)}`,
      detail: `${sig(now.running ?? 0)} run, before ${sig(then.running ?? 0)}`,
      observed: now.waitingLast,
      expected: then.waiting,
      unit: 'requests',
      query: gaugeOf(judged, engines, 'waiting'),
      trend: one.trace.waiting,
    }),
  ];
}

function remediesOf(engines: readonly Engine[], now: Stretch): Remedy[] {
  const one = engines[0] as Engine;
  const n = countOf(engines);
  const capacity = one.trace.capacity;
  const load = now.arrivals !== null && now.finishes !== null && now.finishes > 0 ? now.arrivals / now.finishes : null;
  const verify =
    'Within 5 min at the same arrivals: the expected wait is under the target and KV usage leaves room for one more prompt.';
  const pools = load === null ? null : load / TARGET_LOAD;
  const arithmetic =
    load === null || pools === null
      ? []
      : [
          {
            sum: `${sig(now.arrivals ?? 0)}/s arrive (inferred) ÷ ${sig(now.finishes ?? 0)}/s served`,
            result: `load ${sig(load)}`,
          },
          { sum: `${sig(load)} ÷ ${TARGET_LOAD}`, result: `${sig(pools)} × today's KV cache` },
        ];
  const replicas = pools === null ? n + 1 : Math.max(n + 1, Math.ceil(n * pools));
  const out: Remedy[] = [
    {
      title:
        pools !== null && pools <= 2
          ? 'Double the tokens the cache holds'
          : 'Double the tokens the cache holds, as a first step',
      knob: 'kv-cache-dtype',
      from: null,
      to: 'fp8',
      flag: '--kv-cache-dtype fp8',
      why: 'fp8 halves the bytes of a token, so about twice as many prompts fit at a time.',
      steps: [
        ...arithmetic,
        ...(capacity === null ? [] : [{ sum: `${sig(capacity)} tokens × 2`, result: `≈ ${sig(2 * capacity)} tokens` }]),
      ],
      expect:
        pools !== null && pools <= 2
          ? 'The queue drains.'
          : `About twice the admissions; ${pools === null ? 'whether that is enough shows in the queue' : `still short of the ${sig(pools)} × this traffic wants`}.`,
      risk: 'Check answer quality on your model. If the pool was set by hand (--num-gpu-blocks-override, --kv-cache-memory-bytes), raise that first.',
      verify,
      needsRestart: true,
    },
    {
      title: `Run ${replicas} replicas instead of ${n}`,
      knob: null,
      from: n,
      to: replicas,
      flag: null,
      why: 'Each replica brings a pool of its own.',
      steps:
        pools === null
          ? [{ sum: 'load unknown: finished requests are not counted', result: 'one more, then look again' }]
          : [
              ...arithmetic.slice(0, 1),
              { sum: `${n} × ${sig(load ?? 0)} ÷ ${TARGET_LOAD}, rounded up`, result: `${replicas} replicas` },
            ],
      expect: 'The queue drains; answers keep their length.',
      risk: 'Takes minutes to start; costs a GPU set each.',
      verify,
      needsRestart: false,
    },
  ];
  if (now.prompt !== null && now.answer !== null && now.prompt > 4 * now.answer) {
    out.push({
      title: 'Send shorter prompts',
      knob: null,
      from: Math.round(now.prompt),
      to: null,
      flag: null,
      why: `Prompts of ${sig(now.prompt)} tokens are ${sig(now.prompt / Math.max(1, now.answer))} times their answers; retrieve fewer passages or share a prefix.`,
      steps:
        capacity === null
          ? []
          : [
              {
                sum: `${sig(capacity)} ÷ (${sig(now.prompt)} + ${sig(now.answer)})`,
                result: `${sig(Math.floor(capacity / (now.prompt + now.answer)))} fit at a time`,
              },
            ],
      expect: 'Half the prompt, about twice as many at a time.',
      risk: 'Changes what the model sees.',
      verify,
      needsRestart: false,
    });
  }
  return out;
}

function whyNot(judged: Judged): string {
  const thrown = maxOf(judged.engines.map((e) => perFinish(judged, e, judged.end))) ?? 0;
  if (thrown >= 0.3) return `not orderly: ${sig(thrown)} preemptions per finished request`;
  const waiting = maxOf(judged.engines.map((e) => over(e.trace.waiting, judged.grid, judged.end, judged.fast))) ?? 0;
  const free = minOf(
    judged.engines.map((e) => {
      const u = maxOf(recent(e.trace.usage, judged.grid, judged.end, judged.fast));
      return u === null || e.trace.capacity === null ? null : (1 - u) * e.trace.capacity;
    }),
  );
  const prompt = maxOf(judged.engines.map((e) => e.admission.nextPrompt[judged.end] ?? null));
  const room =
    free === null
      ? ''
      : `${sig(free)} KV tokens free at the tightest moment${prompt === null ? '' : `, the next prompt needs about ${sig(prompt)}`}`;
  return waiting < 1 ? `nobody waits${room ? `; ${room}` : ''}` : room || 'the queue does not wait for memory';
}
