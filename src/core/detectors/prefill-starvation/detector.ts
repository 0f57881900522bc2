import type { Values } from '../../base/grid.ts';
import { sayCount, sayDuration, sayShare, sig } from '../../base/say.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { countOf } from '../../evidence/stand-in.ts';
import { type Stretch, stretchOf } from '../../evidence/stretch.ts';
import { meanOver } from '../../evidence/trace.ts';
import type { Detector, Finding, Remedy } from '../detector.ts';
import { confidenceOf, detected, fact } from '../finding.ts';
import { type Signature, study } from '../study.ts';
import { changedOf, hurtsOf } from '../story.ts';
import { meanOf, rateOf } from '../trace-back.ts';
import { starvationOf } from './starvation.ts';

export const prefillStarvation: Detector = {
  id: 'prefill-starvation',
  title: 'Prefill starvation',
  mechanism:
    'Decodes are scheduled first and eat the token budget of every step, so a prompt is cut into many small chunks and its first token comes late, while running answers flow normally.',
  needs: ['prefill-time', 'itl', 'output-tokens', 'running'],
  judge(judged) {
    return study(this, judged, SIGNATURE, ({ sighting, engines, then, now, standing }) => {
      const budget = judged.evidence.knobs['max-num-batched-tokens'] ?? null;
      return detected(this, {
        ...standing,
        confidence: confidenceOf(
          sighting.score,
          sighting.persistence,
          budget === null ? 0.85 : 1,
          budget === null ? 0.95 : 1,
          budget === null ? 0.85 : 0.95,
        ),
        lede: `A prompt needs ${sig(chunksOf(now) ?? 0)} steps instead of one or two, while running answers keep their pace.${(now.waitingLast ?? 0) >= 1 ? ` ${sayCount(now.waitingLast ?? 0, 'request')} wait.` : ''}`,
        facts: factsOf(judged, engines, then, now),
        story: {
          changed: changedOf(then, now),
          broke: {
            at: standing.since,
            title: 'Decodes took the token budget',
            says: `${sig(now.running ?? 0)} running take ${sayShare(shareOfDecodes(now) ?? 0)} of the tokens of a step`,
          },
          hurts: hurtsOf(judged, engines, now),
        },
        remedies: remediesOf(engines, now, budget),
        willNotHelp: [
          { title: 'Enabling chunked prefill', why: 'it is on; the chunks are too small' },
          { title: 'More seats', why: 'more decodes would leave even less for prompts' },
        ],
        missing: budget === null ? ['step-tokens'] : [],
        ask: budget === null ? 'Tell max-num-batched-tokens; no metric carries it.' : '',
      });
    });
  },
};

const SIGNATURE: Signature = {
  ask: 'Scrape the prefill-time and inter-token-latency histograms, and tell max-num-batched-tokens.',
  strength: (judged, engine) => Array.from({ length: judged.grid.count }, (_, i) => starvationOf(judged, engine, i)),
  early: earlySign,
  whyNot,
};

function chunksOf(now: Stretch): number | null {
  return now.prefill === null || now.itl === null || now.itl <= 0 ? null : now.prefill / now.itl;
}

function shareOfDecodes(now: Stretch): number | null {
  return now.output === null || now.computed === null ? null : now.output / Math.max(1e-9, now.output + now.computed);
}

function earlySign(judged: Judged, engine: Engine): Values {
  const { trace } = engine;
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const ttft = meanOver(trace.ttft, judged.grid, i, judged.grid.step * 2);
    if (ttft === null) return null;
    const bound = engine.admission.binding[i] === 'engine' && (engine.harm.wait[i] ?? 0) > 0.1 * judged.limits.ttft;
    return ttft > judged.limits.ttft || bound ? 1 : 0;
  });
}

function factsOf(judged: Judged, engines: readonly Engine[], then: Stretch, now: Stretch): Finding['facts'] {
  const one = engines[0] as Engine;
  const chunks = chunksOf(now) ?? 0;
  const before = chunksOf(then);
  return [
    fact({
      signal: 'prefill-time',
      says: `a prompt needs ${sig(chunks)} steps`,
      figure: sig(chunks),
      label: 'steps from first scheduled to first token',
      compared: before === null ? 'normal 1–2' : `before ${sig(before)}`,
      detail: `prefill ${sayDuration(now.prefill ?? 0)} ÷ step ${sayDuration(now.itl ?? 0)}`,
      observed: chunks,
      expected: before ?? 2,
      unit: 'count',
      query: `(${meanOf(judged, engines, 'prefill-time', now.seconds)}) / (${meanOf(judged, engines, 'itl', now.seconds)})`,
      trend: null,
    }),
    fact({
      signal: 'output-tokens',
      says: `decodes take ${sayShare(shareOfDecodes(now) ?? 0)} of the tokens of a step`,
      figure: sayShare(shareOfDecodes(now) ?? 0),
      label: 'of each step goes to running answers',
      compared: shareOfDecodes(then) === null ? '' : `before ${sayShare(shareOfDecodes(then) as number)}`,
      detail: `${sig(((now.output ?? 0) + (now.computed ?? 0)) / Math.max(1e-9, now.steps ?? 1))} tokens a step in all`,
      observed: shareOfDecodes(now),
      expected: shareOfDecodes(then),
      unit: 'ratio',
      query: `${rateOf(judged, engines, 'output-tokens', now.seconds)} / (${rateOf(judged, engines, 'output-tokens', now.seconds)} + ${rateOf(judged, engines, 'computed-prompt-tokens', now.seconds)})`,
      trend: one.trace.output,
    }),
    fact({
      signal: 'itl',
      says: `running answers get a token every ${sayDuration(now.itl ?? 0)}`,
      figure: sayDuration(now.itl ?? 0),
      label: 'between tokens: running answers are fine',
      compared: `target ${sayDuration(judged.limits.tbt)}`,
      detail: then.itl === null ? '' : `before ${sayDuration(then.itl)}`,
      observed: now.itl,
      expected: judged.limits.tbt,
      unit: 'seconds',
      query: meanOf(judged, engines, 'itl', now.seconds),
      trend: null,
    }),
  ];
}

function remediesOf(engines: readonly Engine[], now: Stretch, budget: number | null): Remedy[] {
  const perStep = ((now.output ?? 0) + (now.computed ?? 0)) / Math.max(1e-9, now.steps ?? 1) / countOf(engines);
  const running = Math.ceil((now.running ?? 0) / countOf(engines));
  const chunk = Math.min(2048, Math.max(256, Math.ceil((now.prompt ?? 512) / 2 / 256) * 256));
  const to = Math.ceil((running + chunk) / 256) * 256;
  const was = budget ?? Math.round(perStep);
  return [
    {
      title: `Raise the token budget to ${to}`,
      knob: 'max-num-batched-tokens',
      from: budget,
      to,
      flag: `--max-num-batched-tokens ${to}`,
      why: `${running} running answers take ${running} tokens of every step; with ${budget === null ? `about ${was} (measured)` : was} a step little is left for prompts.`,
      steps: [
        { sum: budget === null ? `tokens a step, measured` : 'today', result: `${was}` },
        { sum: `${running} decodes + a chunk of ${chunk}, up to a multiple of 256`, result: `${to} tokens` },
        {
          sum: `${sig(now.prompt ?? 0)} prompt tokens ÷ ${chunk}`,
          result: `${Math.ceil((now.prompt ?? 0) / chunk)} steps a prompt`,
        },
      ],
      expect: `Prefill falls from ${sayDuration(now.prefill ?? 0)} to about ${sayDuration(Math.max(1, Math.ceil((now.prompt ?? 0) / chunk)) * (now.itl ?? 0.05) * 2)}.`,
      risk: 'Steps that carry a chunk take longer, so the tail of inter-token latency grows; watch it against the target.',
      verify: 'Within 5 min: prefill time is one or two steps, TTFT is back on target, time per token still on target.',
      needsRestart: true,
    },
  ];
}

function whyNot(judged: Judged): string {
  const now = stretchOf(
    judged.engines,
    judged.grid,
    Math.max(0, judged.end - Math.round(judged.main / judged.grid.step)),
    judged.end,
  );
  const chunks = chunksOf(now);
  if (chunks === null) return 'no prompt finished in the last two minutes';
  if (chunks < 3) return `a prompt needs ${sig(chunks)} steps on average`;
  const share = shareOfDecodes(now) ?? 0;
  if (share < 0.3) return `decodes take only ${sayShare(share)} of the tokens of a step`;
  if ((now.itl ?? 0) > 1.1 * judged.limits.tbt)
    return `a step takes ${sayDuration(now.itl ?? 0)}, so engine time is short, not the token budget`;
  return `prefill takes ${sayDuration(now.prefill ?? 0)}, within the target`;
}
