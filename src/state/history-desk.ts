import { endOf } from '../core/base/grid.ts';
import type { Evidence, Reading } from '../core/evidence/evidence.ts';
import { modelsOf } from '../core/evidence/slice.ts';
import type { Said } from '../core/verdict/chapters.ts';
import type { History } from '../core/verdict/history.ts';
import type { Targets } from '../core/verdict/profiles.ts';
import type { HistoryAnswer, HistoryAsk } from './history-judge.ts';

/** What the desk is given of its surroundings. */
export interface DeskTools {
  readonly post: (ask: HistoryAsk) => void;
  /** Calls back after so many milliseconds. @returns what calls it off */
  readonly later: (ms: number, then: () => void) => () => void;
  /** Milliseconds. */
  readonly now: () => number;
  /** `null` while nothing is known of the window asked for last. */
  readonly show: (history: History | null) => void;
}

/** Milliseconds left to the charts, which are what somebody waits for. */
const AFTER_CHARTS = 250;
/**
 * Milliseconds between two histories of one live window, where its moments do not lie further apart still, and of one whose fleet
 * is so large that judging takes its time. What is said in between is known from the verdicts on screen.
 */
const LIVE_PAUSE = 15_000;
const LARGE_PAUSE = 60_000;
/** Milliseconds of copying in one go. */
const SLICE = 8;

/** What is to be told of. */
export interface Window {
  readonly evidence: Evidence;
  readonly targets: Targets;
  /** What the page says at the end of it; `null` where it looks at another moment. */
  readonly said: Said | null;
}

/**
 * Decides when the worker is given which window. Another source, model, range or other targets replace what is under way;
 * the next read of a live window waits for the one before it, and only the newest waits.
 */
export class HistoryDesk {
  readonly #tools: DeskTools;
  #id = 0;
  #current: Window | null = null;
  #waiting: Window | null = null;
  #busy = false;
  #startedAt = 0;
  #pause = LIVE_PAUSE;
  /** The last complete one of the current window, or of the one it goes on from. */
  #last: History | null = null;
  /** What was said at the ends of windows that are not judged yet. */
  #since: Said[] = [];
  #callOff: (() => void) | null = null;

  constructor(tools: DeskTools) {
    this.#tools = tools;
  }

  ask(window: Window): void {
    const newest = this.#waiting ?? this.#current;
    if (newest?.evidence === window.evidence && newest.targets === window.targets) return;
    if (this.#current && goesOn(this.#current, window)) {
      this.#waiting = window;
      const { from } = window.evidence.grid;
      this.#since = [...this.#since, ...(window.said ? [window.said] : [])].filter(({ at }) => at >= from);
      if (!this.#busy) this.#startWaiting();
      this.#showLast();
      return;
    }
    this.#waiting = null;
    this.#last = null;
    this.#since = [];
    this.#tools.show(null);
    this.#start(window, AFTER_CHARTS);
  }

  answer({ id, history }: HistoryAnswer): void {
    if (id !== this.#id) return;
    // A live window keeps its last history until the next is complete: nothing on screen blinks.
    if (!history.done) {
      if (!this.#last) this.#tools.show(history);
      return;
    }
    this.#last = history;
    const judged = this.#current ? endOf(this.#current.evidence.grid) : -Infinity;
    this.#since = this.#since.filter(({ at }) => at > judged);
    this.#showLast();
    this.#pause = Math.max(history.fewer ? LARGE_PAUSE : LIVE_PAUSE, history.every * 1000);
    this.#busy = false;
    if (this.#waiting) this.#startWaiting();
  }

  stop(): void {
    this.#callOff?.();
    this.#callOff = null;
    if (this.#busy) this.#tools.post({ id: ++this.#id, do: 'stop' });
    this.#busy = false;
    this.#current = null;
    this.#waiting = null;
  }

  /** The last one, and what was said since. */
  #showLast(): void {
    if (!this.#last) return;
    const from = (this.#waiting ?? this.#current)?.evidence.grid.from ?? -Infinity;
    const said = [...this.#last.said, ...this.#since].filter(({ at }) => at >= from);
    this.#tools.show({ ...this.#last, said });
  }

  #startWaiting(): void {
    this.#callOff?.();
    this.#callOff = this.#tools.later(Math.max(0, this.#startedAt + this.#pause - this.#tools.now()), () => {
      const window = this.#waiting;
      this.#waiting = null;
      if (window) this.#start(window, 0);
    });
  }

  #start(window: Window, after: number): void {
    const { post, later, now } = this.#tools;
    this.#callOff?.();
    if (this.#busy) post({ id: ++this.#id, do: 'stop' });
    this.#current = window;
    this.#busy = true;
    this.#startedAt = now();
    const id = ++this.#id;
    this.#callOff = later(after, () => {
      const { readings, ...rest } = window.evidence;
      post({ id, do: 'open', evidence: { ...rest, readings: {} }, targets: window.targets });
      this.#send(id, Object.values(readings));
    });
  }

  /** Readings in slices, so that keys and clicks come between. */
  #send(id: number, readings: readonly Reading[]): void {
    const { post, later, now } = this.#tools;
    const started = now();
    let sent = 0;
    for (const reading of readings) {
      post({ id, do: 'add', reading });
      sent++;
      if (now() - started >= SLICE) break;
    }
    if (sent < readings.length) this.#callOff = later(0, () => this.#send(id, readings.slice(sent)));
    else post({ id, do: 'judge' });
  }
}

/** Whether the second window is the first one, some time later. */
function goesOn(a: Window, b: Window): boolean {
  return (
    a.targets === b.targets &&
    a.evidence.grid.step === b.evidence.grid.step &&
    Math.abs(a.evidence.grid.count - b.evidence.grid.count) <= 2 &&
    b.evidence.grid.from >= a.evidence.grid.from &&
    scopeOf(a.evidence) === scopeOf(b.evidence)
  );
}

function scopeOf(evidence: Evidence): string {
  const { source, selector, knobs } = evidence;
  return JSON.stringify([source.kind, source.label, selector, knobs, modelsOf(evidence)]);
}
