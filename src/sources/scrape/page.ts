import { ExpositionError, type Parsed, parseExposition } from '../../core/exposition/parse.ts';
import { deadline } from '../deadline.ts';
import { SourceError } from '../errors.ts';
import { withoutSecrets } from '../secrets.ts';
import type { SourcePlatform } from '../source.ts';
import { whyUnanswered } from '../unanswered.ts';
import type { Target } from './target.ts';

export interface PageSettings {
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds one page may take. */
  readonly timeout: number;
}

/** A page, parsed, and the text it came as. */
export interface TargetPage {
  readonly parsed: Parsed;
  readonly text: string;
}

/**
 * One page of a target.
 * @param after of a history: only samples after this, unix milliseconds
 * @throws SourceError, each problem told apart
 */
export async function readPage(
  target: Target,
  settings: PageSettings,
  after: number | null,
  platform: SourcePlatform,
  abort: AbortSignal,
): Promise<TargetPage> {
  const { url, label, credentials } = target;
  const headers = { ...(credentials ? { Authorization: credentials } : {}), ...settings.headers };
  const limit = deadline(settings.timeout, abort);
  const address = target.history && after !== null ? `${url}?after=${after}` : url;
  try {
    const response = await platform.fetch(address, {
      // What was given for one address must not follow to another.
      ...(Object.keys(headers).length > 0 ? { headers, redirect: 'manual' as const } : {}),
      // A page out of a cache is not the present.
      cache: 'no-store',
      signal: limit.signal,
    });
    const text = await response.text();
    return { parsed: pageOf(label, response, text, headers), text };
  } catch (error) {
    if (error instanceof SourceError) throw error;
    const asked = { url, label, headers, seconds: settings.timeout, abort, timeout: limit.signal };
    throw await whyUnanswered(error, asked, platform);
  } finally {
    limit.done();
  }
}

function pageOf(label: string, response: Response, text: string, headers: PageSettings['headers']): Parsed {
  const { status } = response;
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400))
    throw new SourceError(
      'unreachable',
      `${label} sends elsewhere, and headers are not sent after it; give the address it sends to.`,
    );
  if (status === 401) throw new SourceError('unauthorized', `${label} wants to know who is asking (401).`, status);
  if (status === 403) throw new SourceError('forbidden', `${label} does not allow this (403).`, status);
  if (status === 502 || status === 503 || status === 504)
    throw new SourceError(
      'unreachable',
      `The server behind ${label} cannot be reached (${status})${withoutSecrets(reason(text), headers)}.`,
      status,
    );
  if (!response.ok)
    throw new SourceError('unreadable', `${label} answers ${status} where a /metrics page should be.`, status);
  const html = (response.headers.get('content-type') ?? '').includes('html') || text.trimStart().startsWith('<');
  if (html)
    throw new SourceError('unreadable', `${label} answers with a web page where a /metrics page should be.`, status);
  try {
    return parseExposition(text);
  } catch (error) {
    if (!(error instanceof ExpositionError)) throw error;
    throw new SourceError('unreadable', `${label} is no /metrics page: ${error.message}.`, status);
  }
}

/** What a gateway says in one line of plain text, as `vllm-triage serve` does. */
function reason(text: string): string {
  const line = text.trim().replace(/\.$/, '');
  return line === '' || line.length > 300 || /[\n<]/.test(line) ? '' : `: ${line}`;
}
