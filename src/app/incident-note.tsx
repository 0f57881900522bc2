import { useState } from 'react';
import { endOf } from '../core/base/grid.ts';
import { sayCount } from '../core/base/say.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import { sliceEvidence } from '../core/evidence/slice.ts';
import { REDACTIONS } from '../core/snapshot/redact.ts';
import { chaptersOf } from '../core/verdict/chapters.ts';
import { toNote } from '../core/verdict/note.ts';
import type { Targets } from '../core/verdict/profiles.ts';
import type { Verdict } from '../core/verdict/verdict.ts';
import { useLink, useSession } from '../state/url/address.ts';
import type { Session } from '../state/url/session.ts';
import { useArchive } from '../state/use-archive.ts';
import type { HistoryState } from '../state/use-history.ts';
import { Button } from '../ui/controls/button.tsx';
import { saveFile } from '../ui/controls/save-file.ts';
import { useCopied } from './use-copied.ts';
import { VERSION } from './version.ts';

interface Noted {
  readonly whole: Evidence;
  readonly targets: Targets;
  readonly verdict: Verdict;
}

/**
 * The incident as Markdown, onto the clipboard or into a file, and as one archive with all whoever takes over asks for; once its
 * timeline is judged.
 */
export function IncidentNote({ told, ...noted }: Noted & { readonly told: HistoryState }) {
  const { verdict } = noted;
  const { session } = useSession();
  const link = useLink();
  const { copied, copy } = useCopied();
  const ready = told.failed || (told.history?.done ?? false);
  const address = (): string | null => {
    const from = verdict.grid.from;
    // With fixed times: who reads it tomorrow shall see the same. A file of the viewer's own is in no link.
    const there =
      session.source?.kind === 'file' ? null : link({ from, to: endOf(verdict.grid), at: null, live: 'off' });
    return there === null ? null : new URL(there, window.location.href).href;
  };
  const write = () =>
    toNote({
      verdict,
      chapters: chaptersOf((told.history?.said ?? []).filter(({ at }) => at <= verdict.at)),
      link: address(),
      version: VERSION,
    });
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
      {session.source && (
        <ArchiveButton {...noted} source={session.source} given={session.knobs} address={address} ready={ready} />
      )}
      <span>
        {ready
          ? 'Markdown for GitHub, Slack and Jira: timeline, evidence with its queries, advice, what could not be checked.'
          : 'The note can be had once the timeline is judged.'}
      </span>
    </section>
  );
}

function ArchiveButton({
  whole,
  targets,
  verdict,
  source,
  given,
  address,
  ready,
}: Noted & {
  readonly source: NonNullable<Session['source']>;
  readonly given: Session['knobs'];
  readonly address: () => string | null;
  readonly ready: boolean;
}) {
  const { write, writing } = useArchive(source);
  const [bare, setBare] = useState(false);
  const [says, setSays] = useState('');
  const save = async () => {
    setSays('');
    try {
      const { bytes, files, aliases, left } = await write({
        evidence: sliceEvidence(whole, verdict.at),
        targets,
        redactions: bare ? REDACTIONS.map(({ id }) => id) : [],
        given,
        link: address(),
        version: VERSION,
      });
      saveFile('incident.zip', new Blob([bytes], { type: 'application/zip' }));
      const replaced = bare ? `, ${sayCount(aliases.length, 'name')} replaced` : '';
      const still = left.length === 0 ? '' : `; still in it, as ordinary words or parts of them: ${left.join(', ')}`;
      setSays(`Saved ${sayCount(files.length, 'file')}, ${Math.ceil(bytes.length / 1000)} kB${replaced}${still}.`);
    } catch (error) {
      setSays(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      <Button
        disabled={!ready || writing}
        title="Note, verdict, health report, arguments, versions, lengths, topology, metrics and snapshot as one zip"
        onClick={() => void save()}
      >
        {writing ? 'Writing the archive' : 'Save the archive'}
      </Button>
      <label className="flex items-center gap-1.5">
        <input
          type="checkbox"
          checked={bare}
          onChange={({ target }) => setBare(target.checked)}
          className="accent-(--accent)"
        />
        archive with names replaced
      </label>
      <span role="status">{says}</span>
    </>
  );
}
