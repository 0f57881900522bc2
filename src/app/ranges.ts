import { sayDuration } from '../core/base/say.ts';
import type { Session } from '../state/url/session.ts';
import { formatTimeRange } from '../ui/charts/format.ts';
import { formatDayTime } from '../ui/controls/moment.tsx';

/** A range offered by name, and the two fields of the session it stands for. */
export interface Preset {
  readonly id: string;
  readonly title: string;
  readonly range: Pick<Session, 'from' | 'to'>;
}

const LIVE_SECONDS = [300, 900, 1800, 3600, 10_800, 21_600, 86_400, 604_800];
/** Seconds of a live source when the address gives none; the preset that needs no words in it. */
const USUAL = 1800;
const TAIL_SECONDS = [120, 300, 900, 3600];

/** @param extent of a recording; `null` for a live source. Shortest first. */
export function presetsOf(extent: { readonly from: number; readonly to: number } | null): Preset[] {
  if (extent === null)
    return LIVE_SECONDS.map((seconds) => ({
      id: String(seconds),
      title: `Last ${sayDuration(seconds)}`,
      range: { from: seconds === USUAL ? null : { ago: seconds }, to: null },
    }));
  const length = extent.to - extent.from;
  return [
    ...TAIL_SECONDS.filter((seconds) => seconds < length * 0.9).map((seconds) => ({
      id: String(seconds),
      title: `Its last ${sayDuration(seconds)}`,
      range: { from: extent.to - seconds, to: null },
    })),
    { id: 'all', title: 'All of it', range: { from: null, to: null } },
  ];
}

/** @returns the id of the preset the session stands at, empty for a range of its own. */
export function presetAt(presets: readonly Preset[], session: Pick<Session, 'from' | 'to'>): string {
  const same = (a: Session['from'], b: Session['from']) =>
    typeof a === 'object' && typeof b === 'object' ? (a?.ago ?? null) === (b?.ago ?? null) : a === b;
  return presets.find(({ range }) => same(range.from, session.from) && same(range.to, session.to))?.id ?? '';
}

/** @returns the next shorter (-1) or longer (1) preset; from a range of one's own the one nearest in length. */
export function presetBeside(
  presets: readonly Preset[],
  session: Pick<Session, 'from' | 'to'>,
  step: -1 | 1,
): Preset | null {
  const at = presets.findIndex(({ id }) => id === presetAt(presets, session));
  if (at < 0) return presets[presets.length - 1] ?? null;
  return presets[at + step] ?? null;
}

/** What the range menu shows: the preset for a live range, the times for a fixed one. */
export function rangeWords(
  presets: readonly Preset[],
  session: Pick<Session, 'from' | 'to'>,
  read: { readonly from: number; readonly to: number },
  live: boolean,
): string {
  const preset = presets.find(({ id }) => id === presetAt(presets, session));
  if (live && preset) return preset.title.toLowerCase();
  return read.to - read.from < 86_400
    ? formatTimeRange(read.from, read.to)
    : `${formatDayTime(read.from)} – ${formatDayTime(read.to)}`;
}
