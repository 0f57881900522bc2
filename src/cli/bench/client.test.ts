import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type Behaviour, type OpenAiServer, SOUND, startOpenAiServer } from '../../testing/openai-server.ts';
import { type Answer, connectionsTo, timeRequest } from './client.ts';
import { bodyOf } from './target.ts';

let server: OpenAiServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

async function ask(
  behaviour: Partial<Behaviour>,
  {
    api = 'chat' as 'chat' | 'completions',
    tokens = 10,
    timeoutSeconds = 20,
    signal = new AbortController().signal,
  } = {},
): Promise<Answer> {
  server = await startOpenAiServer({ behave: () => ({ ...SOUND, ...behaviour }), tokenize: true });
  const connections = connectionsTo(new URL(server.url), {});
  const prompt = api === 'chat' ? 'three little words' : [500, 501, 502];
  const answer = await timeRequest(connections, {
    path: api === 'chat' ? '/v1/chat/completions' : '/v1/completions',
    body: bodyOf(api, { model: 'tiny', outputTokens: tokens, ignoreEos: true }, prompt),
    timeoutSeconds,
    signal,
  });
  connections.agent.destroy();
  return answer;
}

describe('times of a streamed answer', () => {
  test.each(['chat', 'completions'] as const)('%s: first token, every gap, the end, tokens from usage', async (api) => {
    const answer = await ask({ firstMs: 150, gapMs: 40 }, { api });
    expect(answer.error).toBeNull();
    // Timers never fire early by more than a millisecond; how late depends on the machine.
    expect(answer.ttft).toBeGreaterThan(0.148);
    expect(answer.ttft).toBeLessThan(0.4);
    expect(answer.gaps).toHaveLength(9);
    const mean = answer.gaps.reduce((a, b) => a + b, 0) / 9;
    expect(mean).toBeGreaterThan(0.038);
    expect(mean).toBeLessThan(0.08);
    expect(answer.e2e).toBeCloseTo((answer.ttft ?? 0) + 9 * mean, 6);
    expect(answer.end).toBeGreaterThanOrEqual(answer.e2e ?? Infinity);
    expect([answer.promptTokens, answer.outputTokens]).toEqual([api === 'chat' ? 10 : 3, 10]);
  });

  test('an event with a role and no text is not the first token', async () => {
    const answer = await ask({ firstMs: 0, gapMs: 0 }, { tokens: 1 });
    expect(answer.gaps).toEqual([]);
    expect(answer.error).toBeNull();
  });

  test('events are not tokens: four to an event give the tokens of usage and fewer gaps', async () => {
    const answer = await ask({ tokensPerEvent: 4, gapMs: 5, firstMs: 5 }, { tokens: 20 });
    expect(answer.outputTokens).toBe(20);
    expect(answer.gaps).toHaveLength(4);
  });

  test('usage in every event: the last one counts; none at all: not known', async () => {
    expect((await ask({ usage: 'every-event', gapMs: 2 })).outputTokens).toBe(10);
    await server?.stop();
    const none = await ask({ usage: 'none', gapMs: 2 });
    expect([none.promptTokens, none.outputTokens, none.error]).toEqual([null, null, null]);
  });
});

describe('what goes wrong', () => {
  const cases: [string, Partial<Behaviour>, string, RegExp][] = [
    ['429', { fault: { kind: 'status', status: 429, body: 'slow down' } }, 'http-429', /429 slow down/],
    ['500', { fault: { kind: 'status', status: 500, body: 'x'.repeat(5000) } }, 'http-500', /^500 x{300}$/],
    [
      'a redirect is not followed',
      { fault: { kind: 'status', status: 307, body: '', location: 'http://127.0.0.1:9/elsewhere' } },
      'redirect',
      /elsewhere/,
    ],
    ['a reset in the middle', { fault: { kind: 'reset', after: 3 } }, 'reset', /ended|ECONNRESET|aborted/],
    ['a stream that just ends', { fault: { kind: 'close', after: 3 } }, 'cut-short', /without a finish reason/],
    ['an error event', { fault: { kind: 'stream-error', after: 3 } }, 'stream-error', /the engine died/],
    ['an answer that is no stream', { fault: { kind: 'no-stream' } }, 'no-stream', /200/],
    ['a stream without output', { fault: { kind: 'empty' } }, 'no-output', /no output/],
  ];
  test.each(cases)('%s', async (_, behaviour, kind, says) => {
    const answer = await ask({ gapMs: 5, firstMs: 5, ...behaviour });
    expect(answer.error?.kind).toBe(kind);
    expect(answer.error?.says).toMatch(says);
    expect(server?.seen).toHaveLength(1);
  });

  test('what came before a fault is kept', async () => {
    const answer = await ask({ gapMs: 5, firstMs: 5, fault: { kind: 'reset', after: 3 } });
    expect(answer.ttft).not.toBeNull();
    // The reset may overtake the last event on its way.
    expect([1, 2]).toContain(answer.gaps.length);
  });

  test('silence ends at the time-out, and the connection with it', async () => {
    const answer = await ask({ firstMs: 5, fault: { kind: 'hang', after: 2 } }, { timeoutSeconds: 0.3 });
    expect(answer.error).toMatchObject({ kind: 'timeout' });
    expect(answer.end).toBeLessThan(5);
  });

  test('given up: what was measured stays', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 200);
    const answer = await ask({ firstMs: 5, gapMs: 20 }, { tokens: 1000, signal: stop.signal });
    expect(answer.error?.kind).toBe('stopped');
    expect(answer.gaps.length).toBeGreaterThan(0);
  });

  test('nobody listens', async () => {
    const taken: Server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    await new Promise((resolve) => taken.close(resolve));
    const connections = connectionsTo(new URL(`http://127.0.0.1:${port}`), {});
    const { error } = await timeRequest(connections, {
      path: '/v1/completions',
      body: Buffer.from('{}'),
      timeoutSeconds: 5,
      signal: new AbortController().signal,
    });
    expect(error).toMatchObject({ kind: 'unreachable', says: expect.stringContaining('ECONNREFUSED') });
  });
});
