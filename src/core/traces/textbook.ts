import { sayList, sayShare } from '../base/say.ts';
import type { KernelTotal } from './summary.ts';
import { type Account, idleOf } from './sweep.ts';

/**
 * The fractions of the textbook, word for word: over the summed CUDA time, attention is what has "attention" or "flash" in its name, GEMM
 * what has "gemm" or "mm", communication what has "nccl" or "all_reduce", and idle is 1 − the three. Upper and lower case count alike.
 */
export interface TextbookShares {
  /** Ratios; `null` where nothing ran. */
  readonly attention: number | null;
  readonly gemm: number | null;
  readonly communication: number | null;
  readonly idle: number | null;
  /** What they miscount in this profile, each with its size; empty where they count right. */
  readonly miscounts: readonly string[];
}

const NAMED = {
  attention: /attention|flash/i,
  gemm: /gemm|mm/i,
  communication: /nccl|all_reduce/i,
} as const;

/** Shares below are rounding. */
const WORTH_SAYING = 0.0005;

/** @param account our own account of the same profile, `null` where there is no timeline */
export function textbookShares(kernels: readonly KernelTotal[], account: Account | null): TextbookShares {
  const sum = (all: readonly KernelTotal[]) => all.reduce((total, one) => total + one.total, 0);
  const all = sum(kernels);
  if (all === 0) return { attention: null, gemm: null, communication: null, idle: null, miscounts: [] };
  const called = (id: keyof typeof NAMED) => kernels.filter(({ name }) => NAMED[id].test(name));
  const share = (some: readonly KernelTotal[]) => sum(some) / all;
  const [attention, gemm, communication] = [
    share(called('attention')),
    share(called('gemm')),
    share(called('communication')),
  ];
  const idle = 1 - attention - gemm - communication;
  const miscounts: string[] = [];
  const say = (some: readonly KernelTotal[], words: (share: string, kinds: string) => string) => {
    if (share(some) >= WORTH_SAYING) miscounts.push(words(sayShare(share(some)), kindsOf(some)));
  };
  const names = Object.keys(NAMED) as (keyof typeof NAMED)[];
  const hits = ({ name }: KernelTotal) => names.filter((id) => NAMED[id].test(name)).length;
  if (account !== null)
    miscounts.push(
      `Its idle is ${sayShare(idle)} of kernel time that it has no name for; the GPU stood still for ${sayShare(idleOf(account) / account.wall)} of the wall time, which summed kernel time cannot show.`,
    );
  say(
    kernels.filter((one) => hits(one) === 0),
    (size, kinds) => `It calls ${size} of kernel time idle in which the GPU worked: ${kinds}.`,
  );
  say(
    kernels.filter((one) => hits(one) > 1),
    (size, kinds) => `It counts ${size} of kernel time twice, since two of its words fit one name: ${kinds}.`,
  );
  for (const id of names)
    say(
      called(id).filter(({ kind }) => kind.category !== id),
      (size, kinds) => `It counts ${size} as ${WORDS[id]} that is something else: ${kinds}.`,
    );
  for (const id of names)
    say(
      kernels.filter((one) => one.kind.category === id && !NAMED[id].test(one.name)),
      (size, kinds) => `It misses ${size} of ${WORDS[id]}: ${kinds}.`,
    );
  if (account !== null && account.wall - idleOf(account) > 0) {
    const busy = account.wall - idleOf(account);
    if (all / busy - 1 >= WORTH_SAYING)
      miscounts.push(
        `Summed kernel time is ${sayShare(all / busy)} of the time in which anything ran, since it counts streams that run at once more than once.`,
      );
  }
  return { attention, gemm, communication, idle, miscounts };
}

const WORDS = { attention: 'attention', gemm: 'GEMM', communication: 'communication' } as const;

/** The kinds that make up most of it, largest first. */
function kindsOf(kernels: readonly KernelTotal[]): string {
  const totals = new Map<string, number>();
  for (const { kind, total } of kernels) totals.set(kind.title, (totals.get(kind.title) ?? 0) + total);
  const rows = [...totals].toSorted((a, b) => b[1] - a[1]).map(([title]) => title);
  return rows.length > 3 ? `${rows.slice(0, 3).join(', ')} and more` : sayList(rows);
}
