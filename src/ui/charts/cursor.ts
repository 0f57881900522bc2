import { createContext, useContext, useSyncExternalStore } from 'react';

export interface CursorState {
  /** Unix seconds under the pointer or the keyboard cursor; `null` when nobody points. */
  readonly hover: number | null;
  /** Unix seconds the page stands at, drawn while nobody points; `null` for the end. */
  readonly at: number | null;
}

/**
 * One time cursor for all charts. It lives outside React so that moving it redraws a line and a number, not sixteen charts:
 * 3 ms a move where a shared chart state costs 20 (ecosystem.md §4).
 */
export class TimeCursor {
  #state: CursorState = { hover: null, at: null };
  readonly #listeners = new Set<() => void>();

  readonly get = (): CursorState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  hover(time: number | null): void {
    if (time !== this.#state.hover) this.#set({ ...this.#state, hover: time });
  }

  stand(time: number | null): void {
    if (time !== this.#state.at) this.#set({ ...this.#state, at: time });
  }

  #set(state: CursorState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

const CursorContext = createContext<TimeCursor | null>(null);

/** Shares one cursor with every chart, timeline and heat strip below. */
export const CursorProvider = CursorContext.Provider;

export function useTimeCursor(): TimeCursor | null {
  return useContext(CursorContext);
}

const NOTHING: CursorState = { hover: null, at: null };
const noCursor = (): CursorState => NOTHING;
const noSubscription = () => () => undefined;

/** @returns where the cursor is; redraws the caller whenever it moves, so keep the caller small. */
export function useCursorState(cursor: TimeCursor | null): CursorState {
  return useSyncExternalStore(cursor?.subscribe ?? noSubscription, cursor?.get ?? noCursor, noCursor);
}
