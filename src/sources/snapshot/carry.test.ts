import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { endOf } from '../../core/base/grid.ts';
import { sliceEvidence, trimEvidence } from '../../core/evidence/slice.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { disagreements, type Snapshot, takeSnapshot } from '../../core/snapshot/snapshot.ts';
import { ByteWriter } from '../../core/snapshot/bytes.ts';
import { checksum } from '../../core/snapshot/checksum.ts';
import { formatText } from '../../core/snapshot/text.ts';
import { diagnose } from '../../core/verdict/diagnose.ts';
import { toJson } from '../../core/verdict/format.ts';
import { PROFILE_IDS, targetsOf } from '../../core/verdict/profiles.ts';
import { SourceError } from '../errors.ts';
import { mostOf } from '../files.ts';
import { gunzipIfNeeded, unpack } from '../recording/decompress.ts';
import { openRecording } from '../recording/source.ts';
import { MOST_CHAT, MOST_LINK, readSnapshot, writeChatLink, writeSnapshot } from './carry.ts';
import { looksLikeSnapshot, openSnapshot } from './source.ts';

const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const LIBRARY = readdirSync(at('public/library')).filter((name) => name.endsWith('.om.gz'));
const PLATFORM = { fetch: globalThis.fetch, now: () => 0 };
const abort = new AbortController().signal;

async function recorded(name: string, knobs: Record<string, number> = {}): Promise<Evidence> {
  const text = await gunzipIfNeeded(readFileSync(at(`public/library/${name}`)));
  return openRecording({ name, texts: [text] }, PLATFORM).read(
    { from: 'start', to: 'end', selector: '', knobs },
    abort,
  );
}

const take = (evidence: Evidence, profile: (typeof PROFILE_IDS)[number] = 'chat'): Snapshot => {
  const targets = targetsOf(profile);
  return takeSnapshot(evidence, targets, diagnose(evidence, targets), { version: '1.0.0', takenAt: 1795580000 });
};

async function sentenceOf(text: string): Promise<string> {
  const error = await readSnapshot(text).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SourceError);
  expect((error as SourceError).problem).toBe('unreadable');
  return (error as SourceError).message;
}

/** Chance with a seed, so that a failure can be had again (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe('to text and back', () => {
  test('100 snapshots of random moments, scopes, knobs and profiles give the identical verdict', async () => {
    expect(LIBRARY.length).toBe(9);
    const evidences = await Promise.all(LIBRARY.map((name) => recorded(name)));
    const random = chance(20261126);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    for (let i = 0; i < 100; i += 1) {
      const all = pick(evidences);
      const span = endOf(all.grid) - all.grid.from;
      const until = sliceEvidence(all, all.grid.from + span * (0.05 + 0.95 * random()));
      const part = random() < 0.5 ? until : trimEvidence(until, all.grid.from + span * random());
      const one = pick(part.replicas);
      const evidence: Evidence = {
        ...part,
        replicas: random() < 0.3 ? [one] : part.replicas,
        knobs: random() < 0.5 ? {} : { 'max-num-seqs': 1 + Math.floor(random() * 512) },
        scrapeInterval: random() < 0.1 ? null : part.scrapeInterval,
      };
      const taken = take(evidence, pick(PROFILE_IDS));
      const { snapshot, damage } = await readSnapshot(await writeSnapshot(taken));
      expect(damage).toEqual([]);
      expect(snapshot).toEqual(taken);
      const again = diagnose(snapshot.evidence, snapshot.targets);
      expect(JSON.stringify(toJson(again, '1.0.0'))).toBe(
        JSON.stringify(toJson(diagnose(evidence, taken.targets), '1.0.0')),
      );
      expect(disagreements(snapshot.verdict, again)).toEqual([]);
    }
  });

  test('what a mail, a chat or a shell does to a link does no harm', async () => {
    const taken = take(sliceEvidence(await recorded('seats.om.gz'), 0));
    const text = await writeSnapshot(taken);
    expect(text).toMatch(/^1\.[\w-]+\.[0-9a-f]{8}$/);
    for (const given of [
      `https://triage.example/#snapshot=${text}`,
      `https://triage.example/?profile=rag#snapshot=${text}.`,
      `  ${text}\n`,
      `<https://triage.example/#snapshot=${text}>`,
      `see https://triage.example/#snapshot=${text.replace(/.{70}/g, '$&\r\n> ')} please`.replace(' please', '\n'),
      text.replaceAll('-', '%2D').replaceAll('_', '%5f'),
      text.replace(/.{40}/g, '$&\u00ad'),
    ])
      expect((await readSnapshot(given)).snapshot, given.slice(0, 60)).toEqual(taken);
  });
});

/** Milliseconds of work since it was started; of work, since whoever runs the tests may do other things beside. */
function stopwatch(): () => number {
  const started = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1000;
  };
}

/** A part as `pack` writes it, and as many bytes behind it. */
function part(out: ByteWriter, json: string, behind: number): void {
  const bytes = new TextEncoder().encode(json);
  out.whole(bytes.length);
  out.bytes(bytes);
  out.bytes(new TextEncoder().encode(checksum(bytes)));
  if (behind > 0) {
    // A divisor of 0, then the factors of one group, and a gap for every number.
    out.bytes(new Uint8Array(8));
    const { length } = JSON.parse(json) as { length: number };
    out.whole(length);
    out.bytes(new Uint8Array(8 * length));
    out.bytes(new Uint8Array(behind).fill(1));
  }
}

const manyLines = (lines: number, length: number): string =>
  `{"length":${length},"evidence":[${'{"~":0},'.repeat(lines)}1]}`;

describe('cut and damaged', () => {
  test('cut anywhere: a sentence, and the verdict as soon as that part is whole', async () => {
    const taken = take(await recorded('kv-thrash-a.om.gz'));
    const text = await writeSnapshot(taken);
    let shown = 0;
    for (const share of [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99]) {
      const cut = text.slice(0, Math.floor(text.length * share));
      const read = await readSnapshot(cut).catch((error: unknown) => error);
      if (read instanceof SourceError) expect(read.message).toContain('cut short');
      else {
        shown += 1;
        const { snapshot, damage } = read as Awaited<ReturnType<typeof readSnapshot>>;
        expect(damage.join(' ')).toContain('cut short: the verdict is whole');
        expect(snapshot.verdict).toEqual(taken.verdict);
        expect(snapshot.evidence.replicas).toEqual([]);
      }
    }
    expect(shown).toBeGreaterThanOrEqual(4);
    // The checksum alone is missing: the packing has one of its own, and nothing is lost.
    expect(await readSnapshot(text.slice(0, -5))).toEqual({ snapshot: taken, damage: [] });
  });

  test('one character changed: said, and no number of it believed', async () => {
    const taken = take(await recorded('seats.om.gz'));
    const text = await writeSnapshot(taken);
    for (const share of [0.05, 0.2, 0.4, 0.6, 0.8, 0.95]) {
      const place = Math.floor(text.length * share);
      const changed = `${text.slice(0, place)}${text[place] === 'A' ? 'B' : 'A'}${text.slice(place + 1)}`;
      const read = await readSnapshot(changed).catch((error: unknown) => error);
      if (read instanceof SourceError) expect(read.message).toMatch(/damaged|larger/);
      else {
        const { snapshot, damage } = read as Awaited<ReturnType<typeof readSnapshot>>;
        expect(damage.join(' ')).toContain('damaged');
        expect(snapshot.verdict).toEqual(taken.verdict);
      }
    }
  });

  test.each<[string, string, RegExp]>([
    ['nothing', '', /no snapshot in this text/],
    ['a web page', '<html>sign in</html>', /no snapshot in this text/],
    ['another wrap', '7q.AAAA.00000000', /“7q”.*newer/],
    ['noise', '1.AAAAAAAAAAAA.00000000', /damaged/],
  ])('%s', async (_, text, says) => {
    expect(await sentenceOf(text)).toMatch(says);
  });

  test('other JSON in the same wrapping', async () => {
    const taken = take(sliceEvidence(await recorded('seats.om.gz'), 0));
    const changed = async (change: object) => writeSnapshot({ ...taken, ...change } as Snapshot);
    expect(await sentenceOf(await changed({ schema: 'vllm-triage/snapshot/9' }))).toMatch(/version 9/);
    expect(await sentenceOf(await changed({ schema: 'x' }))).toMatch(/no snapshot of vLLM Triage/);
    expect(await sentenceOf(await changed({ takenAt: 'now' }))).toMatch(/takenAt/);
    expect(await sentenceOf(await changed({ evidence: { ...taken.evidence, replicas: [{ id: 1 }] } }))).toMatch(
      /evidence\.replicas\.0/,
    );
  });

  test('a bomb is told within a second', async () => {
    const bomb = formatText('1', deflateSync(new Uint8Array(200 * 2 ** 20)));
    const took = stopwatch();
    expect(await sentenceOf(bomb)).toMatch(/more than 64 MB/);
    expect(took()).toBeLessThan(1000);
  });

  test.each<[string, (bytes: ByteWriter) => void]>([
    ['as many numbers as are allowed', (out) => part(out, manyLines(1400, 11_000), 15_400_000)],
    ['as many lines as fit in its JSON', (out) => part(out, manyLines(700_000, 20), 14_000_000)],
    ['as many lines as are allowed', (out) => part(out, manyLines(390_000, 40), 15_600_000)],
    ['as much JSON as is allowed', (out) => part(out, `{"length":1,"evidence":"${'x'.repeat(7_000_000)}"}`, 0)],
    [
      'lists in lists up to the depth that is allowed',
      (out) => part(out, `{"length":1,"evidence":[${'[[[[[[[[]]]]]]]],'.repeat(350_000)}1]}`, 0),
    ],
  ])('a link with %s ends in a sentence within a second', async (_, fill) => {
    const out = new ByteWriter();
    part(out, '{"schema":"vllm-triage/snapshot/1"}', 0);
    fill(out);
    const text = formatText('1', deflateSync(out.done()));
    const took = stopwatch();
    expect(await sentenceOf(text)).toMatch(/does not hold|more objects/);
    // Half a second alone; beside other work a processor is slower.
    expect(took()).toBeLessThan(2000);
  });

  test('a packed file that is a bomb is told within a second, before it is text', async () => {
    for (const bomb of [Buffer.alloc(200 * 2 ** 20, 'a'), Buffer.from(`1.${'A'.repeat(120_000_000)}`)]) {
      const packed = gzipSync(bomb);
      const took = stopwatch();
      const said = await unpack(packed, mostOf).then(
        () => 'opened',
        (error: Error) => error.message,
      );
      expect(said).toContain('unpacks to more than');
      expect(took()).toBeLessThan(1000);
    }
  });

  test('a field of a later release is left out, a signal of a later release as well', async () => {
    const taken = take(sliceEvidence(await recorded('seats.om.gz'), 0));
    const later = {
      ...taken,
      mood: 'good',
      evidence: { ...taken.evidence, readings: { ...taken.evidence.readings, 'signal-to-come': { lines: 1 } } },
    } as unknown as Snapshot;
    expect((await readSnapshot(await writeSnapshot(later))).snapshot).toEqual(taken);
  });
});

describe('as a source', () => {
  test('gives the stored evidence, narrowed to range and model, and never asks anybody', async () => {
    const evidence = await recorded('imbalance.om.gz');
    const source = await openSnapshot(await writeSnapshot(take(evidence)));
    const all = { from: 'start', to: 'end', selector: '', knobs: {} } as const;
    expect(await source.read(all, abort)).toEqual(evidence);
    const to = evidence.grid.from + 200;
    const part = await source.read({ ...all, to }, abort);
    expect(part).toEqual(sliceEvidence(evidence, to));
    expect(source.frozen.verdict.status).toBe(diagnose(evidence, targetsOf('chat')).status);
    await expect(source.read({ ...all, selector: '{job="other"}' }, abort)).rejects.toThrow('cannot be narrowed');
    await expect(source.read({ ...all, model: 'other' }, abort)).rejects.toThrow('serves other');
    await expect(source.read({ ...all, to: 5 }, abort)).rejects.toThrow('begins after');
  });

  test('is told from other files by what is in it', async () => {
    const text = await writeSnapshot(take(sliceEvidence(await recorded('seats.om.gz'), 0)));
    expect(looksLikeSnapshot(text)).toBe(true);
    expect(looksLikeSnapshot(`https://triage.example/#snapshot=${text}`)).toBe(true);
    const metrics = await gunzipIfNeeded(readFileSync(at('public/library/seats.om.gz')));
    expect(looksLikeSnapshot(metrics)).toBe(false);
    expect(looksLikeSnapshot('')).toBe(false);
    expect(looksLikeSnapshot('1. first, 2. second')).toBe(false);
  });
});

describe('a chat link', () => {
  const PAGE = 'https://triage.example.com/vllm/';

  test.each(LIBRARY)('%s fits, and tells the verdict with charts of the fleet', async (name) => {
    const taken = take(await recorded(name));
    const { link } = (await writeChatLink(taken, PAGE)) as { link: string };
    expect(link.length).toBeLessThanOrEqual(MOST_CHAT);
    expect(link.startsWith(`${PAGE}#snapshot=1.`)).toBe(true);
    const source = await openSnapshot(link);
    const { verdict, reduced } = source.frozen;
    expect(verdict).toMatchObject({
      status: taken.verdict.status,
      headline: taken.verdict.headline,
      lede: taken.verdict.lede,
    });
    const [first, stored] = [verdict.findings[0], taken.verdict.findings[0]];
    expect(first?.pathology).toBe(stored?.pathology);
    expect(first?.confidence).toBe(stored?.confidence);
    expect(first?.remedies[0]).toEqual(stored?.remedies[0]);
    expect(first?.facts[0]?.says).toBe(stored?.facts[0]?.says);
    expect(reduced?.kept).toBeGreaterThanOrEqual(4);
    const evidence = await source.read({ from: 'start', to: 'end', selector: '', knobs: {} }, abort);
    expect(Object.keys(evidence.readings).length).toBe(reduced?.kept);
    expect(endOf(evidence.grid)).toBe(endOf(taken.evidence.grid));
    expect(evidence.readings[stored?.facts[0]?.signal ?? 'ttft']).toBeDefined();
  });

  test('64 replicas with long names fit as well, put together', async () => {
    const one = await recorded('kv-thrash-a.om.gz');
    const ids = Array.from(
      { length: 64 },
      (_, i) => `vllm-production-deployment-7d9f8c6b5-${i.toString(36)}x${i * 7919}`,
    );
    const evidence: Evidence = {
      ...one,
      replicas: ids.map((id) => ({ ...(one.replicas[0] as Evidence['replicas'][number]), id, instance: id })),
      readings: Object.fromEntries(
        Object.entries(one.readings).map(([id, reading]) => [
          id,
          {
            ...reading,
            lines: ids.flatMap((replica) => reading.lines.map((line) => ({ ...line, replica }))),
            histograms: ids.flatMap((replica) => reading.histograms.map((line) => ({ ...line, replica }))),
            labels: ids.flatMap((replica) => reading.labels.map((line) => ({ ...line, replica }))),
          },
        ]),
      ),
    };
    const chat = await writeChatLink(take(evidence), PAGE);
    expect(chat?.link.length).toBeLessThanOrEqual(MOST_CHAT);
    expect(chat?.snapshot.evidence.replicas.map(({ id }) => id)).toEqual(['all 64 replicas']);
  });

  test('an address that leaves no room gives none', async () => {
    const taken = take(sliceEvidence(await recorded('seats.om.gz'), 0));
    expect(await writeChatLink(taken, `https://triage.example/${'x'.repeat(MOST_CHAT)}`)).toBeNull();
  });

  test('one engine fits a full link', async () => {
    expect((await writeSnapshot(take(await recorded('seats.om.gz')))).length).toBeLessThan(MOST_LINK);
  });
});

describe('samples kept for good', () => {
  const SAMPLES = 'e2e/fixtures/snapshots';

  test('version 1 opens, holds what it held, and is judged again', async () => {
    const path = at(`${SAMPLES}/version-1.snapshot`);
    expect(existsSync(path)).toBe(true);
    const { snapshot, damage } = await readSnapshot(readFileSync(path, 'utf8'));
    expect(damage).toEqual([]);
    expect(snapshot.generatedBy).toEqual({ name: 'vllm-triage', version: '1.0.0' });
    expect(snapshot.verdict).toMatchObject({ status: 'critical', instances: ['vllm-0'], profile: 'chat' });
    expect(snapshot.verdict.findings[0]?.pathology).toBe('kv-cache-thrashing');
    expect(snapshot.evidence.readings.running?.lines[0]?.values.length).toBe(97);
    const again = diagnose(snapshot.evidence, snapshot.targets);
    expect(again.findings[0]?.pathology).toBe('kv-cache-thrashing');
  });
});
