import type { Api, PromptNote } from '../../core/loadtest/bench.ts';
import type { LoadSettings } from '../../core/loadtest/scenarios.ts';

/** A prompt as a request carries it: ids count exactly, text counts as the server's tokenizer sees it. */
export type Prompt = readonly number[] | string;

export interface Prompts {
  readonly note: PromptNote;
  readonly list: readonly Prompt[];
}

/** What making prompts asks of the server. */
export interface Tokenizer {
  /** Ids of a text; `null` where the server has no `/tokenize`. */
  readonly idsOf: (text: string) => Promise<readonly number[] | null>;
  /** Tokens of a whole chat with this text, template and all. */
  readonly countChat: (text: string) => Promise<number | null>;
  /** Prompt tokens as `usage` states them after a request with one output token; `null` where it is refused or states none. */
  readonly countByAsking: (prompt: Prompt) => Promise<number | null>;
}

/** Short common words: one token each in most tokenizers, and never the same row twice. */
const WORDS =
  'the of and to in is that for it as was with be by on not he his but at are this have from or had an they which one you were all her she there would their we him been has when who will no more if out so up said what its about than into them can only other time new some could these two may first then do any like my now over such our man me even most made after also did many off before must well back through years where much your way down should because long each just state those people too mr how little good world make very year still see own work men day get here old life both between being under three never know same last another while us might great go come since against right came take used himself few house use place during high without again home around small however found part school every general don does got united left number course war until always away something fact water less public put think almost hand enough far took head yet better set told nothing night end why didn eyes find going look asked later point knew city next program business give group toward young days let room per side large given order big'.split(
    ' ',
  );
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** Rounds of fitting one text before the nearest length is taken. */
const ROUNDS = 12;
/** Texts fitted at a time: the server counts them before the run and is not to be loaded by it. */
const AT_A_TIME = 4;

/**
 * Random prompts of a length in tokens, each unlike the others so that the prefix cache has nothing but the shared part.
 * `/v1/completions` takes token ids, which are exact; for chat the text is fitted with the server's own `/tokenize`. Without that
 * the length is calibrated from what `usage` says of two requests, and is approximate.
 * @throws Error where no way is left
 */
export async function makePrompts(
  api: Api,
  { promptTokens, prefixTokens }: LoadSettings,
  count: number,
  random: () => number,
  tokenizer: Tokenizer,
): Promise<Prompts> {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const words = (n: number) => Array.from({ length: Math.max(0, n) }, () => pick(WORDS)).join(' ');

  const ids = await tokenizer.idsOf(words(2000));
  if (api === 'completions') {
    const pool = ids === null ? PLAIN_IDS : [...new Set(ids)];
    const row = (n: number) => Array.from({ length: n }, () => pick(pool));
    const prefix = row(prefixTokens);
    const list = Array.from({ length: count }, () => [...prefix, ...row(promptTokens - prefixTokens)]);
    if (ids !== null) return { note: EXACT_IDS, list };
    if ((await tokenizer.countByAsking(list[0] ?? [])) === promptTokens) return { note: GUESSED_IDS, list };
  } else if (ids !== null && (await tokenizer.countChat('')) !== null) {
    return fittedChats(promptTokens, prefixTokens, count, words, () => pick([...LETTERS]), tokenizer);
  }
  return calibratedTexts(promptTokens, prefixTokens, count, words, tokenizer);
}

/** Ids that stand for plain text in every tokenizer of more than 2,000: special ones are at the very start or at the end. */
const PLAIN_IDS = Array.from({ length: 1000 }, (_, i) => 500 + i);

const EXACT_IDS: PromptNote = {
  how: 'token-ids',
  exact: true,
  says: 'Prompts were sent as token ids, taken from what /tokenize gave for plain words.',
};
const GUESSED_IDS: PromptNote = {
  how: 'token-ids',
  exact: true,
  says: 'Prompts were sent as token ids between 500 and 1,500, since the server has no /tokenize; usage confirms the length.',
};

async function fittedChats(
  tokens: number,
  prefixTokens: number,
  count: number,
  words: (n: number) => string,
  letter: () => string,
  tokenizer: Tokenizer,
): Promise<Prompts> {
  const frame = (await tokenizer.countChat('')) ?? 0;
  if (frame >= tokens)
    throw new Error(`the chat template alone takes ${frame} tokens, so a prompt cannot have ${tokens}`);
  const countPlain = async (text: string) => (await tokenizer.idsOf(text))?.length ?? null;
  const prefix =
    prefixTokens === 0 ? '' : (await fit('', words(prefixTokens), prefixTokens, words, letter, countPlain)).text;
  const list: string[] = new Array<string>(count);
  let off = 0;
  let next = 0;
  const work = async () => {
    while (next < count) {
      const index = next++;
      const text = words(tokens - frame - prefixTokens);
      const fitted = await fit(prefix, text, tokens, words, letter, tokenizer.countChat);
      if (fitted.count !== tokens) off += 1;
      list[index] = fitted.text;
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return {
    note: {
      how: 'fitted-text',
      exact: off === 0,
      says:
        off === 0
          ? 'Prompts are random words, fitted with /tokenize until the whole chat, template included, had the length asked.'
          : `Prompts are random words fitted with /tokenize; ${off} of ${count} missed the length asked by a few tokens.`,
    },
    list,
  };
}

/** Words added and taken away until the count is right; single letters for the last tokens. */
async function fit(
  prefix: string,
  start: string,
  tokens: number,
  words: (n: number) => string,
  letter: () => string,
  countOf: (text: string) => Promise<number | null>,
): Promise<{ text: string; count: number }> {
  let parts = start.split(' ').filter((one) => one !== '');
  const whole = () => [prefix, ...parts].filter((one) => one !== '').join(' ');
  let best = { text: whole(), count: Number.NaN };
  for (let round = 0; round < ROUNDS; round++) {
    const text = whole();
    const count = await countOf(text);
    if (count === null) throw new Error('the server stopped answering /tokenize while prompts were fitted');
    if (!(Math.abs(best.count - tokens) <= Math.abs(count - tokens))) best = { text, count };
    const missing = tokens - count;
    if (missing === 0) break;
    if (missing < 0) {
      // How many words the surplus is worth, at least one.
      const perPart = Math.max(1, count / Math.max(1, parts.length));
      parts = parts.slice(0, Math.max(0, parts.length - Math.max(1, Math.ceil(-missing / perPart))));
    } else if (missing > 8 && round < ROUNDS / 2) {
      const perPart = Math.max(1, count / Math.max(1, parts.length));
      parts = [...parts, ...words(Math.max(1, Math.floor(missing / perPart))).split(' ')];
    } else parts = [...parts, ...Array.from({ length: missing }, letter)];
  }
  return best;
}

/** Probes of this many words: one short, one long, for a line through both. */
const PROBES = [40, 400] as const;

async function calibratedTexts(
  tokens: number,
  prefixTokens: number,
  count: number,
  words: (n: number) => string,
  tokenizer: Tokenizer,
): Promise<Prompts> {
  const [short, long] = [
    await tokenizer.countByAsking(words(PROBES[0])),
    await tokenizer.countByAsking(words(PROBES[1])),
  ];
  const perWord = short === null || long === null || long <= short ? null : (long - short) / (PROBES[1] - PROBES[0]);
  const frame = perWord === null || short === null ? 0 : Math.max(0, short - perWord * PROBES[0]);
  const wordsFor = (n: number) => Math.max(1, Math.round(n / (perWord ?? WORDS_GUESS)));
  const prefix = prefixTokens === 0 ? '' : `${words(wordsFor(prefixTokens))} `;
  return {
    note: {
      how: 'calibrated-text',
      exact: false,
      says:
        perWord === null
          ? 'The server has no /tokenize and states no usage, so prompts have as many words as tokens were asked; their length in tokens is not known.'
          : `The server has no /tokenize, so prompts are words at ${Number(perWord.toFixed(2))} tokens each, as usage said of two requests; their length is about right, not exact.`,
    },
    list: Array.from({ length: count }, () => prefix + words(wordsFor(tokens - frame - prefixTokens))),
  };
}

/** Tokens of a word where nothing says. */
const WORDS_GUESS = 1;
