import { endOf } from '../base/grid.ts';
import { asSentence, sayDuration } from '../base/say.ts';
import type { Fact, Remedy } from '../detectors/detector.ts';
import { formatInstant, sayConfidence, shownMotion } from './format.ts';
import type { Chapter } from './chapters.ts';
import type { RankedFinding, Verdict } from './verdict.ts';

/** What an incident note is written from. */
export interface Note {
  readonly verdict: Verdict;
  /** What the headline was over the window; empty where that was not judged. */
  readonly chapters: readonly Chapter[];
  /** Where the same can be looked at; `null` where there is no such place. */
  readonly link: string | null;
  readonly version: string;
}

/** The verdict for a chat or a ticket. */
export function toMarkdown(verdict: Verdict): string {
  return written([
    heading(2, verdict),
    ...summary(verdict),
    list('Because', (verdict.findings[0]?.facts ?? verdict.assurances).map(factLine)),
    ...advice(verdict),
    list(
      'Also',
      verdict.findings.slice(1).map((f) => `- ${plain(f.title)} (${f.severity}, ${f.confidence.toFixed(2)})`),
    ),
    ...rest(verdict),
  ]);
}

/**
 * The incident note: headline, timeline, evidence with values and queries, advice, what was ruled out and what could not be
 * checked, link. Headings, lists and code alone, which read well in GitHub, Slack and Jira alike; no tables and no HTML. What
 * comes from labels and servers is escaped, so that it stands there as the text it is.
 */
export function toNote({ verdict, chapters, link, version }: Note): string {
  const primary = verdict.findings[0];
  return written([
    heading(1, verdict),
    ...summary(verdict),
    lines([
      `- judged at ${formatInstant(verdict.at)}, from ${formatInstant(verdict.grid.from)} to ${formatInstant(endOf(verdict.grid))}, against the targets of ${plain(verdict.profile)}`,
      `- model: ${verdict.models.map(codeSpan).join(', ') || 'not named'}`,
      `- replicas: ${verdict.instances.map(codeSpan).join(', ') || 'none seen'}`,
      ...(verdict.selector === '' || verdict.selector === '{}' ? [] : [`- selector: ${codeSpan(verdict.selector)}`]),
      ...(link === null ? [] : [`- ${plainLink(link)}`]),
    ]),
    section('Timeline', timeline(verdict, chapters)),
    section('Evidence', (primary?.facts ?? verdict.assurances).flatMap(factLines)),
    ...verdict.findings.slice(1).map((f) => section(`Also: ${plain(f.title)}`, f.facts.flatMap(factLines))),
    ...advice(verdict),
    ...rest(verdict),
    `Written by vllm-triage ${plain(version)}. A value with a query below it can be had again by that query.`,
  ]);
}

function heading(level: 1 | 2, { status, headline }: Verdict): string {
  return `${'#'.repeat(level)} ${status}: ${plain(headline)}`;
}

function summary(verdict: Verdict): string[] {
  const primary = verdict.findings[0];
  const since = primary && verdict.status !== 'unknown' ? [sinceLine(primary, verdict.at)] : [];
  return [...since, plain(verdict.lede), plain(shownMotion(verdict) ?? '')];
}

function sinceLine({ since, confidence }: RankedFinding, at: number): string {
  const when =
    since === null ? 'Since before this window' : `Since ${formatInstant(since)} (${sayDuration(at - since)})`;
  return `${when}, ${sayConfidence(confidence)} (${confidence.toFixed(2)}).`;
}

/** What the headline was, then what the primary finding tells of cause and effect. */
function timeline(verdict: Verdict, chapters: readonly Chapter[]): string[] {
  const story = verdict.findings[0]?.story;
  const told = (['changed', 'broke', 'hurts'] as const).flatMap((word) => {
    const chapter = story?.[word];
    if (!chapter) return [];
    const at = chapter.at === null ? '' : ` ${formatInstant(chapter.at)}`;
    return [`- ${asSentence(word)}${at}: ${plain(chapter.title)}. ${plain(asSentence(chapter.says))}`];
  });
  return [
    ...chapters.map(({ from, to, title, status, confidence }) => {
      const sure = confidence === null ? '' : `, ${confidence.toFixed(2)}`;
      return `- ${formatInstant(from)} to ${formatInstant(to)}: ${plain(title)} (${status}${sure})`;
    }),
    ...verdict.earlier.map(
      ({ title, from, to }) => `- Over now: ${plain(title)}, ${formatInstant(from)} to ${formatInstant(to)}`,
    ),
    ...told,
  ];
}

function factLine({ says, compared }: Fact): string {
  return `- ${plain(says)}${compared === '' ? '' : ` (${plain(compared)})`}`;
}

function factLines(fact: Fact): string[] {
  return fact.query === null ? [factLine(fact)] : [factLine(fact), `  - query: ${codeSpan(fact.query)}`];
}

/** Do now, then the rest of the plan, other ways, and what would not help. */
function advice({ findings, plan }: Verdict): string[] {
  const primary = findings[0];
  const [first, ...others] = primary?.remedies ?? [];
  return [
    ...(first ? remedyBlocks(first) : []),
    section(
      'Then',
      plan.steps.slice(1).map(({ remedy }) => remedyLine(remedy)),
    ),
    section(
      'Held back',
      plan.heldBack.map(({ title, because }) => `- ${plain(title)}: ${plain(because)}`),
    ),
    section('Instead', others.map(remedyLine)),
    section(
      'Will not help',
      (primary?.willNotHelp ?? []).map(({ title, why }) => `- ${plain(title)}: ${plain(why)}`),
    ),
  ];
}

function remedyBlocks(remedy: Remedy): string[] {
  return [
    `## Do now: ${plain(remedy.title)}${remedy.needsRestart ? ' (needs a restart)' : ''}`,
    remedy.flag === null ? plain(remedy.why) : fence(remedy.flag),
    lines([
      ...remedy.steps.map(({ sum, result }) => `- ${plain(sum)} = ${plain(result)}`),
      ...(['expect', 'risk', 'verify'] as const).flatMap((field) =>
        remedy[field] === '' ? [] : [`- ${field === 'risk' ? 'costs' : field}: ${plain(remedy[field])}`],
      ),
    ]),
  ];
}

function remedyLine({ title, flag }: Remedy): string {
  return `- ${plain(title)}${flag === null ? '' : `: ${codeSpan(flag)}`}`;
}

function rest({ ruledOut, cannotTell, warnings }: Verdict): string[] {
  return [
    section(
      'Ruled out',
      ruledOut.map((f) => `- ${plain(f.title)}: ${plain(f.because)}`),
    ),
    section(
      'Could not be checked',
      cannotTell.map((f) => `- ${plain(f.title)}: ${plain(f.ask)}`),
    ),
    section(
      'Remarks',
      warnings.map((warning) => `- ${plain(warning)}`),
    ),
  ];
}

function section(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `## ${title}\n\n${items.join('\n')}`;
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `${title}:\n\n${items.join('\n')}`;
}

function lines(items: readonly string[]): string {
  return items.join('\n');
}

function written(blocks: readonly string[]): string {
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/**
 * Text that stands in Markdown, in Slack and in Jira's wiki as it is: no emphasis, link, image, mention, tag, formula or
 * start of a block comes of it. Where a character means nothing it is left alone, for whoever reads the note as text.
 */
export function plain(text: string): string {
  return oneLine(text)
    .replace(/[\\`*[\]{}~!$]/g, '\\$&')
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
    .replace(/&(?=#?\w+;)/g, '&amp;')
    .replace(/<(?![\s\d=])/g, '&lt;')
    .replace(/:\/\//g, ':\\//')
    .replace(/www\./gi, (www) => `${www.slice(0, 3)}\\.`)
    .replace(/@/g, '@\u200b')
    .replace(/^[-+#>=]/, '\\$&')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2');
}

/** Code in a line: as many backticks around it as it takes. */
export function codeSpan(text: string): string {
  const line = oneLine(text);
  if (line === '') return '';
  const ticks = '`'.repeat(longestRun(line) + 1);
  const gap = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${ticks}${gap}${line}${gap}${ticks}`;
}

function fence(text: string): string {
  const ticks = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${ticks}\n${text}\n${ticks}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

/** Line ends and other control characters become blanks: one of them would begin a block. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, ' ').trim();
}

/** An address every program makes a link of; what would end it early is percent-encoded. */
function plainLink(link: string): string {
  return link.replace(
    /[\s<>"'*_~()!{}`\\|[\]]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
