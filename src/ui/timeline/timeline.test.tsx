import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { buildScene } from '../../core/evidence/notation.ts';
import { diagnose } from '../../core/verdict/diagnose.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import type { RankedFinding, Verdict } from '../../core/verdict/verdict.ts';
import { lanesOf, placeEvents } from './lanes.ts';
import { Timeline } from './timeline.tsx';

afterEach(cleanup);

const END = 1_800_000_000;
const empty = diagnose(buildScene({ end: END, steps: 60 }), targetsOf('chat'));
const template = [...empty.ruledOut, ...empty.cannotTell][0];

function finding(pathology: string, strength: readonly number[], more: Partial<RankedFinding> = {}): RankedFinding {
  if (!template) throw new Error('no detector answered');
  return {
    ...template,
    pathology,
    title: pathology,
    state: 'detected',
    strength: Array.from({ length: 60 }, (_, i) => strength[Math.min(i, strength.length - 1)] ?? 0),
    role: 'contributing',
    raw: 0.5,
    model: 'm',
    explains: [],
    since: END - 100,
    ...more,
  };
}

const verdict: Verdict = {
  ...empty,
  findings: [
    finding('kv-cache-thrashing', [0, 1], { role: 'primary', explains: ['overload'] }),
    finding('workload-shift', [0.5], { explains: ['kv-cache-thrashing'] }),
    finding('overload', [0.4]),
    finding('load-imbalance', [0]),
  ],
  ruledOut: [finding('kv-bound-queueing', [0.9, 0]), finding('engine-stall', [0.1, 0])],
  cannotTell: [],
};

it('has a lane for what fired and what fired earlier, with its role', () => {
  expect(lanesOf(verdict).map((lane) => [lane.id, lane.role])).toEqual([
    ['kv-cache-thrashing', 'primary'],
    ['workload-shift', 'cause'],
    ['overload', 'effect'],
    ['kv-bound-queueing', 'earlier'],
  ]);
});

it('tells lanes and events in words', () => {
  render(<Timeline verdict={verdict} at={null} events={[{ at: END - 90, kind: 'queue', label: 'queue starts' }]} />);
  expect(screen.getByText(/^kv-cache-thrashing, primary: strong from .* to now$/)).toBeTruthy();
  expect(screen.getAllByText(/queue starts/).length).toBeGreaterThan(0);
  expect(screen.queryByRole('slider')).toBeNull();
});

it('scrubs by keyboard, step by step, and says the time', async () => {
  const user = userEvent.setup();
  const onScrub = vi.fn();
  render(<Timeline verdict={verdict} at={END - 50} onScrub={onScrub} />);
  const slider = screen.getByRole('slider', { name: 'Judged at' });
  slider.focus();
  await user.keyboard('{ArrowLeft}{Shift>}{ArrowRight}{/Shift}{Home}{End}');
  expect(onScrub.mock.calls.map(([at]) => at)).toEqual([END - 55, null, verdict.grid.from, null]);
});

it('gives a label the side that is free, or none', () => {
  const event = (at: number) => ({ at, kind: 'queue' as const, label: 'queue starts' });
  const sides = (...at: number[]) => placeEvents(at.map(event), (t) => t, 0, 1000).map((p) => p.side);
  expect(sides(100)).toEqual([1]);
  expect(sides(300, 320, 340)).toEqual([-1, 0, 1]);
  expect(sides(990)).toEqual([-1]);
});
