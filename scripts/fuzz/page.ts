import type { FuzzedParser } from './parser.ts';
import type { Tally } from './run.ts';

/** What a run of one parser gave. */
export interface Result {
  readonly parser: FuzzedParser;
  readonly tally: Tally;
  /** Process CPU time. */
  readonly seconds: number;
  readonly seed: number;
  readonly failures: number;
}

const START = '<!-- results: written by npm run fuzz -- --write -->';
const HEAD = [
  '| parser | reads | cases | seed | read to the end | CPU seconds | slowest case | failures |',
  '|---|---|--:|--:|--:|--:|--:|--:|',
];

/** The page with the row of a parser put in or replaced; rows of other parsers stay as they are. */
export function withResult(page: string, { parser, tally, seconds, seed, failures }: Result): string {
  const at = page.indexOf(START);
  const before = at < 0 ? page.trimEnd() : page.slice(0, at).trimEnd();
  const old = (at < 0 ? '' : page.slice(at)).split('\n').filter((line) => line.startsWith('| `'));
  const row = `| \`${parser.id}\` | ${parser.title} | ${tally.cases.toLocaleString('en-US')} | ${seed} | ${Math.round((100 * tally.accepted) / tally.cases)} % | ${Math.round(seconds)} | ${tally.worst.toFixed(1)} ms | ${failures} |`;
  const begins = `| \`${parser.id}\` |`;
  const rows = old.some((line) => line.startsWith(begins))
    ? old.map((line) => (line.startsWith(begins) ? row : line))
    : [...old, row];
  return `${before}\n\n${START}\n\n${[...HEAD, ...rows].join('\n')}\n`;
}
