import { endOf } from '../../base/grid.ts';
import { sayClock, sayCount, sayDuration, sayShare } from '../../base/say.ts';
import type { Judged } from '../../evidence/judged.ts';
import { stretchOf } from '../../evidence/stretch.ts';
import type { Detector, Finding, Severity } from '../detector.ts';
import { cannotTell, confidenceOf, detected, missingOf, ruledOut, scopeOf, severityOf } from '../finding.ts';
import { ENTER } from '../signature.ts';
import { hurtsOf } from '../story.ts';
import { blocksLeak, sayRest } from './blocks.ts';
import { gaugesOf, growth, MIN_HOURS, watchedLong } from './growth.ts';
import { type Leak, secondsLeft, type Variant } from './leak.ts';
import { namesOf, remediesOf } from './remedies.ts';

/** What the score of a hint counts beside findings that hurt now. */
const HINT = 0.7;
/** A limit farther away than this is a matter for the calendar. */
const DAY = 86_400;
/** Seconds before the pool is gone at which it is an incident already. */
const GONE_SOON = 1800;

/** Three leaks that have nothing to do with each other: KV blocks never released, host memory, GPU memory outside the pool. */
export const memoryLeak: Detector = {
  id: 'memory-leak',
  title: 'Memory leak',
  mechanism:
    'Something is allocated and never given back: KV blocks (the pool shrinks for all), host memory (ends in an OOM kill), or GPU memory outside the pool (ends in CUDA out of memory).',
  needs: ['kv-cache-usage', 'running'],
  judge(judged) {
    const missing = missingOf(judged, this.needs);
    if (missing.length > 0)
      return cannotTell(this, missing, 'Scrape KV usage and running, and the process or container memory.');
    const found = [
      ...judged.engines.flatMap((e) => blocksLeak(judged, e) ?? []),
      ...judged.engines.flatMap((e) => growth(judged, e)),
    ]
      .filter((leak) => leak.score >= ENTER)
      .sort((a, b) => weightOf(b) - weightOf(a) || b.level - a.level || a.engine.id.localeCompare(b.engine.id));
    const best = found[0];
    if (best)
      return report(
        judged,
        found.filter((leak) => leak.variant === best.variant),
      );
    const hours = (judged.grid.count * judged.grid.step) / 3600;
    const absent = missingMemory(judged);
    if (hours < MIN_HOURS) {
      return cannotTell(
        this,
        [],
        `A trend needs ${MIN_HOURS} h beyond warm-up; this window has ${sayDuration(hours * 3600)}, which would show a fast leak alone.${sayRest(judged)}`,
        { missing: absent },
      );
    }
    // Steady is said only of what was measured for long enough.
    const steady = (variant: Variant) =>
      judged.engines.every((e) => gaugesOf(judged, e).some((g) => g.variant === variant && watchedLong(judged, e, g)));
    if (!steady('host') || !steady('gpu')) {
      return cannotTell(
        this,
        absent,
        `${absent.length > 0 ? 'Scrape process or container memory and GPU memory (DCGM).' : `A trend needs ${MIN_HOURS} h beyond warm-up of every replica.`}${sayRest(judged)}`,
      );
    }
    return ruledOut(this, `host and GPU memory steady over ${sayDuration(hours * 3600)}.${sayRest(judged)}`);
  },
};

function weightOf(leak: Leak): number {
  return leak.score * (leak.hint ? HINT : 1);
}

/** @param leaks of one kind, worst first */
function report(judged: Judged, leaks: readonly Leak[]): Finding {
  const worst = leaks[0] as Leak;
  const engines = leaks.map((leak) => leak.engine);
  const now = stretchOf(engines, judged.grid, worst.from, judged.end);
  const left = secondsLeft(worst);
  const dated = leaks.map((leak) => leak.since);
  const since = dated.includes(null) ? null : Math.min(...(dated as number[]));
  const at = endOf(judged.grid);
  const when = left === null ? '' : ` in ${sayDuration(left)} at this pace (${sayClock(at + left, at)})`;
  const ends = {
    'kv-blocks':
      left === null ? 'The pool is smaller for everyone' : `The pool shrinks for everyone and is gone${when}`,
    host: `The process ends in an OOM kill${when}`,
    gpu: `It ends in CUDA out of memory${when}`,
  }[worst.variant];
  const many = leaks.length > 1 ? ` The same on ${namesOf(leaks.slice(1))}.` : '';
  const waits = worst.variant === 'kv-blocks' && (now.waitingLast ?? 0) >= 1;
  return detected(memoryLeak, {
    variant: worst.variant,
    score: weightOf(worst),
    confidence: confidenceOf(worst.score, 1, 1, 0.95, worst.cap),
    severity: severe(judged, leaks),
    scope: scopeOf(judged, engines),
    since,
    strength: lane(judged, leaks),
    lede: `On ${worst.engine.id} ${worst.says}. ${ends}.${waits ? ` ${sayCount(now.waitingLast ?? 0, 'request')} wait for what is left of it.` : ''}${many}${worst.hint ? ` ${worst.because}` : ''}`,
    facts: worst.facts,
    story: {
      changed: {
        at: since,
        title: {
          'kv-blocks': 'Blocks of requests that were over stayed held',
          host: 'Host memory was not given back',
          gpu: 'GPU memory beside the pool grew',
        }[worst.variant],
        says: worst.says,
      },
      broke:
        worst.variant === 'kv-blocks'
          ? {
              at: null,
              title: `${sayShare(worst.level)} of the pool is gone`,
              says: `${sayShare(1 - worst.level)} is left for the ${now.running === null ? '' : `${Math.round(now.running)} `}requests that run${waits ? ', and newcomers wait for blocks' : ''}`,
            }
          : null,
      hurts: worst.variant === 'kv-blocks' ? hurtsOf(judged, engines, now) : null,
    },
    remedies: remediesOf(judged, leaks),
    willNotHelp:
      worst.variant === 'kv-blocks'
        ? [
            { title: 'Watching GPU memory', why: 'the pool is allocated at start; a block leak never shows there' },
            { title: 'Adding KV memory', why: 'a larger pool leaks just as fast, it only lasts longer' },
          ]
        : [{ title: 'Lowering --max-num-seqs', why: 'the KV pool is not what grows' }],
    missing: missingMemory(judged),
    ask: worst.because,
  });
}

/** Harm to people where blocks are short; else a date: today or tomorrow is a warning, later a matter for the calendar. */
function severe(judged: Judged, leaks: readonly Leak[]): Severity {
  const worst = leaks[0] as Leak;
  const left = Math.min(...leaks.map((leak) => secondsLeft(leak) ?? Infinity));
  if (worst.variant !== 'kv-blocks') return Number.isFinite(left) && left > DAY ? 'info' : 'warning';
  if (left < GONE_SOON) return 'critical';
  const harm = severityOf(
    judged,
    leaks.map((leak) => leak.engine),
    false,
  );
  return harm === 'info' ? 'warning' : harm;
}

/** Grows from where each began to what it is now. */
function lane(judged: Judged, leaks: readonly Leak[]): (number | null)[] {
  const { count } = judged.grid;
  return Array.from({ length: count }, (_, i) =>
    Math.max(...leaks.map(({ from, score }) => (i < from ? 0 : (score * (i - from + 1)) / Math.max(1, count - from)))),
  );
}

function missingMemory(judged: Judged): Finding['missing'] {
  const absent = (id: 'process-memory' | 'container-memory' | 'gpu-memory-used') => {
    const state = judged.evidence.readings[id]?.state ?? 'absent';
    return state === 'absent' || state === 'failed';
  };
  return [
    ...(absent('process-memory') && absent('container-memory') ? (['process-memory'] as const) : []),
    ...(absent('gpu-memory-used') ? (['gpu-memory-used'] as const) : []),
  ];
}
