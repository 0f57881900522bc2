import type { Evidence, Reading, Replica } from '../../src/core/evidence/evidence.ts';
import { type SignalId, SIGNALS } from '../../src/core/signals/index.ts';
import { diagnose } from '../../src/core/verdict/diagnose.ts';
import { targetsOf } from '../../src/core/verdict/profiles.ts';
import { openRecording } from '../../src/sources/recording/source.ts';
import { Random } from '../evaluation/simulator/random.ts';
import type { DiagnoseFigures, Duration } from './diagnose.ts';
import { instanceOf } from './fleet.ts';
import { INTERVAL, SICK, SIMULATED, tellStory } from './story.ts';

/** The evidence of the bar: 24 signals of the engines, those worth most, on 180 points. */
const SIGNAL_COUNT = 24;
const POINTS = 180;
/** The first run is slower than any later one, since nothing is compiled yet; the page knows that as well. */
const RUNS = 7;
/** Seconds after which no further run is begun. */
const ENOUGH = 20;
/** Judges a fleet of the size in this process. */
export async function judgeFleet(size: number): Promise<DiagnoseFigures> {
  const evidence = copied(await simulatedEvidence(), size);
  const targets = targetsOf('chat');
  const runs: Duration[] = [];
  let said = '';
  for (const begun = performance.now(); runs.length < RUNS && performance.now() - begun < ENOUGH * 1000; ) {
    const [wall, cpu] = [performance.now(), process.cpuUsage()];
    const { status, findings } = diagnose(evidence, targets);
    const { user, system } = process.cpuUsage(cpu);
    runs.push({ wall: performance.now() - wall, cpu: (user + system) / 1000 });
    said = [status, findings[0]?.pathology ?? ''].join(' ').trim();
  }
  const [first, ...later] = runs as [Duration, ...Duration[]];
  const byCpu = later.sort((a, b) => a.cpu - b.cpu);
  const measured = Object.values(evidence.readings).filter(
    ({ lines, histograms }) => lines.length + histograms.length > 0,
  );
  return {
    replicas: size,
    signals: measured.length,
    points: evidence.grid.count,
    said,
    first,
    middle: byCpu[Math.floor((byCpu.length - 1) / 2)] ?? first,
  };
}

/** The replicas that are simulated, read by the product's own path. */
async function simulatedEvidence(): Promise<Evidence> {
  const epoch = 1_790_000_000;
  const seconds = (POINTS - 1) * INTERVAL;
  const text = tellStory(seconds + 120, 0, epoch);
  const to = epoch + seconds + 120;
  const source = openRecording({ name: 'simulated', texts: [text] }, { fetch, now: () => to });
  const evidence = await source.read({ from: to - seconds, to, selector: '', knobs: {} }, new AbortController().signal);
  const kept = SIGNALS.filter(({ id, level, kind }) => {
    const reading = evidence.readings[id];
    return (
      level === 'engine' && (kind === 'info' || (reading?.lines.length ?? 0) + (reading?.histograms.length ?? 0) > 0)
    );
  }).sort((a, b) => a.worth - b.worth);
  const info = kept.filter(({ kind }) => kind === 'info');
  const measured = kept.filter(({ kind }) => kind !== 'info').slice(0, SIGNAL_COUNT);
  const ids = new Set<string>([...info, ...measured].map(({ id }) => id));
  const readings = Object.fromEntries(Object.entries(evidence.readings).filter(([id]) => ids.has(id)));
  return { ...evidence, readings };
}

/** A fleet of copies, each a little busier or calmer, with numbers of its own in memory as a read would leave them. */
function copied(few: Evidence, size: number): Evidence {
  const copies = Array.from({ length: size }, (_, number) => {
    const original = few.replicas[number === SICK ? SICK : 1 + ((number - 1) % (SIMULATED - 1))] as Replica;
    const instance = instanceOf(number);
    return {
      from: original.id,
      replica: { ...original, id: instance, instance },
      factor: number === SICK ? 1 : new Random(number, 'copy').between(0.9, 1.1),
    };
  });
  const readings: Partial<Record<SignalId, Reading>> = {};
  for (const [id, reading] of Object.entries(few.readings)) {
    const of = <T extends { readonly replica: string }>(
      list: readonly T[],
      copy: (one: T, factor: number) => T,
    ): T[] => {
      const owned = new Map<string, T[]>();
      for (const one of list) owned.set(one.replica, [...(owned.get(one.replica) ?? []), one]);
      return copies.flatMap(({ from, replica, factor }) =>
        (owned.get(from) ?? []).map((one) => ({ ...copy(one, factor), replica: replica.id })),
      );
    };
    const scaled = (values: readonly (number | null)[], factor: number) =>
      values.map((value) => (value === null ? null : value * factor));
    readings[id as SignalId] = {
      ...reading,
      lines: of(reading.lines, (line, factor) => ({
        ...line,
        // A share stays one; everything else follows the traffic.
        values: scaled(line.values, reading.signal === 'kv-cache-usage' ? Math.min(1, factor) : factor),
      })),
      histograms: of(reading.histograms, (one, factor) => ({
        ...one,
        cumulative: one.cumulative.map((values) => scaled(values, factor)),
        count: scaled(one.count, factor),
        sum: scaled(one.sum, factor),
      })),
      labels: of(reading.labels, (one) => one),
    };
  }
  return { ...few, replicas: copies.map(({ replica }) => replica), readings };
}
