import type { ReactNode } from 'react';

/** Bands of pathologies.md §6. Below 0.6 nothing is ordered, only checks are proposed. */
export function confidenceWord(confidence: number): string {
  if (confidence >= 0.8) return 'very likely';
  if (confidence >= 0.6) return 'likely';
  if (confidence >= 0.4) return 'possible';
  return 'a weak hint';
}

export const SURE_ENOUGH = 0.6;

const UNIT = '(?:requests?|answers?|tokens?|replicas?|preemptions?|seats|ms|s|min|h|%|times)';
const NUMBER = '\\d[\\d,.]{0,20}(?:\\s?[–-]\\s?\\d[\\d,.]{0,20})?';
const FIGURES = new RegExp(
  `((?:None|All|${NUMBER}(?: ${UNIT})?)(?: (?:of|to) ${NUMBER}(?: ${UNIT})?)+|${NUMBER} ${UNIT}(?![\\w/]))`,
  'g',
);

/** Sentences with their quantities set in bold: the eye lands on them first. */
export function Emphasised({ text }: { readonly text: string }): ReactNode {
  return text.split(FIGURES).map((part, i) =>
    i % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one fixed text.
      <strong key={i} className="font-[620] text-ink">
        {part}
      </strong>
    ) : (
      part
    ),
  );
}

/** One command line per flag: `--a 1 --b '{"c": 2}'` becomes two. Quotes keep their spaces. */
export function flagLines(flag: string): { readonly name: string; readonly value: string }[] {
  const words = flag.match(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g) ?? [];
  const lines: { name: string; value: string }[] = [];
  for (const word of words) {
    const last = lines[lines.length - 1];
    if (word.startsWith('--') || !last) {
      const at = word.startsWith('--') ? word.indexOf('=') : -1;
      lines.push(at < 0 ? { name: word, value: '' } : { name: word.slice(0, at + 1), value: word.slice(at + 1) });
    } else {
      last.value = last.value === '' ? word : `${last.value} ${word}`;
    }
  }
  return lines;
}

/** Signal ids in reading form, for lists of what is missing. */
export function sentence(text: string): string {
  return text === '' || /[.?:]$/.test(text) ? text : `${text}.`;
}
