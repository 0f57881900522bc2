/**
 * A recording of a small fleet as that of a large one: each target so many times, under a name of its own. What belongs to no
 * target, or to one that is not named, stays once.
 * @param text OpenMetrics with timestamps
 * @param copies how many there will be, by the target's `instance`
 * @param change what else is changed of a copy's line, e.g. its model
 */
export function copied(
  text: string,
  copies: Readonly<Record<string, number>>,
  change: (line: string) => string = (line) => line,
): string {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => {
      const instance = /instance="([^"]+)"/.exec(line)?.[1] ?? '';
      return Array.from({ length: copies[instance] ?? 1 }, (_, k) =>
        change(k === 0 ? line : line.replace(`instance="${instance}"`, `instance="c${k}-${instance}"`)),
      );
    })
    .join('\n');
}

/** The same samples, so many seconds later. */
export function later(text: string, seconds: number): string {
  return text.replace(/ (\d+(?:\.\d+)?)$/gm, (_, time: string) => ` ${(Number(time) + seconds).toFixed(3)}`);
}
