import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { diagnose } from '../../core/verdict/diagnose.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import type { Answer, Ask, Judgement, NamedBytes, Opened, ReadEnd } from './messages.ts';
import { GONE } from './messages.ts';
import { joinPieces } from './pieces.ts';
import { reader } from './reader.ts';

const library = fileURLToPath(new URL('../../../public/library/', import.meta.url));
const CHAT = targetsOf('chat');

function bytesOf(name: string): NamedBytes {
  const { buffer, byteOffset, byteLength } = readFileSync(`${library}${name}.om.gz`);
  return { name: `${name}.om.gz`, bytes: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer };
}

/** A reader and whoever asks it, with a real channel's copy between them. */
function stage(fetch: typeof globalThis.fetch = () => Promise.reject(new Error('no network'))) {
  const answers: Answer[] = [];
  const call = reader({ fetch }, (answer) => answers.push(structuredClone(answer)));
  let asked = 0;
  const begin = (ask: Ask) => {
    call(structuredClone({ ...ask, id: ++asked }));
    return asked;
  };
  const endOf = async (id: number) => {
    const end = await vi.waitUntil(() => answers.find((one) => one.id === id && !('piece' in one)), 50_000);
    if ('problem' in end) throw new Error(`${end.problem}: ${end.message}`);
    if ('fault' in end) throw new Error(end.fault);
    return 'value' in end ? end.value : null;
  };
  const ask = (what: Ask) => endOf(begin(what));
  return {
    ask,
    begin,
    endOf,
    stop: (id: number) => call({ id, do: 'stop' }),
    open: (name: string) =>
      ask({
        do: 'open',
        key: name,
        what: { kind: 'files', label: name, files: [bytesOf(name)], passphrase: '' },
      }) as Promise<Opened>,
    read: async (key: string, as = 'all', onward = false) => {
      const id = begin({
        do: 'read',
        key,
        as,
        onward,
        now: 1_800_000_000,
        request: { from: 'start', to: 'end', selector: '', knobs: {} },
      });
      const { read, head } = (await endOf(id)) as ReadEnd;
      const pieces = answers.flatMap((one) => (one.id === id && 'piece' in one ? [one.piece] : []));
      return { read, evidence: { ...head, readings: joinPieces(pieces) } };
    },
    judge: (key: string, read: number, at: number | null = null, as = 'all') =>
      ask({ do: 'judge', key, as, read, targets: CHAT, at, again: false }) as Promise<Judgement | typeof GONE>,
  };
}

it('reads a recording and judges it where it lies, as it would be judged anywhere', async () => {
  const { open, read, judge } = stage();
  expect(await open('kv-thrash-a')).toMatchObject({ kind: 'recording', frozen: null });
  const { read: number, evidence } = await read('kv-thrash-a');
  expect(Object.keys(evidence.readings).length).toBeGreaterThan(20);
  const judgement = (await judge('kv-thrash-a', number)) as Judgement;
  expect(judgement.models[0]?.verdict).toEqual(diagnose(evidence, CHAT));
  expect(judgement.models[0]?.verdict.findings[0]?.pathology).toBe('kv-cache-thrashing');
  expect(judgement.needs).toContainEqual({
    signal: 'preemptions',
    pathology: 'kv-cache-thrashing',
    title: 'KV cache thrashing',
  });
});

it('judges at a time of the past without another read', async () => {
  const { open, read, judge } = stage();
  await open('seats');
  const { read: number, evidence } = await read('seats');
  const { from, step } = evidence.grid;
  const early = (await judge('seats', number, from + 20 * step)) as Judgement;
  expect(early.models[0]?.verdict.at).toBe(from + 20 * step);
  const before = (await judge('seats', number, from - 1000)) as Judgement;
  expect(before.models[0]?.verdict.at).toBe(from);
});

it('keeps the newest read of a name, and says so where another one is meant', async () => {
  const { open, read, judge } = stage();
  await open('seats');
  const first = await read('seats');
  const second = await read('seats', 'all', true);
  expect(await judge('seats', first.read)).toBe(GONE);
  expect(await judge('seats', second.read)).not.toBe(GONE);
  // Of many ranges the oldest are given up.
  for (let i = 0; i < 6; i++) await read('seats', `range ${i}`);
  expect(await judge('seats', second.read)).toBe(GONE);
});

it('tells the problems of a source apart, and faults of the program from them', async () => {
  const { ask, read } = stage();
  await expect(
    ask({ do: 'open', key: 'p', what: { kind: 'prometheus', url: 'http://', headers: {} } }),
  ).rejects.toThrow(/^unreachable: /);
  await expect(read('never opened')).rejects.toThrow(/^The source is no longer open\.$/);
  const photo = { name: 'photo.prom', bytes: new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 1]).buffer };
  await expect(
    ask({ do: 'open', key: 'f', what: { kind: 'files', label: 'photo.prom', files: [photo], passphrase: '' } }),
  ).rejects.toThrow(/^unreadable: .*photo\.prom/);
  await expect(ask({ do: 'judge', key: 'x', as: '', read: 1, targets: CHAT, at: null, again: false })).resolves.toBe(
    GONE,
  );
});

it('calls off the requests of a read that is stopped', async () => {
  const signals: AbortSignal[] = [];
  const { ask, begin, endOf, stop } = stage(
    (_, init) =>
      new Promise((_resolve, reject) => {
        const signal = init?.signal as AbortSignal;
        signals.push(signal);
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  );
  await ask({ do: 'open', key: 'p', what: { kind: 'prometheus', url: 'http://prometheus.test', headers: {} } });
  const id = begin({
    do: 'read',
    key: 'p',
    as: 'all',
    onward: false,
    now: 1_800_000_000,
    request: { from: 'start', to: 'now', selector: '', knobs: {} },
  });
  await vi.waitUntil(() => signals.length > 0);
  stop(id);
  await expect(endOf(id)).rejects.toThrow(/^aborted: /);
  expect(signals.every((signal) => signal.aborted)).toBe(true);
});

it("takes the page's clock for now", async () => {
  const asked: string[] = [];
  const { ask, begin, endOf } = stage(async (input) => {
    asked.push(String(input));
    return new Response('forbidden', { status: 403 });
  });
  await ask({ do: 'open', key: 'p', what: { kind: 'prometheus', url: 'http://prometheus.test', headers: {} } });
  const now = 1_700_000_000;
  const request = { from: 'start', to: 'now', range: 600, selector: '', knobs: {} } as const;
  await expect(endOf(begin({ do: 'read', key: 'p', as: 'all', onward: false, now, request }))).rejects.toThrow(
    /^forbidden: /,
  );
  const starts = asked.flatMap((url) => new URL(url).searchParams.get('start') ?? []);
  expect(starts.length).toBeGreaterThan(0);
  for (const start of starts) expect(Math.abs(Number(start) - (now - 600))).toBeLessThan(30);
});
