/**
 * What a log tells and no signal carries, in sentences with their time: why an engine died, workers that do not answer, aborted
 * requests, a prefix cache that fell. They stand beside the verdict as warnings; nothing is judged from them.
 */
import { sayCount, sayShare } from '../base/say.ts';
import { deathOf } from './deaths.ts';
import type { TroubleKind } from './events.ts';
import type { Life, Server, Trouble } from './lives.ts';

/** Sentences at most: a crash loop repeats itself. */
const MOST_NOTES = 8;
/** Fall of the hit rate worth a word; the log's rate is one over 1000 requests and moves slowly. */
const FALLEN = 0.2;
/** What says that a process died, and is said of its death already. */
const ENDS: readonly TroubleKind[] = ['engine-died', 'start-failed'];

/** @param end unix seconds of the last line: times of another day carry their date */
export function notesOf(servers: readonly Server[], end: number): string[] {
  const notes = servers.flatMap((server) => {
    const name = servers.length > 1 ? `${server.instance}: ` : '';
    return server.lives
      .flatMap((life) => [...troublesOf(life), ...aborts(life), ...lostHits(life)])
      .map((note) => ({ ...note, name }));
  });
  notes.sort((a, b) => (a.at ?? -Infinity) - (b.at ?? -Infinity));
  const shown = notes
    .slice(-MOST_NOTES)
    .map(({ name, at, says }) => `${name}${at === null ? '' : `${clock(at, end)}: `}${says}.`);
  const left = notes.length - shown.length;
  return left > 0 ? [`${left} earlier remarks of the same log are left out.`, ...shown] : shown;
}

interface Note {
  readonly at: number | null;
  readonly says: string;
}

function troublesOf(life: Life): Note[] {
  const death = deathOf(life);
  // An error by itself may be one request's; only what a process dies of is worth a word.
  const rest = life.troubles.filter(
    ({ kind }) => kind !== 'error' && kind !== death?.kind && !(death && ENDS.includes(kind)),
  );
  const kinds = [...new Set(rest.map(({ kind }) => kind))];
  return [
    ...(death ? [{ at: death.at, says: death.cause ? `${death.says}: ${death.cause.says}` : death.says }] : []),
    ...kinds.map((kind): Note => {
      const all = rest.filter((one) => one.kind === kind);
      const [first] = all as [Trouble];
      return { at: first.at, says: all.length === 1 ? first.says : `${first.says}, ${all.length} times` };
    }),
  ];
}

function aborts(life: Life): Note[] {
  return life.aborted === 0 ? [] : [{ at: life.last, says: `${sayCount(life.aborted, 'request')} aborted until here` }];
}

function lostHits(life: Life): Note[] {
  return [...life.points.values()].flatMap((points) => {
    const rates = points.flatMap(({ at, stats }) => (stats.hitRate === null ? [] : [{ at, rate: stats.hitRate }]));
    const last = rates.at(-1);
    const best = rates.reduce<{ at: number; rate: number } | null>(
      (a, b) => (a === null || b.rate >= a.rate ? b : a),
      null,
    );
    if (!last || !best || best.rate - last.rate < FALLEN) return [];
    return [
      {
        at: best.at,
        says: `the prefix cache hit rate over the last 1000 requests falls from here, from ${sayShare(best.rate)} to ${sayShare(last.rate)} at the end`,
      },
    ];
  });
}

/** `12:03:10`, with month and day where it is another day than that of the end. */
function clock(at: number, end: number): string {
  const iso = new Date(Math.floor(at) * 1000).toISOString();
  const time = iso.slice(11, 19);
  return iso.slice(0, 10) === new Date(Math.floor(end) * 1000).toISOString().slice(0, 10)
    ? time
    : `${iso.slice(5, 10)} ${time}`;
}
