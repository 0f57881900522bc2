import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parse } from '../url/parse.ts';
import { openFrame, originAround } from './frame.ts';
import { allowedOrigins } from './origins.ts';
import { EMBED_SCHEMA, type EmbedEvent, parseHostMessage } from './protocol.ts';
import { patchOf, searchOf } from './settings.ts';
import { withoutSecrets } from '../../sources/secrets.ts';
import { bearer, TokenWatch } from './token.ts';

const OWN = 'https://triage.example';
const PORTAL = 'https://portal.example';

describe('who may talk', () => {
  const html = (content: string | null) => ({
    querySelector: () => (content === null ? null : { getAttribute: () => content }),
  });
  const allowed = (content: string | null) => allowedOrigins(html(content) as never, OWN);
  test.each<[string, string | null, string[]]>([
    ['nothing written in: its own server', null, [OWN]],
    ['a portal', `["${PORTAL}"]`, [OWN, PORTAL]],
    ['everybody is nobody', '["*", "null", "", "https://"]', [OWN]],
    ['an address with a path is no origin', `["${PORTAL}/a", "${PORTAL}/"]`, [OWN]],
    ['only the web', '["file://", "javascript:alert(1)"]', [OWN]],
    ['what is no list', '{"a":1}', [OWN]],
    ['what is no JSON', 'https://portal.example', [OWN]],
  ])('%s', (_name, content, expected) => {
    expect(allowed(content)).toEqual(expected);
  });
});

describe('a frame', () => {
  const setting = (allowed: string[], around: string | null) => {
    const posted: [unknown, string][] = [];
    const host = { postMessage: (message: unknown, origin: string) => void posted.push([message, origin]) };
    const heard: unknown[] = [];
    return { posted, host, heard, frame: openFrame(host, allowed, around, (message) => void heard.push(message)) };
  };
  const theme = { schema: EMBED_SCHEMA, type: 'theme', theme: 'dark' };
  const from = (source: unknown, origin: string, data: unknown) => ({ source, origin, data }) as never;

  test('hears the window around, from an allowed origin alone', () => {
    const { frame, host, heard } = setting([OWN, PORTAL], PORTAL);
    frame.take(from(host, 'https://evil.example', theme));
    frame.take(from({}, PORTAL, theme));
    frame.take(from(host, `${PORTAL}.evil.example`, theme));
    expect(heard).toEqual([]);
    frame.take(from(host, PORTAL, theme));
    expect(heard).toEqual([{ type: 'theme', theme: 'dark' }]);
  });
  test('tells nobody who is not allowed, and names whom each message is for', () => {
    expect(tellTo([OWN], 'https://evil.example')).toEqual([]);
    expect(tellTo([OWN, PORTAL], PORTAL)).toEqual([PORTAL]);
    // Where the browser hides who is around, it compares the origins itself.
    expect(tellTo([OWN, PORTAL], null)).toEqual([OWN, PORTAL]);
    function tellTo(allowed: string[], around: string | null): string[] {
      const { frame, posted } = setting(allowed, around);
      frame.tell({ type: 'ready' });
      return posted.map(([, origin]) => origin);
    }
  });
  test('answers a message it does not understand with the field, never with what stood in it', () => {
    const { frame, host, posted, heard } = setting([PORTAL], PORTAL);
    const token = { value: 'se cret\n', expires: 'soon' };
    frame.take(from(host, PORTAL, { schema: EMBED_SCHEMA, type: 'token', source: { prometheus: 'x' }, token }));
    expect(heard).toEqual([]);
    expect(posted).toHaveLength(1);
    expect(JSON.stringify(posted)).toContain('bad-message');
    expect(JSON.stringify(posted)).toContain('token.value');
    expect(JSON.stringify(posted)).not.toContain('cret');
  });
  test('is silent about messages of other programs', () => {
    const { frame, host, posted } = setting([PORTAL], PORTAL);
    for (const data of [
      'x',
      null,
      3,
      { type: 'theme', theme: 'dark' },
      { schema: 'vllm-triage/embed/2', type: 'theme' },
    ])
      frame.take(from(host, PORTAL, data));
    expect(posted).toEqual([]);
  });
  test('knows the origin around from the list of ancestors, else from the referrer', () => {
    const page = (ancestorOrigins?: string[]) => ({ location: { ancestorOrigins } }) as never;
    expect(originAround(page([PORTAL, 'https://top.example']), '')).toBe(PORTAL);
    expect(originAround(page(), `${PORTAL}/a?b`)).toBe(PORTAL);
    expect(originAround(page(), '')).toBeNull();
  });
});

describe('messages', () => {
  const read = (message: object) => parseHostMessage({ schema: EMBED_SCHEMA, ...message });
  test.each([
    ['an unknown type', { type: 'navigate', to: 'x' }],
    ['no source', { type: 'source', source: {} }],
    ['two sources', { type: 'source', source: { prometheus: 'http://a', metrics: ['http://b'] } }],
    ['another theme', { type: 'theme', theme: 'red' }],
    ['a token that would start a header of its own', tokenOf('a\r\nX-Evil: 1')],
    ['an endless token', tokenOf('a'.repeat(20_000))],
    ['no end of time', { ...tokenOf('a'), token: { value: 'a', expires: Infinity } }],
  ])('%s is refused with a sentence', (_name, message) => {
    expect(read(message)).toMatch(/expected/);
  });
  function tokenOf(value: string) {
    return { type: 'token', source: { prometheus: 'http://a' }, token: { value } };
  }
  test('a field that is not known is ignored', () => {
    expect(read({ type: 'theme', theme: 'dark', later: 1 })).toEqual({ type: 'theme', theme: 'dark' });
  });
});

describe('settings', () => {
  test('are read by the grammar of links', () => {
    const search = searchOf(
      {
        source: { prometheus: '/prometheus' },
        scope: { selector: '{job="vllm"}', model: 'm&x=1' },
        range: { from: 'now-1h', live: '5s' },
        theme: 'dark',
        show: { panel: 'ttft' },
      },
      'https://portal.example/team/page?x=1',
    );
    const { session, notices } = parse(search);
    expect(notices).toEqual([]);
    expect(session).toMatchObject({
      source: { kind: 'prometheus', url: 'https://portal.example/prometheus' },
      selector: '{job="vllm"}',
      model: 'm&x=1',
      from: { ago: 3600 },
      live: '5s',
      theme: 'dark',
      panel: 'ttft',
      embed: true,
      strip: false,
    });
  });
  test('several pages stay several', () => {
    const { source } = parse(searchOf({ source: { metrics: ['http://a/', '/b'] } }, 'http://host/')).session;
    expect(source).toEqual({ kind: 'metrics', urls: ['http://a', 'http://host/b'] });
  });
  test('a message changes what it speaks of and nothing else', () => {
    expect(patchOf({ theme: 'dark' }).patch).toEqual({ theme: 'dark' });
    expect(Object.keys(patchOf({ scope: { model: 'm' } }).patch)).toEqual(['selector', 'model', 'replica']);
    const bad = patchOf({ source: { prometheus: 'javascript:alert(1)' } });
    expect(bad.patch.source).toBeNull();
    expect(bad.notices).toHaveLength(1);
  });
});

describe('a token', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const watched = () => {
    const told: EmbedEvent[] = [];
    return { told, watch: new TokenWatch((event) => void told.push(event)) };
  };
  test('is announced a minute before its end, once', () => {
    const { told, watch } = watched();
    watch.watch('http://a', 1300, 1000);
    vi.advanceTimersByTime(239_000);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(600_000);
    expect(told).toEqual([{ type: 'token-expiring', source: 'http://a', expires: 1300 }]);
  });
  test('its successor takes its place', () => {
    const { told, watch } = watched();
    watch.watch('http://a', 1300, 1000);
    watch.watch('http://a', 1e9, 1100);
    vi.advanceTimersByTime(1_000_000);
    expect(told).toEqual([]);
  });
  test('is cut out of what a server says', () => {
    const headers = bearer('s3cret');
    expect(withoutSecrets('refused: Bearer s3cret and s3cret', headers)).toBe('refused: [hidden] and [hidden]');
    expect(withoutSecrets('fine', {})).toBe('fine');
  });
});
