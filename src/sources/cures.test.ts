import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Values } from '../core/base/grid.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import { diagnose } from '../core/verdict/diagnose.ts';
import { targetsOf } from '../core/verdict/profiles.ts';
import type { FigureId } from '../core/whatif/figures.ts';
import { type Ground, groundOf } from '../core/whatif/ground.ts';
import { movesOf } from '../core/whatif/remedy.ts';
import { predict } from '../core/whatif/predict.ts';
import { settle } from '../core/whatif/settle.ts';
import { reproduces } from '../core/whatif/what-if.ts';
import { gunzipIfNeeded } from './recording/decompress.ts';
import { openRecording } from './recording/source.ts';

/** Recordings of the library, made again in a real vLLM with the flag of their verdict: docs/cures.md. */
const root = fileURLToPath(new URL('../..', import.meta.url));

async function read(file: string, selector = ''): Promise<Evidence> {
  const text = await gunzipIfNeeded(new Uint8Array(readFileSync(root + file)));
  const recording = openRecording({ name: file, texts: [text] }, { fetch, now: () => 0 });
  return recording.read({ from: 'start', to: 'end', selector, knobs: {} }, new AbortController().signal);
}

function grounded(evidence: Evidence, since: number): Ground {
  const found = groundOf(evidence, since, []);
  if ('because' in found) throw new Error(found.because);
  return settle(found);
}

interface Cure {
  readonly name: string;
  /** Its recording, where that is not the first remedy's. */
  readonly after?: string;
  /** Which of the remedies; the first if left out. */
  readonly choice?: number;
  readonly pathology: string;
  readonly flag: string;
  readonly status: string;
  /** What may be said afterwards; everything else is gone. */
  readonly left: readonly string[];
  /** Figures measured afterwards outside the band predicted. */
  readonly outside: readonly FigureId[];
}

const CURES: readonly Cure[] = [
  { name: 'seats', pathology: 'seat-ceiling', flag: '--max-num-seqs 24', status: 'healthy', left: [], outside: [] },
  {
    name: 'kv-thrash-a',
    pathology: 'kv-cache-thrashing',
    flag: `--max-num-seqs 24 --override-generation-config '{"max_new_tokens":320}'`,
    status: 'healthy',
    left: ['workload-shift'],
    outside: ['itl-p95'],
  },
  {
    name: 'kv-thrash-a',
    after: 'kv-thrash-a-8-seats',
    choice: 1,
    pathology: 'kv-cache-thrashing',
    flag: '--max-num-seqs 8',
    // Its price: half the output, and a queue for seats in place of one for memory.
    status: 'critical',
    left: ['seat-ceiling'],
    outside: ['itl-mean'],
  },
  {
    name: 'long-spike-a',
    choice: 1,
    pathology: 'long-request-spike',
    flag: '--long-prefill-token-threshold 512',
    // Its price: steps with a bite of a long prompt in them stay long.
    status: 'degraded',
    left: ['prefill-decode-interference'],
    outside: [],
  },
];

it.each(CURES)('$name: $flag ends $pathology', async (cure) => {
  const { name, pathology, flag, status, left, outside } = cure;
  const [before, after] = [
    await read(`public/library/${name}.om.gz`),
    await read(`e2e/fixtures/cures/${cure.after ?? name}.om.gz`),
  ];
  const sick = diagnose(before, targetsOf('chat'));
  const primary = sick.findings[0];
  const remedy = primary?.remedies[cure.choice ?? 0];
  expect(sick.status).toBe('critical');
  expect(primary?.pathology).toBe(pathology);
  // The recording after was made with exactly this.
  expect(remedy?.flag).toBe(flag);

  const cured = diagnose(after, targetsOf('chat'));
  expect(cured.status).toBe(status);
  expect(cured.findings.map((finding) => finding.pathology)).toEqual(left);

  const onset = (primary?.since ?? 0) - before.grid.from;
  const moves = remedy && movesOf(remedy, 1);
  const { figures } = predict(grounded(before, before.grid.from + onset), moves ?? {});
  const { measured } = grounded(after, after.grid.from + onset);
  const compared = (Object.keys(measured) as FigureId[]).filter((id) => figures[id] !== undefined);
  expect(compared.length).toBeGreaterThanOrEqual(9);
  expect(
    compared.filter(
      (id) =>
        !reproduces(
          measured[id] as NonNullable<typeof measured.running>,
          figures[id] as NonNullable<typeof measured.running>,
        ),
    ),
  ).toEqual(outside);
});

it('long-spike-a: the first choice, a lane of their own for the long prompts, cures what the cap of a bite relieves', async () => {
  const before = await read('public/library/long-spike-a.om.gz');
  const sick = diagnose(before, targetsOf('chat')).findings[0];
  const lane = sick?.remedies[0];
  expect(lane?.title).toBe('Give long prompts a lane of their own');
  const told = /later than 500 ms (\d+) % → (\d+) %/
    .exec(lane?.expect ?? '')
    ?.slice(1)
    .map(Number);
  const after = await read('e2e/fixtures/cures/long-spike-a-lane.om.gz');
  const onset = (sick?.since ?? 0) - before.grid.from;
  const late = [before, after].map((one) => Math.round(100 * lateShare(one, onset)));
  expect(late).toEqual(told);
  expect(diagnose(after, targetsOf('chat'))).toMatchObject({ status: 'healthy', findings: [] });

  // Of the lane of the short ones alone.
  const short = await read('e2e/fixtures/cures/long-spike-a-lane.om.gz', '{instance="vllm-0"}');
  expect(lateShare(short, onset)).toBe(0);
  expect(diagnose(short, targetsOf('chat')).status).toBe('healthy');
});

/** Of first tokens from so many seconds after the start on: the share that came later than 500 ms. */
function lateShare({ grid, readings }: Evidence, onset: number): number {
  const sum = (values: Values = []) =>
    values.slice(Math.round(onset / grid.step)).reduce<number>((all, value) => all + (value ?? 0), 0);
  const all = readings.ttft?.histograms ?? [];
  const count = all.reduce((so, h) => so + sum(h.count), 0);
  return 1 - all.reduce((so, h) => so + sum(h.cumulative[h.bounds.indexOf(0.5)]), 0) / count;
}

it('fewer seats: the output the remedy expects is the one measured', async () => {
  const sick = diagnose(await read('public/library/kv-thrash-a.om.gz'), targetsOf('chat'));
  const remedy = sick.findings[0]?.remedies[1];
  const expected = Number(/about ([\d,]+) tokens\/s/.exec(remedy?.expect ?? '')?.[1]);
  const { grid } = await read('public/library/kv-thrash-a.om.gz');
  const after = await read('e2e/fixtures/cures/kv-thrash-a-8-seats.om.gz');
  const { measured } = grounded(after, after.grid.from + (sick.findings[0]?.since ?? 0) - grid.from);
  expect(expected / (measured.output?.mid ?? 0)).toBeCloseTo(1, 1);
});
