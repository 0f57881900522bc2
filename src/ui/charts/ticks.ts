/** Round numbers people expect on an axis. */
const STEPS = [1, 2, 2.5, 5, 10];

/** @returns 3 to 5 round ticks from `low` to at most `high`, both in the unit of the axis. */
export function valueTicks(low: number, high: number, most = 4): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const raw = span / most;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = (STEPS.find((s) => s * size >= raw - 1e-12) ?? 10) * size;
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-9); i++)
    ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** @returns powers of ten inside [low, high], thinned to at most `most`. */
export function decadeTicks(low: number, high: number, most = 4): number[] {
  const ticks: number[] = [];
  for (let e = Math.ceil(Math.log10(low) - 1e-9); 10 ** e <= high * (1 + 1e-9); e++)
    ticks.push(Number((10 ** e).toPrecision(12)));
  const stride = Math.ceil(ticks.length / most);
  return ticks.filter((_, i) => i % stride === 0);
}

const SPACINGS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
];

/** Round times of day between two unix times, in the viewer's zone, `offset` seconds east of UTC. */
export function timeTicks(
  from: number,
  to: number,
  most: number,
  offset: number,
): { ticks: number[]; spacing: number } {
  const span = to - from;
  const spacing = SPACINGS.find((s) => span / s <= most) ?? Math.ceil(span / most / 604_800) * 604_800;
  const ticks: number[] = [];
  for (let t = Math.ceil((from + offset) / spacing) * spacing - offset; t <= to; t += spacing) ticks.push(t);
  return { ticks, spacing };
}

/** Seconds east of UTC in the viewer's zone at a time. */
export function zoneOffset(unixSeconds: number): number {
  return -new Date(unixSeconds * 1000).getTimezoneOffset() * 60;
}
