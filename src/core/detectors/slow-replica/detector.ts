import { median } from '../../base/statistics.ts';
import { sayCount, sayDuration, sayList, sayShare, sig } from '../../base/say.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { replicaLine } from '../../evidence/lines.ts';
import { countOf, standsFor } from '../../evidence/stand-in.ts';
import { type Stretch, stretchOf } from '../../evidence/stretch.ts';
import { over } from '../../evidence/trace.ts';
import type { Detector, Finding, Remedy } from '../detector.ts';
import {
  before,
  cannotTell,
  confidenceOf,
  detected,
  fact,
  missingOf,
  ruledOut,
  type Sighting,
  sight,
  sinceOf,
  splitOf,
} from '../finding.ts';
import { sayScatter } from '../../evidence/step-model.ts';
import { hurtsByPace, severityOfPace } from '../pace.ts';
import { gaugeOf, meanOf, rateOf } from '../trace-back.ts';
import { type Slowness, slownessOf, throttledOf } from './slowness.ts';

/**
 * Highest confidence: one replica has nothing to be compared with but its own past; one that was slower all along may be other
 * hardware; of two that differ, only their past tells which one is odd (pathologies.md §6, P14).
 */
const CAPS = { alone: 0.5, always: 0.6, pairWithPast: 0.8, full: 0.95 } as const;

export const slowReplica: Detector = {
  id: 'slow-replica',
  title: 'One slow replica',
  mechanism:
    'One replica takes longer for the same step than its peers: a throttled or failing GPU, a slow link between GPUs, or a noisy neighbour on its host.',
  needs: ['running', 'itl'],
  judge(judged) {
    const missing = missingOf(judged, this.needs);
    if (missing.length > 0)
      return cannotTell(this, missing, 'Scrape vllm:num_requests_running and vllm:inter_token_latency_seconds.');
    const slowness = slownessOf(judged);
    const of = (engine: Engine) => slowness.find((s) => s.engine === engine) as Slowness;
    const { sighting, strength } = sight(
      judged,
      (e) => of(e).strength,
      (e) => of(e).early(),
    );
    if (!sighting) {
      const because = whyNot(judged, slowness);
      return because === null
        ? cannotTell(
            this,
            [],
            judged.engines.length > 1
              ? 'Needs two minutes of decoding on the replica and on a peer of the same model at comparable work.'
              : 'Needs a peer of the same model, or some minutes of its own at comparable work.',
          )
        : ruledOut(this, because, { strength });
    }
    return tell(this, judged, sighting, slowness);
  },
};

/** Figures of the slow replicas, all from one stretch: since the onset, or the last minutes where it was slow all along. */
interface Measured {
  readonly slow: readonly Engine[];
  readonly peers: readonly Engine[];
  readonly one: Slowness;
  /** Times as long a step as the same work takes elsewhere. */
  readonly ratio: number;
  readonly seconds: number;
  readonly expected: number;
  readonly earlier: number | null;
  readonly rate: number;
  readonly peerRate: number | null;
  readonly now: Stretch;
  readonly span: number;
}

function tell(about: Detector, judged: Judged, sighting: Sighting, slowness: readonly Slowness[]): Finding {
  const slow = sighting.engines;
  const peers = judged.engines.filter((e) => !slow.includes(e));
  const one = slowness.find((s) => s.engine === slow[0]) as Slowness;
  const split = splitOf(sighting);
  const recently = Math.max(split, judged.end - Math.round(judged.main / judged.grid.step) + 1);
  const mid = (values: readonly (number | null)[], from = recently) => median(values.slice(from));
  const ratio = Math.exp(mid(one.deviation) ?? 0);
  const seconds = mid(one.lines.seconds) ?? 0;
  const measured: Measured = {
    slow,
    peers,
    one,
    ratio,
    seconds,
    expected: seconds / ratio,
    earlier: before(one.lines.seconds, split),
    rate: mid(one.lines.rate) ?? 0,
    peerRate: median(peers.map((p) => mid((slowness.find((s) => s.engine === p) as Slowness).lines.rate))),
    now: stretchOf(slow, judged.grid, split, judged.end),
    span: (judged.end - split + 1) * judged.grid.step,
  };
  const alone = one.against === 'history';
  const always = sighting.onset === null;
  const hardware = hardwareOf(judged, one.engine, peers, split);
  const cap = alone ? CAPS.alone : always ? CAPS.always : one.peers < 2 ? CAPS.pairWithPast : CAPS.full;
  const name = sayList(slow.map((e) => e.id));
  const since = sinceOf(judged, sighting);
  return detected(about, {
    variant: alone ? 'own-history' : always ? 'always-slower' : null,
    score: alone ? Math.min(sighting.score, 0.6) : sighting.score,
    confidence: confidenceOf(sighting.score, sighting.persistence, 1, hardware.asks.length === 0 ? 1 : 0.95, cap),
    severity: severityOfPace(judged, slow),
    scope: { kind: alone ? 'fleet' : 'instances', instances: slow.map((e) => e.id) },
    since,
    strength: sighting.strength,
    lede: ledeOf(judged, measured, name, always),
    facts: factsOf(judged, measured, hardware),
    story: {
      changed: {
        at: since,
        title: always
          ? `${name} is slower all through this range`
          : `Steps on ${name} became ${sig(ratio)} times as long`,
        says: `${sayDuration(measured.expected)} expected for its work, ${sayDuration(seconds)} taken; no more work than before`,
      },
      broke: {
        at: null,
        title: 'Its requests stay longer',
        says: `${sig((measured.now.running ?? 0) / countOf(slow))} running${measured.now.waitingLast !== null && measured.now.waitingLast >= 1 ? ` and ${sig(measured.now.waitingLast)} waiting` : ''} there${peers.length === 0 ? '' : `, ${sig((stretchOf(peers, judged.grid, split, judged.end).running ?? 0) / countOf(peers))} on each peer`}`,
      },
      hurts: hurtsByPace(judged, slow, measured.now),
    },
    missing: hardware.asks,
    ask:
      hardware.asks.length === 0 ? '' : 'Scrape the DCGM exporter (clock, power, XID) to see what holds the GPU back.',
    remedies: remediesOf(judged, measured, alone),
    willNotHelp: [
      { title: 'Settings of vLLM', why: 'the same settings are fast on the same work elsewhere' },
      ...(alone
        ? []
        : [{ title: 'More replicas', why: `${name} keeps its share of the traffic until the router gives it less` }]),
    ],
  });
}

function ledeOf(judged: Judged, m: Measured, name: string, always: boolean): string {
  const slow = over(m.one.engine.harm.slowTokens, judged.grid, judged.end, judged.main);
  const harm =
    slow !== null && slow >= 0.05
      ? ` ${sayShare(slow)} of its answers come slower than ${sayDuration(judged.limits.tbt)} a token.`
      : '';
  const verb = countOf(m.slow) > 1 ? 'take' : 'takes';
  const elsewhere =
    m.one.against === 'history'
      ? `; earlier it took ${sayDuration(m.expected)}`
      : ` where ${m.peers.length > 1 ? 'peers take' : `${m.peers[0]?.id} takes`} ${sayDuration(m.expected)}`;
  return `${name} ${verb} ${sayDuration(m.seconds)} a step${elsewhere} for the same work${always ? ', always slower in this range' : ''}.${harm}`;
}

interface Hardware {
  readonly facts: Finding['facts'];
  readonly asks: Finding['missing'];
}

/** What the GPU says: a clock below the peers', an XID that appeared. Signals nobody scrapes are asked for. */
function hardwareOf(judged: Judged, engine: Engine, peers: readonly Engine[], split: number): Hardware {
  const facts: Finding['facts'][number][] = [];
  const clock = (e: Engine) =>
    over(replicaLine(judged.evidence, 'gpu-sm-clock', e.id), judged.grid, judged.end, judged.main);
  const own = clock(engine);
  const usual =
    peers.length > 0
      ? median(peers.map(clock))
      : before(replicaLine(judged.evidence, 'gpu-sm-clock', engine.id), split);
  if (own !== null && usual !== null && own < 0.95 * usual) {
    facts.push(
      fact({
        signal: 'gpu-sm-clock',
        says: `its GPU runs at ${sig(own / 1e6)} MHz, ${peers.length > 0 ? 'the peers’' : 'earlier'} ${sig(usual / 1e6)} MHz`,
        figure: `${sig(own / 1e6)} MHz`,
        label: 'GPU clock: throttled',
        compared: `${peers.length > 0 ? 'peers' : 'earlier'} ${sig(usual / 1e6)} MHz`,
        detail: `${sayShare(1 - own / usual)} lower`,
        observed: own,
        expected: usual,
        unit: 'hertz',
        query: gaugeOf(judged, [engine], 'gpu-sm-clock'),
        trend: replicaLine(judged.evidence, 'gpu-sm-clock', engine.id),
        limit: usual,
      }),
    );
  }
  const xid = replicaLine(judged.evidence, 'gpu-xid', engine.id);
  const seen = (xid ?? []).filter((v): v is number => v !== null);
  const last = seen[seen.length - 1];
  if (last !== undefined && last > 0 && seen.some((v) => v !== last)) {
    facts.push(
      fact({
        signal: 'gpu-xid',
        says: `the driver reported XID ${last}`,
        figure: `XID ${last}`,
        label: 'GPU error reported in this range',
        compared: `before ${seen[0]}`,
        observed: last,
        expected: 0,
        unit: 'count',
        query: gaugeOf(judged, [engine], 'gpu-xid'),
        trend: xid,
      }),
    );
  }
  const asks = own === null ? (['gpu-sm-clock'] as const) : [];
  return { facts, asks: facts.length > 0 ? [] : asks };
}

function factsOf(judged: Judged, m: Measured, hardware: Hardware): Finding['facts'] {
  const { engine, lines, model } = m.one;
  const peers = m.one.against === 'peers';
  const span = Math.min(m.span, judged.main);
  const slow = over(engine.harm.slowTokens, judged.grid, judged.end, judged.main);
  return [
    fact({
      signal: 'itl',
      says: `${engine.id} takes ${sayDuration(m.seconds)} a step, ${sayDuration(m.expected)} expected for its work`,
      figure: `${sig(m.ratio)}×`,
      label: peers ? 'as long a step as peers for the same work' : 'as long a step as earlier for the same work',
      compared: `expected ${sayDuration(m.expected)}`,
      detail: `${model?.kind === 'fitted' ? 'expected from a fit of step time on load' : 'expected at about the same load'}, ${model?.points ?? 0} points of ${peers ? sayCount(m.one.peers, 'peer') : 'its own past'}, scattered by ${sayScatter(model?.spread ?? 0)}${m.earlier === null ? '' : `; itself earlier ${sayDuration(m.earlier)}`}`,
      observed: m.seconds,
      expected: m.expected,
      unit: 'seconds',
      query: meanOf(judged, judged.engines, 'itl', span),
      trend: lines.seconds,
      limit: m.expected,
    }),
    fact({
      signal: 'output-tokens',
      says: `it does ${sig(m.rate)} tokens/s, prompts and answers${m.peerRate === null ? '' : `, a peer ${sig(m.peerRate)}`}: not more work`,
      figure: sig(m.rate),
      label: 'tokens a second, prompts computed and answers',
      compared: m.peerRate === null ? '' : `a peer ${sig(m.peerRate)}`,
      detail: 'load does not explain it',
      observed: m.rate,
      expected: m.peerRate,
      unit: 'tokens-per-second',
      query: rateOf(judged, judged.engines, 'output-tokens', span),
      trend: lines.rate,
    }),
    ...hardware.facts,
    ...(slow === null
      ? []
      : [
          fact({
            signal: 'time-per-output-token',
            says: `${sayShare(slow)} of its answers come slower than ${sayDuration(judged.limits.tbt)} a token`,
            figure: sayShare(slow),
            label: `of its answers slower than ${sayDuration(judged.limits.tbt)} a token`,
            compared: 'target at most 5 %',
            detail: `finished in the last ${sayDuration(judged.main)}`,
            observed: slow,
            expected: 0.05,
            unit: 'ratio',
            query: meanOf(judged, m.slow, 'time-per-output-token', span),
            trend: engine.harm.slowTokens,
          }),
        ]),
  ];
}

/** Share of its usual weight a slow replica should carry, from how much longer it takes. */
function remediesOf(judged: Judged, m: Measured, alone: boolean): Remedy[] {
  const name = sayList(m.slow.map((e) => e.id));
  const n = countOf(judged.engines);
  const left = n - countOf(m.slow);
  const verify = `Within 5 min: a step on ${name} takes within 15 % of ${sayDuration(m.expected)} at the same tokens/s.`;
  const out: Remedy[] = [];
  if (!alone && left > 0) {
    const most = Math.max(
      ...m.peers.map((e) => Math.max(0, ...(e.trace.running ?? []).filter((v): v is number => v !== null))),
    );
    const all = stretchOf(
      judged.engines,
      judged.grid,
      judged.end - Math.round(judged.main / judged.grid.step) + 1,
      judged.end,
    );
    const arrivals = (all.firstTokens ?? 0) / left;
    // What the others would take for a step with its work on top.
    const rate = ((m.peerRate ?? 0) * countOf(m.peers) + m.rate * countOf(m.slow)) / left;
    const then = m.one.model?.atRate(rate, null) ?? null;
    const known = then !== null && then.high !== null;
    out.push({
      title: `Take ${name} out of rotation`,
      knob: null,
      from: n,
      to: left,
      flag: null,
      why: `Its requests get their tokens ${sig(m.ratio)} times as slowly; drained, they are served at the pace of the others.`,
      steps: [
        {
          sum: `${sig(all.firstTokens ?? 0)} requests/s ÷ ${left} other${left === 1 ? '' : 's'}`,
          result: `${sig(arrivals)}/s each`,
        },
        {
          sum: `${sig(m.peerRate ?? 0)} × ${countOf(m.peers)} + ${sig(m.rate)} tokens/s ÷ ${left}`,
          result: known
            ? `${sig(rate)}/s each: ${sayDuration(then.mid)} a step`
            : `${sig(rate)}/s each: more than any of them did in this range`,
        },
      ],
      expect: `Tokens come every ${sayDuration(known ? then.mid : m.expected)} for all${known ? '' : ', if the others keep their pace'}; each other replica gets ${sayShare(m.slow.length / left)} more requests.`,
      risk: `The others have run ${sig(most)} at most; watch their queue, and return ${name} at a lower weight if it grows.`,
      verify: 'Within 5 min: nobody waits on the others, and time per token is within target everywhere.',
      needsRestart: false,
    });
  }
  out.push({
    title: `Look at the GPUs and the host of ${alone ? 'this replica' : name}`,
    knob: null,
    from: null,
    to: null,
    flag: null,
    why: 'nvidia-smi -q -d PERFORMANCE,CLOCK,POWER,TEMPERATURE,ROW_REMAPPER and the kernel log (XID) say whether it is throttled or failing; with tensor parallelism the slowest GPU sets the pace, and the one that draws most power is waited for. No cause there: a busy neighbour on the host, a PCIe or NVLink that fell back.',
    steps: [],
    expect: `The cause; mended, a step takes ${sayDuration(m.expected)} again.`,
    risk: 'None; reading only. A cordoned node should stay empty until it is mended.',
    verify,
    needsRestart: false,
  });
  if (!alone && left > 0) {
    const weight = 1 / m.ratio;
    out.push({
      title: 'Route by requests in flight, or give it less weight',
      knob: null,
      from: 1,
      to: Number(weight.toFixed(2)),
      flag: null,
      why: 'Round robin piles requests up where they take longest; least outstanding requests sends fewer of them there by itself.',
      steps: [{ sum: `1 ÷ ${sig(m.ratio)} times as long`, result: `${sayShare(weight)} of the weight of a peer` }],
      expect: `It keeps about as many running as its peers instead of ${sig((m.now.running ?? 0) / countOf(m.slow))}.`,
      risk: 'Its tokens stay slow; only fewer people get them.',
      verify: `Within 5 min: running on ${name} is no higher than on its peers.`,
      needsRestart: false,
    });
  }
  return out;
}

/** The number that rules it out; `null` where nothing could be compared. */
function whyNot(judged: Judged, slowness: readonly Slowness[]): string | null {
  const running = judged.engines.reduce(
    (sum, e) => sum + standsFor(e.trace.replica) * (over(e.trace.running, judged.grid, judged.end, judged.main) ?? 0),
    0,
  );
  if (running < 0.5) return `${sig(running)} requests run on average: hardly a step to compare`;
  const compared = slowness.flatMap((s) => {
    const d = median(s.deviation.slice(-Math.max(1, Math.round(judged.main / judged.grid.step))));
    return d === null ? [] : [{ s, ratio: Math.exp(d) }];
  });
  const [worst] = compared.sort((a, b) => b.ratio - a.ratio);
  if (!worst) return null;
  const { s, ratio } = worst;
  const throttled = throttledOf(judged, s.engine, judged.end);
  if (ratio >= 1.3 && throttled !== null && throttled >= 0.1)
    return `${s.engine.id} takes ${sig(ratio)} times as long a step, but its CPU limit stops it in ${sayShare(throttled)} of periods`;
  return s.against === 'peers'
    ? `the slowest, ${s.engine.id}, takes ${sayShare(ratio)} of the time its peers take for a step at the same work`
    : `its steps take ${sayShare(ratio)} of the time they took at the same work in the rest of this range`;
}
