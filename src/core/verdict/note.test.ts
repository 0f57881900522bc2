import fc from 'fast-check';
import { marked, type Token, type Tokens } from 'marked';
import { describe, expect, test } from 'vitest';
import { SCENES } from '../detectors/kv-cache-thrashing/scenes.ts';
import { diagnose } from './diagnose.ts';
import { chaptersOf } from './chapters.ts';
import { judgeMoments } from './history.ts';
import { codeSpan, type Note, plain, toMarkdown, toNote } from './note.ts';
import { targetsOf } from './profiles.ts';

const CHAT = targetsOf('chat');
const verdict = diagnose(SCENES.sick, CHAT);
const NOTE: Note = {
  verdict,
  chapters: chaptersOf([...judgeMoments(SCENES.sick, CHAT)]),
  link: 'https://triage.example/?prometheus=https://p.example&selector={job="vllm"}',
  version: '1.0.0',
};

/** Every token of the text as GitHub's dialect reads it. */
function tokensOf(markdown: string): Token[] {
  const found: Token[] = [];
  marked.walkTokens(marked.lexer(markdown, { gfm: true }), (token) => void found.push(token));
  return found;
}

const headingsOf = (markdown: string) =>
  tokensOf(markdown)
    .filter((token): token is Tokens.Heading => token.type === 'heading')
    .map(({ depth, text }) => `${depth} ${text}`);

describe('an incident note', () => {
  const note = toNote(NOTE);
  test('says what, since when, how sure, why, what to do, what was not checked, and where to look', () => {
    expect(headingsOf(note).map((heading) => heading.replace(/:.*/, ''))).toEqual([
      '1 critical',
      '2 Timeline',
      '2 Evidence',
      ...verdict.findings.slice(1).map(() => '2 Also'),
      '2 Do now',
      ...(verdict.plan.steps.length > 1 ? ['2 Then'] : []),
      ...(verdict.plan.heldBack.length > 0 ? ['2 Held back'] : []),
      '2 Instead',
      '2 Will not help',
      '2 Ruled out',
      '2 Could not be checked',
      ...(verdict.warnings.length > 0 ? ['2 Remarks'] : []),
    ]);
    expect(note).toMatch(/\n\nSince \d{4}-.*Z \(.*\), very likely \(0\.\d\d\)\.\n/);
    expect(note).toMatch(/- \S+Z to \S+Z: KV cache thrashing \(critical, 0\.\d\d\)/);
    expect(note).toMatch(/- Broke \S+Z: The KV cache filled\. Usage 0\.\d+ with /);
    expect(note).toMatch(/```\n--max-num-seqs \d+.*\n```/);
    for (const { title } of [...verdict.ruledOut, ...verdict.cannotTell]) expect(note).toContain(`- ${plain(title)}: `);
  });
  test('gives each fact with the query it can be had from', () => {
    const code = tokensOf(note).filter((token): token is Tokens.Codespan => token.type === 'codespan');
    const queries = verdict.findings.flatMap(({ facts }) => facts.flatMap(({ query }) => query ?? []));
    expect(queries.length).toBeGreaterThan(2);
    for (const query of queries) expect(code.map(({ text }) => text)).toContain(query.replace(/\s+/g, ' '));
  });
  test('its link is one link and nothing beside it', () => {
    const links = tokensOf(note).filter((token): token is Tokens.Link => token.type === 'link');
    expect(links.map(({ href }) => decodeURIComponent(href))).toEqual([NOTE.link]);
  });
  test('without timeline and link it says nothing of either', () => {
    const short = toNote({ ...NOTE, chapters: [], link: null });
    expect(tokensOf(short).some(({ type }) => type === 'link')).toBe(false);
  });
});

/** All text there is of the verdict replaced by what somebody may put into a label. */
function poisoned<T>(value: T, poison: string): T {
  if (typeof value === 'string') return poison as T;
  if (Array.isArray(value)) return value.map((one) => poisoned(one, poison)) as T;
  if (typeof value !== 'object' || value === null) return value;
  // A severity is one of three words of ours.
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key === 'severity' ? one : poisoned(one, poison)]),
  ) as T;
}

const ALLOWED = new Set(['heading', 'paragraph', 'list', 'list_item', 'text', 'escape', 'codespan', 'code', 'space']);
const attack = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        ...[
          '# h',
          '\n',
          '\n\n',
          '> q',
          '- i',
          '1. n',
          '***',
          '---',
          '===',
          '`',
          '```',
          '~~~',
          '~~',
          '**b**',
          '_e_',
          '__',
          '\\',
        ],
        ...[
          '<b>',
          '</b>',
          '<script>',
          '<!--',
          '&lt;b&gt;',
          '&#60;',
          '![i](x)',
          '[l](javascript:x)',
          '[r]: x',
          '[^1]',
          '[x]',
        ],
        ...[
          'https://evil.test',
          'www.evil.test',
          'a@evil.test',
          '@team',
          '<!channel>',
          '|',
          '|-|',
          '    ',
          '\t',
          '\r',
          '\u2028',
        ],
        ...['{html}', '!x!', '$$', 'text', ' ', '<https://x>', 'ftp://x', '<a@b.c>'],
      ),
      { minLength: 1, maxLength: 8 },
    )
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

describe('nothing that comes from outside', () => {
  const { status, at, grid } = verdict;
  const of = (poison: string): Note => ({
    ...NOTE,
    link: null,
    verdict: { ...poisoned(verdict, poison), status, at, grid },
    chapters: poisoned(NOTE.chapters, poison).map((chapter) => ({ ...chapter, status })),
  });
  const shape = (markdown: string) => tokensOf(markdown).flatMap(({ type }) => (type === 'heading' ? [type] : []));
  const calm = [toNote(of('text')), toMarkdown(of('text').verdict)].map(shape);

  test('becomes markup', () => {
    fc.assert(
      fc.property(attack, (poison) => {
        const { verdict } = of(poison);
        for (const [i, form] of [toNote(of(poison)), toMarkdown(verdict)].entries()) {
          const strange = tokensOf(form).filter(({ type }) => !ALLOWED.has(type));
          expect(strange.map(({ type, raw }) => `${type} ${raw}`)).toEqual([]);
          expect(shape(form)).toEqual(calm[i]);
        }
      }),
      // The second was found by chance: some readers begin a link within a word.
      { numRuns: 300, examples: [['www.evil.test'], ['# hwww.evil.testa@evil.test# h']] },
    );
  });
  test('calls anybody in a chat', () => {
    expect(plain('<!channel> @here <@U1>')).not.toMatch(/<[!@]|@[a-zA-Z]/);
  });
});

test.each([
  ['num_requests_running and _this_', 'num_requests_running and \\_this\\_'],
  ['normal < 0.1, at most 5 > 3', 'normal < 0.1, at most 5 > 3'],
  ['vllm-0:8000', 'vllm-0:8000'],
  ['- a', '\\- a'],
  ['1. a', '1\\. a'],
])('plain %s', (given, expected) => {
  expect(plain(given)).toBe(expected);
});

test('code in a line holds any code', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('`', 'a', ' ', '\n', '\\', '*') }), (text) => {
      const code = text.replace(/\s+/g, ' ').trim();
      fc.pre(code !== '');
      const inline = tokensOf(`- x: ${codeSpan(text)}`).filter(({ type }) => type === 'codespan') as Tokens.Codespan[];
      expect(inline.map((token) => token.text)).toEqual([code]);
    }),
  );
});
