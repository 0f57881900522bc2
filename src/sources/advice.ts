import type { SourceProblem } from './errors.ts';

/** The next step for someone whose source failed. */
export interface Advice {
  readonly title: string;
  /** What to do, in words. */
  readonly todo: string;
  /** The exact line to set or to try, where there is one. */
  readonly line: string | null;
}

/** What is known about the situation, to make the advice exact. */
export interface AdviceContext {
  /** Origin of the page, where there is one: `https://triage.example`. */
  readonly origin?: string;
  /** Base URL of the source. */
  readonly url?: string;
}

/** The next step for a problem; the same words for page and command line. Without a context it speaks in general terms. */
export function adviceFor(problem: SourceProblem, context: AdviceContext = {}): Advice {
  const url = context.url?.replace(/(?<!\/)\/+$/, '') ?? null;
  switch (problem) {
    case 'unreachable': {
      const mixed = context.origin?.startsWith('https:') && url?.startsWith('http:');
      return {
        title: mixed ? 'A secure page may not ask an http server' : 'Check address and network',
        todo: mixed
          ? 'This page came over https, and browsers refuse to fetch plain http from it. Open the page over http, or put the source behind https.'
          : 'Is the server running, is the port right, is a VPN or port-forward missing? Try the line below from the machine this runs on.',
        line: url ? `curl -sS '${url}/api/v1/status/buildinfo'` : null,
      };
    }
    case 'cors':
      return {
        title: 'Allow this page to read the answers',
        todo: 'The server is alive but the browser hides its answers from this origin. Start Prometheus with the flag below, or serve the page and the API from one origin through a proxy.',
        line: `--web.cors.origin='${context.origin ? escapeRegex(context.origin) : 'https://triage\\.example'}'`,
      };
    case 'unauthorized':
      return {
        title: 'Say who is asking',
        todo: 'The server wants credentials. Give an Authorization header with the source; in a browser a same-origin proxy that adds it is the way that always works.',
        line: 'Authorization: Bearer TOKEN',
      };
    case 'forbidden':
      return {
        title: 'Ask for read access',
        todo: 'The credentials are known but may not query. They need read access to the query API; where there are several tenants, to the one that was named.',
        line: null,
      };
    case 'no-tenant':
      return {
        title: 'Name the tenant',
        todo: 'The server keeps metrics of several tenants apart and answers only if told whose. Give the header below with the source; in a browser a same-origin proxy that adds it is the way that always works.',
        line: 'X-Scope-OrgID: TENANT',
      };
    case 'not-prometheus':
      return {
        title: 'Give the base URL of the API',
        todo: 'Something answers there, but not a Prometheus API. Give the address below which /api/v1 lies, with its path prefix; a login page in between has to be passed first.',
        line: url ? `curl -sS '${url}/api/v1/labels'` : null,
      };
    case 'server-error':
      return {
        title: 'Look at the server itself',
        todo: 'It was reached and fails by itself: a full or broken disk, a crash under way, or a gateway before it that fails. Its log, or the line below, says which.',
        line: url ? `curl -sS '${url}/api/v1/query?query=1'` : null,
      };
    case 'bad-query':
      return {
        title: 'Check the selector',
        todo: 'The server refuses the question. Selectors are PromQL label matchers, with quotes around values.',
        line: '{job="vllm"}',
      };
    case 'timeout':
      return {
        title: 'Ask for less',
        todo: 'Choose a shorter range, or narrow the selector to one model or namespace. If this keeps happening, the server needs more CPU or a longer limit.',
        line: '--query.timeout=2m',
      };
    case 'too-many-points':
      return {
        title: 'Ask for less',
        todo: 'Choose a shorter range, a wider step, or a narrower selector. The limit is a setting of the server.',
        line: '--query.max-samples=100000000',
      };
    case 'unreadable':
      return {
        title: 'Check what was given',
        todo: 'The content is damaged, cut short or of another kind. A recording is Prometheus or OpenMetrics text with timestamps, plain or gzip; an answer that breaks off usually means a proxy in between ran into a limit.',
        line: null,
      };
    case 'locked':
      return {
        title: 'Give the passphrase',
        todo: 'Whoever made the snapshot knows it; it is no part of the link. On the command line it comes from --passphrase-file or from VLLM_TRIAGE_PASSPHRASE.',
        line: null,
      };
    case 'empty':
      return {
        title: 'Look where the metrics are',
        todo: 'Nothing of vLLM is there. Check selector and time range, and that Prometheus scrapes the /metrics page of every vLLM server; the line below counts them. A server started with --disable-log-stats exports none.',
        line: 'count by (job, instance) ({__name__=~"vllm:num_requests_running"})',
      };
    case 'aborted':
      return { title: 'Read again', todo: 'The read was called off before it was complete.', line: null };
    default:
      return problem satisfies never;
  }
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
