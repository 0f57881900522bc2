import type { Episode, Truth } from './episode.ts';
import type { Moment, Said, Watched } from './moment.ts';

/** A label for hand-made episodes: healthy unless said otherwise. */
export function truthOf(truth: Partial<Truth> = {}): Truth {
  return {
    primary: null,
    lenient: [],
    onset: null,
    shows: null,
    end: null,
    instances: [],
    quiet: false,
    books: {},
    ...truth,
  };
}

/**
 * A moment in one word: `healthy`, `unknown`, `unexplained`, or a pathology with its confidence, `overload 0.9`; an `i` after it
 * makes it advice under a healthy status.
 */
export function momentSaying(at: number, word: string, more: Partial<Said> = {}): Moment {
  const [id = '', confidence = '0.9', advice] = word.split(' ');
  const base = { at, textbook: [], replicas: 2 };
  if (id === 'healthy' || id === 'unknown') return { ...base, status: id, findings: [] };
  if (id === 'unexplained') return { ...base, status: 'degraded', findings: [] };
  const said: Said = {
    pathology: id,
    severity: advice === 'i' ? 'info' : 'warning',
    confidence: Number(confidence),
    raw: Number(confidence),
    since: null,
    instances: [],
    ...more,
  };
  return { ...base, status: advice === 'i' ? 'healthy' : 'degraded', findings: [said] };
}

/** An episode watched every 15 s from time 0, one word per moment. */
export function watchedSaying(
  words: readonly string[],
  truth: Partial<Truth> = {},
  episode: Partial<Episode> = {},
): Watched {
  const moments = words.map((word, i) => momentSaying(15 * i, word));
  return {
    episode: {
      id: `${truth.primary ?? 'healthy'}/mild/1`,
      kind: truth.primary ?? 'healthy',
      strength: 'mild',
      hardware: 'bench',
      profile: 'chat',
      knobs: {},
      perturbations: [],
      scrapeInterval: 5,
      from: 0,
      to: 15 * (words.length - 1),
      ...episode,
      truth: truthOf(truth),
    },
    source: 'simulated',
    calm: true,
    scoped: true,
    moments,
    fine: [],
    ablations: {},
    zScore: { anomalies: [], correlations: [] },
    cost: { build: 0, read: 0, judge: 0 },
  };
}

/** `word` so many times. */
export function times(count: number, word: string): string[] {
  return Array.from({ length: count }, () => word);
}
