import { agreeUntil } from '../core/evidence/agree.ts';
import type { Evidence, Reading } from '../core/evidence/evidence.ts';
import type { Said } from '../core/verdict/chapters.ts';
import { type History, judgeMoments, momentsOf } from '../core/verdict/history.ts';
import type { Targets } from '../core/verdict/profiles.ts';

/**
 * What goes to the worker: a window, its readings one by one, and at last the word to judge it. A large fleet in one message
 * would stop the page for a second while it is copied. Whatever has a newer number replaces what is under way.
 */
export type HistoryAsk =
  | { readonly id: number; readonly do: 'open'; readonly evidence: Evidence; readonly targets: Targets }
  | { readonly id: number; readonly do: 'add'; readonly reading: Reading }
  | { readonly id: number; readonly do: 'judge' }
  | { readonly id: number; readonly do: 'stop' };

export interface HistoryAnswer {
  readonly id: number;
  readonly history: History;
}

/** What the judge is given of its surroundings. */
export interface Surroundings {
  readonly send: (answer: HistoryAnswer) => void;
  /** Lets messages in; resolves soon. */
  readonly breathe: () => Promise<void>;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Milliseconds between two reports on the way. */
const REPORT_EVERY = 150;

interface Work {
  readonly id: number;
  readonly evidence: Evidence;
  readonly targets: Targets;
}

/**
 * Judges one window at a time, newest moment first, and reports on the way. Looks up between any two moments, so that a
 * newer ask stops it at once. Keeps what it said as long as a later read of the same scope agrees with the one it was said of.
 * @returns what to call with each message
 */
export function historyJudge({ send, breathe, now }: Surroundings): (ask: HistoryAsk) => void {
  let newest = 0;
  let opened: Work | null = null;
  let before: (Work & { readonly said: readonly Said[] }) | null = null;

  const judge = async (work: Work): Promise<void> => {
    const { id, evidence, targets } = work;
    const { every, fewer } = momentsOf(evidence);
    const said = before && sameTargets(before.targets, targets) ? stillTrue(before, evidence) : [];
    before = { ...work, said };
    let reported = -Infinity;
    for (const one of judgeMoments(evidence, targets, [...said])) {
      said.push(one);
      if (now() - reported >= REPORT_EVERY) {
        reported = now();
        send({ id, history: { said: [...said], every, fewer, done: false } });
      }
      await breathe();
      if (id !== newest) return;
    }
    send({ id, history: { said: [...said], every, fewer, done: true } });
  };

  return (ask) => {
    if (ask.id < newest) return;
    newest = ask.id;
    switch (ask.do) {
      case 'open':
        opened = { id: ask.id, evidence: ask.evidence, targets: ask.targets };
        return;
      case 'add':
        if (opened)
          opened = {
            ...opened,
            evidence: {
              ...opened.evidence,
              readings: { ...opened.evidence.readings, [ask.reading.signal]: ask.reading },
            },
          };
        return;
      case 'judge':
        if (opened?.id === ask.id) void judge(opened);
        opened = null;
        return;
      case 'stop':
        opened = null;
        return;
      default:
        ask satisfies never;
    }
  };
}

/**
 * What was said of an earlier read and holds of this one. While a window moves on its beginning is forgotten; what was said with
 * it in sight is kept, since that is what the page showed then.
 */
function stillTrue(
  before: { readonly evidence: Evidence; readonly said: readonly Said[] },
  evidence: Evidence,
): Said[] {
  const until = before.evidence === evidence ? Infinity : agreeUntil(before.evidence, evidence);
  return until === null ? [] : before.said.filter(({ at }) => at <= until && at >= evidence.grid.from);
}

function sameTargets(a: Targets, b: Targets): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
