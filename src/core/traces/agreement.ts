import { inSentence, sayShare } from '../base/say.ts';
import type { RankedFinding, Verdict } from '../verdict/verdict.ts';
import type { StepKind } from './steps.ts';
import type { Summary } from './summary.ts';
import { idleOf, type State } from './sweep.ts';

/** What a profile has to say on what the metrics show, as one sentence. */
export interface Agreement {
  readonly stands: 'agrees' | 'disagrees' | 'silent';
  readonly says: string;
}

/**
 * Share of the wall time from which a profile is said to show a thing, and below which it is said not to. Between them it leans neither
 * way. Wide apart on purpose: a profiler slows the host, and a few seconds of profile are not the window the metrics were read over.
 */
const SHOWN = 0.2;
const NOT_SHOWN = 0.05;
/** A step with prefill in it this many times as long as a plain decode step makes the tokens of others wait. */
const STRETCHED = 1.5;

interface Witness {
  /** What the profile shows if the finding is right, as a ratio of something; `null` where it cannot tell. */
  readonly measure: (summary: Summary) => { readonly value: number; readonly says: string } | null;
  readonly shown: number;
  readonly notShown: number;
}

/** Findings a profile can bear witness to. */
const WITNESSES: Readonly<Record<string, Witness>> = {
  'cpu-bound': { measure: hostWait, shown: SHOWN, notShown: NOT_SHOWN },
  'gpu-underutilization': {
    measure: ({ account }) =>
      account && {
        value: idleOf(account) / account.wall,
        says: `the GPU stands still for ${share(account, 'idle')} of the time`,
      },
    shown: SHOWN,
    notShown: NOT_SHOWN,
  },
  'cuda-graph-cliff': {
    measure: (summary) => inSteps(summary, 'decode', 'host-wait', 'decode steps wait for the host'),
    shown: SHOWN,
    notShown: NOT_SHOWN,
  },
  'decode-slowdown': {
    measure: (summary) =>
      inSteps(summary, 'decode', 'attention', 'attention, which grows with context and batch, takes'),
    shown: SHOWN,
    notShown: NOT_SHOWN,
  },
  'prefill-decode-interference': { measure: stretched, shown: STRETCHED, notShown: 1.1 },
  'prefill-starvation': { measure: stretched, shown: STRETCHED, notShown: 1.1 },
};

/**
 * Ties a profile to a verdict: the first of its findings a profile can bear witness to. Without one the profile speaks of the host alone,
 * since that is what metrics see least of.
 */
export function agreementOf(summary: Summary, verdict: Verdict): Agreement {
  for (const finding of verdict.findings) {
    const witness = Object.hasOwn(WITNESSES, finding.pathology) ? WITNESSES[finding.pathology] : undefined;
    const seen = witness?.measure(summary) ?? null;
    if (witness === undefined || seen === null) continue;
    return judge(finding, seen, witness);
  }
  const primary = verdict.findings[0];
  const wait = hostWait(summary);
  if (wait === null)
    return {
      stands: 'silent',
      says: 'The profile holds no timeline of a GPU, so it has nothing to say on the verdict.',
    };
  const about =
    primary === undefined ? 'The verdict names no cause' : `A profile does not show ${inSentence(primary.title)}`;
  return wait.value >= SHOWN
    ? {
        stands: primary === undefined ? 'disagrees' : 'silent',
        says: `${about}, but ${wait.says}: look at the host, and mind that profiling itself slows it.`,
      }
    : {
        stands: 'silent',
        says: `${about}; ${wait.says}${wait.value < NOT_SHOWN ? ', so the host hardly holds it up' : ''}.`,
      };
}

function judge(finding: RankedFinding, seen: { value: number; says: string }, witness: Witness): Agreement {
  const about = inSentence(finding.title);
  if (seen.value >= witness.shown) return { stands: 'agrees', says: `The profile agrees with ${about}: ${seen.says}.` };
  if (seen.value < witness.notShown)
    return { stands: 'disagrees', says: `The profile does not bear out ${about}: ${seen.says}.` };
  return { stands: 'silent', says: `The profile leans neither way on ${about}: ${seen.says}.` };
}

function hostWait({ account, gpus }: Summary): { value: number; says: string } | null {
  if (account === null || !gpus.some(({ trace }) => trace.hasLaunches)) return null;
  return {
    value: account.states['host-wait'] / account.wall,
    says: `the GPU waits for the host ${share(account, 'host-wait')} of the time`,
  };
}

function inSteps(summary: Summary, kind: StepKind, state: State, says: string): { value: number; says: string } | null {
  const steps = summary.byKind.find((one) => one.kind === kind);
  if (steps === undefined || (state === 'host-wait' && !summary.gpus.some(({ trace }) => trace.hasLaunches)))
    return null;
  const value = steps.account.states[state] / steps.account.wall;
  return { value, says: `${says} ${sayShare(value)} of ${state === 'host-wait' ? 'their time' : 'a decode step'}` };
}

function stretched({ byKind }: Summary): { value: number; says: string } | null {
  const mean = (kind: StepKind) => {
    const steps = byKind.find((one) => one.kind === kind);
    return steps === undefined ? null : steps.account.wall / steps.count;
  };
  const [mixed, decode] = [mean('mixed') ?? mean('prefill'), mean('decode')];
  if (mixed === null || decode === null || decode === 0) return null;
  const value = mixed / decode;
  return { value, says: `a step with prefill in it is ${Number(value.toFixed(1))} times as long as a decode step` };
}

function share(account: NonNullable<Summary['account']>, state: 'idle' | 'host-wait'): string {
  return sayShare((state === 'idle' ? idleOf(account) : account.states[state]) / account.wall);
}
