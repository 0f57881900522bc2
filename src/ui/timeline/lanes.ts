import type { Values } from '../../core/base/grid.ts';
import type { TimelineEvent } from '../../core/panels/events.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';

/** A row of the timeline. */
export interface Lane {
  readonly id: string;
  readonly title: string;
  readonly role: 'primary' | 'cause' | 'effect' | 'also' | 'earlier';
  readonly strength: Values;
}

/** More would push the charts off the screen. */
const MOST_LANES = 6;
/** A signature that was at least this strong earlier is shown though it is ruled out now. */
const WAS_THERE = 0.5;

/** @returns what fired, the headline first; then what fired earlier in the window and is over. */
export function lanesOf(verdict: Verdict): Lane[] {
  const primary = verdict.findings[0];
  const found = verdict.findings.map((finding): Lane => {
    const role =
      finding === primary
        ? 'primary'
        : finding.explains.includes(primary?.pathology ?? '')
          ? 'cause'
          : primary?.explains.includes(finding.pathology)
            ? 'effect'
            : 'also';
    return { id: finding.pathology, title: finding.title, role, strength: finding.strength };
  });
  const earlier = verdict.ruledOut
    .filter((finding) => peak(finding.strength) >= WAS_THERE)
    .map(
      (finding): Lane => ({ id: finding.pathology, title: finding.title, role: 'earlier', strength: finding.strength }),
    );
  const seen = new Set<string>();
  return [...found, ...earlier]
    .filter((lane) => peak(lane.strength) > 0 && !seen.has(lane.id) && seen.add(lane.id))
    .slice(0, MOST_LANES);
}

function peak(values: Values): number {
  return values.reduce<number>((a, b) => Math.max(a, b ?? 0), 0);
}

/** About what a character takes, to see which labels fit between their neighbours. */
const CHARACTER = 5.6;

export interface PlacedEvent {
  readonly event: TimelineEvent;
  readonly px: number;
  /** Where its label stands: right of the mark, left of it, or 0 where there is no room. */
  readonly side: 1 | -1 | 0;
}

/** @returns the events inside the window; each label goes right of its mark if the next one is far enough, else left. */
export function placeEvents(
  events: readonly TimelineEvent[],
  x: (time: number) => number,
  left: number,
  right: number,
): PlacedEvent[] {
  const shown = events.map((event) => ({ event, px: x(event.at) })).filter(({ px }) => px >= left && px <= right);
  const placed: PlacedEvent[] = [];
  let free = left;
  for (const [i, { event, px }] of shown.entries()) {
    const room = event.label.length * CHARACTER + 12;
    const next = shown[i + 1]?.px ?? right;
    const side = next - px > room && px + room < right ? 1 : px - free > room ? -1 : 0;
    free = side === 1 ? px + room : Math.max(free, px + 6);
    placed.push({ event, px, side });
  }
  return placed;
}
