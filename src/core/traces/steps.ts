import type { Mark, Trace } from './trace.ts';

/** What a step of the engine did, told by the mark vLLM puts around it while it is profiled. */
export type StepKind = 'prefill' | 'decode' | 'mixed' | 'unknown';

export interface StepWork {
  readonly kind: StepKind;
  /** Requests in their prompt, and tokens of prompts computed; `null` where the mark does not say. */
  readonly prefillRequests: number | null;
  readonly prefillTokens: number | null;
  readonly decodeRequests: number | null;
  readonly decodeTokens: number | null;
}

/** A step as a stretch of time of one GPU: from the first thing it runs there to the first thing of the next step. */
export interface Step extends StepWork {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/**
 * The marks, newest first. Source: `annotate_profile` in vllm/v1/worker/gpu_worker.py, 0.32: `execute_context_2(512)_generation_30(30)`,
 * with `detailed_trace_annotation` `execute_542_context_2(sq512sk…)_generation_30(sq30sk…)`; 0.12 and before
 * `execute_new_2_cached_30`; `ProfilerStep#5` is torch.profiler's own and says nothing of the work.
 */
const CONTEXT =
  /^execute_(?:\d+_)?context_(\d+)\((?:sq)?(\d+)(?:[^)\d][^)]*)?\)_generation_(\d+)\((?:sq)?(\d+)(?:[^)\d][^)]*)?\)$/;
const CACHED = /^execute_new_(\d+)_cached_(\d+)$/;
const PLAIN = /^ProfilerStep#\d+$/;

export function isStepMark(name: string): boolean {
  return CONTEXT.test(name) || CACHED.test(name) || PLAIN.test(name);
}

/**
 * What the step did. Of the older mark `new` are requests seen for the first time; a prompt that is read in several pieces counts
 * as `cached` from its second piece on, so that a step of that kind may hold more prefill than its name says.
 */
export function workOf(name: string): StepWork {
  const context = CONTEXT.exec(name);
  if (context !== null) {
    const [prefillRequests, prefillTokens, decodeRequests, decodeTokens] = context.slice(1).map(Number) as [
      number,
      number,
      number,
      number,
    ];
    return {
      kind: kindOf(prefillRequests, decodeRequests),
      prefillRequests,
      prefillTokens,
      decodeRequests,
      decodeTokens,
    };
  }
  const cached = CACHED.exec(name);
  if (cached !== null) {
    const [prefillRequests, decodeRequests] = cached.slice(1).map(Number) as [number, number];
    return {
      kind: kindOf(prefillRequests, decodeRequests),
      prefillRequests,
      prefillTokens: null,
      decodeRequests,
      decodeTokens: null,
    };
  }
  return { kind: 'unknown', prefillRequests: null, prefillTokens: null, decodeRequests: null, decodeTokens: null };
}

function kindOf(prefill: number, decode: number): StepKind {
  if (prefill > 0) return decode > 0 ? 'mixed' : 'prefill';
  return decode > 0 ? 'decode' : 'unknown';
}

/**
 * The marks that count: vLLM's where there are any, otherwise the profiler's own, since both may be there and nest.
 * A mark on a GPU comes once per stream; those that touch and have one name are one.
 */
export function stepMarks(marks: readonly Mark[], on: Mark['on'], device: number | null = null): Mark[] {
  const here = marks.filter((mark) => mark.on === on && (device === null || mark.device === device));
  const own = here.filter(({ name }) => !PLAIN.test(name));
  const steps: Mark[] = [];
  for (const mark of own.length > 0 ? own : here) {
    const last = steps.at(-1);
    if (on === 'gpu' && last !== undefined && last.name === mark.name && mark.start <= last.end)
      steps[steps.length - 1] = { ...last, end: Math.max(last.end, mark.end) };
    else steps.push(mark);
  }
  return steps;
}

/**
 * Where the steps of one GPU begin and end. A step begins with the first thing that was launched after its mark on the host, and
 * lasts to the beginning of the next: sampling is launched behind the mark and belongs to it. Without launches the marks on the GPU
 * itself count. Together the steps cover everything from the first step to the last kernel.
 * @returns empty where nothing marks a step
 */
export function stepsOf(trace: Trace, device: number): Step[] {
  const { activities } = trace;
  let end = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < activities.count; i++)
    if (activities.device[i] === device) end = Math.max(end, activities.end[i] as number);
  const host = stepMarks(trace.marks, 'host');
  const starts =
    trace.hasLaunches && host.length > 0 ? startsByLaunch(trace, device, host) : stepMarks(trace.marks, 'gpu', device);
  return starts.flatMap(({ name, start }, i) => {
    const to = starts[i + 1]?.start ?? end;
    return to > start ? [{ name, from: start, to, ...workOf(name) }] : [];
  });
}

function startsByLaunch(trace: Trace, device: number, marks: readonly Mark[]): { name: string; start: number }[] {
  const { activities } = trace;
  const first = new Float64Array(marks.length).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < activities.count; i++) {
    const launch = activities.launch[i] as number;
    if (activities.device[i] !== device || Number.isNaN(launch)) continue;
    const step = lastBefore(marks, launch);
    if (step >= 0) first[step] = Math.min(first[step] as number, activities.start[i] as number);
  }
  // A step whose first kernel overtook that of an earlier one would end before it began; it is left to the earlier.
  let latest = Number.NEGATIVE_INFINITY;
  return marks.flatMap(({ name }, i) => {
    const start = first[i] as number;
    if (!Number.isFinite(start) || start < latest) return [];
    latest = start;
    return [{ name, start }];
  });
}

/** Index of the last mark that began at or before `at`; -1 before the first. */
function lastBefore(marks: readonly Mark[], at: number): number {
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((marks[middle] as Mark).start <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
