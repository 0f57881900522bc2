import type { Values } from '../../base/grid.ts';
import { all, any, ramp } from '../../base/score.ts';
import { sayCount, sayDuration, sayShare, sig } from '../../base/say.ts';
import { maxOf, mean, median } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { countOf, standsFor } from '../../evidence/stand-in.ts';
import type { Stretch } from '../../evidence/stretch.ts';
import { over } from '../../evidence/trace.ts';
import type { Detector, Fact, Finding, NoHelp, Remedy, Severity } from '../detector.ts';
import { cannotTell, confidenceOf, detected, fact, missingOf, ruledOut, sayDrain, severityOf } from '../finding.ts';
import { type Found, type Signature, study } from '../study.ts';
import { hurtsOf } from '../story.ts';
import { gaugeOf, increaseOf, meanOf } from '../trace-back.ts';
import { parkedNow, sizeOf, slowTransfer, type Transfer, transferOf } from './transfer.ts';

/** Requests that wait for remote KV against those that run (pathologies.md P23). */
const PARKED = [0.08, 0.6] as const;
/** Mean of parked requests below which nobody is said to wait. */
const SOMEBODY = 0.5;
/** Seconds they must stand: a burst of transfers heals itself. */
const STAND = 60;
/** Transfer time against what it was, and against the target for a first token, which it is part of. */
const SLOWER = [1.5, 3] as const;
const LATE = [0.5, 2] as const;
/** Share of transfers that fail, and how many must have. */
const FAILED = [0.01, 0.1] as const;
const MIN_FAILURES = 3;
/** Requests whose KV nobody fetched in time. */
const EXPIRED = [1, 5] as const;
/** Strength of "they wait for remote KV and nothing else" by the stages alone, where the transfers themselves are not measured. */
const BY_STAGE = 0.6;
/** Bytes per second of one transfer below which a fast fabric is not what carries it: 10 Gbit/s Ethernet. */
const SLOW_FABRIC = 1.25e9;

type Variant = 'stuck' | 'failing' | 'expired' | 'slow' | 'waiting';

export const kvTransferStall: Detector = {
  id: 'kv-transfer-stall',
  title: 'KV transfer stall',
  mechanism:
    'A decode engine waits for KV that a prefill engine or a store has to send: the fabric is slow, transfers fail or leases run out, and requests stand skipped while seats and memory are free.',
  needs: ['running', 'waiting'],
  judge(judged) {
    const missing = missingOf(judged, this.needs);
    if (missing.length > 0)
      return cannotTell(this, missing, 'Scrape vllm:num_requests_running and vllm:num_requests_waiting.');
    const transfers = new Map(judged.engines.map((engine) => [engine, transferOf(judged, engine)]));
    const of = (engine: Engine) => transfers.get(engine) ?? transferOf(judged, engine);
    const connected = judged.engines.filter((engine) => of(engine).deferral.connector);
    if (connected.length === 0)
      return ruledOut(this, `no KV connector: transfers are counted on 0 of ${countOf(judged.engines)} replicas`);
    const signature: Signature = {
      ask: '',
      strength: (_, engine) => strengthOf(judged, engine, of(engine)),
      early: (_, engine) => earlySign(judged, engine, of(engine)),
      whyNot: () => whyNot(judged, connected.map(of)),
    };
    const finding = study(this, judged, signature, (found) => tell(this, judged, found, of(found.one), of));
    if (finding.state !== 'ruled-out') return finding;
    const dark = connected.filter(
      (e) =>
        of(e).parked === null &&
        of(e).deferral.adapters === null &&
        (over(e.trace.waiting, judged.grid, judged.end, judged.fast) ?? 0) >= SOMEBODY,
    );
    return dark.length > 0
      ? cannotTell(
          this,
          missingOf(judged, ['waiting-by-reason', 'kv-fetch-stage']),
          'Requests wait on engines with a KV connector, and nothing says what for: vllm:num_requests_waiting_by_reason comes with 0.20, vllm:num_requests_kv_fetch_by_stage with 0.32.',
          { strength: finding.strength },
        )
      : finding;
  },
};

/** How ill the transfers are, each kind 0 to 1; `null` where it cannot be told. */
function illness(judged: Judged, t: Transfer, i: number): Record<Exclude<Variant, 'waiting'>, number | null> {
  const time = t.time[i] ?? null;
  const usual = t.usualTime[i] ?? null;
  const failures = t.failures[i] ?? null;
  const failed = t.failed[i] ?? null;
  const expired = t.expired[i] ?? null;
  const ended = t.ended[i] ?? null;
  const parked = parkedNow(judged, t, i);
  return {
    slow:
      time === null
        ? null
        : Math.max(
            usual === null ? 0 : ramp(time / usual, ...SLOWER) * ramp(time / judged.limits.ttft, 0.1, 0.3),
            ramp(time / judged.limits.ttft, ...LATE),
          ),
    failing: failures === null || failed === null ? null : failures < MIN_FAILURES ? 0 : ramp(failed, ...FAILED),
    expired: expired === null ? null : ramp(expired, ...EXPIRED),
    // Nothing arrives for all of the long window although somebody waits for it.
    stuck: ended === null || parked === null ? null : ended < 0.5 && parked >= 1 ? 1 : 0,
  };
}

/** Requests stand for remote KV and the transfers are ill; or so many transfers fail that requests fail with them. */
function strengthOf(judged: Judged, engine: Engine, t: Transfer): Values {
  const { grid } = judged;
  const { trace } = engine;
  const stand = Math.max(STAND, judged.fast);
  if (!t.deferral.connector) return Array.from({ length: grid.count }, () => 0);
  return Array.from({ length: grid.count }, (_, i) => {
    const running = over(trace.running, grid, i, judged.fast);
    const ills = illness(judged, t, i);
    const told = Object.values(ills).filter((x): x is number => x !== null);
    // Failures hurt whoever is behind them, parked or not: by default the request ends with an error.
    const failing = (ills.failing ?? 0) * ramp(t.failed[i] ?? 0, 0.02, 0.15);
    const parked = parkedNow(judged, t, i);
    if (running === null) return null;
    if (parked === null) return told.length === 0 ? null : failing;
    if (parked < SOMEBODY) return failing;
    const staged = t.deferral.fetching !== null ? BY_STAGE : 0;
    const ill = told.length === 0 ? staged : any(...told, told.some((x) => x > 0) ? 0 : staged * unmeasured(t, i));
    return Math.max(failing, all(ramp(parked / (running + 1), ...PARKED), standing(t.parked, judged, i, stand), ill));
  });
}

/** 1 where the transfers behind the stages are not measured at all: other connectors than NIXL and Mooncake export no times. */
function unmeasured(t: Transfer, i: number): number {
  return (t.time[i] ?? null) === null && (t.ended[i] ?? null) === null ? 1 : 0;
}

/** 0 to 1: somebody was parked in 45 to 80 % of the trailing `seconds`. */
function standing(parked: Values | null, judged: Judged, i: number, seconds: number): number {
  const steps = Math.max(1, Math.round(seconds / judged.grid.step));
  let n = 0;
  for (let j = Math.max(0, i - steps + 1); j <= i; j++) if ((parked?.[j] ?? 0) >= 1) n++;
  return ramp(n / steps, 0.45, 0.8);
}

function earlySign(judged: Judged, engine: Engine, t: Transfer): Values {
  const usual = t.usualTime[judged.end] ?? null;
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const running = engine.trace.running?.[i] ?? null;
    if (running === null) return null;
    const parked = t.parked?.[i] ?? 0;
    const queue = parked >= Math.max(2, PARKED[0] * (running + 1));
    const slow =
      usual !== null && (t.time[i] ?? 0) >= SLOWER[0] * usual && (t.time[i] ?? 0) >= 0.1 * judged.limits.ttft;
    return queue || slow || (t.failures[i] ?? 0) >= 1 || (t.expired[i] ?? 0) >= 1 ? 1 : 0;
  });
}

function tell(about: Detector, judged: Judged, found: Found, t: Transfer, of: (engine: Engine) => Transfer): Finding {
  const { sighting, engines, one, split, then, now, standing: parts } = found;
  const variant = variantOf(judged, t);
  const parked = engines.reduce(
    (sum, e) =>
      sum +
      standsFor(e.trace.replica) *
        (of(e)
          .parked?.filter((v) => v !== null)
          .at(-1) ?? 0),
    0,
  );
  const time = mean(t.time.slice(split));
  const before = median(t.time.slice(0, split));
  const size = sizeOf(judged, one, split);
  const direct = t.deferral.fetching !== null;
  const measured = t.ended.some((v) => v !== null);
  const late = severityOf(judged, engines, false);
  const severity: Severity = late === 'info' && variant === 'failing' ? 'warning' : late;
  return detected(about, {
    ...parts,
    variant,
    severity,
    confidence: confidenceOf(
      sighting.score,
      Math.max(0.7, sighting.persistence),
      measured ? 1 : 0.8,
      direct ? 1 : 0.95,
      // Deferred and ill transfers point the same way; stages alone leave open whether the sender or the fabric is slow.
      measured ? 0.95 : 0.7,
    ),
    lede: `${sayCount(parked, 'request')} ${Math.round(parked) === 1 ? 'waits' : 'wait'} for KV from elsewhere${WHY[variant](t, judged, time, before)}. ${sig(now.running ?? 0)} run, with the KV cache at ${sig(now.usage ?? 0)}.${sayDrain(judged, engines)}`,
    facts: factsOf(judged, engines, t, parked, time, before, size, split, then, now),
    story: {
      changed: null,
      broke: {
        at: parts.since,
        title: BROKE[variant],
        says:
          time === null
            ? `${sig(parked)} requests parked`
            : `${sayDuration(time)} a transfer${before === null ? '' : `, before ${sayDuration(before)}`}; ${sig(parked)} requests parked`,
      },
      hurts: hurtsOf(judged, engines, now),
    },
    remedies: remediesOf(judged, engines, one, variant, time, size, split, now),
    willNotHelp: noHelpOf(now),
    missing: missingOf(judged, ['kv-fetch-stage', 'kv-transfer-time']),
  });
}

const WHY: Record<Variant, (t: Transfer, judged: Judged, time: number | null, before: number | null) => string> = {
  stuck: (_, judged) => `, and no transfer has ended for ${sayDuration(judged.main)}`,
  failing: (t, judged) => `, and ${sayShare(t.failed[judged.end] ?? 0)} of transfers fail`,
  expired: (t, judged) =>
    `, and the prefill side gave up keeping the KV of ${sig(Math.round(t.expired[judged.end] ?? 0))} requests`,
  slow: (_t, _judged, time, before) =>
    `, which takes ${sayDuration(time ?? 0)} to come${before === null ? '' : `, before ${sayDuration(before)}`}`,
  waiting: () => '',
};

const BROKE: Record<Variant, string> = {
  stuck: 'Transfers stopped',
  failing: 'Transfers fail',
  expired: 'Leases run out before the KV is fetched',
  slow: 'Transfers became slow',
  waiting: 'Requests stand for remote KV',
};

/** What is ill about the transfers at the end of the window; the worst first. */
function variantOf(judged: Judged, t: Transfer): Variant {
  const ills = illness(judged, t, judged.end);
  const order: Exclude<Variant, 'waiting'>[] = ['stuck', 'failing', 'slow', 'expired'];
  const worst = order.reduce((a, b) => ((ills[b] ?? 0) > (ills[a] ?? 0) ? b : a));
  return (ills[worst] ?? 0) > 0 ? worst : 'waiting';
}

function sayBytes(bytes: number): string {
  return bytes >= 1e9 ? `${sig(bytes / 1e9)} GB` : `${sig(bytes / 1e6)} MB`;
}

function factsOf(
  judged: Judged,
  engines: readonly Engine[],
  t: Transfer,
  parked: number,
  time: number | null,
  before: number | null,
  size: number | null,
  split: number,
  then: Stretch,
  now: Stretch,
): Fact[] {
  const one = engines[0] as Engine;
  const staged = t.deferral.fetching !== null;
  const failures = t.failures[judged.end] ?? null;
  const expired = t.expired[judged.end] ?? null;
  const speed = mean(t.speed.slice(split));
  return [
    ...(t.parked === null
      ? []
      : [
          fact({
            signal: staged ? 'kv-fetch-stage' : 'waiting-by-reason',
            says: `${sig(parked)} of ${sig(now.waitingLast ?? 0)} waiting requests wait for remote KV`,
            figure: `${sig(parked)} of ${sig(now.waitingLast ?? 0)}`,
            label: 'waiting requests wait for remote KV',
            compared: `before ${sig(then.waiting ?? 0)} waiting`,
            detail: staged
              ? 'stages: not begun and under way'
              : 'deferred, on an engine with a KV connector and without adapters',
            observed: parked,
            expected: 0,
            unit: 'requests',
            query: gaugeOf(judged, engines, staged ? 'kv-fetch-stage' : 'waiting-by-reason'),
            trend: t.parked,
          }),
        ]),
    ...(time === null
      ? []
      : [
          fact({
            signal: 'kv-transfer-time',
            says: `a transfer takes ${sayDuration(time)}${before === null ? '' : `, before ${sayDuration(before)}`}`,
            figure: sayDuration(time),
            label: 'a KV transfer takes',
            compared: before === null ? '' : `before ${sayDuration(before)}`,
            detail:
              size === null || speed === null
                ? 'per TP rank'
                : `${sayBytes(size)} each, ${sayBytes(speed)}/s, per TP rank`,
            observed: time,
            expected: before,
            unit: 'seconds',
            query: meanOf(judged, engines, 'kv-transfer-time', now.seconds),
            trend: t.time,
          }),
        ]),
    ...(failures === null || failures < 1
      ? []
      : [
          fact({
            signal: 'kv-transfer-failures',
            says: `${sig(Math.round(failures))} transfers failed in ${sayDuration(judged.main)}`,
            figure: sig(Math.round(failures)),
            label: `transfers failed in ${sayDuration(judged.main)}`,
            compared: 'healthy 0',
            detail: `${sayShare(t.failed[judged.end] ?? 0)} of those that were tried`,
            observed: failures,
            expected: 0,
            unit: 'count',
            query: increaseOf(judged, engines, 'kv-transfer-failures', judged.main),
            trend: t.failures,
          }),
        ]),
    ...(expired === null || expired < 1
      ? []
      : [
          fact({
            signal: 'kv-transfer-expired',
            says: `${sig(Math.round(expired))} requests' KV ran out unfetched in ${sayDuration(judged.main)}`,
            figure: sig(Math.round(expired)),
            label: `leases ran out in ${sayDuration(judged.main)}`,
            compared: 'healthy 0',
            detail: 'counted by the prefill side',
            observed: expired,
            expected: 0,
            unit: 'requests',
            query: increaseOf(judged, engines, 'kv-transfer-expired', judged.main),
            trend: t.expired,
          }),
        ]),
    fact({
      signal: 'kv-cache-usage',
      says: `KV cache at most ${sig(now.usageMax ?? 0)}, ${sig(now.running ?? 0)} running: nothing is short`,
      figure: sig(now.usageMax ?? 0),
      label: 'of the KV cache at the busiest moment',
      compared: 'full at 1',
      detail: `${sig(now.running ?? 0)} running, before ${sig(then.running ?? 0)}; blocks of parked requests count as held`,
      observed: now.usageMax,
      expected: 1,
      unit: 'ratio',
      query: gaugeOf(judged, engines, 'kv-cache-usage'),
      trend: one.trace.usage,
    }),
  ];
}

const VERIFY = 'Within 5 min: nobody waits for remote KV, transfers as quick as before, failures flat.';

function remediesOf(
  judged: Judged,
  engines: readonly Engine[],
  one: Engine,
  variant: Variant,
  time: number | null,
  size: number | null,
  split: number,
  now: Stretch,
): Remedy[] {
  const speed = time !== null && size !== null && time > 0 ? size / time : null;
  const peer: Remedy = {
    title: 'Take the peer that does not send out of rotation, and restart it',
    knob: null,
    from: null,
    to: null,
    flag: null,
    why: 'A dead prefill engine or a broken handshake parks every request that was sent its way.',
    steps: [],
    expect: 'New requests get their KV from peers that answer; parked ones end with an error or are computed here.',
    risk: 'One prefill engine less.',
    verify: VERIFY,
    needsRestart: false,
  };
  const fabric: Remedy = {
    title: 'Check that transfers go over RDMA and have not fallen back to TCP',
    knob: null,
    from: null,
    to: null,
    flag: null,
    why:
      speed !== null && speed < SLOW_FABRIC
        ? `${sayBytes(speed)}/s is what plain Ethernet gives. Look for the transport in the connector's start-up lines (UCX_TLS, NIXL back end), for a lost device, for a link at a lower rate.`
        : 'Look for the transport in the connector’s start-up lines (UCX_TLS, NIXL back end), for a lost device, for a link at a lower rate.',
    steps:
      speed === null || size === null || time === null
        ? []
        : [{ sum: `${sayBytes(size)} ÷ ${sayDuration(time)}`, result: `${sayBytes(speed)}/s a transfer and rank` }],
    expect: 'Transfers take milliseconds again, and first tokens come with them.',
    risk: 'None.',
    verify: VERIFY,
    needsRestart: true,
  };
  const slowest = slowTransfer(judged, one, split, 0.99);
  const lease: Remedy | null =
    slowest === null
      ? null
      : {
          title: `Keep KV for at least ${sayDuration(3 * slowest)}`,
          knob: 'nixl-abort-request-timeout',
          from: null,
          to: Math.ceil(3 * slowest),
          flag: `VLLM_NIXL_ABORT_REQUEST_TIMEOUT=${Math.ceil(3 * slowest)}`,
          why: 'The prefill side frees blocks nobody has fetched in time. The wait for a transfer has outgrown that time.',
          steps: [
            { sum: 'p99 of a transfer', result: `at most ${sayDuration(slowest)}` },
            { sum: `3 × ${sayDuration(slowest)}, in whole seconds`, result: `${Math.ceil(3 * slowest)} s` },
          ],
          expect: 'KV is still there when it is fetched.',
          risk: 'Blocks of abandoned requests stay on the prefill side for as long. Leave it if it is longer already.',
          verify: VERIFY,
          needsRestart: true,
        };
  const recompute: Remedy = {
    title: 'Compute locally what cannot be loaded',
    knob: 'kv-load-failure-policy',
    from: 'fail',
    to: 'recompute',
    flag: null,
    why: 'Set kv_load_failure_policy to recompute in --kv-transfer-config: a failed load then costs a prefill here instead of an error.',
    steps: [],
    expect: 'Failed loads become slow answers instead of errors.',
    risk: 'Prefill work lands on decode engines and slows their tokens.',
    verify: VERIFY,
    needsRestart: true,
  };
  const ratio: Remedy = {
    title: 'Shift the balance of prefill and decode engines',
    knob: null,
    from: null,
    to: null,
    flag: null,
    why: 'If senders are busy rather than broken, decode engines have room that prefill engines lack.',
    steps: [
      {
        sum: `${sig((now.running ?? 0) / countOf(engines))} running a decode engine, KV cache ${sig(now.usage ?? 0)}`,
        result: 'room on the decode side',
      },
    ],
    expect: 'KV arrives as fast as it is asked for.',
    risk: 'Fewer decode engines carry the same answers.',
    verify: VERIFY,
    needsRestart: false,
  };
  const list: (Remedy | null)[] =
    variant === 'slow'
      ? [fabric, ratio]
      : variant === 'failing'
        ? [peer, recompute, fabric]
        : variant === 'expired'
          ? [lease, fabric, ratio]
          : variant === 'stuck'
            ? [peer, recompute]
            : [ratio, fabric];
  return list.filter((r): r is Remedy => r !== null);
}

function noHelpOf(now: Stretch): NoHelp[] {
  return [
    { title: 'More decode engines', why: 'those there are wait for KV, not for engine time' },
    { title: 'More seats', why: `${sig(now.running ?? 0)} run, and parked requests take no seat` },
    { title: 'More KV cache on the decode side', why: `at most ${sig(now.usageMax ?? 0)} of it is held` },
  ];
}

function whyNot(judged: Judged, transfers: readonly Transfer[]): string {
  const parked = maxOf(transfers.map((t) => parkedNow(judged, t, judged.end)));
  const time = maxOf(transfers.map((t) => t.time[judged.end] ?? null));
  const failures = maxOf(transfers.map((t) => t.failures[judged.end] ?? null));
  return [
    parked === null
      ? 'nobody is seen waiting for remote KV'
      : `${sig(parked)} requests on average wait for remote KV over ${sayDuration(judged.fast)}`,
    time === null ? '' : `a transfer takes ${sayDuration(time)}`,
    failures === null ? '' : `${sig(Math.round(failures))} failed`,
  ]
    .filter(Boolean)
    .join(', ');
}
