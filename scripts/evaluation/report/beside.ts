import { ABLATIONS } from '../ablations.ts';
import { mostCommon, type Row, topOneOf, valueOf } from '../metrics/accuracy.ts';
import { alarmsOf, perHour, runsOf } from '../metrics/alarms.ts';
import { sureAndWrong } from '../metrics/confidence.ts';
import { delayQuantile } from '../metrics/detection.ts';
import { headlineOf } from '../headline.ts';
import type { Moment, Watched } from '../moment.ts';
import { momentsIn, phaseOf } from '../phases.ts';
import { ABLATION_EVERY, EVERY } from '../watch.ts';
import { recallOf } from './classes.ts';
import { percent, ratio, span, table } from './markdown.ts';

/** Rules about money, not about harm. */
const COST: readonly string[] = ['gpu-underutilization', 'prefix-cache-misses'];

/** What the comparison asks of every method. */
interface Column {
  readonly topOne: number | null;
  readonly lenient: number | null;
  readonly topOneMoments: number | null;
  readonly alarmsPerHour: number | null;
  /** Share of healthy time under an alarm. */
  readonly alarmed: number | null;
  /** Share of troubles during which anything at all was raised. */
  readonly noticed: number | null;
  readonly delay: number | null;
}

/** Ours, the textbook's rules and its rolling z-score beside each other, on the same episodes. */
export function besideTable(all: readonly Watched[]): string {
  const columns = [oursOn(all), textbookOn(all), zScoreOn(all, 'anomalies'), zScoreOn(all, 'correlations')];
  const row = (title: string, say: (column: Column) => string) => [title, ...columns.map(say)];
  return table(
    ['', 'ours', 'textbook rules', 'rolling z-score', 'its correlation monitor'],
    [
      row('top-1, episodes', (c) => ratio(c.topOne)),
      row('top-1, episodes, lenient', (c) => ratio(c.lenient)),
      row('top-1, moments', (c) => ratio(c.topOneMoments)),
      row('false alarms per healthy fleet-hour', (c) => ratio(c.alarmsPerHour, 2)),
      row('healthy time under an alarm', (c) => percent(c.alarmed)),
      row('troubles in which anything was raised', (c) => percent(c.noticed, 0)),
      row('median time to that, from the onset', (c) => span(c.delay)),
    ],
  );
}

function oursOn(all: readonly Watched[]): Column {
  const top = topOneOf(all);
  return {
    topOne: valueOf(top.episodes.strict),
    lenient: valueOf(top.episodes.lenient),
    topOneMoments: valueOf(top.moments.strict),
    ...raisedOn(all, (watched) =>
      watched.moments.map((moment) => ({ at: moment.at, on: anythingSaid(moment, watched) })),
    ),
  };
}

function anythingSaid(moment: Moment, watched: Watched): boolean {
  const { id } = headlineOf(moment);
  if (id !== 'healthy' && id !== 'unknown') return true;
  return watched.episode.truth.quiet && phaseOf(watched, moment.at) !== 'healthy' && moment.findings.length > 0;
}

/** The first rule that fires, in the order of the article, is its headline; rules about cost alone raise no alarm. */
function textbookOn(all: readonly Watched[]): Column {
  const loud = (moment: Moment) => moment.textbook.filter((id) => !COST.includes(id));
  const said = (moment: Moment, watched: Watched) =>
    (watched.episode.truth.quiet ? moment.textbook[0] : (loud(moment)[0] ?? moment.textbook[0])) ?? 'healthy';
  const troubled = all.filter(({ episode }) => episode.truth.primary !== null);
  let [right, moments] = [0, 0];
  let [episodes, lenient, of] = [0, 0, 0];
  for (const watched of troubled) {
    const { truth } = watched.episode;
    const answers = momentsIn(watched, 'trouble').map((moment) => said(moment, watched));
    moments += answers.length;
    right += answers.filter((id) => id === truth.primary).length;
    const decision = mostCommon(answers.slice(Math.floor(answers.length / 2)));
    if (decision === null) continue;
    of++;
    if (decision === truth.primary) episodes++;
    if (decision === truth.primary || truth.lenient.includes(decision)) lenient++;
  }
  return {
    topOne: of === 0 ? null : episodes / of,
    lenient: of === 0 ? null : lenient / of,
    topOneMoments: moments === 0 ? null : right / moments,
    ...raisedOn(all, (watched) =>
      watched.moments.map((moment) => ({
        at: moment.at,
        on: watched.episode.truth.quiet ? moment.textbook.length > 0 : loud(moment).length > 0,
      })),
    ),
  };
}

/** It names no trouble, so there is no top-1. An alarm stands until the next look that raises none. */
function zScoreOn(all: readonly Watched[], which: 'anomalies' | 'correlations'): Column {
  return {
    topOne: null,
    lenient: null,
    topOneMoments: null,
    ...raisedOn(all, (watched) =>
      watched.moments.map(({ at }) => ({
        at,
        on: watched.zScore[which].some((time) => time > at - EVERY && time <= at),
      })),
    ),
  };
}

type Raised = Pick<Column, 'alarmsPerHour' | 'alarmed' | 'noticed' | 'delay'>;

function raisedOn(
  all: readonly Watched[],
  raised: (watched: Watched) => readonly { readonly at: number; readonly on: boolean }[],
): Raised {
  let [alarms, healthy, on] = [0, 0, 0];
  const delays: (number | null)[] = [];
  for (const watched of all) {
    const row = raised(watched);
    const calm = row.filter(({ at }) => phaseOf(watched, at) === 'healthy');
    healthy += calm.length;
    on += calm.filter((one) => one.on).length;
    alarms += runsOf(calm, (one) => one.on).length;
    const { onset, end } = watched.episode.truth;
    if (onset === null || !watched.calm) continue;
    const first = row.find((one) => one.on && one.at >= onset && (end === null || one.at <= end));
    delays.push(first ? first.at - onset : null);
  }
  return {
    alarmsPerHour: healthy === 0 ? null : alarms / ((healthy * EVERY) / 3600),
    alarmed: healthy === 0 ? null : on / healthy,
    noticed: delays.length === 0 ? null : delays.filter((delay) => delay !== null).length / delays.length,
    delay: delayQuantile(delays, 0.5),
  };
}

/** The same fleets with something taken away; only the episodes that were judged that way, at the same moments. */
export function ablationSection(all: readonly Watched[]): string {
  const judged = all.filter((watched) => Object.keys(watched.ablations).length > 0);
  if (judged.length === 0) return 'Not judged in this run.';
  const full: Row = (watched) => {
    const times = new Set(Object.values(watched.ablations)[0]?.map((moment) => moment.at));
    return watched.moments.filter((moment) => times.has(moment.at));
  };
  const rows = [
    { title: 'everything', row: full },
    ...ABLATIONS.map(({ id, title }) => ({ title, row: ((watched) => watched.ablations[id] ?? []) as Row })),
  ];
  const usual = recallOf(judged, full);
  const cells = rows.map(({ title, row }) => {
    const top = topOneOf(judged, row);
    const alarms = alarmsOf(judged, ABLATION_EVERY, row);
    const sure = sureAndWrong(judged, row);
    const recall = recallOf(judged, row);
    const lost = [...recall]
      .map(([id, value]) => ({ id, change: (value ?? 0) - (usual.get(id) ?? 0) }))
      .filter(({ change }) => Math.abs(change) >= 0.1)
      .sort((a, b) => a.change - b.change);
    const known = [...recall.values()].filter((value) => value !== null);
    return [
      title,
      ratio(valueOf(top.episodes.strict)),
      ratio(valueOf(top.moments.strict)),
      ratio(known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length),
      ratio(perHour(alarms), 3),
      percent(sure.moments === 0 ? null : sure.strict / sure.moments, 2),
      lost
        .slice(0, 6)
        .map(({ id, change }) => `\`${id}\` ${change > 0 ? '+' : '−'}${Math.abs(change).toFixed(2)}`)
        .join(', '),
    ];
  });
  const text = table(
    [
      '',
      'top-1, episodes',
      'top-1, moments',
      'mean recall',
      'false headlines per hour',
      'sure and wrong',
      'recall changes',
    ],
    cells,
    5,
  );
  return `${judged.length} of the ${all.length} episodes, judged once a minute.\n\n${text}`;
}
