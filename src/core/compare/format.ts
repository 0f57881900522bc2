import { sayDuration } from '../base/say.ts';
import { STATUS_WORDS, type Table } from '../report/format.ts';
import { formatInstant } from '../verdict/format.ts';
import type { Answer, Comparison, ModelComparison, Moment, Row } from './comparison.ts';
import { DIFFERENCE_WORDS, sayValue } from './words.ts';

export const ANSWER_WORDS: Readonly<Record<Answer, string>> = {
  helped: 'Helped',
  relieved: 'Relieved, not cured',
  'no-difference': 'No difference',
  hurt: 'Hurt',
  'cannot-tell': 'Cannot tell',
};

/** Where nothing was wrong before, nothing was to be helped. */
const PLAIN_WORDS: Readonly<Record<Answer, string>> = {
  ...ANSWER_WORDS,
  relieved: 'Better',
  helped: 'Better',
  hurt: 'Worse',
};

/** The answer for one model in a word or two. */
export function answerWords({ answer, before }: ModelComparison): string {
  return (before.primary === null ? PLAIN_WORDS : ANSWER_WORDS)[answer];
}

/** Reasons and price as sentences. */
export function reasonsOf({ because, price, answer, before }: ModelComparison): string[] {
  const calm = answer === 'no-difference' && because.length === 0;
  return [
    ...(calm ? ['Nothing that people feel moved beyond chance.'] : because.map(sentence)),
    ...(price.length === 0
      ? []
      : [sentence(`${before.primary === null || answer === 'hurt' ? 'worse' : 'the price'}: ${price.join('; ')}`)]),
  ];
}

/** The two moments, what differs in the order it is to be read, and what was advised. */
export function tablesOfComparison(model: ModelComparison): Table[] {
  return [
    {
      title: 'Two moments',
      columns: ['', 'status', 'verdict', 'averages over'],
      rows: [momentRow('before', model.before), momentRow('after', model.after)],
    },
    ...model.sections.map(({ id, title, rows }) => ({
      title,
      columns: ['what', 'before', 'after', 'difference', ...(id === 'outcome' ? ['with the load taken out'] : [])],
      rows: rows.map((row) => [...cellsOf(row), ...(id === 'outcome' ? [normalisedCell(row)] : [])]),
    })),
    {
      title: 'What was found before, looked for after',
      columns: ['finding', 'fact', 'before', 'after'],
      rows: model.signatures.flatMap(({ title, after, because, facts }) => [
        [title, 'signature', 'stands', `${SIGNATURE_WORDS[after]}${because === '' ? '' : `: ${because}`}`],
        ...facts.map((fact) => ['', fact.label, fact.before, fact.after ?? '–']),
      ]),
    },
    {
      title: 'What was advised before',
      columns: ['remedy', 'followed', 'answer', 'to verify', 'price named'],
      rows: model.remedies.map(({ title, flag, applied, answer, because, verify, risk }) => [
        flag === null ? title : `${title}: ${flag}`,
        `${APPLIED_WORDS[applied.state]}: ${applied.says}`,
        answer === 'cannot-tell' ? `cannot tell: ${because[0] ?? ''}` : ANSWER_WORDS[answer].toLowerCase(),
        verify,
        risk,
      ]),
    },
  ].filter(({ rows }) => rows.length > 0);
}

const SIGNATURE_WORDS = { detected: 'still stands', 'ruled-out': 'gone', 'cannot-tell': 'cannot tell' } as const;
const APPLIED_WORDS = { visible: 'yes', contradicted: 'no', 'not-visible': 'cannot tell' } as const;

function momentRow(name: string, { from, to, status, headline }: Moment): string[] {
  return [name, STATUS_WORDS[status], headline, `${sayDuration(to - from)} to ${formatInstant(to)}`];
}

function cellsOf({ title, before, after, unit, difference, note }: Row): string[] {
  const words = DIFFERENCE_WORDS[difference];
  return [title, sayValue(before, unit), sayValue(after, unit), note === '' ? words : `${words}: ${note}`];
}

function normalisedCell({ normalised }: Row): string {
  if (normalised === null) return '–';
  if ('because' in normalised) return `not normalised: ${normalised.because}`;
  const { per, before, after, unit } = normalised;
  return `${sayValue(before, unit)} → ${sayValue(after, unit)} ${per}`;
}

/** For a terminal. */
export function toCompareText(comparison: Comparison): string {
  const out = [`Judged as ${comparison.profile}`, ''];
  if (comparison.models.length === 0) out.push('Cannot tell: no model was seen on both sides.', '');
  for (const model of comparison.models) {
    out.push(`${answerWords(model).toUpperCase()}  ${model.model}`, ...reasonsOf(model).map((one) => `  ${one}`));
    for (const { title, columns, rows } of tablesOfComparison(model)) {
      const widths = columns.map((column, c) => Math.max(column.length, ...rows.map((row) => (row[c] ?? '').length)));
      out.push(
        '',
        title,
        ...[columns, ...rows].map((row) =>
          `  ${row.map((cell, c) => cell.padEnd(widths[c] ?? 0)).join('  ')}`.trimEnd(),
        ),
      );
    }
    out.push('');
  }
  for (const { model, side } of comparison.unmatched) out.push(`${model}: only ${side}, not compared.`);
  return `${out.join('\n').trimEnd()}\n`;
}

/** Plain JSON, times as RFC 3339. */
export function toCompareJson(comparison: Comparison, version: string): unknown {
  const moment = ({ from, to, ...rest }: Moment) => ({ from: formatInstant(from), to: formatInstant(to), ...rest });
  return {
    schema: 'vllm-triage/compare/1',
    generatedBy: { name: 'vllm-triage', version },
    ...comparison,
    models: comparison.models.map((model) => ({
      ...model,
      before: moment(model.before),
      after: moment(model.after),
    })),
  };
}

/** A setting at its beginning keeps its spelling. */
function sentence(words: string): string {
  return /^[a-z]+[ :]/.test(words) ? `${words.charAt(0).toUpperCase()}${words.slice(1)}.` : `${words}.`;
}
