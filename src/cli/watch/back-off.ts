/**
 * Seconds to wait after so many failures in a row: doubled each time up to a limit, and somewhere in the upper half of that, so that
 * many watchers of one server do not come back together (AWS Architecture Blog, "Exponential backoff and jitter", equal jitter).
 */
export function backOff(failures: number, first: number, most: number, chance: number): number {
  const whole = Math.min(most, first * 2 ** Math.min(30, Math.max(0, failures - 1)));
  return whole / 2 + (whole / 2) * chance;
}
