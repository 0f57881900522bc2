import type { Row as RecordingRow } from '../judge.ts';
import { type ClassScore, classScores, type TopOne, topOneOf } from '../metrics/accuracy.ts';
import { ACUTE } from '../acute.ts';
import { type Alarms, alarmsOf } from '../metrics/alarms.ts';
import { CLASSES } from '../classes.ts';
import { claimsOf, eceOf, type SureAndWrong, sureAndWrong } from '../metrics/confidence.ts';
import { type Detection, delayQuantile, detectionOf, datedOf, middle } from '../metrics/detection.ts';
import type { Watched } from '../moment.ts';
import { EVERY } from '../watch.ts';

/** Everything the report is made of. */
export interface Outcome {
  readonly all: readonly Watched[];
  /** Episodes that could not be built or judged. */
  readonly missing: number;
  readonly seed: number;
  readonly perKind: number;
  readonly recordings: readonly (RecordingRow & { readonly via: string; readonly set: string })[];
}

/** The figures that are held against the bars. */
export interface Figures {
  readonly topOne: TopOne;
  readonly classes: readonly ClassScore[];
  readonly alarms: Alarms;
  readonly sure: SureAndWrong;
  readonly ece: number | null;
  readonly detections: readonly Detection[];
  readonly onsetError: number | null;
}

export function figuresOf(all: readonly Watched[]): Figures {
  const claims = claimsOf(all);
  return {
    topOne: topOneOf(all),
    classes: classScores(all, CLASSES).filter((score) => score.recall.of > 0),
    alarms: alarmsOf(all, EVERY),
    sure: sureAndWrong(all),
    ece: eceOf(claims),
    detections: all.map(detectionOf).filter((detection) => detection !== null),
    onsetError: middle(all.map((watched) => datedOf(watched)?.error ?? null).filter((error) => error !== null)),
  };
}

export const BARS = {
  topOne: 0.92,
  recall: 0.75,
  alarms: 0.02,
  sureAndWrong: 0.01,
  ece: 0.06,
  acute: 45,
  rest: 300,
  onset: 30,
} as const;

/** Delays of a class: from the onset, and from when it could first be noticed. */
export interface Delays {
  readonly id: string;
  readonly episodes: number;
  readonly median: number | null;
  readonly p90: number | null;
  readonly medianShown: number | null;
  /** Scrapes of at most 5 s alone. */
  readonly medianQuick: number | null;
  readonly quick: number;
}

/** Longest scrape interval called quick. */
const QUICK = 5;

export function delaysOf(figures: Figures, id: string): Delays {
  const own = figures.detections.filter(({ watched }) => watched.episode.truth.primary === id);
  const quick = own.filter(({ watched }) => watched.episode.scrapeInterval <= QUICK);
  return {
    id,
    episodes: own.length,
    median: delayQuantile(
      own.map((d) => d.delay),
      0.5,
    ),
    p90: delayQuantile(
      own.map((d) => d.delay),
      0.9,
    ),
    medianShown: delayQuantile(
      own.map((d) => d.delayShown),
      0.5,
    ),
    quick: quick.length,
    medianQuick: delayQuantile(
      quick.map((d) => d.delay),
      0.5,
    ),
  };
}

/** Why a class is short of its bar, in figures; empty where it is not. */
export function shortcomings(figures: Figures, id: string): string[] {
  const out: string[] = [];
  const score = figures.classes.find((one) => one.id === id);
  if (score && score.recall.of > 0 && score.recall.hits / score.recall.of < BARS.recall) {
    out.push(`recall ${(score.recall.hits / score.recall.of).toFixed(2)} of ${BARS.recall}`);
  }
  const delays = delaysOf(figures, id);
  const { median, bar } = ACUTE.includes(id)
    ? { median: delays.medianQuick, bar: BARS.acute }
    : { median: delays.medianShown, bar: BARS.rest };
  if (median !== null && median > bar) {
    out.push(`found after ${median === Infinity ? 'never' : `${Math.round(median)} s`}, bar ${bar} s`);
  }
  return out;
}
