import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { createSecrets, SecretsContext } from '../preferences.ts';
import { closeDesks } from '../reader/desks.ts';
import { parse } from '../url/parse.ts';
import { MemoryPlace, PlaceContext } from '../url/place.ts';
import { endpointOf } from '../url/source-ref.ts';
import type { HostToken, Tell } from './protocol.ts';
import { type HostSettings, searchOf } from './settings.ts';
import { bearer, TokenWatch } from './token.ts';

/** All that one mount remembers: nothing of it in the address bar, in storage, or shared with another mount. */
export class MountedState {
  readonly place = new MemoryPlace('', null);
  readonly secrets = createSecrets();
  readonly client = new QueryClient({ defaultOptions: { queries: { networkMode: 'always' } } });
  readonly #tokens: TokenWatch;
  readonly #base: string;

  /** @param base address of the page around */
  constructor(tell: Tell, base: string) {
    this.#tokens = new TokenWatch(tell);
    this.#base = base;
  }

  /** @param page address of the whole page, for links to it; `null`: there are none */
  show(settings: HostSettings, page: string | null): void {
    this.place.set(searchOf(settings, this.#base), page);
  }

  /** Keeps a token for the source shown now, and for no other. */
  keep(token: HostToken): void {
    const { source } = parse(this.place.read()).session;
    const endpoint = source && endpointOf(source);
    if (endpoint === null) return;
    const { headers, setHeaders } = this.secrets.getState();
    const sent = bearer(token.value);
    if (headers[endpoint]?.['Authorization'] === sent.Authorization) return;
    setHeaders(endpoint, sent);
    // What was opened with the token before is not asked again.
    this.client.removeQueries({ queryKey: ['source'] });
    this.#tokens.watch(endpoint, token.expires, Date.now() / 1000);
  }

  close(): void {
    this.#tokens.stop();
    this.client.clear();
    closeDesks(this.client);
  }
}

export function MountedProvider({ state, children }: { readonly state: MountedState; readonly children: ReactNode }) {
  return (
    <PlaceContext value={state.place}>
      <SecretsContext value={state.secrets}>
        <QueryClientProvider client={state.client}>{children}</QueryClientProvider>
      </SecretsContext>
    </PlaceContext>
  );
}
