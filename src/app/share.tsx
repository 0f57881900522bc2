import { useEffect, useState } from 'react';
import { sayCount } from '../core/base/say.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import { impliedBy, type Redaction, REDACTIONS } from '../core/snapshot/redact.ts';
import type { Snapshot } from '../core/snapshot/snapshot.ts';
import { toJson } from '../core/verdict/format.ts';
import type { Targets } from '../core/verdict/profiles.ts';
import { isOfflinePage } from '../state/carried.ts';
import { canLockHere, offlinePage, type Shares, useShares } from '../state/use-share.ts';
import { copyText } from '../ui/panels/clipboard.ts';
import { pictureOfPart } from '../ui/share/picture.ts';
import { type Carrier, sayBytes, type Section, ShareSheet } from '../ui/share/share-sheet.tsx';
import { evidenceCsv } from '../ui/share/table.ts';
import { saveFile } from '../ui/controls/save-file.ts';
import { VERSION } from './version.ts';

/** What can be frozen. */
interface Shown {
  readonly evidence: Evidence;
  readonly targets: Targets;
}

/** Milliseconds without a key after which a passphrase is taken for typed: deriving a key from it is slow on purpose. */
const TYPED_MS = 400;
/** Milliseconds a button says that it is done. */
const SHOWN_MS = 1600;

/** The sheet behind “Share”: the view as a link, and the incident as a snapshot. Frozen when the sheet is opened. */
export default function Share({
  shown,
  view,
  onClose,
}: {
  /** `null` where there is nothing whole to freeze. */
  readonly shown: Shown | null;
  /** Address of exactly this view. */
  readonly view: string;
  readonly onClose: () => void;
}) {
  // What is live goes on behind the sheet; what leaves is what was on screen when it was opened.
  const [taken] = useState(shown);
  const [page] = useState(() => window.location.origin + window.location.pathname);
  const [asked, setAsked] = useState<ReadonlySet<Redaction>>(new Set());
  const [passphrase, setPassphrase] = useState('');
  const typed = useSettled(passphrase, TYPED_MS);
  const [done, setDone] = useState<{ readonly id: string; readonly says: string } | null>(null);
  const [byHand, setByHand] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const kinds = impliedBy(asked);
  const redactions = REDACTIONS.map(({ id }) => id).filter((id) => kinds.has(id));
  const { shares, failed } = useShares(taken && { ...taken, redactions, passphrase: typed }, {
    page,
    version: VERSION,
  });

  const say = (id: string, says: string) => {
    setDone({ id, says });
    setTimeout(() => setDone((now) => (now?.id === id ? null : now)), SHOWN_MS);
  };
  const take = (id: string, says: string, does: () => Promise<void> | void) => async (): Promise<void> => {
    setWrong(null);
    try {
      await does();
      say(id, says);
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
    }
  };
  const copy = (id: string, text: string) => async (): Promise<void> => {
    const copied = await copyText(text);
    setByHand(copied ? null : text);
    if (copied) say(id, 'Copied');
  };
  const carrier = (one: Omit<Carrier, 'done'>): Carrier => ({ ...one, done: done?.id === one.id ? done.says : null });

  const viewLink = carrier({
    id: 'view',
    title: 'Link to this view',
    says: 'Holds the address alone; whoever opens it reads the source again.',
    size: sayCharacters(view.length),
    does: 'Copy',
    onTake: copy('view', view),
  });
  const frozen = shares && (passphrase === typed ? carriersOf(shares, { copy, take }).map(carrier) : null);
  return (
    <ShareSheet
      onClose={onClose}
      sections={taken === null ? [] : shares && sectionsOf(shares.snapshot)}
      kinds={
        taken === null
          ? []
          : REDACTIONS.map(({ id, title }) => ({
              id,
              title,
              on: kinds.has(id),
              because: kinds.has(id) && !asked.has(id) ? '(may hold any name)' : null,
            }))
      }
      onKind={(id, on) =>
        setAsked((before) => {
          const next = new Set(before);
          if (on) next.add(id as Redaction);
          else next.delete(id as Redaction);
          return next;
        })
      }
      onAllKinds={(on) => setAsked(new Set(on ? REDACTIONS.map(({ id }) => id) : []))}
      aliases={shares?.aliases ?? []}
      left={shares?.left ?? []}
      passphrase={passphrase}
      onPassphrase={setPassphrase}
      noLock={
        canLockHere()
          ? null
          : 'Browsers offer no encryption to a page that came over plain http. The command line locks: diagnose --save FILE --passphrase-file FILE.'
      }
      advice={
        taken === null ? 'This snapshot is reduced or damaged: it travels as the link it came with.' : adviceOn(shares)
      }
      carriers={
        taken === null ? [viewLink] : frozen && [...frozen, ...(kinds.size > 0 || typed !== '' ? [] : [viewLink])]
      }
      parts={shares ? partsOf(shares.snapshot, kinds.size > 0, take).map(carrier) : []}
      failed={failed ?? wrong}
      byHand={byHand}
    />
  );
}

interface Ways {
  readonly copy: (id: string, text: string) => () => Promise<void>;
  readonly take: (id: string, says: string, does: () => Promise<void> | void) => () => Promise<void>;
}

/** Which carrier to take, in a sentence. */
function adviceOn(shares: Shares | null): string {
  if (!shares) return '';
  if (shares.linkFits && shares.chat)
    return 'The full link fits mail, trackers and wikis. A chat cuts it: there the chat link goes, which is reduced.';
  if (shares.linkFits) return 'The full link fits mail, trackers and wikis. No link fits a chat: send the file there.';
  return 'Too large for a link: send the file or the page. The chat link tells the verdict, and not all behind it.';
}

function carriersOf({ chat, link, linkFits, file }: Shares, { copy, take }: Ways): Omit<Carrier, 'done'>[] {
  const bytes = sayBytes(file.length);
  return [
    {
      id: 'chat',
      title: 'Chat link',
      says: chat
        ? `Reduced: the verdict, shortened, and ${chat.kept} of ${sayCount(chat.read, 'signal')}. It is not judged again.`
        : 'Not even the verdict fits into 3,900 characters beside this address.',
      size: chat ? sayCharacters(chat.link.length) : '',
      does: chat ? 'Copy' : null,
      onTake: () => chat && void copy('chat', chat.link)(),
    },
    {
      id: 'link',
      title: 'Full link',
      says: linkFits
        ? 'Everything, in the part of the address no server sees.'
        : 'Longer than the 60,000 characters trackers take.',
      size: sayCharacters(link.length),
      does: linkFits ? 'Copy' : null,
      onTake: copy('link', link),
    },
    {
      id: 'file',
      title: 'File',
      says: 'Everything. Drop it on this page, or give it to the command line with --snapshot.',
      size: bytes,
      does: 'Save',
      onTake: take('file', 'Saved', () =>
        saveFile('incident.snapshot', new Blob([`${file}\n`], { type: 'text/plain' })),
      ),
    },
    {
      id: 'page',
      title: 'Page',
      says: isOfflinePage()
        ? 'This page is one already: pass on the file you opened.'
        : 'Everything and the page itself in one HTML file: opens by double click, without a network.',
      size: isOfflinePage() ? '' : `about 1.3 MB and ${bytes}`,
      does: isOfflinePage() ? null : 'Save',
      onTake: take('page', 'Saved', async () => {
        saveFile('incident.html', new Blob([await offlinePage(file)], { type: 'text/html' }));
      }),
    },
  ];
}

/** What is not the whole of it, for other programs. Nothing of it is locked. */
function partsOf({ verdict, evidence }: Snapshot, redacted: boolean, take: Ways['take']): Omit<Carrier, 'done'>[] {
  return [
    {
      id: 'png',
      title: 'Picture of the verdict',
      says: redacted
        ? 'Shows the names as they stand on this page: not with names replaced.'
        : 'PNG, as it stands on this page. Panels have their own in their menus.',
      size: '',
      does: redacted ? null : 'Save',
      onTake: take('png', 'Saved', async () => {
        const banner = document.querySelector<HTMLElement>('[data-verdict-status]');
        const picture = banner && (await pictureOfPart(banner));
        if (!picture) throw new Error('The picture could not be drawn.');
        saveFile('verdict.png', picture);
      }),
    },
    {
      id: 'json',
      title: 'Verdict as JSON',
      says: 'What diagnose --format json writes.',
      size: '',
      does: 'Save',
      onTake: take('json', 'Saved', () =>
        saveFile(
          'verdict.json',
          new Blob([`${JSON.stringify(toJson(verdict, VERSION), null, 2)}\n`], { type: 'application/json' }),
        ),
      ),
    },
    {
      id: 'csv',
      title: 'Measurements as CSV',
      says: 'One line per series with its query, one column per time, in base units.',
      size: '',
      does: 'Save',
      onTake: take('csv', 'Saved', () =>
        saveFile('evidence.csv', new Blob([evidenceCsv(evidence)], { type: 'text/csv' })),
      ),
    },
  ];
}

/** What whoever gets it can read, part by part. */
function sectionsOf({ verdict, evidence }: Snapshot): Section[] {
  const { replicas, readings, selector, source, warnings } = evidence;
  const there = Object.values(readings).filter((one) => one.lines.length + one.histograms.length > 0);
  const queries = Object.values(readings).flatMap(({ query }) => query ?? []);
  const size = (value: unknown): number => JSON.stringify(value).length;
  const names = replicas.slice(0, 3).map(({ id }) => id);
  const settings = Object.values(readings).flatMap(({ labels }) => labels);
  return [
    { title: 'Verdict', says: verdict.headline, bytes: size(verdict) },
    {
      title: 'Measurements',
      says: `${sayCount(there.length, 'signal')}, ${sayCount(evidence.grid.count, 'time')} each`,
      bytes: size(there.map(({ lines, histograms }) => [lines, histograms])),
    },
    {
      title: 'Names',
      says: `${names.join(', ')}${replicas.length > 3 ? ` and ${replicas.length - 3} more` : ''}; ${verdict.models.join(', ') || 'no model'}${source.label === '' ? '' : `; ${source.label}`}`,
      bytes: size([replicas, source]),
    },
    {
      title: 'Queries',
      says: queries.length === 0 ? 'None' : `${queries.length} in PromQL, selector ${selector || '{}'}`,
      bytes: size([queries, selector]),
    },
    {
      title: 'Settings',
      says: `Labels of ${settings.length} info series, engine settings among them`,
      bytes: size(settings),
    },
    { title: 'Free text', says: warnings[0] ?? 'None', bytes: size(warnings) },
  ];
}

const sayCharacters = (count: number): string => `${count.toLocaleString('en-US')} characters`;

/** A value once it has stood still for a while. */
function useSettled(value: string, ms: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
