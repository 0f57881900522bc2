import { endOf, timeAt } from '../../src/core/base/grid.ts';
import { type WhatChanged, whatChanged } from '../../src/core/anomalies/changed.ts';
import { zScoreAlarms } from '../../src/core/anomalies/textbook.ts';
import type { Evidence } from '../../src/core/evidence/evidence.ts';
import { openRecording } from '../../src/sources/recording/source.ts';
import { INJECTED } from './changed-signals.ts';
import type { Episode } from './episode.ts';

/** Seconds compared on each side of a change at most, and on each side of a moment without one. */
const LONGEST = 600;
const CALM_STRETCH = 300;
/** Seconds of calm that must lie before a change, so that there is something to compare with. */
const LEAST_BEFORE = 120;
/** Place in the list from which the change counts as found. */
const TOP = 3;

/** One episode whose story changes something: where that stands in the list. */
export interface Found {
  readonly episode: string;
  readonly pathology: string;
  readonly scrapeInterval: number;
  /** Place from 1 of what was changed; `null` where the list does not have it. */
  readonly place: number | null;
  readonly first: string;
}

/** A healthy episode looked at every five minutes, with the article's monitor beside. */
export interface Calm {
  readonly looks: number;
  readonly lines: number;
  readonly hours: number;
  /** Runs of alarms with less than a minute between them. */
  readonly zScore: number;
  readonly correlations: number;
}

export interface Changes {
  readonly found: readonly Found[];
  readonly calm: readonly Calm[];
}

/** Looks for the injected change of every episode that has one. */
export async function judgeChanges(episodes: AsyncIterable<Episode>): Promise<Changes> {
  const found: Found[] = [];
  const calm: Calm[] = [];
  for await (const { texts, ...episode } of episodes) {
    const source = openRecording({ name: episode.id, texts }, { fetch: globalThis.fetch, now: () => 0 });
    const request = { from: episode.from, to: Math.ceil(episode.to), selector: '', knobs: {} };
    const evidence = await source.read(request, new AbortController().signal);
    const { onset, primary, end } = episode.truth;
    if (onset === null) calm.push(calmOf(evidence));
    const injected = primary === null ? undefined : INJECTED[primary];
    if (onset === null || injected === undefined || onset - episode.from < LEAST_BEFORE) continue;
    const after = { from: onset, to: Math.min(end ?? Infinity, onset + LONGEST, episode.to) };
    const { changed } = whatChanged(evidence, after, { from: Math.max(episode.from, onset - LONGEST), to: onset });
    const at = changed.findIndex(({ subject }) => injected.includes(subject));
    found.push({
      episode: episode.id,
      pathology: primary as string,
      scrapeInterval: episode.scrapeInterval,
      place: at < 0 ? null : at + 1,
      first: changed[0]?.title ?? 'nothing',
    });
  }
  return { found, calm };
}

export function isFound({ place }: Found): boolean {
  return place !== null && place <= TOP;
}

function calmOf(evidence: Evidence): Calm {
  const { grid } = evidence;
  const looks: WhatChanged[] = [];
  for (let to = timeAt(grid, 0) + 2 * CALM_STRETCH; to <= endOf(grid); to += CALM_STRETCH)
    looks.push(whatChanged(evidence, { from: to - CALM_STRETCH, to }));
  const { anomalies, correlations } = zScoreAlarms(evidence);
  return {
    looks: looks.length,
    lines: looks.reduce((sum, { changed }) => sum + changed.length, 0),
    hours: (endOf(grid) - grid.from) / 3600,
    zScore: runsIn(anomalies),
    correlations: runsIn(correlations),
  };
}

function runsIn(times: readonly number[]): number {
  return times.filter((time, i) => i === 0 || time - (times[i - 1] as number) > 60).length;
}

/** The page docs/anomalies.md. */
export function changesPage({ found, calm }: Changes, seed: number, perKind: number): string {
  const sum = (of: (one: Calm) => number) => calm.reduce((total, one) => total + of(one), 0);
  const hours = sum(({ hours }) => hours);
  const right = found.filter(isFound).length;
  const rows = [...new Set(found.map(({ pathology }) => pathology))].map((pathology) => {
    const mine = found.filter((one) => one.pathology === pathology);
    const missed = mine.filter((one) => !isFound(one));
    const says = missed.map((one) => `${one.episode} (${one.scrapeInterval} s, first: ${one.first})`).join('; ');
    return `| \`${pathology}\` | ${mine.length - missed.length} of ${mine.length} | ${mine.filter(({ place }) => place === 1).length} | ${says} |`;
  });
  const per = (n: number, of: number) => (of > 0 ? (n / of).toFixed(2) : '–');
  return [
    '# What changed: the record',
    '',
    `Written by \`npm run changes\` on simulated episodes of seed ${seed}, ${perKind} per kind and strength; thresholds were set on seed 1. Each episode injects one change; the`,
    'list of `src/core/anomalies` compares up to ten minutes after it with up to ten before. Found means among the first three lines.',
    '',
    `**Found: ${right} of ${found.length} (${((100 * right) / Math.max(1, found.length)).toFixed(1)} %).** Bar: 90 %.`,
    '',
    '| changed by | found | first line | missed |',
    '|---|---|---|---|',
    ...rows,
    '',
    `On ${calm.length} healthy episodes (${hours.toFixed(1)} h, among them ramps, rollouts and shifts, which do change things), one look every five minutes, and the design`,
    "article's monitor (rolling z-score over 100 samples, correlation above 0.8 over 20) beside it:",
    '',
    '| | |',
    '|---|---|',
    `| lines per look, ours | ${per(
      sum(({ lines }) => lines),
      sum(({ looks }) => looks),
    )} |`,
    `| alarms per healthy hour, rolling z-score | ${per(
      sum(({ zScore }) => zScore),
      hours,
    )} |`,
    `| alarms per healthy hour, correlation of KV usage and TTFT | ${per(
      sum(({ correlations }) => correlations),
      hours,
    )} |`,
    '',
    'Ours rings nobody: it is a list for whoever asks about a stretch of time. The article’s monitor calls its callback at each of these alarms.',
    '',
  ].join('\n');
}
