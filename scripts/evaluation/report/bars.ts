import { ACUTE } from '../acute.ts';
import { valueOf } from '../metrics/accuracy.ts';
import { perHour } from '../metrics/alarms.ts';
import { delayQuantile } from '../metrics/detection.ts';
import { bare, percent, ratio, span, table } from './markdown.ts';
import { BARS, delaysOf, type Figures } from './outcome.ts';

export interface Bar {
  readonly id: string;
  readonly title: string;
  readonly bar: string;
  readonly value: string;
  /** `null` where nothing could be measured. */
  readonly met: boolean | null;
}

/** What the project promises, and what came out. */
export function barsOf(figures: Figures): Bar[] {
  const { topOne, classes, alarms, sure } = figures;
  const top = valueOf(topOne.episodes.strict);
  const recalls = classes
    .map((score) => ({ id: score.id, recall: valueOf(score.recall) ?? 0 }))
    .sort((a, b) => a.recall - b.recall);
  const lowest = recalls[0];
  const rate = perHour(alarms);
  const wrong = sure.moments === 0 ? null : sure.strict / sure.moments;
  const acute = slowest(figures, true);
  const rest = slowest(figures, false);
  const short = recalls.filter(({ recall }) => recall < BARS.recall).length;
  return [
    {
      id: 'top-1',
      title: 'Top-1: episodes whose trouble is named right',
      bar: `≥ ${BARS.topOne}`,
      value: `${ratio(top, 3)} (lenient ${bare(topOne.episodes.lenient)}; of moments ${bare(topOne.moments.strict)}, lenient ${bare(topOne.moments.lenient)})`,
      met: top === null ? null : top >= BARS.topOne,
    },
    {
      id: 'recall',
      title: 'Recall of every class',
      bar: `≥ ${BARS.recall}`,
      value: lowest
        ? `lowest ${ratio(lowest.recall)} (${lowest.id}); ${recalls.length - short} of ${recalls.length} classes reach it`
        : '–',
      met: lowest ? lowest.recall >= BARS.recall : null,
    },
    {
      id: 'alarms',
      title: 'False headlines per healthy fleet-hour',
      bar: `≤ ${BARS.alarms}`,
      value: `${ratio(rate, 3)} (${alarms.alarms.length} in ${alarms.hours.toFixed(1)} h)`,
      met: rate === null ? null : rate <= BARS.alarms,
    },
    {
      id: 'sure-and-wrong',
      title: 'Wrong with confidence ≥ 0.8, of judged moments',
      bar: `≤ ${percent(BARS.sureAndWrong, 0)}`,
      value: `${percent(wrong, 2)} (lenient ${percent(sure.moments === 0 ? null : sure.lenient / sure.moments, 2)}; of claims ${percent(sure.claims === 0 ? null : sure.strict / sure.claims, 2)}; in ${sure.episodes} of ${sure.ofEpisodes} episodes)`,
      met: wrong === null ? null : wrong <= BARS.sureAndWrong,
    },
    {
      id: 'ece',
      title: 'Expected calibration error',
      bar: `≤ ${BARS.ece}`,
      value: ratio(figures.ece, 3),
      met: figures.ece === null ? null : figures.ece <= BARS.ece,
    },
    {
      id: 'acute',
      title: 'Median time to detect, acute classes at 5 s scrapes',
      bar: `≤ ${BARS.acute} s each`,
      value: acute ? `slowest ${span(acute.median)} (${acute.id}); together ${span(together(figures, true))}` : '–',
      met: acute ? acute.median <= BARS.acute : null,
    },
    {
      id: 'rest',
      title: 'Median time to detect, all other classes',
      bar: `≤ ${BARS.rest / 60} min each`,
      value: rest ? `slowest ${span(rest.median)} (${rest.id}); together ${span(together(figures, false))}` : '–',
      met: rest ? rest.median <= BARS.rest : null,
    },
    {
      id: 'onset',
      title: 'Median onset error',
      bar: `≤ ${BARS.onset} s`,
      value: span(figures.onsetError),
      met: figures.onsetError === null ? null : figures.onsetError <= BARS.onset,
    },
  ];
}

export function barsTable(figures: Figures): string {
  const said = (met: boolean | null) => (met === null ? 'not measured' : met ? 'met' : '**not met**');
  return table(
    ['', 'bar', 'measured', ''],
    barsOf(figures).map((bar) => [bar.title, bar.bar, bar.value, said(bar.met)]),
    0,
  );
}

function slowest(figures: Figures, acute: boolean): { id: string; median: number } | null {
  return (
    figures.classes
      .filter(({ id }) => ACUTE.includes(id) === acute)
      .map(({ id }) => {
        const delays = delaysOf(figures, id);
        return { id, median: acute ? delays.medianQuick : delays.medianShown };
      })
      .filter((one): one is { id: string; median: number } => one.median !== null)
      .sort((a, b) => b.median - a.median)[0] ?? null
  );
}

function together(figures: Figures, acute: boolean): number | null {
  const own = figures.detections.filter(
    ({ watched }) =>
      ACUTE.includes(watched.episode.truth.primary ?? '') === acute && (!acute || watched.episode.scrapeInterval <= 5),
  );
  return delayQuantile(
    own.map((d) => (acute ? d.delay : d.delayShown)),
    0.5,
  );
}
