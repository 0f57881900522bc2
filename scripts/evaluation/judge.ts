import { endOf } from '../../src/core/base/grid.ts';
import { DETECTORS } from '../../src/core/detectors/index.ts';
import type { Evidence } from '../../src/core/evidence/evidence.ts';
import { sliceEvidence } from '../../src/core/evidence/slice.ts';
import { diagnose } from '../../src/core/verdict/diagnose.ts';
import { targetsOf } from '../../src/core/verdict/profiles.ts';
import type { Verdict } from '../../src/core/verdict/verdict.ts';
import type { Truth } from './truth.ts';

/** One recording judged against its truth, by the rules of the project's first issue. */
export interface Row {
  readonly name: string;
  readonly truth: string;
  /** Status half a minute before the onset; of healthy recordings, the worst status seen at all. */
  readonly before: string;
  /** Primary at the asked moments after the onset, e.g. `+120: overload`. */
  readonly after: string;
  /** Seconds from the true onset to the onset given; empty where there is none. */
  readonly since: string;
  readonly confidence: string;
  /** Seconds from the onset to the first right headline that stayed. */
  readonly found: string;
  readonly right: boolean;
  /** False where no detector exists yet for what really happened: shown, and neither right nor wrong. */
  readonly known: boolean;
  readonly wrong: string;
}

/** What shows in step times and lengths, and only over minutes: the bar for these is five minutes, not two. */
const SLOW_TO_SHOW: ReadonlySet<string> = new Set([
  'prefill-decode-interference',
  'decode-slowdown',
  'cuda-graph-cliff',
  'workload-shift',
  'spec-decode-collapse',
  'cpu-bound',
]);

/** Moments after the onset at which the headline must be right. A stall must be seen within its first two minutes. */
function moments(truth: Truth): number[] {
  if (truth.primary.some((id) => SLOW_TO_SHOW.has(id))) return [240];
  return truth.primary.includes('engine-stall') ? [60, 75, 90, 105, 120] : [120];
}

/** Whether a detector exists for what really happened. */
export function hasDetector(truth: Truth): boolean {
  return truth.primary.some((id) => id === 'healthy' || DETECTORS.some((d) => d.id === id));
}

/** The last five seconds of a recording show clients being cut off. */
const TAIL = 5;

/** @param evidence the whole recording, as a source read it */
export function judge(truth: Truth, evidence: Evidence): Row {
  const targets = targetsOf(/profile (batch)/.test(truth.says) ? 'batch' : 'chat');
  const at = (time: number): Verdict => diagnose(sliceEvidence(evidence, time), targets);
  const end = endOf(evidence.grid) - TAIL;
  const known = hasDetector(truth);
  const row = { name: truth.name, truth: truth.primary.join(' or '), known };
  if (truth.onset === null) {
    const wrong: string[] = [];
    let times = 0;
    for (let t = evidence.grid.from + 30; t <= end; t += 15) {
      times++;
      const verdict = at(t);
      if (verdict.status !== 'healthy')
        wrong.push(
          `+${Math.round(t - evidence.grid.from)} ${verdict.status} ${verdict.findings[0]?.pathology ?? ''}`.trim(),
        );
    }
    return {
      ...row,
      before: wrong.length === 0 ? 'healthy' : 'not always',
      after: `${times} times`,
      since: '',
      confidence: '',
      found: '',
      right: wrong.length === 0,
      wrong: wrong.join(', '),
    };
  }
  const onset = truth.start + truth.onset;
  const always = truth.calm === false;
  const wrong: string[] = [];
  const before = at(onset - 30);
  if (!always && before.status !== 'healthy') wrong.push(`${before.status} at onset − 30 s`);
  const asked = moments(truth).map((d) => ({ d, verdict: at(onset + d) }));
  for (const { d, verdict } of asked) {
    const primary = verdict.findings[0];
    if (!primary || !truth.primary.includes(primary.pathology))
      wrong.push(`${primary?.pathology ?? verdict.status} at + ${d} s`);
  }
  const last = asked[asked.length - 1]?.verdict.findings[0];
  const offset = last?.since === null || last === undefined ? null : last.since - onset;
  if (!always && offset === null) wrong.push('no onset');
  else if (!always && offset !== null && (offset < -15 || offset > truth.shows + 45))
    wrong.push(`since ${Math.round(offset)} s off`);
  return {
    ...row,
    before: always ? '' : before.status,
    after: [...new Set(asked.map(({ verdict }) => verdict.findings[0]?.pathology ?? verdict.status))].join(', '),
    since: offset === null ? '' : `${offset >= 0 ? '+' : '−'}${Math.abs(Math.round(offset))} s`,
    confidence: last ? last.confidence.toFixed(2) : '',
    found: foundAt(truth, onset, end, at),
    right: wrong.length === 0,
    wrong: wrong.join(', '),
  };
}

function foundAt(truth: Truth, onset: number, end: number, at: (time: number) => Verdict): string {
  const until = Math.min(end, onset + (truth.lasts ?? 240));
  let since: number | null = null;
  for (let t = onset; t <= until; t += 5) {
    const primary = at(t).findings[0];
    if (primary && truth.primary.includes(primary.pathology)) since ??= t;
    else since = null;
  }
  return since === null ? 'never' : `${Math.round(since - onset)} s`;
}
