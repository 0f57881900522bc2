import type { Finding } from '../detectors/detector.ts';
import type { RankedFinding, Status, Verdict } from '../verdict/verdict.ts';

/** How things stand after one look, as far as somebody is told of a change. Plain JSON, kept over restarts. */
export interface Stand {
  readonly status: Status;
  /** Pathology of the primary finding; `null` without one that harms. */
  readonly primary: string | null;
  readonly severity: Finding['severity'] | null;
  /** Replicas the primary finding is about, sorted; empty without one. */
  readonly instances: readonly string[];
  readonly model: string | null;
  /** 0 to 0.95; `null` without a finding. */
  readonly confidence: number | null;
  /** One sentence a person can read out. */
  readonly headline: string;
  readonly lede: string;
  /** Unix seconds of the onset of the primary finding; `null` if unknown. */
  readonly since: number | null;
  /** Why nothing could be read; `null` where it could, whatever came of it. */
  readonly blind: string | null;
}

export type Difference = 'status' | 'primary' | 'severity' | 'scope';

/** How things stand by a verdict. A finding that only costs or advises is no reason to call anybody. */
export function standOf(verdict: Verdict): Stand {
  const primary = harmful(verdict);
  return {
    status: verdict.status,
    primary: primary?.pathology ?? null,
    severity: primary?.severity ?? null,
    instances: primary ? [...primary.scope.instances].sort() : [],
    model: primary?.model ?? null,
    confidence: primary?.confidence ?? null,
    headline: verdict.headline,
    lede: verdict.lede,
    since: primary?.since ?? null,
    blind: null,
  };
}

/** How things stand where the source could not be read: nobody knows, which is never health. @param why one sentence */
export function blindStand(why: string): Stand {
  return {
    status: 'unknown',
    primary: null,
    severity: null,
    instances: [],
    model: null,
    confidence: null,
    headline: 'Cannot tell: the source cannot be read',
    lede: why,
    since: null,
    blind: why,
  };
}

/** In what two stands differ; confidence and wording alone are no change. Empty for none. */
export function differencesBetween(before: Stand, after: Stand): Difference[] {
  const found: Difference[] = [];
  if (before.status !== after.status) found.push('status');
  if (before.primary !== after.primary) found.push('primary');
  if (before.severity !== after.severity) found.push('severity');
  if (before.model !== after.model || before.instances.join('\n') !== after.instances.join('\n')) found.push('scope');
  return found;
}

function harmful(verdict: Verdict): RankedFinding | null {
  const [primary] = verdict.findings;
  return primary && primary.severity !== 'info' ? primary : null;
}
