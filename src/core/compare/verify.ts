import { inSentence, sayList } from '../base/say.ts';
import type { Remedy } from '../detectors/detector.ts';
import type { RankedFinding, Status, Verdict } from '../verdict/verdict.ts';
import { appliedOf } from './applied.ts';
import type { Answer, RemedyCheck, Row, Signature } from './comparison.ts';
import type { Side } from './side.ts';
import { sayRow, sayValue } from './words.ts';

/** First tokens, or finished requests where those are not counted, below which nobody can say that all is well. */
const ENOUGH = 20;
/** Factors from which load counts as fallen or risen, beyond chance: less is within what queues forgive. */
const LIGHTER = 0.8;
const HEAVIER = 1 / LIGHTER;

/** What of the rows decides, worked out once. */
export interface Ground {
  readonly before: Side;
  readonly after: Side;
  readonly rows: readonly Row[];
  /** Attainments and the status, better and worse, in words. */
  readonly gains: readonly string[];
  readonly losses: readonly string[];
  readonly statusMove: number;
  /** Critical findings that were none before. */
  readonly taken: readonly RankedFinding[];
  readonly enough: boolean;
}

const RANK: Readonly<Record<Status, number>> = { healthy: 0, degraded: 1, critical: 2, unknown: 3 };

export function groundOf(before: Side, after: Side, rows: readonly Row[]): Ground {
  // Half blind, a status is of the half that is seen.
  const known = ![before, after].some(
    ({ verdict, primary }) => verdict.status === 'unknown' || primary?.pathology === 'telemetry-gap',
  );
  const statusMove = known ? RANK[after.verdict.status] - RANK[before.verdict.status] : 0;
  // A backlog on purpose waits for throughput.
  const planned = after.judged.backlogIsPlanned;
  const shares = rows.filter(({ id }) => id.startsWith('within-') || (planned && id === 'output-tokens'));
  const status = `${before.verdict.status} before, ${after.verdict.status} after`;
  return {
    before,
    after,
    rows,
    gains: [...(statusMove < 0 ? [status] : []), ...shares.filter(isBetter).map(sayRow)],
    losses: [...(statusMove > 0 ? [status] : []), ...shares.filter(isWorse).map(sayRow)],
    statusMove,
    taken: after.verdict.findings.filter(
      ({ severity, pathology }) =>
        severity === 'critical' &&
        pathology !== 'telemetry-gap' &&
        !before.verdict.findings.some((f) => f.pathology === pathology),
    ),
    enough: known && [before, after].every(({ stretch }) => Math.max(stretch.started, stretch.finished) >= ENOUGH),
  };
}

export function isBetter({ difference, better }: Row): boolean {
  return better !== null && difference === better;
}

export function isWorse({ difference, better }: Row): boolean {
  return better !== null && (difference === 'more' || difference === 'less') && difference !== better;
}

/** One finding of before, looked for after: its state, its score and its own facts again. */
export function signatureOf(finding: RankedFinding, { after, rows }: Ground): Signature {
  const { pathology, title, severity, score } = finding;
  const again = foundAgain(after.verdict, pathology);
  const state = again?.state ?? 'cannot-tell';
  return {
    pathology,
    title,
    severity,
    after: state,
    score: { before: score, after: again?.score ?? 0 },
    because: state === 'ruled-out' ? (again?.because ?? '') : state === 'cannot-tell' ? (again?.ask ?? '') : '',
    facts: finding.facts.map((fact) => {
      const same = again?.facts.find(({ label }) => label === fact.label);
      const row = rows.find(({ id }) => id === fact.signal);
      return {
        label: fact.label,
        before: fact.says,
        after: same?.says ?? (row ? `${row.title} ${sayValue(row.after, row.unit)}` : null),
      };
    }),
  };
}

function foundAgain({ findings, ruledOut, cannotTell }: Verdict, pathology: string) {
  return [...findings, ...ruledOut, ...cannotTell].find((f) => f.pathology === pathology);
}

/** Load that fell, or rose, beyond chance, in words. @param shortens answers are shorter by the remedy's own doing */
function movedLoad({ rows }: Ground, way: 'less' | 'more', shortens: boolean): string[] {
  const far = (was: number, is: number) => (way === 'less' ? is <= LIGHTER * was : is >= HEAVIER * was);
  return rows
    .filter(
      ({ id, difference, before, after }) =>
        (['arrivals', 'prompt-length'].includes(id) || (id === 'output-length' && !shortens)) &&
        difference === way &&
        far(before as number, after as number),
    )
    .map(sayRow);
}

/**
 * Whether it helped.
 * @param signatures the findings asked about; none where nothing was wrong before
 * @param remedy what may have been done; `null` where the question is only how the two compare
 */
export function answerOf(
  ground: Ground,
  signatures: readonly Signature[],
  remedy: Remedy | null,
): { readonly answer: Answer; readonly because: readonly string[] } {
  const { gains, losses, taken, statusMove, enough } = ground;
  const gone = signatures.every(({ after }) => after === 'ruled-out');
  const goneWords = signatures.map(
    ({ title, after, because }) =>
      `${title} ${after === 'ruled-out' ? 'is gone' : after === 'detected' ? 'still stands' : 'cannot be told'}${because === '' ? '' : `: ${because}`}`,
  );
  const takenWords = taken.map(({ title }) => `${title} (critical) was not there before`);
  if (taken.length > 0 || statusMove > 0 || (losses.length > 0 && !(gone && statusMove < 0))) {
    const heavier = movedLoad(ground, 'more', false);
    const because = [...takenWords, ...losses, ...goneWords, ...gains];
    if (heavier.length === 0) return { answer: 'hurt', because };
    const more = `the load rose: ${sayList(heavier)}`;
    // Worse it is; what was done is not to blame for what came with more to do.
    return remedy === null
      ? { answer: 'hurt', because: [...because, more] }
      : { answer: 'cannot-tell', because: [`${more}, so it might have got worse by itself`, ...because] };
  }
  const blind = signatures.filter(({ after }) => after === 'cannot-tell');
  if (!enough || blind.length > 0)
    return {
      answer: 'cannot-tell',
      because: [...goneWords, ...(enough ? [] : ['too little was measured on one side to say that it is well'])],
    };
  if (gains.length === 0) return { answer: 'no-difference', because: goneWords };
  const lighter = movedLoad(ground, 'less', remedy?.flag?.includes('max_new_tokens') ?? false);
  if (lighter.length > 0)
    return {
      answer: 'cannot-tell',
      because: [`the load fell, so it might have gone by itself: ${sayList(lighter)}`, ...goneWords, ...gains],
    };
  const well = gone && losses.length === 0;
  return {
    answer: well ? 'helped' : 'relieved',
    because: [...goneWords, ...gains, ...losses, ...(well ? [] : stillThere(ground))],
  };
}

function stillThere({ after }: Ground): string[] {
  return after.verdict.findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ title, severity }) => `${inSentence(title)} (${severity}) stands after`);
}

/** Every remedy of the plan, and further ones of the leading finding where the metrics show that they were followed. */
export function remedyChecks(ground: Ground, signatures: readonly Signature[]): RemedyCheck[] {
  const { before, after } = ground;
  const { plan } = before.verdict;
  const planned = plan.steps.map(({ remedy, for: answers }) => ({ remedy, for: answers }));
  const others = (before.primary?.remedies ?? [])
    .filter((remedy) => !planned.some((one) => one.remedy.title === remedy.title))
    .map((remedy) => ({ remedy, for: [before.primary?.pathology ?? ''] }))
    .filter(({ remedy }) => appliedOf(remedy, before, after).state === 'visible');
  return [...planned, ...others].map(({ remedy, for: answers }) => {
    const applied = appliedOf(remedy, before, after);
    const { title, flag, verify, risk } = remedy;
    // Advice on what hurts nobody may stand on.
    const all = signatures.filter(({ pathology }) => answers.includes(pathology));
    const hurting = all.filter(({ severity }) => severity !== 'info');
    const own = hurting.length > 0 ? hurting : all;
    const outcome =
      applied.state === 'contradicted'
        ? { answer: 'cannot-tell' as const, because: ['it was not followed'] }
        : answerOf(ground, own, remedy);
    return { title, flag, for: answers, verify, risk, applied, ...outcome };
  });
}
