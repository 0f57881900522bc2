import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** How a request is answered. Milliseconds. */
export interface Behaviour {
  /** From the request to the first token. */
  readonly firstMs: number;
  /** Between two events with tokens. */
  readonly gapMs: number;
  /** Tokens in one event. */
  readonly tokensPerEvent: number;
  readonly usage: 'last-event' | 'every-event' | 'none';
  /** What goes wrong; `after` events with tokens. */
  readonly fault:
    | null
    | { readonly kind: 'status'; readonly status: number; readonly body: string; readonly location?: string }
    | { readonly kind: 'reset' | 'hang' | 'close'; readonly after: number }
    | { readonly kind: 'stream-error'; readonly after: number }
    | { readonly kind: 'no-stream' | 'empty' };
}

export const SOUND: Behaviour = { firstMs: 60, gapMs: 20, tokensPerEvent: 1, usage: 'last-event', fault: null };

export interface OpenAiServer {
  readonly url: string;
  /** Bodies of the load requests, as they came. */
  readonly seen: Record<string, unknown>[];
  /** Paths of everything asked, with headers. */
  readonly asked: { readonly path: string; readonly headers: IncomingMessage['headers'] }[];
  /** Most requests that were open at once. */
  readonly peak: () => number;
  readonly stop: () => Promise<void>;
}

export interface ServerSettings {
  /** By number of the load request, from 0; warm-ups count. */
  readonly behave: (index: number) => Behaviour;
  /** With vLLM's /tokenize: words and punctuation are a token each, and a chat has seven more. */
  readonly tokenize: boolean;
  readonly maxModelLen?: number;
}

/** Tokens of the frame of a chat. */
const FRAME = 7;
const WORD = /\S+/g;

/**
 * A real HTTP server that streams like an OpenAI-compatible one at times a test knows, and fails in ways a test asks for: what a
 * sound engine never shows.
 */
export async function startOpenAiServer(settings: ServerSettings): Promise<OpenAiServer> {
  const seen: Record<string, unknown>[] = [];
  const asked: OpenAiServer['asked'] = [];
  const sockets = new Set<Socket>();
  let open = 0;
  let peak = 0;
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', headers: request.headers });
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
      const path = request.url ?? '';
      if (path === '/v1/models')
        return json(response, 200, { data: [{ id: 'tiny', max_model_len: settings.maxModelLen ?? 32_768 }] });
      if (path === '/tokenize' && settings.tokenize) return json(response, 200, tokensOf(body));
      if (!path.endsWith('/completions')) return json(response, 404, { detail: 'Not Found' });
      if (body.stream !== true) return json(response, 200, { usage: { prompt_tokens: promptTokensOf(body) } });
      const index = seen.push(body) - 1;
      open += 1;
      peak = Math.max(peak, open);
      response.on('close', () => {
        open -= 1;
      });
      void stream(response, path.includes('/chat/'), body, settings.behave(index));
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    asked,
    peak: () => peak,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function stream(
  response: ServerResponse,
  chat: boolean,
  body: Record<string, unknown>,
  { firstMs, gapMs, tokensPerEvent, usage, fault }: Behaviour,
): Promise<void> {
  if (fault?.kind === 'status') {
    response.writeHead(fault.status, fault.location === undefined ? {} : { location: fault.location });
    return void response.end(fault.body);
  }
  if (fault?.kind === 'no-stream') return json(response, 200, { choices: [{ text: 'all at once' }] });
  const tokens = Number(body.max_tokens ?? body.max_completion_tokens);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.flushHeaders();
  const kind = chat ? 'chat.completion.chunk' : 'text_completion';
  const send = (value: object) => response.write(`data: ${JSON.stringify({ object: kind, ...value })}\n\n`);
  // A comment, as servers send to keep a connection open.
  response.write(': ping\n\n');
  await wait(firstMs);
  if (chat) send({ choices: [{ delta: { role: 'assistant', content: '' }, finish_reason: null }] });
  for (let sent = 0, events = 0; sent < tokens && fault?.kind !== 'empty'; events++) {
    if (fault !== null && 'after' in fault && events === fault.after) {
      if (fault.kind === 'reset') return void response.destroy();
      if (fault.kind === 'close') return void response.end();
      if (fault.kind === 'stream-error') {
        send({ error: { message: 'the engine died', code: 500 } });
        return void response.end('data: [DONE]\n\n');
      }
      return;
    }
    if (events > 0) await wait(gapMs);
    sent = Math.min(tokens, sent + tokensPerEvent);
    const text = events === 1 ? '' : 'word ';
    const choice = { ...(chat ? { delta: { content: text } } : { text }), finish_reason: null };
    send({ choices: [choice], ...(usage === 'every-event' ? usageOf(body, sent) : {}) });
  }
  send({ choices: [{ ...(chat ? { delta: {} } : { text: '' }), finish_reason: 'length' }] });
  if (usage === 'last-event') send({ choices: [], ...usageOf(body, fault?.kind === 'empty' ? 0 : tokens) });
  response.end('data: [DONE]\n\n');
}

function usageOf(body: Record<string, unknown>, sent: number): object {
  return { usage: { prompt_tokens: promptTokensOf(body), completion_tokens: sent } };
}

function promptTokensOf(body: Record<string, unknown>): number {
  if (Array.isArray(body.prompt)) return body.prompt.length;
  if (typeof body.prompt === 'string') return body.prompt.match(WORD)?.length ?? 0;
  return FRAME + (chatText(body).match(WORD)?.length ?? 0);
}

function chatText(body: Record<string, unknown>): string {
  return (body.messages as { content: string }[]).map(({ content }) => content).join(' ');
}

function tokensOf(body: Record<string, unknown>): object {
  if (typeof body.prompt === 'string')
    return { tokens: (body.prompt.match(WORD) ?? []).map((word) => 300 + word.charCodeAt(0) * word.length) };
  return { count: FRAME + (chatText(body).match(WORD)?.length ?? 0) };
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
