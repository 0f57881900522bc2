import { answerOf } from '../headline.ts';
import { decisionOf } from '../metrics/accuracy.ts';
import { alarmsOf } from '../metrics/alarms.ts';
import type { Moment, Watched } from '../moment.ts';
import { EVERY } from '../watch.ts';

/** Whether an episode deserves a look: decided wrong, or with a false headline in healthy time. */
export function isWrong(watched: Watched): boolean {
  return decisionOf(watched)?.right === false || alarmsOf([watched], EVERY).alarms.length > 0;
}

/** What was said in an episode, one line per change, in seconds from the onset: for whoever tunes the rules. */
export function timelineOf(watched: Watched): string {
  const { episode } = watched;
  const { truth } = episode;
  const zero = truth.onset ?? episode.from;
  const after = (time: number | null) => (time === null ? '–' : `${Math.round(time - zero)} s`);
  const label =
    truth.primary === null
      ? 'healthy'
      : `${truth.primary}${truth.lenient.length > 0 ? ` (or ${truth.lenient.join(', ')})` : ''}${truth.quiet ? ', quiet' : ''}, shows ${after(truth.shows)}, ends ${after(truth.end)}${truth.instances.length > 0 ? `, of ${truth.instances.join(' ')}` : ''}`;
  const lines = [
    `${episode.id}: ${label}`,
    `  ${[episode.hardware, episode.profile, `scrapes ${episode.scrapeInterval} s`, ...episode.perturbations].join(', ')}`,
    `  ${Object.entries(truth.books)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
  ];
  let before = '';
  for (const moment of watched.moments) {
    const said = sayMoment(moment, watched);
    if (said !== before) lines.push(`  ${after(moment.at).padStart(8)}  ${said}${sayOnset(moment, zero)}`);
    before = said;
  }
  return lines.join('\n');
}

function sayMoment(moment: Moment, watched: Watched): string {
  const { id } = answerOf(moment, watched.episode.truth);
  const others = moment.findings
    .filter((finding) => finding.pathology !== id)
    .map((finding) => `${finding.pathology}${finding.severity === 'info' ? ' (advice)' : ''}`);
  return `${moment.status}: ${id}${others.length > 0 ? `, with ${others.join(', ')}` : ''}`;
}

function sayOnset(moment: Moment, zero: number): string {
  const primary = moment.findings[0];
  if (!primary) return '';
  const since = primary.since === null ? 'before the window' : `${Math.round(primary.since - zero)} s`;
  return `  [${primary.confidence.toFixed(2)}, since ${since}]`;
}
