import { type Advice, adviceFor } from '../sources/advice.ts';
import type { Step } from '../sources/doctor/examine.ts';
import type { SourceError, SourceProblem } from '../sources/errors.ts';
import { scrapeAdvice } from '../sources/scrape/advice.ts';
import { endpointOf, isLive, labelOf, type SourceRef } from '../state/url/source-ref.ts';

/** The next step, made exact with what the page knows. A file has no server to be asked about. */
export function adviceOn(error: SourceError, source: SourceRef, origin: string): Advice {
  const asked = source.kind === 'metrics' ? (source.urls[0] ?? null) : endpointOf(source);
  if (asked !== null) {
    // A path is on the server of the page, and what is tried elsewhere needs all of the address.
    const url = asked.startsWith('/') ? origin + asked : asked;
    return (source.kind === 'metrics' ? scrapeAdvice : adviceFor)(error.problem, { origin, url });
  }
  if (error.problem === 'empty')
    return {
      title: 'Choose another range or file',
      todo: 'Take all of it in the range menu, clear selector and model, or drop a recording with vllm: series, or a log with vLLM’s statistics lines.',
      line: null,
    };
  return {
    title: 'Give another file',
    todo: 'A recording is OpenMetrics or Prometheus text with timestamps; a log is what vllm serve prints; saved pages come in twos. Plain or gzip. Drop it anywhere on this page, or go back and pick an incident from the library.',
    line: null,
  };
}

/** Which problem a broken step of the connection doctor amounts to. */
const STEP_PROBLEM: Readonly<Record<string, SourceProblem>> = {
  address: 'unreachable',
  'mixed-content': 'unreachable',
  reachable: 'unreachable',
  cors: 'cors',
  preflight: 'cors',
  path: 'not-prometheus',
  series: 'empty',
};

/** The advice, made exact by the first broken step where that says more than the error did. */
export function sharpen(
  advice: Advice,
  error: SourceError,
  source: SourceRef,
  origin: string,
  steps: readonly Step[],
): Advice {
  const broken = steps.find(({ state }) => state === 'failed');
  if (!broken || broken.todo === null) return advice;
  if (broken.id === 'auth') return { title: advice.title, todo: broken.todo, line: broken.line };
  const problem = STEP_PROBLEM[broken.id];
  if (problem === undefined) return advice;
  // A path that gives no API is what the error says of it, unless the browser kept that to itself.
  const same = problem === error.problem || (broken.id === 'path' && error.problem !== 'cors');
  const { title } = same ? advice : adviceFor(problem, { origin, url: labelOf(source) });
  return { title, todo: broken.todo, line: broken.line };
}

/** What is the matter, in a few words, above the sentence of the source. */
export function headlineOf(problem: SourceProblem, source: SourceRef, hasVerdict: boolean): string {
  if (source.kind === 'metrics' && problem === 'empty') return 'No vLLM metrics on this page';
  if (source.kind === 'metrics') return hasVerdict ? 'No fresh data from vLLM' : 'No data from vLLM';
  if (problem === 'empty') return isLive(source) ? 'No vLLM metrics in this range' : 'No vLLM metrics in this file';
  if (!isLive(source)) return 'This file cannot be read';
  if (problem === 'not-prometheus') return 'Not a Prometheus at this address';
  return hasVerdict ? 'No fresh data from Prometheus' : 'No data from Prometheus';
}
