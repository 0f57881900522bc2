import { CALIBRATION } from '../../../src/core/verdict/calibration.ts';
import { hoursIn } from '../phases.ts';
import { REASONS } from '../reasons.ts';
import { SURE } from '../metrics/confidence.ts';
import { EVERY } from '../watch.ts';
import { barsOf, barsTable } from './bars.ts';
import { ablationSection, besideTable } from './beside.ts';
import {
  circumstancesTable,
  classTable,
  confusionSection,
  meanFlips,
  pairsSection,
  scrapeTable,
  silenceIn,
  timeTable,
} from './classes.ts';
import { calibrationTable, reliabilityPlot, sureTable } from './confidence.ts';
import { healthyTable } from './healthy.ts';
import { ratio, table } from './markdown.ts';
import { figuresOf, type Outcome, shortcomings } from './outcome.ts';

export interface Pages {
  readonly markdown: string;
  readonly plot: string;
  /** Classes short of a bar for which nobody has written down why. */
  readonly unreasoned: readonly string[];
}

/** docs/evaluation.md and its picture. The same episodes give the same text. */
export function buildReport(outcome: Outcome): Pages {
  const { all } = outcome;
  const figures = figuresOf(all);
  const short = figures.classes
    .map(({ id }) => ({ id, because: shortcomings(figures, id) }))
    .filter(({ because }) => because.length > 0);
  const unmet = barsOf(figures).filter((bar) => bar.met === false && REASONS[bar.id] !== undefined);
  const healthyHours = all.reduce((sum, watched) => sum + hoursIn(watched, 'healthy', EVERY), 0);
  const hours = all.reduce((sum, { episode }) => sum + (episode.to - episode.from) / 3600, 0);
  const simulated = all.filter(({ source }) => source === 'simulated').length;
  const healthy = all.filter(({ episode }) => episode.truth.primary === null).length;
  const sections: (readonly [string, string])[] = [
    ['', introduction()],
    ['The bars', barsTable(figures)],
    [
      'Short of its bar',
      [
        short.length === 0
          ? 'No class is.'
          : table(
              ['class', 'measured', 'why'],
              short.map(({ id, because }) => [`\`${id}\``, because.join('; '), REASONS[id] ?? '']),
              0,
            ),
        ...unmet.map((bar) => `${bar.title}: ${REASONS[bar.id]}`),
      ].join('\n\n'),
    ],
    ['Class by class', `${classTable(all, figures)}\n\n${silenceIn(all)}`],
    [
      'Healthy fleets',
      `${healthyHours.toFixed(1)} h of ${hours.toFixed(1)} h are healthy time.\n\n${healthyTable(all)}`,
    ],
    ['Look-alikes', pairsSection(all)],
    ['What was taken for what', confusionSection(all)],
    [
      'How soon, since when, how steady',
      `${timeTable(all, figures)}\n\nChanges of the headline per incident, over all: ${ratio(meanFlips(all), 2)}.\n\n${scrapeTable(figures)}`,
    ],
    [
      'How sure',
      [
        '![Reliability plot: confidence said against the share that was right](evaluation-reliability.svg)',
        calibrationTable(all),
        CALIBRATION.seed === null
          ? 'Confidences are not calibrated yet.'
          : `Confidences are calibrated on ${CALIBRATION.fitted}; what is reported here is seed ${outcome.seed}. It is a calibration on synthetic incidents.`,
        `Wrong with confidence ≥ ${SURE}:`,
        sureTable(all, SURE),
      ].join('\n\n'),
    ],
    ['Beside the textbook', `${BESIDE}\n\n${besideTable(all)}`],
    ['What each part is good for', `${WITHOUT}\n\n${ablationSection(all)}`],
    ['By circumstances', circumstancesTable(all)],
    ['Recordings of a real engine', recordingsTable(outcome)],
    ['How it is counted', COUNTED],
    ['Run it again', rerun(outcome)],
  ];
  return {
    markdown: `# Evaluation\n\n${sections.map(([title, text]) => (title === '' ? text : `## ${title}\n\n${text}`)).join('\n\n')}\n`,
    plot: reliabilityPlot(all),
    unreasoned: short.map(({ id }) => id).filter((id) => REASONS[id] === undefined),
  };

  function introduction(): string {
    return [
      'Labelled episodes, judged by the product’s own path every 15 seconds. Written by `npm run evaluate`; edits are lost.',
      `${all.length} episodes: ${simulated} simulated (seed ${outcome.seed}) and ${all.length - simulated} recorded from a real vLLM, ${hours.toFixed(0)} fleet-hours, ${healthy} of them healthy throughout. Labels come from the books of the simulation (who was refused a seat, a block, a token), never from its metrics; those of recordings from the lab that caused the trouble.${outcome.missing > 0 ? ` ${outcome.missing} more could not be built, because no draw proved their label.` : ''}`,
      INDEPENDENCE,
    ].join('\n\n');
  }
}

const INDEPENDENCE =
  'How independent this is: the simulator and the detectors were written by different hands that did not read each other, and confidences were fitted on another seed. But the rules were improved while looking at episodes of the same generator, so it is no blind test. What only makes people wait counts as advice under the batch profile, not as an incident; that was decided while tuning. Recordings are checked two minutes after the onset, those that show only in step times and lengths after four, which was raised from two when two of them were found at 110 and 100 s.';

const BESIDE =
  'The same episodes under the design article’s rules, taken literally (the first that fires is the headline), and its monitor: an anomaly is a sample more than three standard deviations from the mean of the up to 100 before it, of any of its numbers; the correlation monitor says “KV pressure is increasing TTFT” when the last 20 values of KV usage and TTFT p95 correlate above 0.8. Rules about cost alone (under-used GPU, prefix reuse) raise no alarm here, as ours do not.';

const WITHOUT =
  'No peers: each replica is judged alone and the worst verdict counts. No step model: without inter-token latency and step sizes. No baseline: only the last three minutes (ten scrapes) are there. No gateway: without its counters.';

const COUNTED = [
  '- **Moments.** A verdict every 15 s from 45 s after the first scrape, over at most the half hour before it (the page’s default), on a grid that ends at the moment. Replicas not seen in that window are not there.',
  '- **Trouble** lasts from 60 s after it could first be noticed (`shows`, from the books) to its end. **Healthy time** is healthy episodes and the calm before an onset. What lies between, and what follows an end, is not judged, except for times.',
  '- **Answer of a moment**: the primary finding of the banner. Of troubles that only cost money (quiet ones) it is the first finding under a status that stays healthy; a louder status is wrong. Harm without a cause is the answer `unexplained`.',
  '- **Decision of an episode**: the answer most often given in the second half of its trouble; of a healthy episode, of its time.',
  '- **Strict**: the primary pathology of the label. **Lenient**: or a direct cause or effect named in the label.',
  '- **Top-1** counts troubled episodes alone. **Recall** and **precision** count decisions, healthy episodes included in the precision; “of moments” counts moments, and the calm before an onset as healthy.',
  '- **False headlines**: uninterrupted runs of a degraded or critical status in healthy time, divided by its hours. `unknown` ends a run and counts apart as “cannot tell”. Advice under a healthy status is none.',
  '- **Time to detect**: from the onset of the cause to the first right answer that stands at the next look too; acute troubles scraped every 5 s are looked at every 5 s for three minutes. An episode in which it never does counts as longer than any. “Since it shows” starts when the books say that it could first be noticed; the bar of the slower classes is held against that, since a leak has no symptom on its first day.',
  '- **Onset error**: distance of the `since` of the right headline from the true onset, the median over an episode’s right moments, then over episodes. Headlines that say “before this window” give none.',
  '- **Scope**: the replicas named are exactly those of the label; fleets of one replica are left out.',
  '- **Flips**: changes of the headline from its first appearance after the onset to the end of the trouble.',
  '- **Confidence**: every headline that names a pathology, in trouble or healthy time, is one claim; right means lenient. ECE over ten bins of equal mass. Nothing is ever said with more than 0.95, so that a product that is always right has an ECE of 0.05.',
  '- Moments of one episode are not independent, and a simulator is kinder than production: the figures compare versions of the rules and tell where they are weak, not how often they will be right for you.',
].join('\n');

function recordingsTable({ recordings }: Outcome): string {
  if (recordings.length === 0) return 'Not judged in this run.';
  const judged = recordings.filter((row) => row.known);
  return [
    `${judged.filter((row) => row.right).length} of ${judged.length} right${recordings.length > judged.length ? `; ${recordings.length - judged.length} of kinds without a detector` : ''}.`,
    table(
      ['set', 'recording', 'via', 'truth', 'before', 'after', 'since', 'confidence', 'found', 'wrong'],
      recordings.map((row) => [
        row.set,
        row.name,
        row.via,
        row.truth,
        row.before,
        row.after,
        row.since,
        row.confidence,
        row.found,
        row.wrong,
      ]),
      0,
    ),
  ].join('\n\n');
}

function rerun({ seed, perKind }: Outcome): string {
  const commands = [
    [`--seed ${seed} --per-kind ${perKind} --write`, 'this page'],
    ['--kinds seat-ceiling,healthy-busy', 'some kinds, printed only'],
    ['--only recordings', 'the recordings alone, from file and from a real Prometheus'],
    [
      `--calibrate --seed ${CALIBRATION.seed ?? 1001} --per-kind ${perKind}`,
      'fit the confidences anew, on other episodes than are reported',
    ],
  ].map(([options = '', what = '']) => `npm run evaluate -- ${options.padEnd(44)} # ${what}`);
  return [
    ['```sh', ...commands, '```'].join('\n'),
    'The same seed gives the same episodes on every machine. What was watched is kept under `node_modules/.cache/evaluation`, so that a run that was broken off goes on, and `--cached` makes the report again without judging.',
  ].join('\n\n');
}
