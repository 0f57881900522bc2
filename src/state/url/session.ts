import type { ProfileId } from '../../core/verdict/profiles.ts';
import type { Moves } from '../../core/whatif/moves.ts';
import type { SourceRef } from './source-ref.ts';
import type { When } from './times.ts';
import type { TunerText } from './tuner-text.ts';

/** Everything a colleague must see alike. It lives in the address bar and nowhere else; grammar in docs/formats.md and contract §4. */
export interface Session {
  readonly source: SourceRef | null;
  /** PromQL matchers, `{job="vllm"}`; empty for none. */
  readonly selector: string;
  readonly model: string | null;
  /** `null`: the source's own beginning, 30 minutes back on a live one. */
  readonly from: When | null;
  /** `null`: the end of a recording, now on a live source. */
  readonly to: When | null;
  readonly profile: ProfileId;
  /** Targets in seconds, read when the profile is `custom`; absent ones are those of chat. */
  readonly custom: { readonly ttft?: number; readonly tbt?: number; readonly e2e?: number };
  /** `null`: as the viewer prefers. */
  readonly theme: Theme | null;
  readonly embed: boolean;
  /** For a screen on a wall: the verdict alone, as large as it goes. */
  readonly wall: boolean;
  /** Embedded: the row of numbers below the verdict, too. */
  readonly strip: boolean;
  /** One panel alone, by id. */
  readonly panel: string | null;
  readonly live: Live;
  /** Scrubber: unix seconds judged at; `null` for the end of the range. */
  readonly at: number | null;
  /** Stretch the charts are drawn for, unix seconds; the verdict still rests on the whole range. */
  readonly zoom: { readonly from: number; readonly to: number } | null;
  /** Pathology id of the finding opened; `null` for the primary one. */
  readonly finding: string | null;
  /** Replica the strip and the charts are narrowed to. */
  readonly replica: string | null;
  readonly knobs: Readonly<Record<string, number>>;
  /** What is moved in the panel "What if"; `null`: it is closed. */
  readonly whatIf: Moves | null;
  /** The page of GPU profiles; the files themselves are on the viewer's disk and in no link. */
  readonly trace: boolean;
  /** What the tuner is asked; `null`: another page is open. */
  readonly tuner: TunerText | null;
  /** Load-test results of the viewer's own, by name; their text stays in this tab. */
  readonly loads: readonly string[];
}

export const THEMES = ['light', 'dark', 'system'] as const;
export type Theme = (typeof THEMES)[number];

export const LIVES = ['5s', '15s', 'off'] as const;
export type Live = (typeof LIVES)[number];

export const DEFAULT_SESSION: Session = {
  source: null,
  selector: '',
  model: null,
  from: null,
  to: null,
  profile: 'chat',
  custom: {},
  theme: null,
  embed: false,
  wall: false,
  strip: false,
  panel: null,
  live: '15s',
  at: null,
  zoom: null,
  finding: null,
  replica: null,
  knobs: {},
  whatIf: null,
  trace: false,
  tuner: null,
  loads: [],
};

/** A part of the address that was not understood, and what is shown instead. */
export interface Notice {
  readonly id: string;
  readonly says: string;
}
