import { afterEach, describe, expect, test } from 'vitest';
import type { Api } from '../../core/loadtest/bench.ts';
import { seededRandom } from '../../core/loadtest/scenarios.ts';
import { type OpenAiServer, SOUND, startOpenAiServer } from '../../testing/openai-server.ts';
import { makePrompts, type Prompts, type Tokenizer } from './prompts.ts';
import { tokenizerOf } from './target.ts';

let server: OpenAiServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

const settings = {
  arrivals: { kind: 'closed', concurrency: 1 },
  requests: 8,
  promptTokens: 64,
  outputTokens: 1,
  prefixTokens: 0,
} as const;

async function prompts(
  api: Api,
  tokenize: boolean,
  { prefixTokens = 0, seed = 1, promptTokens = 64 } = {},
): Promise<Prompts> {
  server ??= await startOpenAiServer({ behave: () => SOUND, tokenize });
  const tokenizer = tokenizerOf({ url: new URL(server.url), headers: {}, api }, 'tiny');
  return makePrompts(api, { ...settings, prefixTokens, promptTokens }, 8, seededRandom(seed), tokenizer);
}

describe('prompts', () => {
  test.each([true, false])(
    'token ids for completions, with a shared beginning; /tokenize there: %s',
    async (tokenize) => {
      const { list, note } = await prompts('completions', tokenize, { prefixTokens: 48 });
      const ids = list as number[][];
      expect(note).toMatchObject({ how: 'token-ids', exact: true });
      expect(ids.every((prompt) => prompt.length === 64)).toBe(true);
      expect(new Set(ids.map((prompt) => prompt.slice(0, 48).join())).size).toBe(1);
      expect(new Set(ids.map((prompt) => prompt.slice(48).join())).size).toBe(8);
    },
  );

  test('chats are fitted, template included, and share only what was asked', async () => {
    const { list, note } = await prompts('chat', true, { prefixTokens: 20 });
    const texts = list as string[];
    expect(note).toMatchObject({ how: 'fitted-text', exact: true });
    // The server counts words, and seven for the frame.
    expect(texts.map((text) => text.split(' ').length)).toEqual(Array(8).fill(57));
    expect(new Set(texts.map((text) => text.split(' ').slice(0, 20).join(' '))).size).toBe(1);
    expect(new Set(texts).size).toBe(8);
  });

  test('a tokenizer that makes three tokens of a word is fitted too', async () => {
    const threeEach: Tokenizer = {
      idsOf: async (text) => text.split(' ').flatMap((word) => (word.length === 1 ? [1] : [1, 2, 3])),
      countChat: async (text) =>
        5 + text.split(' ').reduce((sum, word) => sum + (word === '' ? 0 : word.length === 1 ? 1 : 3), 0),
      countByAsking: async () => null,
    };
    const { list, note } = await makePrompts(
      'chat',
      { ...settings, promptTokens: 1000 },
      6,
      seededRandom(3),
      threeEach,
    );
    expect(note.exact).toBe(true);
    for (const text of list) expect(await threeEach.countChat(text as string)).toBe(1000);
  });

  test('without /tokenize a chat is about right, and says so', async () => {
    const { list, note } = await prompts('chat', false, { promptTokens: 300 });
    expect(note).toMatchObject({ how: 'calibrated-text', exact: false });
    for (const text of list) expect(Math.abs((text as string).split(' ').length + 7 - 300)).toBeLessThan(4);
  });

  test('the same seed makes the same, another one does not', async () => {
    const first = await prompts('chat', true, { seed: 7 });
    expect((await prompts('chat', true, { seed: 7 })).list).toEqual(first.list);
    expect((await prompts('chat', true, { seed: 8 })).list).not.toEqual(first.list);
  });

  test('a template longer than the prompt is refused', async () => {
    await expect(prompts('chat', true, { promptTokens: 5 })).rejects.toThrow(/template alone takes 7 tokens/);
  });
});
