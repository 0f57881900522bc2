import { endOf } from '../base/grid.ts';
import { inSentence, sayDuration, sig } from '../base/say.ts';
import type { Fact, Finding, Remedy } from '../detectors/detector.ts';
import type { Coverage } from '../evidence/evidence.ts';
import type { RankedFinding, Verdict } from './verdict.ts';

/** RFC 3339 in UTC, whole seconds. */
export function formatInstant(unixSeconds: number): string {
  return new Date(Math.round(unixSeconds) * 1000).toISOString().replace('.000Z', 'Z');
}

export interface VerdictJson {
  readonly schema: 'vllm-triage/verdict/1';
  readonly [key: string]: unknown;
}

/** The verdict in the form of contract.md §3. Plain JSON; lines over time are left out. */
export function toJson(verdict: Verdict, version: string): VerdictJson {
  return {
    schema: 'vllm-triage/verdict/1',
    generatedBy: { name: 'vllm-triage', version },
    at: formatInstant(verdict.at),
    range: {
      from: formatInstant(verdict.grid.from),
      to: formatInstant(endOf(verdict.grid)),
      stepSeconds: verdict.grid.step,
    },
    scope: { selector: verdict.selector, models: verdict.models, instances: verdict.instances },
    profile: verdict.profile,
    status: verdict.status,
    headline: verdict.headline,
    lede: verdict.lede,
    findings: verdict.findings.map(findingJson),
    plan: {
      steps: verdict.plan.steps.map(({ remedy, for: answers }) => ({ for: answers, ...remedyJson(remedy) })),
      heldBack: verdict.plan.heldBack,
    },
    motion: verdict.motion,
    ruledOut: verdict.ruledOut.map((f) => ({
      pathology: f.pathology,
      because: f.because,
      facts: f.facts.map(factJson),
    })),
    cannotTell: verdict.cannotTell.map((f) => ({ pathology: f.pathology, missing: f.missing, ask: f.ask })),
    earlier: verdict.earlier.map((e) => ({ ...e, from: formatInstant(e.from), to: formatInstant(e.to) })),
    textbook: verdict.textbook.map(({ pathology, rule, fires, because, disagrees }) => ({
      pathology,
      rule,
      fires: fires ?? false,
      evaluable: fires !== null,
      because,
      disagrees,
    })),
    attainment: verdict.attainment.map(({ metric, target, now, before, observed }) => ({
      metric,
      target,
      now,
      before,
      observed: Math.round(observed),
    })),
    signals: verdict.signals,
    ...(verdict.coverage === undefined ? {} : { coverage: verdict.coverage }),
    warnings: verdict.warnings,
  };
}

function findingJson(f: RankedFinding): Record<string, unknown> {
  return {
    pathology: f.pathology,
    variant: f.variant,
    role: f.role,
    severity: f.severity,
    confidence: Number(f.confidence.toFixed(3)),
    scope: { kind: f.scope.kind, instances: f.scope.instances, model: f.model },
    since: f.since === null ? null : formatInstant(f.since),
    facts: f.facts.map(factJson),
    story: f.story && {
      changed: f.story.changed && {
        ...f.story.changed,
        at: f.story.changed.at === null ? null : formatInstant(f.story.changed.at),
      },
      broke: f.story.broke && {
        ...f.story.broke,
        at: f.story.broke.at === null ? null : formatInstant(f.story.broke.at),
      },
      hurts: f.story.hurts && {
        ...f.story.hurts,
        at: f.story.hurts.at === null ? null : formatInstant(f.story.hurts.at),
      },
    },
    explains: f.explains,
    remedies: f.remedies.map(remedyJson),
    willNotHelp: f.willNotHelp,
  };
}

/** Numbers alone, as the contract says; what a setting is called otherwise stands in the flag. */
function remedyJson({ steps, ...remedy }: Remedy): Record<string, unknown> {
  return {
    ...remedy,
    from: typeof remedy.from === 'number' ? remedy.from : null,
    to: typeof remedy.to === 'number' ? remedy.to : null,
    arithmetic: steps.map((s) => `${s.sum} = ${s.result}`).join('; '),
  };
}

function factJson(f: Fact): Record<string, unknown> {
  return { signal: f.signal, says: f.says, observed: f.observed, expected: f.expected, unit: f.unit, query: f.query };
}

const BAND = (confidence: number): string =>
  confidence >= 0.8 ? 'very likely' : confidence >= 0.6 ? 'likely' : confidence >= 0.4 ? 'possible' : 'a guess';

/** Words for a confidence, the same everywhere (pathologies.md §6). */
export function sayConfidence(confidence: number): string {
  return BAND(confidence);
}

/** For a terminal: the answer first, then the proof, then what was not checked. */
export function toText(verdict: Verdict): string {
  const out: string[] = [];
  const primary = verdict.findings[0];
  out.push(`${verdict.status.toUpperCase()}  ${verdict.headline}`);
  if (primary && verdict.status !== 'unknown') {
    const since =
      primary.since === null
        ? 'since before this window'
        : `since ${formatInstant(primary.since)} (${sayDuration(verdict.at - primary.since)})`;
    out.push(`${since} · ${sayConfidence(primary.confidence)} (${primary.confidence.toFixed(2)})`);
  }
  if (verdict.lede) out.push(verdict.lede);
  const motion = shownMotion(verdict);
  if (motion) out.push(motion);
  const body = primary ? findingText(primary) : verdict.assurances.map((f) => `  ${f.says}`);
  out.push(...body);
  out.push(...planText(verdict));
  const also = verdict.findings.slice(1);
  if (also.length > 0)
    out.push(
      '',
      'also',
      ...also.map(
        (f) =>
          `  ${f.title} (${f.severity}, ${f.confidence.toFixed(2)})${primary?.explains.includes(f.pathology) ? ', an effect of the above' : ''}`,
      ),
    );
  if (verdict.ruledOut.length > 0)
    out.push('', 'ruled out, because', ...verdict.ruledOut.map((f) => `  ${f.title}: ${f.because}`));
  if (verdict.cannotTell.length > 0)
    out.push('', 'cannot tell', ...verdict.cannotTell.map((f) => `  ${f.title}: ${f.ask}`));
  const odd = verdict.textbook.filter((t) => t.disagrees !== '');
  if (odd.length > 0) out.push('', 'textbook rules that disagree', ...odd.map((t) => `  ${t.rule}: ${t.disagrees}`));
  if (verdict.coverage !== undefined) out.push(...coverageText(verdict.coverage));
  if (verdict.warnings.length > 0) out.push('', 'warnings', ...verdict.warnings.map((w) => `  ${w}`));
  return `${out.join('\n')}\n`;
}

/** "It is not hung" and its kin, with its replica where there are several: asked as soon as something hurts. `null` for a healthy fleet. */
export function shownMotion({ status, motion, instances }: Verdict): string | null {
  if (status === 'healthy' || motion === null || motion.movement === 'idle') return null;
  return instances.length > 1 ? `${motion.replica} – ${inSentence(motion.says)}` : motion.says;
}

/** Who of a large fleet was looked at one by one, by the reason they were taken. */
function coverageText({ each, means }: Coverage): string[] {
  const reasons = [...new Set(each.map(({ because }) => because))];
  const named = (because: string) => each.filter((one) => one.because === because).map(({ replica }) => replica);
  return [
    '',
    'looked at one by one, because',
    ...reasons.map((because) => `  ${because}: ${named(because).join(', ')}`),
    'as a mean',
    ...means.map(({ replica, because }) => `  ${replica}: ${because}`),
  ];
}

/** The plan, where it holds more than what the primary finding says already. */
function planText({ plan }: Verdict): string[] {
  const then = plan.steps.slice(1);
  return [
    ...(then.length === 0 ? [] : ['', 'then']),
    ...then.map(({ remedy }) => `  ${remedy.title}${remedy.flag ? `: ${remedy.flag}` : ''}`),
    ...(plan.heldBack.length === 0 ? [] : ['', 'held back']),
    ...plan.heldBack.map(({ title, because }) => `  ${title}: ${because}`),
  ];
}

function findingText(f: Finding): string[] {
  const out =
    f.facts.length === 0
      ? []
      : ['', 'because', ...f.facts.map((x) => `  ${x.says}${x.compared ? ` (${x.compared})` : ''}`)];
  if (f.story) {
    const chapters = [
      ['changed', f.story.changed],
      ['broke', f.story.broke],
      ['hurts', f.story.hurts],
    ] as const;
    for (const [word, chapter] of chapters) if (chapter) out.push(`${word.padEnd(8)}${chapter.title}: ${chapter.says}`);
  }
  const [first, ...others] = f.remedies;
  if (first) {
    out.push('', `do now   ${first.title}${first.needsRestart ? ' (needs a restart)' : ''}`);
    if (first.flag) out.push(`  ${first.flag}${first.from === null ? '' : `    was ${first.from}`}`);
    out.push(
      ...first.steps.map((s) => `  ${s.sum} = ${s.result}`),
      `  expect  ${first.expect}`,
      `  costs   ${first.risk}`,
      `  verify  ${first.verify}`,
    );
  }
  if (others.length > 0) out.push('instead', ...others.map((r) => `  ${r.title}${r.flag ? `: ${r.flag}` : ''}`));
  if (f.willNotHelp.length > 0) out.push('will not help', ...f.willNotHelp.map((n) => `  ${n.title}: ${n.why}`));
  return out;
}

/** One line of a replay for people: time, status, primary, confidence. */
export function toLine(verdict: Verdict): string {
  const primary = verdict.findings[0];
  return `${formatInstant(verdict.at)}  ${verdict.status.padEnd(8)}  ${primary ? `${primary.pathology} ${sig(primary.confidence)}` : verdict.headline}`;
}
