import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { diagnose } from '../../core/verdict/diagnose.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import type { Answer, Ask, Judgement, NamedBytes, Opened, ReadEnd } from './messages.ts';
import { GONE, SAME } from './messages.ts';
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
  const piecesOf = (id: number) => answers.flatMap((one) => (one.id === id && 'piece' in one ? [one.piece] : []));
  return {
    ask,
    begin,
    endOf,
    piecesOf,
    stop: (id: number) => call({ id, do: 'stop' }),
    open: (name: string) =>
      ask({
        do: 'open',
        key: name,
        what: { kind: 'files', label: name, files: [bytesOf(name)], passphrase: '' },
      }) as Promise<Opened>,
    read: async (key: string, as = 'all', held: number | null = null) => {
      const id = begin({
        do: 'read',
        key,
        as,
        held,
        now: 1_800_000_000,
        request: { from: 'start', to: 'end', selector: '', knobs: {} },
      });
      const { read, head } = (await endOf(id)) as ReadEnd;
      return { read, evidence: { ...head, readings: joinPieces(piecesOf(id)) } };
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
  const second = await read('seats', 'all', first.read);
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

it('sends nothing where nothing came since the read that is held, and all of it to whoever holds another', async () => {
  const labels = { instance: 'vllm-0', engine: '0', model_name: 'm' };
  const now = 1_800_000_000;
  const { ask, begin, endOf, piecesOf, judge } = stage(async (input) => {
    const url = new URL(String(input));
    const is = (path: string) => url.pathname.endsWith(path);
    const points = (times: readonly number[]) => [{ metric: labels, values: times.map((time) => [time, '1']) }];
    const of = (data: unknown) => new Response(JSON.stringify({ status: 'success', data }));
    if (is('values')) return of(['vllm:num_requests_running']);
    if (is('buildinfo')) return of({ version: '3.5.0', goVersion: 'go1.24.5' });
    if (is('query_range')) return of({ resultType: 'matrix', result: points([Number(url.searchParams.get('end'))]) });
    return url.searchParams.get('query') === 'time()'
      ? of({ resultType: 'scalar', result: [now, String(now)] })
      : of({ resultType: 'matrix', result: points([now - 30, now - 15, now]) });
  });
  await ask({ do: 'open', key: 'p', what: { kind: 'prometheus', url: 'http://prometheus.test', headers: {} } });
  const request = { from: 'start', to: 'now', range: 600, selector: '', knobs: {} } as const;
  const read = (held: number | null, after: number) =>
    begin({ do: 'read', key: 'p', as: 'all', held, now: now + after, request });
  const { read: first, head } = (await endOf(read(null, 1))) as ReadEnd;
  const again = read(first, 6);
  expect(await endOf(again)).toBe(SAME);
  expect(piecesOf(again)).toEqual([]);
  expect(await judge('p', first)).not.toBe(GONE);
  // Its answer to this one was called off on its way, so that the page holds none or an older one.
  const other = read(first - 1, 8);
  expect(((await endOf(other)) as ReadEnd).head).toEqual(head);
  expect(piecesOf(other).length).toBeGreaterThan(0);
  const next = read(((await endOf(other)) as ReadEnd).read, 16);
  expect(((await endOf(next)) as ReadEnd).head.grid.from).toBe(head.grid.from + 15);
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
    held: null,
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
  await expect(endOf(begin({ do: 'read', key: 'p', as: 'all', held: null, now, request }))).rejects.toThrow(
    /^forbidden: /,
  );
  const starts = asked.flatMap((url) => new URL(url).searchParams.get('start') ?? []);
  expect(starts.length).toBeGreaterThan(0);
  for (const start of starts) expect(Math.abs(Number(start) - (now - 600))).toBeLessThan(30);
});
