import { sayCount, sayDuration, sayShare, sig } from '../base/say.ts';
import { compare, compareKernels, type Comparison, type Difference, STATE_TITLES } from './compare.ts';
import { CATEGORIES } from './kernels.ts';
import type { StepKind } from './steps.ts';
import type { GpuSummary, Summary } from './summary.ts';
import { type Account, busyOf, idleOf, type Overlap, STATES } from './sweep.ts';

/** Nanoseconds as people say them: `840 ns`, `12.4 µs`, `36 ms`. */
export function sayNanos(ns: number): string {
  const size = Math.abs(ns);
  if (size < 1e3) return `${sig(ns)} ns`;
  if (size < 1e6) return `${sig(ns / 1e3)} µs`;
  return `${ns < 0 ? '−' : ''}${sayDuration(ns / 1e9)}`;
}

export const STEP_TITLES: Readonly<Record<StepKind, string>> = {
  prefill: 'Prefill',
  mixed: 'Prefill and decode',
  decode: 'Decode',
  unknown: 'Not told',
};

/** Characters of a name that are taken apart. */
const LONGEST_NAME = 8192;

/** A name short enough for a row: what a C++ compiler adds in front and in brackets is left out. */
export function shortName(name: string, most = 90): string {
  // Of a copy the brackets say from where to where.
  if (/^(?:Memcpy|Memset|\[CUDA)/.test(name)) return name;
  const plain = name
    .slice(0, LONGEST_NAME)
    .replace(/^void /, '')
    .replace(/^std::enable_if<.*?>::type /, '')
    .replace(/\(anonymous namespace\)::/g, '')
    .replace(/\([^()]*(?:\([^()]*\)[^()]*)*\)$/, '');
  return plain.length > most ? `${plain.slice(0, most - 1)}…` : plain;
}

/** Kernels listed, the longest. */
export const TOP_KERNELS = 25;
const TEXT_KERNELS = 15;
const TEXT_STEPS = 40;

/** The summary as text for a terminal. */
export function toTraceText(summary: Summary, before: Summary | null = null): string {
  const { account, overlap, gpus, byKind, hostSteps, kernels, textbook, notes } = summary;
  const lines: string[] = [];
  const section = (title: string, rows: readonly string[]) => {
    if (rows.length > 0) lines.push('', title, ...rows.map((row) => `  ${row}`));
  };
  lines.push(
    ...summary.files.map(
      ({ name, tool, vllm, events, truncated }) =>
        `${name}: ${tool}${vllm === null ? '' : `, vLLM ${vllm}`}, ${sayCount(events, 'event')}${truncated ? ', ends in the middle' : ''}`,
    ),
  );
  for (const note of notes) lines.push(`! ${note}`);
  if (account !== null)
    section(
      `Wall time ${sayNanos(account.wall)}${gpus.length > 1 ? ` of ${gpus.length} GPUs together` : ''} = busy ${sayNanos(busyOf(account))} + idle ${sayNanos(idleOf(account))}`,
      table(
        STATES.map((id) => [
          STATE_TITLES[id],
          sayShare(account.states[id] / account.wall),
          sayNanos(account.states[id]),
        ]),
      ),
    );
  if (overlap !== null) section('Overlap', sayOverlap(overlap));
  if (account === null && totalOf(summary) > 0)
    section(
      'Kernel time, summed',
      table(
        CATEGORIES.map((id) => [
          STATE_TITLES[id],
          sayShare(summary.summed[id] / totalOf(summary)),
          sayNanos(summary.summed[id]),
        ]),
      ),
    );
  if (gpus.length > 1) section('By GPU', table([HEAD(['GPU', 'wall']), ...gpus.map((gpu) => gpuRow(gpu))]));
  section(
    'Mean step',
    byKind.length === 0
      ? []
      : table([
          HEAD(['kind', 'steps', 'mean', 'longest']),
          ...byKind.map(({ kind, count, account: all, longest }) => [
            STEP_TITLES[kind],
            sig(count),
            sayNanos(all.wall / count),
            sayNanos(longest),
            ...sharesOf(all),
          ]),
        ]),
  );
  const steps = gpus.flatMap((gpu) => gpu.steps.map((step) => ({ gpu, step })));
  section(
    `Steps${steps.length > TEXT_STEPS ? `, the first ${TEXT_STEPS} of ${steps.length}` : ''}`,
    steps.length === 0
      ? []
      : table([
          HEAD(['GPU', 'step', 'wall']),
          ...steps
            .slice(0, TEXT_STEPS)
            .map(({ gpu, step }) => [gpu.label, step.name, sayNanos(step.account.wall), ...sharesOf(step.account)]),
        ]),
  );
  section(
    'Steps as the host saw them',
    table(
      hostSteps.slice(0, TEXT_STEPS).map(({ name, kind, duration }) => [name, STEP_TITLES[kind], sayNanos(duration)]),
    ),
  );
  section(
    'Longest kernels, summed over calls',
    table(
      kernels
        .slice(0, TEXT_KERNELS)
        .map(({ name, kind, calls, total }) => [
          sayNanos(total),
          sayCount(calls, 'call'),
          `${sayNanos(calls === 0 ? 0 : total / calls)} each`,
          kind.title,
          shortName(name),
        ]),
    ),
  );
  if (textbook.idle !== null)
    section('The textbook’s fractions of summed CUDA time', [
      ...table([
        ['attention', sayShare(textbook.attention ?? 0)],
        ['gemm', sayShare(textbook.gemm ?? 0)],
        ['communication', sayShare(textbook.communication ?? 0)],
        ['idle', sayShare(textbook.idle)],
      ]),
      ...textbook.miscounts.map((says) => `- ${says}`),
    ]);
  if (before !== null) {
    const blocks = compare(before, summary);
    for (const block of blocks)
      section(
        `Compared with ${before.files.map(({ name }) => name).join(', ')}: ${sayWhat(block)}`,
        table(block.rows.map((row) => differenceRow(row, block.unit))),
      );
    if (blocks.length === 0) section('Compared', ['The two have nothing in common that could be compared.']);
    const kernelsBeside = compareKernels(before, summary, TEXT_KERNELS);
    section(
      `Kernels, ${kernelsBeside.unit === 'ns' ? 'time in a mean step of any kind' : 'share of kernel time'}, largest difference first`,
      table(
        kernelsBeside.rows.map((row) => {
          const [, ...figures] = differenceRow(row, kernelsBeside.unit);
          return [...figures, shortName(row.title)];
        }),
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}

const HEAD = (first: readonly string[]) => [...first, ...[...CATEGORIES].map((id) => id), 'idle'];

function sharesOf(account: Account): string[] {
  const share = (ns: number) => (account.wall === 0 ? '–' : sayShare(ns / account.wall));
  return [...CATEGORIES.map((id) => share(account.states[id])), share(idleOf(account))];
}

function gpuRow({ label, account }: GpuSummary): string[] {
  return [label, sayNanos(account.wall), ...sharesOf(account)];
}

/** What ran at once, in sentences; empty where nothing did. */
export function sayOverlap({ communication, hidden, concurrent }: Overlap): string[] {
  return [
    ...(communication > 0
      ? [
          `${sayNanos(hidden)} of ${sayNanos(communication)} of communication, ${sayShare(hidden / communication)}, ran under compute and is counted there.`,
        ]
      : []),
    ...(concurrent > 0
      ? [`For ${sayNanos(concurrent)} more than one thing ran at once; each moment counts once.`]
      : []),
  ];
}

/** What is compared, in words. */
export function sayWhat({ of, unit, steps }: Comparison): string {
  if (of === 'all') return unit === 'share' ? 'shares of the whole, since steps are not marked in both' : 'all';
  return `a mean step, ${STEP_TITLES[of].toLowerCase()}${steps === null ? '' : ` (${steps[0]} and ${steps[1]} steps)`}`;
}

/** Title, before, after and what changed, as text. */
export function differenceRow({ title, before, after }: Difference, unit: Comparison['unit']): string[] {
  const say = unit === 'ns' ? sayNanos : sayShare;
  const change = after - before;
  const sign = change > 0 ? '+' : change < 0 ? '−' : '';
  const times = before > 0 && after > 0 ? `× ${sig(after / before)}` : before === 0 ? 'new' : 'gone';
  return [title, say(before), say(after), `${sign}${say(Math.abs(change))}`, times];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function totalOf({ summed }: Summary): number {
  return CATEGORIES.reduce((sum, id) => sum + summed[id], 0);
}

/** The summary as JSON. Times in seconds, shares as ratios of the wall time; what a summary without a timeline lacks is `null`. */
export function toTraceJson(summary: Summary, before: Summary | null, version: string) {
  return {
    schema: 'vllm-triage/trace/1',
    generatedBy: { name: 'vllm-triage', version },
    ...bodyOf(summary),
    comparison:
      before === null
        ? null
        : {
            files: before.files,
            notes: before.notes,
            blocks: compare(before, summary).map(({ of, unit, steps, rows }) => ({
              of,
              unit: unit === 'ns' ? 'seconds' : 'ratio',
              steps,
              rows: rows.map((row) => differenceJson(row, unit)),
            })),
            kernels: (({ unit, steps, rows }) => ({
              unit: unit === 'ns' ? 'seconds' : 'ratio',
              steps,
              rows: rows.map((row) => differenceJson(row, unit)),
            }))(compareKernels(before, summary, TOP_KERNELS)),
          },
  };
}

function differenceJson({ id, before, after }: Difference, unit: Comparison['unit']) {
  const scale = unit === 'ns' ? 1e-9 : 1;
  return { id, before: before * scale, after: after * scale, change: (after - before) * scale };
}

const seconds = (ns: number) => ns / 1e9;

function accountJson(account: Account) {
  return {
    wallSeconds: seconds(account.wall),
    busySeconds: seconds(busyOf(account)),
    idleSeconds: seconds(idleOf(account)),
    seconds: Object.fromEntries(STATES.map((id) => [id, seconds(account.states[id])])),
    shares: Object.fromEntries(STATES.map((id) => [id, account.wall === 0 ? null : account.states[id] / account.wall])),
  };
}

function bodyOf(summary: Summary) {
  return {
    files: summary.files,
    notes: summary.notes,
    account: summary.account === null ? null : accountJson(summary.account),
    overlap:
      summary.overlap === null
        ? null
        : {
            communicationSeconds: seconds(summary.overlap.communication),
            hiddenSeconds: seconds(summary.overlap.hidden),
            concurrentSeconds: seconds(summary.overlap.concurrent),
          },
    gpus: summary.gpus.map((gpu) => ({
      label: gpu.label,
      rank: gpu.trace.rank,
      device: gpu.device,
      gpu: gpu.trace.gpu,
      ...accountJson(gpu.account),
      steps: gpu.steps.map(
        ({ name, kind, from, account, prefillRequests, prefillTokens, decodeRequests, decodeTokens }) => ({
          name,
          kind,
          atSeconds: seconds(from),
          prefillRequests,
          prefillTokens,
          decodeRequests,
          decodeTokens,
          ...accountJson(account),
        }),
      ),
    })),
    stepKinds: summary.byKind.map(({ kind, count, account, longest }) => ({
      kind,
      count,
      longestSeconds: seconds(longest),
      ...accountJson(account),
    })),
    hostSteps: summary.hostSteps.map(({ name, kind, duration }) => ({ name, kind, seconds: seconds(duration) })),
    kernelSeconds: Object.fromEntries(CATEGORIES.map((id) => [id, seconds(summary.summed[id])])),
    kernels: summary.kernels.slice(0, TOP_KERNELS).map(({ name, kind, calls, total, longest }) => ({
      name,
      kind: kind.id,
      category: kind.category,
      calls,
      totalSeconds: seconds(total),
      longestSeconds: longest === null ? null : seconds(longest),
    })),
    textbook: summary.textbook,
  };
}
