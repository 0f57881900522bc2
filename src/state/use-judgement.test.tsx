import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { targetsOf } from '../core/verdict/profiles.ts';
import type { ReadResult } from './queries.ts';
import type { Judgement } from './reader/messages.ts';
import { useJudgement } from './use-judgement.ts';

afterEach(cleanup);

const CHAT = targetsOf('chat');
const NOTHING: Judgement = { models: [], again: null, needs: [] };

/** A read whose judgements are given by the test, one after the other. */
function readOf(of: string) {
  const asked: (number | null)[] = [];
  const open: { answer: (judgement: Judgement | null) => void; fail: (error: Error) => void }[] = [];
  const read = {
    of,
    frozen: null,
    judge: (_targets: unknown, at: number | null) =>
      new Promise<Judgement | null>((answer, fail) => {
        asked.push(at);
        open.push({ answer, fail });
      }),
  } as unknown as ReadResult;
  const next = async (answer: Judgement | null = NOTHING) => act(async () => open.shift()?.answer(answer));
  return { read, asked, next, fail: async (error: Error) => act(async () => open.shift()?.fail(error)) };
}

function hookOn(first: ReadResult, onGone = vi.fn()) {
  const hook = renderHook(
    ({ read, at }: { read: ReadResult; at: number | null }) => useJudgement({ read, targets: CHAT, at }, onGone),
    { initialProps: { read: first, at: null as number | null } },
  );
  return { ...hook, onGone };
}

it('keeps the last answer until the next is there, with what it answered', async () => {
  const { read, next } = readOf('a');
  const { result, rerender } = hookOn(read);
  expect(result.current).toBeNull();
  await next();
  expect(result.current).toMatchObject({ read, at: null });
  rerender({ read, at: 100 });
  expect(result.current).toMatchObject({ at: null });
  await next();
  expect(result.current).toMatchObject({ at: 100 });
});

it('asks one thing at a time, and of those that waited the newest', async () => {
  const { read, asked, next } = readOf('a');
  const { result, rerender } = hookOn(read);
  for (const at of [1, 2, 3]) rerender({ read, at });
  expect(asked).toEqual([null]);
  await next();
  expect(asked).toEqual([null, 3]);
  await next();
  expect(result.current).toMatchObject({ at: 3 });
});

it('says that a read is gone, and goes on with the next one', async () => {
  const first = readOf('a');
  const { result, rerender, onGone } = hookOn(first.read);
  await first.next(null);
  expect(onGone).toHaveBeenCalledOnce();
  expect(result.current).toBeNull();
  const second = readOf('a');
  rerender({ read: second.read, at: null });
  await second.next();
  expect(result.current).toMatchObject({ read: second.read });
});

it('hands a fault of judging to the boundary of the page', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const { read, fail } = readOf('a');
  hookOn(read);
  await expect(fail(new Error('a rule has a fault'))).rejects.toThrow('a rule has a fault');
});

it('shows nothing of what comes after nobody looks any more', async () => {
  const { read, next } = readOf('a');
  const { result, unmount } = hookOn(read);
  unmount();
  await next();
  expect(result.current).toBeNull();
});
