import { endOf } from '../core/base/grid.ts';
import { chaptersOf } from '../core/verdict/history.ts';
import { toNote } from '../core/verdict/note.ts';
import type { Verdict } from '../core/verdict/verdict.ts';
import { useLink, useSession } from '../state/url/address.ts';
import type { HistoryState } from '../state/use-history.ts';
import { Button } from '../ui/controls/button.tsx';
import { saveFile } from './save.ts';
import { useCopied } from './use-copied.ts';
import { VERSION } from './version.ts';

/** The incident as Markdown, onto the clipboard or into a file; once its timeline is judged. */
export function IncidentNote({ verdict, told }: { readonly verdict: Verdict; readonly told: HistoryState }) {
  const { session } = useSession();
  const link = useLink();
  const { copied, copy } = useCopied();
  const ready = told.failed || (told.history?.done ?? false);
  const write = () => {
    const from = verdict.grid.from;
    // With fixed times: who reads it tomorrow shall see the same. A file of the viewer's own is in no link.
    const there =
      session.source?.kind === 'file' ? null : link({ from, to: endOf(verdict.grid), at: null, live: 'off' });
    return toNote({
      verdict,
      chapters: chaptersOf((told.history?.said ?? []).filter(({ at }) => at <= verdict.at)),
      link: there === null ? null : new URL(there, window.location.href).href,
      version: VERSION,
    });
  };
  return (
    <section aria-label="Incident note" className="flex flex-wrap items-center gap-2 text-[12.5px] text-ink-3">
      <Button disabled={!ready} onClick={() => copy(write())}>
        {copied === null ? 'Copy incident note' : 'Copied'}
      </Button>
      <Button
        disabled={!ready}
        onClick={() => saveFile('incident-note.md', new Blob([write()], { type: 'text/markdown' }))}
      >
        Save it
      </Button>
      <span>
        {ready
          ? 'Markdown for GitHub, Slack and Jira: timeline, evidence with its queries, advice, what could not be checked.'
          : 'The note can be had once the timeline is judged.'}
      </span>
    </section>
  );
}
