import { median } from '../base/statistics.ts';
import { CRITERIA, type Criterion } from '../signals/criteria.ts';

/** One engine of a large fleet, by what it shows at a glance. */
export interface Candidate {
  readonly id: string;
  /** Engines behind one target are looked at together, since they share its process and its labels. */
  readonly instance: string;
  readonly model: string;
  /** By criterion; `null` where it is not measured. */
  readonly marks: Readonly<Record<string, number | null>>;
}

/** Who is looked at by themselves, and who is put together. */
export interface Choice {
  readonly each: readonly Chosen[];
  readonly groups: readonly Group[];
}

/** An engine that is looked at by itself. */
export interface Chosen {
  readonly id: string;
  readonly because: string;
  /** Whether it stands out so far that nothing but a fault of its own explains it. */
  readonly striking: boolean;
}

/** Engines of one model that count as their mean. */
export interface Group {
  readonly name: string;
  readonly model: string;
  readonly ids: readonly string[];
  /** Targets they are behind. */
  readonly instances: readonly string[];
  /** Those that speak for them where reading all would be too much; all of a small group. */
  readonly sample: { readonly ids: readonly string[]; readonly instances: readonly string[] };
  /** Whether they are what is left: all of the model that is named nowhere else. */
  readonly calm: boolean;
  readonly because: string;
}

/**
 * Fleets up to this size are looked at one by one: not many more than are chosen of a larger one, so that below little is saved.
 */
export const ONE_BY_ONE = 24;
/**
 * Engines of a model that are taken because they stand out, and because they do not. Peers are compared by medians and fits, so
 * those that do not must be the clear majority, as they are in the fleet.
 */
const PLACES = { worst: 4, typical: 8 } as const;
/** With several models each gets less, but never fewer than these. */
const LEAST_PLACES = { worst: 2, typical: 4 } as const;
/** Models up to which each gets all its places. */
const FEW_MODELS = 3;
/** Why one is taken that does not stand out. */
export const USUAL = 'a usual one, to compare with';
/** Robust standard deviations from the median at which an engine is worth a look, and at which it may not hide in a mean. */
const LOOK = 2;
const ODD = 3.5;
/** Twice that: of a thousand healthy engines some come near `ODD` at any time by chance, and this far none. */
const STRIKING = 7;
/** A tenth of the usual value is no difference, where peers scatter by nothing at all. */
const RELATIVE = 0.1;
/** Engines, and share of a model, from which those of one kind get a mean of their own. */
const KIND = { engines: 5, share: 0.05 } as const;
/**
 * Engines of a group that speak for it. None of them stands out, or all in the same way, so that with two dozen the standard error of
 * a mean is a fifth of what tells one of them from the next. With several models fewer of each.
 */
const SAMPLE = 24;
const LEAST_SAMPLE = 8;

/**
 * Chooses who of a large fleet is looked at by themselves: by each criterion those that stand out most, and beside them as many
 * again of those that do not, evenly over the fleet. The others are put together, so that odd ones do not vanish in a mean of
 * calm ones: by the criterion they stand out by where these are many, the odd rest, and all that are calm.
 *
 * Standing out is a distance from the model's median in robust standard deviations (1.4826 × median absolute deviation; Leys
 * 2013), so that it does not depend on what is usual here.
 */
export function choose(candidates: readonly Candidate[]): Choice {
  const models = [...new Set(candidates.map(({ model }) => model))];
  const few = Math.min(1, FEW_MODELS / models.length);
  const taken = new Map<string, string>();
  const oddness = new Map<string, Oddness>();
  for (const model of models) {
    const own = candidates.filter((one) => one.model === model);
    for (const [id, odd] of oddnessOf(own)) oddness.set(id, odd);
    const worst = Math.max(LEAST_PLACES.worst, Math.round(PLACES.worst * few));
    const typical = Math.max(LEAST_PLACES.typical, Math.round(PLACES.typical * few));
    if (own.length <= worst + typical) {
      for (const { instance } of own) taken.set(instance, taken.get(instance) ?? 'there are few of its model');
      continue;
    }
    takeWorst(own, oddness, worst, taken);
    takeTypical(own, oddness, typical, taken);
  }
  return {
    each: candidates.flatMap(({ id, instance }) => {
      const because = taken.get(instance);
      return because === undefined
        ? []
        : [{ id, because, striking: because !== USUAL && (oddness.get(id)?.most ?? 0) >= STRIKING }];
    }),
    groups: models.flatMap((model) =>
      groupsOf(
        candidates.filter((one) => one.model === model && !taken.has(one.instance)),
        oddness,
        models.length > 1 ? model : null,
        Math.max(LEAST_SAMPLE, Math.round(SAMPLE * few)),
      ),
    ),
  };
}

/** How far an engine stands out, by criterion, and by which it does most. */
interface Oddness {
  readonly by: Readonly<Record<string, number>>;
  readonly most: number;
  readonly criterion: Criterion | null;
}

function oddnessOf(engines: readonly Candidate[]): Map<string, Oddness> {
  const scales = CRITERIA.map((criterion) => {
    const marks = engines.map(({ marks }) => marks[criterion.id] ?? null);
    const middle = median(marks);
    if (middle === null) return null;
    const off = median(marks.map((mark) => (mark === null ? null : Math.abs(mark - middle)))) ?? 0;
    // Where calm engines show one number, any other one is a difference.
    const relative = middle === criterion.usual ? 0 : RELATIVE * Math.abs(middle);
    return { criterion, middle, scale: Math.max(1.4826 * off, relative, criterion.least) };
  }).filter((one) => one !== null);
  return new Map(
    engines.map(({ id, marks }) => {
      const by: Record<string, number> = {};
      let most = 0;
      let leading: Criterion | null = null;
      for (const { criterion, middle, scale } of scales) {
        const mark = marks[criterion.id] ?? null;
        if (mark === null) continue;
        const distance = ((mark - middle) / scale) * (criterion.worse === 'more' ? 1 : -1);
        by[criterion.id] = distance;
        if (distance > most) {
          most = distance;
          leading = criterion;
        }
      }
      return [id, { by, most, criterion: leading }];
    }),
  );
}

/** The worst by each criterion, then the second worst, and so on, until the places are taken. */
function takeWorst(
  engines: readonly Candidate[],
  oddness: ReadonlyMap<string, Oddness>,
  places: number,
  taken: Map<string, string>,
): void {
  const queues = CRITERIA.map((criterion) => ({
    criterion,
    queue: engines
      .map((engine) => ({ engine, distance: oddness.get(engine.id)?.by[criterion.id] ?? 0 }))
      .filter(({ distance }) => distance >= LOOK)
      .sort((a, b) => b.distance - a.distance),
  }));
  let left = places;
  for (let rank = 0; left > 0 && queues.some(({ queue }) => rank < queue.length); rank += 1) {
    for (const { criterion, queue } of queues) {
      const instance = queue[rank]?.engine.instance;
      if (left <= 0 || instance === undefined || taken.has(instance)) continue;
      taken.set(instance, criterion.because);
      left -= engines.filter((engine) => engine.instance === instance).length;
    }
  }
}

/** Evenly over all that do not stand out, in the order of their names, so that the same ones are taken at the next look. */
function takeTypical(
  engines: readonly Candidate[],
  oddness: ReadonlyMap<string, Oddness>,
  places: number,
  taken: Map<string, string>,
): void {
  const calm = engines.filter(({ id, instance }) => !taken.has(instance) && (oddness.get(id)?.most ?? 0) < ODD);
  const instances = [...new Set(calm.map(({ instance }) => instance))];
  const each = calm.length / Math.max(1, instances.length);
  const number = Math.min(instances.length, Math.max(2, Math.round(places / Math.max(1, each))));
  for (const instance of evenly(instances, number)) taken.set(instance, USUAL);
}

function groupsOf(
  engines: readonly Candidate[],
  oddness: ReadonlyMap<string, Oddness>,
  model: string | null,
  sampled: number,
): Group[] {
  const byCriterion = new Map<Criterion, Candidate[]>();
  const calm: Candidate[] = [];
  for (const engine of engines) {
    const odd = oddness.get(engine.id);
    if (!odd?.criterion || odd.most < ODD) calm.push(engine);
    else byCriterion.set(odd.criterion, [...(byCriterion.get(odd.criterion) ?? []), engine]);
  }
  const many = Math.max(KIND.engines, KIND.share * engines.length);
  const kinds = [...byCriterion].filter(([, members]) => members.length >= many);
  const mixed = [...byCriterion].filter(([, members]) => members.length < many).flatMap(([, members]) => members);
  const group = (members: readonly Candidate[], what: string, because: string): Group[] => {
    if (members.length === 0) return [];
    const name = `${members.length} other${members.length === 1 ? '' : 's'}${what}${model === null ? '' : ` (${model})`}`;
    const instances = [...new Set(members.map(({ instance }) => instance))];
    const sample = new Set(evenly(instances, Math.ceil((sampled * instances.length) / members.length)));
    return [
      {
        name,
        model: members[0]?.model ?? '',
        ids: members.map(({ id }) => id),
        instances,
        sample: {
          ids: members.filter(({ instance }) => sample.has(instance)).map(({ id }) => id),
          instances: [...sample],
        },
        calm: members === calm,
        because,
      },
    ];
  };
  return [
    ...kinds.flatMap(([criterion, members]) => group(members, ` ${criterion.others}`, `all ${criterion.others}`)),
    ...group(mixed, ' that stand out', 'they stand out, each kind too rare for a mean of its own'),
    ...group(calm, '', 'none of them stands out'),
  ];
}

/** So many of a list, evenly over it. */
export function evenly<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, k) => list[Math.floor(((k + 0.5) * list.length) / most)] as T);
}
