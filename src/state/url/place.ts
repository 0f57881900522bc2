import { createContext } from 'react';

/**
 * Where a session is kept, as the query part of an address: the address bar, or the memory of a mount in somebody else's page.
 * Either way there is one copy, and `navigate` is the only way to change it.
 */
export interface Place {
  /** `?prometheus=…`, or `''`. */
  read(): string;
  write(search: string, how: { readonly replace?: boolean }): void;
  /** @returns what ends it */
  subscribe(listener: () => void): () => void;
  /** Address of the whole page without its query part, for links to it; `null` where it is not known. */
  page(): string | null;
}

/** `null`: the address bar. */
export const PlaceContext = createContext<Place | null>(null);

/** A session kept in memory: the address bar around a mount belongs to its host. */
export class MemoryPlace implements Place {
  readonly #listeners = new Set<() => void>();
  #search: string;
  #page: string | null;

  constructor(search: string, page: string | null) {
    this.#search = search;
    this.#page = page;
  }

  read = (): string => this.#search;

  page = (): string | null => this.#page;

  write = (search: string): void => this.set(search, this.#page);

  /** What the host wants now, in place of all it wanted before. */
  set(search: string, page: string | null): void {
    this.#search = search;
    this.#page = page;
    for (const listener of this.#listeners) listener();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
