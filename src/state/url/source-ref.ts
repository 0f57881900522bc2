/** What the address names as the source. A kind more is a line in each function below, and its opening in `state/queries.ts`. */
export type SourceRef =
  | { readonly kind: 'prometheus'; readonly url: string }
  /** /metrics pages, read by the page itself; one per replica. */
  | { readonly kind: 'metrics'; readonly urls: readonly string[] }
  /** A recording of the library, by name. */
  | { readonly kind: 'recording'; readonly name: string }
  /** Files of the viewer's own: only their name can be in an address, their text stays in this tab. */
  | { readonly kind: 'file'; readonly name: string }
  /** A snapshot that stands in the fragment, as `core/snapshot/text.ts` writes it. */
  | { readonly kind: 'snapshot'; readonly text: string };

/** What a person calls it; of all but a snapshot, the value of its parameter in an address as well. */
export function labelOf(source: SourceRef): string {
  switch (source.kind) {
    case 'prometheus':
      return source.url;
    case 'metrics':
      return source.urls.join(',');
    case 'recording':
    case 'file':
      return source.name;
    case 'snapshot':
      return 'snapshot';
    default:
      return source satisfies never;
  }
}

/** Equal for two references to one source, and only for those. */
export function keyOf(source: SourceRef): string {
  return `${source.kind} ${source.kind === 'snapshot' ? source.text : labelOf(source)}`;
}

/** Whether it has a present: a range may end now, and reading it again shows something new. */
export function isLive(source: SourceRef): boolean {
  return source.kind === 'prometheus' || source.kind === 'metrics';
}

/** Address whose headers are sent along, `null` for what is not asked over the network. Of several pages all addresses, by commas. */
export function endpointOf(source: SourceRef): string | null {
  return isLive(source) ? labelOf(source) : null;
}
