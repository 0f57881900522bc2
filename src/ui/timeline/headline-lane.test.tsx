import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { buildScene } from '../../core/evidence/notation.ts';
import { diagnose } from '../../core/verdict/diagnose.ts';
import type { Said } from '../../core/verdict/chapters.ts';
import type { History } from '../../core/verdict/history.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import { formatTime } from '../charts/format.ts';
import type { Told } from './headline-lane.tsx';
import { Timeline } from './timeline.tsx';

afterEach(cleanup);

const END = 1_800_000_000;
const STEPS = 121;
const verdict = diagnose(buildScene({ end: END, steps: STEPS }), targetsOf('chat'));
const FROM = verdict.grid.from;

function said(at: number, title: string, status: Said['status'], pathology: string | null = null): Said {
  return { at, status, pathology, title, headline: `${title} on vllm-0`, confidence: null };
}
const SAID = [
  ...[0, 60, 120].map((s) => said(FROM + s, 'Healthy', 'healthy')),
  ...[180, 195].map((s) => said(FROM + s, 'KV-bound queueing', 'degraded', 'kv-bound-queueing')),
  ...[210, 400, 600].map((s) => said(FROM + s, 'KV cache thrashing', 'critical', 'kv-cache-thrashing')),
];
const told = (more: Partial<History> = {}): Told => ({
  history: { said: SAID, every: 15, fewer: false, done: true, ...more },
  failed: false,
});
function show(one: Told | undefined, at: number | null = null) {
  const { container } = render(
    <Timeline verdict={verdict} at={at} onScrub={() => {}} {...(one ? { told: one } : {})} />,
  );
  const lane = container.querySelector('[data-lane="headline"]');
  return {
    container,
    lane,
    segments: [...(lane?.querySelectorAll<HTMLElement>('[data-status]') ?? [])],
    height: container
      .querySelector('[role=slider]')
      ?.getAttribute('style')
      ?.match(/height: (\d+)/)?.[1],
  };
}

it('shows what the headline turned into, each with an icon, a title on hover, and its words where they fit', () => {
  const { segments } = show(told());
  expect(segments.map((one) => [one.dataset['status'], one.dataset['pathology']])).toEqual([
    ['healthy', ''],
    ['degraded', 'kv-bound-queueing'],
    ['critical', 'kv-cache-thrashing'],
  ]);
  expect(segments.map((one) => one.textContent)).toEqual(['Healthy', '', 'KV cache thrashing']);
  expect(segments.every((one) => one.querySelector('svg'))).toBe(true);
  expect(segments[1]?.title).toContain('Degraded: KV-bound queueing on vllm-0');
  expect(segments.map((one) => Number.parseFloat(one.style.left))).toEqual(
    segments.map((one) => Number.parseFloat(one.style.left)).sort((a, b) => a - b),
  );
});

it('tells it as a sentence, to the eye and to a screen reader', () => {
  show(told());
  const [a, b] = [formatTime(FROM + 180), formatTime(FROM + 210)];
  expect(screen.getByText(`KV-bound queueing at ${a}, KV cache thrashing since ${b}.`)).toBeTruthy();
  expect(screen.getByText(/^Headline: Healthy, Healthy, from .*; KV cache thrashing, Critical, from /)).toBeTruthy();
});

it('says what the headline was where the slider stands', () => {
  show(told(), FROM + 190);
  expect(screen.getByRole('slider').getAttribute('aria-valuetext')).toBe(
    `${formatTime(FROM + 190)}, KV-bound queueing`,
  );
});

it('keeps its place while it is judged, and when it cannot be', () => {
  const full = show(told());
  cleanup();
  const nothing = show({ history: null, failed: false });
  expect(nothing.lane?.textContent).toBe('judging …');
  expect(nothing.height).toBe(full.height);
  cleanup();
  const part = show(told({ said: SAID.slice(4), done: false }));
  expect(part.segments).toHaveLength(2);
  expect(part.lane?.textContent).toContain('judging …');
  expect(screen.getByText(/^Judging this range/)).toBeTruthy();
  cleanup();
  const failed = show({ history: null, failed: true });
  expect(failed.lane?.textContent).toBe('could not be judged');
  expect(failed.height).toBe(full.height);
});

it('says when a fleet is too large to look closely', () => {
  show(told({ every: 240, fewer: true }));
  expect(screen.getByText(/every 4 min, no closer because the fleet is large/)).toBeTruthy();
});

it('leaves the lane out where nothing judges', () => {
  expect(show(undefined).lane).toBeNull();
});
