import { timeAt, type Values } from '../../base/grid.ts';
import { sayDuration, sayList, sig } from '../../base/say.ts';
import { departedAt } from '../../evidence/departed.ts';
import { isRestarting } from '../../evidence/departures.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { deadSince } from '../../evidence/logged.ts';
import { countOf } from '../../evidence/stand-in.ts';
import { lastSeen } from '../../evidence/trace.ts';
import type { SignalId } from '../../signals/index.ts';
import type { Detector, Remedy } from '../detector.ts';
import { confidenceOf, detected, fact, ruledOut } from '../finding.ts';
import { gaugeOf } from '../trace-back.ts';

/** Without these nothing acute can be told. */
const VITAL: readonly SignalId[] = ['running', 'waiting', 'kv-cache-usage', 'ttft', 'output-tokens'];

/** Seconds some replicas may be out of sight, while others are seen, before it is more than a remark. */
const NOTICED = 120;

export const telemetryGap: Detector = {
  id: 'telemetry-gap',
  title: 'Telemetry gap',
  mechanism:
    'The monitoring, not necessarily the engine, is broken: a target is down, scrapes are lost, series are missing or renamed. What is not measured is not healthy.',
  needs: [],
  judge(judged) {
    const limit = Math.max(3 * (judged.evidence.scrapeInterval ?? judged.grid.step), 30);
    const lanes = judged.engines.map((engine) => ({ engine, line: blindLine(judged, engine, limit) }));
    const strength = Array.from({ length: judged.grid.count }, (_, i) =>
      lanes.length === 0 ? 1 : Math.max(...lanes.map((l) => l.line[i] ?? 0)),
    );
    const departed = judged.engines.filter((engine) => departedAt(judged, engine) !== null);
    const restarting = judged.engines.filter((engine) => isRestarting(judged, engine.trace));
    const blind = lanes
      .filter((l) => (l.line[judged.end] ?? 1) >= 0.5 && !departed.includes(l.engine) && !restarting.includes(l.engine))
      .map((l) => l.engine);
    const absent = VITAL.filter((id) => {
      const state = judged.evidence.readings[id]?.state ?? 'absent';
      return state === 'absent' || state === 'failed';
    });
    const log = judged.evidence.source.kind === 'log';
    if (judged.engines.length === 0) {
      return detected(this, {
        variant: 'no-series',
        score: 1,
        confidence: 0.95,
        severity: 'warning',
        scope: { kind: 'telemetry', instances: [] },
        since: null,
        strength,
        lede: log
          ? 'No line of it holds the statistics of an engine. That is not health: nothing was measured.'
          : 'No vLLM engine series in this scope and range. That is not health: nothing was measured.',
        facts: [],
        missing: VITAL,
        ask: log
          ? 'Give the part of the log in which the server works, or its /metrics page.'
          : 'Check the selector and the range, and that the vLLM targets are scraped.',
        remedies: [log ? moreLog() : scrapeRemedy('Scrape the vLLM targets')],
      });
    }
    if (blind.length === 0 && absent.length < 3) {
      const there = judged.engines.filter((engine) => !departed.includes(engine) && !restarting.includes(engine));
      const gone = [
        departed.length === 0
          ? ''
          : `${countOf(departed)} of ${countOf(judged.engines)} left with nothing to do and without a failed scrape`,
        restarting.length === 0
          ? ''
          : `${countOf(restarting)} of ${countOf(judged.engines)} restarting, with nothing on ${restarting.length === 1 ? 'it' : 'them'} when ${restarting.length === 1 ? 'it' : 'they'} went`,
      ]
        .filter(Boolean)
        .join('; ');
      if (there.length === 0) return ruledOut(this, gone, { strength });
      const ages = there.map(
        (e) => timeAt(judged.grid, judged.end) - timeAt(judged.grid, Math.max(0, lastSeen(e.trace))),
      );
      return ruledOut(
        this,
        `${gone === '' ? '' : `${gone}; `}${there.length} of ${there.length} replicas answered within ${sayDuration(Math.max(judged.evidence.scrapeInterval ?? judged.grid.step, ...ages))}`,
        { strength },
      );
    }
    const whole = blind.length === judged.engines.length;
    const first = blind[0];
    const sinceIndex = first ? lastSeen(first.trace) + 1 : 0;
    const down = blind.filter((e) => (e.trace.up?.[judged.end] ?? null) === 0);
    const unseenFor = timeAt(judged.grid, judged.end) - timeAt(judged.grid, Math.max(0, sinceIndex - 1));
    const dead = blind.filter((e) => deadSince(judged, e) !== null);
    const names =
      sayList(blind.slice(0, 3).map((e) => e.id)) + (blind.length > 3 ? ` and ${blind.length - 3} more` : '');
    return detected(this, {
      variant: blind.length > 0 ? (down.length > 0 ? 'target-down' : 'stale') : 'missing-series',
      score: whole || absent.length >= 3 ? 1 : countOf(blind) / countOf(judged.engines),
      confidence: confidenceOf(1, 1, 1, 1),
      // A few out of sight for a moment are a remark; all, or some for long, are a reason to act.
      severity: whole || absent.length >= 3 || unseenFor >= NOTICED ? 'warning' : 'info',
      scope: { kind: 'telemetry', instances: blind.map((e) => e.id) },
      since: first && sinceIndex > 0 ? timeAt(judged.grid, Math.min(sinceIndex, judged.end)) : null,
      strength,
      lede:
        blind.length > 0
          ? dead.length === blind.length
            ? `${names} ${blind.length === 1 ? 'has' : 'have'} measured nothing since ${blind.length === 1 ? 'its process' : 'their processes'} died, as the log says.`
            : `${names} ${blind.length === 1 ? 'has' : 'have'} not answered ${sinceIndex > 0 ? `for ${sayDuration(timeAt(judged.grid, judged.end) - timeAt(judged.grid, sinceIndex - 1))}` : 'in this window'}: ${log ? 'no line of statistics is written' : down.length > 0 ? 'the scrape fails, so the process is gone or too busy to answer' : 'no sample arrives'}.`
          : `Most of what a verdict needs is missing: ${sayList(absent)}.`,
      facts: [
        fact({
          signal: 'up',
          says:
            blind.length > 0
              ? `${countOf(blind)} of ${countOf(judged.engines)} replicas are not seen`
              : `${absent.length} of ${VITAL.length} vital signals are missing`,
          figure:
            blind.length > 0
              ? `${countOf(blind)} of ${countOf(judged.engines)}`
              : `${absent.length} of ${VITAL.length}`,
          label: blind.length > 0 ? 'replicas are not seen' : 'vital signals are missing',
          compared: 'should be 0',
          detail:
            blind.length > 0
              ? `allowed age of a sample: ${sayDuration(limit)}; ${sig(down.length)} with up = 0`
              : sayList(absent),
          observed: countOf(blind),
          expected: 0,
          unit: 'count',
          query: gaugeOf(judged, judged.engines, 'up'),
          trend: judged.engines[0]?.trace.up ?? null,
        }),
      ],
      missing: absent,
      ask: log
        ? 'The log of what came next would tell.'
        : blind.length > 0
          ? 'Bring the target back, or read its log: a crash and a lost scrape look the same from here.'
          : 'Scrape the missing series.',
      remedies: log
        ? []
        : [blind.length > 0 ? targetRemedy(blind, down.length > 0) : scrapeRemedy('Scrape the missing series')],
    });
  },
};

/** 1 where this replica is blind: no engine sample for three scrapes and 30 s, whether they fail or are lost; fewer are chance. At once where its log says that it died. */
function blindLine(judged: Judged, engine: Engine, limit: number): Values {
  const { trace } = engine;
  const someSeen = judged.engines.some((e) => lastSeen(e.trace) >= 0);
  const allowed = Math.max(1, Math.ceil(limit / judged.grid.step));
  const dead = deadSince(judged, engine) ?? Infinity;
  let last = -1;
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const seen = (trace.running?.[i] ?? null) !== null || (trace.usage?.[i] ?? null) !== null;
    if (seen) last = i;
    // One that has not come yet is not lost, as long as others are there.
    if (seen || (last < 0 && someSeen)) return 0;
    return i >= dead || i - last >= allowed ? 1 : 0;
  });
}

function targetRemedy(blind: readonly Engine[], down: boolean) {
  return {
    title: down ? 'Look at the process behind the target' : 'Look at the scrape, then at the target',
    knob: null,
    from: null,
    to: null,
    flag: null,
    why: down
      ? 'A failed scrape means a dead process, a saturated API server, or a broken route.'
      : 'Samples stopped without a failed scrape: the target left the configuration, or the pipeline stopped.',
    steps: [
      {
        sum: `curl -s http://${blind[0]?.trace.replica.instance ?? 'TARGET'}/metrics | head`,
        result: 'answers, refuses or hangs',
      },
      { sum: 'answers', result: 'the scrape is broken' },
      { sum: 'refuses', result: 'the process is gone: read its log' },
      { sum: 'hangs', result: 'the API server is saturated' },
    ],
    expect: 'Samples arrive again and the verdict returns.',
    risk: 'None.',
    verify: 'up = 1 and samples younger than three scrapes.',
    needsRestart: false,
  };
}

function moreLog(): Remedy {
  return {
    title: 'Give the part of the log in which the server works',
    knob: null,
    from: null,
    to: null,
    flag: null,
    why: 'vLLM writes a line of statistics every ten seconds while it works, and the errors that end it.',
    steps: [{ sum: 'grep -E "throughput|ERROR|Error|version|args:" LOG', result: 'the lines a verdict is made of' }],
    expect: 'A verdict after half a minute of log.',
    risk: 'Prompts may stand in a log that was written with --enable-log-requests.',
    verify: 'Lines with "Avg prompt throughput" are in it; --disable-log-stats leaves them out.',
    needsRestart: false,
  };
}

function scrapeRemedy(title: string) {
  return {
    title,
    knob: null,
    from: null,
    to: null,
    flag: null,
    why: 'A scrape interval of 5 s lets a verdict follow an incident within a minute; above 15 s it is late.',
    steps: [{ sum: 'scrape_configs', result: 'job vllm, interval 5s, path /metrics' }],
    expect: 'A verdict after four scrapes.',
    risk: 'A page is about 60 kB; --disable-log-stats removes all engine series.',
    verify: 'vllm:num_requests_running is there for every replica.',
    needsRestart: false,
  };
}
