import type { Api } from '../../core/loadtest/bench.ts';
import { amountAt, at, type Json, listAt, numberAt, numbersAt, textAt } from '../../core/loadtest/json.ts';
import type { Prompt, Tokenizer } from './prompts.ts';

/** The server under test, as `--url` names it: with or without `/v1` at its end. Nothing else is ever asked. */
export interface Target {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly api: Api;
}

/** Seconds for each question beside the load itself. */
const ASIDE_SECONDS = 60;

/** @throws Error where it is no http or https address, or carries a password */
export function parseTarget(text: string): URL {
  const wrong = (why: string) => new Error(`--url ${text}: ${why}, for example http://127.0.0.1:8000`);
  if (!URL.canParse(text)) throw wrong('expected an address');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw wrong('expected http or https');
  if (url.username !== '' || url.password !== '')
    throw new Error('--url: a name or password in the address would stand in the result; give it with --header');
  url.pathname = `${url.pathname.replace(/(?<!\/)\/+$/, '').replace(/\/v1$/, '')}/`;
  url.search = '';
  url.hash = '';
  return url;
}

export function pathOf({ url, api }: Pick<Target, 'url' | 'api'>): string {
  return `${url.pathname}v1/${api === 'chat' ? 'chat/completions' : 'completions'}`;
}

/** What a server says it serves, and the longest sequence it takes. */
export interface Served {
  readonly models: readonly { readonly id: string; readonly maxTokens: number | null }[];
}

/** @throws Error that says what the server answered instead of a list of models */
export async function readServed({ url, headers }: Target): Promise<Served> {
  const answer = await fetch(new URL('v1/models', url), {
    headers: { ...headers },
    redirect: 'manual',
    signal: AbortSignal.timeout(ASIDE_SECONDS * 1000),
  }).catch((error: Error) => {
    throw new Error(`${url.host} does not answer: ${causeOf(error)}`);
  });
  if (answer.status >= 300 && answer.status < 400)
    throw new Error(
      `${url.host} redirects to ${answer.headers.get('location') ?? 'somewhere'}; name that address if it is meant, none other is followed`,
    );
  if (!answer.ok) throw new Error(`${url.host} answers ${answer.status} for v1/models`);
  const body = (await answer.json().catch(() => null)) as Json;
  return {
    models: listAt(body, 'data').flatMap((one) => {
      const id = textAt(one, 'id');
      return id === null ? [] : [{ id, maxTokens: amountAt(one, 'max_model_len') }];
    }),
  };
}

/** Node puts the reason below a bare "fetch failed". */
function causeOf(error: Error): string {
  const cause = error.cause as (Error & { code?: string }) | undefined;
  return cause?.code ?? cause?.message ?? error.message;
}

/** The fields of a request that are the same in every one of a run. */
export interface BodySettings {
  readonly model: string;
  readonly outputTokens: number;
  readonly ignoreEos: boolean;
}

/** The body of a streamed request. */
export function bodyOf(api: Api, { model, outputTokens, ignoreEos }: BodySettings, prompt: Prompt): Buffer {
  return Buffer.from(
    JSON.stringify({
      model,
      ...(api === 'chat' ? { messages: [{ role: 'user', content: prompt }] } : { prompt }),
      max_tokens: outputTokens,
      stream: true,
      stream_options: { include_usage: true },
      // An extension of vLLM and SGLang: answers run to max_tokens, so that every run does the same work.
      ...(ignoreEos ? { ignore_eos: true } : {}),
    }),
  );
}

/** vLLM's `/tokenize`, and what `usage` says after a request of one token. */
export function tokenizerOf({ url, headers, api }: Target, model: string): Tokenizer {
  const ask = async (path: string, body: object): Promise<Json> => {
    const answer = await fetch(new URL(path, url), {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(ASIDE_SECONDS * 1000),
    });
    return answer.ok ? ((await answer.json()) as Json) : null;
  };
  // Absent, forbidden and broken mean the same here: this way of counting is not to be had.
  const quietly = (question: Promise<Json>): Promise<Json> => question.catch(() => null);
  return {
    idsOf: async (text) => {
      const ids = numbersAt(
        await quietly(ask('tokenize', { model, prompt: text, add_special_tokens: false })),
        'tokens',
      );
      return ids.length === 0 || !ids.every((id) => id !== null) ? null : ids;
    },
    countChat: async (text) =>
      amountAt(
        await quietly(
          ask('tokenize', { model, messages: [{ role: 'user', content: text }], add_generation_prompt: true }),
        ),
        'count',
      ),
    countByAsking: async (prompt) => {
      const body = api === 'chat' ? { messages: [{ role: 'user', content: prompt }] } : { prompt };
      const path = api === 'chat' ? 'v1/chat/completions' : 'v1/completions';
      const answer = await quietly(ask(path, { model, ...body, max_tokens: 1 }));
      return at(answer, 'usage') === undefined ? null : numberAt(answer, 'usage', 'prompt_tokens');
    },
  };
}
