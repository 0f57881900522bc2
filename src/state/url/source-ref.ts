/** What the address names as the source. A kind more is a line in each function below, and its opening in `state/queries.ts`. */
export type SourceRef =
  | { readonly kind: 'prometheus'; readonly url: string }
  /** A recording of the library, by name. */
  | { readonly kind: 'recording'; readonly name: string }
  /** Files of the viewer's own: only their name can be in an address, their text stays in this tab. */
  | { readonly kind: 'file'; readonly name: string };

/** Value of the source's own parameter in an address; also what a person calls it. */
export function labelOf(source: SourceRef): string {
  return source.kind === 'prometheus' ? source.url : source.name;
}

/** Equal for two references to one source, and only for those. */
export function keyOf(source: SourceRef): string {
  return `${source.kind} ${labelOf(source)}`;
}

/** Whether it has a present: a range may end now, and reading it again shows something new. */
export function isLive(source: SourceRef): boolean {
  return source.kind === 'prometheus';
}

/** Address whose headers are sent along, `null` for what is not asked over the network. */
export function endpointOf(source: SourceRef): string | null {
  return source.kind === 'prometheus' ? source.url : null;
}
