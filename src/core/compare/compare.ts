import type { Evidence } from '../evidence/evidence.ts';
import { modelsOf, restrictToModel } from '../evidence/slice.ts';
import type { Targets } from '../verdict/profiles.ts';
import type { Answer, Comparison, ModelComparison, Section } from './comparison.ts';
import { configurationRows } from './configuration.ts';
import { numberRows } from './numbers.ts';
import { judge, momentOf, secondsCompared, sideOf } from './side.ts';
import { answerOf, groundOf, isWorse, remedyChecks, signatureOf } from './verify.ts';
import { sayRow } from './words.ts';

/**
 * Two moments side by side, model by model: what was different from the start, what came of it, and whether what the verdict of
 * before advises helped. Pure. Each side is judged whole, as `diagnose` would; numbers are of as many seconds at the end of both.
 * @returns an answer for any evidence; where one side holds nothing, that it cannot be told. Throws nothing.
 */
export function compare(before: Evidence, after: Evidence, targets: Targets): Comparison {
  const [was, is] = [modelsOf(before), modelsOf(after)];
  // One model on each side is the same deployment, whatever it is called now.
  const pairs =
    was.length === 1 && is.length === 1
      ? [[was[0] as string, is[0] as string] as const]
      : was.filter((model) => is.includes(model)).map((model) => [model, model] as const);
  const models = pairs.map(([first, second]) =>
    compareModel(restrictToModel(before, first), restrictToModel(after, second), second, targets),
  );
  const unmatched = [
    ...was
      .filter((model) => !pairs.some(([first]) => first === model))
      .map((model) => ({ model, side: 'before' as const })),
    ...is
      .filter((model) => !pairs.some(([, second]) => second === model))
      .map((model) => ({ model, side: 'after' as const })),
  ];
  const answers = models.map(({ answer }) => answer);
  const answer = models.length === 0 ? 'cannot-tell' : (WORST_FIRST.find((one) => answers.includes(one)) as Answer);
  return { profile: targets.profile, answer, models, unmatched };
}

const WORST_FIRST: readonly Answer[] = ['hurt', 'cannot-tell', 'relieved', 'no-difference', 'helped'];

const TITLES: readonly (readonly [Section['id'], string])[] = [
  ['configuration', 'Configuration'],
  ['workload', 'Workload'],
  ['load', 'Load'],
  ['outcome', 'Outcome'],
];

function compareModel(first: Evidence, second: Evidence, model: string, targets: Targets): ModelComparison {
  const judgements = [judge(first, targets), judge(second, targets)] as const;
  const seconds = secondsCompared(...judgements);
  const [before, after] = [sideOf(judgements[0], seconds), sideOf(judgements[1], seconds)];
  const numbers = numberRows(before, after, targets);
  const rows = numbers.map(({ row }) => row);
  const ground = groundOf(before, after, rows);
  const signatures = before.verdict.findings.map((finding) => signatureOf(finding, ground));
  const leading = signatures.filter(({ pathology }) => pathology === before.primary?.pathology);
  const remedies = remedyChecks(ground, signatures);
  // What was done decides what a shorter answer comes from.
  const open = remedies.filter(
    ({ applied, for: answers }) =>
      applied.state !== 'contradicted' && answers.includes(before.primary?.pathology ?? ''),
  );
  const { answer, because } =
    open.find(({ applied }) => applied.state === 'visible') ?? open[0] ?? answerOf(ground, leading, null);
  return {
    model,
    before: momentOf(before),
    after: momentOf(after),
    sections: TITLES.map(([id, title]) => ({
      id,
      title,
      rows:
        id === 'configuration'
          ? configurationRows(before, after)
          : numbers.filter(({ section }) => section === id).map(({ row }) => row),
    })),
    signatures,
    answer,
    because,
    price: rows.filter(isWorse).map(sayRow),
    remedies,
  };
}
