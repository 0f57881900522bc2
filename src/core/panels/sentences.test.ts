import { describe, expect, it } from 'vitest';
import { buildScene, type SceneText } from '../evidence/notation.ts';
import { targetsOf } from '../verdict/profiles.ts';
import { PANEL_ROWS, type PanelRow } from './panel.ts';
import { sentenceOf } from './sentences.ts';

const END = 1_800_000_000;

function said(row: PanelRow, scene: SceneText, sinceSecondsAgo: number | null = null): string {
  return sentenceOf(row, {
    evidence: buildScene({ end: END, ...scene }),
    targets: targetsOf('chat'),
    at: END,
    since: sinceSecondsAgo === null ? null : END - sinceSecondsAgo,
  });
}

describe('the sentence of a row', () => {
  it('tells how late first tokens come, as the interval they are known in', () => {
    expect(said('latency', { histograms: { ttft: '100*2x59', itl: '0.046*300x59' } })).toBe(
      'The slowest first tokens come 80 to 160 s after the request, target 500 ms. Once they flow, tokens still meet theirs: 46 ms each.',
    );
    expect(said('latency', { histograms: { ttft: '0.2*2x59', itl: '0.07*300x59' } })).toBe(
      'The slowest first tokens come 100 to 250 ms after the request, inside the target of 500 ms. Tokens follow at 70 ms each, target 50 ms.',
    );
    expect(said('latency', { lines: { waiting: '7' }, histograms: { ttft: '-x59' } })).toBe(
      'No first token in the last minute, while 7 requests wait.',
    );
  });

  it('compares the step time with the one before', () => {
    const steps = (before: number, now: number): SceneText => ({
      lines: { running: '5' },
      histograms: { 'step-tokens': `40*${1 / before}x59 40*${1 / now}x29` },
    });
    expect(said('health', steps(0.037, 0.036), 140)).toBe(
      'A step takes 36 ms, 37 ms before: the engine is as fast as it was.',
    );
    expect(said('health', steps(0.037, 0.314), 140)).toContain('the engine does more per step, or does it slower');
    expect(said('health', { lines: { running: '5' }, histograms: { 'step-tokens': '40*25x29 -x29' } })).toBe(
      'The engine has 5 requests and does not step.',
    );
  });

  it('tells the queue against the seats', () => {
    expect(
      said('queue', {
        steps: 30,
        lines: { waiting: '239', running: '18', preemptions: '0.8' },
        knobs: { 'max-num-seqs': 64 },
      }),
    ).toBe('239 requests wait; about 18 of 64 seats are in use. 0.8 preemptions a second.');
    expect(said('queue', { steps: 30, lines: { waiting: '0', running: '11' } })).toBe('Nobody waits; about 11 run.');
  });

  it('tells what the cache holds and serves', () => {
    const lines = {
      'kv-cache-usage': '0.33x29 0.97x29',
      'prefix-cache-hits': '90x29 0x29',
      'prefix-cache-queries': '100x59',
    };
    expect(said('cache', { lines }, 145)).toBe(
      'Live requests hold 0.97 of the KV cache, 0.33 before. The prefix cache serves 0 of prompt tokens, 0.9 before.',
    );
  });

  it.each(PANEL_ROWS)('%s says nothing where nothing was measured', (row) => {
    expect(said(row, { steps: 30 })).toBe('');
  });
});
