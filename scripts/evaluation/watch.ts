import { endOf } from '../../src/core/base/grid.ts';
import type { Evidence } from '../../src/core/evidence/evidence.ts';
import { sliceEvidence, trimEvidence } from '../../src/core/evidence/slice.ts';
import { diagnose } from '../../src/core/verdict/diagnose.ts';
import { targetsOf } from '../../src/core/verdict/profiles.ts';
import type { Verdict } from '../../src/core/verdict/verdict.ts';
import { type Recording, openRecording } from '../../src/sources/recording/source.ts';
import { chooseStep } from '../../src/sources/timing.ts';
import { ABLATIONS, seenReplicas } from './ablations.ts';
import { ACUTE } from './acute.ts';
import type { Episode } from './episode.ts';
import { gradeOf } from './headline.ts';
import { type Moment, momentOf, type Watched } from './moment.ts';
import { zScoreAlarms } from '../../src/core/anomalies/textbook.ts';

/** Seconds: the page's default range, how often it is judged, and when it is judged first. */
export const RANGE = 1800;
export const EVERY = 15;
const FIRST = 45;
/** Seconds between the moments of an ablation, and of the fine look at the beginning of an acute trouble. */
export const ABLATION_EVERY = 60;
const FINE = { every: 5, for: 180, scrape: 5 } as const;

export interface WatchOptions {
  /** What is known of the episode's label; all of it, of a simulated one. */
  readonly known?: Pick<Watched, 'source' | 'calm' | 'scoped'>;
  /** Judged once more with things taken away, at fewer moments. */
  readonly ablations: boolean;
  /** Seconds between moments; 15 if left out. */
  readonly every?: number;
}

const platform = { fetch: globalThis.fetch, now: () => 0 };

/**
 * Judges an episode as a page would that is open all the time: at every moment a look back of half an hour, on a grid that ends
 * at that moment, without replicas nobody has seen yet. The texts are let go as soon as they are read.
 */
export async function watch(build: () => Episode | Promise<Episode>, options: WatchOptions): Promise<Watched> {
  const began = performance.now();
  const { texts, ...episode } = await build();
  const built = performance.now();
  const looks = new Looks(openRecording({ name: episode.id, texts }, platform), episode);
  const { from } = episode;
  const to = Math.ceil(episode.to);
  const whole = await looks.evidenceFor(to);
  const targets = targetsOf(episode.profile);
  const opened = performance.now();

  const moments: Moment[] = [];
  for (const time of momentsOf(from, to, options.every))
    moments.push(momentOf(diagnose(await looks.at(time), targets), time));
  const coarse = new Map(moments.map((moment) => [moment.at, moment]));
  const fine: Moment[] = [];
  for (const time of fineMomentsOf(episode)) {
    fine.push(coarse.get(time) ?? momentOf(diagnose(await looks.at(time), targets), time));
    // Once it has been found nothing more is learnt from looking so closely.
    if (fine.slice(-2).filter((moment) => gradeOf(moment, episode.truth) === 'right').length === 2) break;
  }
  const ablations: Record<string, Moment[]> = {};
  for (const { id, without } of options.ablations ? ABLATIONS : []) {
    const list: Moment[] = [];
    for (const time of ablationMomentsOf(from, to)) {
      const evidence = await looks.at(time);
      const parts = without(evidence);
      const same = parts[0] === evidence ? coarse.get(time) : undefined;
      list.push(same ?? momentOf(worstOf(parts.map((part) => diagnose(part, targets))), time));
    }
    ablations[id] = list;
  }
  const judged = performance.now();
  return {
    episode,
    ...(options.known ?? { source: 'simulated', calm: true, scoped: true }),
    moments,
    fine,
    ablations,
    zScore: zScoreAlarms(whole),
    cost: { build: built - began, read: opened - built, judge: judged - opened },
  };
}

/** Unix seconds judged at, every 15 s and ending with the last scrape. */
export function momentsOf(from: number, to: number, every: number = EVERY): number[] {
  const out: number[] = [];
  for (let time = to; time >= from + FIRST; time -= every) out.unshift(time);
  return out;
}

/** A subset of the moments, so that full and ablated verdicts can be held side by side. */
export function ablationMomentsOf(from: number, to: number): number[] {
  return momentsOf(from, to, ABLATION_EVERY);
}

function fineMomentsOf(episode: Omit<Episode, 'texts'>): number[] {
  const { onset, primary } = episode.truth;
  if (onset === null || primary === null || !ACUTE.includes(primary)) return [];
  if (episode.scrapeInterval > FINE.scrape) return [];
  const begin = Math.ceil(onset);
  const until = Math.min(begin + FINE.for, Math.floor(episode.truth.end ?? episode.to), Math.ceil(episode.to));
  return momentsOf(begin - FIRST, until, FINE.every);
}

/**
 * The looks at a recording. A grid of wide steps is read once per phase, since a live page puts the end of its grid on the
 * moment it looks.
 */
class Looks {
  readonly #recording: Recording;
  readonly #episode: Omit<Episode, 'texts'>;
  readonly #step: number;
  readonly #phases = new Map<number, Evidence>();

  constructor(recording: Recording, episode: Omit<Episode, 'texts'>) {
    this.#recording = recording;
    this.#episode = episode;
    this.#step = chooseStep(RANGE, episode.scrapeInterval);
  }

  /** The whole episode on the grid that has `time` on it. */
  async evidenceFor(time: number): Promise<Evidence> {
    const to = Math.ceil(this.#episode.to);
    const phase = (((to - time) % this.#step) + this.#step) % this.#step;
    const known = this.#phases.get(phase);
    if (known) return known;
    const evidence = await this.#recording.read(
      { from: 'start', to: to - phase, selector: '', step: this.#step, knobs: this.#episode.knobs },
      new AbortController().signal,
    );
    this.#phases.set(phase, evidence);
    return evidence;
  }

  async at(time: number): Promise<Evidence> {
    const evidence = await this.evidenceFor(time);
    return seenReplicas(trimEvidence(sliceEvidence(evidence, time), Math.min(time, endOf(evidence.grid)) - RANGE));
  }
}

const WORSE = { critical: 3, degraded: 2, unknown: 1, healthy: 0 } as const;

/** The verdict a person would act on who looks at each replica alone. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  const sorted = [...verdicts].sort(
    (a, b) => WORSE[b.status] - WORSE[a.status] || (b.findings[0]?.confidence ?? 0) - (a.findings[0]?.confidence ?? 0),
  );
  return sorted[0] as Verdict;
}
