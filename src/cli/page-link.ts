import { formatInstant } from '../core/verdict/format.ts';
import type { ChosenSource } from './sources.ts';

export interface PageLink {
  /** Address of the page, as the operator named it. */
  readonly page: string;
  readonly source: Pick<ChosenSource, 'kind' | 'url'>;
  readonly selector: string;
  readonly model?: string | undefined;
  readonly profile: string;
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
}

/** A link in the form of contract.md §4, with fixed times; `null` for a source that no link can carry, such as a file. */
export function pageLink({ page, source, selector, model, profile, from, to }: PageLink): string | null {
  if (source.kind !== 'prometheus' || source.url === null) return null;
  const { origin, pathname } = new URL(source.url);
  const query = new URLSearchParams({
    // Never the credentials that may stand in front of the host.
    prometheus: `${origin}${pathname.replace(/\/$/, '')}`,
    ...(selector === '' ? {} : { selector }),
    ...(model === undefined ? {} : { model }),
    from: formatInstant(from),
    to: formatInstant(to),
    ...(profile === 'chat' ? {} : { profile }),
  });
  return `${page.split(/[?#]/, 1)[0]}?${query}`;
}
