import { sayDuration, sayShare, sig } from '../../base/say.ts';
import { maxOf, mean, median } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { countOf } from '../../evidence/stand-in.ts';
import { over } from '../../evidence/trace.ts';
import type { Detector, Finding, Remedy } from '../detector.ts';
import { cannotTell, confidenceOf, detected, fact } from '../finding.ts';
import { hurtsByPace, severityOfPace, tokensPerStep } from '../pace.ts';
import { roundSeats } from '../../knobs/sizing.ts';
import { changedOf } from '../story.ts';
import { type Found, study } from '../study.ts';
import { gaugeOf, meanOf } from '../trace-back.ts';
import { type Cliff, cliffOf, earlySign, openLeap, strengthOf } from './cliff.ts';

/**
 * Highest confidence: crossed once, something else may have changed at that moment; crossed twice or on two replicas, chance is
 * left behind. The setting itself is in no metric, so it stays below the usual cap.
 */
const CAPS = { once: 0.6, again: 0.85, flag: 0.5 } as const;

export const cudaGraphCliff: Detector = {
  id: 'cuda-graph-cliff',
  title: 'CUDA-graph cliff',
  mechanism:
    'Batches above the largest captured size run without CUDA graphs: each step takes longer, requests stay longer, and the batch stays above the edge.',
  needs: ['running', 'itl'],
  judge(judged) {
    const cliffs = new Map(judged.engines.map((e) => [e, cliffOf(judged, e)]));
    const of = (engine: Engine) => cliffs.get(engine) ?? null;
    const finding = study(
      this,
      judged,
      {
        ask: 'Scrape vllm:num_requests_running and vllm:inter_token_latency_seconds.',
        strength: (_, engine) => strengthOf(judged, engine, of(engine)),
        early: (_, engine) => earlySign(judged, engine, of(engine)),
        whyNot: () => whyNot(judged, cliffs),
      },
      (found) => tell(this, judged, found, of(found.one) as Cliff, cliffs),
    );
    if (finding.state !== 'ruled-out') return finding;
    return partialGroup(this, judged) ?? undecided(this, judged, finding) ?? finding;
  },
};

function tell(
  about: Detector,
  judged: Judged,
  found: Found,
  cliff: Cliff,
  cliffs: ReadonlyMap<Engine, Cliff | null>,
): Finding {
  const { sighting, engines, now, then, standing } = found;
  const alike = [...cliffs.values()].filter(
    (c) => c && Math.abs(c.edge - cliff.edge) <= Math.max(2, 0.15 * cliff.edge),
  ).length;
  const again = alike > 1 || cliff.up + cliff.down > 1;
  const rate = recentRate(judged, found.one);
  const would = fastBatch(judged, found.one, cliff, rate);
  const stays = would !== null && would < cliff.edge;
  return detected(about, {
    ...standing,
    severity: severityOfPace(judged, engines),
    confidence: confidenceOf(sighting.score, sighting.persistence, 1, 0.95, again ? CAPS.again : CAPS.once),
    lede: `${cliff.how === 'leap' ? `Somewhere between ${cliff.below} and ${cliff.above} requests at once steps become ${sig(cliff.jump)} times as long as their tokens account for` : `From about ${cliff.edge} requests at once a step takes ${sig(cliff.jump)} times as long for the same tokens`}, and ${sig((now.running ?? 0) / countOf(engines))} run${engines.length > 1 ? ' on each' : ''}.${stays ? ` Below the edge today's traffic would keep only ${sig(would)} running.` : ''}`,
    facts: factsOf(judged, found, cliff, would),
    story: {
      changed: changedOf(then, now),
      broke: {
        at: standing.since,
        title: `The batch went over ${cliff.edge}`,
        says: `${sayDuration(cliff.fast)} a step ${cliff.how === 'leap' ? 'expected from smaller batches' : 'below'}, ${sayDuration(cliff.slow)} above, at the same tokens`,
      },
      hurts: hurtsByPace(judged, engines, now),
    },
    ask: again ? '' : 'Crossed once in this range; a second crossing would settle it.',
    remedies: remediesOf(judged, found, cliff, would),
    willNotHelp: [
      { title: 'More seats', why: 'a larger batch stays above the edge' },
      { title: 'More KV cache', why: 'nothing waits for memory' },
    ],
  });
}

/** Neither a jump nor its absence is proven: whatever else is named for slow steps may be this. */
function undecided(about: Detector, judged: Judged, finding: Finding): Finding | null {
  const open = judged.engines.map((engine) => openLeap(judged, engine)).find((one) => one !== null);
  return open
    ? cannotTell(
        about,
        [],
        `From ${sig(open.above)} running on a step takes ${sayDuration(open.slow)}, where batches of up to ${sig(open.below)} lead to expect ${sayDuration(open.fast)}. A range in which sizes between were seen, or the captured sizes in the server's log, would tell an edge from a bend.`,
        { strength: finding.strength },
      )
    : null;
}

function recentRate(judged: Judged, engine: Engine): number {
  const at = judged.end;
  const outputs = over(engine.trace.itl?.count ?? null, judged.grid, at, judged.main) ?? 0;
  return outputs + (over(engine.trace.computed, judged.grid, at, judged.main) ?? 0);
}

/** Requests that today's traffic keeps running while steps are as fast as below the edge (Little's law); `null` where they could not keep up. */
function fastBatch(judged: Judged, engine: Engine, cliff: Cliff, rate: number): number | null {
  const step = cliff.fastAt(rate);
  const outputs = over(engine.trace.itl?.count ?? null, judged.grid, judged.end, judged.main);
  return step === null || outputs === null ? null : outputs * step;
}

function factsOf(judged: Judged, { engines, one, now }: Found, cliff: Cliff, would: number | null): Finding['facts'] {
  const gap = (one.trace.itl?.sum ?? []).map((s, i) => {
    const c = one.trace.itl?.count[i] ?? null;
    return s === null || c === null || c <= 1e-9 ? null : s / c;
  });
  return [
    fact({
      signal: 'itl',
      says:
        cliff.how === 'leap'
          ? `a step takes ${sayDuration(cliff.slow)} from ${cliff.above} running on, where smaller batches lead to expect ${sayDuration(cliff.fast)}`
          : `a step takes ${sayDuration(cliff.fast)} below ${cliff.edge} running and ${sayDuration(cliff.slow)} from there on, at the same tokens`,
      figure: `${sig(cliff.jump)}×`,
      label: `as long a step from ${cliff.edge} running on`,
      compared: `${cliff.how === 'leap' ? 'expected' : 'below'} ${sayDuration(cliff.fast)}`,
      detail:
        cliff.how === 'leap'
          ? `${sig(cliff.sharper)} of the most that so many tokens can take without an edge; seen up to ${cliff.below} and from ${cliff.above} running, nothing between`
          : `a jump fits ${sig(cliff.sharper)} times as closely as the best smooth curve; seen up to ${cliff.below} and from ${cliff.above} running, crossed ${cliff.up + cliff.down === 1 ? 'once' : `${cliff.up + cliff.down} times`}`,
      observed: cliff.slow,
      expected: cliff.fast,
      unit: 'seconds',
      query: meanOf(judged, engines, 'itl', Math.min(now.seconds, judged.main)),
      trend: gap,
      limit: cliff.fast,
    }),
    fact({
      signal: 'running',
      says: `${sig((now.running ?? 0) / countOf(engines))} running, the edge lies at ${cliff.edge}`,
      figure: sig(Math.round((now.running ?? 0) / countOf(engines))),
      label: countOf(engines) > 1 ? 'requests running on each' : 'requests running',
      compared: `edge ${cliff.edge}`,
      detail:
        cliff.how === 'leap'
          ? `it lies between ${cliff.below} and ${cliff.above}`
          : would === null
            ? 'more than fast steps could serve, too'
            : `with fast steps this traffic would keep ${sig(would)} running`,
      observed: now.running,
      expected: cliff.edge,
      unit: 'requests',
      query: gaugeOf(judged, engines, 'running'),
      trend: one.trace.running,
      limit: cliff.edge,
    }),
  ];
}

function remediesOf(judged: Judged, { engines, one, now }: Found, cliff: Cliff, would: number | null): Remedy[] {
  const perRequest = Math.max(1, Math.round(tokensPerStep(judged, one, judged.end)));
  const told = judged.evidence.knobs['max-num-seqs'] ?? null;
  const most = Math.ceil(maxOf(one.trace.running ?? []) ?? cliff.above);
  const batch = told ?? most;
  const size = Math.ceil((batch * perRequest) / 8) * 8;
  const seats = roundSeats(cliff.how === 'leap' ? cliff.below : cliff.edge - 1);
  const verify = `Within 10 min at the same arrivals: step time goes smoothly through ${cliff.edge} running.`;
  const out: Remedy[] = [];
  if (would !== null && would < 0.9 * cliff.edge) {
    out.push({
      title: 'Shed load until fewer run, then let it return',
      knob: null,
      from: null,
      to: null,
      flag: null,
      why: 'There are two stable states at this traffic; a short relief drops the engine into the fast one.',
      steps: [
        {
          sum: `${sig(over(one.trace.itl?.count ?? null, judged.grid, judged.end, judged.main) ?? 0)} outputs/s at fast steps`,
          result: `${sig(would)} running`,
        },
        { sum: `edge at ${cliff.edge}`, result: `${sig(cliff.edge - would)} below it` },
      ],
      expect: `Running settles near ${sig(Math.round(would))}, a step at ${sayDuration(cliff.fast)}.`,
      risk: 'The next burst brings it back until the setting is changed.',
      verify,
      needsRestart: false,
    });
  }
  out.push({
    title: `Capture CUDA graphs up to ${size} tokens`,
    knob: 'max-cudagraph-capture-size',
    from: null,
    to: size,
    flag: `--max-cudagraph-capture-size ${size}`,
    why: 'Batches within the captured sizes replay a graph; larger ones launch every kernel by itself.',
    steps: [
      {
        sum: `${batch} ${told === null ? 'at most running' : 'seats'}${perRequest > 1 ? ` × ${perRequest} tokens with speculation` : ''}, up to a multiple of 8`,
        result: `${size} tokens`,
      },
    ],
    expect: `A step above ${cliff.edge} running takes ${sayDuration(cliff.fast)} instead of ${sayDuration(cliff.slow)} at the same tokens.`,
    risk: 'Graphs take GPU memory, so the KV cache shrinks a little; start-up takes longer. If the server runs with --enforce-eager, drop that first.',
    verify,
    needsRestart: true,
  });
  if (seats >= 8 && seats < (now.running ?? 0) / countOf(engines)) {
    out.push({
      title: `Or let at most ${seats} run at once`,
      knob: 'max-num-seqs',
      from: told,
      to: seats,
      flag: `--max-num-seqs ${seats}`,
      why: 'Below the edge steps are fast, and fewer running serve as much.',
      steps: [{ sum: `below the edge of ${cliff.edge}, down to a multiple of 8`, result: `${seats} seats` }],
      expect:
        would !== null && would <= seats
          ? `${sig(Math.round(would))} running serve today's traffic; nobody waits.`
          : `A step takes ${sayDuration(cliff.fast)} or less; the rest waits for a seat.`,
      risk:
        would !== null && would <= seats
          ? 'Bursts wait for a seat.'
          : 'A queue stands where none was: first tokens come later.',
      verify,
      needsRestart: true,
    });
  }
  return out;
}

/**
 * Advice without any incident: a cap that is no multiple of 8 leaves a last group of batch sizes that builds before PR #57355
 * (0.31) do not capture. Only where that group is in use; no harm is claimed.
 */
function partialGroup(about: Detector, judged: Judged): Finding | null {
  const cap = judged.evidence.knobs['max-num-seqs'] ?? null;
  if (cap === null || cap <= 8 || cap % 8 === 0) return null;
  const whole = Math.floor(cap / 8) * 8;
  const using = judged.engines.filter((e) => (maxOf(e.trace.running ?? []) ?? 0) > whole);
  const [one] = using;
  if (!one) return null;
  const most = maxOf(one.trace.running ?? []) ?? 0;
  const share = (e: Engine) => mean((e.trace.running ?? []).map((r) => (r === null ? null : r > whole ? 1 : 0))) ?? 0;
  const time = median(using.map(share)) ?? 0;
  return detected(about, {
    variant: 'partial-group',
    score: 0.4,
    confidence: CAPS.flag,
    severity: 'info',
    scope: {
      kind: using.length === judged.engines.length ? 'fleet' : 'instances',
      instances: using.map((e) => e.id),
    },
    since: null,
    strength: judged.engines[0]?.trace.running?.map((r) => (r === null ? null : r > whole ? 0.4 : 0)) ?? [],
    lede: `max_num_seqs ${cap} is no multiple of 8: before 0.31, batches of ${whole + 1} to ${cap} run without CUDA graphs, and up to ${sig(most)} run here.`,
    facts: [
      fact({
        signal: 'running',
        says: `more than ${whole} run in ${sayShare(time)} of scrapes`,
        figure: sayShare(time),
        label: `of scrapes with more than ${whole} running`,
        compared: `last whole group ends at ${whole}`,
        detail: 'no jump of step time was measured there',
        observed: most,
        expected: whole,
        unit: 'requests',
        query: gaugeOf(judged, using, 'running'),
        trend: one.trace.running,
        limit: whole,
      }),
    ],
    story: null,
    remedies: [
      {
        title: `Set the seat cap to ${whole}`,
        knob: 'max-num-seqs',
        from: cap,
        to: whole,
        flag: `--max-num-seqs ${whole}`,
        why: 'Decode graphs are captured for multiples of 8.',
        steps: [{ sum: `${cap} down to a multiple of 8`, result: `${whole} seats` }],
        expect: 'All batches within captured sizes, whatever the build.',
        risk: `${cap - whole} requests fewer at once; from 0.31 on there is nothing to gain.`,
        verify: `Step time does not rise when running goes from ${whole - 8} to ${whole}.`,
        needsRestart: true,
      },
    ],
    willNotHelp: [],
  });
}

function whyNot(judged: Judged, cliffs: ReadonlyMap<Engine, Cliff | null>): string {
  const seen = [...cliffs.entries()].flatMap(([engine, cliff]) => (cliff ? [{ engine, cliff }] : []));
  const [sharpest] = seen.sort((a, b) => b.cliff.jump - a.cliff.jump);
  const most = maxOf(judged.engines.map((e) => maxOf(e.trace.running ?? []))) ?? 0;
  const least = Math.min(
    ...judged.engines.map((e) => Math.min(...(e.trace.running ?? []).map((r) => r ?? most))),
    most,
  );
  if (!sharpest) return `step time follows load without a jump between ${sig(least)} and ${sig(most)} running`;
  const { engine, cliff } = sharpest;
  const now = over(engine.trace.running, judged.grid, judged.end, judged.fast) ?? 0;
  if (cliff.how === 'leap')
    return `a jump between ${cliff.below} and ${cliff.above} running takes a step to ${sig(cliff.sharper)} of the most that its tokens can account for: too little to tell`;
  return now < cliff.edge && cliff.sharper >= 1.5
    ? `${sig(now)} run on ${engine.id}, below the ${cliff.edge} from which steps take ${sig(cliff.jump)} times as long`
    : `a jump of ${sig(cliff.jump)} at ${cliff.edge} running fits ${sig(cliff.sharper)} times as closely as a smooth curve: too little to tell`;
}
