import { sayDuration, sayShare, sig } from '../base/say.ts';
import type { Grid } from '../base/grid.ts';
import type { Engine } from '../evidence/judged.ts';
import { meanOver } from '../evidence/trace.ts';
import { stretchOf } from '../evidence/stretch.ts';

/** Two counts of the same thing that must agree while things go on as they are. */
export interface Book {
  readonly id: 'seats' | 'queue' | 'tokens' | 'memory';
  readonly title: string;
  /** What is counted on each side, with the numbers. */
  readonly says: string;
  /** Left side over right side; `null` where a side is not measured. */
  readonly ratio: number | null;
  /** `null`: cannot tell. */
  readonly balances: boolean | null;
  /** What it means that they differ, or what is missing; empty where they agree. */
  readonly reading: string;
}

/** Counts over the last ten minutes, as far as the window goes. */
const SECONDS = 600;
/** Sides this near count as equal (pathologies.md §10.1). */
const LEAST = 0.7;
const MOST = 1.3;
/** Requests a side needs: below it one more or less makes the ratio. */
const FEW = 0.5;

/** The books of one engine. Sources: Little 1961; pathologies.md §10.1. */
export function booksOf(engine: Engine, grid: Grid): Book[] {
  const { trace } = engine;
  const end = grid.count - 1;
  const from = Math.max(0, end - Math.round(SECONDS / grid.step));
  const seconds = (end - from) * grid.step;
  const s = stretchOf([engine], grid, from, end);
  const e2e = meanOver(trace.e2e, grid, end, seconds);
  const queued = meanOver(trace.queueTime, grid, end, seconds);
  const inside = e2e === null || queued === null ? null : e2e - queued;
  const held = s.held;
  const expected = s.prompt === null || s.answer === null ? null : s.prompt + s.answer / 2;
  return [
    book('seats', 'Running = finished per second × time inside', s.running, product(s.finishes, inside), {
      says: (l, r) => `${sig(l)} run; ${sig(s.finishes as number)}/s × ${sayDuration(inside as number)} = ${sig(r)}`,
      over: 'more run than finish: requests grow longer, the load rises, or some never end',
      under: 'more finish than run: an older, larger load is being worked off',
      missing: 'needs running requests, finished requests, E2E and queue time',
    }),
    book('queue', 'Waiting = started per second × time in the queue', s.waiting, product(s.firstTokens, queued), {
      says: (l, r) =>
        `${sig(l)} wait; ${sig(s.firstTokens as number)}/s × ${sayDuration(queued as number)} = ${sig(r)}`,
      over: 'the queue grows: those in it will wait longer than those that left it did',
      under: 'the queue shrinks',
      missing: 'needs waiting requests, first tokens and queue time',
    }),
    book('tokens', 'Output = running ÷ time per token', s.output, ratio(s.running, s.itl), {
      says: (l, r) =>
        `${sig(l)} tokens/s; ${sig(s.running as number)} ÷ ${sayDuration(s.itl as number)} = ${sig(r)} tokens/s`,
      over: 'several tokens a step: speculation, or gaps that are not counted',
      under: 'running requests that write nothing: prompts are being read, or the engine stands still at times',
      missing: 'needs output tokens, running requests and ITL',
    }),
    book('memory', 'Tokens held per request = prompt + half the answer', held, expected, {
      says: (l, r) => `${sig(Math.round(l))} tokens held; ${sig(Math.round(r))} by the lengths of what finished`,
      over: 'more is held than lengths explain: long requests are over-represented among those running, or blocks are not given back',
      under: `less is held: prompts are shared${s.hitRate === null ? '' : ` (hit rate ${sayShare(s.hitRate)})`} or not yet read`,
      missing: 'needs KV usage, the size of the cache and lengths',
    }),
  ];
}

interface Words {
  readonly says: (left: number, right: number) => string;
  readonly over: string;
  readonly under: string;
  readonly missing: string;
}

function book(id: Book['id'], title: string, left: number | null, right: number | null, words: Words): Book {
  if (left === null || right === null)
    return { id, title, says: '', ratio: null, balances: null, reading: words.missing };
  if (Math.max(left, right) < FEW)
    return { id, title, says: words.says(left, right), ratio: null, balances: true, reading: '' };
  const of = left / Math.max(right, 1e-9);
  const balances = of >= LEAST && of <= MOST;
  return {
    id,
    title,
    says: words.says(left, right),
    ratio: of,
    balances,
    reading: balances ? '' : of > MOST ? words.over : words.under,
  };
}

function product(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a * b;
}

function ratio(a: number | null, b: number | null): number | null {
  return a === null || b === null || b <= 0 ? null : a / b;
}
