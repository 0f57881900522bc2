import { stepsIn, timeAt } from '../../base/grid.ts';
import { sayCount, sayDuration, sayList, sig } from '../../base/say.ts';
import { median } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { replicaLine } from '../../evidence/lines.ts';
import { over } from '../../evidence/trace.ts';
import type { Detector, Fact, Finding, Severity } from '../detector.ts';
import { cannotTell, confidenceOf, detected, fact, missingOf, ruledOut, untold } from '../finding.ts';
import { gaugeOf } from '../trace-back.ts';
import { type Cause, causeOf } from './cause.ts';
import { awayAt, countedOnly, type End, endsOf, type Host, hostsOf, oneAfterAnother, secondsBack } from './ends.ts';
import { remediesOf } from './remedies.ts';

/** Ends of one process within the window that make a loop (P22 asks for two within the hour). */
const LOOP = 2;
/**
 * Seconds after its return for which a restart is worth a headline: caches are cold, the cause is open, and a crash that
 * comes again mostly comes within minutes. Afterwards it is a remark until it leaves the window.
 */
const FRESH = 600;
/** Scrapes farther apart than this can miss a whole restart, unless a start time gives it away. */
const MISSABLE = 30;
const STRENGTH = { away: 1, loop: 1, once: 0.7, old: 0.3 } as const;

export const crashLoop: Detector = {
  id: 'crash-loop',
  title: 'Restart, crash loop, OOM',
  mechanism:
    'The process ends and begins anew: out of memory, a GPU error, a failed probe, a bug. All requests on it are lost, and it comes back after minutes with a cold cache.',
  needs: ['up'],
  judge(judged) {
    const hosts = hostsOf(judged);
    const all = endsOf(judged, hosts);
    const loops = hosts.filter((h) => countOf(h, all) >= LOOP);
    const ends = all.filter((end) => !end.quiet || loops.includes(end.host));
    const strength = laneOf(judged, ends, loops);
    const last = ends[ends.length - 1];
    if (!last) {
      const missing = missingOf(judged, this.needs);
      const blunt = (judged.evidence.scrapeInterval ?? judged.grid.step) > MISSABLE;
      if (missing.length > 0 || (blunt && missingOf(judged, ['process-start', 'container-restarts']).length === 2)) {
        return cannotTell(
          this,
          missing.length > 0 ? missing : ['process-start'],
          'Keep `up` and `process_start_time_seconds` of the targets, or scrape kube-state-metrics: a restart between two scrapes leaves nothing else.',
        );
      }
      return ruledOut(this, whyNot(judged, hosts, all), { strength });
    }
    const away = ends.filter((e) => e.departure.back === null);
    const cause = [...ends].reverse().reduce<Cause | null>((found, end) => found ?? causeOf(judged, end), null);
    const affected = hosts.filter((h) => ends.some((e) => e.host === h));
    const rollout = loops.length === 0 && cause === null && oneAfterAnother(judged, all);
    const score = strength[judged.end] ?? STRENGTH.old;
    const unproven = ends.every((e) => !e.proven);
    // While it is away only the way its scrapes fail says that it is gone; a broken route that refuses looks the same.
    const apart = untold(judged, unproven ? ['process-start'] : []);
    const cap = unproven ? Math.min(apart.cap, away.length > 0 ? 0.85 : 0.75) : rollout ? 0.7 : 0.95;
    return detected(this, {
      variant: rollout ? 'rollout' : loops.length > 0 ? 'loop' : away.length > 0 ? 'down' : 'restarted',
      score,
      confidence: confidenceOf(1, 1, 1, 1, cap),
      severity: rollout ? 'info' : severityOf(judged, hosts, ends, loops),
      scope: scopeOf(judged, affected),
      since: ends[0]?.departure.at ?? null,
      until: away.length > 0 ? null : timeAt(judged.grid, last.departure.back ?? judged.end),
      strength,
      lede: ledeOf(judged, hosts, ends, loops, rollout, cause),
      facts: factsOf(judged, ends, cause),
      story: storyOf(judged, hosts, ends, cause),
      remedies: remediesOf(judged, { hosts, ends, loops, away, rollout, cause }),
      missing: apart.missing,
      ask:
        cause === null
          ? 'kube-state-metrics (last terminated reason), cAdvisor (memory) and DCGM (XID) would say why; the last lines of its log do.'
          : '',
      willNotHelp: [
        ...(hosts.length > new Set(away.map((e) => e.host)).size
          ? [
              {
                title: 'Restarting the replicas that serve',
                why: 'they carry the load and hold the only warm caches',
              },
            ]
          : []),
        ...(cause?.kind === 'logged' && !cause.served
          ? [{ title: 'Starting it again as it is', why: 'the same arguments meet the same error' }]
          : []),
        ...(away.some((e) => e.departure.absence === 'refused')
          ? [
              {
                title: 'A longer scrape time-out',
                why: `the scrape is refused within ${sayDuration(refusedIn(judged, away) ?? 0.001)}`,
              },
            ]
          : []),
      ],
    });
  },
};

/** Times a process of this host ended within the window. */
function countOf(host: Host, ends: readonly End[]): number {
  const seen = ends.filter((e) => e.host === host).length;
  return seen + countedOnly(host, seen);
}

function laneOf(judged: Judged, ends: readonly End[], loops: readonly Host[]): (number | null)[] {
  return Array.from({ length: judged.grid.count }, (_, i) => {
    let most = 0;
    for (const end of ends) {
      if (i < end.departure.from) continue;
      const loop = loops.includes(end.host);
      const fresh = secondsBack(judged, end, i) <= FRESH;
      most = Math.max(
        most,
        awayAt(end, i) ? STRENGTH.away : fresh ? (loop ? STRENGTH.loop : STRENGTH.once) : STRENGTH.old,
      );
    }
    return most;
  });
}

/** Critical while nobody serves or a loop goes on; a remark once it has run again for long. */
function severityOf(judged: Judged, hosts: readonly Host[], ends: readonly End[], loops: readonly Host[]): Severity {
  const fresh = ends.filter((e) => secondsBack(judged, e, judged.end) <= FRESH);
  if (fresh.length === 0) return 'info';
  const away = new Set(ends.filter((e) => e.departure.back === null).map((e) => e.host));
  if (away.size === hosts.length || fresh.some((e) => loops.includes(e.host))) return 'critical';
  return fresh.every((e) => mayBePlanned(judged, e)) && nobodyLate(judged, away) ? 'info' : 'warning';
}

/** Share of its usual running requests below which a replica was being drained when it was last seen. */
const DRAINED = 0.4;
/** Above this scrape interval a drain of some seconds fits between two scrapes, so a single restart tells nothing of a crash. */
const SEES_DRAINS = 10;

/** It went with little on it, or nobody could have seen it drained: then one restart that nobody feels is a remark, and the second one is news. */
function mayBePlanned(judged: Judged, end: End): boolean {
  if (end.logged !== null) return false;
  if ((judged.evidence.scrapeInterval ?? judged.grid.step) > SEES_DRAINS) return true;
  const usual = end.host.engines.reduce(
    (sum, e) =>
      sum + (over(e.trace.running, judged.grid, Math.max(0, end.departure.last - stepsIn(judged.grid, 30)), 120) ?? 0),
    0,
  );
  return usual > 0 && end.lost < DRAINED * usual;
}

/** No replica that serves lets people wait. */
function nobodyLate(judged: Judged, away: ReadonlySet<Host>): boolean {
  const gone = new Set([...away].map((host) => host.instance));
  return judged.engines
    .filter((e) => !gone.has(e.trace.replica.instance))
    .every((e) => (over(e.harm.lateTtft, judged.grid, judged.end, judged.fast) ?? 0) < 0.05);
}

function scopeOf(judged: Judged, hosts: readonly Host[]): Finding['scope'] {
  const ids = hosts.flatMap((h) => h.engines.map((e) => e.id));
  return { kind: ids.length === judged.engines.length ? 'fleet' : 'instances', instances: ids };
}

const lostIn = (ends: readonly End[]) => ends.reduce((sum, e) => sum + e.lost, 0);

/** Seconds its scrapes take to fail while it is away. */
function refusedIn(judged: Judged, ends: readonly End[]): number | null {
  return median(
    ends.flatMap(({ host, departure }) =>
      (replicaLine(judged.evidence, 'scrape-duration', host.engines[0]?.id ?? '') ?? []).slice(
        departure.from,
        departure.back ?? judged.grid.count,
      ),
    ),
  );
}

function namesOf(hosts: readonly Host[]): string {
  return sayList(hosts.slice(0, 3).map((h) => h.instance)) + (hosts.length > 3 ? ` and ${hosts.length - 3} more` : '');
}

function ledeOf(
  judged: Judged,
  hosts: readonly Host[],
  ends: readonly End[],
  loops: readonly Host[],
  rollout: boolean,
  cause: Cause | null,
): string {
  const why =
    cause === null
      ? ''
      : cause.kind === 'logged'
        ? ` Its log says why: ${endSentence(cause.says)}`
        : ` Why, as far as metrics tell: ${cause.fact.says}.`;
  const lost = lostIn(ends);
  const cut =
    cause?.kind === 'logged' && !cause.served
      ? 'none of them ever served'
      : lost < 0.5
        ? 'nothing was running on it'
        : `${sayCount(lost, 'request')} ${Math.round(lost) === 1 ? 'was' : 'were'} cut off`;
  const first = ends[0] as End;
  const last = ends[ends.length - 1] as End;
  const away = [...new Set(ends.filter((e) => e.departure.back === null).map((e) => e.host))];
  const nobody = away.length === hosts.length ? ' Nobody else serves.' : '';
  if (loops.length > 0) {
    const many = Math.max(...loops.map((h) => countOf(h, ends)));
    const span = timeAt(judged.grid, judged.end) - first.departure.at;
    return `${namesOf(loops)} ended ${many} times within ${sayDuration(span)}; ${cut}.${away.length > 0 ? ` It is down now.${nobody}` : ''}${why}`;
  }
  if (rollout) {
    return `${namesOf(ends.map((e) => e.host))} restarted one after another, as in a rollout, with requests on them when last seen: ${cut} unless they were drained after that scrape.`;
  }
  if (away.length > 0) {
    if (cause?.kind === 'logged') {
      return `${namesOf(away)} ${cause.served ? `died; ${cut}` : 'failed to start'}.${nobody}${why}`;
    }
    const longest = Math.max(...ends.filter((e) => e.departure.back === null).map((e) => e.departure.seconds));
    return `${namesOf(away)} ${away.length === 1 ? 'refuses' : 'refuse'} connections for ${sayDuration(longest)} now, so the process is gone; ${cut}.${nobody}${why}`;
  }
  return `${last.host.instance} ended ${sayDuration(timeAt(judged.grid, judged.end) - last.departure.at)} ago, was away for ${sayDuration(last.departure.seconds)} and came back with empty caches; ${cut}.${why}`;
}

/** With a full stop, unless it has one. */
function endSentence(text: string): string {
  return /[.…]$/.test(text) ? text : `${text}.`;
}

/** Seconds during which the hosts of these ends were away, each counted once. */
function awaySeconds(judged: Judged, ends: readonly End[]): number {
  const hosts = [...new Set(ends.map((e) => e.host))];
  return hosts.reduce((sum, host) => {
    const own = ends.filter((e) => e.host === host);
    const steps = Array.from({ length: judged.grid.count }, (_, i) => own.some((e) => awayAt(e, i))).filter(Boolean);
    return sum + steps.length * judged.grid.step;
  }, 0);
}

function factsOf(judged: Judged, ends: readonly End[], cause: Cause | null): Fact[] {
  const engines = [...new Set(ends.flatMap((e) => e.host.engines))];
  const one = engines[0] as Engine;
  const last = ends[ends.length - 1] as End;
  const span = judged.grid.count * judged.grid.step;
  const starts = replicaLine(judged.evidence, 'process-start', last.host.engines[0]?.id ?? '');
  const refused = ends.filter((e) => e.departure.absence === 'refused');
  const took = refusedIn(judged, refused);
  const usual = median(
    (replicaLine(judged.evidence, 'scrape-duration', one.id) ?? []).filter((_, i) => one.trace.up?.[i] === 1),
  );
  const byLog = ends.every((e) => e.logged !== null);
  const proven = ends.filter((e) => e.proven).length;
  return [
    fact({
      signal: byLog ? 'logged-ends' : starts ? 'process-start' : 'up',
      says:
        ends.length === 1
          ? `a process ended within ${sayDuration(span)}`
          : `processes ended ${ends.length} times within ${sayDuration(span)}`,
      figure: String(ends.length),
      label: ends.length === 1 ? 'process ended' : 'times a process ended',
      compared: 'should be 0',
      detail: `${proven} proven by ${byLog ? 'its log' : 'a new start time'}; ${sayDuration(awaySeconds(judged, ends))} away in all`,
      observed: ends.length,
      expected: 0,
      unit: 'count',
      query: byLog ? null : gaugeOf(judged, engines, starts ? 'process-start' : 'up'),
      trend: one.trace.up,
    }),
    ...(took === null
      ? []
      : [
          fact({
            signal: 'scrape-duration',
            says: `scrapes fail within ${sayDuration(took)}: the connection is refused`,
            figure: sayDuration(took),
            label: 'until a scrape fails: nobody listens',
            compared:
              usual === null ? 'a busy server lets it run into the time-out' : `a page took ${sayDuration(usual)}`,
            detail: 'a server that hangs or is too busy lets a scrape run into its time-out',
            observed: took,
            expected: usual,
            unit: 'seconds',
            query: gaugeOf(judged, engines, 'scrape-duration'),
            trend: replicaLine(judged.evidence, 'scrape-duration', last.host.engines[0]?.id ?? ''),
          }),
        ]),
    ...(cause === null ? [] : [cause.fact]),
    ...(cause?.kind === 'logged' && !cause.served ? [] : [lostFact(judged, ends, engines)]),
  ];
}

function lostFact(judged: Judged, ends: readonly End[], engines: readonly Engine[]): Fact {
  const lost = lostIn(ends);
  const last = ends[ends.length - 1] as End;
  return fact({
    signal: 'running',
    says: lost < 0.5 ? 'nothing was running when it ended' : `${sayCount(lost, 'request')} on it when it was last seen`,
    figure: sig(lost),
    label: 'requests were on it when last seen: cut off',
    compared: 'a planned stop drains first: 0',
    detail: ends
      .map((e) => `${e.host.instance}: ${sig(e.lost)}`)
      .slice(0, 4)
      .join(', '),
    observed: lost,
    expected: 0,
    unit: 'requests',
    query: gaugeOf(judged, engines, 'running'),
    trend: last.host.engines[0]?.trace.running ?? null,
  });
}

function storyOf(judged: Judged, hosts: readonly Host[], ends: readonly End[], cause: Cause | null): Finding['story'] {
  const first = ends[0] as End;
  const away = ends.filter((e) => e.departure.back === null);
  const rest = hosts.length - new Set(away.map((e) => e.host)).size;
  return {
    changed: cause === null ? null : { at: null, title: sayCause(cause), says: cause.fact.detail },
    broke: {
      at: first.departure.at,
      title: ends.length === 1 ? `The process of ${first.host.instance} ended` : `Processes ended ${ends.length} times`,
      says: `away for ${sayDuration(awaySeconds(judged, ends))}${ends.length > 1 ? ' in all' : ''}`,
    },
    hurts: {
      at: first.departure.at,
      title: away.length > 0 && rest === 0 ? 'Nobody is served' : 'Answers were cut off',
      says:
        away.length > 0
          ? rest === 0 && first.departure.flow === 0
            ? `${lostIn(ends) < 0.5 ? '' : `${sayCount(lostIn(ends), 'request')} lost; `}whoever asks is refused, or gets an error`
            : rest === 0
              ? `${sig(first.departure.flow * first.host.engines.length)} requests/s came before; all are refused now`
              : `${sayCount(lostIn(ends), 'request')} lost; ${sayCount(rest, 'replica')} of ${hosts.length} carry the load`
          : `${sayCount(lostIn(ends), 'request')} lost, then a cold cache`,
    },
  };
}

function sayCause(cause: Cause): string {
  switch (cause.kind) {
    case 'host-memory':
      return cause.killed ? 'The kernel killed it for its memory' : 'Host memory was at its limit';
    case 'gpu':
      return 'The GPU failed';
    case 'probe':
      return 'It answered too slowly for its probes';
    case 'long-prompt':
      return 'A very long prompt came';
    case 'logged':
      return 'The process died of an error';
    default:
      return cause satisfies never;
  }
}

function whyNot(judged: Judged, hosts: readonly Host[], all: readonly End[]): string {
  if (all.length > 0) {
    return `${sayCount(all.length, 'restart')}, each with 0 requests on it and nobody turned away: planned, or as good`;
  }
  const gaps = hosts.flatMap((h) => h.departures.map((d) => ({ h, d })));
  const same = gaps.find(({ d }) => d.restarted === false);
  if (same)
    return `${same.h.instance} was out of sight for ${sayDuration(same.d.seconds)}, and the same process answers since`;
  const hung = gaps.find(({ d }) => d.back === null);
  if (hung) {
    if (judged.evidence.source.kind === 'log')
      return `nothing is known of ${hung.h.instance} for ${sayDuration(hung.d.seconds)}, and its log tells of no end`;
    return hung.d.absence === 'refused'
      ? `${hung.h.instance} refuses its scrapes for ${sayDuration(hung.d.seconds)}, with ${sig(hung.d.load ?? 0)} requests on it before${hosts.length > 1 ? `, as all ${hosts.length} targets at once` : ''}`
      : `${hung.h.instance} is out of sight for ${sayDuration(hung.d.seconds)} and does not refuse: hung, cut off or removed, which is no crash by itself`;
  }
  const span = sayDuration(judged.grid.count * judged.grid.step);
  return `0 restarts in ${span}, ${sayCount(hosts.length, 'target')} in sight all along`;
}
