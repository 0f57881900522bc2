import { useQuery } from '@tanstack/react-query';
import type { Evidence } from '../core/evidence/evidence.ts';
import { type Alias, leftovers, type Redaction, redact } from '../core/snapshot/redact.ts';
import { type Snapshot, takeSnapshot } from '../core/snapshot/snapshot.ts';
import type { Targets } from '../core/verdict/profiles.ts';
import { linkTo, MOST_LINK, writeChatLink, writeSnapshot } from '../sources/snapshot/carry.ts';
import { canLock } from '../sources/snapshot/lock.ts';
import { fillPage, OFFLINE_PAGE } from '../sources/snapshot/offline.ts';
import { diagnoseBeside } from './reader/desks.ts';

/** A snapshot as it would leave. */
export interface Shares {
  readonly chat: { readonly link: string; readonly kept: number; readonly read: number } | null;
  readonly link: string;
  /** Whether the full link is short enough for trackers. */
  readonly linkFits: boolean;
  readonly file: string;
  readonly snapshot: Snapshot;
  readonly aliases: readonly Alias[];
  /** Names that still stand in it, since they are ordinary words or parts of them. */
  readonly left: readonly string[];
}

export interface ShareAsk {
  readonly evidence: Evidence;
  readonly targets: Targets;
  readonly redactions: readonly Redaction[];
  /** `''` for none. */
  readonly passphrase: string;
}

/**
 * Writes the snapshot for every carrier while the sheet is open, and not before. What is redacted is judged in its new names.
 * @param ask `null` where there is nothing to freeze
 * @param page address of the page without query and fragment
 */
export function useShares(
  ask: ShareAsk | null,
  { page, version }: { readonly page: string; readonly version: string },
): { readonly shares: Shares | null; readonly failed: string | null } {
  const query = useQuery({
    // The evidence is frozen while the sheet is open, and the sheet forgets its query when it closes.
    queryKey: ['shares', page, ask?.evidence.grid, ask?.targets, ask?.redactions, ask?.passphrase],
    queryFn: async ({ client }): Promise<Shares> => {
      if (!ask) throw new Error('Nothing is shown yet.');
      const { targets, passphrase } = ask;
      const { evidence, aliases } = redact(ask.evidence, new Set(ask.redactions));
      const takenAt = Math.round(Date.now() / 1000);
      const verdict = await diagnoseBeside(client, evidence, targets);
      const snapshot = takeSnapshot(evidence, targets, verdict, { version, takenAt });
      const file = await writeSnapshot(snapshot, passphrase);
      const link = linkTo(page, file);
      const chat = await writeChatLink(snapshot, page, passphrase);
      const reduced = chat?.snapshot.reduced;
      return {
        chat: chat && reduced ? { link: chat.link, kept: reduced.kept, read: reduced.read } : null,
        link,
        linkFits: link.length <= MOST_LINK,
        file,
        snapshot,
        aliases,
        left: leftovers(
          JSON.stringify(snapshot),
          aliases.map(({ name }) => name),
        ),
      };
    },
    enabled: ask !== null,
    retry: false,
    gcTime: 0,
    staleTime: Infinity,
    structuralSharing: false,
  });
  return { shares: query.data ?? null, failed: query.isError ? query.error.message : null };
}

/** Whether this browser locks and unlocks here. */
export const canLockHere = canLock;

/**
 * The page as one file with the snapshot in it.
 * @throws Error with a sentence where the server of this page does not have the file
 */
export async function offlinePage(file: string): Promise<string> {
  const answer = await window.fetch(`./${OFFLINE_PAGE}`);
  return fillPage(answer.ok ? await answer.text() : '', file);
}
