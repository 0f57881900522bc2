import * as v from 'valibot';
import { format } from './url/format.ts';
import { parse } from './url/parse.ts';
import type { SourceRef } from './url/source-ref.ts';

/** A source the server of the page relays, as `vllm-triage serve` does. */
export interface ServedSource {
  readonly name: string;
  readonly source: SourceRef;
}

const offered = v.array(v.object({ kind: v.picklist(['prometheus', 'metrics']), name: v.string() }));

/**
 * What `vllm-triage serve` has written into the page; nothing on any other server. Paths stand below the page's own, so that
 * they hold behind a proxy with a prefix as well.
 * @param base address of the page
 */
export function servedSources(html: Pick<Document, 'querySelector'>, base: string): readonly ServedSource[] {
  const content = html.querySelector('meta[name="vllm-triage-sources"]')?.getAttribute('content');
  const read = v.safeParse(offered, parseJson(content ?? '[]'));
  if (!read.success) return [];
  return read.output.map(({ kind, name }) => {
    const path = new URL(`./-/${kind}/${name}`, base).pathname;
    return { name, source: kind === 'prometheus' ? { kind, url: path } : { kind, urls: [path] } };
  });
}

/** Opens the only source of this server, once, where the address names none: the way back to the first screen stays open. */
export function openOnlySource(): void {
  const [only, ...others] = servedSources(document, document.baseURI);
  const { session } = parse(window.location.search + window.location.hash);
  if (only === undefined || others.length > 0 || session.source !== null) return;
  const search = format({ ...session, source: only.source });
  window.history.replaceState(null, '', `${window.location.pathname}${search}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
