import { Suspense, useMemo, useState } from 'react';
import { sayDuration, sayList, sayShare, sig } from '../../core/base/say.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import {
  bestStatistic,
  type Curve,
  curvesOf,
  type LatencyTargets,
  type Limit,
  limitByKnee,
  latencyAt,
  limitByTargets,
  statisticsOf,
} from '../../core/loadtest/curve.ts';
import { DEFINITIONS, MEASURES } from '../../core/loadtest/definitions.ts';
import { lengthWarnings, liveSide, type LiveSide, outsideEngine } from '../../core/loadtest/live.ts';
import { latencyOf, type LoadRun, type Measure, type Statistic } from '../../core/loadtest/run.ts';
import type { Saturation } from '../../core/loadtest/saturation.ts';
import { signalById } from '../../core/signals/index.ts';
import { SectionHead } from '../controls/section.tsx';
import { ToneIcon } from '../controls/status.tsx';
import { lazily } from '../controls/later.ts';
import { PickField } from '../tuner/pick-field.tsx';
import { LiveKey, RunKey } from './keys.tsx';
import { RunTable } from './run-table.tsx';
import { loadWords } from './words.ts';

const CurveChart = lazily(async () => ({ default: (await import('../charts/curve-chart.tsx')).CurveChart }));

/** A run and whether the server was overrun in it; `null` where that cannot be, in a closed loop. */
export interface ShownTest {
  readonly run: LoadRun;
  readonly saturation: Saturation | null;
}

export interface LoadTestsProps {
  readonly tests: readonly ShownTest[];
  /** Sentences about the files. */
  readonly warnings: readonly string[];
  readonly targets: LatencyTargets;
  /** What is live, to stand beside the runs; `null` without a source. */
  readonly evidence: Evidence | null;
  /** Seconds from a clock without a zone to UTC at a moment of that clock. */
  readonly zoneOffset: (at: number) => number;
}

const ALL_MEASURES: readonly Measure[] = ['ttft', 'itl', 'tpot', 'e2e', 'e2e-per-token'];
const LIVE_SIGNAL = { ttft: 'ttft', itl: 'itl', tpot: 'time-per-output-token', e2e: 'e2e' } as const;

/** Load tests as latency over throughput, the fleet as points on it, and how far it is from where it bends. */
export function LoadTests({ tests, warnings, targets, evidence, zoneOffset }: LoadTestsProps) {
  const runs = useMemo(() => tests.map(({ run }) => run), [tests]);
  const offered = ALL_MEASURES.filter((measure) => statisticsOf(runs, measure).length > 0);
  const [asked, setMeasure] = useState<Measure>('ttft');
  const measure = offered.includes(asked) ? asked : (offered[0] ?? 'ttft');
  const stated = statisticsOf(runs, measure);
  const [wanted, setStatistic] = useState<Statistic | null>(null);
  const statistic = wanted !== null && stated.includes(wanted) ? wanted : bestStatistic(runs, measure);

  const { curves, without } = curvesOf(runs, measure, statistic);
  const live = evidence && liveSide(evidence, measure, statistic);
  const overrun = new Set(tests.filter(({ saturation }) => saturation?.state === 'over').map(({ run }) => run));
  const limits = curves.map((curve) => limitByTargets(curve, targets) ?? limitByKnee(curve));
  const unlimited = curves.filter((_, i) => limits[i] === null);
  const different = live ? lengthWarnings(runs, live.lengths) : [];
  const notices = [...warnings, ...new Set(runs.flatMap((run) => run.warnings.map((says) => `${run.name}: ${says}`)))];

  return (
    <section aria-labelledby="load-tests" data-testid="load-tests">
      <SectionHead
        id="load-tests"
        title="You are here"
        help={
          evidence
            ? 'Load tests as curves, live replicas of the last five minutes as diamonds.'
            : 'Load tests as curves. Open a source beside them to see where the fleet stands.'
        }
      />
      <div className="grid gap-x-10 gap-y-5 wide:grid-cols-[minmax(0,1fr)_360px]">
        <div className="min-w-0">
          <div className="mb-2 flex flex-wrap items-end gap-x-3 gap-y-2">
            <PickField
              label="Latency"
              value={measure}
              choices={offered.map((value) => ({
                value,
                title: `${MEASURES[value].title}: ${MEASURES[value].says}`,
              }))}
              onPick={setMeasure}
            />
            <PickField
              label="Statistic"
              value={statistic}
              choices={stated.map((value) => ({ value, title: value }))}
              onPick={setStatistic}
            />
          </div>
          {curves.length > 0 ? (
            <Suspense fallback={<div aria-hidden="true" style={{ height: 320 }} />}>
              <CurveChart
                lines={curves.map((curve) => ({
                  title: curve.title,
                  marks: curve.points.map(({ run, throughput, latency }) => ({
                    throughput,
                    latency,
                    label: run.load.value === null ? '' : sig(run.load.value),
                    crossed: overrun.has(run),
                  })),
                }))}
                live={(live?.points ?? []).map(({ replica, throughput, latency }) => ({
                  throughput,
                  latency,
                  label: replica,
                  crossed: false,
                }))}
                limit={limits[0]?.point.throughput ?? null}
                latencyTitle={`${MEASURES[measure].title} ${statistic}`}
              />
            </Suspense>
          ) : (
            <p className="py-6 text-[13px] text-ink-2">
              No run states both output tokens per second and {MEASURES[measure].title} {statistic}, so there is no
              curve to draw. The table holds what they do state.
            </p>
          )}
          <ul aria-label="Curves" className="mt-1 flex flex-col gap-1 text-[12.5px] text-ink-2">
            {curves.map((curve, i) => (
              <li key={`${i} ${curve.title}`} className="flex items-center gap-2">
                <RunKey index={i} />
                <span className="min-w-0 [overflow-wrap:anywhere]">
                  {curve.title} · numbers beside the points: {loadWords(curve.points.map(({ run }) => run.load))}
                </span>
              </li>
            ))}
            {live && live.points.length > 0 && (
              <li className="flex items-center gap-2">
                <LiveKey /> live replicas
              </li>
            )}
            {overrun.size > 0 && (
              <li className="flex items-center gap-2">
                <ToneIcon tone="critical" size={12} /> crossed: more was offered than the server could do
              </li>
            )}
          </ul>
          <Definitions runs={runs} measure={measure} live={live !== null} />
        </div>
        <div className="flex min-w-0 flex-col gap-4 text-[13px] leading-[19px]">
          {curves.map((curve, i) => {
            const limit = limits[i] ?? null;
            return limit && <Headroom key={`${i} ${curve.title}`} curve={curve} limit={limit} live={live} />;
          })}
          {unlimited.length > 0 && (
            <p data-testid="no-limit" className="[overflow-wrap:anywhere]">
              <strong className="font-[620]">No limit to be told</strong> from{' '}
              {sayList(unlimited.map(({ title }) => title))}: no point states its 95th percentiles and meets the
              targets, and a knee needs four loads at which throughput bends.
            </p>
          )}
          {live && live.missing.length > 0 && (
            <ul aria-label="Not on the curve" className="text-[12.5px] text-ink-2">
              {live.missing.map((says) => (
                <li key={says}>{says}</li>
              ))}
            </ul>
          )}
          {different.length > 0 && (
            <ul aria-label="Other lengths" className="flex flex-col gap-1">
              {different.map((says) => (
                <li key={says} className="flex gap-2">
                  <ToneIcon tone="warning" size={14} className="mt-[3px] flex-none text-warning" />
                  <span>{says}</span>
                </li>
              ))}
            </ul>
          )}
          {evidence && <Outside runs={runs} evidence={evidence} zoneOffset={zoneOffset} />}
          {notices.length > 0 && (
            <ul aria-label="Notes on the files" className="flex flex-col gap-1 text-[12.5px] text-ink-2">
              {notices.map((says) => (
                <li key={says} className="[overflow-wrap:anywhere]">
                  {says}
                </li>
              ))}
            </ul>
          )}
        </div>
      </div>
      <RunTable tests={tests} statistic={statistic} />
      {without.length > 0 && curves.length > 0 && (
        <p className="mt-2 text-[12.5px] text-ink-2">
          {without.length} of {runs.length} runs do not state {MEASURES[measure].title} {statistic} or output tokens per
          second and are in the table only.
        </p>
      )}
    </section>
  );
}

/** What the numbers of a measure are, tool by tool, and on the server's side. */
function Definitions({
  runs,
  measure,
  live,
}: {
  readonly runs: readonly LoadRun[];
  readonly measure: Measure;
  readonly live: boolean;
}) {
  const meanings = new Map<string, Set<string>>();
  for (const run of runs) {
    const latency = latencyOf(run, measure);
    if (latency === null) continue;
    const says = DEFINITIONS[latency.definition];
    meanings.set(says, (meanings.get(says) ?? new Set()).add(`“${latency.called}” of ${run.tool}`));
  }
  const signal = measure === 'e2e-per-token' ? null : signalById(LIVE_SIGNAL[measure]);
  return (
    <dl aria-label="What the numbers are" className="mt-3 text-[12.5px] leading-[18px] text-ink-2">
      {[...meanings].map(([says, names]) => (
        <div key={says} className="mt-1">
          <dt className="inline font-[560] text-ink">{[...names].join(', ')}: </dt>
          <dd className="inline">{says}</dd>
        </div>
      ))}
      {live && signal && (
        <div className="mt-1">
          <dt className="inline font-[560] text-ink">{signal.title}, live: </dt>
          <dd className="inline">
            {signal.doc} Measured by the server, so without network and client
            {meanings.size > 1 ? '; compare it with a run of the same definition' : ''}.
          </dd>
        </div>
      )}
    </dl>
  );
}

function Headroom({
  curve,
  limit,
  live,
}: {
  readonly curve: Curve;
  readonly limit: Limit;
  readonly live: LiveSide | null;
}) {
  const { throughput } = limit.point;
  return (
    <div data-testid="limit">
      <p>
        <strong className="font-[620]">Limit {sig(throughput)} output tokens/s</strong>, {limit.says}.{' '}
        <span className="text-ink-2">{curve.title}.</span>
      </p>
      {live && live.points.length > 0 && (
        <ul aria-label="Headroom" className="mt-1.5 flex flex-col gap-0.5">
          {live.points.map((point) => {
            const used = point.throughput / throughput;
            const expected = latencyAt(curve, point.throughput);
            const off = expected !== null && point.latency > OFF * expected ? expected : null;
            return (
              <li key={point.replica} className="flex gap-2">
                <ToneIcon
                  tone={used >= 1 ? 'critical' : off !== null || used >= NEAR ? 'warning' : 'ok'}
                  size={14}
                  className="mt-[3px] flex-none"
                />
                <span>
                  {point.replica}: {sig(point.throughput)} output tokens/s, {point.beyond ? 'above ' : ''}
                  {sayDuration(point.latency)};{' '}
                  {off !== null
                    ? `the test saw ${sayDuration(off)} at that throughput, so throughput alone does not explain it: look for a queue, other lengths or trouble. Headroom cannot be told`
                    : used >= 1
                      ? `${sayShare(used - 1)} beyond the limit`
                      : `${sayShare(1 - used)} to go (1 − ${sig(point.throughput)} ÷ ${sig(throughput)})`}
                </span>
              </li>
            );
          })}
          <li className="text-[12.5px] text-ink-2">As if the test ran against one replica.</li>
        </ul>
      )}
    </div>
  );
}

/** So many times slower than the test at the same throughput is another state, not another load. */
const OFF = 2;
/** Share of the limit that is near it. */
const NEAR = 0.85;

function Outside({
  runs,
  evidence,
  zoneOffset,
}: {
  readonly runs: readonly LoadRun[];
  readonly evidence: Evidence;
  readonly zoneOffset: (at: number) => number;
}) {
  const rows = runs.map((run) => ({ run, told: outsideEngine(run, evidence, zoneOffset(run.started?.at ?? 0)) }));
  const known = rows.flatMap(({ run, told }) => (told.state === 'known' ? [{ run, told }] : []));
  const reasons = new Set(rows.flatMap(({ told }) => (told.state === 'unknown' ? [told.because] : [])));
  return (
    <div data-testid="outside">
      <h3 className="text-[13px] font-[620]">Outside the engine</h3>
      {known.map(({ run, told }) => (
        <p key={`${run.file} ${run.name}`}>
          {run.name}:{' '}
          {told.outside < 0
            ? 'the client saw less than the engine, so they are not the same requests'
            : `${sayDuration(told.outside)} of network, gateway, tokenizer and client`}
          . <span className="text-ink-2">{told.says}</span>
        </p>
      ))}
      {known.length === 0 && (
        <p className="text-ink-2">
          Client TTFT − server TTFT cannot be told: {[...reasons].join('; ')}. It needs a run inside the range that is
          shown.
        </p>
      )}
    </div>
  );
}
