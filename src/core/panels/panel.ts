import type { Grid, Values } from '../base/grid.ts';
import type { Unit } from '../base/units.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { SignalId } from '../signals/index.ts';
import type { Targets } from '../verdict/profiles.ts';

/** The four rows of the page, in reading order: who is hurt, does the engine work, what waits, what memory holds. */
export const PANEL_ROWS = ['latency', 'health', 'queue', 'cache'] as const;
export type PanelRow = (typeof PANEL_ROWS)[number];

export const ROW_TITLES: Readonly<Record<PanelRow, string>> = {
  latency: 'User-facing latency',
  health: 'System health',
  queue: 'Queue and scheduling',
  cache: 'Cache efficiency',
};

/**
 * Which signals are drawn together, and with which lines. Pure: the page draws it, exporters write it down.
 * @see index.ts for the list in display order
 */
export interface Panel {
  readonly id: string;
  readonly title: string;
  readonly row: PanelRow;
  readonly unit: Unit;
  /** What the numbers are, after the title: "mean", "worst replica". Empty where the unit says it. */
  readonly measure: string;
  /** One sentence: how to read it. */
  readonly help: string;
  readonly signals: readonly SignalId[];
  /** What each signal would decide if it were there, as the end of "needed to tell …". */
  readonly decides: Readonly<Partial<Record<SignalId, string>>>;
  /** What is drawn for the given replicas, all of them if left out. Missing signals are data, nothing throws. */
  readonly build: (evidence: Evidence, targets: Targets, replicas?: readonly string[]) => PanelData;
  /** The same numbers as PromQL, for whoever wants to see them elsewhere. */
  readonly queries: (evidence: Evidence) => readonly PanelQuery[];
}

export interface PanelQuery {
  readonly title: string;
  readonly query: string;
}

export interface PanelData {
  readonly grid: Grid;
  readonly unit: Unit;
  /** ok: everything drawn; partial: something is missing; empty: there, but nothing was observed; absent: not measured at all. */
  readonly state: 'ok' | 'partial' | 'empty' | 'absent';
  readonly missing: readonly Missing[];
  readonly lines: readonly PanelLine[];
  readonly bands: readonly PanelBand[];
  /** Layers added up from the bottom, first one lowest. */
  readonly stacks: readonly PanelStack[];
  readonly thresholds: readonly PanelThreshold[];
  /** Values told at the cursor beside the lead, not drawn because their unit is another one. */
  readonly readouts: readonly PanelReadout[];
  /** Stretches where the lead says nothing, each with its reason. */
  readonly gaps: readonly PanelGap[];
  /** Id of the line, band or stack whose value stands beside the title. */
  readonly lead: string;
  readonly scale: 'linear' | 'log';
  /** Lowest and highest value the axis must show; `null` leaves it to the values. */
  readonly range: { readonly low: number | null; readonly high: number | null };
  /** One line under the title: what is drawn, or the caveat that matters now. */
  readonly note: string;
}

export interface Missing {
  readonly signal: SignalId;
  readonly title: string;
  readonly decides: string;
  /** Why the question failed, where it did; `null` where the signal is just not there. */
  readonly problem: string | null;
}

export interface PanelLine {
  readonly id: string;
  readonly label: string;
  readonly values: Values;
  readonly style: 'main' | 'second' | 'thin' | 'dashed';
  readonly area?: boolean;
  /** A cause rather than harm or background: drawn in the accent colour. */
  readonly accent?: boolean;
  /** Where it is not the panel's: tokens drawn beside requests. */
  readonly unit?: Unit;
  /** Holds its value until the next one: gauges that jump. */
  readonly stepped?: boolean;
}

/** An interval a percentile is known to lie in. `high` is `null` above the last finite bucket, where `low` is not. */
export interface PanelBand {
  readonly id: string;
  readonly label: string;
  readonly low: Values;
  readonly high: Values;
  readonly style: 'main' | 'second' | 'thin';
  /** Above it users are hurt: the part of the band whose low edge is beyond is drawn as harm. `null` without a target. */
  readonly limit: number | null;
}

export interface PanelStack {
  readonly id: string;
  readonly label: string;
  readonly values: Values;
  readonly style: 'main' | 'second' | 'thin' | 'hatched';
}

export interface PanelThreshold {
  readonly label: string;
  readonly value: number;
  /** target: the profile's objective; textbook: a level of the design article; limit: a capacity; proposed: what a remedy would set. */
  readonly tone: 'target' | 'textbook' | 'limit' | 'proposed';
}

export interface PanelReadout {
  readonly label: string;
  readonly values: Values;
  readonly unit: Unit;
}

/** Grid indices, both included. silent: measured, and nothing happened; missing: not measured; stale: only old samples are left. */
export interface PanelGap {
  readonly from: number;
  readonly to: number;
  readonly kind: 'silent' | 'missing' | 'stale';
  readonly label: string;
}

/** Identity, so that an entry is checked where it is written. */
export function panel(definition: Panel): Panel {
  return definition;
}
