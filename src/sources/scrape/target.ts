import { readAddress } from '../address.ts';
import { SourceError } from '../errors.ts';
import type { Labels } from './log.ts';

/** A page to scrape. */
export interface Target {
  /** Where it is asked for, without credentials. */
  readonly url: string;
  /** The address in sentences: without what follows a `?`, where tokens are put at times. */
  readonly label: string;
  /** What it is called: `vllm-0:8000`. Unique among the targets of one source. */
  readonly instance: string;
  readonly labels: Labels;
  /** `Authorization` from the address, `null` without one. */
  readonly credentials: string | null;
  /** Whether it answers with samples somebody else has scraped, with their times: `vllm-triage serve`. */
  readonly history: boolean;
}

/** Name of the job every page belongs to, as in vLLM's own Prometheus example. */
const JOB = 'vllm';
/** Where `vllm-triage serve` offers what it has scraped. */
const HISTORY = /\/-\/metrics\/[^/]+$/;

/**
 * The targets of a list of addresses, as people give them: with or without scheme, and with `/metrics` left out. An address
 * that begins with `/` is on the server of the page. `instance` is host and port, as Prometheus writes it; pages that share
 * them, behind one gateway, keep their paths.
 * @throws SourceError 'unreachable' for an address that is none, 'unreadable' for one given twice
 */
export function targetsOf(urls: readonly string[]): readonly Target[] {
  const read = urls.map(addressOf);
  const twice = read.find((one, i) => read.findIndex(({ url }) => url === one.url) < i);
  if (twice) throw new SourceError('unreadable', `${twice.url} is given twice.`);
  return read.map(({ url, host, path, credentials }) => {
    const shared = read.filter((one) => one.host === host).length > 1;
    const instance = shared ? `${host}${path}` : host;
    return {
      url,
      label: url.split('?')[0] as string,
      instance,
      labels: { instance, job: JOB },
      credentials,
      history: HISTORY.test(path),
    };
  });
}

/** Where the page of an address is asked for, without password and question; `null` for an address that is none. */
export function pageAddress(text: string): string | null {
  try {
    return targetsOf([text])[0]?.label ?? null;
  } catch {
    return null;
  }
}

interface Address {
  readonly url: string;
  readonly host: string;
  readonly path: string;
  readonly credentials: string | null;
}

function addressOf(text: string): Address {
  const trimmed = text.trim();
  if (trimmed.startsWith('/') && !trimmed.startsWith('//')) {
    const [path = ''] = trimmed.split(/[?#]/);
    return { url: trimmed, host: path, path, credentials: null };
  }
  const { url, credentials } = readAddress(trimmed);
  const path = url.pathname === '/' ? '/metrics' : url.pathname;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return { url: `${url.origin}${path}${url.search}`, host: `${url.hostname}:${port}`, path, credentials };
}
