import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOVES, type MoveId, type Moves } from '../../core/whatif/moves.ts';
import { GPUS } from '../../core/tuner/gpus.ts';
import { MODELS } from '../../core/tuner/models.ts';
import { PROFILE_IDS } from '../../core/verdict/profiles.ts';
import { format } from './format.ts';
import { parse, parseEndpoint } from './parse.ts';
import { DEFAULT_SESSION, LIVES, type Session, THEMES } from './session.ts';
import { formatWhen, parseWhen, type When } from './times.ts';
import { readQuestion, textOf, type TunerQuestion } from './tuner.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
const words = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .map((text) => text.trim())
  .filter((text) => text !== '');
const fixed = fc.integer({ min: 0, max: 4_000_000_000_000 }).map((ms) => ms / 1000);
const ago = fc.integer({ min: 0, max: 900_000 }).map((seconds) => ({ ago: seconds }));
const target = fc.option(
  fc.integer({ min: 1, max: 600_000 }).map((ms) => ms / 1000),
  { nil: undefined },
);

const range: fc.Arbitrary<{ from: When | null; to: When | null }> = fc.oneof(
  fc.constant({ from: null, to: null }),
  fc.record({ from: fc.oneof(fixed, ago), to: fc.constant(null) }),
  fc
    .tuple(fixed, fixed)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })),
  fc
    .tuple(ago, ago)
    .filter(([a, b]) => a.ago > b.ago)
    .map(([from, to]) => ({ from, to })),
);

const many = fc.integer({ min: 1, max: 1024 });
const amount = fc.option(fc.integer({ min: 1, max: 600_000 }).map((x) => x / 1000));
const question: fc.Arbitrary<TunerQuestion> = fc.record({
  gpu: fc.constantFrom(...GPUS.map((gpu) => gpu.id), '24', '79.2'),
  preset: fc.constantFrom(...MODELS.map((model) => model.id)),
  config: fc.option(fc.constantFrom(...MODELS.map((model) => model.config))),
  tensor: many,
  pipeline: many,
  data: many,
  kvDtype: fc.constantFrom('auto', 'fp8'),
  ttft: amount,
  itl: amount,
  throughput: amount,
  inputs: fc.record(
    {
      'prompt-tokens': fc.integer({ min: 1, max: 1_000_000 }),
      'hit-rate': fc.constantFrom(0, 0.25, 0.9),
      overhead: fc.constantFrom(2 ** 31, 2 ** 33),
    },
    { requiredKeys: [], noNullPrototype: true },
  ),
});

const moves: fc.Arbitrary<Moves> = fc.record(
  Object.fromEntries(
    MOVES.map(({ id, unit, min, max }) => [
      id,
      unit === 'times' ? fc.constantFrom(0.25, 0.9, 1, 1.5, 3) : fc.integer({ min, max }),
    ]),
  ) as Record<MoveId, fc.Arbitrary<number>>,
  { requiredKeys: [], noNullPrototype: true },
);

const session: fc.Arbitrary<Session> = fc
  .tuple(
    fc.record({
      source: fc.oneof(
        fc.constant(null),
        fc
          .webUrl({ validSchemes: ['http', 'https'] })
          .filter((url) => parseEndpoint(url) !== null)
          .map((url) => ({ kind: 'prometheus' as const, url: parseEndpoint(url) as string })),
        fc
          .uniqueArray(fc.oneof(fc.webUrl({ validSchemes: ['http', 'https'] }), fc.webPath()), {
            minLength: 1,
            maxLength: 3,
          })
          .map((urls) => [...new Set(urls.map(parseEndpoint))].filter((url) => url !== null && !url.includes(',')))
          .filter((urls) => urls.length > 0)
          .map((urls) => ({ kind: 'metrics' as const, urls: urls as string[] })),
        fc.record({ kind: fc.constant('recording' as const), name }),
        fc.record({ kind: fc.constant('file' as const), name: words }),
        fc.record({ kind: fc.constant('snapshot' as const), text: fc.stringMatching(/^1\.[\w-]{1,40}\.[0-9a-f]{8}$/) }),
      ),
      selector: fc.oneof(
        fc.constant(''),
        words.map((w) => `{job="${w}"}`),
      ),
      model: fc.option(words),
      theme: fc.option(fc.constantFrom(...THEMES)),
      embed: fc.boolean(),
      wall: fc.boolean(),
      strip: fc.boolean(),
      panel: fc.option(name),
      live: fc.constantFrom(...LIVES),
      at: fc.option(fixed),
      zoom: fc.option(
        fc
          .tuple(fixed, fixed)
          .filter(([a, b]) => a !== b)
          .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })),
      ),
      finding: fc.option(name),
      replica: fc.option(words),
      knobs: fc.dictionary(name, fc.integer({ min: 0, max: 1_000_000 }), { noNullPrototype: true }),
      whatIf: fc.option(moves),
      trace: fc.boolean(),
      tuner: fc.option(question.map(textOf)),
      loads: fc.uniqueArray(
        words.filter((w) => !w.includes(',')),
        { maxLength: 3 },
      ),
    }),
    range,
    fc.oneof(
      fc.record({ profile: fc.constantFrom(...PROFILE_IDS.filter((id) => id !== 'custom')), custom: fc.constant({}) }),
      fc.record({
        profile: fc.constant('custom' as const),
        custom: fc.record({ ttft: target, tbt: target, e2e: target }),
      }),
    ),
  )
  .map(([rest, times, targets]) => ({ ...rest, ...times, ...targets }));

describe('session and address', () => {
  it('parse undoes format, without a notice', () => {
    fc.assert(
      fc.property(session, (given) => {
        const read = parse(format(given));
        expect(read.session).toEqual(given);
        expect(read.notices).toEqual([]);
      }),
    );
  });

  it('the tuner reads back what it wrote, without a notice', () => {
    fc.assert(
      fc.property(question, (asked) => {
        expect(readQuestion(textOf(asked))).toEqual({ question: asked, notices: [] });
      }),
    );
    expect(textOf(readQuestion({}).question)).toEqual({});
  });

  it('the tuner says what it does not understand, and takes what is usual', () => {
    const { question: read, notices } = readQuestion({ gpu: 'abacus', tp: '0.5', config: '{', inputs: 'speed:3' });
    expect(textOf(read)).toEqual({});
    expect(notices.map(({ id }) => id)).toEqual(['gpu', 'config', 'tp', 'inputs']);
  });

  it('format undoes parse from the second time on, whatever was typed', () => {
    fc.assert(
      fc.property(fc.webQueryParameters(), (typed) => {
        const once = format(parse(`?${typed}`).session);
        expect(format(parse(once).session)).toBe(once);
      }),
    );
  });

  it('leaves defaults out', () => {
    expect(format(DEFAULT_SESSION)).toBe('');
    expect(parse('').session).toEqual(DEFAULT_SESSION);
  });

  it('reads the short form of the contract', () => {
    const { session: read, notices } = parse(
      '?prometheus=https://prom.example/eu/&selector={job="vllm"}&model=m&from=2026-11-24T12:00:00Z&to=1795651200000&profile=rag&theme=dark&embed=1&panel=ttft&live=5s',
    );
    expect(notices).toEqual([]);
    expect(read).toMatchObject({
      source: { kind: 'prometheus', url: 'https://prom.example/eu' },
      selector: '{job="vllm"}',
      from: 1795521600,
      to: 1795651200,
      profile: 'rag',
      theme: 'dark',
      embed: true,
      wall: false,
      panel: 'ttft',
      live: '5s',
    });
  });

  it.each([
    ['prometheus=javascript:alert(1)', 'prometheus'],
    ['prometheus=ftp://host', 'prometheus'],
    ['prometheus=http://user:secret@host', 'prometheus'],
    ['prometheus=http://a&recording=seats', 'source'],
    ['recording=../../etc/passwd', 'recording'],
    ['selector=vllm', 'selector'],
    ['from=yesterday', 'from'],
    ['from=now-1h&to=now-2h', 'range'],
    ['profile=fast', 'profile'],
    ['profile=custom&ttft=-1', 'ttft'],
    ['ttft=1', 'targets'],
    ['theme=pink', 'theme'],
    ['embed=maybe', 'embed'],
    ['live=1ms', 'live'],
    ['at=now', 'at'],
    ['panel=<b>', 'panel'],
    ['zoom=now-1h/now', 'zoom'],
    ['knobs=max-num-seqs', 'knobs'],
  ])('%s becomes a default and a notice', (search, id) => {
    const { notices } = parse(`?${search}`);
    expect(notices.map((notice) => notice.id)).toEqual([id]);
  });
});

describe('times', () => {
  it.each([
    ['now', { ago: 0 }],
    ['now-30m', { ago: 1800 }],
    ['now-90s', { ago: 90 }],
    ['1795651200000', 1795651200],
    ['2026-11-24T12:00:00+01:00', 1795518000],
  ])('%s', (text, when) => {
    expect(parseWhen(text)).toEqual(when);
    expect(parseWhen(formatWhen(when))).toEqual(when);
  });

  it.each(['', 'soon', '2026-11-24', 'now+1h', '-5', 'now-1y'])('%s is no time', (text) => {
    expect(parseWhen(text)).toBeNull();
  });
});

describe('sources on the server of the page', () => {
  it.each<[string, string | null]>([
    ['/-/prometheus/prod', '/-/prometheus/prod'],
    ['/triage/-/metrics/vllm/?x=1#y', '/triage/-/metrics/vllm'],
    ['/a/../b', '/b'],
    ['/', null],
    ['//evil.example/x', null],
    ['/\\\\evil.example', null],
    ['/x//evil', '/x//evil'],
  ])('%s', (text, path) => {
    expect(parseEndpoint(text)).toBe(path);
  });

  it('several pages by commas and by repetition, each once, what is none left out', () => {
    const { session, notices } = parse('?metrics=http://a:1,ftp://b&metrics=/-/metrics/vllm&metrics=http://a:1/');
    expect(session.source).toEqual({ kind: 'metrics', urls: ['http://a:1', '/-/metrics/vllm'] });
    expect(notices.map(({ says }) => says)).toEqual(['metrics=ftp://b is no http or https address.']);
    expect(format(session)).toBe('?metrics=http://a:1,/-/metrics/vllm');
  });
});
