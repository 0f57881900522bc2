import type { AlertRow } from '../alerts.ts';
import { table } from './markdown.ts';

/**
 * docs/alerts.md: by recording, the first alert under a name it may have, after how many seconds, and what else fires.
 * Nothing that fires is left out, the textbook's four included.
 */
export function alertsPage(rows: readonly AlertRow[]): string {
  const cells = rows.map((row) => ({ row, ...firingsOf(row) }));
  const sick = cells.filter(({ row }) => !isHealthy(row));
  const rung = sick.filter(({ right }) => right.length > 0);
  const calm = cells.filter(({ row }) => isHealthy(row));
  const quiet = calm.filter(({ row }) => row.ours.size === 0);
  const columns = ['recording', 'what happened', 'right alert', 'fires after', 'others of ours', "the textbook's"];
  return `${[
    '# What the exported alerts do on recordings',
    'Written by `npm run alerts`; not edited by hand. Each labelled recording is given to promtool with the rules that `export alert-rules` makes for it, one value per scrape.',
    '**The conditions and thresholds of these rules were fitted on these same recordings.** The table shows what the rules do, and is no measure of how they do on a fleet they have not seen.',
    'Seconds count from the onset of the cause, of a healthy recording from its first scrape; below zero an alert fired before the onset. What happened may have several right names, best first. An alert that fires beside the right one is listed whether it is a consequence or wrong.',
    `${rung.length} of ${sick.length} incidents ring under a right name; ${quiet.length} of ${calm.length} healthy recordings stay without an alert of ours.`,
    table(
      columns,
      cells.map(({ row, right, others, textbook }) => [
        `${row.truth.name} (${row.set})`,
        row.truth.primary.join(' or '),
        isHealthy(row) ? 'none is right' : (right[0]?.[0] ?? 'none'),
        isHealthy(row) || right[0] === undefined ? '–' : seconds(right[0][1]),
        listed([...right.slice(1), ...others]),
        listed(textbook),
      ]),
      0,
    ),
  ].join('\n\n')}\n`;
}

type Firing = readonly [name: string, after: number];

/** Earliest first. */
function firingsOf({ truth, ours, textbook }: AlertRow): Record<'right' | 'others' | 'textbook', readonly Firing[]> {
  const inTime = (firings: Iterable<Firing>) =>
    [...firings].sort(([one, a], [other, b]) => a - b || one.localeCompare(other));
  const isRight = ([name]: Firing) => truth.primary.some((id) => name.startsWith(id));
  return {
    right: inTime([...ours].filter(isRight)),
    others: inTime([...ours].filter((firing) => !isRight(firing))),
    textbook: inTime(textbook),
  };
}

const isHealthy = ({ truth }: AlertRow) => truth.primary.includes('healthy');
const listed = (firings: readonly Firing[]) =>
  firings.map(([name, after]) => `${name} ${seconds(after)}`).join(', ') || '–';
const seconds = (after: number) => `${Math.round(after)} s`;
