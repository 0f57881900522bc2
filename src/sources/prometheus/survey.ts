import { type Candidate, choose, type Choice } from '../../core/evidence/choose.ts';
import { compileCriterion, type NamesOf } from '../../core/promql/fleet.ts';
import { CRITERIA } from '../../core/signals/criteria.ts';
import { engineOf } from '../../core/signals/grouping.ts';
import { signalById } from '../../core/signals/index.ts';
import type { GridSeries } from '../../core/signals/readout.ts';
import type { Matcher } from '../../core/signals/selector.ts';
import { SourceError } from '../errors.ts';
import { inOrder } from './in-order.ts';

/** Which engines there are in a large fleet, who of them is read by themselves, and what stands for the others. */
export interface Survey {
  readonly choice: Choice;
  readonly candidates: readonly Candidate[];
  /** By what nobody was looked for, since the server refused to tell: sentences. */
  readonly blind: readonly string[];
}

/** Labels by which an engine is known. */
type Labels = Readonly<Record<string, string>>;

/**
 * Looks at every engine once, a number each by each criterion, and chooses. Engines that ran at any time of the window count.
 * @param ask gives the answer of an instant query
 * @param range seconds of the window
 * @throws what `ask` throws where not even the engines can be told; another question that fails is left out and said
 */
export async function survey(
  ask: (query: string) => Promise<readonly GridSeries[]>,
  namesOf: NamesOf,
  matchers: readonly Matcher[],
  range: number,
): Promise<Survey> {
  const asked = new Set<string>();
  const blind: string[] = [];
  const answers = new Map(
    await inOrder(CRITERIA, async (criterion): Promise<readonly [string, readonly GridSeries[]]> => {
      const query = compileCriterion(criterion, namesOf, matchers, range);
      if (query === null) return [criterion.id, []];
      try {
        const answer = await ask(query);
        asked.add(criterion.id);
        return [criterion.id, answer];
      } catch (error) {
        // Who is there has to be known; by what they stand out is worth having.
        if (!(error instanceof SourceError) || error.problem === 'aborted' || criterion.measure.how === 'gaps')
          throw error;
        blind.push(`Replicas ${criterion.others} could not be looked for: ${error.message}`);
        return [criterion.id, []];
      }
    }),
  );
  const engines = new Map<string, { instance: string; model: string }>();
  const samples = new Map<string, number>();
  for (const { labels, values } of answers.get('gaps') ?? []) {
    engines.set(keyOf(labels), { instance: labels.instance ?? '', model: labels.model_name ?? '' });
    samples.set(keyOf(labels), values[0] ?? 0);
  }
  const most = Math.max(1, ...samples.values());
  const marks = CRITERIA.map((criterion) => {
    const of = new Map<string, number>();
    const { level } = signalById(criterion.measure.of);
    for (const { labels, values } of answers.get(criterion.id) ?? []) {
      const value = values[0] ?? null;
      if (value !== null) of.set(level === 'target' ? (labels.instance ?? '') : keyOf(labels), value);
    }
    return { criterion, level, of };
  });
  const candidates = [...engines].map(
    ([key, { instance, model }]): Candidate => ({
      id: key,
      instance,
      model,
      marks: Object.fromEntries(
        marks.map(({ criterion, level, of }) => [
          criterion.id,
          criterion.measure.how === 'gaps'
            ? 1 - (samples.get(key) ?? 0) / most
            : (of.get(level === 'target' ? instance : key) ??
              (asked.has(criterion.id) ? (criterion.usual ?? null) : null)),
        ]),
      ),
    }),
  );
  candidates.sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
  return { candidates, choice: choose(candidates), blind };
}

function keyOf(labels: Labels): string {
  return [labels.instance ?? '', engineOf(labels), labels.model_name ?? ''].join(' ');
}
