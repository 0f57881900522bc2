import { examine, type Step } from '../sources/doctor/examine.ts';
import type { SourcePlatform } from '../sources/source.ts';

const SIGNS = { ok: '✓', failed: '✗', unknown: '?' } as const;

export interface DoctorOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly selector: string;
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
  /** Origin of a page that is to read the source; without one no rule of browsers can be checked. */
  readonly origin?: string;
}

/** Takes every step. @throws SourceError 'aborted' */
export function examineFromHere(options: DoctorOptions, platform: SourcePlatform, abort: AbortSignal): Promise<Step[]> {
  const { url, headers, origin, ...range } = options;
  const page = origin === undefined ? null : { origin, enforced: false };
  return examine({ settings: { url, headers }, page, ...range }, platform, abort);
}

/** The steps for a terminal: a sign, the step, the fact; below a failed one what to do and the line to change. */
export function formatSteps(steps: readonly Step[]): string {
  if (steps.length === 0) return '';
  const [taken, left] = [steps.filter(({ reached }) => reached), steps.filter(({ reached }) => !reached)];
  const width = Math.max(...taken.map(({ title }) => title.length));
  const lines = taken.map(({ state, title, fact, todo, line }) => {
    const more = [todo, line].filter((one) => one !== null).flatMap((one) => one.trimEnd().split('\n'));
    return [`${SIGNS[state]} ${title.padEnd(width)}  ${fact}`, ...more.map((one) => `    ${one}`), ''].join('\n');
  });
  const rest = left.length === 0 ? '' : `${SIGNS.unknown} not reached: ${left.map(({ title }) => title).join('; ')}\n`;
  return lines.join('') + rest;
}
