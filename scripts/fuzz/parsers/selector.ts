import { parser as promql } from '@prometheus-io/lezer-promql';
import { isDeepStrictEqual } from 'node:util';
import { compileSignal } from '../../../src/core/promql/compile.ts';
import { SIGNALS } from '../../../src/core/signals/index.ts';
import {
  formatSelector,
  type Matcher,
  matcherTest,
  parseSelector,
  SelectorError,
} from '../../../src/core/signals/selector.ts';
import { spellingsOf } from '../../../src/core/signals/spellings.ts';
import type { FuzzedParser } from '../parser.ts';

const named = SIGNALS.filter((signal) => signal.level === 'engine' && spellingsOf(signal).length > 0);
const LABELS = {
  job: 'vllm',
  instance: 'vllm-0.vllm.prod.svc.cluster.local:8000',
  model_name: 'meta-llama/Llama-3.1-8B',
  pod: 'a'.repeat(60),
};

/** The matchers of a query, by Prometheus' own grammar; `null` where it is none. */
export function matchersIn(query: string): readonly Matcher[] | null {
  let sound = true;
  const found: Matcher[] = [];
  promql.parse(query).iterate({
    enter: (node) => {
      if (node.type.isError) sound = false;
      if (node.name !== 'UnquotedLabelMatcher') return;
      const text = query.slice(node.from, node.to);
      try {
        found.push(...parseSelector(text));
      } catch {
        sound = false;
      }
    },
  });
  return sound ? found : null;
}

/** Label matchers somebody typed or linked to: read, matched against labels, written into a query and found there again. */
export const selector: FuzzedParser = {
  id: 'selector',
  title: 'selectors, and the PromQL made of them',
  seeds: () => [
    '{job="vllm",instance=~"vllm-[0-9]+.*:8000",namespace!="dev",pod!~"a|b{2}"}',
    `{model_name='meta/Llama\\'s',path="C:\\\\x",note=\`a"b\`}`,
    'job="vllm"',
    '{instance=~"(?i)VLLM.*|(a|b)+c?",pod=~"(a+)+$"}',
    '{pod=~"[^a-c]{1,3}\\\\d*\\\\.(foo|bar)?"}',
  ],
  words: [
    '{',
    '}',
    '=',
    '!=',
    '=~',
    '!~',
    '"',
    "'",
    '`',
    ',',
    '\\',
    '(',
    ')',
    '(?i)',
    '(?:',
    '[',
    ']',
    '*',
    '+',
    '?',
    '{2,}',
    '|',
    '^',
    '$',
    '.*',
    '(a+)+',
    '(.*)*',
    '\\d',
    '__name__',
    '#',
    '\\n',
  ],
  read(text) {
    // As it leaves the program: half a letter cannot be sent.
    const matchers = parseSelector(text.replace(/\p{Surrogate}/gu, '\ufffd'));
    const formatted = formatSelector(matchers);
    if (!isDeepStrictEqual(parseSelector(formatted), matchers))
      throw new Error(`other matchers come back from ${formatted.slice(0, 120)}`);
    const signal = named[text.length % named.length] as (typeof named)[number];
    const query = compileSignal(signal, spellingsOf(signal).slice(0, 1), { matchers, window: 20 }).main;
    const found = matchersIn(query);
    if (found === null) throw new Error(`no PromQL: ${query.slice(0, 160)}`);
    for (const one of signal.kind === 'info' ? [] : matchers)
      if (!found.some((other) => isDeepStrictEqual(other, one)))
        throw new Error(`${JSON.stringify(one)} is not in ${query.slice(0, 160)}`);
    matcherTest(matchers)(LABELS);
  },
  refuses: (error) => error instanceof SelectorError,
};
