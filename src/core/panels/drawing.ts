import type { Grid, Values } from '../base/grid.ts';
import { sayDuration } from '../base/say.ts';
import type { Unit } from '../base/units.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { fleetLine, smooth } from '../evidence/lines.ts';
import { type SignalId, signalById } from '../signals/index.ts';
import type {
  Missing,
  Panel,
  PanelBand,
  PanelData,
  PanelGap,
  PanelLine,
  PanelReadout,
  PanelStack,
  PanelThreshold,
} from './panel.ts';

/** Values that span more than this factor get a logarithmic axis: two decades (design, picture notes). */
const LOG_SPAN = 100;

/** Durations and lengths have orders of magnitude; shares and rates are compared by difference. */
const LOG_UNITS: readonly Unit[] = ['seconds', 'tokens'];

/** Samples older than this many scrape intervals are called stale; two may be missed by chance. */
const STALE_SCRAPES = 3;

/** Before the first full rate window there is nothing to say: such a start is no gap. */
const startOf = (evidence: Evidence): number => Math.ceil((evidence.window + 60) / evidence.grid.step) + 1;

interface Drawn {
  readonly lead: string;
  readonly lines?: readonly PanelLine[];
  readonly bands?: readonly PanelBand[];
  readonly stacks?: readonly PanelStack[];
  readonly thresholds?: readonly PanelThreshold[];
  readonly readouts?: readonly PanelReadout[];
  readonly range?: PanelData['range'];
  readonly note: string;
  /** What "nothing happened" is called here: "no first tokens". */
  readonly silence?: string;
  /** True where the engine was idle, so that silence is expected and not worth a hatch. */
  readonly idle?: readonly boolean[];
  /** Signals without which nothing is drawn: one of them is enough. Default: the panel's first. */
  readonly carriedBy?: readonly SignalId[];
}

/** Completes what a panel draws: its state, what is missing, gaps with their reason, and the scale its values ask for. */
export function drawing(
  panel: Pick<Panel, 'signals' | 'decides' | 'unit'>,
  evidence: Evidence,
  drawn: Drawn,
  replicas?: readonly string[],
): PanelData {
  const lines = (drawn.lines ?? []).filter((line) => line.values.some((v) => v !== null));
  const bands = (drawn.bands ?? []).filter((band) => band.low.some((v) => v !== null));
  const stacks = (drawn.stacks ?? []).filter((stack) => stack.values.some((v) => v !== null));
  const missing = missingOf(panel, evidence);
  const carriers = drawn.carriedBy ?? panel.signals.slice(0, 1);
  const absent = carriers.every((id) => missing.some((m) => m.signal === id));
  const empty = lines.length + bands.length + stacks.length === 0;
  const state = absent ? 'absent' : empty ? 'empty' : missing.length > 0 ? 'partial' : 'ok';
  const leadValues =
    lines.find((line) => line.id === drawn.lead)?.values ??
    bands.find((band) => band.id === drawn.lead)?.low ??
    stacks.find((stack) => stack.id === drawn.lead)?.values;
  const lead = leadValues ? drawn.lead : (lines[0]?.id ?? bands[0]?.id ?? stacks[0]?.id ?? drawn.lead);
  return {
    grid: evidence.grid,
    unit: panel.unit,
    state,
    missing,
    lines,
    bands,
    stacks,
    thresholds: drawn.thresholds ?? [],
    readouts: (drawn.readouts ?? []).filter((readout) => readout.values.some((v) => v !== null)),
    gaps: empty ? [] : gapsOf(evidence, everSaid(evidence.grid, lines, bands, stacks), drawn, replicas),
    lead,
    scale: scaleOf(panel.unit, lines, bands, stacks),
    range: drawn.range ?? { low: 0, high: null },
    note: drawn.note,
  };
}

/** @returns the signals of the panel that were not there or could not be read, in its order. */
export function missingOf(panel: Pick<Panel, 'signals' | 'decides'>, evidence: Evidence): Missing[] {
  return panel.signals.flatMap((id) => {
    const reading = evidence.readings[id];
    if (reading && reading.state !== 'absent' && reading.state !== 'failed') return [];
    return [
      { signal: id, title: signalById(id).title, decides: panel.decides[id] ?? '', problem: reading?.problem ?? null },
    ];
  });
}

function everSaid(
  grid: Grid,
  lines: readonly PanelLine[],
  bands: readonly PanelBand[],
  stacks: readonly PanelStack[],
): boolean[] {
  const all = [...lines.map((l) => l.values), ...bands.map((b) => b.low), ...stacks.map((s) => s.values)];
  return Array.from({ length: grid.count }, (_, i) => all.some((values) => (values[i] ?? null) !== null));
}

function gapsOf(evidence: Evidence, said: readonly boolean[], drawn: Drawn, replicas?: readonly string[]): PanelGap[] {
  const { grid } = evidence;
  const running = fleetLine(evidence, 'running', replicas);
  const age = fleetLine(evidence, 'sample-age', replicas);
  const limit = STALE_SCRAPES * Math.max(evidence.scrapeInterval ?? grid.step, grid.step);
  const kinds = said.map((known, i): PanelGap['kind'] | null => {
    if (known) return null;
    // Values nobody measured any more are blanked in the evidence; their age tells that they were there once.
    if ((running?.[i] ?? null) === null) return (age?.[i] ?? 0) > limit ? 'stale' : 'missing';
    return drawn.idle?.[i] ? null : 'silent';
  });
  return runsOf(kinds).flatMap((run) => {
    if (run.from === 0 && run.to < startOf(evidence)) return [];
    const lasted = sayDuration((run.to - run.from + 1) * grid.step);
    switch (run.kind) {
      case 'silent':
        return [{ ...run, label: `${drawn.silence ?? 'nothing'} for ${lasted}` }];
      case 'missing':
        return [{ ...run, label: `no data for ${lasted}` }];
      case 'stale':
        return [{ ...run, label: `last sample ${sayDuration(age?.[run.to] ?? 0)} old` }];
      default:
        return run.kind satisfies never;
    }
  });
}

function runsOf(kinds: readonly (PanelGap['kind'] | null)[]): { from: number; to: number; kind: PanelGap['kind'] }[] {
  const runs: { from: number; to: number; kind: PanelGap['kind'] }[] = [];
  kinds.forEach((kind, i) => {
    const last = runs[runs.length - 1];
    if (kind === null) return;
    if (last && last.to === i - 1 && last.kind === kind) last.to = i;
    else runs.push({ from: i, to: i, kind });
  });
  return runs;
}

/**
 * Log where the values span more than two decades. Zeros have no place on a log axis, so a line that often rests at zero
 * stays linear: "none before" is part of its story.
 */
function scaleOf(
  unit: Unit,
  lines: readonly PanelLine[],
  bands: readonly PanelBand[],
  stacks: readonly PanelStack[],
): PanelData['scale'] {
  // An area is read by its height above zero, and a log axis has no zero; a rate that starts or stops is near zero for a while.
  if (!LOG_UNITS.includes(unit) || stacks.length > 0 || lines.some((line) => line.area)) return 'linear';
  let low = Infinity;
  let high = 0;
  let zeros = 0;
  let known = 0;
  const see = (value: number | null): void => {
    if (value === null) return;
    known++;
    if (value <= 0) zeros++;
    else {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  };
  for (const line of lines) line.values.forEach(see);
  for (const band of bands) band.high.forEach(see);
  return known > 0 && zeros / known < 0.05 && high / low > LOG_SPAN ? 'log' : 'linear';
}

/**
 * How many grid steps to average so that a value covers `seconds` in all: each one already looks back over the rate window.
 */
export function trailingSteps(evidence: Evidence, seconds: number): number {
  return Math.max(1, Math.round((seconds - evidence.window) / evidence.grid.step) + 1);
}

/** Trailing mean that stays silent where the newest value itself is not there: gaps are never bridged. */
export function trailing(values: Values, steps: number): (number | null)[] {
  return smooth(values, steps).map((v, i) => ((values[i] ?? null) === null ? null : v));
}

/** Same for values that were computed from a line with gaps. */
export function maskedBy(values: Values, source: Values): (number | null)[] {
  return values.map((v, i) => ((source[i] ?? null) === null ? null : v));
}

/** Adds lines time by time; `null` only where all are. */
export function added(lines: readonly (Values | null)[], count: number): Values {
  return Array.from({ length: count }, (_, i) => {
    let sum: number | null = null;
    for (const line of lines) {
      const v = line?.[i] ?? null;
      if (v !== null) sum = (sum ?? 0) + v;
    }
    return sum;
  });
}

/** Newest value that is there; `null` if none is. */
export function newest(values: Values | null): number | null {
  if (!values) return null;
  for (let i = values.length - 1; i >= 0; i--) {
    const v = values[i] ?? null;
    if (v !== null) return v;
  }
  return null;
}

/** True at grid times with nobody in the batch and nobody waiting: then silence is expected. */
export function idleAt(evidence: Evidence, replicas?: readonly string[]): boolean[] {
  const running = fleetLine(evidence, 'running', replicas);
  const waiting = fleetLine(evidence, 'waiting', replicas);
  return Array.from({ length: evidence.grid.count }, (_, i) => running?.[i] === 0 && (waiting?.[i] ?? 0) === 0);
}

/** Replicas that count: the given ones, or all. */
export function chosen(evidence: Evidence, replicas?: readonly string[]): readonly string[] {
  return replicas ?? evidence.replicas.map((replica) => replica.id);
}
