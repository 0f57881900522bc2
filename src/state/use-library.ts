import { useQuery } from '@tanstack/react-query';
import type { Library } from './library.ts';
import { libraryQuery } from './queries.ts';

/**
 * @param wanted whether it may be asked for: whoever looks at a snapshot asks nobody anything
 * @returns the incident library; `null` while it loads, `failed` with the reason if it is not there
 */
export function useLibrary(wanted = true): { recordings: Library['recordings'] | null; failed: string | null } {
  const query = useQuery({ ...libraryQuery(), enabled: wanted });
  return { recordings: query.data?.recordings ?? null, failed: query.isError ? query.error.message : null };
}
