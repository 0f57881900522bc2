import { useQuery } from '@tanstack/react-query';
import type { Library } from './library.ts';
import { libraryQuery } from './queries.ts';

/** @returns the incident library; `null` while it loads, `failed` with the reason if it is not there. */
export function useLibrary(): { recordings: Library['recordings'] | null; failed: string | null } {
  const query = useQuery(libraryQuery());
  return { recordings: query.data?.recordings ?? null, failed: query.isError ? query.error.message : null };
}
