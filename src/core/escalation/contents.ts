import type { Evidence } from '../evidence/evidence.ts';
import { toReportMarkdown } from '../report/format.ts';
import { healthReport } from '../report/report.ts';
import { formatInstant, toJson } from '../verdict/format.ts';
import { type Note, toNote } from '../verdict/note.ts';
import type { Targets } from '../verdict/profiles.ts';
import { argumentsText } from './arguments.ts';
import { lengthsOf } from './lengths.ts';
import { metricsText } from './metrics-text.ts';
import { topologyOf } from './topology.ts';
import { versionsText } from './versions.ts';

/** A /metrics page as the server wrote it. */
export interface RawPage {
  /** Whose it is. */
  readonly name: string;
  readonly text: string;
  /** Unix seconds it was read at; `null` where nobody knows. */
  readonly at: number | null;
}

/** What an archive is written from. The note's verdict is that of the evidence. */
export interface Incident {
  readonly evidence: Evidence;
  readonly targets: Targets;
  readonly note: Note;
  /** What was told with the question, by knob id. */
  readonly given: Readonly<Record<string, number>>;
  /** The last page of each server; empty where the source has none, or where names were replaced, which no page can be. */
  readonly pages: readonly RawPage[];
}

/** The texts of the archive by file name, in the order one reads them. The snapshot comes beside them. */
export function contentsOf({ evidence, targets, note, given, pages }: Incident): ReadonlyMap<string, string> {
  const report = healthReport(evidence, targets);
  return new Map([
    ['note.md', toNote(note)],
    ['verdict.json', json(toJson(note.verdict, note.version))],
    ['health-report.md', toReportMarkdown(report)],
    ['arguments.txt', argumentsText(evidence, report, given)],
    ['versions.txt', versionsText(evidence, note.version)],
    ['lengths.json', json(lengthsOf(evidence))],
    ['topology.json', json(topologyOf(evidence))],
    ...(pages.length === 0 ? [['metrics.prom', metricsText(evidence)] as const] : pages.map(pageFile)),
  ]);
}

/** One page is `metrics.prom`; of several each has its number, since equal series of two servers make no one page. */
function pageFile({ name, text, at }: RawPage, i: number, all: readonly RawPage[]): readonly [string, string] {
  const when = at === null ? 'read at a time nobody noted' : `read at ${formatInstant(at)}`;
  return [
    all.length === 1 ? 'metrics.prom' : `metrics-${i + 1}.prom`,
    `# ${name.replaceAll(/[\r\n]/g, ' ')}, ${when}; as the server wrote it\n${text}`,
  ];
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
