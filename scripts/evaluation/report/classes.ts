import { ACUTE } from '../acute.ts';
import { CLASSES } from '../classes.ts';
import { classScores, confusionOf, decisionsOf, macroF1, type Share, valueOf } from '../metrics/accuracy.ts';
import { flipsIn } from '../metrics/alarms.ts';
import { answerOf } from '../headline.ts';
import { datedOf, delayQuantile, middle, scopeOf } from '../metrics/detection.ts';
import type { Watched } from '../moment.ts';
import { PAIRS } from '../pairs.ts';
import { momentsIn, sinceOnset } from '../phases.ts';
import { bare, list, percent, ratio, share, span, table } from './markdown.ts';
import { delaysOf, type Figures } from './outcome.ts';

const of = (all: readonly Watched[], id: string) => all.filter((watched) => watched.episode.truth.primary === id);

const decided = (all: readonly Watched[]): Share => {
  const decisions = decisionsOf(all);
  return { hits: decisions.filter((d) => d.right).length, of: decisions.length };
};

/** Recall and precision class by class, mild and strong apart. */
export function classTable(all: readonly Watched[], figures: Figures): string {
  const rows = figures.classes.map((score) => {
    const own = of(all, score.id);
    const pure = own.filter(({ episode, source }) => episode.kind === score.id && source === 'simulated');
    const at = (strength: string) => bare(decided(pure.filter(({ episode }) => episode.strength === strength)));
    return [
      `\`${score.id}\``,
      share(score.recall),
      at('mild'),
      at('strong'),
      bare(decided(own.filter(({ episode, source }) => episode.kind !== score.id && source === 'simulated'))),
      bare(decided(own.filter(({ source }) => source === 'recorded'))),
      bare(score.lenientRecall),
      bare(score.momentRecall),
      share(score.precision),
      bare(score.momentPrecision),
      ratio(score.f1),
    ];
  });
  const mean = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
  };
  const macro = [
    'mean of the classes',
    ratio(mean(figures.classes.map((s) => valueOf(s.recall)))),
    '',
    '',
    '',
    '',
    ratio(mean(figures.classes.map((s) => valueOf(s.lenientRecall)))),
    ratio(mean(figures.classes.map((s) => valueOf(s.momentRecall)))),
    ratio(mean(figures.classes.map((s) => valueOf(s.precision)))),
    ratio(mean(figures.classes.map((s) => valueOf(s.momentPrecision)))),
    ratio(macroF1(figures.classes)),
  ];
  return table(
    [
      'class',
      'recall',
      'mild',
      'strong',
      'in chains',
      'recorded',
      'lenient',
      'of moments',
      'precision',
      'of moments',
      'F1',
    ],
    [...rows, macro],
  );
}

/** What is said in trouble where no pathology is named. */
export function silenceIn(all: readonly Watched[]): string {
  const said = all
    .filter(({ episode }) => episode.truth.primary !== null)
    .flatMap((watched) => momentsIn(watched, 'trouble').map((moment) => answerOf(moment, watched.episode.truth).id));
  const part = (id: string) =>
    percent(said.length === 0 ? null : said.filter((one) => one === id).length / said.length);
  return `Of the ${said.length} judged moments in trouble, ${part('healthy')} were called healthy, ${part('unknown')} “cannot tell”, and ${part('unexplained')} harm without a cause.`;
}

/** Detection, onset, scope and steadiness class by class. */
export function timeTable(all: readonly Watched[], figures: Figures): string {
  const rows = figures.classes.map(({ id }) => {
    const own = of(all, id);
    const delays = delaysOf(figures, id);
    const dated = own.map(datedOf).filter((one) => one !== null);
    const known = (values: readonly (number | null)[]) => middle(values.filter((value) => value !== null));
    const scopes = own.map(scopeOf).filter((one) => one !== null);
    const scope = scopes.reduce((sum, one) => ({ hits: sum.hits + one.right, of: sum.of + one.of }), {
      hits: 0,
      of: 0,
    });
    return [
      `\`${id}\`${ACUTE.includes(id) ? ' (acute)' : ''}`,
      delays.quick === 0 ? '–' : `${span(delays.medianQuick)} (${delays.quick})`,
      `${span(delays.median)} (${delays.episodes})`,
      span(delays.p90),
      span(delays.medianShown),
      span(known(dated.map((one) => one.error))),
      span(known(dated.map((one) => one.offset))),
      span(known(dated.map((one) => one.outside))),
      bare(scope),
      ratio(meanFlips(own), 1),
    ];
  });
  return table(
    [
      'class',
      'found, 5 s scrapes',
      'found, all',
      'p90',
      'since it shows',
      'onset error',
      'with sign',
      'outside onset…shows',
      'scope',
      'flips',
    ],
    rows,
  );
}

export function meanFlips(all: readonly Watched[]): number | null {
  const troubled = all.filter((watched) => watched.episode.truth.onset !== null);
  if (troubled.length === 0) return null;
  return troubled.reduce((sum, watched) => sum + flipsIn(sinceOnset(watched)), 0) / troubled.length;
}

/** Time to detect by scrape interval, acute classes and the others. */
export function scrapeTable(figures: Figures): string {
  const intervals = [...new Set(figures.detections.map(({ watched }) => watched.episode.scrapeInterval))].sort(
    (a, b) => a - b,
  );
  const cells = (interval: number, acute: boolean) => {
    const own = figures.detections.filter(
      ({ watched }) =>
        watched.episode.scrapeInterval === interval && ACUTE.includes(watched.episode.truth.primary ?? '') === acute,
    );
    const delays = own.map((d) => (acute ? d.delay : d.delayShown));
    return [`${own.length}`, span(delayQuantile(delays, 0.5)), span(delayQuantile(delays, 0.9))];
  };
  return table(
    ['scrape interval', 'acute episodes', 'median', 'p90', 'others', 'median, since it shows', 'p90'],
    intervals.map((interval) => [`${interval} s`, ...cells(interval, true), ...cells(interval, false)]),
  );
}

/** The pairs of look-alikes, those that were taken for each other first. */
export function pairsSection(all: readonly Watched[]): string {
  const confusion = confusionOf(all);
  const count = (truth: string, said: string) => confusion.get(truth)?.get(said) ?? 0;
  const total = (truth: string) => [...(confusion.get(truth)?.values() ?? [])].reduce((a, b) => a + b, 0);
  const seen = PAIRS.filter(([a, b]) => total(a) > 0 && total(b) > 0);
  const mixed = seen.filter(([a, b]) => count(a, b) + count(b, a) > 0);
  const clean = seen.filter(([a, b]) => count(a, b) + count(b, a) === 0);
  const missing = PAIRS.filter(([a, b]) => total(a) === 0 || total(b) === 0);
  const name = ([a, b]: readonly [string, string]) => `\`${a}\` / \`${b}\``;
  return [
    mixed.length === 0
      ? 'No pair was confused.'
      : table(
          ['A', 'B', 'A taken for B', 'B taken for A'],
          mixed.map(([a, b]) => [
            `\`${a}\``,
            `\`${b}\``,
            `${count(a, b)} of ${total(a)}`,
            `${count(b, a)} of ${total(b)}`,
          ]),
        ),
    ...(clean.length > 0 ? [`Never taken for each other: ${clean.map(name).join(', ')}.`] : []),
    ...(missing.length > 0 ? [`Not in this set: ${missing.map(name).join(', ')}.`] : []),
  ].join('\n\n');
}

/** Every wrong decision by truth and answer, most frequent first; and the whole matrix, folded. */
export function confusionSection(all: readonly Watched[]): string {
  const confusion = confusionOf(all);
  const wrong = [...confusion].flatMap(([truth, row]) =>
    [...row].filter(([said]) => said !== truth).map(([said, count]) => ({ truth, said, count })),
  );
  wrong.sort((a, b) => b.count - a.count || a.truth.localeCompare(b.truth) || a.said.localeCompare(b.said));
  const ids = [...CLASSES, 'healthy'].filter(
    (id) => confusion.has(id) || [...confusion.values()].some((row) => row.has(id)),
  );
  const others = ['unknown', 'unexplained'].filter((id) => [...confusion.values()].some((row) => row.has(id)));
  const short = new Map([...ids, ...others].map((id, i) => [id, `${i + 1}`]));
  const matrix = table(
    ['truth ↓ said →', ...[...ids, ...others].map((id) => short.get(id) ?? '')],
    ids
      .filter((id) => confusion.has(id))
      .map((truth) => [
        `${short.get(truth)} ${truth}`,
        ...[...ids, ...others].map((said) => {
          const n = confusion.get(truth)?.get(said) ?? 0;
          return n === 0 ? '' : said === truth ? `**${n}**` : `${n}`;
        }),
      ]),
  );
  return [
    wrong.length === 0
      ? 'No episode was decided wrong.'
      : table(
          ['what it was', 'what was said', 'episodes'],
          wrong.map(({ truth, said, count }) => [`\`${truth}\``, `\`${said}\``, `${count}`]),
          0,
        ),
    `<details><summary>The whole matrix, one row per class, in episodes</summary>\n\n${matrix}\n\nColumns beyond the rows: ${list(others.map((id) => `${short.get(id)} ${id}`)) || 'none'}.\n\n</details>`,
  ].join('\n\n');
}

/** Top-1 by how the episodes were made and scraped. */
export function circumstancesTable(all: readonly Watched[]): string {
  const troubled = all.filter((watched) => watched.episode.truth.primary !== null);
  const group = (title: string, keys: (watched: Watched) => readonly string[]) => {
    const names = [...new Set(troubled.flatMap(keys))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    return names.map((name) => {
      const own = troubled.filter((watched) => keys(watched).includes(name));
      const score = decisionsOf(own);
      return [
        `${title}: ${name}`,
        `${own.length}`,
        bare({ hits: score.filter((d) => d.right).length, of: score.length }),
        bare({ hits: score.filter((d) => d.lenient).length, of: score.length }),
      ];
    });
  };
  return table(
    ['', 'episodes', 'top-1', 'lenient'],
    [
      ...group('source', ({ source }) => [source]),
      ...group('strength', ({ episode }) => (episode.strength === 'none' ? [] : [episode.strength])),
      ...group('hardware', ({ episode }) => [episode.hardware]),
      ...group('profile', ({ episode }) => [episode.profile]),
      ...group('scrapes', ({ episode }) => [`${episode.scrapeInterval} s`]),
      ...group('fleet', (watched) => [`${watched.moments.at(-1)?.replicas ?? 0} replicas`]),
      ...group('spoilt', ({ episode }) => spoiltIn(episode.perturbations)),
      ...group('composite', ({ episode }) => (episode.kind.startsWith('composite-') ? [episode.kind] : [])),
    ],
  );
}

/** Perturbations without those that have rows of their own. */
function spoiltIn(perturbations: readonly string[]): string[] {
  const spoilt = perturbations.filter((name) => !/^[\d.]+ (s|replicas?)$/.test(name));
  return spoilt.length === 0 ? ['nothing'] : spoilt;
}

/** Class scores of the same episodes under another row of moments. */
export function recallOf(all: readonly Watched[], row: Parameters<typeof classScores>[2]): Map<string, number | null> {
  return new Map(classScores(all, CLASSES, row).map((score) => [score.id, valueOf(score.recall)]));
}
