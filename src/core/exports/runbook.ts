/** What a runbook consists of, in this order; headings of a detector's README. */
export const RUNBOOK_PARTS = ['What it is', 'How it shows', 'Look-alikes', 'What to do', 'What it cannot see'] as const;
export type RunbookPart = (typeof RUNBOOK_PARTS)[number];

export interface Runbook {
  readonly title: string;
  /** Markdown of each part. */
  readonly parts: Readonly<Record<RunbookPart, string>>;
}

/**
 * A detector's README as a runbook. Its further sections (score, guards, what real engines taught) are for whoever works on it.
 * @throws RangeError if a part is missing, with its name
 */
export function parseRunbook(readme: string): Runbook {
  const [head = '', ...sections] = readme.split(/^## /m);
  const bodies = sections.map((section) => {
    const end = section.indexOf('\n');
    return { heading: section.slice(0, end), body: section.slice(end).trim() };
  });
  const title = /^# (.+)$/m.exec(head)?.[1] ?? '';
  const part = (name: RunbookPart) => {
    const found = bodies.find(({ heading }) => heading === name || heading.startsWith(`${name}, `));
    if (found === undefined || found.body === '') throw new RangeError(`the runbook "${title}" lacks "${name}"`);
    return found.body;
  };
  return { title, parts: Object.fromEntries(RUNBOOK_PARTS.map((name) => [name, part(name)])) as Runbook['parts'] };
}

/** The parts of a runbook as one Markdown text. */
export function formatRunbook(runbook: Runbook, parts: readonly RunbookPart[] = RUNBOOK_PARTS): string {
  return parts.map((name) => `## ${name}\n\n${runbook.parts[name]}`).join('\n\n');
}
