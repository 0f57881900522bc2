import { PROFILE_IDS, type ProfileId } from '../core/verdict/profiles.ts';
import type { Verdict } from '../core/verdict/verdict.ts';
import { freshSession, type Navigate } from '../state/url/address.ts';
import type { Session } from '../state/url/session.ts';
import type { PaletteCommand } from '../ui/controls/palette.tsx';
import type { Preset } from './ranges.ts';

interface Doings {
  readonly session: Session;
  /** The profile chosen; `null` where it cannot be, since a snapshot keeps its own targets. */
  readonly judgedAs: ProfileId | null;
  readonly presets: readonly Preset[];
  readonly findings: Verdict['findings'];
  readonly recordings: readonly { readonly name: string; readonly title: string; readonly to: number | null }[];
  readonly navigate: Navigate;
  readonly goRange: (range: Preset['range']) => void;
  readonly copyFlag: (() => void) | null;
  /** Plays the recording, or pauses and resumes reading; `null` where neither can be done. */
  readonly play: { readonly title: string; readonly run: () => void } | null;
  readonly copyLink: () => void;
  /** Opens the sheet of what can leave. */
  readonly share: () => void;
  /** Saves what the page has scraped itself; `null` for other sources, which have it already. */
  readonly save: (() => void) | null;
  /** Takes the steps of the connection doctor; `null` for a source that is no server. */
  readonly checkConnection: (() => void) | null;
  readonly turnTheme: () => void;
  /** Tells of changes by notification or sound, or stops; `null` where nothing goes on. */
  readonly told: {
    readonly notify: boolean;
    readonly sound: boolean;
    readonly turnNotify: () => void;
    readonly turnSound: () => void;
  } | null;
  readonly showHelp: () => void;
  readonly showRuledOut: () => void;
  readonly showCannotTell: () => void;
  /** `null` where the evidence is not whole. */
  readonly showReport: (() => void) | null;
  /** Puts it beside another time; `null` where the evidence is not whole. */
  readonly compare: { readonly title: string; readonly run: () => void } | null;
  /** Opens the runbook of the finding shown; `null` without one. */
  readonly showRunbook: (() => void) | null;
  readonly showExport: (() => void) | null;
  readonly goToRow: (row: string) => void;
}

const ROWS = [
  ['latency', 'User-facing latency'],
  ['health', 'System health'],
  ['queue', 'Queue and scheduling'],
  ['cache', 'Cache efficiency'],
] as const;

/** What the palette offers on an incident. */
export function incidentCommands(doings: Doings): PaletteCommand[] {
  const { session, navigate } = doings;
  return [
    ...(doings.copyFlag
      ? [{ id: 'copy', group: 'Verdict', title: 'Copy the flag', key: 'c', run: doings.copyFlag }]
      : []),
    ...(doings.play
      ? [{ id: 'play', group: 'Verdict', title: doings.play.title, key: '␣', run: doings.play.run }]
      : []),
    { id: 'copy-link', group: 'Verdict', title: 'Copy a link to exactly this', key: 's', run: doings.copyLink },
    { id: 'share', group: 'Verdict', title: 'Share a snapshot: link, file, page, numbers', run: doings.share },
    ...(doings.save
      ? [{ id: 'save', group: 'Verdict', title: 'Save what was scraped as a recording', run: doings.save }]
      : []),
    { id: 'ruled-out', group: 'Verdict', title: 'What was ruled out', key: 'r', run: doings.showRuledOut },
    { id: 'cannot-tell', group: 'Verdict', title: 'What could not be checked', run: doings.showCannotTell },
    ...(doings.showReport ? [{ id: 'report', group: 'Verdict', title: 'Health report', run: doings.showReport }] : []),
    ...(doings.compare
      ? [{ id: 'compare', group: 'Verdict', title: doings.compare.title, run: doings.compare.run }]
      : []),
    ...(doings.showRunbook
      ? [{ id: 'runbook', group: 'Verdict', title: 'Runbook of this finding', run: doings.showRunbook }]
      : []),
    ...(doings.showExport
      ? [
          {
            id: 'export',
            group: 'Verdict',
            title: 'Export alert rules, recording rules, Grafana dashboard',
            run: doings.showExport,
          },
        ]
      : []),
    ...doings.findings.map((finding) => ({
      id: finding.pathology,
      group: 'Findings',
      title: finding.title,
      run: () => navigate({ finding: finding.pathology }),
    })),
    ...ROWS.map(([row, title], i) => ({
      id: row,
      group: 'Go to',
      title,
      key: String(i + 1),
      run: () => doings.goToRow(row),
    })),
    ...doings.presets.map((preset) => ({
      id: `range ${preset.id}`,
      group: 'Range',
      title: preset.title,
      run: () => doings.goRange(preset.range),
    })),
    ...PROFILE_IDS.filter((id) => doings.judgedAs !== null && id !== doings.judgedAs && id !== 'custom').map((id) => ({
      id: `profile ${id}`,
      group: 'Profile',
      title: `Judge as ${id}`,
      run: () => navigate({ profile: id, custom: {} }),
    })),
    ...doings.recordings.map((row) => ({
      id: `recording ${row.name}`,
      group: 'Incident library',
      title: `${row.title} (${row.name})`,
      run: () => navigate({ ...freshSession(session, { kind: 'recording', name: row.name }), to: row.to }),
    })),
    ...(doings.checkConnection
      ? [{ id: 'doctor', group: 'Page', title: 'Check the connection', run: doings.checkConnection }]
      : []),
    {
      id: 'trace',
      group: 'Page',
      title: 'Open a GPU profile beside this verdict',
      run: () => navigate({ trace: true }),
    },
    {
      id: 'tuner',
      group: 'Page',
      title: 'Open the tuner with these measurements',
      run: () => navigate({ tuner: {} }),
    },
    { id: 'start', group: 'Page', title: 'Another source', run: () => navigate(freshSession(session, null)) },
    ...(doings.told
      ? [
          {
            id: 'notify',
            group: 'Page',
            title: doings.told.notify ? 'Stop notifications of changes' : 'Notify me when the verdict changes',
            run: doings.told.turnNotify,
          },
          {
            id: 'sound',
            group: 'Page',
            title: doings.told.sound ? 'No sound on changes' : 'Play a sound when the verdict changes',
            run: doings.told.turnSound,
          },
        ]
      : []),
    { id: 'wall', group: 'Page', title: 'Show it on a wall', run: () => navigate({ wall: true }) },
    { id: 'theme', group: 'Page', title: 'Change theme', key: 't', run: doings.turnTheme },
    { id: 'help', group: 'Page', title: 'Keys', key: '?', run: doings.showHelp },
  ];
}
