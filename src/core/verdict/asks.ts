import { inSentence, sayList } from '../base/say.ts';
import type { Finding } from '../detectors/detector.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { signalById } from '../signals/index.ts';
import { MIN_WINDOW } from './vital.ts';

/** Signals named in one sentence. */
const NAMED = 3;

/**
 * What to provide so that an open finding can be told, as the source allows: nobody scrapes a log, and a page that was saved
 * can only be saved once more.
 * @returns one sentence
 */
export function askOf({ ask, missing }: Finding, { source }: Evidence): string {
  switch (source.kind) {
    case 'log': {
      if (missing.length === 0) return ask;
      const titles = missing.slice(0, NAMED).map((id) => inSentence(signalById(id).title));
      const more = missing.length - titles.length;
      const all = more > 0 ? [...titles, `${more} more`] : titles;
      return `A log does not tell ${sayList(all)}: read the metrics of this server as well.`;
    }
    case 'pages':
      return ask.replace(/(?<=^|: )([Ss])crape /, (_, first: string) =>
        first === 'S' ? 'Save pages with ' : 'save pages with ',
      );
    default:
      return ask;
  }
}

/** What to provide where nobody is seen any more. */
export function askUnseen({ source }: Evidence): string {
  switch (source.kind) {
    case 'log':
      return 'The log measures nothing any more at its end; that of the next start may.';
    case 'pages':
      return 'The last page shows no replica any more; save another one.';
    default:
      return 'No replica is seen any more; bring the targets back.';
  }
}

/** What to provide where the window is too short for anything to have shown. */
export function askLonger({ source }: Evidence): string {
  const of =
    source.kind === 'log' ? 'of log' : source.kind === 'pages' ? 'between the first page and the last' : 'of scrapes';
  return `Needs at least ${MIN_WINDOW} s ${of}.`;
}
