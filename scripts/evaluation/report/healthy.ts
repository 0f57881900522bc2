import { alarmsOf, perHour } from '../metrics/alarms.ts';
import type { Watched } from '../moment.ts';
import { EVERY } from '../watch.ts';
import { percent, ratio, table } from './markdown.ts';

/** False headlines by kind of healthy fleet, and in the calm before troubles. */
export function healthyTable(all: readonly Watched[]): string {
  const healthy = all.filter((watched) => watched.episode.truth.primary === null);
  const kinds = [...new Set(healthy.map((watched) => watched.episode.kind))].sort();
  const row = (title: string, own: readonly Watched[]) => {
    const alarms = alarmsOf(own, EVERY);
    const said = new Map<string, number>();
    for (const alarm of alarms.alarms) for (const id of alarm.said) said.set(id, (said.get(id) ?? 0) + 1);
    return [
      title,
      `${own.length}`,
      alarms.hours.toFixed(1),
      `${alarms.alarms.length}`,
      ratio(perHour(alarms), 3),
      percent(alarms.unknown),
      percent(alarms.advised),
      [...said]
        .sort((a, b) => b[1] - a[1])
        .map(([id, n]) => `${id} ${n}×`)
        .join(', '),
    ];
  };
  return table(
    ['', 'episodes', 'hours', 'false headlines', 'per hour', 'cannot tell', 'with advice', 'what was said'],
    [
      ...kinds.map((kind) =>
        row(
          `\`${kind}\``,
          healthy.filter((watched) => watched.episode.kind === kind),
        ),
      ),
      row(
        'the calm before a trouble',
        all.filter((watched) => watched.episode.truth.primary !== null),
      ),
      row('all', all),
    ],
    6,
  );
}
