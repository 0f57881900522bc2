import { inSentence, sayList } from '../base/say.ts';
import type { Remedy } from '../detectors/detector.ts';
import { MENDED_FIRST } from './edges.ts';
import type { RankedFinding } from './verdict.ts';

/** One thing to do, and what it is for. */
export interface PlanStep {
  readonly remedy: Remedy;
  /** Ids of the findings it answers, the one it came from first. */
  readonly for: readonly string[];
}

/** Advice that is not followed now, and why. */
export interface HeldBack {
  readonly pathology: string;
  readonly title: string;
  readonly because: string;
}

export interface Plan {
  readonly steps: readonly PlanStep[];
  readonly heldBack: readonly HeldBack[];
}

/**
 * The advice of all findings as one ordered list without contradictions: the first remedy of each finding that stands on its
 * own, in the order of the findings. Held back are
 * - remedies of effects: treating a symptom changes what is measured, and may be for nothing once its cause is gone. Where the
 *   cause is nothing that ends (`MENDED_FIRST`), the effect's comes first instead;
 * - remedies that pull a setting the other way than a step before them;
 * - remedies that set the same thing again, which then counts for both;
 * - a second number of replicas, wherever the first stands among the remedies of a finding before: two sizings count from
 *   different things, and only one of them can be run.
 * Cost and advice (`info`) stand behind what hurts.
 */
export function planOf(findings: readonly RankedFinding[]): Plan {
  const steps: { remedy: Remedy; for: string[] }[] = [];
  const heldBack: HeldBack[] = [];
  const order = findings
    .map((finding, i) => {
      // Just before the first cause that waits for it.
      const cause = findings.findIndex((f) => f.explains.includes(finding.pathology) && isMendedFirst(f, finding));
      return { finding, place: cause >= 0 && cause < i ? cause - 0.5 : i };
    })
    .sort((a, b) => Number(a.finding.severity === 'info') - Number(b.finding.severity === 'info') || a.place - b.place)
    .map(({ finding }) => finding);
  for (const finding of order) {
    const remedy = finding.remedies[0];
    if (!remedy) continue;
    const causes = findings.filter((f) => f !== finding && f.model === finding.model && leads(f, finding, findings));
    if (causes.length > 0) {
      heldBack.push({
        pathology: finding.pathology,
        title: remedy.title,
        because: `${finding.title} follows from ${sayList(causes.map((c) => inSentence(c.title)))}; look again when that is gone.`,
      });
      continue;
    }
    const size = isSize(remedy) ? sizeBefore(order, finding) : null;
    if (size) {
      heldBack.push({
        pathology: finding.pathology,
        title: remedy.title,
        because: `“${size.remedy.title}” is the size for ${inSentence(size.finding.title)}; size once, then look again.`,
      });
      continue;
    }
    const same = steps.find(
      (step) => setsToo(step.remedy, remedy) || (remedy.knob !== null && step.remedy.knob === remedy.knob),
    );
    if (!same) {
      steps.push({ remedy, for: [finding.pathology] });
      continue;
    }
    if (same.remedy.knob === remedy.knob && direction(same.remedy) * direction(remedy) < 0) {
      heldBack.push({
        pathology: finding.pathology,
        title: remedy.title,
        because: `It would pull ${remedy.knob} the other way than “${same.remedy.title}”, which comes first.`,
      });
    } else same.for.push(finding.pathology);
  }
  return { steps, heldBack };
}

/** Whether a remedy is a number of replicas: what is counted without being a setting. */
function isSize({ knob, flag, from, to }: Remedy): boolean {
  return knob === null && flag === null && typeof from === 'number' && typeof to === 'number';
}

/** The number of replicas that a finding of the same model before this one asks for. */
function sizeBefore(
  order: readonly RankedFinding[],
  finding: RankedFinding,
): { readonly finding: RankedFinding; readonly remedy: Remedy } | null {
  for (const other of order.slice(0, order.indexOf(finding))) {
    const remedy = other.model === finding.model ? other.remedies.find(isSize) : undefined;
    if (remedy) return { finding: other, remedy };
  }
  return null;
}

function isMendedFirst(cause: RankedFinding, effect: RankedFinding): boolean {
  return (MENDED_FIRST[cause.pathology] ?? []).includes(effect.pathology);
}

/** Whether `one`, which may set several things, sets all that `other` sets, to the same values. */
function setsToo(one: Remedy, other: Remedy): boolean {
  return one.flag !== null && other.flag !== null && ` ${one.flag} `.includes(` ${other.flag} `);
}

/** Whether `cause` accounts for `effect` and stands before it: in a circle the one ranked higher leads. */
function leads(cause: RankedFinding, effect: RankedFinding, ranked: readonly RankedFinding[]): boolean {
  if (!cause.explains.includes(effect.pathology) || isMendedFirst(cause, effect)) return false;
  return ranked.indexOf(cause) < ranked.indexOf(effect);
}

/** 1 where the setting is raised, −1 where it is lowered, 0 where that cannot be said. */
function direction({ from, to }: Remedy): number {
  return typeof from === 'number' && typeof to === 'number' ? Math.sign(to - from) : 0;
}
