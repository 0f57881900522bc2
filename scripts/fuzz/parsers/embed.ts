import { isDeepStrictEqual } from 'node:util';
import { format } from '../../../src/state/url/format.ts';
import { openFrame } from '../../../src/state/embed/frame.ts';
import { allowedOrigins } from '../../../src/state/embed/origins.ts';
import { EMBED_SCHEMA, type EmbedEvent } from '../../../src/state/embed/protocol.ts';
import { patchOf } from '../../../src/state/embed/settings.ts';
import { servedSources } from '../../../src/state/served.ts';
import { DEFAULT_SESSION } from '../../../src/state/url/session.ts';
import type { FuzzedParser } from '../parser.ts';

const HOST = 'https://portal.example';
const message = (type: string, rest: object) => JSON.stringify({ schema: EMBED_SCHEMA, type, ...rest });
const SECRET = 'eyJ0b2tlbg';

/** Messages of the page around. It refuses nothing: a bad one is answered with a sentence, which must not hold a token. */
export const hostMessage: FuzzedParser = {
  id: 'host-message',
  title: 'messages of the page around an embedded part',
  seeds: () => [
    message('source', { source: { prometheus: 'https://prometheus.example/prom' } }),
    message('source', { source: { metrics: ['http://vllm-0:8000/metrics', '/metrics'] } }),
    message('scope', { scope: { selector: '{job="vllm"}', model: 'm', replica: 'vllm-0' } }),
    message('range', { range: { from: 'now-30m', to: '2026-11-24T12:00:00Z', live: '5s' } }),
    message('theme', { theme: 'dark' }),
    message('token', {
      source: { prometheus: 'https://prometheus.example' },
      token: { value: SECRET, expires: 1_795_600_000 },
    }),
  ],
  words: ['"source"', '"token"', '"value"', '"prometheus"', '"metrics"', 'null', '"live"'],
  read(text) {
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch {
      // Any value can be posted, a text among them.
      data = text;
    }
    const said: EmbedEvent[] = [];
    const host = { postMessage: (event: unknown) => void said.push(event as EmbedEvent) };
    const frame = openFrame(host, [HOST], HOST, (one) => {
      if (one.type === 'source') format({ ...DEFAULT_SESSION, ...patchOf({ source: one.source }).patch });
      else if (one.type === 'token') patchOf({ source: one.source });
      else if (one.type === 'theme') patchOf({ theme: one.theme });
      else patchOf(one.type === 'scope' ? { scope: one.scope } : { range: one.range });
    });
    frame.take({ source: host as unknown as Window, origin: HOST, data });
    if (JSON.stringify(said).includes(SECRET)) throw new Error('a token is repeated in an answer');
    const before = said.length;
    frame.take({ source: host as unknown as Window, origin: 'https://other.example', data });
    frame.take({ source: null, origin: HOST, data });
    if (said.length !== before) throw new Error('somebody else was answered');
  },
  refuses: () => false,
};

/** What the server of the page has written into it: sources and origins. What is none is left out. */
export const servedPage: FuzzedParser = {
  id: 'served-page',
  title: 'what the server wrote into the page',
  seeds: () => [
    '[{"kind":"prometheus","name":"prod"},{"kind":"metrics","name":"vllm-0"}]',
    '["https://portal.example","https://portal.example:8443"]',
    '[]',
  ],
  words: ['"kind":"metrics"', '"name":"', '../', '//', '\\', '?', '#', '*', 'https://', 'null', 'http://a@b'],
  read(text) {
    const html = { querySelector: () => ({ getAttribute: () => text }) } as unknown as Pick<Document, 'querySelector'>;
    for (const { source } of servedSources(html, 'https://triage.example/prefix/')) {
      const paths = source.kind === 'prometheus' ? [source.url] : source.kind === 'metrics' ? source.urls : [];
      for (const path of paths)
        if (!path.startsWith('/prefix/-/') || new URL(path, 'https://triage.example').host !== 'triage.example')
          throw new Error(`a served source leads to ${path.slice(0, 80)}`);
    }
    const origins = allowedOrigins(html, HOST);
    if (
      !isDeepStrictEqual(
        origins,
        origins.filter((one) => /^https?:\/\/[^/*@]+$/.test(one)),
      )
    )
      throw new Error(`an origin is none: ${origins.join(' ').slice(0, 80)}`);
  },
  refuses: () => false,
};
