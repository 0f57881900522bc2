import { baseOf } from '../../sources/prometheus/client.ts';
import { targetsOf } from '../../sources/scrape/target.ts';
import type { TypedHeaders } from '../headers.ts';

/** A source the server was started with. */
export interface ServedSource {
  readonly kind: 'prometheus' | 'metrics';
  /** Name in its path: `/-/prometheus/prod`. Unique. */
  readonly name: string;
  /** One for a Prometheus, one per replica for pages. May hold credentials: it never leaves the server. */
  readonly urls: readonly string[];
  /** As typed; read when they are sent. */
  readonly headers: TypedHeaders;
}

export interface ServedArguments {
  /** `[NAME=]URL` */
  readonly prometheus: readonly string[];
  readonly metrics: readonly string[];
  /** `[SOURCE/]NAME` → value. */
  readonly header: TypedHeaders;
}

const NAMED = /^([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)=(.+)$/i;
/** Last parts of addresses of Prometheus' own interface, which are cut off wherever an address is given. */
const TAKEN = new Set(['graph', 'query', 'targets', 'alerts']);
/** Name of the pages nobody named: they are replicas of one service. */
const PAGES = 'vllm';

/**
 * The sources of a command line. Each Prometheus is one; /metrics pages are one together, or one per name. A header goes to the
 * source it names, or to the only one: a token that reached a second server would be given away.
 * @throws Error with what was expected; SourceError for an address that is none
 */
export function servedSources({ prometheus, metrics, header }: ServedArguments): readonly ServedSource[] {
  const sources: (Omit<ServedSource, 'headers'> & { urls: string[] })[] = [];
  for (const text of prometheus) {
    const { name, url } = split(text);
    const wanted = name ?? (prometheus.length === 1 ? 'prometheus' : slugOf(new URL(baseOf(url).base).hostname));
    if (name !== null && sources.some((one) => one.name === name)) throw new Error(`two sources are named ${name}`);
    sources.push({ kind: 'prometheus', name: free(wanted, sources), urls: [url] });
  }
  for (const text of metrics) {
    const { name, url } = split(text);
    const wanted = name ?? PAGES;
    const known = sources.find((one) => one.name === wanted && one.kind === 'metrics');
    if (known) known.urls.push(url);
    else if (name !== null && sources.some((one) => one.name === name))
      throw new Error(`two sources are named ${name}, and one of them is no page`);
    else sources.push({ kind: 'metrics', name: free(wanted, sources), urls: [url] });
  }
  for (const { kind, name, urls } of sources) {
    if (TAKEN.has(name)) throw new Error(`a source cannot be named ${name}; choose another name`);
    if (urls.some((url) => url.startsWith('/'))) throw new Error(`${urls[0]}: expected an address with a host`);
    if (kind === 'prometheus') urls.forEach(baseOf);
    else targetsOf(urls);
  }
  const headers = headersBySource(header, sources);
  return sources.map((one) => ({ ...one, headers: headers.get(one.name) ?? {} }));
}

function split(text: string): { readonly name: string | null; readonly url: string } {
  const [, name, url] = NAMED.exec(text) ?? [];
  return name === undefined || url === undefined ? { name: null, url: text } : { name: name.toLowerCase(), url };
}

function slugOf(host: string): string {
  return (
    host
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'prometheus'
  );
}

function free(wanted: string, taken: readonly { readonly name: string }[]): string {
  let name = wanted;
  for (let n = 2; taken.some((one) => one.name === name); n += 1) name = `${wanted}-${n}`;
  return name;
}

function headersBySource(
  typed: TypedHeaders,
  sources: readonly { readonly name: string }[],
): ReadonlyMap<string, TypedHeaders> {
  const found = new Map<string, Record<string, string>>();
  for (const [text, value] of Object.entries(typed)) {
    const [, source, name = text] = /^([^/]+)\/(.+)$/.exec(text) ?? [];
    const names = sources.map((one) => one.name);
    if (source === undefined && sources.length > 1)
      throw new Error(`--header ${name}: say which source it is for, for example '${names[0]}/${name}: …'`);
    const owner = source?.toLowerCase() ?? names[0] ?? '';
    if (!names.includes(owner))
      throw new Error(`--header ${text}: no source is named ${owner}; there is ${names.join(', ')}`);
    found.set(owner, { ...found.get(owner), [name]: value });
  }
  return found;
}
