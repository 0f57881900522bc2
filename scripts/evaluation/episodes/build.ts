import type { Episode } from '../episode.ts';
import { instanceOf } from '../simulator/recorder.ts';
import { type Outcome, play } from '../simulator/scenario.ts';
import { Figures } from './figures.ts';
import { drawGround, type Ground } from './ground.ts';
import type { Draft, EpisodeRecipe, Strength } from './kind.ts';

/** Troubles that only make people wait: under the batch profile a backlog is the plan, so they are advice and no alarm. */
const PLANNED_UNDER_BATCH: ReadonlySet<string> = new Set([
  'overload',
  'seat-ceiling',
  'kv-bound-queueing',
  'prefill-starvation',
  'long-request-spike',
  'load-imbalance',
  'prefix-cache-collapse',
  'deferred-admission',
  'kv-transfer-stall',
]);

/** Draws of the ground, and trials of the pressure on each. */
const DRAWS = 24;
const TRIALS = 7;

/**
 * Plays a class until its own books prove the label.
 * @param note told what each trial came to
 * @throws Error if no draw does: then the recipe is wrong
 */
export function buildEpisode(
  recipe: EpisodeRecipe,
  seed: number,
  strength: Strength,
  note: (line: string) => void = () => undefined,
): Episode {
  const wish = recipe.wish(strength);
  for (let draw = 0; draw < DRAWS; draw += 1) {
    let pressure = 1;
    // Known to be too little and too much.
    let little: number | null = null;
    let much: number | null = null;
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const ground = drawGround(seedOf(recipe.id, strength, seed), wish, draw);
      const draft = recipe.draft(ground, strength, pressure);
      const outcome = play(draft.scenario);
      const proof = recipe.prove(troubleOf(outcome, draft), draft, strength);
      note(`draw ${draw} x${pressure.toFixed(2)} ${proof.verdict} ${ground.hardware} ${JSON.stringify(proof.books)}`);
      if (proof.verdict === 'holds') {
        const episode = finish(recipe, seed, strength, ground, draft, outcome, proof.books, note);
        if (episode) return episode;
        break;
      }
      if (proof.verdict === 'redraw') break;
      if (proof.verdict === 'more') little = pressure;
      else much = pressure;
      if (little !== null && much !== null) pressure = Math.sqrt(little * much);
      else pressure *= proof.verdict === 'more' ? 1.25 : 0.8;
    }
  }
  throw new Error(`${recipe.id}/${strength}/${seed}: no draw out of ${DRAWS} proves the label`);
}

/** Figures from the onset (or the first scrape) to the end of the cause (or of the episode). */
function troubleOf(outcome: Outcome, draft: Draft): Figures {
  const until = draft.countedUntil ?? draft.ends ?? draft.scenario.seconds;
  return new Figures(outcome, draft.onset ?? draft.scenario.watch.from, until);
}

function finish(
  recipe: EpisodeRecipe,
  seed: number,
  strength: Strength,
  ground: Ground,
  draft: Draft,
  outcome: Outcome,
  books: Readonly<Record<string, number>>,
  note: (line: string) => void,
): Episode | null {
  const { scenario } = draft;
  const recorder = outcome.recorder;
  if (recorder === null) return null;
  const all = new Figures(outcome, scenario.watch.from, scenario.seconds);
  const { epoch } = scenario;
  const proven: Record<string, number> = { ...books };
  if (draft.onset !== null && !draft.quiet && draft.primary !== null) {
    const calm = all.over(scenario.watch.from, draft.onset);
    proven['calm late share'] = calm.late;
    proven['calm slow share'] = calm.slow;
    proven['worst calm half minute'] = calm.worst();
    // Nobody may have been hurt before the cause.
    if (calm.late > 0.05 || calm.slow > 0.06 || calm.worst() > 0.2) {
      note(`  not calm before: ${JSON.stringify(proven)}`);
      return null;
    }
  }
  for (const [name, other] of Object.entries(draft.without ?? {})) {
    if (!other) continue;
    const figures = troubleOf(play(other, false), draft);
    const was = troubleOf(outcome, draft);
    proven[`hurt share ${name}`] = figures.hurt;
    if (figures.hurt > Math.max(0.06, 0.35 * was.hurt)) {
      note(`  still there ${name}: ${figures.hurt}`);
      return null;
    }
  }
  const shows =
    draft.onset === null ? null : (draft.shows ?? all.over(draft.onset, scenario.seconds).hurtFrom() ?? draft.onset);
  let end: number | null = null;
  if (draft.ends !== null && draft.onset !== null) {
    end = all.over(draft.ends, scenario.seconds).clearFrom(30);
  }
  const knobs: Record<string, number> = {};
  const told = ground.random.chance(0.5);
  if (told) {
    const { engine } = scenario.replicas[0] as Draft['scenario']['replicas'][number];
    knobs['max-num-seqs'] = engine.seats;
    if (ground.random.chance(0.6)) knobs['max-num-batched-tokens'] = engine.budget;
    if (ground.random.chance(0.4)) knobs['max-model-len'] = engine.maxModelLen;
  }
  if (draft.declaredPrefix !== undefined) knobs['shared-prefix-tokens'] = draft.declaredPrefix;
  const unix = (second: number | null) => (second === null ? null : epoch + second);
  return {
    id: `${recipe.id}/${strength}/${seed}`,
    kind: recipe.id,
    strength,
    hardware: ground.hardware,
    profile: ground.profile,
    knobs,
    perturbations: [
      ...ground.perturbations,
      ...draft.perturbations,
      ...(ground.replicas > 1 ? [`${scenario.replicas.length} replicas`] : []),
      ...(told ? ['knobs told'] : []),
    ],
    scrapeInterval: scenario.watch.interval,
    from: recorder.first,
    to: recorder.last,
    truth: {
      primary: draft.primary,
      lenient: draft.lenient,
      onset: unix(draft.onset),
      shows: unix(shows),
      end: unix(end),
      instances: draft.replicas.map((number) => instanceOf(scenario.watch.site, number)),
      quiet: draft.quiet || (ground.profile === 'batch' && PLANNED_UNDER_BATCH.has(draft.primary ?? '')),
      books: Object.fromEntries(Object.entries(proven).map(([name, value]) => [name, Number(value.toPrecision(4))])),
    },
    texts: [recorder.text()],
  };
}

/** Different classes and strengths of one seed share nothing. */
function seedOf(id: string, strength: Strength, seed: number): number {
  let hash = 17;
  for (const character of `${id}/${strength}`) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) | 0;
  return (Math.abs(hash) % 100_000) * 1000 + seed;
}
