import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RegexError, wholeMatch } from './regex.ts';

describe('as Prometheus matches', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['', [''], ['a']],
    ['a|b', ['a', 'b'], ['ab', '']],
    ['vllm-[0-9]+', ['vllm-0', 'vllm-12'], ['vllm-', 'xvllm-0', 'vllm-0 ']],
    ['vllm.*', ['vllm', 'vllm\nx'], ['vll']],
    ['(?-s:a.b)', ['axb'], ['a\nb']],
    ['(?i)VLLM|Ä', ['vllm', 'VlLm', 'ä'], ['vll']],
    ['a(?i:B)c', ['abc', 'aBc'], ['ABc']],
    ['(?P<name>a)(?<other>b)(?:c)', ['abc'], ['ab']],
    ['a{2}', ['aa'], ['a', 'aaa']],
    ['a{2,}', ['aa', 'aaaa'], ['a']],
    ['a{0,2}b?', ['', 'a', 'aab'], ['aaab']],
    ['a{,2}', ['a{,2}'], ['aa']],
    ['(ab)*?c+', ['c', 'ababcc'], ['ab']],
    ['[^a-c]', ['d', '\n', '😀'], ['a', 'b']],
    ['[]a-]', [']', 'a', '-'], ['b']],
    ['[a\\-c]', ['a', '-', 'c'], ['b']],
    ['[[:alpha:][:^digit:]_]', ['x', '_', '-'], ['7']],
    ['[\\d.]+\\.\\w', ['1.2.a'], ['12']],
    ['\\x41\\x{1F600}\\t', ['A😀\t'], ['A']],
    ['\\pL\\p{Greek}\\PN', ['aαb'], ['1αb', 'aα1']],
    ['^a$', ['a'], ['ba', 'a\n']],
    ['\\Aa\\b.*\\bb\\z', ['a b'], ['ab']],
    ['a\\.b\\/c\\-d', ['a.b/c-d'], ['axb/c-d']],
    ['.', ['😀'], ['']],
    ['(a*)*b', ['aab', 'b'], ['a']],
    ['(|a)+', ['', 'aa'], ['b']],
  ])('%s', (pattern, yes, no) => {
    const matches = wholeMatch(pattern);
    for (const text of yes) expect(matches(text), text).toBe(true);
    for (const text of no) expect(matches(text), text).toBe(false);
  });

  test.each([
    ['(', /closing bracket/],
    ['a)', /no opening one/],
    ['*a', /nothing stands before/],
    ['a**', /repeats a repetition/],
    ['[a', /class has no closing/],
    ['[z-a]', /no class/],
    ['a{2,1}', /no number of repetitions/],
    ['a{1001}', /no number of repetitions/],
    ['(((a{1000}){1000}){1000})', /too large/],
    ['(((){1000}){1000}){1000}', /too large/],
    ['(?=a)', /no such group/],
    ['(?!a)', /no such group/],
    ['(a)\\1', /no escape/],
    ['\\q', /no escape/],
    ['[[:nope:]]', /no class/],
    ['\\p{Nope}', /no class/],
    ['('.repeat(5000), /nested too deep/],
  ])('%s is refused', (pattern, says) => {
    expect(() => wholeMatch(pattern)).toThrow(RegexError);
    expect(() => wholeMatch(pattern)).toThrow(says);
  });
});

test('says what JavaScript says, where both know the pattern and it has little to think about', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '\\.', '1', '^', '$', '\\b');
  const pattern = fc.letrec<{ one: string; row: string }>((tie) => ({
    one: fc.oneof(
      { maxDepth: 3 },
      atom,
      fc
        .tuple(fc.constantFrom('a', 'b', '[ab]', '.'), fc.constantFrom('*', '+', '?', '{1,2}', '*?'))
        .map((parts) => parts.join('')),
      tie('row').map((inner) => `(${inner})`),
      fc.tuple(tie('row'), tie('row')).map(([a, b]) => `(?:${a}|${b})?`),
    ),
    row: fc.array(tie('one'), { minLength: 0, maxLength: 4 }).map((parts) => parts.join('')),
  })).row;
  fc.assert(
    fc.property(
      pattern,
      fc.string({ unit: fc.constantFrom('a', 'b', '1', '.', '\n'), maxLength: 8 }),
      (source, text) => {
        expect(wholeMatch(source)(text)).toBe(new RegExp(`^(?:${source})$`, 's').test(text));
      },
    ),
    { numRuns: 3000 },
  );
});

test.each(['(a+)+$', '(a|a)*b', '(.*)*(.*)*(.*)*x', '(a*)*(a*)*b', '(?:a?){500}a{500}b', '([a-z0-9.:-]+)+!'])(
  '%s over 20,000 letters takes no longer than it must',
  (pattern) => {
    const before = process.cpuUsage();
    expect(wholeMatch(pattern)(`${'a'.repeat(20_000)}\u0001`)).toBe(false);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(5);
  },
);
