import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { usePreferences, useSecrets } from './preferences.ts';

/** Holds what was fetched, and reads the viewer's preferences once, before anything is painted. */
export function StateProvider({ children }: { readonly children: ReactNode }) {
  const [client] = useState(() => {
    void usePreferences.persist.rehydrate();
    void useSecrets.persist.rehydrate();
    return new QueryClient({ defaultOptions: { queries: { networkMode: 'always', refetchOnReconnect: true } } });
  });
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}
