import { describe, expect, test } from 'vitest';
import { endOf } from '../base/grid.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { judgedOf } from '../evidence/judged.ts';
import { replicaLine } from '../evidence/lines.ts';
import { parseSelector } from '../signals/selector.ts';
import type { Finding } from './detector.ts';
import { DETECTORS } from './index.ts';

/**
 * Every detector on every scene of every detector. What `diagnose` makes of the same scenes stands in
 * verdict/scenes.test.ts, since detectors do not see the verdict.
 */
interface Scenes {
  readonly SCENES: Readonly<Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence>>;
  readonly VARIANTS?: Readonly<Record<string, Evidence>>;
}

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const books: [string, Scenes][] = await Promise.all(
  DETECTORS.map(async ({ id }): Promise<[string, Scenes]> => [id, (await import(`./${id}/scenes.ts`)) as Scenes]),
);
const scenes = books.flatMap(([id, { SCENES, VARIANTS }]) =>
  Object.entries({ ...SCENES, ...VARIANTS }).map(([name, evidence]) => ({ id, name, evidence })),
);
const judged = new Map(scenes.map((scene) => [scene, judgedOf(scene.evidence, LIMITS, false)]));
const answers = scenes.flatMap((scene) =>
  DETECTORS.map((detector) => ({
    ...scene,
    detector,
    finding: detector.judge(judged.get(scene) as NonNullable<ReturnType<typeof judged.get>>),
  })),
);
const where = (a: (typeof answers)[number]) => `${a.detector.id} on ${a.id} ${a.name}`;

/** Every sentence of a finding, with the place it stands at. */
function sentencesOf(finding: Finding): string[] {
  const out: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'string') out.push(value);
    else if (Array.isArray(value)) value.forEach(walk);
    else if (value !== null && typeof value === 'object') Object.values(value).forEach(walk);
  };
  const { strength: _, ...rest } = finding;
  walk({ ...rest, facts: rest.facts.map(({ trend: _trend, ...fact }) => fact) });
  return out;
}

describe('every detector on every scene', () => {
  test(`${DETECTORS.length} detectors, ${scenes.length} scenes: answers in the form that was promised`, () => {
    for (const answer of answers) {
      const { finding, detector, evidence } = answer;
      const at = where(answer);
      expect(finding.pathology, at).toBe(detector.id);
      expect(finding.title, at).toBe(detector.title);
      expect(finding.confidence, at).toBeGreaterThanOrEqual(0);
      expect(finding.confidence, at).toBeLessThanOrEqual(0.95);
      expect(finding.score, at).toBeGreaterThanOrEqual(0);
      expect(finding.score, at).toBeLessThanOrEqual(1);
      if (finding.state === 'ruled-out') expect(finding.because, at).not.toBe('');
      if (finding.state === 'cannot-tell') expect(finding.ask, at).not.toBe('');
      if (finding.state !== 'detected') continue;
      // One that stands by hysteresis alone may be weak by now.
      expect(finding.score, at).toBeGreaterThan(0);
      expect(finding.confidence, at).toBeGreaterThan(0);
      expect(finding.lede, at).not.toBe('');
      expect(finding.strength, at).toHaveLength(evidence.grid.count);
      expect(
        finding.strength.every((s) => s === null || (s >= 0 && s <= 1)),
        at,
      ).toBe(true);
      if (finding.since !== null) {
        expect(finding.since, at).toBeGreaterThanOrEqual(evidence.grid.from - evidence.window);
        expect(finding.since, at).toBeLessThanOrEqual(endOf(evidence.grid));
      }
      const known = evidence.replicas.map((r) => r.id);
      expect(
        finding.scope.instances.filter((id) => !known.includes(id)),
        at,
      ).toEqual([]);
    }
  });

  test('no sentence holds NaN, Infinity, undefined, null, an empty number or an unclosed word', () => {
    for (const answer of answers) {
      for (const sentence of sentencesOf(answer.finding)) {
        expect(sentence, where(answer)).not.toMatch(/NaN|Infinity|undefined|\bnull\b|\[object|–\/s|× –|\bto –/);
      }
    }
  });

  test('facts have a figure, words, a unit, and a query whose selector can be read', () => {
    for (const answer of answers) {
      for (const fact of answer.finding.facts) {
        const at = `${where(answer)}: ${fact.says}`;
        expect(fact.says, at).not.toBe('');
        expect(fact.figure, at).not.toBe('');
        expect(fact.label, at).not.toBe('');
        if (fact.observed !== null) expect(Number.isFinite(fact.observed), at).toBe(true);
        if (fact.trend) expect(fact.trend, at).toHaveLength(answer.evidence.grid.count);
        for (const selector of fact.query?.match(/\{[^}]*\}/g) ?? []) parseSelector(selector);
      }
    }
  });

  test('each detected finding can be traced back: at least one fact has its query', () => {
    for (const answer of answers) {
      if (answer.finding.state !== 'detected' || answer.finding.variant === 'no-series') continue;
      expect(
        answer.finding.facts.some((f) => f.query !== null),
        where(answer),
      ).toBe(true);
    }
  });
});

/** What a necessary input is missing for is not ruled out, whoever asks. */
test('a detector whose necessary signals are absent answers cannot-tell or, for telemetry, detects the gap', () => {
  for (const answer of answers) {
    const absent = answer.detector.needs.filter((id) => (answer.evidence.readings[id]?.state ?? 'absent') === 'absent');
    // The stall needs one of two kinds of progress.
    const enough = answer.detector.id === 'engine-stall' && !absent.includes('running') && absent.length < 3;
    if (absent.length === 0 || enough) continue;
    expect(answer.finding.state, where(answer)).toBe('cannot-tell');
    expect(answer.finding.missing, where(answer)).toEqual(expect.arrayContaining(absent));
  }
});

test('on its own scenes each detector answers as the scene is called', () => {
  for (const { id, name, detector, finding } of answers) {
    if (detector.id !== id) continue;
    if (name === 'sick') expect(finding.state, id).toBe('detected');
    if (name === 'healthy' || name === 'lookAlike') {
      expect(finding.state, `${id} ${name}`).toBe('ruled-out');
      expect(finding.because, `${id} ${name}: the number that killed it`).toMatch(/\d/);
    }
    if (name === 'blind') expect(finding.state, id).toBe(id === 'telemetry-gap' ? 'detected' : 'cannot-tell');
  }
});

test('on no healthy scene does anybody find more than a matter of cost', () => {
  for (const answer of answers) {
    if (answer.name !== 'healthy' || answer.finding.state !== 'detected') continue;
    expect(answer.finding.severity, where(answer)).toBe('info');
  }
});

describe('remedies', () => {
  const remedies = answers.flatMap((answer) => answer.finding.remedies.map((remedy) => ({ ...answer, remedy })));

  test('there are some for each pathology', () => {
    const seen = new Set(remedies.map((r) => r.detector.id));
    expect([...seen].sort()).toEqual(DETECTORS.map((d) => d.id).sort());
  });

  /** reference pathologies.md §13. */
  const NEVER = [
    '--enable-chunked-prefill',
    '--swap-space',
    '--preemption-mode',
    '--num-scheduler-steps',
    '--scheduler-delay-factor',
    '--use-v2-block-manager',
    '--max-num-partial-prefills',
    '--max-long-partial-prefills',
  ];
  test.each(NEVER)('never %s', (flag) => {
    for (const { remedy, ...answer } of remedies) {
      expect(`${remedy.flag} ${remedy.title} ${remedy.why} ${remedy.expect}`, where(answer)).not.toContain(flag);
    }
  });

  test('--enable-prefix-caching only where it is seen to be off', () => {
    for (const { remedy, evidence, ...answer } of remedies) {
      if (!remedy.flag?.includes('--enable-prefix-caching')) continue;
      const labels = evidence.readings['cache-config']?.labels ?? [];
      expect(
        labels.some((l) => l.labels.enable_prefix_caching === 'False'),
        where({ evidence, ...answer }),
      ).toBe(true);
    }
  });

  test('seats come in multiples of 8, or 1, 2, 4', () => {
    let seen = 0;
    for (const { remedy, ...answer } of remedies) {
      const seats = /--max-num-seqs (\d+)/.exec(remedy.flag ?? '')?.[1];
      if (seats === undefined) continue;
      seen++;
      const n = Number(seats);
      expect(n % 8 === 0 || [1, 2, 4].includes(n), `${where(answer)}: ${n}`).toBe(true);
      expect(remedy.to, where(answer)).toBe(n);
    }
    expect(seen).toBeGreaterThan(0);
  });

  test('no text is empty, and a number that is proposed shows its arithmetic', () => {
    for (const { remedy, ...answer } of remedies) {
      const at = `${where(answer)}: ${remedy.title}`;
      for (const text of [remedy.title, remedy.why, remedy.expect, remedy.risk, remedy.verify]) {
        expect(text.trim(), at).not.toBe('');
      }
      for (const { sum, result } of remedy.steps) {
        expect(sum.trim(), at).not.toBe('');
        expect(result.trim(), at).not.toBe('');
      }
      if (typeof remedy.to === 'number') expect(remedy.steps.length, at).toBeGreaterThan(0);
    }
  });

  test('no flag asks for a utilization above 0.95', () => {
    for (const { remedy } of remedies) {
      const share = /--gpu-memory-utilization ([\d.]+)/.exec(remedy.flag ?? '')?.[1];
      if (share !== undefined) expect(Number(share)).toBeLessThanOrEqual(0.95);
    }
  });
});

/** Scenes that break the scheduler's laws would test nothing: request-steps/s × step time = requests decoding (Little). */
test('the scenes obey the scheduler', () => {
  for (const { id, name, evidence } of scenes) {
    for (const engine of judgedOf(evidence, LIMITS, false).engines) {
      const { running, output, itl } = engine.trace;
      if (!running || !output || !itl) continue;
      // The calm beginning.
      const mean = (xs: readonly (number | null)[]) => {
        const known = xs.slice(0, 38).filter((x): x is number => x !== null);
        return known.reduce((a, b) => a + b, 0) / known.length;
      };
      // An accepted guess is output without a step of its own; guesses of which nobody tells what was right leave it open.
      const accepted = replicaLine(evidence, 'spec-accepted-tokens', engine.id);
      if (!accepted && replicaLine(evidence, 'spec-drafts', engine.id)) continue;
      const steps = mean(output) - (accepted ? mean(accepted) : 0);
      const decoding = (steps * mean(itl.sum)) / mean(itl.count);
      // The rest of the running are in prefill; a scene's numbers are rounded.
      if (!(mean(running) >= 2)) continue;
      expect(decoding / mean(running), `${id} ${name} ${engine.id}`).toBeGreaterThan(0.75);
      expect(decoding / mean(running), `${id} ${name} ${engine.id}`).toBeLessThan(1.15);
    }
  }
});
