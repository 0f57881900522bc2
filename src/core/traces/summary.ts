import { sayCount, sayShare } from '../base/say.ts';
import { CATEGORIES, type Category, type KernelKind, UNKNOWN_KERNEL } from './kernels.ts';
import { stepMarks, type Step, type StepKind, stepsOf, type StepWork, workOf } from './steps.ts';
import { type Account, accountOf, addAccounts, type Overlap, type Stretches, stretchesOf } from './sweep.ts';
import { type TextbookShares, textbookShares } from './textbook.ts';
import type { Trace } from './trace.ts';

/** One kernel, by name, over all GPUs. */
export interface KernelTotal {
  readonly name: string;
  readonly kind: KernelKind;
  readonly calls: number;
  /** Nanoseconds, summed over its calls, whether or not something else ran meanwhile. */
  readonly total: number;
  readonly longest: number | null;
}

export interface StepAccount extends Step {
  readonly account: Account;
}

/** What one GPU did. */
export interface GpuSummary {
  /** `rank 0`, or the name of the file where no rank is told. */
  readonly label: string;
  readonly trace: Trace;
  readonly device: number;
  readonly stretches: Stretches;
  readonly account: Account;
  readonly overlap: Overlap;
  readonly steps: readonly StepAccount[];
}

/** Steps of one kind over all GPUs. */
export interface StepsOfKind {
  readonly kind: StepKind;
  readonly count: number;
  /** All of them together; divided by `count` it is the mean step. */
  readonly account: Account;
  readonly longest: number;
}

/** A step as the host marked it, for profiles in which no GPU appears. */
export interface HostStep extends StepWork {
  readonly name: string;
  readonly duration: number;
}

/** Kernels by name with their totals, and no timeline: what `nsys stats` calls a summary. */
export interface KernelSums {
  readonly name: string;
  readonly tool: 'nsys';
  readonly kernels: readonly KernelTotal[];
  readonly notes: readonly string[];
}

export interface Summary {
  readonly files: readonly {
    readonly name: string;
    readonly tool: string;
    readonly vllm: string | null;
    readonly events: number;
    readonly truncated: boolean;
  }[];
  /** By rank; empty where no GPU is in the profile, or no timeline. */
  readonly gpus: readonly GpuSummary[];
  /** All GPUs together: the wall time is that of one GPU times how many there are. */
  readonly account: Account | null;
  readonly overlap: Overlap | null;
  readonly byKind: readonly StepsOfKind[];
  readonly hostSteps: readonly HostStep[];
  /** Longest first. */
  readonly kernels: readonly KernelTotal[];
  /** Nanoseconds of kernels by category, summed: streams that run at once count more than once. */
  readonly summed: Readonly<Record<Category, number>>;
  readonly textbook: TextbookShares;
  readonly notes: readonly string[];
}

/** What profiles say together; each is usually one rank of one server. */
export function summarise(given: readonly (Trace | KernelSums)[]): Summary {
  const traces = given.filter((one): one is Trace => 'activities' in one);
  const sums = given.filter((one): one is KernelSums => !('activities' in one));
  const gpus = traces.flatMap((trace, i) => gpusOf(trace, traces.length > 1 ? i : null)).toSorted(byRank);
  const kernels = mergeKernels([...traces.flatMap(kernelsOf), ...sums.flatMap((one) => one.kernels)]);
  const account = gpus.length === 0 ? null : addAccounts(gpus.map((gpu) => gpu.account));
  const overlap =
    gpus.length === 0
      ? null
      : {
          communication: sumOf(gpus, (gpu) => gpu.overlap.communication),
          hidden: sumOf(gpus, (gpu) => gpu.overlap.hidden),
          concurrent: sumOf(gpus, (gpu) => gpu.overlap.concurrent),
        };
  return {
    files: given.map((one) => ({
      name: one.name,
      tool: one.tool,
      vllm: 'vllm' in one ? one.vllm : null,
      events: 'events' in one ? one.events : one.kernels.length,
      truncated: 'truncated' in one && one.truncated,
    })),
    gpus,
    account,
    overlap,
    byKind: byKind(gpus),
    hostSteps: gpus.length > 0 ? [] : traces.flatMap(hostStepsOf),
    kernels,
    summed: Object.fromEntries(
      CATEGORIES.map((id) => [id, sumOf(kernels, ({ kind, total }) => (kind.category === id ? total : 0))]),
    ) as Record<Category, number>,
    textbook: textbookShares(kernels, account),
    notes: [...notesOf(traces, sums, gpus), ...notRecognised(kernels)],
  };
}

/** Steps that are slow to count are not dropped: what a person is shown is cut elsewhere. */
const KINDS: readonly StepKind[] = ['prefill', 'mixed', 'decode', 'unknown'];

function byKind(gpus: readonly GpuSummary[]): StepsOfKind[] {
  const steps = gpus.flatMap((gpu) => gpu.steps);
  return KINDS.flatMap((kind) => {
    const here = steps.filter((step) => step.kind === kind);
    if (here.length === 0) return [];
    const longest = here.reduce((most, { account }) => Math.max(most, account.wall), 0);
    return [{ kind, count: here.length, account: addAccounts(here.map(({ account }) => account)), longest }];
  });
}

function gpusOf(trace: Trace, file: number | null): GpuSummary[] {
  const devices = [...new Set(trace.activities.device)].toSorted((a, b) => a - b);
  return devices.flatMap((device) => {
    const stretches = stretchesOf(trace, device);
    if (stretches.count === 0) return [];
    const base = trace.rank !== null ? `rank ${trace.rank}` : file !== null ? trace.name : null;
    const many = devices.length > 1 ? `GPU ${device}` : null;
    return {
      label: [base, many].filter((part) => part !== null).join(', ') || `GPU ${device}`,
      trace,
      device,
      stretches,
      account: accountOf(stretches),
      overlap: stretches.overlap,
      steps: stepsOf(trace, device).map((step) => ({ ...step, account: accountOf(stretches, step.from, step.to) })),
    };
  });
}

function byRank(a: GpuSummary, b: GpuSummary): number {
  return (a.trace.rank ?? 0) - (b.trace.rank ?? 0) || a.device - b.device;
}

function hostStepsOf(trace: Trace): HostStep[] {
  return stepMarks(trace.marks, 'host').map(({ name, start, end }) => ({
    name,
    duration: end - start,
    ...workOf(name),
  }));
}

function kernelsOf({ activities, kernels }: Trace): KernelTotal[] {
  const calls = new Float64Array(kernels.length);
  const total = new Float64Array(kernels.length);
  const longest = new Float64Array(kernels.length);
  for (let i = 0; i < activities.count; i++) {
    const k = activities.kernel[i] as number;
    const duration = (activities.end[i] as number) - (activities.start[i] as number);
    calls[k] = (calls[k] as number) + 1;
    total[k] = (total[k] as number) + duration;
    longest[k] = Math.max(longest[k] as number, duration);
  }
  return kernels.map(({ name, kind }, k) => ({
    name,
    kind,
    calls: calls[k] as number,
    total: total[k] as number,
    longest: longest[k] as number,
  }));
}

function mergeKernels(kernels: readonly KernelTotal[]): KernelTotal[] {
  const byName = new Map<string, KernelTotal>();
  for (const one of kernels) {
    const known = byName.get(one.name);
    byName.set(
      one.name,
      known === undefined
        ? one
        : {
            ...one,
            calls: known.calls + one.calls,
            total: known.total + one.total,
            longest: known.longest === null || one.longest === null ? null : Math.max(known.longest, one.longest),
          },
    );
  }
  return [...byName.values()].toSorted((a, b) => b.total - a.total || a.name.localeCompare(b.name));
}

function sumOf<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((sum, one) => sum + of(one), 0);
}

/** Share of kernel time that may be of unknown names without a word. */
const WORTH_NAMING = 0.05;

function notRecognised(kernels: readonly KernelTotal[]): string[] {
  const all = sumOf(kernels, ({ total }) => total);
  const unknown = sumOf(kernels, ({ kind, total }) => (kind.id === UNKNOWN_KERNEL.id ? total : 0));
  return unknown > WORTH_NAMING * all
    ? [
        `${sayShare(unknown / all)} of kernel time is of kernels whose names the table does not know; they count as other compute.`,
      ]
    : [];
}

/** Share of the wall time from which host wait is worth a word of doubt. */
const WORTH_DOUBT = 0.05;

function notesOf(traces: readonly Trace[], sums: readonly KernelSums[], gpus: readonly GpuSummary[]): string[] {
  const notes: string[] = [];
  for (const trace of traces) {
    if (trace.truncated)
      notes.push(
        `${trace.name} ends in the middle. The ${sayCount(trace.events, 'event')} before that point were read, and everything below rests on them.`,
      );
    if (trace.activities.count === 0)
      notes.push(
        `${trace.name} holds no GPU events: it is of the host alone, as the front end and CPU builds write it. What a GPU did cannot be told from it.`,
      );
    else if (!trace.hasLaunches)
      notes.push(
        `${trace.name} does not say when the host asked for what ran, so idle time cannot be laid at the host or at the kernels.`,
      );
  }
  for (const { name } of sums)
    notes.push(
      `${name} is a summary without a timeline: idle time, overlap and steps cannot be told from it. Export cuda_gpu_trace, or SQLite, for those.`,
    );
  const waits = addAccounts(gpus.map(({ account }) => account));
  if (waits.states['host-wait'] > WORTH_DOUBT * waits.wall && traces.some(({ tool }) => tool === 'torch-profiler'))
    notes.push(
      'The profiler of PyTorch slows the host while it records, so without it the host wait is shorter than here.',
    );
  if (gpus.length > 0 && gpus.every(({ steps }) => steps.length === 0))
    notes.push('Nothing in the profile marks a step of the engine, so prefill and decode cannot be told apart.');
  if (traces.some(({ marks }) => marks.some(({ name }) => name.startsWith('execute_new_'))))
    notes.push(
      'Steps are marked in the way of releases before the one that names contexts: a prompt read in pieces counts as cached from its second piece on, so steps called decode may hold prefill.',
    );
  return [...notes, ...traces.flatMap((trace) => trace.notes), ...sums.flatMap((one) => one.notes)];
}
